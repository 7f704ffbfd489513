"""Orders, their tickets and what is for sale, read beside the writer."""

from dataclasses import dataclass

from cloud.orders.counter import places_left
from cloud.settings import OfficeFolder
from cloud.store.look import Look
from cloud.store.orders import Offer, OfferBook, Order, OrderBook, OrderState, Place
from cloud.store.tickets import TicketBook, TicketRow
from cloud.tickets.codes import KeyRing
from cloud.tickets.status import shown_of
from sync import catalogue

_WITH_TICKETS = frozenset({OrderState.PAID, OrderState.REFUNDED})
_ORDERS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Coded:
    """A ticket of an order with its state in one word and its code, None without its key."""

    order: Order
    row: TicketRow
    shown: str
    code: str | None


@dataclass(frozen=True, slots=True)
class OnOffer:
    """An offer with its type's name and the places that are left; None is without a limit."""

    offer: Offer
    name: str
    left: int | None


def order_with_tickets(
    seen: Look, folder: OfficeFolder, order_id: bytes
) -> tuple[Order, list[Coded]] | None:
    """Return an order and its tickets with their codes, None if there is no such order."""
    order = OrderBook(seen.connection, seen.festival).one(order_id)
    return None if order is None else (order, _coded(seen, KeyRing(folder), order))


def tickets_of(
    seen: Look, folder: OfficeFolder, buyer: str, after: tuple[int, bytes, int] | None, limit: int
) -> list[Coded]:
    """Return the tickets of a person's orders in order, from behind a place, so many at most.

    The place is when an order was made (Unix ms), its id, and a serial in it.
    """
    book, keys = OrderBook(seen.connection, seen.festival), KeyRing(folder)
    found: list[Coded] = []
    place: Place | None = None
    if after is not None:
        place = (after[0], after[1])
        order = book.one(after[1])
        if order is not None and order.buyer == buyer:
            found = [one for one in _coded(seen, keys, order) if one.row.serial > after[2]]
    while len(found) < limit:
        orders = book.listed(place, _ORDERS_AT_ONCE, buyer=buyer)
        for order in orders:
            if len(found) < limit and order.state in _WITH_TICKETS:
                found += _coded(seen, keys, order)
        if len(orders) < _ORDERS_AT_ONCE:
            break
        place = (orders[-1].made_ms, orders[-1].id)
    return found[:limit]


def on_offer(seen: Look, *, hidden_too: bool) -> list[OnOffer]:
    """Return what is for sale by type; what is not visible only if that is asked for."""
    rows = []
    for offer in OfferBook(seen.connection, seen.festival).all():
        known = catalogue.ticket_type(seen.cells, offer.type)
        if known is not None and (offer.is_visible or hidden_too):
            rows.append(OnOffer(offer, known.name, places_left(seen.cells, offer.type)))
    return rows


def _coded(seen: Look, keys: KeyRing, order: Order) -> list[Coded]:
    """Return the tickets that stand for an order, by serial."""
    rows = TicketBook(seen.connection, seen.festival).of_order(order.id)
    return [Coded(order, row, shown_of(seen.cells, row).value, keys.code(row)) for row in rows]
