import asyncio
import io
import random
from dataclasses import replace
from pathlib import Path

import pytest

from provisioning.request_signing import NONCE_HEADER, NONCE_LIFE_S_MAX, SIGNATURE_HEADER
from sync import accounts, catalogue, history
from sync.catalogue import is_revoked
from sync.cells import area_hashes
from sync.limits import MESSAGE_BYTES_MAX
from sync.names import Area, Role
from tests.cloud.box import PATH, Box, other_terminal
from tests.cloud.facts import admitted, refused, sold, topped_up
from tests.cloud.offices import TestOffice, new_folder, open_office, serving

ZONE = {"kind": "zone", "zone": 1, "name": "Field", "capacity": 800}


async def post(
    office: TestOffice, body: bytes, headers: dict[str, str]
) -> tuple[int, dict[str, str]]:
    async with office.session.post(office.url + PATH, data=body, headers=headers) as answer:
        problem = await answer.json(content_type=None) if answer.status != 200 else {}
        assert problem.get("status", 200) == answer.status
        return answer.status, dict(answer.headers)


async def nonce_of(office: TestOffice, box: Box) -> str:
    """Return a good nonce, as a box gets it from the 401 to its first request."""
    status, headers = await post(office, b"", box.signed(b"", "00"))
    assert status == 401
    return headers[NONCE_HEADER]


async def facts(office: TestOffice) -> int:
    return await office.do(lambda o: o.store.shelf.arrived)


