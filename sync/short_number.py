"""The short number of a wristband: what is printed on it for people, and typed at a till.

A serial is a random u64, far too long to type. Its top 33 bits as ten digits and one check digit
after Luhn (ISO/IEC 7812-1, annex B) are eleven digits in three groups, ``1234 5678 903``. The check
digit catches every single wrong digit and nearly every swap of two neighbours (09 and 90 look the
same to it). Among half a million wristbands about a dozen pairs share a number, so whoever looks
one up must expect several.
"""

from typing import Final

from sync.cells import CellKind, Cells
from sync.names import Area

BITS: Final = 33
_SERIAL_BITS: Final = 64
_DIGITS: Final = 10
_WHOLE_BYTES: Final = BITS // 8
_GROUPS: Final = (4, 8)
_BETWEEN: Final = str.maketrans("", "", " -.·")


def short_number(serial: int) -> str:
    """Return the short number of a serial (u64), in groups of 4, 4 and 3 digits."""
    digits = f"{serial >> (_SERIAL_BITS - BITS):0{_DIGITS}d}"
    digits += str(_check_digit(digits))
    first, second = _GROUPS
    return f"{digits[:first]} {digits[first:second]} {digits[second:]}"


def read_short_number(typed: str) -> int | None:
    """Return the top 33 bits that a short number stands for, None if it is none or mistyped.

    Spaces, hyphens and dots between the digits do not count.
    """
    digits = typed.translate(_BETWEEN)
    if len(digits) != _DIGITS + 1 or not (digits.isascii() and digits.isdigit()):
        return None
    bits = int(digits[:_DIGITS])
    is_right = _check_digit(digits[:_DIGITS]) == int(digits[_DIGITS]) and bits < 1 << BITS
    return bits if is_right else None


def wristbands_with(cells: Cells, bits: int) -> list[int]:
    """Return the wristbands (serials) known here whose top 33 bits these are, ascending.

    Known are those that were topped up, linked or blocked.
    """
    rest = BITS % 8
    prefix = (bits >> rest).to_bytes(_WHOLE_BYTES, "big")
    found = {
        int.from_bytes(key.key, "big")
        for kind in (CellKind.WALLET, CellKind.LINK)
        for key, _ in cells.items(Area.MONEY, kind, prefix)
    }
    return sorted(one for one in found if one >> (_SERIAL_BITS - BITS) == bits)


def _check_digit(digits: str) -> int:
    """Return the digit that makes the whole a multiple of ten, doubled from the right."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 - the sum of its two digits
    return -total % 10
