"""What happens when: simulated time jumps from one thing to the next and never stands between."""

import heapq
from collections.abc import Callable

DAY_MS = 24 * 3_600_000
START_MS = 1_795_003_200_000
"""Noon on the first day of the festival, Unix milliseconds."""

Happening = Callable[[], None]


class Agenda:
    """Simulated time, in milliseconds since the festival began, and all that is still to happen."""

    def __init__(self) -> None:
        self.now_ms = 0
        self._waiting: list[tuple[int, int, Happening]] = []
        self._count = 0

    @property
    def true_ms(self) -> int:
        """What a clock that is right would show."""
        return START_MS + self.now_ms

    def at(self, time_ms: int, happening: Happening) -> None:
        """Let something happen at a time; what is due at the same time keeps its order."""
        self._count += 1
        heapq.heappush(self._waiting, (max(time_ms, self.now_ms), self._count, happening))

    def after(self, duration_ms: int, happening: Happening) -> None:
        """Let something happen in a while."""
        self.at(self.now_ms + duration_ms, happening)

    def run_until(self, end_ms: int, then: Happening) -> None:
        """Let everything happen that is due before an end; `then` runs after each of them."""
        while self._waiting and self._waiting[0][0] < end_ms:
            self.now_ms, _, happening = heapq.heappop(self._waiting)
            happening()
            then()
        self.now_ms = end_ms

    def clear(self) -> None:
        """Forget what has not happened yet."""
        self._waiting.clear()
