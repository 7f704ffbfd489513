"""How a quota is lent in parts, so that it is never exceeded and hardly any of it is out of reach.

Theory. Who lends (the office, or a hub) never has more out than the capacity, and a terminal spends
only what it holds; so all together never spend too much, cut off or not. What a terminal that is
cut off still holds is out of reach for everybody else, so a part is small, and it shrinks with what
is left: with n terminals it is what is left divided by 4 n, with one it is half. A terminal is
topped up when less than half a part is left to it, and gives back what is over when it holds more
than two. When less is left than there are terminals a part is nothing: what idle terminals hold
comes back, and who needs a unit asks for it.

All of it follows from the cells, so every box knows the present part, and what is over or missing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sync import allotments, catalogue, ledger
from sync.accounts import shift_key
from sync.allotments import COUNTER, Holding, Resource
from sync.catalogue import is_revoked
from sync.cells import CellKind, Cells
from sync.facts import (
    Admitted,
    AllotmentPassed,
    AllotmentReturned,
    AllotmentWrittenOff,
    Allotted,
    BarSet,
    Body,
    GateSet,
    Left,
    Moved,
    NotEntered,
    ProductSet,
    Provisional,
    QuotaSet,
    ResourceKind,
    ShiftClosed,
    ShiftOpened,
    Sold,
    TerminalRevoked,
    Undone,
    Voided,
    VoucherSet,
    ZoneSet,
)
from sync.names import Area
from sync.quarantine import is_quarantined
from sync.sale_effects import MEASURES, Line

SPREAD: Final = 4
SPREAD_ALONE: Final = 2
_NONE: Final = Holding(0, 0, 0, 0, 0)
_STOCK: Final = int(ResourceKind.STOCK)
_SHIFT_BYTES: Final = 4
_MOVES_ALL: Final = (
    GateSet, BarSet, ZoneSet, QuotaSet, ProductSet, VoucherSet, ShiftOpened, ShiftClosed,
    TerminalRevoked,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Quota:
    """One quota as it stands: its capacity, who can use it now, and what became of every part.

    `committed` is what is out of the lender's hands for good or for now, in units like all of it.
    Who is `given_up` was revoked and written off: what it holds takes up nothing.
    """

    capacity: int
    holders: tuple[bytes, ...]
    parts: dict[bytes, Holding]
    committed: int
    given_up: frozenset[bytes] = frozenset()

    @property
    def used(self) -> int:
        """What was used by all terminals, as far as was heard here, and handed out by the office.

        What the counter holds is reserved or sold: no terminal will ever be lent of it.
        """
        return sum(part.used for part in self.parts.values()) + self.at_counter

    @property
    def at_counter(self) -> int:
        """What the office itself handed out and did not get back: reserved, sold, given away."""
        return max(0, self.held(COUNTER))

    @property
    def free(self) -> int:
        """What may still be lent."""
        return max(0, self.capacity - self.committed)

    @property
    def part(self) -> int:
        """What a terminal should hold just now."""
        left, count = self.capacity - self.used, len(self.holders)
        if count == 0 or left < count:
            return 0
        return max(1, left // (SPREAD * count if count > 1 else SPREAD_ALONE))

    def held(self, terminal: bytes) -> int:
        """What a terminal may still spend; below zero if it sold before the quota was stated."""
        return self.parts.get(terminal, _NONE).held

    def counts(self, terminal: bytes) -> bool:
        """Tell whether what a terminal holds takes up the capacity: not if it was given up."""
        return terminal not in self.given_up

    def missing(self, terminal: bytes) -> int:
        """What brings a terminal up to a part, if less than half of one is left to it."""
        held, part = self.held(terminal), self.part
        if terminal not in self.holders or 2 * held >= part:
            return 0
        return part - held

    def surplus(self, terminal: bytes) -> int:
        """What a terminal should give back: beyond two parts, or all if it cannot use it now."""
        held, part = max(0, self.held(terminal)), self.part
        if terminal not in self.holders:
            return held
        return held - part if held > 2 * part else 0

    def grant(self, terminal: bytes, wanted: int) -> int:
        """What can be lent to a terminal that wants so much: at most all that is free.

        What it sold before the quota was stated is made good first: that is committed already.
        """
        owed = max(0, -self.held(terminal))
        return min(wanted, self.free + owed) if self.free else 0


def read(cells: Cells, resource: Resource) -> Quota | None:
    """Return how a quota stands, None where there is no limit."""
    capacity = capacity_of(cells, resource)
    if capacity is None:
        return None
    parts = allotments.holdings(cells, resource)
    given_up = _given_up(cells, parts)
    taken = _all_committed(parts, given_up)
    return Quota(capacity, holders(cells, resource), parts, taken, given_up)


def free(cells: Cells, resource: Resource) -> int | None:
    """Return what may still be lent or handed out, None where there is no limit.

    The same as `read(...).free`, without asking who could use it: that walks over every till.
    """
    capacity = capacity_of(cells, resource)
    return None if capacity is None else max(0, capacity - committed(cells, resource))


def committed(cells: Cells, resource: Resource) -> int:
    """Return how much is out of the lender's hands: lent and not come back, or used beyond that."""
    parts = allotments.holdings(cells, resource)
    return _all_committed(parts, _given_up(cells, parts))


