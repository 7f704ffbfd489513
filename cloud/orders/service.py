"""Orders: reserve places, pay, cancel, refund, let what nobody paid expire.

Every function is work inside one transaction of the office: it returns a `Refusal` before anything
was stated or written, or does all of it. Places are the counter's (`counter`), tickets are made and
withdrawn by `cloud.tickets`, money is facts of the office's own journal.

How a sale of tickets is booked. The sale's id is the order's. Each line is a product whose number
is `ONLINE_PRODUCTS_FROM` + the ticket type, at the bar `ONLINE_BAR`, so that no till's stock,
revenue or shift is touched; VAT is contained in the price as everywhere. Cards and transfers come
from `card:card`, cash from the drawer of this office process. What is refunded goes back the way it
was paid, line by line, and a line that is paid back whole leaves exactly nothing behind.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from cloud.cashless.online import (
    METHOD_OF,
    NO_SELLER,
    NO_SHIFT,
    ONLINE_BAR,
    ONLINE_PRODUCTS_FROM,
    Paid,
    booked_reference,
)
from cloud.limits import (
    EXPIRED_AT_ONCE_MAX,
    OPEN_ORDERS_OF_BUYER_MAX,
    ORDER_LINES_MAX,
    RESERVED_MS,
    TICKETS_OF_ORDER_MAX,
)
from cloud.office import Office
from cloud.orders import tickets
from cloud.orders.counter import give_back_all, take_all
from cloud.orders.refusals import Refusal, Why
from cloud.store.orders import Offer, OfferBook, Order, OrderBook, OrderLine, OrderState
from sync import catalogue, ledger
from sync.facts import LineKind, Refunded, Sold
from sync.limits import MONEY_MINOR_MAX
from sync.names import ID_BYTES

_ITEM: Final = int(LineKind.ITEM)
_REFUND: Final = b"guichet-refund-v1\0"
_ALLOWED_BY: Final = "order"

Draw = Callable[[int], bytes]
"""Gives so many bytes that nobody can foresee."""


class How(StrEnum):
    """How an order was paid; FREE is for what costs nothing."""

    CASH = "cash"
    CARD = "card"
    TRANSFER = "transfer"
    FREE = "free"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is ordered: the order's id (16 bytes), for whom, how many tickets of each type.

    `is_staff`: who asks may sell what is not shown to everybody.
    """

    id: bytes
    buyer: str
    counts: Mapping[int, int]
    is_staff: bool = False


@dataclass(frozen=True, slots=True)
class Payment:
    """How an order was paid; the reference is whatever finds the payment elsewhere."""

    how: How
    reference: str = ""


def reserve(office: Office, wanted: Wanted, held_ms: int = RESERVED_MS) -> Order | Refusal:
    """Hold places for a while (ms), all that are wanted or none."""
    now_ms = office.now_ms()
    order = _judged(office, wanted, now_ms, held_ms)
    if isinstance(order, Refusal):
        return order
    is_open = bool(wanted.buyer) and not wanted.is_staff
    book = order_book(office)
    if is_open and book.count_open(wanted.buyer, now_ms) >= OPEN_ORDERS_OF_BUYER_MAX:
        return Refusal(Why.TOO_MANY_OPEN)
    refusal = _take(office, order)
    if refusal is not None:
        return refusal
    book.add(order)
    return order


def buy(office: Office, wanted: Wanted, payment: Payment, draw: Draw) -> Order | Refusal:
    """Take places, book the payment and make the tickets, all at once."""
    now_ms = office.now_ms()
    order = _judged(office, wanted, now_ms, 0)
    if isinstance(order, Refusal):
        return order
    paid = _paid(order, payment, now_ms)
    refusal = _cannot_be_paid(office, order, payment) or _take(office, order)
    if refusal is not None:
        return refusal
    order_book(office).add(paid)
    _sell(office, paid, payment, draw)
    return paid


def pay(office: Office, order_id: bytes, payment: Payment, draw: Draw) -> Order | Refusal:
    """Book the payment of a reserved order and make its tickets."""
    order = _open_order(office, order_id)
    if isinstance(order, Refusal):
        return order
    refusal = _cannot_be_paid(office, order, payment)
    if refusal is not None:
        return refusal
    now_ms = office.now_ms()
    paid = _paid(order, payment, now_ms)
    order_book(office).set_paid(order_id, paid.method, paid.reference, now_ms)
    _sell(office, paid, payment, draw)
    return paid


