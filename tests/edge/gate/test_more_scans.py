"""Beyond one plain scan: typed numbers, wristbands, turnstiles, rehearsals, the log."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.gate.scans import IMPOSSIBLE, NotPossible
from edge.headless import BadCommand
from sync.codes import CodeFlag, CodeKind, Ticket, issue
from sync.facts import Admitted, NotEntered, Provisional
from sync.history import inside_count
from tests.edge.boxes import FESTIVAL, ISSUING_KEY, code_of
from tests.edge.gate.gates import BOSS, CANCELLED, PIN, STAFF, ZONE, Gate, badge, running_gate


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    with running_gate(tmp_path / "gate", *STAFF) as one:
        yield one


def flagged(serial: int, flags: CodeFlag, ticket_type: int = 1) -> str:
    ticket = Ticket(CodeKind.TICKET, 1, FESTIVAL, serial, ticket_type, 0, 0, int(flags))
    return issue(ticket, ISSUING_KEY)


def test_a_verdict_tells_the_type_the_note_and_the_age(gate: Gate) -> None:
    told = gate.scan(5, ticket_type=3)
    assert (told["verdict"], told["reason"]) == ("ask", "age")
    assert (told["type_name"], told["note"], told["age"]) == ("Late night", "Look at the card.", 18)
    assert gate.do("confirm", session=told["session"])["verdict"] == "admit"


def test_a_refusal_tells_where_and_when_the_first_one_came_in(gate: Gate) -> None:
    gate.scan(5)
    told = gate.scan(5)
    assert told["first"]["gate"] == "North"
    assert told["first"]["at"] in told["sentence"]
    assert told["sentences"]["fr"] != told["sentences"]["en"]


def test_a_group_that_needs_attention_is_asked_both_things(gate: Gate) -> None:
    told = gate.do("scan", text=flagged(7, CodeFlag.ATTENTION, 2))
    assert told["reason"] == "group"
    told = gate.do("confirm", session=told["session"], guests=3)
    assert told["reason"] == "attention"
    told = gate.do("confirm", session=told["session"])
    assert (told["verdict"], told["group"]) == ("admit", [3, 5])


def test_too_many_of_a_group_may_be_asked_again(gate: Gate) -> None:
    told = gate.scan(7, ticket_type=2)
    told = gate.do("confirm", session=told["session"], guests=6)
    assert (told["verdict"], told["guests_max"]) == ("ask", 5)
    assert gate.do("confirm", session=told["session"], guests=5)["verdict"] == "admit"


def test_a_typed_number_is_asked_about_when_it_is_known(gate: Gate) -> None:
    assert gate.do("typed", serial=77)["reason"] == "unknown_serial"
    assert gate.do("typed", serial=CANCELLED)["reason"] == "cancelled"
    first = gate.scan(5, ticket_type=3)
    gate.do("confirm", session=first["session"])
    gate.scan(5, "out", ticket_type=3)
    told = gate.do("typed", serial=5)
    assert (told["reason"], told["type_name"]) == ("typed", "Late night")
    body = gate.body(gate.do("confirm", session=told["session"])["fact"])
    assert isinstance(body, Admitted)
    assert body.provisional & Provisional.TYPED


def test_a_supervisor_may_let_in_on_a_number_that_nobody_has_heard_of(gate: Gate) -> None:
    told = gate.do("typed", serial=77)
    command = {"session": told["session"], "badge": badge(BOSS), "pin": PIN, "reason": 3}
    assert gate.do("override", **command)["verdict"] == "admit"


def test_a_wristband_is_given_and_stands_for_the_ticket(gate: Gate) -> None:
    band = code_of(99, CodeKind.WRISTBAND)
    assert gate.do("scan", text=band)["reason"] == "wrong_type"
    fact = gate.scan(5)["fact"]
    told = gate.do("wristband", fact=fact, text=band)
    assert (told["serial"], told["wristband"]) == (5, 99)
    seen = gate.do("peek", text=band)
    assert (seen["reason"], seen["serial"]) == ("already_inside", 5)
    assert gate.do("typed", serial=99)["serial"] == 5
    other = gate.scan(6)["fact"]
    with pytest.raises(BadCommand, match="somebody else"):
        gate.do("wristband", fact=other, text=band)
    with pytest.raises(BadCommand, match="not a wristband"):
        gate.do("wristband", fact=other, text=code_of(6))
    with pytest.raises(BadCommand, match="first"):
        gate.do("wristband", fact="00" * 32, text=band)


def test_who_did_not_pass_the_turnstile_may_come_again(gate: Gate) -> None:
    fact = gate.scan(5)["fact"]
    gate.do("not_entered", serial=5, fact=fact, guests=1)
    assert inside_count(gate.terminal.store.shelf.cells, ZONE) == 0
    newest = gate.terminal.lane.run(
        lambda: gate.terminal.store.newest_of(gate.terminal.manifest.terminal_id, 1)
    )
    assert isinstance(newest[0].body, NotEntered)
    assert gate.scan(5)["verdict"] == "admit"
    with pytest.raises(BadCommand, match="no such fact"):
        gate.do("not_entered", serial=5, fact="00" * 32, guests=1)


def test_a_rehearsal_leaves_nothing_behind_and_takes_no_real_ticket(gate: Gate) -> None:
    facts = gate.facts()
    gate.do("rehearse")
    test = flagged(50, CodeFlag.TEST)
    first = gate.do("scan", text=test)
    assert (first["verdict"], first["rehearsal"]) == ("admit", True)
    assert gate.do("scan", text=test)["reason"] == "already_inside"
    assert gate.scan(5)["reason"] == "wrong_type"
    counters = gate.do("counters")
    assert (counters["inside"], counters["rehearsal"]) == (1, True)
    assert len(gate.do("log")["rows"]) == 3
    gate.do("undo", serial=50, fact=first["fact"])
    gate.do("rehearse", begin=False)
    assert gate.facts() == facts
    assert gate.do("counters")["inside"] == 0
    assert gate.do("scan", text=test)["reason"] == "wrong_type"
    assert gate.scan(5)["verdict"] == "admit"


def test_a_rehearsal_works_on_a_box_that_lost_its_store_too(gate: Gate) -> None:
    gate.terminal.store.set_meta("recovering", 1)
    assert gate.scan(5)["reason"] == "store"
    gate.do("rehearse")
    assert gate.do("scan", text=flagged(50, CodeFlag.TEST))["verdict"] == "admit"


def test_a_box_that_lost_the_issuing_keys_with_its_store_calls_no_code_forged(gate: Gate) -> None:
    other = issue(Ticket(CodeKind.TICKET, 2, FESTIVAL, 5, 1, 0, 0, 0), ISSUING_KEY)
    assert gate.do("scan", text=other)["reason"] == "unknown_key"
    gate.terminal.store.set_meta("recovering", 1)
    for direction in ("in", "out"):
        told = gate.do("scan", text=other, direction=direction)
        assert (told["verdict"], told["reason"], told["fact"]) == ("ask", "store", None)
    assert gate.do("scan", text="GU1:FALSE")["verdict"] == "refuse"


def test_the_log_holds_what_this_gate_did_and_is_searched(gate: Gate) -> None:
    gate.scan(5)
    gate.scan(5)
    gate.scan(CANCELLED)
    rows = gate.do("log")["rows"]
    assert [row["what"] for row in rows[:3]] == ["refused", "refused", "admitted"]
    assert [row["serial"] for row in gate.do("log", search=str(CANCELLED))["rows"]] == [CANCELLED]
    (found,) = gate.do("log", search="ALREADY")["rows"]
    assert found["sentences"]["en"] == "Somebody is inside on this ticket."
    assert gate.do("log", search="nothing like it")["rows"] == []
    assert len(gate.do("log", rows=1)["rows"]) == 1


def test_the_counters_count_what_went_through(gate: Gate) -> None:
    gate.scan(5)
    gate.scan(6)
    gate.scan(5, "out")
    gate.scan(CANCELLED)
    told = gate.do("counters")
    counted = [told[name] for name in ("inside", "admitted_here", "left_here", "refused_here")]
    assert counted == [1, 2, 1, 1]
    assert (told["zone"], told["capacity"], told["last_minute"]) == ("Arena", None, 2)
    gate.clock.move(61_000)
    assert gate.do("counters")["last_minute"] == 0


@pytest.mark.parametrize(
    "do,command",
    [
        ("typed", {"serial": -1}),
        ("typed", {"serial": "5"}),
        ("wristband", {"fact": "zz", "text": "x"}),
        ("rehearse", {"begin": 1}),
        ("log", {"search": 5}),
        ("log", {"rows": 0}),
        ("clock", {"time_ms": -1}),
        ("sign_in", {"badge": "x"}),
        ("not_entered", {"serial": 5, "fact": "00" * 32, "guests": 0}),
    ],
)
def test_what_makes_no_sense_changes_nothing(gate: Gate, do: str, command: dict[str, Any]) -> None:
    before = gate.facts()
    with pytest.raises(BadCommand):
        gate.do(do, **command)
    assert gate.facts() == before


@pytest.mark.parametrize(
    "language,words", [("en", "too late"), ("fr", "trop tard"), ("de", "too late")]
)
def test_why_something_cannot_be_done_is_said_in_the_agents_language(
    gate: Gate, language: str, words: str
) -> None:
    with pytest.raises(BadCommand, match=words):
        gate.do("undo", serial=5, fact="00" * 32, language=language)


@pytest.mark.parametrize("reason", IMPOSSIBLE)
def test_everything_that_cannot_be_done_is_said_in_both_languages(reason: str) -> None:
    said = {NotPossible(reason).sentence(language) for language in ("en", "fr")}
    assert len(said) == 2
    assert all(sentence.endswith(".") for sentence in said)


def test_a_gate_that_lost_its_records_gives_no_wristband(gate: Gate) -> None:
    gate.terminal.store.set_meta("recovering", 1)
    with pytest.raises(BadCommand, match="lost its records"):
        gate.do("wristband", fact="00" * 32, text=code_of(99, CodeKind.WRISTBAND))
