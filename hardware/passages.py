"""What an arm does, without pins, threads or a clock: who may pass, who did, and when to give up.

Theory of operation. A release is one call of `begin`: a way, a number of guests, and whom to tell.
For each guest the relay of that way is closed for `pulse_ms`; the turnstile then lets one guest
through and closes its passage contact. That ends the pulse, and after a short gap, which the
turnstile needs to see a new edge, the next one begins. A release ends exactly once: after its last
passage, when a passage did not happen within `timeout_ms`, when another begins, or at trouble. A
contact that is closed counts when it had been open for `DEBOUNCE_MS`, so a bouncing one counts
once. One that stays closed longer than `STUCK_MS` cannot count: then nobody is let in uncounted,
the arm stays locked and says why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hardware.ports import Way

DEBOUNCE_MS: Final = 30
GAP_MS: Final = 100
STUCK_MS: Final = 10_000

WhenDone = Callable[[int], object]


@dataclass(slots=True)
class _Release:
    """One call of `begin` while it is under way; times are monotonic milliseconds."""

    way: Way
    guests: int
    when_done: WhenDone
    passed: int
    pulse_from_ms: int
    pulse_until_ms: int
    give_up_ms: int


@dataclass(slots=True)
class _Contact:
    """A passage contact as it was last heard of; a contact that never changed was always open."""

    closed: bool = False
    since_ms: int | None = None

    def closes(self, now_ms: int) -> bool:
        """Note that it is closed; tell whether that counts and is no bounce."""
        if self.closed:
            return False
        counts = self.since_ms is None or now_ms - self.since_ms >= DEBOUNCE_MS
        self.closed, self.since_ms = True, now_ms
        return counts

    def opens(self, now_ms: int) -> None:
        """Note that it is open."""
        if self.closed:
            self.closed, self.since_ms = False, now_ms

    def is_stuck(self, now_ms: int) -> bool:
        """Whether it has been closed for longer than any guest takes."""
        return self.closed and self.since_ms is not None and now_ms - self.since_ms > STUCK_MS


class Passages:
    """The state of one arm; every time is monotonic, in milliseconds."""

    def __init__(self, pulse_ms: int, timeout_ms: int) -> None:
        """Close a relay for at most `pulse_ms` per guest and wait `timeout_ms` for each."""
        self._pulse_ms = pulse_ms
        self._timeout_ms = timeout_ms
        self._release: _Release | None = None
        self._contacts = {way: _Contact() for way in Way}
        self._done: list[tuple[WhenDone, int]] = []

    @property
    def is_under_way(self) -> bool:
        """Whether a release has begun and not ended."""
        return self._release is not None

    def begin(self, way: Way, guests: int, when_done: WhenDone, now_ms: int) -> None:
        """Let `guests` pass; what was under way ends with those who have passed so far."""
        self.end()
        if self._contacts[way].is_stuck(now_ms):
            self._done.append((when_done, 0))
            return
        self._release = _Release(
            way, guests, when_done, 0, now_ms, now_ms + self._pulse_ms, now_ms + self._timeout_ms
        )

    def contact(self, way: Way, at_ms: int, *, closed: bool, now_ms: int) -> None:
        """Hear that a passage contact closed or opened at `at_ms`; the arm is moved from now on."""
        if not closed:
            self._contacts[way].opens(at_ms)
            return
        if not self._contacts[way].closes(at_ms):
            return
        release = self._release
        if release is None or release.way is not way or at_ms < release.pulse_from_ms:
            return
        release.passed += 1
        if release.passed >= release.guests:
            self.end()
            return
        release.pulse_from_ms = now_ms + GAP_MS
        release.pulse_until_ms = release.pulse_from_ms + self._pulse_ms
        release.give_up_ms = release.pulse_from_ms + self._timeout_ms

    def tick(self, now_ms: int) -> None:
        """Give up a passage that did not happen in time."""
        if self._release is not None and now_ms >= self._release.give_up_ms:
            self.end()

    def end(self) -> None:
        """End what is under way with those who have passed so far."""
        release, self._release = self._release, None
        if release is not None:
            self._done.append((release.when_done, release.passed))

    def relay(self, now_ms: int) -> Way | None:
        """Return the way whose relay is to be closed now; None for both open."""
        release = self._release
        if release is None or not release.pulse_from_ms <= now_ms < release.pulse_until_ms:
            return None
        return release.way

    def take_done(self) -> list[tuple[WhenDone, int]]:
        """Return whom to tell how many have passed, each once."""
        done, self._done = self._done, []
        return done

    def stuck(self, now_ms: int) -> Way | None:
        """Return a way whose contact has been closed for too long to count anybody."""
        return next((way for way in Way if self._contacts[way].is_stuck(now_ms)), None)
