import asyncio
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud.settings import open_office as reopen
from provisioning.request_signing import SIGNATURE_HEADER
from sync import accounts
from sync.allotments import wallet_resource
from sync.asking import Reply, read_reply, spell
from sync.facts import AllotmentReturned, Method, WristbandBlocked, WristbandLinked
from sync.journal import read_record
from sync.limits import (
    ANSWER_LIFE_MS,
    ASKED_BYTES_MAX,
    LEVEL_WITHIN_MS,
    QUESTIONS_PER_S_MAX,
)
from sync.names import Role
from tests.cloud.box import Box, other_terminal
from tests.cloud.cashless.asking import PATH, ask, ask_raw, held, loan, pay_out, post
from tests.cloud.facts import admitted, sold, topped_up
from tests.cloud.offices import TestOffice, new_folder, open_office, serving

LIMIT = 5_000
FULL = 12_000


async def one_till(office: TestOffice, wallet: int = 5, amount: int = FULL) -> Box:
    """Return a till that topped a wallet up and has nothing left to say."""
    till = await office.bar()
    till.say(topped_up(wallet, amount))
    await office.level(till)
    return till


async def facts(office: TestOffice) -> int:
    return await office.do(lambda o: o.store.shelf.arrived)


async def test_a_connected_till_can_let_a_guest_spend_the_whole_balance(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await one_till(office)
        reply = await ask(office, till, loan(5, FULL - LIMIT))
        assert (reply.granted, reply.reason) == (7_000, "")
        assert held(till, 5) == 7_000
        assert (await ask(office, till, loan(5, 1, operation=2))).reason == "known_balance"


async def test_the_answer_can_be_folded_before_anything_else_was_heard(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "office")
    async with serving(folder) as office:
        till = await one_till(office)
    async with serving(folder, seed=2) as office:
        said = till.conversation().say()
        await office.do(lambda o: o.converse(till.terminal, said))  # whose answer is lost
        reply = await ask(office, till, loan(5, 100))
        records = [read_record(raw) for raw in reply.records]
        assert [record.number for record in records] == [0, records[1].number]
        assert held(till, 5) == 100
        assert await office.do(lambda o: o.store.shelf.has(records[1].id))


async def test_more_than_is_safe_is_not_lent_and_what_would_be_is_told(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await one_till(office)
        assert await ask(office, till, loan(5, 7_001)) == Reply(0, "known_balance", 7_000, ())
        await office.bar("Far", seed=30)
        assert await ask(office, till, loan(5, 2_001)) == Reply(0, "safe_balance", 2_000, ())
        assert (await ask(office, till, loan(5, 2_000))).granted == 2_000
        assert await ask(office, till, loan(5, 0, 2)) == Reply(0, "", 0, ())


async def test_a_till_counts_as_unheard_from_silence_on_until_it_is_heard_to_its_end(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path) as office:
        till, other = await one_till(office), await office.bar("Other", seed=30)
        await office.level(other, till)
        assert (await ask(office, till, loan(5, 0))).safe == 7_000
        office.now_ms += LEVEL_WITHIN_MS + 1_000
        await office.level(till)
        assert (await ask(office, till, loan(5, 0))).safe == 2_000
        other.say(*(topped_up(9, 1, n) for n in range(1_100)))
        await other.exchange(office.session, office.url)
        assert (await ask(office, till, loan(5, 0))).safe == 2_000
        await office.level(other)
        assert (await ask(office, till, loan(5, 0))).safe == 7_000


async def test_what_the_asking_till_may_sell_by_itself_is_never_lent_too(tmp_path: Path) -> None:
    """Its own room comes on top of the loan, and sales of the last moment are not heard yet."""
    async with open_office(tmp_path) as office:
        till = await one_till(office)
        till.say(sold(5, 2_500, 2))
        assert (await ask(office, till, loan(5, FULL - LIMIT))).granted == 7_000
        spent = LIMIT + 7_000
        assert spent <= FULL


async def test_a_lost_answer_is_given_again_and_nothing_is_lent_twice(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await one_till(office)
        body = spell(loan(5, 3_000))
        status, lost = await ask_raw(office, till, body)
        assert status == 200
        before = await facts(office)
        assert [await ask_raw(office, till, body) for _ in range(3)] == 3 * [(200, lost)]
        assert await facts(office) == before
        till.replica.take(read_reply(lost).records)
        till.say(replace(sold(5, 3_000), loan=3_000))
        assert held(till, 5) == 0
        await office.level(till)
        assert (await ask_raw(office, till, body)) == (200, lost)
        office.now_ms += ANSWER_LIFE_MS + 1
        await office.level(till)
        assert (await ask(office, till, loan(5, 3_000))).granted == 3_000


async def test_a_lost_answer_survives_the_office_being_started_again(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "office")
    async with serving(folder) as office:
        till = await one_till(office)
        status, lost = await ask_raw(office, till, spell(loan(5, 3_000)))
        assert status == 200
    async with serving(reopen(folder.path), seed=2) as office:
        assert await ask_raw(office, till, spell(loan(5, 3_000))) == (200, lost)


async def test_a_loan_that_was_given_back_is_lent_again_to_the_same_operation(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path) as office:
        till = await one_till(office)
        await ask_raw(office, till, spell(loan(5, 3_000)))
        await office.level(till)
        assert held(till, 5) == 3_000
        till.say(AllotmentReturned(wallet_resource(5), 3_000))
        await office.level(till)
        assert (await ask(office, till, loan(5, 3_000))).granted == 3_000
        assert held(till, 5) == 3_000
        assert (await ask(office, till, loan(5, 0, 2))).safe == 4_000


async def test_an_operation_that_was_granted_is_not_granted_with_another_content(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path) as office:
        till = await one_till(office)
        assert (await ask(office, till, loan(5, 9_000))).granted == 0
        assert (await ask(office, till, loan(5, 3_000))).granted == 3_000
        status, content = await ask_raw(office, till, spell(loan(5, 2_000)))
        assert (status, b"another content" in content) == (409, True)


async def test_a_question_played_again_by_somebody_else_moves_nothing(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await one_till(office)
        body = spell(loan(5, 3_000))
        await ask_raw(office, till, body)
        caught = till.signed(body, path=PATH)
        before = await facts(office)
        for _ in range(3):
            assert (await post(office, till, body, caught))[0] == 200
        assert await facts(office) == before


async def test_strangers_gates_and_forgers_are_refused(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till, thief = await one_till(office), await office.bar("Thief", seed=22)
        gate = await office.gate()
        await office.level(gate, thief)
        body = spell(loan(5, 100))
        before = await facts(office)
        unknown = await office.bar("New", seed=40)
        assert (await ask_raw(office, unknown, body))[0] == 403
        assert (await ask_raw(office, gate, body))[0] == 403
        await ask_raw(office, till, spell(loan(5, 0)))
        good = till.signed(body, path=PATH)
        mine = thief.signed(body, till.nonce, PATH)
        assert (await post(office, till, body, good | other_terminal(till)))[0] == 403
        forged = good | {SIGNATURE_HEADER: mine[SIGNATURE_HEADER]}
        assert (await post(office, till, body, forged))[0] == 401
        elsewhere = till.signed(body)
        assert (await post(office, till, body, elsewhere))[0] == 401
        assert (await post(office, till, spell(loan(5, 200)), good))[0] == 401
        assert await facts(office) == before + 2


async def test_a_till_without_a_place_and_one_of_another_festival_are_refused(
    tmp_path: Path,
) -> None:
    other = new_folder(tmp_path / "other", seed=99)
    async with open_office(tmp_path) as office, serving(other) as stranger:
        await one_till(office)
        homeless = office.box(Role.BAR, "Nowhere", 41)
        await office.level(homeless)
        assert (await ask_raw(office, homeless, spell(loan(5, 1))))[0] == 403
        foreign = stranger.box(Role.BAR, "Main", 42)
        foreign.office_key = office.folder.key.public
        assert (await ask_raw(office, foreign, spell(loan(5, 1))))[0] == 403


async def test_a_revoked_till_is_lent_nothing_and_a_lost_one_no_longer_counts(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path) as office:
        till, lost = await one_till(office), await office.bar("Lost", seed=30)
        await office.level(lost)
        assert (await ask(office, lost, loan(5, 1_000))).granted == 1_000
        office.now_ms += LEVEL_WITHIN_MS + 1_000
        await office.level(till)
        assert (await ask(office, till, loan(5, 0))).safe == FULL - 2 * LIMIT - 1_000
        assert isinstance(await office.state({"kind": "revoke", "terminal": "Lost"}), dict)
        assert (await ask_raw(office, lost, spell(loan(5, 1))))[0] == 403
        assert (await ask(office, till, loan(5, 0))).safe == FULL - LIMIT - 1_000
        assert (await office.get("/api/v1/wallets/5"))["safe_balance_minor"] == FULL - 1_000
        assert isinstance(await office.state({"kind": "write_off", "terminal": "Lost"}), dict)
        assert (await ask(office, till, loan(5, 0))).safe == FULL - LIMIT


async def test_a_till_given_up_with_loans_of_many_wallets_leaves_none_of_them_lent(
    tmp_path: Path,
) -> None:
    wallets = range(1, 40)
    async with open_office(tmp_path) as office:
        till, lost = await office.bar(), await office.bar("Lost", seed=30)
        till.say(*(topped_up(wallet, FULL, wallet) for wallet in wallets))
        await office.level(till, lost)
        for wallet in wallets:
            office.now_ms += 100
            assert (await ask(office, lost, loan(wallet, 1_000, wallet))).granted == 1_000
        row: dict[str, object] = {"kind": "revoke", "terminal": "Lost", "write_off": True}
        assert (await office.state(row))["facts"] == 1 + len(wallets)
        await office.level(till)
        for wallet in wallets:
            found = await office.get(f"/api/v1/wallets/{wallet}")
            assert found["safe_balance_minor"] == FULL
        assert await office.get("/api/v1/conflicts") == []


@pytest.mark.parametrize("seed", range(3))
async def test_garbage_is_a_problem_and_changes_nothing(tmp_path: Path, seed: int) -> None:
    async with open_office(tmp_path) as office:
        till = await one_till(office)
        chance, good = random.Random(seed), spell(loan(5, 100))
        assert (await ask_raw(office, till, b""))[0] == 400
        before = await facts(office)
        for _ in range(40):
            flipped = bytearray(good)
            flipped[chance.randrange(len(good))] ^= 1 << chance.randrange(8)
            headers = till.signed(good, path=PATH)
            assert (await post(office, till, bytes(flipped), headers))[0] in {400, 401}
        noise = chance.randbytes(seed * 100)
        assert (await ask_raw(office, till, noise))[0] == 400
        assert (await ask_raw(office, till, bytes(ASKED_BYTES_MAX + 1)))[0] == 413
        assert await facts(office) == before


async def test_a_till_that_asks_too_often_must_wait_and_others_need_not(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till, other = await one_till(office), await office.bar("Other", seed=30)
        await office.level(other)
        stands = office.now_ms
        for number in range(QUESTIONS_PER_S_MAX):
            office.now_ms = stands
            assert (await ask(office, till, loan(5, 0, number))).reason == ""
        office.now_ms = stands
        body = spell(loan(5, 0))
        status, _, headers = await post(office, till, body)
        assert (status, headers["Retry-After"]) == (429, "1")
        assert (await ask(office, other, loan(5, 0))).reason == ""
        office.now_ms = stands + 1_000
        assert (await ask_raw(office, till, body))[0] == 200


async def test_a_blocked_wristbands_wallet_is_lent_from_only_to_the_one_in_its_place(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path) as office:
        till = await one_till(office)
        till.say(WristbandBlocked(5, "lost"))
        await office.level(till)
        assert await ask(office, till, loan(5, 100)) == Reply(0, "blocked", 0, ())
        assert (await ask(office, till, pay_out(5, 100))).reason == "blocked"
        await office.say(WristbandLinked(6, 5, "supervisor", 1))
        assert (await ask(office, till, loan(5, 100, 2, wristband=6))).granted == 100
        assert (await ask(office, till, loan(5, 100, 3))).granted == 100
        assert (await ask(office, till, loan(5, 100, 4, wristband=5))).reason == "blocked"
        assert (await ask(office, till, loan(5, 100, 5, wristband=7))).reason == "blocked"


async def test_an_office_that_was_put_back_lends_nothing_at_first(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await one_till(office)
        await office.do(lambda o: o.begin_recovery())
        assert await ask(office, till, loan(5, 100)) == Reply(0, "recovering", 0, ())
        assert (await ask(office, till, pay_out(5, 0))).reason == "recovering"


async def test_a_pay_out_is_lent_whole_as_far_as_it_was_paid_in(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await office.bar()
        gift = replace(topped_up(5, 1_000, 2), method=int(Method.GIFT))
        till.say(topped_up(5, 4_000), gift)
        await office.level(till)
        assert await ask(office, till, pay_out(5, 0)) == Reply(0, "", 4_000, ())
        assert await ask(office, till, pay_out(5, 4_500)) == Reply(0, "only_paid", 4_000, ())
        assert (await ask(office, till, pay_out(5, 5_001))).reason == "known_balance"
        assert (await ask(office, till, pay_out(5, 4_000))).granted == 4_000
        assert held(till, 5) == 4_000
        assert (await ask(office, till, pay_out(5, 1, 2))).reason == "only_paid"


async def test_a_pay_out_waits_for_tills_that_were_not_heard(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await one_till(office)
        await office.bar("Far", seed=30)
        assert await ask(office, till, pay_out(5, FULL)) == Reply(0, "safe_balance", 7_000, ())
        assert (await ask(office, till, pay_out(5, 7_000))).granted == 7_000
        office.now_ms += LEVEL_WITHIN_MS + 1_000
        assert (await ask(office, till, pay_out(5, 0, 2))).safe == 0


async def test_a_gate_admits_while_tills_ask(tmp_path: Path) -> None:
    async with open_office(tmp_path, {"kind": "zone", "zone": 1, "capacity": 80}) as office:
        till, gate = await one_till(office), await office.gate()
        gate.say(admitted(1))
        done = await asyncio.gather(ask(office, till, loan(5, 10)), office.level(gate))
        assert done[0].granted == 10


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    balance=st.integers(0, 30_000),
    limit=st.sampled_from([0, 1_000, LIMIT, 50_000, -1]),
    asked=st.lists(
        st.tuples(st.booleans(), st.booleans(), st.integers(0, 12_000)), min_size=1, max_size=8
    ),
)
async def test_two_tills_at_once_are_never_lent_more_than_is_safe_together(
    tmp_path: Path, balance: int, limit: int, asked: list[tuple[bool, bool, int]]
) -> None:
    """What was granted and each till's own room together never pass the balance, but once.

    The other till's own room is what the printed bound allows for tills with unheard sales.
    """
    folder = new_folder(tmp_path / str(random.Random(str((balance, limit, asked))).random()))
    limits = {"alone_limit": limit, "balance_max": -1}
    policy: dict[str, object] = {"kind": "policy", "settings": limits}
    async with serving(folder, [policy]) as office:
        tills = [await office.bar(), await office.bar("Other", seed=30)]
        if balance:
            tills[0].say(topped_up(5, balance))
        await office.level(*tills)
        questions = [
            (tills[is_other], (pay_out if is_out else loan)(5, amount, n))
            for n, (is_other, is_out, amount) in enumerate(asked)
        ]
        for till in tills:
            await ask(office, till, loan(5, 0, 99))
        replies = await asyncio.gather(*(ask(office, till, q) for till, q in questions))
        granted = sum(reply.granted for reply in replies)
        assert granted <= balance
        room = balance if limit == -1 else min(balance, limit)
        lent_for_sales = sum(
            reply.granted for reply, row in zip(replies, asked, strict=True) if not row[1]
        )
        assert not lent_for_sales or lent_for_sales + room <= balance
        kept = await office.do(lambda o: accounts.wallet_balance(o.cells, 5))
        assert kept == balance
        assert sum(held(till, 5) for till in tills) == granted
