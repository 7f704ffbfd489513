"""An office that was put back to an older copy says nothing new until its terminals told it all."""

import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud.festivals.statements import BadStatement
from cloud.settings import open_office as reopen
from sync import allotments, catalogue, lending
from sync.cells import Cells, area_hashes
from sync.conflicts import ConflictKind, conflicts
from sync.names import AREAS_OF_ROLE, Area
from tests.cloud.box import Box
from tests.cloud.cashless.asking import ask, loan
from tests.cloud.engines import current
from tests.cloud.facts import admitted, sold, topped_up
from tests.cloud.offices import TestOffice, new_folder, serving
from tests.cloud.test_commands import CHECKOUT, run
from tests.cloud.test_commands import serving as running

CAPACITY = 80
ZONE: dict[str, object] = {"kind": "zone", "zone": 1, "name": "Field", "capacity": CAPACITY}
PLACES = allotments.zone_resource(1)


@dataclass
class Past:
    """A festival whose office was copied, went on, and is gone: what is left are its boxes."""

    folder: Path
    backup: Path
    boxes: dict[str, Box]
    records: set[bytes]
    money: str

    def __getitem__(self, name: str) -> Box:
        return self.boxes[name]

    @asynccontextmanager
    async def restored(self, seed: int = 3) -> AsyncIterator[TestOffice]:
        """Put the copy back and serve it."""
        shutil.rmtree(self.folder)
        current().copy(self.backup, self.folder)
        async with self.again(seed) as office:
            yield office

    @asynccontextmanager
    async def again(self, seed: int) -> AsyncIterator[TestOffice]:
        """Serve the folder as it is."""
        for box in self.boxes.values():
            box.nonce = ""
        async with serving(reopen(self.folder), seed=seed) as office:
            yield office


async def make_past(path: Path) -> Past:
    """A gate and a bar before the copy was made, a second gate after it, and much that changed."""
    folder = path / "office"
    boxes: dict[str, Box] = {}
    async with serving(new_folder(folder), [ZONE]) as office:
        boxes["North"], boxes["Main"] = await office.gate(), await office.bar()
        await office.state({"kind": "product", "product": 1, "name": "Beer", "price": 500})
        boxes["North"].say(admitted(1))
        boxes["Main"].say(topped_up(5, 9_000))
        await office.level(*boxes.values())
    current().copy(folder, path / "backup")
    for box in boxes.values():
        box.nonce = ""
    async with serving(reopen(folder), seed=2) as office:
        for price in (520, 540, 560):
            await office.state({"kind": "product", "product": 1, "price": price})
        await office.state({"kind": "zone", "zone": 1, "name": "Meadow"})
        await office.state({"kind": "status", "serials": [900], "status": "cancelled"})
        boxes["South"] = await office.gate("South", seed=12)
        await office.level(*boxes.values())
        boxes["North"].say(*(admitted(serial) for serial in range(2, 20)))
        boxes["South"].say(*(admitted(serial) for serial in range(20, 30)))
        boxes["Main"].say(*(sold(5, 500, sale=n) for n in range(1, 6)))
        await office.level(*boxes.values())
        records = await records_of(office)
        money = (await hashes_of(office))["money"]
    return Past(folder, path / "backup", boxes, records, money)


async def hashes_of(office: TestOffice) -> dict[str, str]:
    found: dict[str, str] = await office.get("/api/v1/hashes")
    return found


async def records_of(office: TestOffice) -> set[bytes]:
    return await office.do(lambda o: {raw for raw, _ in o.store.shelf.all_records()})


async def summary(office: TestOffice) -> dict[str, object]:
    found: dict[str, object] = await office.get("/api/v1/summary")
    return found


async def check_all_agree(office: TestOffice, past: Past) -> None:
    """Everybody has the office's state in the areas that they share, and nothing clashed."""
    whole = await hashes_of(office)
    for box in past.boxes.values():
        mine = area_hashes(box.shelf.cells, AREAS_OF_ROLE[box.role])
        assert mine == {name: whole[name] for name in mine}
    kinds = await office.do(lambda o: found_in(o.cells))
    assert kinds == set()


def found_in(cells: Cells) -> set[ConflictKind]:
    return {one.kind for area in Area for one in conflicts(cells, area)}


async def lent(office: TestOffice) -> int:
    return await office.do(lambda o: lending.committed(o.cells, PLACES))


async def exchange(office: TestOffice, box: Box) -> None:
    await box.exchange(office.session, office.url)


@pytest.mark.parametrize("first", ["North", "Main", "South"])
async def test_everything_comes_back_and_versions_go_on_above_it(
    tmp_path: Path, first: str
) -> None:
    past = await make_past(tmp_path)
    async with past.restored() as office:
        await exchange(office, past[first])
        found = await summary(office)
        assert found["recovering"]
        assert found["recovering_since_ms"] is not None
        others = [box for name, box in past.boxes.items() if name != first]
        await office.level(past[first], *others)
        assert not (await summary(office))["recovering"]
        assert past.records <= await records_of(office)
        assert (await hashes_of(office))["money"] == past.money
        told = await office.state({"kind": "product", "product": 1, "price": 580})
        assert isinstance(told, dict)
        product = await office.do(lambda o: catalogue.product(o.cells, 1))
        assert product is not None
        assert (product.version, product.price, product.name) == (5, 580, "Beer")
        status = await office.state({"kind": "status", "serials": [900], "status": "cancelled"})
        assert isinstance(status, dict)
        await office.level(*past.boxes.values())
        await check_all_agree(office, past)
        assert await office.do(lambda o: catalogue.zone(o.cells, 1)) == catalogue.zone(
            past["North"].shelf.cells, 1
        )


