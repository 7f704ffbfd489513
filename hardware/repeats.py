"""The same code held before the camera is one scan: repeats are known by their text.

Comparing pictures lost tickets, so what is compared is what the code says. A code counts as gone
when it was not read for a while; two codes in view do not trigger each other again.
"""

from typing import Final

GONE_MS: Final = 1_500
CODES_IN_VIEW_MAX: Final = 64


class SameCode:
    """Remembers the texts in view."""

    def __init__(self, gone_ms: int = GONE_MS) -> None:
        """A text that was not seen for `gone_ms` milliseconds is new again."""
        self._gone_ms = gone_ms
        self._last_seen: dict[str, int] = {}

    def is_in_view(self, text: str, now_ms: int) -> bool:
        """Tell whether a text was seen so lately that it counts as still in view."""
        seen_ms = self._last_seen.get(text)
        return seen_ms is not None and now_ms - seen_ms < self._gone_ms

    def is_new(self, text: str, now_ms: int) -> bool:
        """Note that a text is in view at a monotonic time; tell whether it just came into view."""
        self._forget(now_ms)
        new = text not in self._last_seen
        self._last_seen.pop(text, None)
        self._last_seen[text] = now_ms
        if len(self._last_seen) > CODES_IN_VIEW_MAX:
            self._last_seen.pop(next(iter(self._last_seen)))
        return new

    def _forget(self, now_ms: int) -> None:
        gone = [t for t, seen in self._last_seen.items() if now_ms - seen >= self._gone_ms]
        for text in gone:
            del self._last_seen[text]
