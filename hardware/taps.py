"""How often a chip says it was read: the counter of NTAG213, 215 and 216, and where it is shown.

From their data sheet (NXP, "NFC Forum Type 2 Tag compliant IC", NTAG213/215/216): the 24-bit NFC
counter grows by one at the first read after the chip got power, if its owner switched it on. The
command READ_CNT gives it, least significant byte first, and the chip can show it as six hexadecimal
digits within its memory (the mirror), alone or after its UID and an "x". A command that the chip
refuses puts it to sleep, so nothing is asked that it would refuse: its settings are read first.
"""

import re
from dataclasses import dataclass
from typing import Final

# By the third byte of the capability container: the page of the first of two pages of settings.
SETTINGS_PAGES: Final = {0x12: 0x29, 0x3E: 0x83, 0x6D: 0xE3}
SETTINGS_BYTES: Final = 8
DIGITS: Final = 6
NOT_COUNTED: Final = b"0" * DIGITS
READ_COUNTER: Final = bytes((0x39, 0x02))

_DATA_PAGE: Final = 4
_PAGE_BYTES: Final = 4
_UID_DIGITS_AND_X: Final = 15
_MIRRORS_COUNTER, _MIRRORS_BOTH = 0b10, 0b11
_RESERVED, _COUNTS, _NEEDS_PASSWORD = 0x20, 0x10, 0x08


@dataclass(frozen=True, slots=True)
class Counter:
    """A counter that is on and open to all; `shown_at` is its place in the data area, or None."""

    shown_at: int | None


def counter_in(settings: bytes) -> Counter | None:
    """Return what a chip's two pages of settings say of its counter; None if it is not to be had.

    Other chips have other things at that place: a reserved bit that is set gives them away.
    """
    if len(settings) < SETTINGS_BYTES:
        return None
    mirror, page, access = settings[0], settings[2], settings[4]
    if access & (_RESERVED | _COUNTS | _NEEDS_PASSWORD) != _COUNTS:
        return None
    kind = mirror >> 6
    if page < _DATA_PAGE or kind not in {_MIRRORS_COUNTER, _MIRRORS_BOTH}:
        return Counter(None)
    at = (page - _DATA_PAGE) * _PAGE_BYTES + (mirror >> 4 & 3)
    return Counter(at + _UID_DIGITS_AND_X if kind == _MIRRORS_BOTH else at)


def shown(digits: bytes) -> int | None:
    """Return the count that six shown digits stand for; None if they are no such digits."""
    return int(digits, 16) if re.fullmatch(rb"[0-9A-F]{6}", digits) else None


def counted(answer: bytes) -> int | None:
    """Return the count in the three bytes that READ_CNT gives; None for anything else."""
    return int.from_bytes(answer, "little") if len(answer) == DIGITS // 2 else None
