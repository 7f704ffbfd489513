"""Festivals over the API: made with keys of their own, changed, deleted, brought back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cloud import house as house_room
from cloud.accounts.access import Role as Person
from cloud.accounts.access import Scope
from cloud.settings import open_office
from sync import catalogue
from sync.facts import Refused
from tests.cloud.houses import MINE, THEIRS, TestHouse, key, open_house, person

FULL: dict[str, Any] = {
    "title": "Été 2027",
    "description": "Three days by the lake",
    "starts_ms": 1_813_000_000_000,
    "ends_ms": 1_813_200_000_000,
    "time_zone": "Europe/Paris",
    "location": "Annecy",
    "capacity": 12_000,
    "dress_code": "Boots",
    "allow_reentry": False,
    "currency": "CHF",
    "languages": ["fr", "en"],
    "day_boundary_minutes": 300,
}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[TestHouse]:
    async with open_house(tmp_path) as house:
        yield house


async def test_a_festival_is_made_with_its_own_folder_keys_and_first_facts(
    house: TestHouse,
) -> None:
    made = await house.post("/api/v1/festivals", FULL)
    assert made == FULL | {"number": made["number"]}
    house.festival = made["number"]
    assert await house.get("") == made
    folder = open_office(house.house.path / "festivals" / str(made["number"]))
    assert (folder.settings.currency, folder.settings.language) == ("CHF", "fr")
    assert folder.issuing_key_ids() == [1]
    keys, boundary = await house.opened().desk.look(
        lambda seen: (
            catalogue.issuing_keys(seen.cells),
            catalogue.policy(seen.cells).day_boundary_minutes,
        )
    )
    assert (list(keys), boundary) == ([1], 300)


async def test_a_new_festival_s_terminals_exchange_at_once(house: TestHouse) -> None:
    await house.found()
    gate = await house.gate()
    await house.level(gate)
    assert list(catalogue.issuing_keys(gate.shelf.cells)) == [1]


async def test_a_festival_that_could_not_be_founded_leaves_nothing_to_be_opened(
    house: TestHouse,
) -> None:
    blocked = house.house.path / "festivals"
    blocked.write_text("a file stands where the folder should be")
    refused = await house.ask("POST", "/api/v1/festivals", {"title": "Été"})
    assert refused.status == 503
    assert "look at the disk" in refused.body["title"]
    assert (await house.get("/api/v1/festivals"))["items"] == []
    blocked.unlink()
    await house.found()
    assert [one["number"] for one in (await house.get("/api/v1/festivals"))["items"]] == [2]


async def test_what_is_left_out_of_a_change_stays_and_null_takes_a_date_away(
    house: TestHouse,
) -> None:
    made = await house.post("/api/v1/festivals", FULL)
    house.festival = made["number"]
    change = {"title": "Été 2028", "starts_ms": None, "day_boundary_minutes": 420}
    changed = await house.ask("PATCH", "", change)
    assert changed.status == 200
    assert changed.body == made | change
    assert await house.get("") == changed.body
    named = await house.register.accounts.look(lambda books: books.festivals.of(MINE))
    assert [one.name for one in named] == ["Été 2028"]
    policy = await house.get("/policy")
    assert policy["day_boundary_minutes"] == 420


async def test_a_change_that_lets_a_festival_end_before_it_begins_is_refused(
    house: TestHouse,
) -> None:
    made = await house.post("/api/v1/festivals", FULL)
    house.festival = made["number"]
    for change in ({"ends_ms": made["starts_ms"]}, {"starts_ms": made["ends_ms"] + 1}):
        refused = await house.ask("PATCH", "", change)
        assert (refused.status, refused.wrong) == (422, ["ends_ms"])
    assert await house.get("") == made


async def test_a_change_against_an_older_reading_is_refused(house: TestHouse) -> None:
    await house.found()
    tag = (await house.ask("GET", "")).headers["ETag"]
    assert (await house.ask("PATCH", "", {"location": "A"}, If_Match=tag)).status == 200
    for method in ("PATCH", "DELETE"):
        body = {"location": "B"} if method == "PATCH" else None
        stale = await house.ask(method, "", body, If_Match=tag)
        assert (stale.status, stale.body["code"]) == (412, "changed_meanwhile")
    assert (await house.get(""))["location"] == "A"


@pytest.mark.one_engine  # nothing is stored
@pytest.mark.parametrize(
    "where,value",
    [
        ("title", ""),
        ("title", "x" * 81),
        ("starts_ms", 1.5),
        ("ends_ms", 1_812_999_999_999),
        ("time_zone", "Paris"),
        ("time_zone", "../../etc/passwd"),
        ("currency", "eur"),
        ("languages", []),
        ("languages.0", ["de"]),
        ("day_boundary_minutes", 1440),
        ("capacity", -1),
        ("organiser", "b" * 32),
        ("number", 7),
    ],
)
async def test_a_wrong_field_of_a_new_festival_is_named(
    house: TestHouse, where: str, value: object
) -> None:
    body = FULL | {where.partition(".")[0]: value}
    refused = await house.ask("POST", "/api/v1/festivals", body)
    assert (refused.status, refused.wrong) == (422, [where])
    assert house.house.festivals == {}


@pytest.mark.one_engine  # nothing is stored
@pytest.mark.parametrize("fixed", ["currency", "time_zone"])
async def test_what_the_folder_fixed_cannot_be_changed(house: TestHouse, fixed: str) -> None:
    await house.found()
    refused = await house.ask("PATCH", "", {fixed: FULL[fixed]})
    assert (refused.status, refused.wrong) == (422, [fixed])


async def test_a_deleted_festival_answers_nobody_while_its_terminals_go_on(
    house: TestHouse,
) -> None:
    made = await house.post("/api/v1/festivals", FULL)
    house.festival = made["number"]
    gate = await house.gate()
    assert (await house.ask("DELETE", "")).status == 204
    for path in ("", "/zones", "/policy", "/summary", "/terminals"):
        assert (await house.ask("GET", path)).status == 404
    assert (await house.ask("PATCH", "", {"title": "X"})).status == 404
    assert (await house.ask("GET", "/offers", by="")).status == 404
    scan = {"festival": house.festival, "text": "x"}
    assert (await house.ask("POST", "/api/v1/scan/request", scan)).status == 404
    assert (await house.get("/api/v1/festivals"))["items"] == []
    gate.say(Refused(1, bytes(8), "cancelled", 1, 1))
    await house.level(gate)
    held = await house.opened().desk.look(lambda seen: seen.held())
    assert held[gate.terminal] == 2
    assert (await house.ask("POST", "/restore", by="other")).status == 404
    assert await house.post("/restore") == made
    assert await house.get("") == made
    assert (await house.ask("POST", "/restore")).status == 404


async def test_everybody_sees_only_their_own_festivals(house: TestHouse) -> None:
    mine = await house.found("Mine")
    theirs = await house.found("Theirs", by="other")
    second = await house.found("Second")
    house.register.people["limited"] = person(Person.TECHNICIAN, MINE, mine)

    async def numbers(by: str) -> list[int]:
        return [one["number"] for one in (await house.get("/api/v1/festivals", by=by))["items"]]

    assert await numbers("organiser") == [mine, second]
    assert await numbers("other") == [theirs]
    assert await numbers("technician") == [mine, second]
    assert await numbers("limited") == [mine]
    assert await numbers("superadmin") == [mine, theirs, second]
    assert (await house.ask("GET", "/api/v1/festivals", by="guest")).status == 403
    assert (await house.ask("GET", "", by="limited", festival=second)).status == 404
    page = await house.get("/api/v1/festivals?limit=1")
    assert page["next"] == str(mine)
    rest = await house.get(f"/api/v1/festivals?limit=1&after={page['next']}")
    assert ([one["number"] for one in rest["items"]], rest["next"]) == ([second], None)


async def test_only_organisers_make_festivals_and_they_are_theirs(house: TestHouse) -> None:
    for by, status in {"": 401, "agent": 403, "technician": 403, "guest": 403}.items():
        refused = await house.ask("POST", "/api/v1/festivals", {"title": "X"}, by=by)
        assert refused.status == status
    refused = await house.ask("POST", "/api/v1/festivals", {"title": "X"}, by="superadmin")
    assert (refused.status, refused.body["code"]) == (403, "organiser_needed")
    house.register.people["key"] = key(Scope.FESTIVALS_WRITE, organiser=THEIRS)
    number = await house.found(by="key")
    assert house.register.organiser_of(number) == THEIRS


@pytest.mark.one_engine  # it makes many
async def test_an_organiser_has_no_more_festivals_than_the_house_allows_deleted_ones_too(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house_room, "FESTIVALS_OF_ORGANISER_MAX", 2)
    await house.found()
    await house.found()
    assert (await house.ask("DELETE", "")).status == 204
    refused = await house.ask("POST", "/api/v1/festivals", {"title": "X"})
    assert (refused.status, refused.body["code"]) == (409, "too_many_festivals")
    await house.found(by="other")


@pytest.mark.one_engine  # it makes several
async def test_festivals_that_are_made_at_the_same_time_are_counted_one_by_one(
    house: TestHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house_room, "FESTIVALS_OF_ORGANISER_MAX", 2)
    body = {"title": "X"}
    asked = [house.ask("POST", "/api/v1/festivals", body) for _ in range(5)]
    statuses = [one.status for one in await asyncio.gather(*asked)]
    assert sorted(statuses) == [201, 201, 409, 409, 409]


async def test_a_house_that_is_started_again_knows_what_was_made_deleted_and_never_finished(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path) as house:
        kept = await house.post("/api/v1/festivals", FULL)
        gone = await house.found("Gone")
        assert (await house.ask("DELETE", "")).status == 204
        await house.register.new_festival(MINE, "whose folder was never finished")
    async with open_house(tmp_path) as house:
        assert sorted(house.house.festivals) == [kept["number"], gone]
        assert (await house.get("/api/v1/festivals"))["items"] == [kept]
        house.festival = gone
        assert (await house.ask("GET", "")).status == 404
        assert (await house.post("/restore"))["title"] == "Gone"
        assert (await house.get("/api/v1/festivals"))["items"][1]["title"] == "Gone"