async def test_facts_of_a_box_are_folded_and_those_of_the_office_come_back(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate, bar = await office.gate(), await office.bar()
        gate.say(admitted(1), refused(None, "not_a_code"))
        bar.say(topped_up(5, 2_000), sold(5, 450, 2))
        await office.level(gate, bar)
        assert history.inside_count(gate.shelf.cells, 1) == 1
        zone = catalogue.zone(gate.shelf.cells, 1)
        assert zone is not None
        assert zone.capacity == 800
        found = await office.get("/api/v1/summary")
        assert found["inside"] == {"1": 1}
        assert found["gates"]["North"] == {
            "admitted": 1,
            "left": 0,
            "refused": {"not_a_code": 1},
        }
        assert found["wallets"] == {"count": 1, "total_minor": 1_100}
        assert found["money_sum_minor"] == 0


async def test_shared_areas_are_the_same_on_box_and_office_after_an_exchange(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate, bar = await office.gate(), await office.bar()
        gate.say(*(admitted(n) for n in range(40)))
        bar.say(*(topped_up(n, 500, n) for n in range(40)))
        await office.level(gate, bar)
        hashes = await office.get("/api/v1/hashes")
        for box, areas in ((gate, ("office", "access")), (bar, ("office", "money"))):
            mine = area_hashes(box.shelf.cells, Area)
            assert {name: mine[name] for name in areas} == {name: hashes[name] for name in areas}


async def test_what_a_box_said_is_acknowledged_to_it(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        bar = await office.bar()
        bar.say(topped_up(5, 100))
        await bar.exchange(office.session, office.url)
        heard = await bar.exchange(office.session, office.url)
        heard = await bar.exchange(office.session, office.url)
        assert heard.acknowledged == ((bar.pen.run, 1),)


async def test_an_office_fact_said_while_running_is_in_the_next_exchange(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gate = await office.gate()
        await office.level(gate)
        await office.state({"kind": "status", "serials": [9], "status": "cancelled"})
        await gate.exchange(office.session, office.url)
        assert catalogue.status(gate.shelf.cells, 9) is not None


async def test_one_request_is_enough_once_a_nonce_was_given(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        bar = await office.bar()
        await office.level(bar)
        body = bar.conversation().say()
        status, headers = await post(office, body, bar.signed(body))
        assert status == 200
        bar.nonce = headers[NONCE_HEADER]
        status, _ = await post(office, body, bar.signed(body))
        assert status == 200


async def test_a_stale_nonce_brings_a_fresh_one(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        bar = await office.bar()
        bar.nonce = await nonce_of(office, bar)
        office.now_ms += (NONCE_LIFE_S_MAX + 1) * 1_000
        body = bar.conversation().say()
        status, headers = await post(office, body, bar.signed(body))
        assert status == 401
        status, _ = await post(office, body, bar.signed(body, headers[NONCE_HEADER]))
        assert status == 200


async def test_a_request_that_is_repeated_adds_nothing(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        bar = await office.bar()
        bar.say(topped_up(5, 100))
        bar.nonce = await nonce_of(office, bar)
        body = bar.conversation().say()
        for _ in range(3):
            status, _ = await post(office, body, bar.signed(body))
            assert status == 200
        await office.level(bar)
        before = await facts(office)
        await post(office, body, bar.signed(body))
        assert await facts(office) == before
        assert await office.do(lambda o: accounts.wallet_balance(o.cells, 5)) == 100


async def test_signatures_of_others_and_for_others_are_refused(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        bar, thief = await office.bar(), await office.bar("Thief", seed=22)
        nonce = await nonce_of(office, bar)
        body = bar.conversation().say()
        before = await facts(office)
        good = bar.signed(body, nonce)
        forged = good | {SIGNATURE_HEADER: thief.signed(body, nonce)[SIGNATURE_HEADER]}
        assert (await post(office, body, forged))[0] == 401
        assert (await post(office, body, good | other_terminal(bar)))[0] == 403
        assert (await post(office, body, thief.signed(body, nonce)))[0] == 403
        assert (await post(office, body + b"\0", good))[0] == 400
        assert (await post(office, thief.conversation().say(), good))[0] == 403
        assert await facts(office) == before


async def test_a_box_of_another_festival_is_refused(tmp_path: Path) -> None:
    other = new_folder(tmp_path / "other", seed=99)
    async with open_office(tmp_path) as office, serving(other) as stranger:
        box = stranger.box(Role.BAR, "Main", 5)
        box.office_key = office.folder.key.public
        box.nonce = await nonce_of(office, box)
        body = box.conversation().say()
        assert (await post(office, body, box.signed(body)))[0] == 403


async def test_only_terminals_may_converse(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        box = office.box(Role.OFFICE, "Office", 5)
        box.nonce = await nonce_of(office, box)
        body = box.conversation().say()
        assert (await post(office, body, box.signed(body)))[0] == 403


async def test_a_revoked_terminal_is_refused_and_its_later_facts_do_not_count(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path, ZONE) as office:
        bar, other = await office.bar(), await office.bar("Other", seed=22)
        bar.say(topped_up(5, 100))
        await office.level(bar)
        assert isinstance(await office.state({"kind": "revoke", "terminal": "Main"}), dict)
        assert await office.do(lambda o: is_revoked(o.cells, bar.terminal))
        bar.say(topped_up(5, 100, 2))
        body = bar.conversation().say()
        assert (await post(office, body, bar.signed(body)))[0] == 403
        late = [record.raw for record, _ in bar.shelf.records if record.terminal == bar.terminal]
        other.replica.take(late)
        await office.level(other)
        assert await office.do(lambda o: accounts.wallet_balance(o.cells, 5)) == 100


@pytest.mark.parametrize("size", [0, 1, 200, 60_000])
async def test_garbage_is_a_problem_and_changes_nothing(tmp_path: Path, size: int) -> None:
    async with open_office(tmp_path) as office:
        bar = await office.bar()
        nonce = await nonce_of(office, bar)
        before = await facts(office)
        body = random.Random(size).randbytes(size)
        assert (await post(office, body, bar.signed(body, nonce)))[0] == 400
        assert await facts(office) == before


async def test_a_message_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        bar = await office.bar()
        nonce = await nonce_of(office, bar)
        body = bytes(MESSAGE_BYTES_MAX + 1)
        headers = bar.signed(body, nonce)
        for chunked in (None, True):
            async with office.session.post(
                office.url + PATH, data=io.BytesIO(body), headers=headers, chunked=chunked
            ) as answer:
                assert answer.status == 413


async def test_no_flipped_bit_of_a_signed_message_gets_through(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        bar = await office.bar()
        bar.say(topped_up(5, 100))
        bar.nonce = await nonce_of(office, bar)
        body = bar.conversation().say()
        good, before = bar.signed(body), await facts(office)
        chance = random.Random(3)
        for _ in range(150):
            flipped = bytearray(body)
            flipped[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
            status, _ = await post(office, bytes(flipped), good)
            assert status in {400, 401, 403}
        assert await facts(office) == before
        assert (await post(office, body, good))[0] == 200


async def test_a_record_with_a_flipped_bit_hurts_none_of_its_neighbours(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        bar, carrier = await office.bar(), await office.bar("Carrier", seed=22)
        records = bar.say(topped_up(5, 100, 1), topped_up(5, 100, 2), topped_up(5, 100, 3))
        opened = next(r for r, _ in bar.shelf.records if r.number == 0 and r.run == bar.pen.run)
        raws = [opened.raw, *(r.raw for r in records)]
        raws[2] = raws[2][:-1] + bytes([raws[2][-1] ^ 1])

        def job(o: object) -> list[str]:
            taken = office.office.store.replica.take(raws)
            return [str(one.outcome) for one in taken]

        assert await office.do(job) == ["new", "new", "bad_signature", "new"]
        await office.level(carrier)
        assert await office.do(lambda o: accounts.wallet_balance(o.cells, 5)) == 200


async def test_many_boxes_at_once_end_level(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE) as office:
        gates = [await office.gate(f"Gate {n}", seed=100 + n) for n in range(6)]
        for n, gate in enumerate(gates):
            gate.say(*(admitted(1_000 * n + i) for i in range(30)))
        for _ in range(3):
            await asyncio.gather(*(gate.level(office.session, office.url) for gate in gates))
        hashes = await office.get("/api/v1/hashes")
        for gate in gates:
            mine = area_hashes(gate.shelf.cells, [Area.OFFICE, Area.ACCESS])
            assert mine["access"] == hashes["access"]
            assert mine["office"] == hashes["office"]
        assert (await office.get("/api/v1/summary"))["inside"] == {"1": 180}


async def test_nothing_is_lost_when_the_office_starts_again(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "office")
    async with serving(folder, [ZONE]) as office:
        bar = await office.bar()
        bar.say(topped_up(5, 100))
        await office.level(bar)
        before = await office.get("/api/v1/hashes")
    async with serving(folder, seed=2) as office:
        assert await office.get("/api/v1/hashes") == before
        bar.say(topped_up(5, 100, 2))
        bar.nonce = ""
        await office.level(bar)
        assert await office.do(lambda o: accounts.wallet_balance(o.cells, 5)) == 200


async def test_what_one_box_offers_of_another_is_asked_for_even_by_the_next_process(
    tmp_path: Path,
) -> None:
    folder = new_folder(tmp_path / "office")
    async with serving(folder, [ZONE]) as office:
        north, south = await office.gate(), await office.gate("South", seed=12)
        north.offers = []
        await office.level(north)
        south.say(admitted(1), admitted(2))
        told = [record for record, _ in south.shelf.records]
        north.replica.take(record.raw for record in told)
        north.offers = [(told[-1].run, told[-1].number, told[-1].id)]
        before = await facts(office)
        await north.exchange(office.session, office.url)
        assert await facts(office) == before
    north.offers, north.memory = [], replace(north.memory, asked=())  # the answer was lost
    async with serving(folder, seed=2) as office:
        north.nonce = ""
        await office.level(north)
        assert history.inside_count(await office.do(lambda o: o.cells), 1) == len(told) - 1
