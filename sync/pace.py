"""How many questions each terminal asked within the last second; terminals are few."""

from collections import deque
from typing import Final

from sync.limits import QUESTIONS_PER_S_MAX

_A_SECOND_MS: Final = 1_000


class Pace:
    """Counts questions by who asked them; times are in milliseconds of one clock."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._times: dict[bytes, deque[int]] = {}

    def allows(self, terminal: bytes, now_ms: int) -> bool:
        """Tell whether a terminal may ask one more question now, and count it if so."""
        times = self._times.setdefault(terminal, deque(maxlen=QUESTIONS_PER_S_MAX))
        if len(times) == QUESTIONS_PER_S_MAX and 0 <= now_ms - times[0] < _A_SECOND_MS:
            return False
        times.append(now_ms)
        return True