def cancel(office: Office, order_id: bytes) -> Order | Refusal:
    """Give the places of a reserved order back; one that is paid is refunded instead."""
    order = _open_order(office, order_id)
    if isinstance(order, Refusal):
        return order
    give_back_all(office, order.places)
    book = order_book(office)
    book.set_state([order_id], OrderState.CANCELLED)
    return book.one(order_id) or order


def refund(
    office: Office, order_id: bytes, serials: Sequence[int] | None = None
) -> Order | Refusal:
    """Pay back tickets of a paid order, or all that are left: they are withdrawn for good."""
    if office.is_recovering:
        return Refusal(Why.RECOVERING)
    order = order_book(office).one(order_id)
    if order is None:
        return Refusal(Why.UNKNOWN_ORDER)
    if order.state is OrderState.REFUNDED:
        return Refusal(Why.ALREADY_REFUNDED)
    if order.state is not OrderState.PAID:
        return Refusal(Why.NOT_PAID)
    chosen = tickets.refundable(office, order_id, serials)
    if isinstance(chosen, Refusal):
        return chosen
    counts = Counter(row.type for row in chosen)
    places = {at: counts[line.type] for at, line in enumerate(order.lines) if counts[line.type]}
    if any(
        count > order.lines[at].quantity - order.lines[at].refunded for at, count in places.items()
    ):
        return Refusal(Why.ALREADY_REFUNDED)
    office.say(*(_refunded(order, at, count) for at, count in places.items()))
    tickets.withdraw(office, [row.serial for row in chosen])
    return order_book(office).add_refund(order, places)


def expire_due(office: Office, count_max: int = EXPIRED_AT_ONCE_MAX) -> int:
    """Give back the places of reserved orders whose time is over; return how many orders.

    Whoever comes first does it, for every process looks at the same book. An order whose sale the
    ledger knows was paid: the book is from an older copy, and the place is not free.
    """
    if office.is_recovering:
        return 0
    book = order_book(office)
    due = book.due(office.now_ms(), count_max)
    sold = {order.id for order in due if ledger.sale(office.cells, order.id).baskets}
    places: Counter[int] = Counter()
    for order in due:
        if order.id not in sold:
            places.update(order.places)
    if places:
        give_back_all(office, places)
    book.set_state(sorted(sold), OrderState.PAID)
    book.set_state([order.id for order in due if order.id not in sold], OrderState.EXPIRED)
    return len(due)


def order_book(office: Office) -> OrderBook:
    """Return the book of the open transaction."""
    return OrderBook(office.store.connection, office.folder.festival)


def offer_book(office: Office) -> OfferBook:
    """Return the offers of the open transaction."""
    return OfferBook(office.store.connection, office.folder.festival)


def _judged(office: Office, wanted: Wanted, now_ms: int, held_ms: int) -> Order | Refusal:
    """Return the order that is wanted, at the prices of now, or why it cannot be made."""
    if office.is_recovering:
        return Refusal(Why.RECOVERING)
    counts = wanted.counts
    total_count = sum(counts.values())
    if not 0 < len(counts) <= ORDER_LINES_MAX or min(counts.values()) < 1:
        return Refusal(Why.TOO_MANY_TICKETS)
    if total_count > TICKETS_OF_ORDER_MAX:
        return Refusal(Why.TOO_MANY_TICKETS, f"at most {TICKETS_OF_ORDER_MAX}")
    offers, lines = offer_book(office), list[OrderLine]()
    for number, count in sorted(counts.items()):
        offer = offers.one(number)
        refusal = _cannot_order(office, offer, wanted, number, now_ms)
        if offer is None or refusal is not None:
            return refusal or Refusal(Why.NOT_FOR_SALE, f"type {number}")
        lines.append(OrderLine(number, count, offer.price, offer.vat))
    if sum(line.amount for line in lines) > MONEY_MINOR_MAX:
        return Refusal(Why.TOO_MUCH_MONEY)
    is_sold = ledger.sale(office.cells, wanted.id).baskets  # the book is from an older copy then
    if is_sold or order_book(office).one(wanted.id) is not None:
        return Refusal(Why.ALREADY_DONE)
    ends_ms = now_ms + held_ms
    return Order(wanted.id, wanted.buyer, OrderState.RESERVED, tuple(lines), now_ms, ends_ms)


