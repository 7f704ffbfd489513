"""Lamp, sound and turnstile follow what is on the disk, and give back who did not pass."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.gate.front import AUTOMATIC, Front, Intent
from edge.gate.outside import GateOptions, GateOutside, NoDirection
from edge.gate.passage import Passage
from edge.wanted import PEEK
from hardware.bench import BenchSignals, BenchTurnstile
from hardware.ports import Signal, Way
from sync.catalogue import Setting
from sync.facts import PolicySet
from sync.history import inside_count
from tests.edge.boxes import code_of, office_says
from tests.edge.gate.gates import CANCELLED, ZONE, Gate, running_gate


class Wired:
    """A gate with a lamp and a turnstile on the bench."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.lamp = BenchSignals()
        self.turnstile = BenchTurnstile(tells_direction=True)
        self.told: list[dict[str, Any]] = []
        self.passage = Passage(
            gate.terminal, gate.desk, (self.lamp,), self.turnstile, self.told.append
        )
        gate.desk.listeners.append(self.passage.hear)

    def inside(self) -> int:
        """Return who is inside, after everything that waits was done."""
        cells = self.gate.terminal.store.shelf.cells
        return self.gate.terminal.lane.run(lambda: inside_count(cells, ZONE))


@pytest.fixture
def wired(tmp_path: Path) -> Iterator[Wired]:
    with running_gate(tmp_path / "gate") as gate:
        yield Wired(gate)


def test_each_verdict_has_its_signal(wired: Wired) -> None:
    wired.gate.scan(5)
    wired.gate.scan(CANCELLED)
    wired.gate.scan(7, ticket_type=2)
    assert wired.lamp.shown == [Signal.ADMIT, Signal.REFUSE, Signal.ASK]


def test_the_arm_opens_for_who_was_admitted_and_for_nobody_else(wired: Wired) -> None:
    wired.gate.scan(CANCELLED)
    wired.gate.do("peek", text=code_of(5))
    asked = wired.gate.scan(7, ticket_type=2)
    assert wired.turnstile.opened == []
    wired.gate.do("confirm", session=asked["session"], guests=3)
    wired.turnstile.walk(3)
    wired.gate.scan(7, "out", ticket_type=2)
    assert wired.turnstile.opened == [(Way.IN, 3), (Way.OUT, 1)]


def test_a_first_step_opens_nothing_until_it_is_confirmed(wired: Wired) -> None:
    asked = wired.gate.do("request", text=code_of(5))
    assert (wired.turnstile.opened, wired.lamp.shown) == ([], [])
    wired.gate.do("confirm", session=asked["session"])
    wired.gate.do("confirm", session=asked["session"])
    assert wired.turnstile.opened == [(Way.IN, 1)]


def test_who_did_not_pass_is_given_back_and_told(wired: Wired) -> None:
    asked = wired.gate.scan(7, ticket_type=2)
    wired.gate.do("confirm", session=asked["session"], guests=3)
    wired.turnstile.walk(1)
    wired.turnstile.run_out()
    assert wired.inside() == 1
    (told,) = wired.told
    assert (told["event"], told["serial"], told["guests"]) == ("not_entered", 7, 2)


def test_who_passed_stays_admitted(wired: Wired) -> None:
    wired.gate.scan(5)
    wired.turnstile.walk()
    assert (wired.inside(), wired.told) == (1, [])


def test_the_next_guest_ends_the_wait_for_the_one_before(wired: Wired) -> None:
    wired.gate.scan(5)
    wired.gate.scan(6)
    wired.turnstile.walk()
    assert wired.inside() == 1
    assert [one["serial"] for one in wired.told] == [5]
    assert wired.gate.scan(5)["verdict"] == "admit"


def test_a_turnstile_that_is_closed_gives_back_who_stood_before_it(wired: Wired) -> None:
    wired.gate.scan(5)
    wired.turnstile.close()
    assert wired.inside() == 0


def test_a_rehearsal_moves_no_turnstile(wired: Wired) -> None:
    from sync.codes import CodeFlag
    from tests.edge.gate.test_more_scans import flagged

    wired.gate.do("rehearse")
    answer = wired.gate.do("scan", text=flagged(50, CodeFlag.TEST))
    assert answer["verdict"] == "admit"
    assert wired.turnstile.opened == []


def test_what_a_handheld_scans_lights_and_opens_nothing_here_unless_it_is_meant_to(
    wired: Wired,
) -> None:
    def elsewhere() -> None:
        with wired.gate.desk.elsewhere():
            wired.gate.desk.commands()["scan"]({"text": code_of(serials.pop())})

    serials = [5, 6]
    wired.gate.terminal.lane.run(elsewhere)
    assert (wired.lamp.shown, wired.turnstile.opened) == ([], [])
    kiosk = Passage(
        wired.gate.terminal,
        wired.gate.desk,
        (wired.lamp,),
        wired.turnstile,
        wired.told.append,
        follows_handhelds=True,
    )
    wired.gate.desk.listeners.append(kiosk.hear)
    wired.gate.terminal.lane.run(elsewhere)
    assert (wired.lamp.shown, wired.turnstile.opened) == ([Signal.ADMIT], [(Way.IN, 1)])


def test_what_is_wrong_with_the_hardware_is_told(wired: Wired) -> None:
    assert wired.passage.troubles() == []
    wired.turnstile.trouble = "the arm is stuck"
    assert wired.passage.troubles() == ["the arm is stuck"]


def test_the_turnstile_tells_the_direction_and_nobody_at_it_means_in(wired: Wired) -> None:
    gate = wired.gate
    intent = Intent(AUTOMATIC)
    front = Front(gate.desk, intent, wired.passage.wish, needs_staff=False)
    answer = gate.terminal.lane.run(lambda: front.hear(code_of(5)))
    assert (answer["verdict"], answer["direction"]) == ("admit", "in")
    copied = gate.terminal.lane.run(lambda: front.hear(code_of(5)))
    assert (copied["verdict"], copied["reason"]) == ("refuse", "already_inside")
    wired.turnstile.wish = Way.OUT
    answer = gate.terminal.lane.run(lambda: front.hear(code_of(5)))
    assert (answer["verdict"], answer["direction"]) == ("admit", "out")


def test_a_look_records_nothing_and_a_policy_may_ask_for_two_steps(wired: Wired) -> None:
    gate = wired.gate
    intent = Intent(expects=PEEK)
    front = Front(gate.desk, intent, wired.passage.wish, needs_staff=False)
    before = gate.facts()
    assert gate.terminal.lane.run(lambda: front.hear(code_of(5)))["peek"]
    assert gate.facts() == before
    intent.expects, intent.two_step = "ticket", True
    assert "session" in gate.terminal.lane.run(lambda: front.hear(code_of(5)))
    assert gate.facts() == before


def test_automatic_without_a_turnstile_that_tells_is_refused_in_words(tmp_path: Path) -> None:
    options = GateOptions(tmp_path, direction=AUTOMATIC)
    with pytest.raises(NoDirection, match="push_in"):
        GateOutside(options, lambda _: None, print)


def test_the_organisers_policy_asks_for_two_steps(wired: Wired) -> None:
    gate = wired.gate
    front = Front(gate.desk, Intent(), wired.passage.wish, needs_staff=False)
    policy = PolicySet(1, ((int(Setting.TWO_STEP), 1),))
    gate.terminal.lane.run(lambda: office_says(gate.terminal, policy, number=50))
    before = gate.facts()
    answer = gate.terminal.lane.run(lambda: front.hear(code_of(5)))
    assert ("session" in answer, gate.facts()) == (True, before)
