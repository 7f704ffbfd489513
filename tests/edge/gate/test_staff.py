"""Agents sign in with badge and PIN, supervisors override, and wrong PINs are counted."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.headless import BadCommand
from edge.staff import NotAllowed, Staff
from sync.facts import Admitted, ClockConfirmed, PinRefused, Right, SignedIn, SignedOut, StaffSet
from tests.edge.boxes import code_of, office_says
from tests.edge.gate.gates import (
    AGENT,
    BOSS,
    CANCELLED,
    PIN,
    PROOF,
    STAFF,
    Gate,
    badge,
    running_gate,
)


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    with running_gate(tmp_path / "gate", *STAFF) as one:
        yield one


def kinds(gate: Gate) -> list[type]:
    terminal = gate.terminal
    newest = terminal.lane.run(
        lambda: terminal.store.newest_of(terminal.manifest.terminal_id, 1_000)
    )
    return [type(record.body) for record in newest]


def test_a_gate_is_closed_until_its_agent_signs_in_and_after_they_left(gate: Gate) -> None:
    assert gate.do("counters")["staff_needed"]
    assert gate.do("sign_in", badge=badge(AGENT), pin=PIN)["staff"] == "N1"
    assert not gate.do("counters")["staff_needed"]
    gate.do("sign_out")
    assert gate.do("counters")["staff_needed"]
    assert kinds(gate)[:2] == [SignedOut, SignedIn]


def test_a_gate_of_a_festival_without_agents_is_open(tmp_path: Path) -> None:
    with running_gate(tmp_path / "open") as gate:
        assert not gate.do("counters")["staff_needed"]


def test_one_who_takes_over_signs_the_other_out(gate: Gate) -> None:
    gate.do("sign_in", badge=badge(AGENT), pin=PIN)
    gate.do("sign_in", badge=badge(BOSS), pin=PIN)
    assert gate.do("counters")["staff"] == "S1"
    assert kinds(gate)[:3] == [SignedIn, SignedOut, SignedIn]


@pytest.mark.parametrize(
    "shown,pin,words",
    [
        (code_of(5), PIN, "not a staff badge"),
        ("https://example.org", PIN, "not a staff badge"),
        (badge(999), PIN, "no rights here"),
        (badge(AGENT), "000000", "not the PIN"),
        (badge(AGENT), "", "not the PIN"),
        (badge(AGENT), "27182x", "not the PIN"),
    ],
)
def test_nobody_signs_in_without_badge_and_pin(
    gate: Gate, shown: str, pin: str, words: str
) -> None:
    with pytest.raises(BadCommand, match=words):
        gate.do("sign_in", badge=shown, pin=pin)
    assert gate.do("counters")["staff_needed"]


def test_five_wrong_pins_lock_the_badge_for_five_minutes_and_a_restart_forgets_none(
    gate: Gate,
) -> None:
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(BadCommand, match=f"{left} more tries"):
            gate.do("sign_in", badge=badge(AGENT), pin="000000")
    with pytest.raises(BadCommand, match="locked here for 5 more minutes"):
        gate.do("sign_in", badge=badge(AGENT), pin=PIN)
    gate.clock.move(2 * 60_000)
    gate.restart()
    with pytest.raises(BadCommand, match="locked here for 3 more minutes"):
        gate.do("sign_in", badge=badge(AGENT), pin=PIN)
    assert gate.do("sign_in", badge=badge(BOSS), pin=PIN)["staff"] == "S1"
    gate.clock.move(3 * 60_000 + 1)
    assert gate.do("sign_in", badge=badge(AGENT), pin=PIN)["staff"] == "N1"
    assert kinds(gate).count(PinRefused) == 5


def test_a_right_pin_forgets_the_wrong_ones_before_it(gate: Gate) -> None:
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(BadCommand):
                gate.do("sign_in", badge=badge(AGENT), pin="000000")
        gate.do("sign_in", badge=badge(AGENT), pin=PIN)
    gate.restart()
    with pytest.raises(BadCommand, match="4 more tries"):
        gate.do("sign_in", badge=badge(AGENT), pin="000000")


def test_who_was_signed_in_still_is_after_a_crash_and_not_after_leaving(gate: Gate) -> None:
    gate.do("sign_in", badge=badge(AGENT), pin=PIN)
    gate.restart()
    assert gate.do("counters")["staff"] == "N1"
    gate.do("sign_out")
    gate.restart()
    assert gate.do("counters")["staff_needed"]


def test_nobody_is_signed_in_for_longer_than_a_shift(gate: Gate) -> None:
    gate.do("sign_in", badge=badge(AGENT), pin=PIN)
    gate.clock.move(17 * 3_600_000)
    gate.restart()
    assert gate.do("counters")["staff_needed"]


def test_who_lost_the_right_is_out_at_once(gate: Gate) -> None:
    gate.do("sign_in", badge=badge(AGENT), pin=PIN)
    gone = StaffSet(AGENT, 2, "N1", 0, PROOF)
    gate.terminal.lane.run(lambda: office_says(gate.terminal, gone, number=50))
    assert gate.do("counters")["staff_needed"]
    with pytest.raises(BadCommand, match="no rights here"):
        gate.do("sign_in", badge=badge(AGENT), pin=PIN)


def test_a_supervisor_lets_a_refused_guest_in_and_says_why(gate: Gate) -> None:
    refused = gate.scan(CANCELLED)
    command = {"session": refused["session"], "badge": badge(BOSS), "reason": 1}
    with pytest.raises(BadCommand, match="not the PIN"):
        gate.do("override", **command, pin="000000")
    answer = gate.do("override", **command, pin=PIN)
    assert answer["verdict"] == "admit"
    body = gate.body(answer["fact"])
    assert isinstance(body, Admitted)
    assert (body.supervisor, body.override) == (BOSS, 1)
    with pytest.raises(BadCommand, match="scan the ticket again"):
        gate.do("override", **command, pin=PIN)


def test_an_agent_overrides_nothing_and_a_refusal_cannot_be_confirmed(gate: Gate) -> None:
    refused = gate.scan(CANCELLED)
    with pytest.raises(BadCommand, match="Call a supervisor"):
        gate.do("override", session=refused["session"], badge=badge(AGENT), pin=PIN, reason=1)
    assert gate.do("confirm", session=refused["session"])["reason"] == "session_expired"


@pytest.mark.parametrize("reason", [0, 6, 10, "1"])
def test_an_override_needs_a_reason_that_exists(gate: Gate, reason: object) -> None:
    session = gate.scan(CANCELLED)["session"]
    with pytest.raises(BadCommand, match="reason must be"):
        gate.do("override", session=session, badge=badge(BOSS), pin=PIN, reason=reason)


def test_a_forged_code_cannot_be_overridden(gate: Gate) -> None:
    refused = gate.do("scan", text="GU1:FORGED")
    assert "session" not in refused


def test_a_session_dies_with_the_agent_who_asked(gate: Gate) -> None:
    gate.do("sign_in", badge=badge(AGENT), pin=PIN)
    session = gate.do("request", text=code_of(5))["session"]
    gate.do("sign_in", badge=badge(BOSS), pin=PIN)
    assert gate.do("confirm", session=session)["reason"] == "session_expired"


def test_a_session_is_bound_to_its_direction(gate: Gate) -> None:
    session = gate.do("request", text=code_of(5))["session"]
    assert gate.do("confirm", session=session, direction="out")["reason"] == "session_expired"


def test_a_supervisor_confirms_the_time_and_that_is_a_fact(gate: Gate) -> None:
    command = {"time_ms": 1_800_000_000_000, "badge": badge(BOSS), "pin": PIN}
    fact = gate.do("clock", **command)["fact"]
    body = gate.body(fact)
    assert isinstance(body, ClockConfirmed)
    assert (body.supervisor, body.uncertainty_ms) == (BOSS, 300_000)
    assert gate.terminal.moment().now_ms == 1_800_000_000_000


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_refusal_of_a_badge_has_a_sentence(gate: Gate, language: str) -> None:
    staff = gate.terminal.lane.run(lambda: Staff(gate.terminal, Right.AGENT))
    with pytest.raises(NotAllowed) as refused:
        staff.check("no badge", PIN, Right.AGENT)
    assert len(refused.value.sentence(language)) > 20
