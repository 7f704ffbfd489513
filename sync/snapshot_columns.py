"""Whole numbers as columns: the highest bytes of all of them first, then the next, and so on.

Numbers of one kind are like each other in their high bytes and by chance in their low ones. Side by
side the like bytes are nearly nothing once they are compressed.
"""

import struct
from collections.abc import Sequence
from typing import Final

_LETTERS: Final = {1: "B", 2: "H", 8: "Q"}


def spread(numbers: Sequence[int], width: int) -> bytes:
    """Return numbers of `width` bytes each (1, 2 or 8; 0 or above), the highest bytes first."""
    return spread_raw(struct.pack(f">{len(numbers)}{_LETTERS[width]}", *numbers), width)


def gather(content: bytes, width: int, count: int) -> Sequence[int]:
    """Return the numbers that `spread` wrote; `ValueError` if they are not `count`."""
    return struct.unpack(f">{count}{_LETTERS[width]}", gather_raw(content, width, count))


def spread_raw(content: bytes, width: int) -> bytes:
    """Return strings of `width` bytes, which lie one after the other, byte by byte."""
    return b"".join([content[at::width] for at in range(width)])


def gather_raw(content: bytes, width: int, count: int) -> bytes:
    """Return the strings that `spread_raw` wrote; `ValueError` if they are not `count`."""
    if len(content) != width * count:
        message = f"a column has {len(content)} bytes, not {width} for each of {count}"
        raise ValueError(message)
    if width == 1:
        return content
    raw = bytearray(len(content))
    for at in range(width):
        raw[at::width] = content[at * count : (at + 1) * count]
    return bytes(raw)