async def test_while_it_waits_it_lends_sells_and_states_nothing_and_says_for_whom(
    tmp_path: Path,
) -> None:
    past = await make_past(tmp_path)
    async with past.restored() as office:
        await office.level(past["North"])
        assert (await summary(office))["waits_for"] == ["Main", "South"]
        before = await office.do(lambda o: o.store.shelf.arrived)
        told = await office.state({"kind": "product", "product": 1, "price": 100})
        assert isinstance(told, BadStatement)
        assert "Main, South" in str(told)
        assert "write-off" in str(told)
        await office.do(lambda o: o.lend())
        past["North"].say(*(admitted(serial) for serial in range(200, 260)))
        await office.level(past["North"])
        arrived = await office.do(lambda o: o.store.shelf.arrived)
        assert arrived == before + 60
        for language, words in (("en", "It waits for"), ("fr", "Il attend")):
            async with office.session.get(
                f"{office.url}/?lang={language}", headers=office.bearer
            ) as page:
                text = await page.text()
            assert words in text
            assert "South" in text
        await office.level(past["Main"])
        assert (await summary(office))["waits_for"] == ["South"]
        reply = await ask(office, past["Main"], loan(5, 100))
        assert (reply.granted, reply.reason) == (0, "recovering")


async def test_places_are_lent_once_whatever_the_copy_believed(tmp_path: Path) -> None:
    """The copy believes that what South was lent is free; at its start nobody can tell it."""
    past = await make_past(tmp_path)
    async with past.restored() as office:
        before = await records_of(office)
        await office.say()
        await office.do(lambda o: o.lend())  # as the process does at its start
        assert await records_of(office) == before
        for name in ("South", "Main", "North"):
            await office.level(past[name])
        await office.level(*past.boxes.values())
        assert not (await summary(office))["recovering"]
        assert await lent(office) <= CAPACITY
        for name in ("North", "South"):
            held = allotments.held(past[name].shelf.cells, PLACES, past[name].terminal)
            assert held > 0
        out = await lent(office)
        held = allotments.held(past["North"].shelf.cells, PLACES, past["North"].terminal)
        past["North"].say(*(admitted(serial) for serial in range(300, 300 + held)))
        await office.level(past["North"])
        assert out < await lent(office) <= CAPACITY  # lending goes on
        await office.level(*past.boxes.values())
        await check_all_agree(office, past)


async def test_a_terminal_that_never_comes_is_written_off_and_may_come_all_the_same(
    tmp_path: Path,
) -> None:
    past = await make_past(tmp_path)
    async with past.restored() as office:
        await office.level(past["North"], past["Main"])
        assert (await summary(office))["waits_for"] == ["South"]
        told = await office.state({"kind": "write_off", "terminal": "South"})
        assert isinstance(told, dict)
        assert not (await summary(office))["recovering"]
        assert isinstance(await office.state({"kind": "product", "product": 1, "price": 600}), dict)
        await office.level(*past.boxes.values())
        assert not (await summary(office))["recovering"]
        await check_all_agree(office, past)
        assert (await summary(office))["inside"] == {"1": 29}


async def test_a_terminal_of_which_nothing_is_held_can_be_written_off_too(tmp_path: Path) -> None:
    past = await make_past(tmp_path)
    async with past.restored() as office:
        await office.level(past["South"], past["Main"])
        told = await office.state({"kind": "write_off", "terminal": "Main"})
        assert isinstance(told, dict)
        assert (await summary(office))["waits_for"] == ["North"]
        assert isinstance(await office.state({"kind": "revoke", "terminal": "North"}), dict)
        assert not (await summary(office))["recovering"]
        told = await office.state({"kind": "write_off", "terminal": "Main"})
        assert isinstance(told, BadStatement)


async def test_the_wait_goes_on_where_it_stood_when_the_office_starts_again(
    tmp_path: Path,
) -> None:
    past = await make_past(tmp_path)
    async with past.restored() as office:
        await office.level(past["North"])
        since = (await summary(office))["recovering_since_ms"]
    async with past.again(seed=4) as office:
        found = await summary(office)
        assert (found["recovering_since_ms"], found["waits_for"]) == (since, ["Main", "South"])
        await office.level(past["Main"], past["South"])
        assert not (await summary(office))["recovering"]


