"""A gate's scans: judged, recorded, and only then said."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.gate.desk import GateDesk
from edge.headless import BadCommand
from sync.codes import CodeKind
from sync.facts import Admitted, Refused
from sync.history import inside_count
from tests.edge.boxes import code_of
from tests.edge.gate.gates import ZONE, Gate, running_gate


def forged(text: str) -> str:
    """Change one character in the middle of a code's signature."""
    at = len(text) - 30
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    with running_gate(tmp_path / "gate") as one:
        yield one


def test_a_genuine_ticket_is_admitted_and_that_is_on_the_disk(gate: Gate) -> None:
    answer = gate.scan(5)
    assert (answer["verdict"], answer["reason"], answer["serial"]) == ("admit", "", 5)
    body = gate.body(answer["fact"])
    assert isinstance(body, Admitted)
    assert (body.serial, body.zone) == (5, ZONE)
    assert inside_count(gate.terminal.store.shelf.cells, ZONE) == 1


def test_the_same_ticket_is_refused_the_second_time_and_let_out(gate: Gate) -> None:
    gate.scan(5)
    again = gate.scan(5)
    assert (again["verdict"], again["reason"]) == ("refuse", "already_inside")
    assert isinstance(gate.body(again["fact"]), Refused)
    assert gate.scan(5, "out")["verdict"] == "admit"
    assert inside_count(gate.terminal.store.shelf.cells, ZONE) == 0
    assert gate.scan(5)["reason"] == "no_reentry"


def test_a_cancelled_ticket_is_refused_while_offline(gate: Gate) -> None:
    answer = gate.scan(9)
    assert (answer["verdict"], answer["reason"]) == ("refuse", "cancelled")


@pytest.mark.parametrize(
    "text,reason",
    [
        ("https://example.org/ticket", "not_a_code"),
        ("GU1:", "not_a_code"),
        (forged(code_of(5)), "bad_signature"),
        ("\ud800", "not_a_code"),
        (code_of(5, CodeKind.WRISTBAND), "wrong_type"),
    ],
)
def test_what_is_no_ticket_is_refused_by_name_and_recorded(
    gate: Gate, text: str, reason: str
) -> None:
    answer = gate.do("scan", text=text)
    assert (answer["verdict"], answer["reason"]) == ("refuse", reason)
    assert gate.body(answer["fact"]).reason == reason


def test_a_peek_says_what_would_happen_and_records_nothing(gate: Gate) -> None:
    before = gate.facts()
    assert gate.do("peek", text=code_of(5))["verdict"] == "admit"
    assert gate.do("peek", text=code_of(9))["verdict"] == "refuse"
    assert gate.facts() == before


def test_two_steps_record_at_the_second_and_a_repeat_records_nothing(gate: Gate) -> None:
    before = gate.facts()
    first = gate.do("request", text=code_of(5))
    assert (first["verdict"], first["fact"], gate.facts()) == ("admit", None, before)
    second = gate.do("confirm", session=first["session"])
    assert second["verdict"] == "admit"
    assert gate.body(second["fact"]).session.hex() == first["session"]
    third = gate.do("confirm", session=first["session"])
    assert (third["fact"], third["again"]) == (second["fact"], True)
    assert gate.facts() == before + 1


def test_a_repeated_confirmation_is_answered_from_the_journal_after_a_restart(gate: Gate) -> None:
    first = gate.do("request", text=code_of(5))
    second = gate.do("confirm", session=first["session"])
    gate.desk = GateDesk(gate.terminal)
    again = gate.do("confirm", session=first["session"])
    assert (again["verdict"], again["fact"], again["again"]) == ("admit", second["fact"], True)


def test_two_sessions_for_one_ticket_admit_once(gate: Gate) -> None:
    sessions = [gate.do("request", text=code_of(5))["session"] for _ in range(2)]
    verdicts = [gate.do("confirm", session=one)["verdict"] for one in sessions]
    assert verdicts == ["admit", "refuse"]


def test_a_confirmation_that_comes_too_late_is_refused(gate: Gate) -> None:
    session = gate.do("request", text=code_of(5))["session"]
    gate.clock.move(10_001)
    late = gate.do("confirm", session=session)
    assert (late["verdict"], late["reason"]) == ("refuse", "session_expired")
    never = gate.do("confirm", session="00" * 16)
    assert (never["verdict"], never["reason"]) == ("refuse", "session_expired")


def test_a_human_who_says_no_leaves_no_trace(gate: Gate) -> None:
    before = gate.facts()
    session = gate.do("request", text=code_of(5))["session"]
    assert gate.do("confirm", session=session, yes=False)["event"] == "done"
    assert gate.do("confirm", session=session)["reason"] == "session_expired"
    assert gate.facts() == before


def test_a_group_is_asked_for_its_number_and_comes_in_as_one_fact(gate: Gate) -> None:
    asked = gate.scan(7, ticket_type=2)
    assert (asked["verdict"], asked["reason"], asked["guests_max"]) == ("ask", "group", 5)
    answer = gate.do("confirm", session=asked["session"], guests=3)
    assert answer["verdict"] == "admit"
    assert gate.body(answer["fact"]).count == 3
    assert inside_count(gate.terminal.store.shelf.cells, ZONE) == 3


def test_an_admission_is_taken_back_within_the_time_for_it(gate: Gate) -> None:
    fact = gate.scan(5)["fact"]
    assert gate.do("undo", serial=5, fact=fact)["event"] == "done"
    assert gate.scan(5)["verdict"] == "admit"
    other = gate.scan(6)["fact"]
    gate.clock.move(61_000)
    with pytest.raises(BadCommand, match="too late"):
        gate.do("undo", serial=6, fact=other)


def test_an_admission_of_a_gate_that_is_alone_says_so(gate: Gate) -> None:
    gate.clock.move(61_000)
    answer = gate.scan(5)
    assert (answer["verdict"], answer["reason"]) == ("admit", "provisional")
    assert gate.body(answer["fact"]).provisional


@pytest.mark.parametrize(
    "do,command",
    [
        ("scan", {}),
        ("scan", {"text": 5}),
        ("scan", {"text": "x" * 9_000}),
        ("scan", {"text": "x", "direction": "automatic"}),
        ("confirm", {"session": "zz"}),
        ("undo", {"serial": 1}),
        ("undo", {"serial": -1, "fact": "00" * 32}),
        ("undo", {"serial": 1, "fact": "00" * 32}),
    ],
)
def test_a_command_that_makes_no_sense_changes_nothing(
    gate: Gate, do: str, command: dict[str, Any]
) -> None:
    before = gate.facts()
    with pytest.raises(BadCommand):
        gate.do(do, **command)
    assert gate.facts() == before
