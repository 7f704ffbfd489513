"""Limits, issuing keys and staff badges over the API, and what terminals hear of them."""

from collections.abc import AsyncIterator
from dataclasses import fields
from pathlib import Path

import pytest

from cloud.festivals.models import PolicyPatch, PolicyShown
from sync import catalogue
from sync.catalogue import Policy, Setting
from sync.codes import CodeKind, Ticket, open_code
from sync.facts import Right
from sync.keys import pin_fits
from tests.cloud.houses import TestHouse, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[TestHouse]:
    async with open_house(tmp_path) as house:
        await house.found()
        yield house


@pytest.mark.one_engine  # nothing is stored
def test_every_setting_of_the_kernel_is_described() -> None:
    names = {setting.name.lower() for setting in Setting}
    assert set(PolicyPatch.model_fields) == names
    assert all(field.description for field in PolicyPatch.model_fields.values())
    assert set(PolicyShown.model_fields) == {one.name for one in fields(Policy)} - {"version"}


async def test_a_limit_is_changed_and_a_till_hears_of_it(house: TestHouse) -> None:
    till = await house.till()
    before = await house.get("/policy")
    assert before["alone_limit"] == Policy().alone_limit
    change = {"alone_limit": 3_000, "balance_max": -1}
    changed = await house.ask("PATCH", "/policy", change)
    assert (changed.status, changed.body) == (200, before | change)
    assert await house.get("/policy") == changed.body
    await house.level(till)
    heard = catalogue.policy(till.shelf.cells)
    assert (heard.alone_limit, heard.balance_max) == (3_000, catalogue.UNLIMITED)


@pytest.mark.one_engine  # nothing is stored
@pytest.mark.parametrize(
    "where,value",
    [
        ("alone_limit", 50.0),
        ("alone_limit", -2),
        ("alone_limit", 10**12 + 1),
        ("undo_seconds", -1),
        ("undo_seconds", 86_401),
        ("two_step", 2),
        ("day_boundary_minutes", 1440),
        ("max_age_seconds", "10"),
        ("surprise", 1),
    ],
)
async def test_a_wrong_limit_is_named_and_nothing_changes(
    house: TestHouse, where: str, value: object
) -> None:
    before = await house.get("/policy")
    refused = await house.ask("PATCH", "/policy", {"till_cap": 1, where: value})
    assert (refused.status, refused.wrong) == (422, [where])
    assert await house.get("/policy") == before


async def test_limits_that_were_changed_meanwhile_are_not_overwritten(house: TestHouse) -> None:
    tag = (await house.ask("GET", "/policy")).headers["ETag"]
    first = await house.ask("PATCH", "/policy", {"till_cap": 1}, If_Match=tag)
    second = await house.ask("PATCH", "/policy", {"till_cap": 2}, If_Match=tag)
    assert (first.status, second.status) == (200, 412)


async def test_only_organisers_change_limits_keys_and_staff(house: TestHouse) -> None:
    asked = [
        ("PATCH", "/policy", {"till_cap": 1}),
        ("POST", "/keys", None),
        ("POST", "/keys/1/retire", None),
        ("PUT", "/staff/5", {"call_sign": "N1", "rights": [], "pin": "123456"}),
        ("DELETE", "/staff/5", None),
    ]
    for method, path, body in asked:
        for by, status in {"": 401, "other": 404, "technician": 403, "agent": 403}.items():
            assert (await house.ask(method, path, body, by=by)).status == status


async def test_codes_are_signed_with_a_new_key_and_the_old_one_is_retired(
    house: TestHouse,
) -> None:
    till = await house.till()
    assert [(k["key_id"], k["state"], k["signs"]) for k in await listed(house)] == [
        (1, "in_use", True)
    ]
    last = await house.ask("POST", "/keys/1/retire")
    assert (last.status, last.body["code"]) == (409, "last_key")
    made = await house.ask("POST", "/keys")
    assert (made.status, made.body["key_id"], made.body["signs"]) == (201, 2, True)
    await house.level(till)
    heard = catalogue.issuing_keys(till.shelf.cells)
    assert heard[2].raw.hex() == made.body["public_key"]
    assert sorted(heard) == [1, 2]
    retired = await house.post("/keys/1/retire")
    assert (retired["state"], retired["signs"]) == ("retired", False)
    assert await house.post("/keys/1/retire") == retired
    await house.level(till)
    assert list(catalogue.issuing_keys(till.shelf.cells)) == [2]
    assert (await house.ask("POST", "/keys/9/retire")).status == 404
    badge = await house.post("/staff", {"call_sign": "S1", "rights": [], "pin": "123456"})
    ticket = open_code(badge["code"], heard, house.festival)
    assert isinstance(ticket, Ticket)
    assert ticket.key_id == 2


