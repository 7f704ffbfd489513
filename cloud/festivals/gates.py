"""Gates: places at which terminals let guests in, which may be named before a terminal is there.

The kernel knows terminals with a place each. A gate is the office's own word for such a place:
whoever stands at it is told of the place's zone and types, now and whenever it is changed.
"""

from typing import Any, ClassVar, Final

from cloud.festivals.catalogue_models import Gate, GatePut
from cloud.festivals.rows import Row
from cloud.festivals.sight import Sight
from cloud.festivals.sorts import Sort, missing, numbered, unless_so
from cloud.festivals.ticket_types import TICKET_TYPES
from cloud.festivals.zones import ZONES
from cloud.terminals.queries import terminal_name
from sync import catalogue
from sync.limits import U16_MAX


class Gates(Sort[GatePut, Gate]):
    """Places at which terminals let guests in; terminals hear only what they are to take."""

    kind: ClassVar = "gate"
    path: ClassVar = "gates"
    word: ClassVar = "gate"
    number_max: ClassVar = U16_MAX
    taken = GatePut
    given = Gate

    def numbers(self, sight: Sight) -> set[int]:
        """Return nothing: terminals know their own places, not the gates by number."""
        del sight
        return set()

    def show(self, sight: Sight, number: int) -> Gate:
        """Return a gate as it was put."""
        words = sight.words(self.kind, number)
        return Gate(
            number=number,
            name=words["name"],
            zone=words["zone"],
            types=tuple(words["types"]),
            description=words["description"],
        )

    def rows(self, sight: Sight, number: int, body: GatePut) -> list[Row]:
        """State the zone and types anew for each terminal that stands at the gate."""
        return [
            row
            for terminal in sight.terminals_at(number)
            for row in unless_so(
                catalogue.gate_of(sight.cells, terminal),
                "terminal",
                {
                    "kind": "gate",
                    "terminal": terminal.hex(),
                    "zone": body.zone,
                    "types": list(body.types),
                },
            )
        ]

    def words(self, sight: Sight, body: GatePut) -> dict[str, Any]:
        """Keep everything: no terminal may be there yet."""
        del sight
        return body.model_dump(mode="json")

    def faults(self, sight: Sight, body: GatePut) -> list[dict[str, str]]:
        """Find a zone or ticket type that is not there."""
        faults = missing(ZONES, sight, "zone", [body.zone])
        return faults + missing(TICKET_TYPES, sight, "types", body.types)

    def needed_by(self, sight: Sight, number: int) -> str:
        """Name the terminals that stand there."""
        names = [terminal_name(sight.cells, one) for one in sight.terminals_at(number)]
        return f"{numbered('terminal', names)} stands there" if names else ""


GATES: Final = Gates()
