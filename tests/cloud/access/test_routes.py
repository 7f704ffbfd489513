"""Scanning over HTTP: who may, what is asked, what is answered, and the log of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from cloud.access import log, routes
from cloud.access.models import ScanAnswer
from cloud.accounts.access import Role
from cloud.festivals.service import state
from cloud.store import scans
from tests.cloud.access.scanning import PHONES, TYPE, ZONE, certificate, code, says
from tests.cloud.api.houses import MINE, OTHERS, TestHouse, open_house
from tests.cloud.facts import admitted
from tests.cloud.houses import MINE as OURS
from tests.cloud.houses import open_house as open_festivals
from tests.cloud.houses import person

OWNERS = {7: MINE, 8: OTHERS}
REQUEST = "/api/v1/scan/request"
CONFIRM = "/api/v1/scan/confirm"
UNDO = "/api/v1/scan/undo"
LOG = "/api/v1/festivals/7/scans"
FESTIVAL = "/api/v1/festivals/7"
GATES = f"{FESTIVAL}/online-gates"


@asynccontextmanager
async def scanning_house(path: Path) -> AsyncIterator[TestHouse]:
    async with open_house(path, OWNERS) as house:
        one = house.house.festivals[7]
        await one.desk.writer.do(lambda o: state(o, [ZONE, TYPE, PHONES]))
        await one.desk.say(certificate(one.desk.folder))
        yield house


async def scan(house: TestHouse, text: str, role: str = "agent", **more: Any) -> dict[str, Any]:
    body = {"festival": 7, "text": text, "one_step": True} | more
    status, _, answer = await house.ask("POST", REQUEST, role, json=body)
    assert status == 200, answer
    ScanAnswer.model_validate(answer)
    return dict(answer)


@pytest.mark.parametrize("role", ["agent", "organiser", "technician", "superadmin"])
async def test_who_works_at_the_festival_may_scan(tmp_path: Path, role: str) -> None:
    async with scanning_house(tmp_path) as house:
        assert says(await scan(house, code(1), role)) == "admit"


@pytest.mark.parametrize(
    "role, status",
    [("", 401), ("cashier", 403), ("guest", 403), ("agent of others", 404),
     ("organiser of others", 404)],
)  # fmt: skip
async def test_nobody_else_may(tmp_path: Path, role: str, status: int) -> None:
    async with scanning_house(tmp_path) as house:
        bodies: list[tuple[str, dict[str, Any]]] = [
            (REQUEST, {"festival": 7, "text": code(1)}),
            (CONFIRM, {"festival": 7, "session": "0" * 32}),
            (UNDO, {"festival": 7, "fact": "0" * 64}),
        ]
        for path, body in bodies:
            assert (await house.ask("POST", path, role, json=body))[0] == status
        assert (await house.ask("GET", LOG, role))[0] == status
        assert (await house.ask("GET", LOG, "organiser"))[2]["items"] == []


async def test_two_steps_over_http_are_repeated_byte_for_byte(tmp_path: Path) -> None:
    async with scanning_house(tmp_path) as house:
        first = await scan(house, code(1), one_step=False, gate=1)
        body = {"festival": 7, "session": first["session"], "direction": "in", "gate": 1}
        headers = {"Authorization": "Bearer agent"}
        told = set()
        for _ in range(3):
            async with house.session.post(
                house.url + CONFIRM, json=body, headers=headers
            ) as answer:
                assert answer.status == 200
                told.add(await answer.read())
        assert len(told) == 1
        assert says(await scan(house, code(1))) == "refuse already_inside"


async def test_a_scan_is_taken_back_over_http(tmp_path: Path) -> None:
    async with scanning_house(tmp_path) as house:
        fact = (await scan(house, code(1)))["fact"]
        body = {"festival": 7, "fact": fact, "serial": 1}
        status, _, answer = await house.ask("POST", UNDO, "agent", json=body)
        assert (status, answer["event"]) == (200, "done")
        ScanAnswer.model_validate(answer)
        status, _, problem = await house.ask("POST", UNDO, "agent", json=body)
        assert (status, problem["code"]) == (409, "cannot_undo")


@pytest.mark.parametrize(
    "body",
    [{}, {"festival": 7}, {"festival": 7, "text": "a", "serial": 5}, {"text": "a"},
     {"festival": 7, "text": 5}, {"festival": 7, "serial": "05"}, {"festival": 7, "serial": 5.0},
     {"festival": 7, "serial": -1}, {"festival": 7, "serial": 1 << 64},
     {"festival": 7, "serial": str(1 << 64)}, {"festival": 7, "text": "a", "direction": "up"},
     {"festival": 7, "text": "a", "guests": 0}, {"festival": 7, "text": "a", "one_step": 1},
     {"festival": 7, "text": "a" * 8_001}, {"festival": 7, "text": "a", "agent": "me"}],
)  # fmt: skip
async def test_a_request_that_makes_no_sense_is_refused(
    tmp_path: Path, body: dict[str, Any]
) -> None:
    async with scanning_house(tmp_path) as house:
        status, _, problem = await house.ask("POST", REQUEST, "agent", json=body)
        assert status == 422, problem
        assert (await house.ask("GET", LOG, "organiser"))[2]["items"] == []


async def test_a_serial_may_come_as_a_text_or_a_number_and_goes_out_as_a_text(
    tmp_path: Path,
) -> None:
    async with scanning_house(tmp_path) as house:
        large = (1 << 64) - 1
        await scan(house, code(large))
        for spelled in (str(large), large):
            body = {"festival": 7, "serial": spelled}
            _, _, answer = await house.ask("POST", REQUEST, "agent", json=body)
            assert (answer["reason"], answer["serial"]) == ("already_inside", str(large))
        _, _, page = await house.ask("GET", LOG, "agent")
        assert {row["serial"] for row in page["items"]} == {str(large)}


async def test_the_log_says_what_was_scanned_where_and_by_whom(tmp_path: Path) -> None:
    async with scanning_house(tmp_path) as house:
        for serial in (1, 2):
            await scan(house, code(serial))
        await scan(house, code(1), direction="out")
        await scan(house, code(2), "organiser")
        await scan(house, "nonsense")
        _, _, page = await house.ask("GET", LOG, "agent")
        rows = page["items"]
        assert [(row["outcome"], row["serial"], row["reason"]) for row in rows] == [
            ("refused", None, "not_a_code"),
            ("refused", "2", "already_inside"),
            ("left", "1", ""),
            ("admitted", "2", ""),
            ("admitted", "1", ""),
        ]
        assert {row["gate_name"] for row in rows} == {"Phones"}
        assert rows[1]["scanned_by"].startswith("organiser")
        assert rows[1]["sentences"]["en"] == "Somebody is inside on this ticket."
        assert page["next"] is None


async def test_the_log_comes_in_pages_and_by_gate_outcome_and_time(tmp_path: Path) -> None:
    async with scanning_house(tmp_path) as house:
        await house.ask("PUT", f"{GATES}/2", json={"name": "South", "zone": 1})
        for serial in range(7):
            await scan(house, code(serial), gate=1 + serial % 2)
        await scan(house, code(0), gate=1)
        found, query = [], "limit=3"
        for _ in range(2):
            _, _, page = await house.ask("GET", f"{LOG}?{query}&gate=1")
            found += [row["serial"] for row in page["items"]]
            query = f"limit=3&after={page['next']}"
        assert found == ["0", "6", "4", "2", "0"]
        _, _, page = await house.ask("GET", f"{LOG}?outcome=refused")
        assert [row["serial"] for row in page["items"]] == ["0"]
        since = page["items"][0]["at_ms"] + 1
        assert (await house.ask("GET", f"{LOG}?since={since}"))[2]["items"] == []
        gate = page["items"][0]["gate"]
        assert len((await house.ask("GET", f"{LOG}?gate={gate}"))[2]["items"]) == 5
        for wrong in (
            "gate=x",
            "gate=99999",
            "outcome=x",
            "after=",
            "after=x",
            "after=",
            "since=x",
            f"after={'9' * 30}",
        ):
            assert (await house.ask("GET", f"{LOG}?{wrong}"))[0] == 422


async def test_a_long_log_is_read_to_its_end_however_rare_what_is_wanted_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in (log, scans):
        monkeypatch.setattr(room, "SCANS_EXAMINED_MAX", 3)
    async with scanning_house(tmp_path) as house:
        await scan(house, "nonsense")
        for serial in range(7):
            await scan(house, code(serial))
        found, query = [], "outcome=refused"
        while query:
            _, _, page = await house.ask("GET", f"{LOG}?{query}")
            found += page["items"]
            query = f"outcome=refused&after={page['next']}" if page["next"] else ""
        assert [row["reason"] for row in found] == ["not_a_code"]


async def test_there_are_so_many_online_gates_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "ONLINE_GATES_MAX", 2)
    async with scanning_house(tmp_path) as house:
        wish = {"name": "Quay", "zone": 1}
        assert (await house.ask("PUT", f"{GATES}/2", json=wish))[0] == 200
        status, _, problem = await house.ask("PUT", f"{GATES}/3", json=wish)
        assert (status, problem["code"]) == (409, "too_many")
        assert (await house.ask("PUT", f"{GATES}/2", json=wish | {"name": "Pier"}))[0] == 200


async def test_online_gates_are_made_changed_and_listed(tmp_path: Path) -> None:
    async with scanning_house(tmp_path) as house:
        await house.ask("PUT", f"{FESTIVAL}/ticket-types/3", json={"name": "Crew"})
        wish = {"name": "Quay", "zone": 1, "types": [3]}
        status, _, made = await house.ask("PUT", f"{GATES}/2", json=wish)
        assert (status, made["name"], made["zone_name"]) == (200, "Quay", "Field")
        assert says(await scan(house, code(1), gate=2)) == "refuse wrong_gate"
        status, _, _ = await house.ask("PUT", f"{GATES}/2", json=wish | {"types": []})
        assert says(await scan(house, code(1), gate=2)) == "admit"
        _, _, listed = await house.ask("GET", GATES, "agent")
        assert [gate["name"] for gate in listed["items"]] == ["Phones", "Quay"]
        assert (await house.ask("PUT", f"{GATES}/3", json=wish | {"zone": 9}))[0] == 422
        assert (await house.ask("PUT", f"{GATES}/70000", json=wish))[0] == 404
        assert (await house.ask("PUT", f"{GATES}/3", "agent", json=wish))[0] == 403
        assert (await house.ask("GET", GATES, "organiser of others"))[0] == 404


async def test_an_online_gate_names_no_zone_or_ticket_type_that_is_not_there(
    tmp_path: Path,
) -> None:
    async with scanning_house(tmp_path) as house:
        await house.ask("PUT", f"{FESTIVAL}/zones/2", json={"name": "Old"})
        await house.ask("PUT", f"{FESTIVAL}/ticket-types/2", json={"name": "Old"})
        wish: dict[str, Any] = {"name": "Quay", "zone": 2, "types": [2]}
        for place, said in (("zones", "no_zone"), ("ticket-types", "no_ticket_type")):
            assert (await house.ask("DELETE", f"{FESTIVAL}/{place}/2"))[0] == 204
            right: dict[str, Any] = {"types": []} if place == "zones" else {"zone": 1}
            status, _, problem = await house.ask("PUT", f"{GATES}/2", json=wish | right)
            assert (status, problem["code"]) == (422, said)
            assert "make it first" in problem["title"]
        _, _, listed = await house.ask("GET", GATES, "agent")
        assert [gate["name"] for gate in listed["items"]] == ["Phones"]


async def test_the_operations_are_described(tmp_path: Path) -> None:
    async with scanning_house(tmp_path) as house:
        _, _, document = await house.ask("GET", "/api/v1/openapi.json", "")
        assert {REQUEST, CONFIRM, UNDO} <= set(document["paths"])
        fields = document["components"]["schemas"]["ScanAnswer"]
        assert {"event", "fact"} == set(fields["required"])


async def test_a_zone_into_which_phones_let_guests_is_not_deleted(tmp_path: Path) -> None:
    async with scanning_house(tmp_path) as house:
        status, _, problem = await house.ask("DELETE", "/api/v1/festivals/7/zones/1")
        assert status == 409
        assert "Phones" in problem["title"]


async def test_who_reaches_one_festival_need_not_name_it_and_who_reaches_more_must(
    tmp_path: Path,
) -> None:
    async with open_festivals(tmp_path) as house:
        await house.found("Other")
        number = await house.found()
        house.register.people["one"] = person(Role.AGENT, OURS, number)
        house.register.people["both"] = person(Role.AGENT, OURS, number, number - 1)
        one = await house.ask("POST", REQUEST, {"text": "x"}, by="one")
        both = await house.ask("POST", REQUEST, {"text": "x"}, by="both")
        assert (one.status, one.body["code"]) == (404, "no_online_gate")
        assert (both.status, both.body["code"]) == (422, "festival_needed")


async def test_what_a_till_says_of_a_ticket_is_in_no_log(tmp_path: Path) -> None:
    async with open_festivals(tmp_path) as house:
        await house.found()
        await house.put("/bars/1", {"name": "Bar"})
        till = await house.till()
        till.say(admitted(5))
        await house.level(till)
        assert (await house.get("/scans"))["items"] == []
