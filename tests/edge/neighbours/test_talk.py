"""Two boxes talk to each other, their bytes carried by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.gate.desk import GateDesk
from edge.neighbours.talk import NeighbourTalk
from edge.terminal import Terminal
from hardware.bench import ManualClock
from sync.admission import Direction
from sync.clock import ClockState
from sync.conversation import BadMessage, Heard
from sync.facts import TypeSet
from sync.names import Role
from tests.edge.boxes import NOW_MS, code_of, make_folder, office_says

ONCE = TypeSet(
    type=1, version=1, name="Day", allow_reentry=False, usage_limit=1, daily_limit=0,
    cooldown_minutes=0, exit_required=True, zones=(), window=(), group_max=1,
)  # fmt: skip


class Neighbour:
    """A gate with its desk and what it says to others."""

    def __init__(self, folder: Path, number: int) -> None:
        if not folder.exists():
            make_folder(folder, "gate", number)
        self.clock = ManualClock(NOW_MS)
        self.terminal = Terminal(folder, Role.GATE, clock=self.clock, synchronised=True)
        self.name = self.terminal.manifest.terminal_id
        self.talk = NeighbourTalk(self.terminal)
        self.desk = GateDesk(self.terminal)
        self.is_closed = False

    def scan(self, serial: int) -> str:
        answer = self.desk.scans.scan(code_of(serial), Direction.IN)
        return str(answer["reason"] or answer["verdict"])


def tell(source: Neighbour, target: Neighbour) -> None:
    """Carry the newest fact to a neighbour, and its answer back."""
    (record,) = list(source.desk.scans.ground.newest(1))
    answer = target.talk.answer(source.name, source.talk.tell(target.name, [record]))
    assert isinstance(answer, bytes)
    assert isinstance(source.talk.hear(target.name, answer, 0, 0), Heard)


def exchange(source: Neighbour, target: Neighbour, rounds: int = 1) -> None:
    for _ in range(rounds):
        answer = target.talk.answer(source.name, source.talk.say(target.name))
        assert isinstance(answer, bytes)
        assert isinstance(source.talk.hear(target.name, answer, 0, 0), Heard)


@pytest.fixture
def gates(tmp_path: Path) -> Iterator[tuple[Neighbour, Neighbour]]:
    pair = Neighbour(tmp_path / "north", 10), Neighbour(tmp_path / "south", 11)
    for one in pair:
        office_says(one.terminal, ONCE)
    yield pair
    for one in pair:
        if not one.is_closed:
            one.terminal.close()


def test_a_second_gate_refuses_what_it_was_told_at_once(
    gates: tuple[Neighbour, Neighbour],
) -> None:
    north, south = gates
    assert north.scan(1) == "admit"
    assert north.terminal.only_here() > 0
    tell(north, south)
    assert south.scan(1) == "already_inside"
    assert south.scan(2) == "admit"


def test_what_a_neighbour_holds_is_not_only_here(gates: tuple[Neighbour, Neighbour]) -> None:
    north, south = gates
    assert north.scan(1) == "admit"
    assert north.terminal.only_here() == 2  # the opening of its run is one too
    tell(north, south)
    assert north.terminal.only_here() == 0
    assert north.scan(2) == "admit"
    assert north.terminal.only_here() == 1


def test_the_opening_of_a_run_goes_along_until_it_is_known_there(
    gates: tuple[Neighbour, Neighbour],
) -> None:
    north, south = gates
    assert north.scan(1) == "admit"
    (first,) = list(north.desk.scans.ground.newest(1))
    assert north.terminal.opening is not None
    assert north.terminal.opening.raw in north.talk.tell(south.name, [first])
    tell(north, south)
    assert north.terminal.opening.raw not in north.talk.tell(south.name, [first])


def test_exchanges_end_in_the_same_state_and_then_write_nothing(
    gates: tuple[Neighbour, Neighbour],
) -> None:
    north, south = gates
    assert [north.scan(1), south.scan(1), south.scan(3)] == ["admit", "admit", "admit"]
    exchange(north, south, 3)
    assert not north.talk.has_news(south.name)
    assert not south.talk.has_news(north.name)
    held = [one.terminal.store.last_arrival() for one in gates]
    north.talk.settle()
    changes = north.terminal.store.connection.total_changes
    exchange(north, south, 3)
    assert [one.terminal.store.last_arrival() for one in gates] == held
    assert north.terminal.store.connection.total_changes == changes


def test_after_a_restart_a_box_goes_on_where_it_stood(
    gates: tuple[Neighbour, Neighbour], tmp_path: Path
) -> None:
    north, south = gates
    assert south.scan(1) == "admit"
    exchange(north, south, 3)
    north.talk.settle()
    south.talk.settle()
    north.terminal.close()
    north.is_closed = True
    again = Neighbour(tmp_path / "north", 10)
    try:
        assert len(again.talk.say(south.name)) < 1_500
        assert again.scan(1) == "already_inside"
        exchange(again, south)
        assert not again.talk.has_news(south.name)
    finally:
        again.terminal.close()


def test_bytes_that_are_no_message_change_nothing(gates: tuple[Neighbour, Neighbour]) -> None:
    north, south = gates
    before = north.terminal.store.last_arrival()
    for content in (b"", b"\xff" * 40, north.talk.say(south.name)):
        assert isinstance(north.talk.answer(south.name, content), BadMessage)
        assert isinstance(north.talk.hear(south.name, content, 0, 0), BadMessage)
    assert north.terminal.store.last_arrival() == before


def test_two_neighbours_that_know_the_time_tell_it_to_one_that_does_not(
    gates: tuple[Neighbour, Neighbour], tmp_path: Path
) -> None:
    make_folder(tmp_path / "east", "gate", 12)
    clock = ManualClock(0)
    lost = Terminal(tmp_path / "east", Role.GATE, clock=clock, synchronised=False)
    try:
        talk, own = NeighbourTalk(lost), lost.manifest.terminal_id
        for one in gates:
            answer = one.talk.answer(own, talk.say(one.name))
            assert isinstance(answer, bytes)
            talk.hear(one.name, answer, 0, 40)
        moment = lost.moment()
        assert moment.quality.state is ClockState.COARSE
        assert moment.earliest_ms <= NOW_MS <= moment.latest_ms
    finally:
        lost.close()
