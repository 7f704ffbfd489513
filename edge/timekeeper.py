"""What time this box believes it is, and how much it believes it.

A box has no clock battery. It starts not knowing the time, unless the system says that a time
server set it. An answer of the office, whose signature covers its time, makes the time trusted:
from then on it is the office's time plus what the steady clock counted since, whatever somebody
does to the wall clock. The uncertainty is half the round trip and a margin, and grows with drift.
Neighbours that heard the office are believed as far as several of them agree, and no further.
"""

from dataclasses import dataclass
from typing import Final

from edge.limits import (
    ANSWER_MARGIN_MS,
    CLOCK_DRIFT_PER_MILLION,
    CLOCK_TRUST_MS_MAX,
    NEIGHBOUR_MARGIN_MS,
    NEIGHBOUR_TIME_MS_MAX,
    NEIGHBOURS_TIMED_MAX,
)
from hardware.ports import WallClock
from sync.clock import (
    SUPERVISOR_UNCERTAINTY_MS,
    TRUSTED_CLOCK,
    UNKNOWN_CLOCK,
    ClockQuality,
    ClockState,
    Moment,
    Span,
    agreed,
)

_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class TimeTold:
    """A time that an authenticated answer brought (Unix ms), and when by the steady clock (ms)."""

    time_ms: int
    asked_ms: int
    answered_ms: int


@dataclass(frozen=True, slots=True)
class _Told:
    """A time that somebody told us, and when by the steady clock."""

    state: ClockState
    time_ms: int
    at_ms: int
    uncertainty_ms: int


class Timekeeper:
    """Gives each decision its moment; times in Unix milliseconds, spans in milliseconds."""

    def __init__(self, clock: WallClock, *, is_synchronised: bool) -> None:
        """Start from the wall clock, which is trusted only if a time server set it."""
        self._clock = clock
        self._wall_quality = TRUSTED_CLOCK if is_synchronised else UNKNOWN_CLOCK
        self._told: _Told | None = None
        self._neighbours: dict[bytes, _Told] = {}

    def monotonic_ms(self) -> int:
        """Return milliseconds that only ever grow."""
        return self._clock.monotonic_ms()

    def moment(self) -> Moment:
        """Read the time once, for one decision."""
        told = self._told
        if told is not None:
            passed_ms = self._clock.monotonic_ms() - told.at_ms
            drift_ms = passed_ms * CLOCK_DRIFT_PER_MILLION // _MILLION
            if passed_ms <= CLOCK_TRUST_MS_MAX:
                quality = ClockQuality(told.state, told.uncertainty_ms + drift_ms)
                return Moment(told.time_ms + passed_ms, quality)
        return Moment(self._clock.now_ms(), self._wall_quality)

    def hear_office(self, told: TimeTold) -> None:
        """Take the time of an authenticated answer of the office."""
        half_ms = (told.answered_ms - told.asked_ms + 1) // 2
        time_ms, uncertainty_ms = told.time_ms + half_ms, half_ms + ANSWER_MARGIN_MS
        new = _Told(ClockState.TRUSTED, time_ms, told.answered_ms, uncertainty_ms)
        now = self.moment().quality
        if now.state is not ClockState.TRUSTED or new.uncertainty_ms <= now.uncertainty_ms:
            self._told = new

    def hear_neighbour(
        self, neighbour: bytes, told: TimeTold, quality: ClockQuality, *, is_hub: bool = False
    ) -> None:
        """Take what a neighbour believes: evidence only, and only if it was told by the office.

        A box that does not know the time takes that of a hub, or what most neighbours and at least
        two agree on, as COARSE. Who knows the time from the office listens to nobody else.
        """
        half_ms = (told.answered_ms - told.asked_ms + 1) // 2
        self._neighbours.pop(neighbour, None)
        if quality.state is not ClockState.TRUSTED:
            return
        uncertainty_ms = quality.uncertainty_ms + half_ms
        self._neighbours[neighbour] = _Told(
            quality.state, told.time_ms + half_ms, told.answered_ms, uncertainty_ms
        )
        if len(self._neighbours) > NEIGHBOURS_TIMED_MAX:
            del self._neighbours[min(self._neighbours, key=self._heard_at_ms)]
        if self.moment().quality.state is not ClockState.TRUSTED:
            self._agree(self._span(self._neighbours[neighbour]) if is_hub else None)

    def _heard_at_ms(self, neighbour: bytes) -> int:
        return self._neighbours[neighbour].at_ms

    def _agree(self, span: Span | None) -> None:
        """Take the time that neighbours agree on, if it is surer than what is known."""
        now_ms = self._clock.monotonic_ms()
        if span is None:
            told = self._neighbours.values()
            fresh = [one for one in told if now_ms - one.at_ms <= NEIGHBOUR_TIME_MS_MAX]
            span = agreed([self._span(one) for one in fresh])
        if span is None:
            return
        half_ms = (span.latest_ms - span.earliest_ms + 1) // 2
        uncertainty_ms = half_ms + NEIGHBOUR_MARGIN_MS
        if uncertainty_ms < self.moment().quality.uncertainty_ms:
            middle_ms = span.earliest_ms + half_ms
            self._told = _Told(ClockState.COARSE, middle_ms, now_ms, uncertainty_ms)

    def _span(self, told: _Told) -> Span:
        """Return between which times it is now if what was told is right."""
        passed_ms = self._clock.monotonic_ms() - told.at_ms
        unsure_ms = told.uncertainty_ms + passed_ms * CLOCK_DRIFT_PER_MILLION // _MILLION
        now_ms = told.time_ms + passed_ms
        return Span(now_ms - unsure_ms, now_ms + unsure_ms)

    def confirm(self, time_ms: int) -> None:
        """Take the time that a supervisor confirmed: right within five minutes."""
        at_ms = self._clock.monotonic_ms()
        self._told = _Told(ClockState.COARSE, time_ms, at_ms, SUPERVISOR_UNCERTAINTY_MS)
