"""Terminals over the API: let in by a code, moved, revoked, written off; who lends meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cloud.festivals.service import state
from provisioning.manifest import Manifest
from sync import allotments, catalogue
from sync.facts import CertificateIssued, GateSet
from sync.names import Role
from sync.online_gates import online_gate_id
from tests.cloud.facts import topped_up
from tests.cloud.houses import TestHouse, open_house
from tests.cloud.terminals.enrolling_office import enrol_box


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[TestHouse]:
    async with open_house(tmp_path / "house") as house:
        await house.found()
        await house.put("/zones/1", {"name": "Site", "capacity": 400})
        await house.put("/zones/2", {"name": "Backstage"})
        await house.put("/ticket-types/1", {"name": "Weekend"})
        await house.put("/ticket-types/2", {"name": "Crew"})
        await house.put("/bars/1", {"name": "Main bar"})
        await house.put("/bars/2", {"name": "Lake bar"})
        yield house


async def enrolled(house: TestHouse, folder: Path, code: str) -> Manifest:
    result = await enrol_box(folder, house.doors, code)
    assert isinstance(result, Manifest), result
    return result


async def test_a_technician_s_code_lets_one_box_in_where_it_says(
    house: TestHouse, tmp_path: Path
) -> None:
    asked = {"role": "gate", "name": "North 1", "zone": 2}
    made = await house.ask("POST", "/terminals/codes", asked, by="technician")
    assert made.status == 201
    assert made.body["office_path"] == f"/festivals/{house.festival}"
    assert made.body["office_url"] == f"{house.url}/festivals/{house.festival}"
    manifest = await enrolled(house, tmp_path / "box", made.body["code"])
    shown = await house.get(f"/terminals/{manifest.terminal}", by="technician")
    assert (shown["name"], shown["role"], shown["state"]) == ("North 1", "gate", "never")
    assert (shown["zone"], shown["types"], shown["gate"]) == (2, [], None)
    till = await house.post("/terminals/codes", {"role": "bar", "name": "Till 1", "bar": 2})
    other = await enrolled(house, tmp_path / "till", till["code"])
    assert (await house.get(f"/terminals/{other.terminal}"))["bar"] == 2


async def test_a_box_that_enrols_at_a_gate_takes_what_the_gate_says_now(
    house: TestHouse, tmp_path: Path
) -> None:
    await house.put("/gates/5", {"name": "North", "zone": 1, "types": [1]})
    code = await house.post("/terminals/codes", {"role": "gate", "name": "North 1", "gate": 5})
    await house.put("/gates/5", {"name": "North", "zone": 2, "types": [2]})
    manifest = await enrolled(house, tmp_path / "box", code["code"])
    path = f"/terminals/{manifest.terminal}"
    shown = await house.get(path)
    assert (shown["zone"], shown["types"], shown["gate"]) == (2, [2], 5)
    await house.put("/gates/5", {"name": "North", "zone": 1, "types": [1, 2]})
    shown = await house.get(path)
    assert (shown["zone"], shown["types"], shown["gate"]) == (1, [1, 2], 5)
    needed = await house.ask("DELETE", "/gates/5")
    assert needed.body["title"] == "Gate 5 is still needed: terminal North 1 stands there."
    moved = await house.ask("PATCH", path, {"zone": 2})
    assert (moved.body["zone"], moved.body["types"], moved.body["gate"]) == (2, [1, 2], None)
    assert (await house.ask("DELETE", "/gates/5")).status == 204


async def test_a_box_whose_gate_was_deleted_meanwhile_stands_in_the_gate_s_zone(
    house: TestHouse, tmp_path: Path
) -> None:
    await house.put("/gates/5", {"name": "North", "zone": 1, "types": [1]})
    code = await house.post("/terminals/codes", {"role": "gate", "name": "North 1", "gate": 5})
    assert (await house.ask("DELETE", "/gates/5")).status == 204
    manifest = await enrolled(house, tmp_path / "box", code["code"])
    shown = await house.get(f"/terminals/{manifest.terminal}")
    assert (shown["zone"], shown["types"]) == (1, [])


@pytest.mark.one_engine  # nothing is stored
@pytest.mark.parametrize(
    "body,where",
    [
        ({"role": "gate", "name": "N"}, "role"),
        ({"role": "gate", "name": "N", "zone": 1, "gate": 1}, "role"),
        ({"role": "gate", "name": "N", "bar": 1}, "role"),
        ({"role": "gate", "name": "N", "zone": 99}, "zone"),
        ({"role": "gate", "name": "N", "gate": 99}, "gate"),
        ({"role": "bar", "name": "N"}, "role"),
        ({"role": "bar", "name": "N", "bar": 99}, "bar"),
        ({"role": "hub", "name": "N", "zone": 1}, "role"),
        ({"role": "office", "name": "N"}, "role"),
        ({"role": "hub", "name": ""}, "name"),
    ],
)
async def test_a_code_for_a_place_that_is_not_there_is_not_made(
    house: TestHouse, body: dict[str, object], where: str
) -> None:
    refused = await house.ask("POST", "/terminals/codes", body)
    assert (refused.status, refused.wrong) == (422, [where])


async def test_a_terminal_is_renamed_and_moved_and_hears_of_it(house: TestHouse) -> None:
    gate, till = await house.gate(), await house.till()
    path = f"/terminals/{gate.terminal.hex()}"
    change = {"name": "South", "zone": 2, "types": [2, 1]}
    moved = await house.ask("PATCH", path, change, by="technician")
    assert moved.status == 200
    await house.ask("PATCH", f"/terminals/{till.terminal.hex()}", {"bar": 2})
    await house.level(gate, till)
    place = catalogue.gate_of(gate.shelf.cells, gate.terminal)
    bar = catalogue.bar_of(till.shelf.cells, till.terminal)
    assert place is not None
    assert (place.name, place.zone, place.types) == ("South", 2, (1, 2))
    assert bar is not None
    assert bar.bar == 2
    facts = await house.opened().desk.look(lambda seen: seen.facts())
    assert (await house.ask("PATCH", path, change)).status == 200
    assert await house.opened().desk.look(lambda seen: seen.facts()) == facts


async def test_a_terminal_is_not_given_what_its_role_has_not(house: TestHouse) -> None:
    gate, till, hub = await house.gate(), await house.till(), await house.hub()
    await house.put("/gates/5", {"name": "North", "zone": 1})
    wrong = [
        (gate, {"bar": 1}, "bar"),
        (till, {"zone": 1}, "zone"),
        (hub, {"name": "X"}, "name"),
        (gate, {"zone": 99}, "zone"),
        (gate, {"types": [99]}, "types"),
        (gate, {"gate": 5, "zone": 1}, "gate"),
        (till, {"bar": 99}, "bar"),
    ]
    for box, body, where in wrong:
        refused = await house.ask("PATCH", f"/terminals/{box.terminal.hex()}", body)
        assert (refused.status, refused.wrong) == (422, [where])
    assert (await house.ask("PATCH", f"/terminals/{'0' * 32}", {"name": "X"})).status == 404
    assert (await house.ask("GET", "/terminals/nonsense")).status == 404


async def test_the_list_tells_how_lately_each_was_heard_page_by_page(house: TestHouse) -> None:
    gate, till, hub = await house.gate(), await house.till(), await house.hub()
    await house.level(gate)
    listed = (await house.get("/terminals"))["items"]
    assert [(one["role"], one["state"]) for one in listed] == [
        ("bar", "never"),
        ("gate", "heard"),
        ("hub", "never"),
    ]
    assert [one["terminal"] for one in listed] == [box.terminal.hex() for box in (till, gate, hub)]
    assert (listed[1]["held"], len(listed[1]["runs"])) == (1, 1)
    page = await house.get("/terminals?limit=2")
    assert page["items"] == listed[:2]
    assert (await house.get(f"/terminals?after={page['next']}"))["items"] == listed[2:]
    assert (await house.ask("GET", "/terminals?after=nobody")).status == 422


async def test_a_lost_terminal_is_revoked_and_what_it_holds_is_given_up(house: TestHouse) -> None:
    gate = await house.gate()
    await house.level(gate)
    zone = allotments.zone_resource(1)
    held = await house.opened().desk.look(
        lambda seen: allotments.held(seen.cells, zone, gate.terminal)
    )
    assert held > 0
    path = f"/terminals/{gate.terminal.hex()}"
    for by, status in {"": 401, "other": 404, "technician": 403}.items():
        assert (await house.ask("POST", f"{path}/revoke", {}, by=by)).status == status
    given_up = await house.post(f"{path}/revoke", {"write_off": True})
    assert given_up == {"units": held, "minor": 0}
    assert (await house.get(path))["state"] == "revoked"
    facts = await house.opened().desk.look(lambda seen: seen.facts())
    for body in ({}, {"write_off": True}):
        assert await house.post(f"{path}/revoke", body) == {"units": 0, "minor": 0}
    assert await house.opened().desk.look(lambda seen: seen.facts()) == facts
    assert (await house.ask("POST", f"/terminals/{'0' * 32}/revoke", {})).status == 404


async def test_what_a_terminal_holds_of_one_zone_is_written_off(house: TestHouse) -> None:
    gate = await house.gate()
    await house.level(gate)
    path = f"/terminals/{gate.terminal.hex()}/write-off"
    nothing = await house.ask("POST", path, {"zone": 2})
    assert nothing.status == 422
    assert "holds nothing" in nothing.body["title"]
    assert (await house.ask("POST", path, {"zone": 1, "product": 1})).status == 422
    assert (await house.post(path, {"zone": 1}))["units"] > 0
    assert (await house.get(f"/terminals/{gate.terminal.hex()}"))["state"] == "heard"


async def test_the_authority_goes_to_a_hub_and_comes_back_when_it_is_lost(
    house: TestHouse,
) -> None:
    gate, hub = await house.gate(), await house.hub()
    assert (await house.get("/authority"))["name"] == "the office"
    wrong = await house.ask("POST", "/authority/hand-over", {"terminal": gate.terminal.hex()})
    assert (wrong.status, wrong.body["code"]) == (409, "not_handed")
    handed = await house.post("/authority/hand-over", {"terminal": hub.terminal.hex()})
    assert (handed["name"], handed["version"]) == ("Hub", 1)
    early = await house.ask("POST", "/authority/take-back")
    assert (early.status, early.body["code"]) == (409, "not_handed")
    await house.post(f"/terminals/{hub.terminal.hex()}/revoke", {})
    assert (await house.post("/authority/take-back"))["holder"] == ""
    assert (await house.ask("POST", "/authority/take-back", by="technician")).status == 403


async def test_a_recovering_office_says_for_whom_it_waits_and_changes_nothing(
    house: TestHouse,
) -> None:
    gate = await house.gate()
    till = await house.till()
    till.say(topped_up(5, 1_000))
    await house.level(gate, till)
    told = await house.get("/recovery")
    assert told == {"recovering": False, "recovering_since_ms": None, "waits_for": []}
    await house.opened().desk.writer.do(lambda office: office.begin_recovery())
    told = await house.get("/recovery", by="technician")
    assert (told["recovering"], told["waits_for"]) == (True, ["North", "Till"])
    for path, body in (("/zones/1", {"name": "X"}), ("/zones/9", {"name": "X"})):
        refused = await house.ask("PUT", path, body)
        assert (refused.status, refused.body["code"]) == (409, "recovering")
    assert (await house.ask("POST", "/keys")).body["code"] == "recovering"
    await house.level(till)
    await house.post(f"/terminals/{gate.terminal.hex()}/write-off", {})
    assert (await house.get("/recovery"))["recovering"] is False
    await house.put("/zones/9", {"name": "X"})


@pytest.mark.one_engine  # nothing is stored
async def test_a_terminal_that_is_taken_in_at_two_processes_at_once_is_stated_once(
    house: TestHouse,
) -> None:
    box, desk = house.box(Role.GATE, "North", 11), house.opened().desk
    facts = (CertificateIssued(box.certificate), GateSet(box.terminal, 1, "North", 2, ()))
    before = await desk.look(lambda seen: seen.facts())
    await asyncio.gather(*(desk.take_in(box.terminal, *facts) for _ in range(3)))
    assert await desk.look(lambda seen: seen.facts()) == before + len(facts)
    assert (await house.get("/conflicts"))["items"] == []


def test_the_roles_are_those_that_can_be_provisioned() -> None:
    from cloud.terminals.models import TerminalRole
    from provisioning.manifest import ROLES

    assert {role.value for role in TerminalRole} == set(ROLES)
    assert set(ROLES.values()) == {Role.GATE, Role.BAR, Role.HUB}


async def test_an_online_gate_is_no_terminal_but_its_zone_and_types_stay(house: TestHouse) -> None:
    place = {"kind": "online_gate", "online": 3, "name": "Phones", "zone": 2, "types": [2]}
    await house.opened().desk.writer.do(lambda office: state(office, [place]))
    path = f"/terminals/{online_gate_id(house.festival, 3).hex()}"
    assert (await house.ask("PATCH", path, {"zone": 1})).status == 404
    assert (await house.ask("POST", f"{path}/revoke", {})).status == 404
    assert (await house.get("/terminals"))["items"] == []
    zone, kind = await house.ask("DELETE", "/zones/2"), await house.ask("DELETE", "/ticket-types/2")
    assert zone.body["title"] == "Zone 2 is still needed: gate Phones lets into it."
    assert kind.body["title"] == "Ticket type 2 is still needed: gate Phones takes it."
