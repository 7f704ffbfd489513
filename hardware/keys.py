"""What a hand scanner types: bytes of the kernel's input events become texts, with no device.

A keyboard-wedge scanner is a keyboard: it presses keys, and which character a key means depends on
the layout for which the scanner was set up. Only key presses count, with shift and the right Alt;
what no layout names becomes a replacement character, so that a code is refused and never misread.
Enter or Tab ends a code; a pause begins a new one, so that half a code is not glued to the next.
"""

import struct
from collections.abc import Mapping
from typing import Final

# `struct input_event` of Linux: two longs of time, type, code, value, in the machine's own sizes.
EVENT: Final = struct.Struct("@llHHi")
PAUSE_MS: Final = 200
TEXT_CHARACTERS_MAX: Final = 4_096
UNKNOWN: Final = "\N{REPLACEMENT CHARACTER}"

# From linux/input-event-codes.h.
_EV_SYN, _EV_KEY = 0, 1
_SYN_DROPPED: Final = 3
_PRESSED: Final = 1
_RELEASED: Final = 0
_ENDINGS: Final = frozenset({28, 96, 15})  # Enter, the keypad's Enter, Tab
_SHIFTS: Final = frozenset({42, 54})
_RIGHT_ALT: Final = 100
_SILENT: Final = frozenset({29, 97, 56, 125, 126, 58, 69, 70})  # Ctrl, Alt, Meta, the three locks

_ROWS: Final = (range(2, 14), range(16, 28), range(30, 42), range(43, 54))
_US: Final = (
    ("1234567890-=", "qwertyuiop[]", "asdfghjkl;'`", "\\zxcvbnm,./"),
    ("!@#$%^&*()_+", "QWERTYUIOP{}", 'ASDFGHJKL:"~', "|ZXCVBNM<>?"),
)
# AZERTY as in France; the two dead keys (^ and ¨) give their sign at once.
_FR: Final = (
    ("&é\"'(-è_çà)=", "azertyuiop^$", "qsdfghjklmù²", "*wxcvbn,;:!"),
    ("1234567890°+", "AZERTYUIOP¨£", "QSDFGHJKLM%²", "µWXCVBN?./§"),
)
_FR_RIGHT_ALT: Final = dict(zip(range(3, 14), "~#{[|`\\^@]}", strict=True))
_KEYPAD: Final = dict(
    zip(
        (82, 79, 80, 81, 75, 76, 77, 71, 72, 73, 83, 74, 78, 55, 98), "0123456789.-+*/", strict=True
    )
)
_SPACE: Final = 57
_LESS: Final = 86  # the key between the left shift and Z, on European keyboards


def _keys(rows: tuple[str, ...], less: str) -> Mapping[int, str]:
    """The character of each key, from the rows as one reads them on the keyboard."""
    known = {_SPACE: " ", _LESS: less, **_KEYPAD}
    for codes, characters in zip(_ROWS, rows, strict=True):
        known.update(zip(codes, characters, strict=True))
    return known


# Per layout: plain, with shift, with the right Alt.
LAYOUTS: Final[Mapping[str, tuple[Mapping[int, str], Mapping[int, str], Mapping[int, str]]]] = {
    "us": (_keys(_US[0], "<"), _keys(_US[1], ">"), _keys(_US[0], "<")),
    "fr": (_keys(_FR[0], "<"), _keys(_FR[1], ">"), {**_FR_RIGHT_ALT, 18: "€"}),
}


class KeyReader:
    """Puts together what one scanner types; it never fails, whatever the bytes are."""

    def __init__(self, layout: str = "us") -> None:
        """Read keys by a layout of `LAYOUTS`; a `ValueError` for another."""
        if layout not in LAYOUTS:
            message = f"no keyboard layout {layout}: use one of {', '.join(LAYOUTS)}"
            raise ValueError(message)
        self._plain, self._shifted, self._alternate = LAYOUTS[layout]
        self._rest = b""
        self._held: set[int] = set()
        self._text = ""
        self._spoilt = False
        self._last_ms: int | None = None

    def feed(self, content: bytes) -> list[str]:
        """Take bytes as they come from the device, cut anywhere; return the texts that ended."""
        content = self._rest + content
        whole = len(content) - len(content) % EVENT.size
        self._rest = content[whole:]
        texts = []
        for seconds, micros, kind, code, value in EVENT.iter_unpack(content[:whole]):
            at_ms = seconds * 1000 + micros // 1000
            if kind == _EV_KEY and self._key(code, value, at_ms):
                if self._text and not self._spoilt:
                    texts.append(self._text)
                self._begin_anew()
            elif kind == _EV_SYN and code == _SYN_DROPPED:
                # The kernel lost keys: what is being typed is not whole.
                self._spoilt = True
                self._held.clear()
        return texts

    def _key(self, code: int, value: int, at_ms: int) -> bool:
        """Take one key; tell whether it ended a code."""
        if value == _RELEASED:
            self._held.discard(code)
            return False
        if value != _PRESSED:
            return False
        if self._last_ms is not None and at_ms - self._last_ms > PAUSE_MS:
            self._begin_anew()
        self._last_ms = at_ms
        if code in _SHIFTS or code == _RIGHT_ALT:
            self._held.add(code)
        elif code in _ENDINGS:
            return True
        elif code not in _SILENT:
            self._write(code)
        return False

    def _write(self, code: int) -> None:
        if len(self._text) >= TEXT_CHARACTERS_MAX:
            self._spoilt = True
            return
        keys = self._plain
        if _RIGHT_ALT in self._held:
            keys = self._alternate
        elif self._held:
            keys = self._shifted
        self._text += keys.get(code, UNKNOWN)

    def _begin_anew(self) -> None:
        self._text = ""
        self._spoilt = False
