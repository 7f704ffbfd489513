"""How a fact's content becomes a CBOR map and back, strictly, from one list of shapes a class.

Kind numbers and field numbers (the order of the fields, from 1) are part of the wire format and are
never reused. A field that may be missing is None and is then left out of the body.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar, Final, TypeVar

from sync.limits import AFTER_IDS_MAX, BODIES_CACHED_MAX, MONEY_MINOR_MAX
from sync.schema import (
    AMOUNT,
    FACT_ID,
    QUANTITY,
    U16,
    U32,
    U64,
    Misshapen,
    Shape,
    many,
    maybe,
    row,
    text,
    whole,
)

FACT_VERSION: Final = 1


class Body:
    """A fact's content: a frozen dataclass whose fields follow `SHAPES` in order."""

    KIND: ClassVar[int]
    SHAPES: ClassVar[tuple[Shape, ...]]
    FIELDS: ClassVar[tuple[tuple[int, Callable[[Any], Any], bool], ...]]
    """Of each shape its field's number, its check, and whether the field may be missing."""
    __slots__ = ()


T = TypeVar("T", bound=Body)
BODIES: Final[dict[int, type[Body]]] = {}
AFTER: Final = many(FACT_ID, AFTER_IDS_MAX)
RESOURCE: Final = row(whole(1, 5), U64)
_LINE_ROW: Final = row(U32, QUANTITY, AMOUNT, whole(0, 9_999), whole(0, 9), maybe(U16))


def _line(value: Any) -> Any:
    """Bound what a line is worth too, so that no record can make an account overflow."""
    line = _LINE_ROW.fits(value)
    if abs(line[1] * line[2]) > MONEY_MINOR_MAX:
        message = "a line is worth more than any till holds"
        raise Misshapen(message)
    return line


LINE: Final = Shape("line", _line)
"""product, quantity, unit price (minor, VAT included), VAT (basis points), LineKind, undoes line"""
PAYMENT: Final = row(whole(1, 5), AMOUNT, maybe(U64), maybe(text(40)))
"""Method, amount (minor), wallet if it is one, reference if there is one"""
POSTING: Final = row(text(64), U16, AMOUNT)
"""account, asset (0 = the festival's currency), amount (minor)"""


def kind(number: int, *shapes: Shape) -> Callable[[type[T]], type[T]]:
    """Mark a class as the kind of fact with this number; one shape for each field, in order."""

    def mark(body: type[T]) -> type[T]:
        if number in BODIES:
            message = f"the kind number {number} is taken by {BODIES[number].__name__}"
            raise ValueError(message)
        body.KIND = number
        body.SHAPES = shapes
        body.FIELDS = tuple((n, one.fits, one.optional) for n, one in enumerate(shapes, 1))
        BODIES[number] = body
        return body

    return mark


def body_map(body: Body) -> dict[int, Any]:
    """Return the body as its CBOR map; `Misshapen` names the field that does not fit."""
    out: dict[int, Any] = {}
    names = body.__dataclass_fields__  # type: ignore[attr-defined]  # every body is a dataclass
    for number, (name, shape) in enumerate(zip(names, body.SHAPES, strict=True), 1):
        try:
            value = shape.fits(getattr(body, name))
        except Misshapen as trouble:
            message = f"{type(body).__name__}.{name}: {trouble}"
            raise Misshapen(message) from trouble
        if value is not None:
            out[number] = value
    return out


def body_of(kind: int, content: Any) -> Body | None:
    """Return the fact's body, or None for a kind that this version does not know.

    Raises `Misshapen` if the kind is known and the content does not fit it.
    """
    cls = BODIES.get(kind)
    if cls is None:
        return None
    fields = cls.FIELDS
    if not set(content).issubset(range(1, len(fields) + 1)):
        message = f"{cls.__name__}: a field number is unknown"
        raise Misshapen(message)
    values = []
    for number, fits, is_optional in fields:
        value = content.get(number)
        if value is None and not is_optional:
            message = f"{cls.__name__}: field {number} is missing"
            raise Misshapen(message)
        values.append(fits(value))
    return cls(*values)


@lru_cache(BODIES_CACHED_MAX)
def remembered_body(kind: int, content: tuple[tuple[int, Any], ...]) -> Body | None:
    """Return `body_of` a kind and its (field number, value) rows, remembered.

    The price list is walked over and over, and rarely changes.
    """
    return body_of(kind, dict(content))
