"""How much of a zone each gate may admit by itself: parts are lent and topped up as they are used.

Σ lent never exceeds the capacity, so no gate, cut off or not, can let in more than there is room
for. With n gates a part is the capacity divided by n + 1, so that one part stays in hand for the
gate that needs more, or for one that is added; a gate is topped up when less than half a part is
left to it.
"""

from sync import allotments, catalogue
from sync.catalogue import is_revoked
from sync.cells import Cells
from sync.facts import Allotted, ZoneSet


def lend(cells: Cells) -> list[Allotted]:
    """Return what should be lent now; the facts are the caller's to state, all of them."""
    return [fact for zone in catalogue.zones(cells) for fact in _lend_zone(cells, zone)]


def _lend_zone(cells: Cells, zone: ZoneSet) -> list[Allotted]:
    if zone.capacity is None:
        return []
    gates = [
        gate.terminal
        for gate in catalogue.gates(cells)
        if gate.zone == zone.zone and not is_revoked(cells, gate.terminal)
    ]
    resource = allotments.zone_resource(zone.zone)
    free = zone.capacity - allotments.lent(cells, resource)
    part = max(1, zone.capacity // (len(gates) + 1))
    facts: list[Allotted] = []
    for gate in sorted(gates, key=lambda gate: allotments.held(cells, resource, gate)):
        held = allotments.held(cells, resource, gate)
        if 2 * held < part and free > 0:
            amount = min(part - held, free)
            free -= amount
            facts.append(Allotted(resource, gate, amount))
    return facts
