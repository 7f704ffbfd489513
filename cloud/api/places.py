"""What stands in a path between slashes: each name has one shape, wherever it occurs."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cloud.api.problems import Problem
from sync.limits import U16_MAX, U32_MAX, U64_MAX


@dataclass(frozen=True, slots=True)
class Place:
    """The shape of one name: what it looks like, how it is read, how it is described."""

    pattern: re.Pattern[str]
    read: Callable[[str], Any]
    largest: int | None
    description: str


def _number(largest: int, description: str) -> Place:
    return Place(re.compile(r"0|[1-9][0-9]{0,19}"), int, largest, description)


def _id(description: str) -> Place:
    return Place(re.compile(r"[0-9a-f]{32}"), str, None, description)


_WORD: Final = Place(re.compile(r"[A-Za-z0-9_-]{1,64}"), str, None, "Letters, digits, - and _.")
PLACES: Final[dict[str, Place]] = {
    "festival": _number(U32_MAX, "The festival's number."),
    "zone": _number(U16_MAX, "The zone's number."),
    "type": _number(U16_MAX, "The ticket type's number."),
    "product": _number(U32_MAX, "The product's number."),
    "voucher": _number(U16_MAX, "The number of the kind of voucher."),
    "gate": _number(U16_MAX, "The gate's number."),
    "badge": _number(U64_MAX, "The badge's serial, decimal digits."),
    "deleted_festival": _number(U32_MAX, "The number of a festival that was deleted."),
    "bar": _number(U16_MAX, "The bar's number."),
    "shift": _number(U32_MAX, "The shift's number."),
    "key_id": _number(255, "The issuing key's number."),
    "serial": _number(U64_MAX, "The ticket's serial, decimal digits."),
    "wallet": _number(U64_MAX, "The wallet's number, decimal digits."),
    "online_gate": _number(U16_MAX, "The online gate's number."),
    "terminal": _id("The terminal's id in hex."),
    "order": _id("The order's id in hex."),
    "link": _id("The link's id in hex."),
    "organiser": _id("The organiser's id in hex."),
    "user": _id("The person's id in hex."),
}
"""Names that are not here are words of up to 64 letters, digits, - and _."""


def place_of(name: str) -> Place:
    """Return the shape of a name in a path."""
    return PLACES.get(name, _WORD)


def read_places(found: Mapping[str, str]) -> dict[str, Any]:
    """Return what a path names, read; a `Problem` (404) if something has another shape."""
    read: dict[str, Any] = {}
    for name, text in found.items():
        place = place_of(name)
        value = place.read(text) if place.pattern.fullmatch(text) else None
        if value is None or (place.largest is not None and value > place.largest):
            raise Problem(404, f"{name} is not as it must be: {place.description}", "not_found")
        read[name] = value
    return read
