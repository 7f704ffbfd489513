"""What an online gate may take back, so that no place is used that somebody else has by now.

Taking back an admission frees a place. Taking back an exit takes one again: whose it was, the gate
that let the guest in, may have given it to the next one already, and cut off nobody would know. So
in a zone with a capacity an exit is taken back only if the place was an online gate's and one is
still free. An admission that counted out an earlier one would bring that back too.
"""

from sync import allotments, catalogue, lending
from sync.body import Body
from sync.cells import Cells
from sync.facts import Admitted, Left, Moved, Provisional
from sync.history import facts_of


def may_undo(cells: Cells, body: Body | None, *, may_lend: bool) -> bool:
    """Tell whether this can be taken back without a place that may be another guest's."""
    match body:
        case Left(admission=None):
            return True  # it gave nothing back
        case Left():
            return not _is_limited(cells, body.zone) or (
                may_lend and _was_online(cells, body) and _is_free(cells, body.zone)
            )
        case Moved():
            return not _is_limited(cells, body.zone_from)
        case Admitted():
            if not body.provisional & Provisional.REENTERED:
                return True
            rows = facts_of(cells, body.serial)
            return not any(_is_limited(cells, row.zone) for row in rows)
        case _:
            return False


def _is_limited(cells: Cells, zone: int) -> bool:
    return lending.capacity_of(cells, allotments.zone_resource(zone)) is not None


def _is_free(cells: Cells, zone: int) -> bool:
    return bool(lending.free(cells, allotments.zone_resource(zone)))


def _was_online(cells: Cells, body: Left) -> bool:
    """Tell whether the admission that an exit closed was made at an online gate."""
    gates = {row.terminal for row in facts_of(cells, body.serial) if row.fact == body.admission}
    places = [catalogue.gate_of(cells, gate) for gate in gates]
    return bool(places) and all(place and place.online is not None for place in places)
