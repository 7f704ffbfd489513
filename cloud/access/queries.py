"""What gates did, who is inside, and how quotas stand, read from the folded state."""

from typing import Any, Final

from cloud.terminals.queries import terminal_name
from sync import allotments, catalogue, history, lending
from sync.allotments import Resource
from sync.catalogue import is_revoked
from sync.cells import Cells
from sync.facts import ResourceKind

_WORDS: Final = {
    int(ResourceKind.ZONE): "zone",
    int(ResourceKind.TICKET_TYPE): "ticket_type",
    int(ResourceKind.VOUCHER): "voucher",
    int(ResourceKind.STOCK): "product",
}


def zones(cells: Cells) -> list[dict[str, Any]]:
    """Return each zone that was stated or holds guests: number, name, inside, capacity, lent.

    `lent` is how many places gates hold or have filled, online gates too; None where there is no
    capacity.
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
                "lent": None if capacity is None else lending.committed(cells, resource),
            }
        )
    return rows


def quotas(cells: Cells, away: set[bytes]) -> list[dict[str, Any]]:
    """Return how each zone and quota with a capacity stands, in places or units.

    `resource` is zone, ticket_type, voucher or product; `lent` is what terminals hold or have used,
    `locked` what those that are away (silent for long, or revoked) hold and nobody else can use.
    """
    rows = []
    for resource in lending.limited(cells):
        quota = lending.read(cells, resource)
        if quota is not None:
            rows.append(
                {
                    "resource": _WORDS[resource[0]],
                    "number": resource[1],
                    "name": _resource_name(cells, resource),
                    "capacity": quota.capacity,
                    "used": quota.used,
                    "lent": quota.committed,
                    "locked": sum(max(0, quota.held(one)) for one in away if quota.counts(one)),
                    "part": quota.part,
                }
            )
    return rows


def _resource_name(cells: Cells, resource: Resource) -> str:
    """Return what people call what a quota counts."""
    kind, number = resource
    known: Any = {
        int(ResourceKind.ZONE): catalogue.zone,
        int(ResourceKind.TICKET_TYPE): catalogue.ticket_type,
        int(ResourceKind.VOUCHER): catalogue.voucher,
        int(ResourceKind.STOCK): catalogue.product,
    }[kind](cells, number)
    return str(number) if known is None else str(known.name)


def gates(cells: Cells) -> list[dict[str, Any]]:
    """Return each gate: terminal, name, zone, admitted, left, refused by reason, places held.

    An online gate holds none: `places` is None, as where there is no capacity.
    """
    counts = history.gate_counts(cells)
    known = [*catalogue.gates(cells), *catalogue.gates(cells, online=True)]
    places = {gate.terminal: gate for gate in known}
    rows = []
    for terminal in sorted(counts.keys() | places.keys()):
        count = counts.get(terminal, history.GateCount(0, 0, {}))
        place = places.get(terminal)
        zone = None if place is None else catalogue.zone(cells, place.zone)
        is_counted = zone is not None and zone.capacity is not None
        held = None
        if zone is not None and is_counted and place is not None and place.online is None:
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
