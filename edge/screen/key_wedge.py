"""Tells a hand scanner that types from an agent who presses keys.

A keyboard wedge types a whole code within milliseconds, and a code holds letters that are also
keys of the screen. So a key waits for a moment: what comes faster than a person types, and is long
enough, is a code; everything else is keys, in their order.
"""

from dataclasses import dataclass, field
from typing import Final

BETWEEN_KEYS_MS: Final = 30
WITHIN_CODE_MS: Final = 150
SILENCE_MS: Final = 80
LATE_END_MS: Final = 500
CODE_KEYS_MIN: Final = 6
CODE_KEYS_MAX: Final = 4_096
_ENDS: Final = frozenset({"enter", "tab"})


@dataclass(frozen=True, slots=True)
class Typed:
    """What came of some keys: a code's text, or single keys by their names."""

    code: str = ""
    keys: tuple[str, ...] = ()


@dataclass(slots=True)
class KeyWedge:
    """Collects keys; times are steady milliseconds of when a key was pressed.

    When the screen came round to a key does not count: painting in the middle of a code must not
    break it in two. What began as fast as no person types may pause for longer.
    """

    _names: list[str] = field(default_factory=list)
    _text: str = ""
    _last_ms: int = 0
    _code_ms: int | None = None

    def press(self, name: str, character: str | None, now_ms: int) -> Typed | None:
        """Note a key (its name, and the character that it types); return what became certain."""
        is_code = len(self._text) >= CODE_KEYS_MIN
        pause_ms = WITHIN_CODE_MS if is_code else BETWEEN_KEYS_MS
        before = self._so_far() if now_ms - self._last_ms >= pause_ms else None
        if name in _ENDS and is_code and before is None:
            return self._code()
        if name in _ENDS and not self._names and self._is_late_end(now_ms):
            return before  # the end of a code that was taken already presses nothing
        self._names.append(name)
        self._text += character if character is not None and character.isprintable() else ""
        self._last_ms = now_ms
        if len(self._names) > CODE_KEYS_MAX:
            self._clear()
        return before

    def due(self, now_ms: int) -> Typed | None:
        """Return what the keys were once nothing followed them for long enough."""
        is_code = len(self._text) >= CODE_KEYS_MIN
        pause_ms = WITHIN_CODE_MS if is_code else SILENCE_MS
        return self._so_far() if now_ms - self._last_ms >= pause_ms else None

    def _so_far(self) -> Typed | None:
        if not self._names:
            return None
        if len(self._text.strip()) >= CODE_KEYS_MIN:  # a scanner that sends no end of line
            return self._code()
        names = tuple(self._names)
        self._clear()
        return Typed(keys=names)

    def _code(self) -> Typed:
        text = self._text.strip()
        self._code_ms = self._last_ms
        self._clear()
        return Typed(code=text)

    def _is_late_end(self, now_ms: int) -> bool:
        return self._code_ms is not None and now_ms - self._code_ms < LATE_END_MS

    def _clear(self) -> None:
        self._names.clear()
        self._text = ""
