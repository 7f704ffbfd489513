"""The chore that gives back and asks: it never makes the lane wait, and ends with it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.gate.box import GateBox
from edge.gate.front import Intent
from edge.gate.outside import GateOptions
from edge.lane import LaneStopped
from edge.parts_chore import PartsChore
from hardware.wiring import Wiring
from sync.asking import Question, Reply, read_reply
from sync.facts import GateSet, ZoneSet
from tests.edge.boxes import code_of, make_folder, office_says
from tests.edge.parts_site import BEER, PART, Owner, two_boxes


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Owner, Owner]]:
    with two_boxes(tmp_path) as found:
        yield found


class Office:
    """Somebody who answers with a neighbour's part, or does not."""

    def __init__(self, asker: Owner, giver: Owner | None) -> None:
        self.asker, self.giver = asker, giver
        self.asked: list[Question] = []
        self.was_asked = threading.Event()

    def __call__(self, question: Question) -> Reply | None:
        self.asked.append(question)
        self.was_asked.set()
        return None if self.giver is None else read_reply(self.giver.gives(self.asker, question))


def chore(busy: Owner, office: Office, *, is_near: bool = True) -> PartsChore:
    return PartsChore(busy.terminal, busy.parts, office, lambda: is_near)


def test_what_is_short_is_asked_for_and_taken(two: tuple[Owner, Owner]) -> None:
    busy, idle = two
    busy.sells(1, PART)
    office = Office(busy, idle)
    chore(busy, office).round()
    assert [one.resource for one in office.asked] == [BEER]
    assert busy.held() > 0


def test_while_nobody_is_near_nobody_is_asked(two: tuple[Owner, Owner]) -> None:
    busy, idle = two
    busy.sells(1, PART)
    office = Office(busy, idle)
    chore(busy, office, is_near=False).round()
    assert (office.asked, busy.held()) == ([], 0)


def test_without_an_answer_nothing_changes(two: tuple[Owner, Owner]) -> None:
    busy, _ = two
    busy.sells(1, PART)
    office = Office(busy, None)
    chore(busy, office).round()
    chore(busy, office).round()
    assert len({one.operation for one in office.asked}) == 1
    assert busy.held() == 0


def test_who_waits_is_served_at_once_and_a_stopped_lane_ends_the_chore(
    two: tuple[Owner, Owner],
) -> None:
    busy, _ = two
    busy.sells(1, PART)
    office = Office(busy, None)
    one = chore(busy, office)
    one.start()
    one.hurry()
    assert office.was_asked.wait(30)
    one.stop()
    busy.terminal.lane.stop()
    with pytest.raises(LaneStopped):
        one.round()
    another = chore(busy, office)
    another.start()
    another.hurry()
    another.stop()


def test_a_gate_that_refused_for_want_of_places_asks_for_them(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "gate", "gate")
    wiring = Wiring((), None, ())
    box = GateBox(GateOptions(folder), wiring, Intent(), lambda _: None, needs_staff=False)
    try:
        box.terminal.start()
        box.terminal.lane.run(box.terminal.open_run)
        place = GateSet(box.terminal.manifest.terminal_id, 1, "North", 3, ())
        zone = ZoneSet(3, 1, "Arena", 80)
        box.terminal.lane.run(lambda: office_says(box.terminal, place, zone))
        answer = box.scan(code_of(5))
        assert answer is not None
        assert answer["reason"] == "capacity_full"
        wanted = box.terminal.lane.run(box.parts.wanted)
        assert [one.resource for one in wanted] == [(1, 3)]
    finally:
        box.stop()
