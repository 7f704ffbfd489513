"""What orders need of tickets, and no more: made when it is paid, withdrawn when refunded."""

from collections.abc import Callable, Iterable, Sequence

from cloud.office import Office
from cloud.orders.refusals import Refusal, Why
from cloud.store.orders import Order
from cloud.store.tickets import Origin, SaleState, TicketRow
from cloud.tickets import refusals, service
from cloud.tickets.status import stated_of
from sync.facts import TicketStatus


class NotMade(Exception):
    """Tickets could not be made or withdrawn after all: nothing of the order may be committed."""


def cannot_be_made(office: Office, types: Iterable[int]) -> Refusal | None:
    """Say why no tickets of these types can be made now, None if they can."""
    key = service.key_for(office.folder, office.cells, None)
    if isinstance(key, refusals.Refusal):
        return Refusal(Why.NO_TICKETS, key.sentence.rstrip("."))
    for number in types:
        window = service.window_of(office, number, None, None)
        if isinstance(window, refusals.Refusal):
            return Refusal(Why.NO_TICKETS, window.sentence.rstrip("."))
    return None


def make(office: Office, order: Order, draw: Callable[[int], bytes]) -> None:
    """Make the tickets of an order that was just paid; its places are taken already."""
    for line in order.lines:
        made = service.issue(
            office,
            service.Ask(
                type=line.type,
                count=line.quantity,
                batch=order.id,
                origin=Origin.ORDER,
                state=SaleState.PAID,
                order=order.id,
                places_are_taken=True,
            ),
            draw,
        )
        if isinstance(made, refusals.Refusal):
            raise NotMade(made.sentence)


def refundable(
    office: Office, order_id: bytes, serials: Sequence[int] | None
) -> list[TicketRow] | Refusal:
    """Return the tickets of an order to be paid back: those named, or all that are left."""
    rows = service.book_of(office).of_order(order_id)
    known = {row.serial: row for row in rows}
    is_back = {
        row.serial for row in rows if stated_of(office.cells, row.serial) is TicketStatus.REFUNDED
    }
    wanted = [one for one in known if one not in is_back] if serials is None else list(serials)
    for serial in wanted:
        if serial not in known:
            return Refusal(Why.NOT_OF_ORDER, str(serial))
        if serial in is_back:
            return Refusal(Why.ALREADY_REFUNDED, str(serial))
    if not wanted:
        return Refusal(Why.ALREADY_REFUNDED)
    return [known[serial] for serial in dict.fromkeys(wanted)]


def withdraw(office: Office, serials: Sequence[int]) -> None:
    """Withdraw tickets for good, give their places back, and note that they are paid back."""
    done = service.cancel(office, serials)
    if not isinstance(done, refusals.Refusal):
        done = service.note_refund(office, serials, is_paid_back=True)
    if isinstance(done, refusals.Refusal):
        raise NotMade(done.sentence)
