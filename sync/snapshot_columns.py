"""Whole numbers as columns: the highest bytes of all of them first, then the next, and so on.

Numbers of one kind are like each other in their high bytes and by chance in their low ones. Side by
side the like bytes are nearly nothing once they are compressed.
"""

from collections.abc import Sequence


def spread(numbers: Sequence[int], width: int) -> bytes:
    """Return numbers of `width` bytes each (0 or above) byte by byte, the highest bytes first."""
    return spread_raw(b"".join([number.to_bytes(width, "big") for number in numbers]), width)


def gather(content: bytes, width: int, count: int) -> list[int]:
    """Return the numbers that `spread` wrote; `ValueError` if they are not `count`."""
    raw = gather_raw(content, width, count)
    if width == 1:
        return list(raw)
    return [int.from_bytes(raw[at : at + width], "big") for at in range(0, len(raw), width)]


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
