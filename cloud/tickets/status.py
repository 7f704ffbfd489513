"""What people call the state of a ticket: one word, made of what the sale, the facts and gates say.

Nothing is kept for it. The row says what was sold, the facts say what gates are to believe, and the
history who is inside; so the word cannot drift away from them.
"""

from dataclasses import dataclass
from enum import StrEnum

from cloud.store.tickets import SaleState, TicketRow
from sync import catalogue, history
from sync.cells import Cells
from sync.facts import TicketStatus


class Shown(StrEnum):
    """A ticket's state in one word, as pages and programs show it."""

    ISSUED = "issued"
    RESERVED = "reserved"
    PAID = "paid"
    INSIDE = "inside"
    OUTSIDE = "outside"
    INVALID = "invalid"
    REFUNDED = "refunded"


INVALID: frozenset[TicketStatus] = frozenset(
    {TicketStatus.BLOCKED, TicketStatus.CANCELLED, TicketStatus.REPLACED}
)
FINAL: frozenset[TicketStatus] = frozenset(
    {TicketStatus.CANCELLED, TicketStatus.REFUNDED, TicketStatus.REPLACED}
)


@dataclass(frozen=True, slots=True)
class Presence:
    """What gates saw of a ticket and of those that it replaces: guests inside, admissions."""

    guests_inside: int = 0
    admissions: int = 0


NEVER_SEEN = Presence()


def shown_as(state: SaleState, stated: TicketStatus | None, presence: Presence) -> Shown:
    """Return the word for a ticket: withdrawn first, then where it is, then what was sold.

    A withdrawn ticket stays so even if its guest is inside; whether one is, `Presence` says. What
    was stated goes before the sale: a ticket that the office calls valid is not reserved.
    """
    if stated is TicketStatus.REFUNDED:
        return Shown.REFUNDED
    if stated in INVALID:
        return Shown.INVALID
    if presence.guests_inside > 0:
        return Shown.INSIDE
    if presence.admissions > 0:
        return Shown.OUTSIDE
    if stated is TicketStatus.UNPAID or (stated is None and state is SaleState.RESERVED):
        return Shown.RESERVED
    return Shown.PAID if state is SaleState.PAID else Shown.ISSUED


def stated_of(cells: Cells, serial: int) -> TicketStatus | None:
    """Return what the office last said of a ticket, None if it said nothing."""
    status = catalogue.status(cells, serial)
    return None if status is None else status.word


def presence_of(cells: Cells, serial: int) -> Presence:
    """Return what gates saw of a ticket and those with which it shares a history."""
    known = history.standing(cells, serial)
    return Presence(sum(guests for _, guests in known.inside), known.uses)


def shown_of(cells: Cells, row: TicketRow) -> Shown:
    """Return the word for a ticket of the book."""
    return shown_as(row.state, stated_of(cells, row.serial), presence_of(cells, row.serial))
