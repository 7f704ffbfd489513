"""Tells a hand scanner that types from an agent who presses keys.

A keyboard wedge types a whole code within milliseconds, and a code holds letters that are also
keys of the gate. So a key waits for a moment: what comes faster than a person types, and is long
enough, is a code; everything else is keys, in their order.
"""

from dataclasses import dataclass, field
from typing import Final

BETWEEN_KEYS_MS: Final = 35
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
    """Collects keys; times are steady milliseconds."""

    _names: list[str] = field(default_factory=list)
    _text: str = ""
    _last_ms: int = 0

    def press(self, name: str, character: str | None, now_ms: int) -> Typed | None:
        """Note a key (its name, and the character that it types); return what became certain."""
        before = self.due(now_ms)
        if before is None and len(self._names) >= CODE_KEYS_MIN and name in _ENDS:
            text = self._text
            self._clear()
            return Typed(code=text)
        self._names.append(name)
        self._text += character or ""
        self._last_ms = now_ms
        if len(self._names) > CODE_KEYS_MAX:
            self._clear()
        return before

    def due(self, now_ms: int) -> Typed | None:
        """Return what the keys were once nothing followed them for long enough."""
        if not self._names or now_ms - self._last_ms < BETWEEN_KEYS_MS:
            return None
        names, text = tuple(self._names), self._text.strip()
        self._clear()
        if len(text) >= CODE_KEYS_MIN:  # a scanner that sends no end of line
            return Typed(code=text)
        return Typed(keys=names)

    def _clear(self) -> None:
        self._names.clear()
        self._text = ""
