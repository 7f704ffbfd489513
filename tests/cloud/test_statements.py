from pathlib import Path
from typing import Any

import pytest

from cloud.festivals.statements import BadStatement, Situation, bodies_of
from cloud.settings import make_issuing_key
from cloud.settings import open_office as reopen
from sync import allotments, catalogue, lending
from sync.cells import MemoryCells
from sync.facts import TicketStatus
from sync.keys import SecretKey
from tests.cloud.engines import current
from tests.cloud.facts import admitted
from tests.cloud.offices import FESTIVAL, TestOffice, open_office, serving

ZONE: dict[str, object] = {"kind": "zone", "zone": 1, "name": "Field", "capacity": 80}


def nowhere() -> Situation:
    return Situation(MemoryCells(), lambda _: [], FESTIVAL, SecretKey(bytes(32)).public)


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "row",
    [
        None,
        [],
        "zone",
        {},
        {"kind": "office"},
        {"kind": ["zone"]},
        {"kind": "zone"},
        {"kind": "zone", "zone": "1"},
        {"kind": "zone", "zone": True},
        {"kind": "zone", "zone": -1},
        {"kind": "zone", "zone": 1 << 20},
        {"kind": "zone", "zone": 1, "capacity": "many"},
        {"kind": "zone", "zone": 1, "capacity": -5},
        {"kind": "zone", "zone": 1, "colour": "red"},
        {"kind": "zone", "zone": 1, "version": 9},
        {"kind": "zone", "zone": 1, "name": "x" * 81},
        {"kind": "zone", "zone": 1, "name": {"a": 1}},
        {"kind": "type", "type": 1, "zones": "1,2"},
        {"kind": "type", "type": 1, "zones": [1.5]},
        {"kind": "type", "type": 1, "group_max": 70_000},
        {"kind": "product", "product": 1, "price": 4.5},
        {"kind": "product", "product": 1, "price": -1},
        {"kind": "product", "product": 1, "vat": 10_000},
        {"kind": "policy", "settings": {"alone": 1}},
        {"kind": "policy", "settings": {"alone_limit": 1.0}},
        {"kind": "policy", "settings": {"alone_limit": -2}},
        {"kind": "policy", "settings": [1]},
        {"kind": "gate", "terminal": "North"},
        {"kind": "gate"},
        {"kind": "bar", "terminal": 7},
        {"kind": "staff", "badge": 5},
        {"kind": "staff", "badge": 1 << 64, "label": "N1", "rights": 1},
        {"kind": "staff", "badge": 5, "label": "N1", "rights": "all"},
        {"kind": "staff", "badge": 5, "label": "N1", "rights": 1, "pin": "123456"},
        {"kind": "staff", "badge": 5, "label": "N1", "rights": 1, "pin": "zz"},
        {"kind": "type", "type": 1, "age": 300},
        {"kind": "type", "type": 1, "note": "x" * 121},
        {"kind": "status", "serials": [], "status": "cancelled"},
        {"kind": "status", "serials": [1 << 64], "status": "cancelled"},
        {"kind": "status", "serials": [1], "status": "lost"},
        {"kind": "status", "serials": [1], "status": "replaced"},
        {"kind": "status", "serials": [1, 2], "status": "replaced", "replaced_by": 3},
        {"kind": "status", "serials": [1], "status": "cancelled", "replaced_by": 3},
        {"kind": "certificate", "certificate": "zz"},
        {"kind": "certificate", "certificate": "00"},
        {"kind": "retire", "key_id": 3},
        {"kind": "revoke", "terminal": "North"},
        {"kind": "write_off", "terminal": "North"},
    ],
)
def test_what_cannot_be_stated_is_refused_with_a_sentence(row: Any) -> None:
    with pytest.raises(BadStatement) as refused:
        bodies_of(nowhere(), row)
    assert len(str(refused.value)) > 10


