"""Gates without an office pass places on to each other over the LAN."""

from pathlib import Path

from edge.neighbours.lan import Lan
from edge.part_asking import PART_PATH, PartAsking
from edge.parts import Parts
from edge.parts_chore import PartsChore
from edge.uplink import Uplink
from sync import allotments
from sync.body import Body
from sync.facts import Allotted, GateSet, ZoneSet
from tests.edge.neighbours.sites import SiteGate, eventually

ZONE = allotments.zone_resource(1)
ALONE = Lan(finds=False, listed=(), listen=("127.0.0.1", 0))
PLACES = 12


def words() -> list[Body]:
    north, south = bytes([10]) * 16, bytes([11]) * 16
    return [
        ZoneSet(1, 1, "Field", PLACES),
        GateSet(north, 1, "North", 1, ()),
        GateSet(south, 1, "South", 1, ()),
        Allotted(ZONE, north, 2),
        Allotted(ZONE, south, 10),
    ]


class PartGate(SiteGate):
    """A gate that cares for its parts and answers who asks for some."""

    def __init__(self, folder: Path, number: int) -> None:
        super().__init__(folder, number, ALONE, *words())
        self.parts = Parts(self.terminal)
        self.neighbours.stop()
        self.neighbours = type(self.neighbours)(self.terminal, ALONE)
        self.neighbours.talk.answers[PART_PATH] = self.parts.answer
        self.neighbours.start()
        self.asking = PartAsking(self.terminal, Uplink(self.terminal), self.neighbours)
        chore_is_possible = lambda: self.asking.is_possible  # noqa: E731 - read anew each time
        self.chore = PartsChore(self.terminal, self.parts, self.asking.ask, chore_is_possible)

    def held(self) -> int:
        return self.terminal.lane.run(lambda: self.parts.held(ZONE))

    def close(self) -> None:
        self.asking.close()
        super().close()


def test_a_gate_whose_places_are_gone_gets_some_of_its_neighbours_and_none_twice(
    tmp_path: Path,
) -> None:
    north, south = PartGate(tmp_path / "north", 10), PartGate(tmp_path / "south", 11)
    try:
        north.meets(south)
        eventually(lambda: north.figures["neighbours"] == 1, "they met")
        eventually(lambda: south.figures["neighbours"] == 1, "both ways")
        assert [north.scan(serial) for serial in range(3)] == ["admit", "admit", "capacity_full"]
        before = south.held()
        north.chore.round()
        assert north.held() > 0
        assert north.held() + south.held() == before
        assert north.scan(3) == "admit"
    finally:
        north.close()
        south.close()


def test_a_gate_without_office_and_neighbours_asks_nobody(tmp_path: Path) -> None:
    north = PartGate(tmp_path / "north", 10)
    try:
        assert [north.scan(serial) for serial in range(3)][-1] == "capacity_full"
        assert not north.asking.is_possible
        north.chore.round()
        assert north.held() == 0
    finally:
        north.close()
