"""Places at the office's own counter: never more than there are, whoever lends and whoever asks."""

from dataclasses import replace
from pathlib import Path

from cloud.office import Office
from cloud.orders.counter import (
    give_back_all,
    place_resource,
    places_left,
    places_taken,
    take_all,
)
from cloud.orders.refusals import Refusal, Why
from sync import allotments, handover, lending
from sync.allotments import COUNTER
from sync.conflicts import conflicts
from sync.names import ID_BYTES, Area, Role
from tests.cloud.offices import TestOffice, open_office, serving

DAY = 2
TYPE = {"kind": "type", "type": DAY, "name": "Day"}
QUOTA = {"kind": "quota", "ticket_type": DAY, "capacity": 50}
WALK_UP = {"kind": "product", "product": 9, "name": "Day", "price": 4_000, "ticket_type": DAY}


class Take:
    """A job that takes places."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __call__(self, office: Office) -> Refusal | None:
        return take_all(office, {DAY: self.count})


async def left(office: TestOffice) -> int | None:
    return await office.do(lambda o: places_left(o.cells, DAY))


async def test_the_name_of_the_counter_has_the_length_of_an_id() -> None:
    assert len(COUNTER) == ID_BYTES


async def test_places_are_taken_until_none_is_left_and_come_back(tmp_path: Path) -> None:
    async with open_office(tmp_path, TYPE, QUOTA) as office:
        assert await office.do(Take(30)) is None
        assert await office.do(Take(21)) == Refusal(Why.SOLD_OUT, "type 2: 20 left")
        assert await office.do(Take(20)) is None
        assert await left(office) == 0
        await office.do(lambda o: give_back_all(o, {DAY: 5}))
        assert await left(office) == 5
        assert await office.do(lambda o: places_taken(o.cells, DAY)) == 45


async def test_without_a_quota_places_are_counted_all_the_same(tmp_path: Path) -> None:
    async with open_office(tmp_path, TYPE) as office:
        assert await office.do(Take(30)) is None
        assert await left(office) is None
        await office.state(QUOTA)
        assert await left(office) == 20


async def test_several_types_are_taken_together_or_not_at_all(tmp_path: Path) -> None:
    other = [TYPE | {"type": 3}, QUOTA | {"ticket_type": 3, "capacity": 1}]
    async with open_office(tmp_path, TYPE, QUOTA, *other) as office:
        refusal = await office.do(lambda o: take_all(o, {DAY: 1, 3: 2}))
        assert refusal is not None
        assert refusal.why is Why.SOLD_OUT
        assert await left(office) == 50


async def test_what_tills_hold_counts_as_taken_and_what_is_taken_is_lent_to_no_till(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path, TYPE, WALK_UP, QUOTA) as office:
        till = await office.bar()
        await office.level(till)
        held = await office.do(lambda o: allotments.held(o.cells, (2, DAY), till.terminal))
        assert held > 0
        assert await left(office) == 50 - held
        assert await office.do(Take(50 - held)) is None
        refusal = await office.do(Take(1))
        assert refusal is not None
        assert refusal.why is Why.SOLD_OUT
        await office.level(till)
        quota = await office.do(lambda o: lending.read(o.cells, (2, DAY)))
        assert quota is not None
        assert (quota.committed, quota.at_counter, quota.used) == (50, 50 - held, 50 - held)


async def test_another_process_gives_back_what_one_took(tmp_path: Path) -> None:
    async with open_office(tmp_path, TYPE, QUOTA) as first:
        assert await first.do(Take(50)) is None
        folder = first.folder
    async with serving(folder, seed=2) as second:
        await second.do(lambda o: give_back_all(o, {DAY: 7}))
        assert await left(second) == 7
        assert not await second.do(lambda o: conflicts(o.cells, Area.MONEY))


async def test_more_never_comes_back_than_was_taken(tmp_path: Path) -> None:
    async with open_office(tmp_path, TYPE, QUOTA) as office:
        assert await office.do(Take(3)) is None
        await office.do(lambda o: give_back_all(o, {DAY: 9}))
        assert await left(office) == 50
        assert not await office.do(lambda o: conflicts(o.cells, Area.MONEY))


async def test_the_counter_is_shut_while_a_hub_lends_but_takes_places_back(tmp_path: Path) -> None:
    async with open_office(tmp_path, TYPE, QUOTA) as office:
        hub = office.box(Role.HUB, "Hub", 31)
        assert await office.do(Take(5)) is None
        await office.do(lambda o: o.say(handover.hand_over(o.cells, hub.terminal)))
        assert await office.do(Take(1)) == Refusal(Why.NOT_AUTHORITY)
        await office.do(lambda o: give_back_all(o, {DAY: 5}))
        assert await left(office) == 50


async def test_the_counter_is_shut_while_the_office_recovers(tmp_path: Path) -> None:
    async with open_office(tmp_path, TYPE, QUOTA) as office:
        till = await office.bar()
        await office.level(till)
        await office.do(lambda o: o.begin_recovery())
        assert await office.do(Take(1)) == Refusal(Why.RECOVERING)


async def test_what_is_free_is_reckoned_alike_with_and_without_the_tills(tmp_path: Path) -> None:
    async with open_office(tmp_path, TYPE, WALK_UP, QUOTA) as office:
        till = await office.bar()
        await office.level(till)
        assert await office.do(Take(11)) is None
        quota = await office.do(lambda o: lending.read(o.cells, place_resource(DAY)))
        assert quota is not None
        assert quota.free == await left(office)
        assert replace(quota, parts={}, committed=0).at_counter == 0
