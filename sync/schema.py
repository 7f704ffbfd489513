"""Shapes of the values in a record: each checks a decoded value strictly and names what is wrong.

A fact's class lists one shape per field. The same list encodes, decodes and bounds it, so a field
cannot be written in a form that a reader would refuse.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sync.limits import (
    MONEY_MINOR_MAX,
    ORDINAL_MAX,
    QUANTITY_UNITS_MAX,
    TEXT_CHARS_MAX,
    U16_MAX,
    U32_MAX,
)
from sync.limits import U64_MAX as _U64_MAX


class Misshapen(ValueError):
    """A value that does not fit its field."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a field may hold: `fits` raises `Misshapen` or returns the value as it is kept."""

    name: str
    fits: Callable[[Any], Any]
    optional: bool = False


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def fits(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            message = f"expected a whole number from {low} to {high}"
            raise Misshapen(message)
        return value

    return fits


def whole(low: int, high: int) -> Shape:
    """Return the shape of an integer within bounds, both included."""
    return Shape(f"{low}…{high}", _whole(low, high))


def raw(low: int, high: int | None = None) -> Shape:
    """Return the shape of a byte string of `low` (to `high`) bytes."""
    top = low if high is None else high

    def fits(value: Any) -> bytes:
        if type(value) is not bytes or not low <= len(value) <= top:
            message = f"expected {low} to {top} bytes"
            raise Misshapen(message)
        return value

    return Shape(f"bytes {low}…{top}", fits)


def text(chars_max: int = TEXT_CHARS_MAX) -> Shape:
    """Return the shape of a text of at most so many characters."""

    def fits(value: Any) -> str:
        if type(value) is not str or len(value) > chars_max:
            message = f"expected a text of at most {chars_max} characters"
            raise Misshapen(message)
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            message = "expected a text without halves of characters"
            raise Misshapen(message)
        return value

    return Shape("text", fits)


def _yes_no(value: Any) -> bool:
    if type(value) is not bool:
        message = "expected true or false"
        raise Misshapen(message)
    return value


def maybe(shape: Shape) -> Shape:
    """Return the shape of a field that may be missing: None is never written."""

    def fits(value: Any) -> Any:
        return None if value is None else shape.fits(value)

    return Shape(f"{shape.name}?", fits, optional=True)


def many(shape: Shape, items_max: int) -> Shape:
    """Return the shape of an array of like values, kept as a tuple."""
    fits_one = shape.fits

    def fits(value: Any) -> tuple[Any, ...]:
        if type(value) not in (tuple, list) or len(value) > items_max:
            message = f"expected an array of at most {items_max}"
            raise Misshapen(message)
        return tuple(map(fits_one, value))

    return Shape(f"[{shape.name}]", fits)


def row(*shapes: Shape) -> Shape:
    """Return the shape of an array of fixed length whose items have shapes of their own."""
    fits_each = tuple(shape.fits for shape in shapes)

    def fits(value: Any) -> tuple[Any, ...]:
        if type(value) not in (tuple, list) or len(value) != len(fits_each):
            message = f"expected an array of {len(shapes)}"
            raise Misshapen(message)
        return tuple([fits(item) for fits, item in zip(fits_each, value, strict=True)])

    return Shape("row", fits)


U8: Final = whole(0, 255)
U16: Final = whole(0, U16_MAX)
U32: Final = whole(0, U32_MAX)
U64: Final = whole(0, _U64_MAX)
ORDINAL: Final = whole(0, ORDINAL_MAX)
"""A record's number or an arrival: what is counted, and what any store's integers hold."""
AMOUNT: Final = whole(-MONEY_MINOR_MAX, MONEY_MINOR_MAX)
PRICE: Final = whole(0, MONEY_MINOR_MAX)
QUANTITY: Final = whole(-QUANTITY_UNITS_MAX, QUANTITY_UNITS_MAX)
COUNT: Final = whole(0, QUANTITY_UNITS_MAX)
DAY: Final = whole(0, 99_999_999)
YES_NO: Final = Shape("yes or no", _yes_no)
ID: Final = raw(16)
FACT_ID: Final = raw(32)
TEXT: Final = text()
