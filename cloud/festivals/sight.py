"""What judgements about a festival's catalogue see: the folded facts, and what only we keep."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cloud.office import Office
from cloud.store.details import Detail, DetailsBook
from cloud.store.look import Look
from cloud.store.sql import Connection
from sync import catalogue
from sync.body import Body
from sync.cells import CellKind, Cells
from sync.facts import GateSet, TypeSet
from sync.names import Area

FESTIVAL = "festival"
TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class Sight:
    """One state of a festival, inside a transaction or committed."""

    cells: Cells
    connection: Connection
    festival: int

    @property
    def details(self) -> DetailsBook:
        """What the office alone keeps."""
        return DetailsBook(self.connection, self.festival)

    def words(self, kind: str, number: int) -> Mapping[str, Any]:
        """Return what the office alone keeps of a numbered thing; nothing if there is nothing."""
        found = self.details.one(kind, str(number))
        return {} if found is None else found.words

    def is_deleted(self, kind: str, number: int) -> bool:
        """Tell whether a numbered thing was deleted and not restored."""
        found = self.details.one(kind, str(number))
        return found is not None and found.is_deleted

    def of_festival(self) -> Mapping[str, Any]:
        """Return what the office alone keeps of the festival itself."""
        return self.words(FESTIVAL, self.festival)

    def gate_of(self, terminal: bytes) -> int | None:
        """Return the number of the gate at which a terminal was placed, None if at none."""
        found = self.details.one(TERMINAL, terminal.hex())
        number = None if found is None else found.words.get("gate")
        return None if number is None else int(number)

    def terminals_at(self, gate: int) -> list[bytes]:
        """Return the terminals that stand at a gate: placed there, enrolled and not revoked."""
        every: dict[str, Detail] = self.details.every(TERMINAL)
        ids = [bytes.fromhex(name) for name, one in every.items() if one.words.get("gate") == gate]
        return sorted(
            one
            for one in ids
            if catalogue.gate_of(self.cells, one) is not None
            and not catalogue.is_revoked(self.cells, one)
        )


def sight_of(office: Office) -> Sight:
    """Return what is seen inside a transaction of the office."""
    return Sight(office.cells, office.store.connection, office.folder.festival)


def sight_in(seen: Look) -> Sight:
    """Return what is seen in one committed state."""
    return Sight(seen.cells, seen.connection, seen.festival)


def at_its_gate(sight: Sight, body: Body) -> Body:
    """Return a fact that places a terminal as the gate says at which it is to stand.

    It is left as it is for a terminal that stands at no gate, or at one that was deleted.
    """
    number = sight.gate_of(body.terminal) if isinstance(body, GateSet) else None
    if not isinstance(body, GateSet) or number is None or sight.is_deleted("gate", number):
        return body
    words = sight.words("gate", number)
    return replace(body, zone=words["zone"], types=tuple(words["types"]))


def stated_gates(cells: Cells) -> list[GateSet]:
    """Return every place that lets guests in: of boxes that are not revoked, and online gates."""
    boxes = [one for one in catalogue.gates(cells) if not catalogue.is_revoked(cells, one.terminal)]
    return boxes + catalogue.gates(cells, online=True)


def stated_types(cells: Cells) -> list[TypeSet]:
    """Return every ticket type that was stated, also deleted ones, in the order of numbers."""
    keys = [key.key for key, _ in cells.items(Area.OFFICE, CellKind.TICKET_TYPE)]
    found = (catalogue.ticket_type(cells, int.from_bytes(key, "big")) for key in keys)
    return [one for one in found if one is not None]
