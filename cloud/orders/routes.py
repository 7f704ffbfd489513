"""Orders over the network: whoever is signed in reserves, whoever sells says that it was paid.

Paying by a payment page comes in later: it is one more that calls `service.pay` with what the page
said, and a reserved order is what it waits for. Until then money is taken elsewhere, by a cashier
or by the organiser's own system, which says here how. Guests may only have what costs nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from cloud.accounts.access import Kind, Scope, may, organisers, public, signed_in, staff
from cloud.api.call import Answer, Call
from cloud.api.models import Nothing, Page
from cloud.api.problems import Problem, problem_of
from cloud.api.routes import API, Routes
from cloud.clock_and_chance import random_bytes
from cloud.desk import Desk
from cloud.festivals.offers import keep_offer, withdraw_offer
from cloud.festivals.sight import sight_of
from cloud.office import Office
from cloud.once import Deed
from cloud.orders import models, queries, service
from cloud.orders.counter import places_left
from cloud.orders.refusals import Refusal, Why
from cloud.orders.service import How, Payment, Wanted
from cloud.store.orders import Offer, Order, OrderBook, OrderState
from cloud.tickets.service import book_of
from sync import catalogue
from sync.names import ID_BYTES

ROUTES: Final = Routes("orders")
ORDERS: Final = f"{API}/festivals/{{festival}}/orders"
OFFERS: Final = f"{API}/festivals/{{festival}}/offers"
SELL: Final = staff("orders:write")


@ROUTES.post(f"{API}/tickets/buy", may=signed_in(), status=201, idempotent=True)
async def buy(call: Call, body: models.BuyTickets) -> Answer[models.OrderDone]:
    """Buy tickets at once: places, payment and tickets, or nothing.

    Who may sell says how it was paid; everybody else buys what costs nothing. Codes are read with
    `GET /api/v1/tickets/me` or with the order.
    """
    desk, is_seller = _reached(call, body.festival)
    payment = Payment(How(body.method), body.reference)
    if not is_seller and payment.how is not How.FREE:
        raise Problem(403, "Only who sells for the organiser says how it was paid.", "forbidden")

    def job(office: Office, deed: Deed) -> Order | Refusal:
        wanted = Wanted(deed.operation, _buyer(call, is_seller), _counts(body.tickets), is_seller)
        return service.buy(office, wanted, payment, random_bytes)

    return await _once(call, desk, job)


@ROUTES.get(f"{API}/tickets/me", may=signed_in())
async def my_tickets(call: Call, query: models.MyTicketsQuery) -> Page[models.CodedTicket]:
    """See the tickets that you ordered yourself in a festival, with their codes."""
    desk, _ = _reached(call, query.festival)
    after = None if query.after is None else _ticket_place(query.after)
    found = await desk.look(
        lambda seen: queries.tickets_of(seen, desk.folder, call.who.id, after, query.limit + 1)
    )
    items = found[: query.limit]
    last = items[-1] if len(found) > len(items) else None
    place = None if last is None else f"{_place_of(last.order)}-{last.row.serial}"
    return Page[models.CodedTicket](items=_coded(desk.festival, items), next=place)


@ROUTES.post(f"{API}/orders", may=signed_in(), status=201, idempotent=True)
async def reserve(call: Call, body: models.ReserveOrder) -> Answer[models.OrderDone]:
    """Hold places for a quarter of an hour, all that are wanted or none.

    An order that is not paid by then lapses, and its places go back.
    """
    desk, is_seller = _reached(call, body.festival)

    def job(office: Office, deed: Deed) -> Order | Refusal:
        wanted = Wanted(deed.operation, _buyer(call, is_seller), _counts(body.tickets), is_seller)
        return service.reserve(office, wanted)

    return await _once(call, desk, job)


@ROUTES.post(f"{API}/orders/{{order}}/pay", may=SELL, idempotent=True)
async def pay(call: Call, body: models.PayOrder) -> Answer[models.OrderDone]:
    """Say that a reserved order was paid, and how: its tickets are made."""
    desk = call.reach(body.festival, Scope.ORDERS_WRITE)
    payment, order = Payment(How(body.method), body.reference), _order(call)
    return await _once(
        call, desk, lambda office, _: service.pay(office, order, payment, random_bytes)
    )


@ROUTES.post(f"{API}/orders/{{order}}/cancel", may=signed_in(), idempotent=True)
async def cancel(call: Call, body: models.CancelOrder) -> Answer[models.OrderDone]:
    """Give the places of a reserved order back; one that is paid is refunded instead."""
    desk, is_seller = _reached(call, body.festival)
    order_id, me = _order(call), call.who.id

    def job(office: Office, _: Deed) -> Order | Refusal:
        found = service.order_book(office).one(order_id)
        if found is not None and not is_seller and found.buyer != me:
            return Refusal(Why.UNKNOWN_ORDER)
        return service.cancel(office, order_id)

    return await _once(call, desk, job)


@ROUTES.post(f"{API}/orders/{{order}}/refund", may=SELL, idempotent=True)
async def refund(call: Call, body: models.RefundOrder) -> Answer[models.OrderDone]:
    """Pay back tickets of a paid order, or all that are left, the way they were paid.

    The tickets are withdrawn for good: gates refuse them when they hear of it.
    """
    desk = call.reach(body.festival, Scope.ORDERS_WRITE)
    serials = None if body.serials is None else [int(one) for one in body.serials]
    order = _order(call)
    return await _once(call, desk, lambda office, _: service.refund(office, order, serials))


@ROUTES.get(ORDERS, may=staff("orders:read"))
async def orders(call: Call, query: models.OrdersQuery) -> Page[models.OrderShown]:
    """List orders in the order in which they were made."""
    after = None if query.after is None else _order_place(query.after)
    found = await call.desk.look(
        lambda seen: OrderBook(seen.connection, seen.festival).listed(
            after, query.limit + 1, state=query.state or ""
        )
    )
    items, now_ms = found[: query.limit], call.desk.now_ms()
    last = items[-1] if len(found) > len(items) else None
    return Page[models.OrderShown](
        items=[models.OrderShown(**_row(call.festival, one, now_ms)) for one in items],
        next=None if last is None else _place_of(last),
    )


@ROUTES.get(f"{ORDERS}/{{order}}", may=SELL)
async def order(call: Call) -> models.OrderWhole:
    """See an order with its tickets and their codes."""
    desk, order_id = call.desk, _order(call)
    found = await desk.look(lambda seen: queries.order_with_tickets(seen, desk.folder, order_id))
    if found is None:
        raise problem_of(Refusal(Why.UNKNOWN_ORDER))
    one, tickets = found
    row = _row(desk.festival, one, desk.now_ms())
    return models.OrderWhole(**row, tickets=_coded(desk.festival, tickets))


@ROUTES.get(OFFERS, may=public())
async def offers(call: Call) -> models.Offers:
    """See what tickets are for sale, for how much, and how many places are left.

    Who may sell also sees what is not shown to everybody.
    """
    desk, who = call.desk, call.principal
    owner = call.house.organiser_of(call.festival)
    sees_all = who is not None and may(who, Scope.ORDERS_READ, owner, call.festival)
    found = await desk.look(lambda seen: queries.on_offer(seen, hidden_too=sees_all))
    return models.Offers(offers=[_offer_shown(one, desk.now_ms()) for one in found])


@ROUTES.put(f"{OFFERS}/{{type}}", may=organisers("festivals:write"))
async def set_offer(call: Call, body: models.SetOffer) -> models.OfferShown:
    """Say what a ticket type is sold for. Orders that are reserved keep their price.

    The ticket type then says the same.
    """
    number = int(call.places["type"])
    offer = Offer(
        number, body.price_minor, body.vat_basis_points, body.from_ms, body.until_ms,
        body.per_order_max, body.is_visible,
    )  # fmt: skip

    def job(office: Office) -> models.OfferShown | Problem:
        sight = sight_of(office)
        known = catalogue.ticket_type(office.cells, number)
        if known is None or sight.is_deleted("type", number):
            return Problem(404, "There is no such ticket type.", "not_found")
        keep_offer(sight, offer, call.who.id, office.now_ms())
        left = places_left(office.cells, number)
        return _offer_shown(queries.OnOffer(offer, known.name, left), office.now_ms())

    return await call.do(job)


@ROUTES.delete(f"{OFFERS}/{{type}}", may=organisers("festivals:write"))
async def end_offer(call: Call) -> Nothing:
    """Sell a ticket type no longer. What was sold or is reserved stays."""
    number = int(call.places["type"])

    def job(office: Office) -> Nothing:
        if service.offer_book(office).one(number) is not None:
            withdraw_offer(sight_of(office), number, call.who.id, office.now_ms())
        return Nothing()

    return await call.do(job)


async def _once(
    call: Call, desk: Desk, deed: Callable[[Office, Deed], Order | Refusal]
) -> Answer[models.OrderDone]:
    """Do something with an order once, and answer it with its tickets."""

    def job(office: Office, named: Deed) -> models.OrderDone | Problem:
        done = deed(office, named)
        return problem_of(done) if isinstance(done, Refusal) else _done(office, done)

    return await call.once(job, desk)


def _done(office: Office, order: Order) -> models.OrderDone:
    is_made = order.state in {OrderState.PAID, OrderState.REFUNDED}
    rows = book_of(office).of_order(order.id) if is_made else []
    tickets = [models.OrderTicket(serial=str(row.serial), type=row.type) for row in rows]
    row = _row(office.folder.festival, order, office.now_ms())
    return models.OrderDone(**row, tickets=tickets)


def _reached(call: Call, festival: int) -> tuple[Desk, bool]:
    """Return the desk of a festival that a body names, and whether who asks may sell there.

    Whoever may not sell is a person and acts for themselves.
    """
    owner = call.house.organiser_of(festival)
    if owner is None or not call.who.reaches(owner, festival):
        raise Problem(404, "There is no such festival for you.", "not_found")
    is_seller = may(call.who, Scope.ORDERS_WRITE, owner, festival)
    if not is_seller and call.who.kind is not Kind.PERSON:
        raise Problem(403, "Your key does not allow this.", "forbidden")
    return call.desk_of(festival), is_seller


def _buyer(call: Call, is_seller: bool) -> str:  # noqa: FBT001 - as it was found out
    """Return to whom an order belongs: who sells orders for somebody who is not named."""
    return "" if is_seller else call.who.id


def _counts(wanted: Iterable[models.TicketsWanted]) -> dict[int, int]:
    counts: Counter[int] = Counter()
    for one in wanted:
        counts[one.type] += one.count
    return dict(counts)


def _order(call: Call) -> bytes:
    return bytes.fromhex(call.places["order"])


def _row(festival: int, order: Order, now_ms: int) -> dict[str, Any]:
    return {
        "order": order.id.hex(),
        "festival": festival,
        "state": order.state_at(now_ms).value,
        "buyer": order.buyer,
        "lines": [
            models.LineShown(
                type=line.type,
                quantity=line.quantity,
                price_minor=line.price,
                vat_basis_points=line.vat,
                refunded=line.refunded,
            )
            for line in order.lines
        ],
        "total_minor": order.total,
        "refunded_minor": order.refunded,
        "made_ms": order.made_ms,
        "expires_ms": order.expires_ms,
        "paid_ms": order.paid_ms,
        "method": order.method,
        "reference": order.reference,
    }


def _coded(festival: int, tickets: Sequence[queries.Coded]) -> list[models.CodedTicket]:
    return [
        models.CodedTicket(
            festival=festival,
            order=one.order.id.hex(),
            serial=str(one.row.serial),
            type=one.row.type,
            status=one.shown,
            code=one.code,
        )
        for one in tickets
    ]


def _offer_shown(one: queries.OnOffer, now_ms: int) -> models.OfferShown:
    offer = one.offer
    return models.OfferShown(
        type=offer.type,
        name=one.name,
        price_minor=offer.price,
        vat_basis_points=offer.vat,
        from_ms=offer.from_ms,
        until_ms=offer.until_ms,
        per_order_max=offer.per_order_max,
        is_visible=offer.is_visible,
        is_on_sale=offer.is_on_sale(now_ms),
        places_left=one.left,
    )


def _place_of(order: Order) -> str:
    return f"{order.made_ms}-{order.id.hex()}"


def _order_place(text: str) -> tuple[int, bytes]:
    """Read where a list of orders goes on; a `Problem` if that was not given out here."""
    try:
        made_ms, name = text.split("-")
        place = (int(made_ms), bytes.fromhex(name))
    except ValueError as trouble:
        raise _no_place() from trouble
    if not 0 <= place[0] < 1 << 53 or len(place[1]) != ID_BYTES:
        raise _no_place()
    return place


def _ticket_place(text: str) -> tuple[int, bytes, int]:
    """Read where a list of tickets goes on; a `Problem` if that was not given out here."""
    first, _, serial = text.rpartition("-")
    if not (serial.isascii() and serial.isdigit()) or len(serial) > len(str(1 << 64)):
        raise _no_place()
    return (*_order_place(first), int(serial))


def _no_place() -> Problem:
    return Problem(422, "`after` must be what `next` of the page before said.", "invalid")