def room(cells: Cells, zone: int, gate: bytes, *, is_online: bool, may_lend: bool) -> int | None:
    """Return how many more a gate may let into a zone, None without limit.

    A gate that was copied may let nobody in on what it was lent: its copy was lent the same. An
    online gate is lent nothing: whom it lets in is counted at once by the lender itself, if that
    `may_lend`.
    """
    resource = allotments.zone_resource(zone)
    if capacity_of(cells, resource) is None:
        return None
    if is_online:
        return free(cells, resource) if may_lend else 0
    if is_quarantined(cells, gate):
        return 0
    return max(0, allotments.held(cells, resource, gate))


def capacity_of(cells: Cells, resource: Resource) -> int | None:
    """Return how many units there are of a resource in all, None without limit."""
    kind, number = resource
    if kind == ResourceKind.ZONE:
        zone = catalogue.zone(cells, number)
        return None if zone is None else zone.capacity
    if kind == ResourceKind.WALLET:
        return None
    quota = catalogue.quota(cells, kind, number)
    return None if quota is None else quota.capacity


def limited(cells: Cells, area: Area | None = None) -> list[Resource]:
    """Return every resource that has a capacity, or those that are counted in an area."""
    zones = [one for one in catalogue.zones(cells) if one.capacity is not None]
    quotas = [one for one in catalogue.quotas(cells) if one.capacity is not None]
    found = [allotments.zone_resource(zone.zone) for zone in zones]
    found += [(quota.kind, quota.number) for quota in quotas]
    return [one for one in found if area is None or allotments.area_of(one) is area]


def holders(cells: Cells, resource: Resource) -> tuple[bytes, ...]:
    """Return the terminals that can use a resource now: the gates of a zone, the tills that sell.

    A till whose last shift was closed is not at work and needs no part; one that never opened a
    shift works without any. Who was revoked or copied can use nothing.
    """
    kind, number = resource
    if kind == ResourceKind.ZONE:
        places = [gate.terminal for gate in catalogue.gates(cells) if gate.zone == number]
    else:
        bars = _bars_of(cells, kind, number)
        places = [
            bar.terminal
            for bar in (catalogue.bars(cells) if bars else ())
            if (None in bars or bar.bar in bars) and not is_off_duty(cells, bar.terminal)
        ]
    return tuple(sorted(one for one in places if _is_believed(cells, one)))


def _is_believed(cells: Cells, terminal: bytes) -> bool:
    """Tell whether a terminal may be lent anything: what a copied one is lent it has twice."""
    return not is_revoked(cells, terminal) and not is_quarantined(cells, terminal)


def is_off_duty(cells: Cells, till: bytes) -> bool:
    """Tell whether a till has closed every shift that it opened."""
    start = shift_key(till, 0).key[:-_SHIFT_BYTES]
    shifts = [value for _, value in cells.items(Area.MONEY, CellKind.SHIFT, start)]
    return bool(shifts) and all(opened <= closed for opened, closed in shifts)


