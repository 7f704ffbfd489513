"""Seeds that found a mistake once, each with what it was; they are lived through every day.

A seed draws another day when the worlds become harder; what it found has a test of its own as well.
"""

REGRESSIONS: dict[int, str] = {
    0: "an acknowledged sale to an unknown wristband gave its room back",
    9: "a one-entry group let guests in again while the rest of it was inside",
    60: "an original was not told what its copy had brought",
    98: "a copy and its original differed for good",
    226: "an original that heard its copy first never listed the fork",
    5114: "an answer that was on its way when the office got its older disk back counted as lost",
}