async def test_a_key_whose_secret_half_is_gone_signs_nothing(house: TestHouse) -> None:
    await house.post("/keys")
    house.opened().desk.folder.issuing_key_file(2).unlink()
    states = {k["key_id"]: (k["state"], k["signs"]) for k in await listed(house)}
    assert states == {1: ("in_use", True), 2: ("missing", False)}
    assert (await house.ask("POST", "/keys/1/retire")).status == 409
    assert (await house.post("/keys"))["key_id"] == 3


async def test_a_badge_is_made_with_a_code_and_only_the_proof_of_its_pin(
    house: TestHouse,
) -> None:
    till = await house.till()
    body = {"call_sign": "S1", "rights": ["seller", "cashier"], "pin": "482915"}
    made = await house.ask("POST", "/staff", body)
    assert made.status == 201
    code, badge = made.body["code"], int(made.body["badge"])
    await house.level(till)
    cells = till.shelf.cells
    ticket = open_code(code, catalogue.issuing_keys(cells), house.festival)
    assert isinstance(ticket, Ticket)
    assert (ticket.kind, ticket.serial) == (CodeKind.STAFF_BADGE, badge)
    known = catalogue.staff(cells, badge)
    assert known is not None
    assert (known.label, known.rights) == ("S1", Right.SELLER | Right.CASHIER)
    assert known.pin is not None
    assert pin_fits("482915", known.pin)
    shown = await house.get(f"/staff/{badge}")
    assert shown == {
        "badge": str(badge), "call_sign": "S1", "rights": ["seller", "cashier"], "has_pin": True,
    }  # fmt: skip
    assert (await house.get("/staff"))["items"] == [shown]


@pytest.mark.one_engine  # it reads SQLite's files
async def test_a_pin_is_in_no_file_of_the_house(house: TestHouse) -> None:
    body = {"call_sign": "S1", "rights": ["seller"], "pin": "482915"}
    await house.post("/staff", body)
    files = [path for path in house.house.path.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert [path for path in files if b"482915" in path.read_bytes()] == []


async def test_a_badge_keeps_its_pin_until_a_new_one_is_given(house: TestHouse) -> None:
    till = await house.till()
    path = f"/staff/{2**63 + 5}"
    needed = await house.ask("PUT", path, {"call_sign": "S1", "rights": ["agent"]})
    assert (needed.status, needed.wrong) == (422, ["pin"])
    await house.put(path, {"call_sign": "S1", "rights": ["agent"], "pin": "111111"})
    await house.put(path, {"call_sign": "S2", "rights": ["supervisor"]})
    await house.level(till)
    known = catalogue.staff(till.shelf.cells, 2**63 + 5)
    assert known is not None
    assert known.pin is not None
    assert (known.label, known.rights) == ("S2", Right.SUPERVISOR)
    assert pin_fits("111111", known.pin)
    assert (await house.ask("DELETE", path)).status == 204
    await house.level(till)
    known = catalogue.staff(till.shelf.cells, 2**63 + 5)
    assert known is not None
    assert known.rights == 0
    assert (await house.ask("DELETE", "/staff/77")).status == 404


@pytest.mark.one_engine  # nothing is stored
@pytest.mark.parametrize("pin", ["12345", "1234567890123", "12345a", "１２３４５６", 123456])
async def test_what_is_no_pin_is_refused_and_not_repeated(house: TestHouse, pin: object) -> None:
    body = {"call_sign": "S1", "rights": ["agent"], "pin": pin}
    refused = await house.ask("POST", "/staff", body)
    assert (refused.status, refused.wrong) == (422, ["pin"])
    assert str(pin) not in str(refused.body)


async def listed(house: TestHouse) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await house.get("/keys"))["items"]
    return found