async def test_what_is_left_out_stays_and_versions_count_up(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        await office.state({"kind": "zone", "zone": 1, "capacity": 90})
        await office.state({"kind": "zone", "zone": 1, "name": "Meadow"})
        zone = await office.do(lambda o: catalogue.zone(o.cells, 1))
        assert zone is not None
        assert (zone.name, zone.capacity, zone.version) == ("Meadow", 90, 3)


async def test_statements_about_one_subject_in_one_request_count_up_too(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.state(*({"kind": "zone", "zone": 1, "capacity": n} for n in range(5)))
        zone = await office.do(lambda o: catalogue.zone(o.cells, 1))
        assert zone is not None
        assert (zone.capacity, zone.version) == (4, 5)
        assert (await office.get("/api/v1/summary"))["conflicts"] == []


async def test_one_bad_row_leaves_nothing_of_the_others(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        before = await office.get("/api/v1/summary")
        result = await office.state(ZONE | {"capacity": 5}, {"kind": "zone", "zone": "x"})
        assert isinstance(result, BadStatement)
        assert await office.get("/api/v1/summary") == before


async def test_many_statuses_are_split_over_facts(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        serials = [(1 << 63) + n for n in range(400)]
        stated = await office.state({"kind": "status", "serials": serials, "status": "cancelled"})
        assert stated["facts"] == 3
        last = await office.do(lambda o: catalogue.status(o.cells, serials[-1]))
        assert last is not None
        assert last.word is TicketStatus.CANCELLED


async def test_the_replay_policy_has_no_limit_and_single_limits_change_alone(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path) as office:
        await office.state({"kind": "policy", "settings": {"alone_limit": 2_000}})
        found = await office.do(lambda o: catalogue.policy(o.cells))
        assert (found.alone_limit, found.till_cap, found.version) == (2_000, 500_000, 1)
        await office.state({"kind": "policy", "replay": True})
        found = await office.do(lambda o: catalogue.policy(o.cells))
        assert (found.alone_limit, found.code_only_daily, found.version) == (-1, -1, 2)


async def test_only_keys_that_this_office_certified_become_issuing_keys(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        mine = make_issuing_key(office.folder, 2, lambda count: bytes(count))
        (office.folder.path / "issuing-2.key").unlink()
        other = make_issuing_key(office.folder, 2, lambda count: b"\1" * count)
        assert isinstance(
            await office.state({"kind": "certificate", "certificate": mine.hex()}), dict
        )
        keys = await office.do(lambda o: catalogue.issuing_keys(o.cells))
        assert list(keys) == [2]
        clash = await office.state({"kind": "certificate", "certificate": other.hex()})
        assert isinstance(clash, BadStatement)
        await office.state({"kind": "retire", "key_id": 2})
        assert await office.do(lambda o: catalogue.issuing_keys(o.cells)) == {}


async def test_a_gate_is_moved_by_its_name(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE, ZONE | {"zone": 2, "name": "Camp"}) as office:
        gate = await office.gate()
        await office.state({"kind": "gate", "terminal": "North", "zone": 2, "types": [1, 2]})
        place = await office.do(lambda o: catalogue.gate_of(o.cells, gate.terminal))
        assert place is not None
        assert (place.zone, place.types, place.name) == (2, (1, 2), "North")


async def lent(office: TestOffice) -> int:
    return await office.do(lambda o: lending.committed(o.cells, allotments.zone_resource(1)))


async def test_gates_are_lent_parts_and_topped_up_but_never_beyond_the_capacity(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate, other = await office.gate(), await office.gate("South", seed=12)
        assert await lent(office) == 40 + 10
        serial = 0
        while True:
            await office.level(gate)
            held = allotments.held(gate.shelf.cells, allotments.zone_resource(1), gate.terminal)
            if held == 0:
                break
            for _ in range(held):
                serial += 1
                gate.say(admitted(serial))
            await office.level(gate)
            assert await lent(office) <= 80
        assert await lent(office) == 80
        await office.level(other)
        mine = allotments.held(other.shelf.cells, allotments.zone_resource(1), other.terminal)
        assert (serial, mine) == (70, 10)


async def test_a_lower_capacity_lends_nothing_more(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate = await office.gate()
        await office.state({"kind": "zone", "zone": 1, "capacity": 5})
        gate.say(*(admitted(n) for n in range(10)))
        await office.level(gate)
        assert await lent(office) == 40


async def test_a_revoked_gate_is_lent_nothing_and_its_places_come_back(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE | {"capacity": 16}) as office:
        gate = await office.gate()
        gate.say(admitted(1))
        await office.level(gate)
        await office.state({"kind": "revoke", "terminal": "North", "write_off": True})
        assert await lent(office) == 1
        assert (await office.get("/api/v1/summary"))["terminals"][0]["state"] == "revoked"


async def test_an_office_older_than_its_terminals_lends_and_states_nothing_at_first(
    tmp_path: Path,
) -> None:

    folder = tmp_path / "office"
    async with open_office(tmp_path, ZONE) as office:
        gate, bar = await office.gate(), await office.bar()
        await office.level(gate, bar)
    current().copy(folder, tmp_path / "backup")
    async with serving(reopen(folder), seed=2) as office:
        gate.nonce = bar.nonce = ""
        gate.say(*(admitted(n) for n in range(9)))
        await office.state({"kind": "zone", "zone": 1, "name": "Meadow"})
        await office.level(gate, bar)
        before = await office.get("/api/v1/hashes")
    async with serving(reopen(tmp_path / "backup"), seed=3) as office:
        gate.nonce = bar.nonce = ""
        await gate.exchange(office.session, office.url)
        assert (await office.get("/api/v1/summary"))["recovering"]
        told = await office.state({"kind": "zone", "zone": 1, "name": "Other"})
        assert isinstance(told, BadStatement)
        await office.level(gate, bar)
        found = await office.get("/api/v1/summary")
        assert not found["recovering"]
        assert found["hashes"]["access"] == before["access"]
        zone = await office.do(lambda o: catalogue.zone(o.cells, 1))
        assert zone is not None
        assert zone.name == "Meadow"
