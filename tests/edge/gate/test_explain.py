"""Every verdict is explained from the journal: which rule, which facts, how old, which clock."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.gate.explain import explain
from edge.gate.rules import reasons
from sync.codes import CodeKind
from sync.sentences import _ALL
from tests.edge.boxes import NOW_MS, code_of
from tests.edge.gate.gates import BOSS, CANCELLED, PIN, STAFF, Gate, badge, running_gate
from tests.edge.gate.test_desk import forged


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    with running_gate(tmp_path / "gate", *STAFF) as one:
        yield one


def why(gate: Gate, code: str, *, sure: bool = True, later_ms: int = 0) -> dict[str, Any]:
    now_ms = NOW_MS + later_ms
    return explain(gate.terminal.folder, code, now_ms, is_synchronised=sure)


def settled(gate: Gate) -> None:
    """Let the box write down what it keeps for a quiet moment."""
    gate.terminal.lane.run(gate.terminal.store.settle)


def test_every_reason_has_a_rule() -> None:
    named = {reason.split()[0] for word in ("ask", "refuse") for reason in _ALL[word] if reason}
    assert named <= reasons()


def test_a_second_entry_is_explained_by_the_first_and_by_the_types_rules(gate: Gate) -> None:
    fact = gate.scan(5)["fact"]
    refused = gate.scan(5)["fact"]
    settled(gate)
    told = why(gate, code_of(5))
    assert (told["verdict_now"], told["reason"]) == ("refuse", "already_inside")
    assert told["rule"] == "an entry on this ticket is open and the type does not allow another"
    rests_on = told["rests_on"]
    assert rests_on["open_entries"] == [fact]
    assert rests_on["type_rules"]["allow_reentry"] is False
    (row,) = told["history"]
    assert (row["what"], row["clock"], row["office_facts_known"]) == ("admitted", "trusted", 10)
    (said,) = told["refusals"]
    assert (said["fact"], said["reason"], said["clock"]) == (refused, "already_inside", "trusted")


def test_a_status_is_explained_by_its_version_and_time(gate: Gate) -> None:
    told = why(gate, code_of(CANCELLED))
    expected = {"status": "cancelled", "version": 1, "since_ms": NOW_MS, "replaced_by": None}
    assert told["rests_on"] == expected


def test_a_forged_code_is_explained_by_the_keys_that_are_known(gate: Gate) -> None:
    told = why(gate, forged(code_of(5)))
    assert (told["reason"], told["rests_on"]) == ("bad_signature", {"issuing_keys": [1]})


def test_the_age_of_what_is_known_and_the_clock_are_said(gate: Gate) -> None:
    told = why(gate, code_of(5), later_ms=3_600_000)
    assert (told["reason"], told["data_age_s"], told["clock"]) == ("provisional", 3_600, "trusted")
    assert why(gate, code_of(5), sure=False)["clock"] == "unknown"


def test_a_number_and_a_wristband_are_explained_as_their_ticket(gate: Gate) -> None:
    fact = gate.scan(5)["fact"]
    band = code_of(99, CodeKind.WRISTBAND)
    gate.do("wristband", fact=fact, text=band)
    settled(gate)
    assert why(gate, "5")["reason"] == "already_inside"
    assert why(gate, band)["serial"] == 5
    assert why(gate, "123456789")["reason"] == "unknown_serial"
    assert why(gate, "9" * 30)["reason"] == "not_a_code"


def test_an_override_names_who_and_why(gate: Gate) -> None:
    session = gate.scan(CANCELLED)["session"]
    gate.do("override", session=session, badge=badge(BOSS), pin=PIN, reason=5)
    settled(gate)
    (row,) = why(gate, code_of(CANCELLED))["history"]
    assert (row["supervisor"], row["override"]) == (BOSS, 5)
