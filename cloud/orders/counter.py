"""The office's counter: places of ticket types that the office itself hands out, never too many.

Theory. A place that the office reserves, sells or gives away is a part lent to one fixed holder,
the counter (`sync.allotments.COUNTER`), by the same rule as a part lent to a till: only what is
free. So used + lent never exceeds the capacity, whoever lends, and every machine sees the same. It
stays lent while the place is reserved or sold; only when the place comes back (an order expired,
was cancelled or refunded, a ticket was cancelled) it is written off. The sale itself counts against
no quota: the place was taken before. Any process of the office gives back what another one took,
because the holder is not the writer.

Everything here works inside a transaction of the office.
"""

from collections.abc import Mapping

from cloud.office import Office
from cloud.orders.refusals import Refusal, Why
from sync import allotments, handover, lending
from sync.allotments import COUNTER, Resource
from sync.cells import Cells
from sync.facts import AllotmentWrittenOff, Allotted, ResourceKind
from sync.handover import OFFICE


def place_resource(number: int) -> Resource:
    """Return the resource that counts places of a ticket type."""
    return (int(ResourceKind.TICKET_TYPE), number)


def places_left(cells: Cells, number: int) -> int | None:
    """Return how many places of a ticket type may still be handed out; None without a limit.

    What terminals hold and have not sold counts as taken.
    """
    return lending.free(cells, place_resource(number))


def places_taken(cells: Cells, number: int) -> int:
    """Return how many places of a ticket type the office has handed out and not got back."""
    return max(0, allotments.held(cells, place_resource(number), COUNTER))


def cannot_lend(office: Office) -> Refusal | None:
    """Say why the office may hand out nothing just now, None if it may."""
    if office.is_recovering:
        return Refusal(Why.RECOVERING)
    if not handover.is_authority(office.cells, OFFICE):
        return Refusal(Why.NOT_AUTHORITY)
    return None if office.is_ready else Refusal(Why.CATCHING_UP)


def take_all(office: Office, wanted: Mapping[int, int]) -> Refusal | None:
    """Take places of several ticket types (how many by type), all of them or none."""
    refusal = cannot_lend(office)
    if refusal is not None:
        return refusal
    for number, count in sorted(wanted.items()):
        if count < 1:
            message = f"cannot take {count} places"
            raise ValueError(message)
        left = places_left(office.cells, number)
        if left is not None and left < count:
            return Refusal(Why.SOLD_OUT, f"type {number}: {left} left")
    parts = [Allotted(place_resource(one), COUNTER, count) for one, count in sorted(wanted.items())]
    office.say(*(handover.under(office.cells, part) for part in parts))
    return None


def give_back_all(office: Office, places: Mapping[int, int]) -> None:
    """Give places of several ticket types back (how many by type), so that others may have them.

    Never more than the counter holds, whatever a store that was put back remembers of them. Also
    while a hub lends: nobody but the office moves what the counter holds.
    """
    amounts = {
        number: min(count, places_taken(office.cells, number))
        for number, count in sorted(places.items())
    }
    office.say(
        *(
            AllotmentWrittenOff(place_resource(number), COUNTER, amount)
            for number, amount in amounts.items()
            if amount > 0
        )
    )
