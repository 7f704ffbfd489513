import asyncio
import random
import sqlite3
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud.limits import INBOX_JOBS_MAX
from cloud.office import Office
from cloud.settings import open_office as reopen
from cloud.store.connection import StoreBusy, StoreTrouble
from cloud.store.store import StoreBroken
from cloud.writer import Busy, Stopped
from sync.cells import MemoryCells, area_hashes
from sync.clock import TRUSTED_CLOCK, Moment
from sync.facts import ZoneSet
from sync.names import Area, Role
from sync.replica import refold
from tests.cloud.facts import admitted, sold, topped_up
from tests.cloud.offices import START_MS, new_folder, open_office, serving

OF_THE_FIRST_FORM = set(
    "festival run record cell waiting writer partner _sqlite_migrations".split()
)
ZONE: dict[str, object] = {"kind": "zone", "zone": 1, "name": "Field", "capacity": 80}


def office_in(path: Path, seed: int = 3) -> Office:
    folder = reopen(path) if path.exists() else new_folder(path)
    draw = random.Random(f"{path}{seed}").randbytes
    return Office(folder, lambda: Moment(START_MS, TRUSTED_CLOCK), draw)


def name_zone(name: str, version: int = 1) -> ZoneSet:
    return ZoneSet(1, version, name, 50)


class Mistake(Exception):
    """What a broken job raises."""


async def test_jobs_that_come_together_share_a_commit_and_one_mistake_hurts_no_neighbour(
    tmp_path: Path,
) -> None:

    async with open_office(tmp_path) as office:

        def wrong(o: Office) -> None:
            o.say(name_zone("wrong", 99))
            raise Mistake

        async def right(number: int) -> int:
            return await office.do(lambda o: len(o.say(ZoneSet(number, 1, "Zone", None))))

        jobs = [right(n) for n in range(1, 6)]
        results = await asyncio.gather(
            *jobs[:3], office.do(wrong), *jobs[3:], return_exceptions=True
        )
        assert [r for r in results if not isinstance(r, Mistake)] == [1] * 5
        assert len([r for r in results if isinstance(r, Mistake)]) == 1
        zones = (await office.get("/api/v1/summary"))["zones"]
        assert [zone["zone"] for zone in zones] == [1, 2, 3, 4, 5]
        assert {zone["name"] for zone in zones} == {"Zone"}


async def test_a_job_that_finds_no_next_thing_leaves_the_writer_at_work(tmp_path: Path) -> None:
    """A future takes no `StopIteration`: the writer would wait for it for ever."""
    async with open_office(tmp_path) as office:

        def wrong(o: Office) -> None:
            o.say(name_zone("wrong", 99))
            next(iter(()))

        with pytest.raises(RuntimeError, match="not there"):
            await asyncio.wait_for(office.do(wrong), 5)
        assert await office.do(lambda o: o.store.shelf.arrived) == 0


async def test_too_much_waiting_work_is_refused_and_none_is_taken_at_the_end(
    tmp_path: Path,
) -> None:

    async with open_office(tmp_path) as office:
        results = await asyncio.gather(
            *(office.do(lambda o: o.store.shelf.arrived) for _ in range(3 * INBOX_JOBS_MAX)),
            return_exceptions=True,
        )
        assert any(isinstance(result, Busy) for result in results)
        assert not any(isinstance(result, Busy) for result in results[:INBOX_JOBS_MAX])
        await office.writer.stop()
        with pytest.raises(Stopped):
            await office.do(lambda o: o.store.shelf.arrived)
        async with office.session.get(office.url + "/health/ready") as answer:
            assert answer.status == 503


