"""Gates and tills ask the office for parts of quotas over real HTTP."""

from pathlib import Path

from sync import allotments, lending
from sync.allotments import Resource
from sync.asking import Asked, Question, Reply, spell
from sync.facts import QuotaSet
from sync.limits import ANSWER_LIFE_MS, PART_ASKED_UNITS_MAX
from sync.names import Role
from tests.cloud.box import Box
from tests.cloud.cashless.asking import ask, ask_raw
from tests.cloud.facts import admitted, sold
from tests.cloud.offices import TestOffice, open_office

PLACES: Resource = (1, 1)
BEER: Resource = (4, 1)
ZONE = {"kind": "zone", "zone": 1, "name": "Field", "capacity": 80}
PRODUCT = {"kind": "product", "product": 1, "name": "Beer", "price": 300}


def wants(resource: Resource, amount: int, operation: int = 1) -> Question:
    number = operation.to_bytes(16, "big")
    return Question(int(Asked.PART), number, 0, amount, resource=resource)


def held(box: Box, resource: Resource) -> int:
    return allotments.held(box.shelf.cells, resource, box.terminal)


async def committed(office: TestOffice, resource: Resource) -> int:
    quota = await office.do(lambda o: lending.read(o.cells, resource))
    assert quota is not None
    return quota.committed


async def test_a_gate_is_lent_the_places_that_it_asks_for_at_once(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate, _ = await office.gate(), await office.gate("South", seed=12)
        await office.level(gate)
        before = held(gate, PLACES)
        reply = await ask(office, gate, wants(PLACES, 5))
        assert (reply.granted, reply.reason) == (5, "")
        assert held(gate, PLACES) == before + 5
        assert reply.safe == 80 - await committed(office, PLACES)


async def test_a_till_is_lent_what_is_free_and_no_more(tmp_path: Path) -> None:
    async with open_office(tmp_path, PRODUCT) as office:
        till, other = await office.bar(), await office.bar("Other", seed=22)
        await office.say(QuotaSet(*BEER, 1, 40))
        await office.level(till, other)
        assert held(till, BEER) == 5
        reply = await ask(office, till, wants(BEER, 100))
        assert reply.granted == 30
        assert await ask(office, till, wants(BEER, 1, 2)) == Reply(0, "quota_full", 0, ())
        assert await committed(office, BEER) == 40
        await office.say(QuotaSet(*BEER, 2, 43))
        assert (await ask(office, till, wants(BEER, 2, 3))).granted == 2


async def test_sales_are_made_up_for_by_the_office_without_a_question(tmp_path: Path) -> None:
    async with open_office(tmp_path, PRODUCT) as office:
        till, _ = await office.bar(), await office.bar("Other", seed=22)
        await office.say(QuotaSet(*BEER, 1, 80))
        await office.level(till)
        assert held(till, BEER) == 10
        till.say(sold(5, 300, quantity=6))
        await office.level(till)
        assert held(till, BEER) == (80 - 6) // 8


async def test_the_same_question_is_answered_with_the_same_bytes_and_lends_once(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate = await office.gate()
        await office.level(gate)
        question = spell(wants(PLACES, 5))
        first = await ask_raw(office, gate, question)
        before = await committed(office, PLACES)
        assert await ask_raw(office, gate, question) == first
        assert await committed(office, PLACES) == before
        assert (await ask_raw(office, gate, spell(wants(PLACES, 6))))[0] == 409
        office.now_ms += ANSWER_LIFE_MS + 1
        assert await ask_raw(office, gate, question) != first


async def test_who_cannot_use_a_quota_is_lent_nothing_of_it(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE, PRODUCT) as office:
        gate, till = await office.gate(zone=2), await office.bar()
        await office.level(gate, till)
        for box, resource in ((gate, PLACES), (gate, BEER), (till, PLACES), (till, (2, 7))):
            assert await ask(office, box, wants(resource, 5)) == Reply(0, "no_part", 0, ())
        unplaced = office.box(Role.GATE, "New", 40)
        await office.level(unplaced)
        assert (await ask(office, unplaced, wants(PLACES, 5))).reason == "no_part"


async def test_a_gate_asks_for_nothing_but_parts(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate = await office.gate()
        await office.level(gate)
        loan = Question(int(Asked.LOAN), bytes(16), 5, 100)
        assert (await ask_raw(office, gate, spell(loan)))[0] == 403


async def test_a_greedy_terminal_is_lent_a_bounded_part(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE | {"capacity": 100_000}) as office:
        gate, _ = await office.gate(), await office.gate("South", seed=12)
        await office.level(gate)
        reply = await ask(office, gate, wants(PLACES, 90_000))
        assert reply.granted == PART_ASKED_UNITS_MAX


async def test_an_office_older_than_its_terminals_lends_no_parts(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate = await office.gate()
        gate.say(admitted(1))
        await office.level(gate)
        await office.do(lambda o: o.begin_recovery())
        assert (await ask(office, gate, wants(PLACES, 5))).reason == "recovering"
