"""Tells a hand scanner that types from an agent who presses keys.

A keyboard wedge types a whole code within milliseconds, and a code holds letters that are also
keys of the screen. So a key waits for a moment: what comes faster than a person types, and is long
enough, is a code; everything else is keys, in their order.

Where it is known with what a code begins, only such a key waits and every other acts at once. Then
a foreign code that is typed presses keys: what comes faster than any hand is marked as a burst.
"""

from dataclasses import dataclass, field
from typing import Final

BETWEEN_KEYS_MS: Final = 30
WITHIN_CODE_MS: Final = 150
SILENCE_MS: Final = 80
LATE_END_MS: Final = 500
CODE_KEYS_MIN: Final = 6
CODE_KEYS_MAX: Final = 4_096
BURST_KEY_MS: Final = 8
BURST_KEYS_FREE_MAX: Final = 3
_ENDS: Final = frozenset({"enter", "tab"})


@dataclass(frozen=True, slots=True)
class Typed:
    """What came of some keys: a code's text, or single keys by their names.

    `is_burst`: no hand pressed these keys.
    """

    code: str = ""
    keys: tuple[str, ...] = ()
    is_burst: bool = False


@dataclass(slots=True)
class KeyWedge:
    """Collects keys; times are steady milliseconds of when a key was pressed.

    When the screen came round to a key does not count: painting in the middle of a code must not
    break it in two. What began as fast as no person types may pause for longer.

    `begins` are the characters with which a code may begin; empty, it may be any.
    """

    begins: str = ""
    _names: list[str] = field(default_factory=list)
    _text: str = ""
    _last_ms: int = 0
    _code_ms: int | None = None
    _struck_ms: int | None = None
    _struck: int = 0

    def press(self, name: str, character: str | None, now_ms: int) -> Typed | None:
        """Note a key (its name, and the character that it types); return what became certain."""
        is_code = len(self._text) >= CODE_KEYS_MIN
        pause_ms = WITHIN_CODE_MS if is_code else BETWEEN_KEYS_MS
        before = self._so_far() if now_ms - self._last_ms >= pause_ms else None
        if name in _ENDS and is_code and before is None:
            return self._code()
        if name in _ENDS and not self._names and self._is_late_end(now_ms):
            return before  # the end of a code that was taken already presses nothing
        self._code_ms = None  # whatever comes from now on is no end of it
        if self._acts_at_once(character) and (before is None or not before.code):
            return self._at_once(name, now_ms, () if before is None else before.keys)
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

    def _acts_at_once(self, character: str | None) -> bool:
        """Tell whether no code can begin with this key; `_so_far` has taken what came before."""
        is_begin = character is not None and character in self.begins
        return bool(self.begins) and not self._names and not is_begin

    def _at_once(self, name: str, now_ms: int, before: tuple[str, ...]) -> Typed:
        is_fast = self._struck_ms is not None and now_ms - self._struck_ms < BURST_KEY_MS
        self._struck = self._struck + 1 if is_fast else 1
        self._struck_ms = now_ms
        return Typed(keys=(*before, name), is_burst=self._struck > BURST_KEYS_FREE_MAX)

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
