"""The price list as this bar has it just now: windows of time, what is on tap, what is sold out.

A product keeps its place in its category whatever is sold out or taken off the list, so that
nothing moves under a finger.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from edge.terminal import Terminal
from sync import catalogue, stock
from sync.cells import Cells
from sync.clock import ClockState, Moment
from sync.facts import Offered, ProductSet
from sync.prices import is_at, price_at

COLOURS: Final = 8
_MINUTE_MS: Final = 60_000
_DAY_MINUTES: Final = 24 * 60


@dataclass(frozen=True, slots=True)
class Offer:
    """A product at this bar now: its price in minor units, whether it is offered, the stock."""

    product: ProductSet
    price: int
    offered: Offered
    in_stock: int


def minute_of_day(terminal: Terminal, moment: Moment) -> int | None:
    """Return the festival's local minute of the day, None while the clock is not known at all."""
    if moment.quality.state is ClockState.UNKNOWN:
        return None
    offset = terminal.utc_offset_minutes(moment.now_ms)
    return (moment.now_ms // _MINUTE_MS + offset) % _DAY_MINUTES


def offer_of(cells: Cells, bar: int, known: ProductSet, minute: int | None) -> Offer | None:
    """Return a product as a bar offers it now, None if it has it not on its list."""
    if not known.on_sale or not is_at(known, bar):
        return None
    number = known.product
    price = price_at(known, minute)
    return Offer(
        known, price, stock.offered(cells, bar, number), stock.in_stock(cells, bar, number)
    )


def grid(cells: Cells, bar: int, minute: int | None) -> dict[str, Any]:
    """Return the whole list as a till shows it: categories with colours, products with places."""
    here = [one for one in catalogue.products(cells) if is_at(one, bar)]
    names = list(dict.fromkeys(one.category for one in here if one.on_sale))
    rows = []
    for number, name in enumerate(names):
        listed = [one for one in here if one.category == name]
        for place, product in enumerate(listed):
            offer = offer_of(cells, bar, product, minute)
            if offer is not None:
                rows.append({"category": number, "place": place, **row_of(offer)})
    return {
        "event": "grid",
        "version": catalogue.office_version(cells),
        "categories": [
            {"name": name, "colour": at % COLOURS, "key": str((at + 1) % 10)}
            for at, name in enumerate(names)
        ],
        "products": rows,
        "cup_minor": cup_deposit(here),
    }


def row_of(offer: Offer) -> dict[str, Any]:
    """Return an offer as a flat object; prices in minor units, stock in half measures."""
    product = offer.product
    return {
        "product": product.product,
        "name": product.name,
        "price": offer.price,
        "half": product.half,
        "double": product.double,
        "mixer": product.mixer,
        "deposit": product.deposit,
        "vat": product.vat,
        "age": product.age,
        "offered": offer.offered.name.lower(),
        "stock": offer.in_stock,
    }


def cup_deposit(products: Sequence[ProductSet]) -> int:
    """Return what a cup brings back: the deposit that most products have, 0 if none has any."""
    deposits = [one.deposit for one in products if one.deposit]
    return max(set(deposits), key=lambda amount: (deposits.count(amount), -amount), default=0)
