"""Others scan at a gate: every route, over real sockets, and exactly once."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from openapi_spec_validator import validate as validate_openapi

from edge.gate.api.openapi import DOCUMENT
from edge.gate.api.routes import add_routes
from edge.gate.desk import GateDesk
from edge.store.connection import STORE_FILE
from sync.facts import Admitted
from sync.history import inside_count
from sync.names import Role
from tests.edge.boxes import code_of, opened
from tests.edge.gate.api_client import Open, open_api
from tests.edge.gate.gates import CANCELLED, PIN, STAFF, ZONE, badge, running_gate


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Open]:
    with running_gate(tmp_path / "gate") as gate, open_api(gate) as opened:
        yield opened


def test_two_steps_admit_at_the_second_and_the_fact_carries_the_session(one: Open) -> None:
    before = one.gate.facts()
    first = one.handheld.request(5)
    assert (first["verdict"], first["fact"], first["session_ms"]) == ("admit", None, 10_000)
    assert one.gate.facts() == before
    second = one.handheld.confirm(first["session"], direction="in")
    assert (second["verdict"], second["serial"], second["type_name"]) == ("admit", 5, "Day")
    body = one.gate.body(second["fact"])
    assert isinstance(body, Admitted)
    assert body.session is not None
    assert body.session.hex() == first["session"]


def test_a_repeated_confirmation_is_answered_alike_and_recorded_once(one: Open) -> None:
    session = one.handheld.request(5)["session"]
    first = one.handheld.confirm(session)
    before = one.gate.facts()
    again = one.handheld.confirm(session)
    assert again.pop("again") is True
    assert again == first
    assert one.gate.facts() == before


def test_two_confirmations_of_one_session_at_the_same_time_admit_once(one: Open) -> None:
    session = one.handheld.request(7, ticket_type=2)["session"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: one.handheld.confirm(session, guests=2), range(8)))
    assert {answer["fact"] for answer in answers} == {answers[0]["fact"]}
    assert sorted(bool(answer.get("again")) for answer in answers) == [False] + [True] * 7
    assert inside_count(one.gate.terminal.store.shelf.cells, ZONE) == 2


def test_ten_sessions_for_one_ticket_admit_once(one: Open) -> None:
    with ThreadPoolExecutor(10) as pool:
        asked = list(pool.map(lambda _: one.handheld.request(5), range(10)))
        sessions = [answer["session"] for answer in asked]
        assert len(set(sessions)) == 10
        said = list(pool.map(one.handheld.confirm, sessions))
    verdicts = sorted(answer["verdict"] for answer in said)
    assert verdicts == ["admit"] + ["refuse"] * 9
    assert inside_count(one.gate.terminal.store.shelf.cells, ZONE) == 1


def test_one_step_admits_at_once_and_the_way_out_lets_out(one: Open) -> None:
    assert one.handheld.request(5, one_step=True)["fact"] is not None
    assert one.handheld.request(5, one_step=True)["reason"] == "already_inside"
    out = one.handheld.request(5, direction="out", one_step=True)
    assert (out["verdict"], out["direction"]) == ("admit", "out")
    assert inside_count(one.gate.terminal.store.shelf.cells, ZONE) == 0


def test_a_refusal_is_recorded_at_the_first_step_and_says_its_reason(one: Open) -> None:
    answer = one.handheld.request(CANCELLED)
    assert (answer["verdict"], answer["reason"]) == ("refuse", "cancelled")
    assert set(answer["sentences"]) == {"en", "fr"}
    assert one.gate.body(answer["fact"]).reason == "cancelled"


def test_a_typed_number_asks_whether_the_guest_holds_the_ticket(one: Open) -> None:
    unknown = one.handheld.post("request", serial=77).row
    assert (unknown["verdict"], unknown["reason"]) == ("refuse", "unknown_serial")
    asked = one.handheld.request(5, ticket_type=3)
    one.handheld.confirm(asked["session"])
    one.handheld.request(5, ticket_type=3, direction="out", one_step=True)
    asked = one.handheld.post("request", serial=5, one_step=True).row
    assert (asked["verdict"], asked["reason"], asked["fact"]) == ("ask", "typed", None)
    assert one.handheld.confirm(asked["session"])["verdict"] == "admit"
    assert one.handheld.post("request", serial=2**64 - 1, direction="out").row["serial"] > 2**63


def test_a_human_who_says_no_leaves_no_trace(one: Open) -> None:
    before = one.gate.facts()
    session = one.handheld.request(5)["session"]
    assert one.handheld.confirm(session, yes=False) == {"event": "done", "fact": None}
    assert one.handheld.confirm(session)["reason"] == "session_expired"
    assert one.gate.facts() == before


def test_a_confirmation_that_comes_too_late_is_refused(one: Open) -> None:
    session = one.handheld.request(5)["session"]
    one.gate.clock.move(10_001)
    assert one.handheld.confirm(session)["reason"] == "session_expired"
    assert one.handheld.confirm("ab" * 16)["reason"] == "session_expired"


def test_an_admission_is_taken_back(one: Open) -> None:
    fact = one.handheld.request(5, one_step=True)["fact"]
    said = one.handheld.post("undo", serial=5, fact=fact)
    assert (said.status, said.row["event"]) == (200, "done")
    assert one.handheld.request(5, one_step=True)["verdict"] == "admit"
    twice = one.handheld.post("undo", serial=5, fact=fact)
    assert twice.status == 400
    assert "cannot be taken back" in twice.detail


def test_the_log_names_what_happened_the_newest_first(one: Open) -> None:
    for serial in (5, 6, CANCELLED):
        one.handheld.request(serial, one_step=True)
    rows = one.handheld.get("/api/v1/scan/log").row["rows"]
    assert [(row["what"], row["serial"]) for row in rows[:3]] == [
        ("refused", CANCELLED),
        ("admitted", 6),
        ("admitted", 5),
    ]
    assert len(one.handheld.get("/api/v1/scan/log?rows=1").row["rows"]) == 1
    found = one.handheld.get("/api/v1/scan/log?search=cancelled&rows=9").row["rows"]
    assert [row["serial"] for row in found] == [CANCELLED]


def test_the_status_says_how_the_gate_is(one: Open) -> None:
    one.handheld.request(5, one_step=True)
    row = one.handheld.get("/api/v1/status").row
    assert row["name"] == one.gate.terminal.manifest.name
    assert (row["connected"], row["recovering"], row["revoked"]) == (False, False, False)
    assert (row["counters"]["inside"], row["counters"]["zone"]) == (1, "Arena")
    assert row["only_here"] > 0
    assert row["software"].startswith("guichet ")
    assert "line" not in row


def test_the_figures_count_every_verdict_of_the_gate_and_name_nobody(one: Open) -> None:
    one.handheld.request(123_456_789, one_step=True)
    one.gate.scan(CANCELLED)
    page = one.handheld.get("/metrics").body.decode()
    assert 'guichet_gate_verdicts_total{reason="",verdict="admit"} 1.0' in page
    assert 'guichet_gate_verdicts_total{reason="cancelled",verdict="refuse"} 1.0' in page
    assert "guichet_gate_api_decision_seconds_count 1.0" in page
    for line in ("up 1.0", "inside 1.0", "alone_seconds 0.0", "recovering 0.0"):
        assert f"guichet_gate_{line}\n" in page
    assert "123456789" not in page
    assert "GU1" not in page


def test_each_new_verdict_is_told_once_and_a_first_step_that_let_nobody_in_never(
    one: Open,
) -> None:
    session = one.handheld.request(5)["session"]
    fact = one.handheld.confirm(session)["fact"]
    one.handheld.confirm(session)
    one.handheld.request(CANCELLED)
    one.handheld.request(6, one_step=True)
    one.api.stop()
    told = [(answer["verdict"], answer["serial"]) for answer in one.told]
    assert told == [("admit", 5), ("refuse", CANCELLED), ("admit", 6)]
    assert one.told[0]["fact"] == fact


def test_a_gate_at_which_nobody_works_judges_nothing_for_others_either(tmp_path: Path) -> None:
    with running_gate(tmp_path / "gate", *STAFF) as gate, open_api(gate) as one:
        before = gate.facts()
        for what, command in (
            ("request", {"text": code_of(5)}),
            ("confirm", {"session": "00" * 16}),
            ("undo", {"serial": 5, "fact": "00" * 32}),
        ):
            closed = one.handheld.post(what, **command)
            assert closed.status == 403
            assert "sign in" in closed.detail
        assert gate.facts() == before
        assert one.handheld.get("/api/v1/status").row["counters"]["staff_needed"] is True
        gate.do("sign_in", badge=badge(701), pin=PIN)
        assert one.handheld.request(5)["verdict"] == "admit"


def test_a_rehearsal_is_marked_and_leaves_nothing(one: Open) -> None:
    one.gate.do("rehearse")
    before = one.gate.facts()
    answer = one.handheld.request(5, one_step=True)
    assert (answer["rehearsal"], answer["reason"]) == (True, "wrong_type")
    assert one.gate.facts() == before


def test_the_description_is_valid_and_names_every_route_and_no_other(one: Open) -> None:
    from aiohttp import web

    document = one.handheld.get("/api/v1/openapi.json").row
    assert document == json.loads(json.dumps(DOCUMENT))
    validate_openapi(document)
    app = web.Application()
    add_routes(app)
    routed = {
        (route.resource.canonical, route.method.lower())
        for route in app.router.routes()
        if route.resource is not None
    }
    assert routed == {(path, method) for path, one in DOCUMENT["paths"].items() for method in one}


def test_a_box_that_lost_its_store_admits_nobody_and_records_nothing(tmp_path: Path) -> None:
    with running_gate(tmp_path / "gate") as gate:
        folder = gate.terminal.folder
        gate.terminal.close()
        for part in folder.glob(f"{STORE_FILE}*"):
            part.unlink()
        gate.terminal = opened(folder, Role.GATE, gate.clock)
        gate.desk = GateDesk(gate.terminal)
        with open_api(gate) as one:
            assert one.handheld.post("request", text=code_of(5)).row["verdict"] == "ask"
            assert one.handheld.get("/api/v1/status").row["recovering"] is True
            assert "guichet_gate_recovering 1.0" in one.handheld.get("/metrics").body.decode()
            assert gate.facts() == 0