def _cannot_order(
    office: Office, offer: Offer | None, wanted: Wanted, number: int, now_ms: int
) -> Refusal | None:
    """Say why tickets of a type cannot be ordered, None if they can."""
    told = f"type {number}"
    is_known = catalogue.ticket_type(office.cells, number) is not None
    if offer is None or not is_known or not (offer.is_visible or wanted.is_staff):
        return Refusal(Why.NOT_FOR_SALE, told)
    if not offer.is_on_sale(now_ms):
        return Refusal(Why.NOT_ON_SALE_NOW, told)
    if 0 < offer.per_order_max < wanted.counts[number]:
        return Refusal(Why.TOO_MANY_TICKETS, f"{told}: at most {offer.per_order_max}")
    return None


def _take(office: Office, order: Order) -> Refusal | None:
    """Take an order's places; what others let lapse is taken back first if there are too few.

    Orders lapse some at once, the oldest first, until there are places or none is due.
    """
    refusal = take_all(office, order.places)
    while refusal is not None and refusal.why is Why.SOLD_OUT and expire_due(office):
        refusal = take_all(office, order.places)
    return refusal


def _open_order(office: Office, order_id: bytes) -> Order | Refusal:
    """Return an order that is reserved and not over, or say what it is instead."""
    if office.is_recovering:
        return Refusal(Why.RECOVERING)
    order = order_book(office).one(order_id)
    if order is None:
        return Refusal(Why.UNKNOWN_ORDER)
    state = order.state_at(office.now_ms())
    if state is not OrderState.RESERVED:
        return Refusal(_WHY_NOT_OPEN[state])
    is_sold = ledger.sale(office.cells, order_id).baskets  # the book is from an older copy then
    return Refusal(Why.ALREADY_PAID) if is_sold else order


_WHY_NOT_OPEN: Final = {
    OrderState.PAID: Why.ALREADY_PAID,
    OrderState.CANCELLED: Why.CANCELLED,
    OrderState.EXPIRED: Why.EXPIRED,
    OrderState.REFUNDED: Why.ALREADY_REFUNDED,
}


def _cannot_be_paid(office: Office, order: Order, payment: Payment) -> Refusal | None:
    """Say why an order cannot be paid so; after this it must succeed."""
    if payment.how is How.FREE and order.total:
        return Refusal(Why.NOT_FREE)
    return tickets.cannot_be_made(office, [line.type for line in order.lines])


def _paid(order: Order, payment: Payment, now_ms: int) -> Order:
    """Return an order as it is once it is paid; what costs nothing was free however it was paid."""
    how = payment.how if order.total else How.FREE
    return replace(
        order,
        state=OrderState.PAID,
        paid_ms=now_ms,
        method=how.value,
        reference=payment.reference,
    )


def _sell(office: Office, order: Order, payment: Payment, draw: Draw) -> None:
    """State the sale of an order and make its tickets."""
    lines = tuple(
        (ONLINE_PRODUCTS_FROM + line.type, line.quantity, line.price, line.vat, _ITEM, None)
        for line in order.lines
    )
    payments: tuple[tuple[int, int, int | None, str | None], ...] = ()
    if order.total:
        paid = Paid(payment.how.value)
        told = booked_reference(paid, payment.reference)
        payments = ((METHOD_OF[paid], order.total, None, told),)
    office.say(
        Sold(
            sale=order.id,
            bar=ONLINE_BAR,
            shift=NO_SHIFT,
            seller=NO_SELLER,
            lines=lines,
            payments=payments,
            catalogue_version=catalogue.office_version(office.cells),
            allowed_by=_ALLOWED_BY,
            known_balance=0,
        )
    )
    tickets.make(office, order, draw)


def _refunded(order: Order, at: int, count: int) -> Refunded:
    """Return the fact that pays so many of a line back, the way they were paid."""
    line = order.lines[at]
    name = order.id + bytes([at]) + line.refunded.to_bytes(4, "big")
    operation = hashlib.sha256(_REFUND + name).digest()[:ID_BYTES]
    return Refunded(operation, order.id, at, count, (), ONLINE_BAR, NO_SHIFT, NO_SELLER)