@pytest.mark.one_engine
async def test_a_disk_that_fails_stops_the_office_and_is_said(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        connection = office.office.store._connection
        connection.execute("PRAGMA query_only = ON")
        with pytest.raises(StoreBroken):
            await office.say(name_zone("lost", 9))
        assert office.broken == 1
        with pytest.raises(Stopped):
            await office.say(name_zone("lost", 9))
        connection.execute("PRAGMA query_only = OFF")


def test_a_transaction_that_fails_leaves_nothing_and_the_office_goes_on(tmp_path: Path) -> None:
    office = office_in(tmp_path / "office")
    office.transact([lambda o: o.say(name_zone("first"))])
    before = (office.store.shelf.arrived, area_hashes(office.cells, Area))

    def wrong(o: Office) -> None:
        o.say(name_zone("second", 2))
        raise Mistake

    with pytest.raises(Mistake):
        office.transact([wrong])
    assert (office.store.shelf.arrived, area_hashes(office.cells, Area)) == before
    office.transact([lambda o: o.say(name_zone("third", 2))])
    runs = office.store.shelf.runs()
    assert [info.head_number for info in runs] == [1, 1]
    assert len({info.terminal for info in runs}) == 2
    office.close()


@pytest.mark.one_engine
def test_one_process_writes_to_a_folder(tmp_path: Path) -> None:
    office = office_in(tmp_path / "office")
    with pytest.raises(StoreBusy, match="in use"):
        office_in(tmp_path / "office")
    office.close()
    office_in(tmp_path / "office").close()


def test_every_process_is_a_writer_of_its_own_without_a_parent(tmp_path: Path) -> None:
    for seed in range(3):
        office = office_in(tmp_path / "office", seed)
        office.transact([lambda o: o.say(name_zone("Field", 1 + o.store.shelf.arrived))])
        office.close()
    office = office_in(tmp_path / "office", 9)
    runs = office.store.shelf.runs()
    assert len({info.terminal for info in runs}) == 3
    assert {info.role for info in runs} == {Role.OFFICE}
    office.close()


@pytest.mark.one_engine
def test_a_damaged_store_is_refused_before_anything_is_built_on_it(tmp_path: Path) -> None:
    office = office_in(tmp_path / "office")
    office.transact([lambda o: [o.say(name_zone("Field", n)) for n in range(1, 60)]])
    office.close()
    path = tmp_path / "office" / "office.db"
    content = bytearray(path.read_bytes())
    for page in range(2, len(content) // 4096):
        content[page * 4096 : page * 4096 + 64] = bytes(64)
    path.write_bytes(content)
    with pytest.raises(StoreTrouble, match=r"damaged|cannot be opened"):
        office_in(tmp_path / "office")
    assert path.read_bytes() == content


@pytest.mark.one_engine
def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    office_in(tmp_path / "office").close()
    with sqlite3.connect(tmp_path / "office" / "office.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(StoreTrouble, match="newer Guichet"):
        office_in(tmp_path / "office")


@pytest.mark.one_engine
def test_a_store_of_the_first_form_is_brought_to_this_one(tmp_path: Path) -> None:
    office = office_in(tmp_path / "office")
    office.transact([lambda o: o.say(name_zone("Field"))])
    before = area_hashes(office.cells, Area)
    office.close()
    with sqlite3.connect(tmp_path / "office" / "office.db") as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for table in {name for (name,) in tables} - OF_THE_FIRST_FORM:
            connection.execute(f"DROP TABLE {table}")
        connection.execute("ALTER TABLE partner DROP COLUMN level_ms")
        connection.execute("ALTER TABLE festival DROP COLUMN authority_read")
        for index in ("record_shift", "record_gate"):
            connection.execute(f"DROP INDEX {index}")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name NOT LIKE '0001%'")
        connection.execute("PRAGMA user_version = 1")
    connection.close()
    office = office_in(tmp_path / "office", 4)
    assert area_hashes(office.cells, Area) == before
    assert office.store.level_ms() == {}
    assert not office.store.asked.is_claim_locked(5, START_MS)
    office.close()


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 10_000))
async def test_cached_cells_are_what_all_records_fold_to_whatever_the_order(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    async with serving(new_folder(tmp_path / str(chance.random())), [ZONE]) as office:
        gate, bar = await office.gate(), await office.bar()
        for n in range(12):
            gate.say(admitted(chance.randrange(6)))
            bar.say(topped_up(chance.randrange(4), 700, n))
            bar.say(sold(chance.randrange(4), 450, 1, sale=chance.randrange(8)))
        raws = [r.raw for box in (gate, bar) for r, _ in box.shelf.records]
        raws += chance.choices(raws, k=10)
        chance.shuffle(raws)
        for at in range(0, len(raws), 7):
            part = raws[at : at + 7]
            await office.do(lambda o, part=part: o.store.replica.take(part))  # type: ignore[misc]
        kept = await office.get("/api/v1/hashes")

        def folded(o: Office) -> dict[str, str]:
            cells = MemoryCells()
            refold(o.store.shelf, cells)
            return area_hashes(cells, Area)

        assert await office.do(folded) == kept
    again = office_in(office.folder.path, 77)
    assert area_hashes(again.cells, Area) == kept
    again.close()