async def test_a_copy_that_is_put_back_a_second_time_is_noticed_again(tmp_path: Path) -> None:
    """Its terminals speak of a store that this copy has never been."""
    past = await make_past(tmp_path)
    async with past.restored() as office:
        await office.level(*past.boxes.values())
        await office.state({"kind": "product", "product": 1, "price": 590})
        await office.level(*past.boxes.values())
    async with past.restored(seed=5) as office:
        await exchange(office, past["North"])
        assert (await summary(office))["recovering"]
        await office.level(*past.boxes.values())
        assert not (await summary(office))["recovering"]
        product = await office.do(lambda o: catalogue.product(o.cells, 1))
        assert product is not None
        assert (product.version, product.price) == (5, 590)
        await check_all_agree(office, past)


async def test_an_office_whose_store_is_gone_gets_it_back_from_its_terminals(
    tmp_path: Path,
) -> None:
    past = await make_past(tmp_path)
    current().lose(past.folder)
    async with past.again(seed=6) as office:
        await exchange(office, past["Main"])
        assert (await summary(office))["recovering"]
        await office.level(*past.boxes.values())
        assert not (await summary(office))["recovering"]
        assert past.records <= await records_of(office)
        assert (await hashes_of(office))["money"] == past.money
        await check_all_agree(office, past)


async def test_an_office_fact_that_comes_from_a_terminal_shows_that_the_store_is_old(
    tmp_path: Path,
) -> None:
    """A new gate has never spoken to the office, but heard from its neighbour what it said."""
    past = await make_past(tmp_path)
    async with past.restored() as office:
        stranger = office.box(past["North"].role, "East", seed=13)
        stranger.replica.take([record.raw for record, _ in past["North"].shelf.records])
        for _ in range(3):  # heads, what is asked for, what is given
            await exchange(office, stranger)
        assert (await summary(office))["recovering"]
        await office.level(*past.boxes.values())
        assert not (await summary(office))["recovering"]


async def test_a_till_is_granted_nothing_before_it_has_spoken_to_this_process(
    tmp_path: Path,
) -> None:
    past = await make_past(tmp_path)
    async with past.again(seed=7) as office:
        reply = await ask(office, past["Main"], loan(5, 1))
        assert (reply.granted, reply.reason) == (0, "recovering")
        await office.level(past["Main"])
        assert (await ask(office, past["Main"], loan(5, 1))).granted == 1


async def test_an_office_that_was_not_put_back_just_goes_on(tmp_path: Path) -> None:
    past = await make_past(tmp_path)
    async with past.again(seed=8) as office:
        for _ in range(2):
            await office.level(*past.boxes.values())
            assert not (await summary(office))["recovering"]
        await check_all_agree(office, past)


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10_000))
async def test_in_whatever_order_and_parts_terminals_come_back_all_agree(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    past = await make_past(Path(tempfile.mkdtemp(dir=tmp_path)))
    serial = 1_000
    async with past.restored() as office:
        for _ in range(30):
            box = chance.choice(list(past.boxes.values()))
            await exchange(office, box)
            if chance.random() < 0.3 and box is not past["Main"]:
                serial += 1
                box.say(admitted(serial))
            if chance.random() < 0.2:
                price = chance.randrange(100, 900)
                await office.state({"kind": "product", "product": 1, "price": price})
        await office.level(*past.boxes.values(), rounds=3)
        assert not (await summary(office))["recovering"]
        await check_all_agree(office, past)
        assert await lent(office) <= CAPACITY


def test_the_command_says_that_a_copy_was_put_back_and_for_whom_is_waited(tmp_path: Path) -> None:
    folder = tmp_path / "office"
    run("init", folder, "--festival", "7", "--name", "Fair")
    assert "knows what its terminals know" in run("recovery", folder).stdout
    assert "knows what its terminals know" in run("restored", folder).stdout
    run("zone", folder, "--zone", "1", "--name", "Field")  # nobody is waited for: all as before
    with running(folder) as url:
        code = json.loads(
            run("terminal-code", folder, "--role", "gate", "--name", "North", "--json").stdout
        )["code"]
        enrol(tmp_path / "north", url, code)
    told = run("restored", folder).stdout
    assert "waits for: North" in told
    assert "recovering since" in told
    found = json.loads(run("recovery", folder, "--json").stdout)
    assert (found["recovering"], found["waits_for"]) == (True, ["North"])
    refused = run("zone", folder, "--zone", "1", "--name", "Other", check=False)
    assert (refused.returncode, "waits for North" in refused.stderr) == (1, True)
    with running(folder) as url:
        code = json.loads(
            run("terminal-code", folder, "--role", "bar", "--name", "Main", "--json").stdout
        )["code"]
        assert "put back" in enrol(tmp_path / "main", url, code, check=False)
    run("write-off", folder, "--terminal", "North")
    assert "knows what its terminals know" in run("recovery", folder).stdout
    run("zone", folder, "--zone", "1", "--name", "Other")


def enrol(box: Path, url: str, code: str, *, check: bool = True) -> str:
    """Enrol a box as a technician does; return what was said about it."""
    words = ("provision", "enrol", str(box), "--office", url, "--code", code)
    done = subprocess.run(
        [sys.executable, "-m", "provisioning", *words],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert not check or done.returncode == 0, done.stderr
    return done.stderr
