"""Clocks of boxes: they drift, somebody sets them ten years off, they start anew at power-on."""

from tests.simulation.agenda import Agenda

YEARS_MS = 10 * 365 * 24 * 3_600_000
_MILLION = 1_000_000


class SimClock:
    """A box's clock: the true time plus an error that grows and jumps."""

    def __init__(self, agenda: Agenda, error_ms: int = 0, drift_per_million: int = 0) -> None:
        self._agenda = agenda
        self._error_ms = error_ms
        self._drift = drift_per_million
        self._since_ms = agenda.now_ms
        self._booted_ms = agenda.now_ms
        self.was_wrong = bool(error_ms or drift_per_million)

    def now_ms(self) -> int:
        passed_ms = self._agenda.now_ms - self._since_ms
        drift_ms = passed_ms * self._drift // _MILLION
        return max(0, self._agenda.true_ms + self._error_ms + drift_ms)

    def monotonic_ms(self) -> int:
        return self._agenda.now_ms - self._booted_ms

    def pause(self, duration_ms: int) -> None:
        raise AssertionError(f"nothing waits in a simulated world: {duration_ms} ms")

    def set_error(self, error_ms: int) -> None:
        """Somebody sets the clock: from now on it is off by so much."""
        self._since_ms, self._error_ms = self._agenda.now_ms, error_ms
        self.was_wrong = True

    def boot(self) -> None:
        """The box starts: its steady clock counts from nothing."""
        self._booted_ms = self._agenda.now_ms