def lend(cells: Cells, resources: Iterable[Resource] | None = None) -> list[Allotted]:
    """Return what should be lent now; the facts are the caller's to state, all of them.

    Only these resources are looked at, or every one that has a capacity.
    """
    wanted = limited(cells) if resources is None else sorted(set(resources))
    return [fact for resource in wanted for fact in _lend_one(cells, resource)]


def touched(cells: Cells, bodies: Iterable[Body]) -> set[Resource] | None:
    """Return the resources whose parts these facts may have moved once they are folded.

    None means that any may have, as when a gate is placed or a shift is opened.
    """
    found: set[Resource] = set()
    for body in bodies:
        match body:
            case Admitted(gate=gate) if gate is not None and not _empties(body):
                pass  # it took from what is free, so nobody holds less than a part now
            case Admitted() | Left() | Moved() | Undone() | NotEntered():
                zones = catalogue.zones(cells)
                found.update(allotments.zone_resource(zone.zone) for zone in zones)
            case Sold():
                found |= _counted_by(body.lines, body.quotas)
            case Voided():
                for basket in ledger.sale(cells, body.sale).baskets:
                    found |= _counted_by(basket.lines, basket.quotas)
            case AllotmentReturned() | AllotmentPassed() | AllotmentWrittenOff():
                found.add(body.resource)
            case _ if isinstance(body, _MOVES_ALL):
                return None
            case _:
                pass
    return found


def _empties(body: Admitted) -> bool:
    """Tell whether an admission also gives back places that were taken before."""
    return bool(body.provisional & Provisional.REENTERED)


def _counted_by(
    lines: Iterable[Line], quotas: Iterable[tuple[int, int, int]] | None
) -> set[Resource]:
    products = {(_STOCK, line[0]) for line in lines if line[4] in MEASURES}
    return products | {(kind, number) for kind, number, _ in quotas or ()}


def _lend_one(cells: Cells, resource: Resource) -> list[Allotted]:
    """Return what a quota's terminals should be lent by themselves, who holds least first.

    A terminal that was written off is thought dead: it is lent something only if it asks.
    """
    quota = read(cells, resource)
    if quota is None:
        return []
    free = quota.free
    facts: list[Allotted] = []
    alive = [one for one in quota.holders if not quota.parts.get(one, _NONE).written_off]
    for terminal in sorted(alive, key=quota.held):
        owed = max(0, -quota.held(terminal))
        amount = min(quota.missing(terminal), free + owed)
        if amount > owed:
            free -= amount - owed
            facts.append(Allotted(resource, terminal, amount))
    return facts


def _given_up(cells: Cells, parts: Mapping[bytes, Holding]) -> frozenset[bytes]:
    """Return who was revoked and written off: what it holds takes up nothing."""
    lost = (one for one, part in parts.items() if part.written_off > 0 and is_revoked(cells, one))
    return frozenset(lost)


def _all_committed(parts: Mapping[bytes, Holding], given_up: frozenset[bytes]) -> int:
    return sum(_committed(part, lost=one in given_up) for one, part in parts.items())


def _committed(part: Holding, *, lost: bool) -> int:
    """Return how much of the capacity a terminal's part takes up.

    Who used more than it was lent (before the quota was stated, or after a write-off) takes up what
    it used. A terminal that was revoked and written off takes up no more than that: a place that
    one of its guests leaves is the lender's again.
    """
    out = part.allotted + part.passed_in - part.given - part.written_off
    return max(0, part.used) if lost else max(0, out, part.used)


def _bars_of(cells: Cells, kind: int, number: int) -> set[int | None]:
    """Return the bars that can use a quota; None among them stands for every bar."""
    if kind == ResourceKind.VOUCHER:
        voucher = catalogue.voucher(cells, number)
        if voucher is None:
            return set()
        if not voucher.products:
            return {None}
        found = [catalogue.product(cells, product) for product in voucher.products]
    elif kind == ResourceKind.TICKET_TYPE:
        found = [one for one in catalogue.products(cells) if one.ticket_type == number]
    else:
        found = [catalogue.product(cells, number)]
    products = [one for one in found if one is not None]
    return {bar for one in products for bar in one.bars or (None,)}
