"""What a gate may take back, so that no place is used that somebody else has by now.

Theory. Taking back an admission frees a place. Taking back what let a guest out of a zone (an exit,
a move, an admission that counted out an earlier one) takes a place again: that of the gate which
let the guest in. Only that gate knows whether it has given the place to the next guest, so where a
zone has a capacity nobody else takes such a fact back, and it does so only while it still holds a
place. Online gates use what is free at the lender, so any of them may take back what another gave.

It is judged by what the taken fact itself knew, and other corrections: two who take back at the
same time, each sure that the other's fact still holds, could otherwise open one place twice.
"""

from collections.abc import Sequence

from sync import catalogue, lending
from sync.causes import Causes
from sync.cells import Cells
from sync.clock import Moment
from sync.facts import Provisional, Undone
from sync.history import facts_of, standing
from sync.history_effects import ADMITTED, LEFT, MOVED, NOT_ENTERED, UNDONE, Reading, Seen
from sync.names import FactId

_CORRECTIONS = frozenset({UNDONE, NOT_ENTERED})


def undo(
    cells: Cells,
    serial: int,
    target: FactId,
    terminal: bytes,
    moment: Moment,
    *,
    is_online: bool = False,
    may_lend: bool = False,
) -> Undone | None:
    """Return the fact that takes back one of this gate's own, None if it cannot be.

    The policy says for how long; a fact that was taken back already cannot be again, and one that
    gave a place back only while that place is certainly there. `is_online` and `may_lend` are as in
    a `Question`.
    """
    limits = catalogue.policy(cells)
    rows = facts_of(cells, serial)
    gone = {row.names for row in rows if row.kind == UNDONE}
    for row in rows:
        age_ms = moment.now_ms - row.stamp_ms
        is_own = row.fact == target and row.terminal == terminal and row.kind not in _CORRECTIONS
        if not is_own or target in gone or age_ms > 1000 * limits.undo_seconds:
            continue
        if _has_places(cells, rows, row, is_online=is_online, may_lend=may_lend):
            return Undone(serial, target, standing(cells, serial).heads)
    return None


def _has_places(
    cells: Cells, rows: Sequence[Seen], target: Seen, *, is_online: bool, may_lend: bool
) -> bool:
    """Tell whether there is a place for whoever is inside again once this is taken back."""
    again = _inside_again(rows, target)
    for zone in {zone for zone, _, _ in again}:
        room = lending.room(cells, zone, target.terminal, is_online=is_online, may_lend=may_lend)
        if room is None:
            continue
        here = [(gate, guests) for where, gate, guests in again if where == zone]
        is_ours = all(
            _shares(cells, gate, target.terminal, is_online=is_online) for gate, _ in here
        )
        if not is_ours or room < sum(guests for _, guests in here):
            return False
    return True


def _shares(cells: Cells, gate: bytes | None, own: bytes, *, is_online: bool) -> bool:
    """Tell whether a gate's places are also this one's."""
    if gate is None or not is_online:
        return gate == own
    place = catalogue.gate_of(cells, gate)
    return place is not None and place.online is not None


def _inside_again(rows: Sequence[Seen], target: Seen) -> list[tuple[int, bytes | None, int]]:
    """Return who may be inside again: zone, gate of the place (None: not known), how many."""
    if target.kind == LEFT:
        if target.names is None:
            return []  # it gave nothing back
        gates = [row.terminal for row in rows if row.fact == target.names]
        return [(target.zone, gates[0] if gates else None, 1)]
    counts_out = target.kind == ADMITTED and target.provisional & Provisional.REENTERED
    if target.kind != MOVED and not counts_out:
        return []
    causes = Causes({row.fact: row.after for row in rows})
    past = [row for row in rows if row.kind in _CORRECTIONS or causes.knew(target.fact, row.fact)]
    open_ = [(row.zone, row.terminal, count) for row, count in Reading(past).inside]
    return [one for one in open_ if counts_out or one[0] == target.zone_from]
