"""Several festivals under one roof: each at its place, the house's own also at the root."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from cloud import house as house_module
from cloud.accounts.access import public
from cloud.api.call import Call
from cloud.api.models import Nothing
from cloud.api.routes import Routes
from cloud.office import Office
from cloud.settings import BadOffice, Settings
from sync.names import Role
from tests.cloud.api.houses import (
    METRICS_KEY,
    MINE,
    OTHERS,
    TestHouse,
    TestRegister,
    festival_folder,
    open_house,
)
from tests.cloud.box import Box

OWNERS = {7: MINE, 8: OTHERS}


async def test_each_festival_answers_at_its_own_place_and_the_first_at_the_root_too(
    tmp_path: Path,
) -> None:
    async with open_house(tmp_path, OWNERS) as house:
        for path, festival in (("", 7), ("/festivals/7", 7), ("/festivals/8", 8)):
            status, _, body = await house.ask("GET", f"{path}/enrol/v1/office")
            assert (status, body["festival"]) == (200, festival)
        for path in ("/festivals/9/enrol/v1/office", "/festivals/9", "/festivals", "/festivals/"):
            assert (await house.ask("GET", path))[0] == 404


async def test_a_festivals_page_finds_what_lies_beside_it(tmp_path: Path) -> None:
    async with open_house(tmp_path, OWNERS) as house:
        desk = house.house.festivals[8].desk
        status, _, page = await house.ask("GET", f"/festivals/8?key={desk.admin_key.text}")
        assert (status, "Fair 8" in str(page)) == (200, True)
        assert 'href="static/live.css"' in str(page)
        assert (await house.ask("GET", "/festivals/8/static/live.css"))[0] == 200


async def test_the_key_of_one_festival_opens_no_other(tmp_path: Path) -> None:
    async with open_house(tmp_path, OWNERS) as house:
        key = house.house.festivals[7].desk.admin_key.text
        bearer = {"Authorization": f"Bearer {key}"}
        for path, status in (("", 200), ("/festivals/7", 200), ("/festivals/8", 401)):
            found = await house.ask("GET", f"{path}/api/v1/summary", "", headers=bearer)
            assert found[0] == status


async def test_a_terminal_exchanges_with_the_festival_at_its_offices_path(tmp_path: Path) -> None:
    async with open_house(tmp_path, OWNERS) as house:
        gate = box(house, 8)
        await gate.level(house.session, f"{house.url}/festivals/8")
        desk = house.house.festivals[8].desk
        assert await desk.look(lambda seen: len(seen.openings(gate.terminal))) == 1
        other = house.house.festivals[7].desk
        assert await other.look(lambda seen: len(seen.openings(gate.terminal))) == 0


def box(house: TestHouse, festival: int) -> Box:
    folder = house.house.festivals[festival].desk.folder
    return Box(festival, folder.festival_key, folder.certificate, folder.key, Role.GATE, "North", 3)


async def test_the_house_is_ready_while_every_festival_takes_work(tmp_path: Path) -> None:
    async with open_house(tmp_path, OWNERS) as house:
        assert (await house.ask("GET", "/health/live", ""))[0] == 200
        assert (await house.ask("GET", "/health/ready", ""))[0] == 200
        await house.house.festivals[8].desk.writer.stop()
        assert (await house.ask("GET", "/health/ready", ""))[0] == 503
        assert (await house.ask("GET", "/health/live", ""))[0] == 200


async def test_figures_are_for_who_shows_their_key(tmp_path: Path) -> None:
    async with open_house(tmp_path, OWNERS) as house:
        assert (await house.ask("GET", "/metrics", ""))[0] == 401
        assert (await house.ask("GET", "/metrics", "superadmin"))[0] == 401
        await house.ask("GET", "/api/v1/nothing")
        status, _, text = await house.ask("GET", "/metrics", METRICS_KEY)
        assert status == 200
        assert "guichet_office_festivals_open 2.0" in str(text)
        assert 'guichet_office_requests_total{operation="unknown",status="404"} 1.0' in str(text)


async def test_the_description_holds_and_the_page_shows_every_operation(tmp_path: Path) -> None:
    async with open_house(tmp_path, OWNERS) as house:
        status, headers, document = await house.ask("GET", "/api/v1/openapi.json", "")
        assert status == 200
        assert document["openapi"] == "3.1.0"
        validate(document)
        again = await house.ask(
            "GET", "/api/v1/openapi.json", "", headers={"If-None-Match": headers["ETag"]}
        )
        assert again[0] == 304
        page = str((await house.ask("GET", "/api/v1/docs", ""))[2])
        for methods in document["paths"].values():
            for row in methods.values():
                assert f'id="{row["operationId"]}"' in page
        assert "<script" not in page
        assert "style=" not in page


async def test_a_festival_that_cannot_be_opened_keeps_no_other_one_closed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_house(tmp_path, OWNERS) as house:
        register, festivals = house.house.register, tmp_path / "festivals"
        assert isinstance(register, TestRegister)
        register.owners = dict.fromkeys((7, 8, 9, 10, 11), MINE)
        damaged, made = festival_folder(festivals / "9", 9), festival_folder(festivals / "10", 10)
        whole = (damaged / "festival.json").read_bytes()
        (damaged / "festival.json").write_text("{")
        for _ in range(3):
            await house.house.open_new()
        assert set(house.house.festivals) == {7, 8, 10}
        assert house.house.folder_of(10) == made
        told = [row for row in caplog.records if "cannot be opened" in row.message]
        assert [row.__dict__["row"]["festival"] for row in told] == [9], "and is told of once"
        (damaged / "festival.json").write_bytes(whole)
        await house.house.open_new()
        assert set(house.house.festivals) == {7, 8, 9, 10}


@pytest.mark.parametrize("limit", ["FESTIVALS_OPEN_MAX", "FESTIVALS_OF_ORGANISER_MAX"])
async def test_many_who_found_a_festival_at_once_make_no_more_than_there_is_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    settings = Settings(0, "Fair", "EUR", "Europe/Paris", "en", 360, "", "")

    def first(_: Office) -> None:
        return

    async with open_house(tmp_path, {7: MINE, 8: MINE}) as house:
        monkeypatch.setattr(house_module, limit, 4)
        asked = [
            house.house.found(MINE, replace(settings, name=f"Fair {one}"), first)
            for one in range(4)
        ]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert sorted(one for one in answers if isinstance(one, int)) == [9, 10]
        assert sum(isinstance(one, BadOffice) for one in answers) == 2
        assert set(house.house.register.festivals()) == {7, 8, 9, 10}
        assert set(house.house.festivals) == {7, 8, 9, 10}


SLOW = Routes("slow")


@SLOW.get("/api/v1/festivals/{festival}/slow", may=public())
async def slow(call: Call) -> Nothing:
    """Begin to write only after a while."""
    await asyncio.sleep(0.3)
    return await call.do(lambda _: Nothing())


async def test_a_request_that_is_at_work_when_the_house_ends_is_done(tmp_path: Path) -> None:
    async with open_house(tmp_path, OWNERS, SLOW.operations) as house:
        port = int(house.url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /api/v1/festivals/7/slow HTTP/1.1\r\nHost: office\r\n\r\n")
        await house.ask("GET", "/health/live")
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200 "), answer
