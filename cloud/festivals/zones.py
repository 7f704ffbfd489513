"""Zones: parts of the site with a number of guests each."""

from typing import Any, ClassVar, Final

from cloud.festivals.catalogue_models import Zone, ZonePut
from cloud.festivals.rows import Row
from cloud.festivals.sight import Sight, stated_gates, stated_types
from cloud.festivals.sorts import Sort, numbered, unless_so
from sync import allotments, catalogue, history
from sync.allotments import Resource
from sync.limits import U16_MAX


class Zones(Sort[ZonePut, Zone]):
    """Parts of the site with a number of guests each."""

    kind: ClassVar = "zone"
    path: ClassVar = "zones"
    word: ClassVar = "zone"
    number_max: ClassVar = U16_MAX
    taken = ZonePut
    given = Zone

    def numbers(self, sight: Sight) -> set[int]:
        """Return the zones that terminals know."""
        return {zone.zone for zone in catalogue.zones(sight.cells)}

    def show(self, sight: Sight, number: int) -> Zone:
        """Return a zone as terminals know it, with its description."""
        zone = catalogue.zone(sight.cells, number)
        if zone is None:
            message = f"zone {number} was never stated"
            raise LookupError(message)
        words = sight.words(self.kind, number)
        text = words.get("description", "")
        return Zone(number=number, name=zone.name, capacity=zone.capacity, description=text)

    def rows(self, sight: Sight, number: int, body: ZonePut) -> list[Row]:
        """State name and capacity."""
        row = {"kind": "zone", "zone": number, "name": body.name, "capacity": body.capacity}
        return unless_so(catalogue.zone(sight.cells, number), "zone", row)

    def words(self, sight: Sight, body: ZonePut) -> dict[str, Any]:
        """Keep the description."""
        del sight
        return {"description": body.description}

    def needed_by(self, sight: Sight, number: int) -> str:
        """Name the guests, gates and ticket types that it is there for."""
        cells = sight.cells
        inside = history.inside_count(cells, number)
        if inside:
            return f"{inside} guests are inside"
        gates = [gate.name for gate in stated_gates(cells) if gate.zone == number]
        if gates:
            return f"{numbered('gate', gates)} lets into it"
        places = [
            one.words["name"]
            for one in sight.details.every("gate").values()
            if not one.is_deleted and one.words["zone"] == number
        ]
        if places:
            return f"{numbered('gate', places)} lets into it"
        types = [
            one.name
            for one in stated_types(cells)
            if number in one.zones and not sight.is_deleted("type", one.type)
        ]
        return f"{numbered('ticket type', types)} opens it" if types else ""

    def resource(self, number: int) -> Resource:
        """Places in the zone are lent to gates."""
        return allotments.zone_resource(number)


ZONES: Final = Zones()
