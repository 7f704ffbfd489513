"""Three gates on a LAN whose office is gone: they tell each other, and agree when they can."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from hardware.wall_clock import SystemClock
from tests.outside.conftest import new_lab
from tests.outside.fair import OFFICE, Fair, Ticket, open_fair, until
from tests.outside.lab import Lab
from tests.rehearsal.boxes import Box

GATES = ("gate-1", "gate-2", "gate-3")
HEARD_S = 20
AGREED_S = 5
FORGOTTEN_MS = 150_000  # what multicast DNS tells of a host is believed for two minutes
MET_AGAIN_S = 40
LOSS_PERCENT = 30
SCANS = 40
ANSWER_MS_MAX = 2_000
AUTO = ("--neighbours", "auto")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fair]:
    """Two gates that heard the office once and never again, and one that never did."""
    with (
        new_lab(OFFICE, *GATES) as lab,
        open_fair(tmp_path_factory.mktemp("site"), lab) as fair,
    ):
        for name in GATES:
            fair.add(name, "gate", *AUTO)
        fair.start("gate-1", "gate-2")
        fair.level("gate-1", "gate-2")
        fair.office.stop()
        fair.start("gate-3")
        yield fair


@pytest.fixture
def lab(site: Fair) -> Iterator[Lab]:
    """The LAN, whole and with everybody on it before each test, and healed after it."""
    assert site.lab is not None
    until(lambda: all(neighbours(box) == 2 for box in site.boxes.values()), "a whole site")
    until(lambda: agreed(site), "one state at every gate")
    yield site.lab
    site.lab.heal()


def neighbours(gate: Box) -> int:
    """Return how many neighbours a gate hears."""
    count: int = gate.ask("status")["neighbours"]
    return count


def agreed(site: Fair, *names: str) -> bool:
    """Tell whether these gates (all, if none is named) have the same state in every area."""
    told = [site.boxes[name].ask("hashes") for name in names or GATES]
    states = [{area: one[area] for area in one if area not in {"id", "event"}} for one in told]
    return all(state == states[0] for state in states)


def refuses(gate: Box, ticket: Ticket) -> bool:
    """Tell whether a gate would refuse a ticket because it is inside, without asking it to."""
    peeked = gate.ask("peek", text=ticket[1])
    return (peeked["verdict"], peeked["reason"]) == ("refuse", "already_inside")


def admitted(gate: Box, ticket: Ticket) -> None:
    answer = gate.ask("scan", text=ticket[1])
    assert answer["verdict"] == "admit", answer


def second_admissions(gate: Box) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = gate.ask("status")["conflicts"]
    return [one for one in found if one["kind"] == "second_admission"]


@pytest.mark.usefixtures("lab")
def test_a_ticket_that_one_gate_let_in_is_refused_at_the_others_by_its_name(site: Fair) -> None:
    (ticket,) = site.tickets(1)
    admitted(site.boxes["gate-1"], ticket)
    for name in ("gate-2", "gate-3"):
        until(lambda: refuses(site.boxes[name], ticket), "a gate that was told", HEARD_S)  # noqa: B023
        answer = site.boxes[name].ask("scan", text=ticket[1])
        assert (answer["verdict"], answer["reason"]) == ("refuse", "already_inside")
        assert "gate-1" in answer["sentence"]


@pytest.mark.usefixtures("lab")
def test_what_a_neighbour_holds_is_not_only_here(site: Fair) -> None:
    gate = site.boxes["gate-2"]
    for ticket in site.tickets(10):
        admitted(gate, ticket)
    until(lambda: gate.ask("status")["only_here"] == 0, "nothing that is only here", HEARD_S)


def test_what_two_gates_let_in_while_they_were_cut_is_listed_at_both_once_they_meet(
    site: Fair, lab: Lab
) -> None:
    one, other = site.boxes["gate-1"], site.boxes["gate-2"]
    before = second_admissions(one)
    (ticket,) = site.tickets(1)
    lab.cut("gate-1")
    admitted(one, ticket)
    admitted(other, ticket)
    until(lambda: neighbours(one) == 0, "a gate that noticed", HEARD_S)
    lab.heal()
    for gate in (one, other):
        until(lambda: len(second_admissions(gate)) > len(before), "the conflict", AGREED_S)  # noqa: B023
    until(lambda: agreed(site), "one state at every gate", AGREED_S)
    assert len(second_admissions(one)) == len(before) + 1
    assert second_admissions(one) == second_admissions(other)


@pytest.mark.long
def test_a_gate_that_was_cut_off_for_longer_than_it_is_remembered_is_met_again(
    site: Fair, lab: Lab
) -> None:
    gate, clock = site.boxes["gate-1"], SystemClock()
    (ticket,) = site.tickets(1)
    lab.cut("gate-1")
    admitted(gate, ticket)
    clock.pause(FORGOTTEN_MS)
    lab.heal()
    until(lambda: agreed(site), "one state at every gate", MET_AGAIN_S)
    until(lambda: neighbours(gate) == 2, "a whole site", MET_AGAIN_S)


def test_what_two_gates_cannot_tell_each_other_goes_through_the_third(site: Fair, lab: Lab) -> None:
    (ticket,) = site.tickets(1)
    lab.one_way("gate-1", "gate-2")
    admitted(site.boxes["gate-1"], ticket)
    until(lambda: refuses(site.boxes["gate-2"], ticket), "a gate that was told", HEARD_S)


def test_a_lan_that_loses_every_third_packet_still_tells_everybody(site: Fair, lab: Lab) -> None:
    lab.lose("gate-1", LOSS_PERCENT)
    for tickets in zip(*(site.tickets(SCANS // 2) for _ in GATES), strict=True):
        for gate, ticket in zip(site.boxes.values(), tickets, strict=True):
            admitted(gate, ticket)
    until(lambda: agreed(site), "one state at every gate", 3 * HEARD_S)


@pytest.mark.usefixtures("lab")
def test_a_neighbour_that_stands_still_holds_nobody_up(site: Fair) -> None:
    still, gate = site.boxes["gate-3"], site.boxes["gate-1"]
    clock = SystemClock()
    slowest_ms = 0
    os.kill(still.pid, signal.SIGSTOP)
    try:
        for ticket in site.tickets(SCANS):
            asked_ms = clock.monotonic_ms()
            admitted(gate, ticket)
            slowest_ms = max(slowest_ms, clock.monotonic_ms() - asked_ms)
            clock.pause(50)
        until(lambda: agreed(site, "gate-1", "gate-2"), "one state at the others", HEARD_S)
    finally:
        os.kill(still.pid, signal.SIGCONT)
    assert slowest_ms < ANSWER_MS_MAX
    until(lambda: agreed(site), "one state at every gate")
