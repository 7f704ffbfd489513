"""What gates did and who is inside, read from the folded state."""

from typing import Any

from cloud.terminals.queries import terminal_name
from sync import allotments, catalogue, history
from sync.catalogue import is_revoked
from sync.cells import Cells


def zones(cells: Cells) -> list[dict[str, Any]]:
    """Return each zone that was stated or holds guests: number, name, inside, capacity, lent.

    `lent` is how many places gates hold or have filled; None where there is no capacity.
    """
    inside = history.inside_counts(cells)
    rows = []
    for number in sorted({zone.zone for zone in catalogue.zones(cells)} | set(inside)):
        zone = catalogue.zone(cells, number)
        capacity = None if zone is None else zone.capacity
        resource = allotments.zone_resource(number)
        rows.append(
            {
                "zone": number,
                "name": f"Zone {number}" if zone is None else zone.name,
                "inside": inside.get(number, 0),
                "capacity": capacity,
                "lent": None if capacity is None else allotments.lent(cells, resource),
            }
        )
    return rows


def gates(cells: Cells) -> list[dict[str, Any]]:
    """Return each gate: terminal, name, zone, admitted, left, refused by reason, places held."""
    counts = history.gate_counts(cells)
    places = {gate.terminal: gate for gate in catalogue.gates(cells)}
    rows = []
    for terminal in sorted(counts.keys() | places.keys()):
        count = counts.get(terminal, history.GateCount(0, 0, {}))
        place = places.get(terminal)
        zone = None if place is None else catalogue.zone(cells, place.zone)
        is_counted = zone is not None and zone.capacity is not None
        held = None
        if zone is not None and is_counted:
            held = allotments.held(cells, allotments.zone_resource(zone.zone), terminal)
        rows.append(
            {
                "terminal": terminal.hex(),
                "name": terminal_name(cells, terminal),
                "zone": None if place is None else place.zone,
                "admitted": count.admitted,
                "left": count.left,
                "refused": count.refused,
                "places": held,
                "revoked": is_revoked(cells, terminal),
            }
        )
    return sorted(rows, key=lambda row: (row["name"], row["terminal"]))
