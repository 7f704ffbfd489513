"""Time that nobody has to believe: a hybrid logical clock with an honest statement of quality.

Theory. A box has no clock battery and may be ten years wrong. So nothing that matters is decided
by time: order within a journal is its number, order between journals is what a fact says it came
`after`. A stamp exists for people ("14:02") and to choose a name ("the first admission").

The stamp is a hybrid logical clock (Kulkarni et al., 2014): `physical` follows the wall clock but
never runs backwards within a box, `logical` separates stamps of one millisecond. Hearing a stamp
moves the clock forward only within `DRIFT_MS_MAX` of the own wall clock, so that a wild peer cannot
drag it.

Quality is stated beside it. UNKNOWN: nobody told us the time. COARSE: somebody credible did, within
the uncertainty (a supervisor: ± 5 minutes). TRUSTED: the office or a time server did. Windows are
judged with the uncertainty, and the verdict says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from sync.limits import DRIFT_MS_MAX, LOGICAL_TICKS_MAX, PHYSICAL_MS_MAX, UNCERTAINTY_MS_MAX

SUPERVISOR_UNCERTAINTY_MS: Final = 5 * 60 * 1000
AGREEING_MIN: Final = 2


class ClockState(IntEnum):
    """How a box came to know the time; numbers are part of the wire format."""

    UNKNOWN = 0
    COARSE = 1
    TRUSTED = 2


@dataclass(frozen=True, slots=True, order=True)
class Stamp:
    """A hybrid logical time: Unix milliseconds and a tick within them."""

    physical_ms: int
    logical: int


@dataclass(frozen=True, slots=True)
class ClockQuality:
    """What a box claims about its wall clock: the state and the uncertainty, in milliseconds."""

    state: ClockState
    uncertainty_ms: int

    def __post_init__(self) -> None:
        """Refuse an uncertainty outside 0 … 2^40 ms."""
        if not 0 <= self.uncertainty_ms <= UNCERTAINTY_MS_MAX:
            message = f"clock uncertainty out of range: {self.uncertainty_ms} ms"
            raise ValueError(message)


UNKNOWN_CLOCK: Final = ClockQuality(ClockState.UNKNOWN, UNCERTAINTY_MS_MAX)
TRUSTED_CLOCK: Final = ClockQuality(ClockState.TRUSTED, 2_000)


@dataclass(frozen=True, slots=True)
class Moment:
    """The time of one decision, read once and handed in: wall milliseconds and their quality."""

    now_ms: int
    quality: ClockQuality

    @property
    def earliest_ms(self) -> int:
        """The earliest Unix millisecond that it can truly be."""
        return self.now_ms - self.quality.uncertainty_ms

    @property
    def latest_ms(self) -> int:
        """The latest Unix millisecond that it can truly be."""
        return self.now_ms + self.quality.uncertainty_ms


@dataclass(frozen=True, slots=True)
class Span:
    """Between which Unix milliseconds somebody says that it is now, both included."""

    earliest_ms: int
    latest_ms: int


def agreed(spans: Sequence[Span]) -> Span | None:
    """Return the time that most say it can be, None unless more than half and at least two do.

    Theory: Marzullo (1984): the intersection of as many spans as possible. Whoever is wrong lies
    outside of it, so one wild peer moves nobody, and two that contradict each other neither.
    """
    edges = sorted([(one.earliest_ms, 0) for one in spans] + [(one.latest_ms, 1) for one in spans])
    most = depth = 0
    start = end = 0
    for place, (at_ms, closes) in enumerate(edges):
        depth += -1 if closes else 1
        if depth > most:
            most, start, end = depth, at_ms, edges[place + 1][0]
    return Span(start, end) if most >= AGREEING_MIN and 2 * most > len(spans) else None


class HybridClock:
    """The clock of one box; it is told the wall time and never asks for it."""

    def __init__(self, last: Stamp | None = None) -> None:
        """Continue after the last stamp of the own journal, if there is one."""
        self._last = last if last is not None else Stamp(0, 0)

    @property
    def last(self) -> Stamp:
        """The highest stamp that this clock gave or accepted."""
        return self._last

    def tick(self, wall_ms: int) -> Stamp:
        """Return a stamp for a new fact, above every earlier one, given the wall time in ms."""
        wall_ms = min(max(wall_ms, 0), PHYSICAL_MS_MAX)
        if wall_ms > self._last.physical_ms:
            self._last = Stamp(wall_ms, 0)
        elif self._last.logical < LOGICAL_TICKS_MAX:
            self._last = Stamp(self._last.physical_ms, self._last.logical + 1)
        else:
            self._last = Stamp(self._last.physical_ms + 1, 0)
        return self._last

    def hear(self, other: Stamp, wall_ms: int) -> bool:
        """Move past a stamp that was heard; False if it is too far ahead and was not followed."""
        if other.physical_ms > wall_ms + DRIFT_MS_MAX:
            return False
        self._last = max(self._last, other)
        return True
