"""Keeps payment card numbers out of the journal: a reference must never be one.

A seller in a hurry may type what stands on the card instead of what stands on the slip, and a
journal forgets nothing. The check digit of card numbers is Luhn's (ISO/IEC 7812-1, annex B).
"""

import re
from typing import Final

_SIZES: Final = range(13, 20)
_RUNS: Final = (re.compile(r"[0-9]+"), re.compile(r"[0-9](?:[ .\-/]?[0-9])+"))
_NOT_DIGITS: Final = re.compile(r"[^0-9]")


def looks_like_a_card(text: str) -> bool:
    """Tell whether a text holds 13 to 19 digits, whole or in groups, that check as a card's."""
    for run in _RUNS:
        for found in run.finditer(text):
            digits = _NOT_DIGITS.sub("", found[0])
            if len(digits) in _SIZES and _is_checked(digits):
                return True
    return False


def _is_checked(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the sum of its two digits
    return total % 10 == 0
