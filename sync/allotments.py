"""Quotas that cannot be exceeded: parts lent to terminals, spent only by those who hold them.

For each resource and terminal one cell counts what was allotted, passed in, given back or passed
on, written off, and used. What a terminal holds is the difference. A terminal spends only what it
holds, so all together never spend more than was lent, cut off or not. A box from an older image can
spend again what its image held: that is found as `allotment_spent_twice`, the stated exception.
"""

from dataclasses import dataclass
from typing import Final

from sync.authority import AREA_OF_WRITER
from sync.cells import CellKey, CellKind, Cells
from sync.conflicts import Conflict, ConflictKind, add_evidence, declare, settle
from sync.facts import (
    AllotmentPassed,
    AllotmentReturned,
    AllotmentWrittenOff,
    Allotted,
    ResourceKind,
)
from sync.journal import Record
from sync.names import Area, Role

_LENT: Final = 0
_PASSED_IN: Final = 1
_GIVEN: Final = 2
_WRITTEN_OFF: Final = 3
_USED: Final = 4
_NOTHING: Final = (0, 0, 0, 0, 0)
_ZONE: Final = int(ResourceKind.ZONE)
_ACCESS: Final = Area.ACCESS
_MONEY: Final = Area.MONEY
_SLOTS: Final = CellKind.SLOTS
_KIND_BYTE: Final = [bytes([kind]) for kind in range(256)]

Resource = tuple[int, int]

COUNTER: Final = b"office's counter"
"""Who holds what the office itself has handed out: a name of 16 bytes that no terminal draws.

Each office process is a writer of its own, so what one of them reserved could be given back by no
other if it were counted as theirs.
"""


@dataclass(frozen=True, slots=True)
class Holding:
    """What one terminal was given of a resource and what became of it, in units or minor units."""

    allotted: int
    passed_in: int
    given: int
    written_off: int
    used: int

    @property
    def held(self) -> int:
        """What may still be spent; below zero if something was spent twice."""
        return self.allotted + self.passed_in - self.given - self.written_off - self.used


def fold(cells: Cells, record: Record, role: Role) -> None:
    """Count a fact about allotments; other facts are left alone.

    A gate's word about what is counted in the money area would never reach a bar, nor a bar's about
    places a gate, so it counts nowhere and is a finding.
    """
    body = record.body
    if isinstance(body, AllotmentReturned | AllotmentPassed):
        own = AREA_OF_WRITER[role]
        if own is not Area.OFFICE and own is not area_of(body.resource):
            kind = ConflictKind.UNAUTHORISED_FACT
            add_evidence(cells, own, kind, record.terminal.hex(), record.id)
            return
    match body:
        case Allotted():
            _add(cells, body.resource, body.terminal, _LENT, body.amount)
        case AllotmentWrittenOff():
            _add(cells, body.resource, body.terminal, _WRITTEN_OFF, body.amount)
        case AllotmentReturned():
            _add(cells, body.resource, record.terminal, _GIVEN, body.amount)
        case AllotmentPassed():
            _add(cells, body.resource, record.terminal, _GIVEN, body.amount)
            _add(cells, body.resource, body.terminal, _PASSED_IN, body.amount)
        case _:
            pass


def zone_resource(zone: int) -> Resource:
    """Return the resource that counts places in a zone."""
    return (int(ResourceKind.ZONE), zone)


def wallet_resource(wallet: int) -> Resource:
    """Return the resource that counts what the authority lent of a wallet, in minor units."""
    return (int(ResourceKind.WALLET), wallet)


def area_of(resource: Resource) -> Area:
    """Return the area in which a resource is counted: places by gates, what is sold by tills."""
    return _ACCESS if resource[0] == _ZONE else _MONEY


def use(cells: Cells, resource: Resource, terminal: bytes, change: int) -> None:
    """Move what a terminal has used of a resource; called by the fold that knows the use.

    Every sale comes by here for each of its products, and of most nothing was ever lent: then
    nothing can be spent twice, and only the count moves.
    """
    key = _key(resource, terminal)
    allotted, passed_in, given, written_off, used = cells.get(key) or _NOTHING
    if allotted or passed_in or given or written_off or used + change == 0:
        _add(cells, resource, terminal, _USED, change)
    else:
        cells.set(key, (0, 0, 0, 0, used + change))


def holding(cells: Cells, resource: Resource, terminal: bytes) -> Holding:
    """Return what a terminal was given of a resource and what became of it."""
    return Holding(*(cells.get(_key(resource, terminal)) or _NOTHING))


def held(cells: Cells, resource: Resource, terminal: bytes) -> int:
    """Return how much of a resource a terminal may still spend."""
    return holding(cells, resource, terminal).held


def holdings(cells: Cells, resource: Resource) -> dict[bytes, Holding]:
    """Return every terminal's part of a resource."""
    start = _key(resource, b"").key
    return {
        key.key[len(start) :]: Holding(*value)
        for key, value in cells.items(area_of(resource), CellKind.SLOTS, start)
    }


def unspent(cells: Cells, resource: Resource) -> int:
    """Return what terminals hold of a resource and may still spend, all together.

    What one spent twice is no room for others: each terminal's part counts from nothing up.
    """
    return sum(max(0, part.held) for part in holdings(cells, resource).values())


def _key(resource: Resource, terminal: bytes) -> CellKey:
    kind, number = resource
    name = _KIND_BYTE[kind] + number.to_bytes(8, "big") + terminal
    return CellKey(_ACCESS if kind == _ZONE else _MONEY, _SLOTS, name)


def _add(cells: Cells, resource: Resource, terminal: bytes, place: int, change: int) -> None:
    """Move one count, and see whether more was spent than there was to spend."""
    key = _key(resource, terminal)
    before = cells.get(key) or _NOTHING
    after = (*before[:place], before[place] + change, *before[place + 1 :])
    cells.set(key, after if any(after) else None)
    was_over, is_over = _overspent(before), _overspent(after)
    if not was_over and not is_over:
        return
    subject = f"{ResourceKind(resource[0]).name.lower()} {resource[1]} at {terminal.hex()}"
    area, kind = area_of(resource), ConflictKind.ALLOTMENT_SPENT_TWICE
    if is_over:
        declare(cells, Conflict(area, kind, subject, (), (is_over,)))
    else:
        settle(cells, area, kind, subject)


def _overspent(counts: tuple[int, ...]) -> int:
    """Return by how much more was spent than was lent; 0 where nothing was ever lent."""
    allotted, passed_in, given, written_off, used = counts
    came = allotted + passed_in
    return max(0, given + written_off + used - came) if came > 0 else 0
