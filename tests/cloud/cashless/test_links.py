import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from sync import accounts, ledger
from sync.asking import Reply, read_reply, spell
from sync.conflicts import ConflictKind
from sync.facts import (
    Right,
    SecretKind,
    StaffSet,
    WalletSecretSet,
    WristbandBlocked,
    WristbandLinked,
)
from sync.journal import read_record
from sync.keys import pin_proof
from sync.limits import CLAIM_LOCK_MS, CLAIM_TRIES_MAX
from tests.cloud.box import Box
from tests.cloud.cashless.asking import ask, ask_raw, link, loan
from tests.cloud.facts import sold, topped_up
from tests.cloud.offices import TestOffice, open_office

LOST = (1 << 64) - 5
NEW = (1 << 63) + 9
CLAIM = "314159265"
PROOF = pin_proof(CLAIM, b"a salt of 16 by.")
BOSS, SELLER = 70, 71


async def guest(office: TestOffice, *, has_claim: bool = True) -> Box:
    """Return a till at which a guest topped up, whose claim code is known, with its staff."""
    till = await office.bar()
    till.say(topped_up(LOST, 6_000))
    if has_claim:
        till.say(WalletSecretSet(LOST, int(SecretKind.CLAIM), PROOF, 1))
    cashier, seller = int(Right.CASHIER), int(Right.SELLER)
    await office.say(
        StaffSet(BOSS, 1, "C1", cashier, None), StaffSet(SELLER, 1, "S1", seller, None)
    )
    await office.level(till)
    return till


async def wallet_of(office: TestOffice, wristband: int) -> int | None:
    return await office.do(lambda o: ledger.wallet_of(o.cells, wristband))


async def test_a_guest_with_the_claim_code_gets_the_money_on_another_wristband(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path) as office:
        till = await guest(office)
        reply = await ask(office, till, link(LOST, NEW, CLAIM))
        assert (reply.granted, reply.reason, reply.safe) == (1, "", 6_000)
        bodies = [read_record(raw).body for raw in reply.records[1:]]
        assert bodies == [
            WristbandBlocked(LOST, "replaced"),
            WristbandLinked(NEW, LOST, "claim"),
        ]
        for cells in (till.shelf.cells,):
            assert ledger.wallet_of(cells, NEW) == LOST
            assert ledger.wallet_of(cells, LOST) is None
        assert await wallet_of(office, NEW) == LOST
        assert (await ask(office, till, loan(LOST, 1_000, 2, wristband=NEW))).granted == 1_000


async def test_a_second_loss_blocks_the_second_wristband(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await guest(office)
        assert (await ask(office, till, link(LOST, NEW, CLAIM))).granted == 1
        assert (await ask(office, till, link(LOST, 12, CLAIM, operation=2))).granted == 1
        assert [await wallet_of(office, one) for one in (LOST, NEW, 12)] == [None, None, LOST]


async def test_a_cashier_may_link_without_a_claim_and_a_seller_may_not(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await guest(office, has_claim=False)
        for nobody in (None, SELLER, 99):
            reply = await ask(office, till, link(LOST, NEW, approved_by=nobody))
            assert reply == Reply(0, "not_allowed", 0, ())
        assert (await ask(office, till, link(LOST, NEW, CLAIM))).reason == "no_claim"
        reply = await ask(office, till, link(LOST, NEW, approved_by=BOSS, operation=2))
        linked = read_record(reply.records[-1]).body
        assert linked == WristbandLinked(NEW, LOST, "supervisor", BOSS)


async def test_a_claim_is_tried_five_times_and_then_rests_for_five_minutes(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await guest(office)
        for number in range(CLAIM_TRIES_MAX):
            reply = await ask(office, till, link(LOST, NEW, "27182818", operation=number))
            assert reply.reason == "wrong_claim"
        assert (await ask(office, till, link(LOST, NEW, CLAIM, operation=8))).reason == "locked"
        office.now_ms += CLAIM_LOCK_MS
        await office.level(till)
        assert (await ask(office, till, link(LOST, NEW, CLAIM, operation=9))).granted == 1


async def test_guesses_at_the_same_time_are_counted_one_by_one(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await guest(office)
        await ask(office, till, loan(LOST, 0, 50))
        guesses = [link(LOST, NEW, f"{n:06}", operation=n) for n in range(CLAIM_TRIES_MAX + 2)]
        replies = await asyncio.gather(*(ask(office, till, one) for one in guesses))
        assert sorted(reply.reason for reply in replies) == [
            *(["locked"] * 2),
            *(["wrong_claim"] * CLAIM_TRIES_MAX),
        ]


async def test_a_wrong_claim_that_is_asked_again_counts_once_and_a_right_one_forgives(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path) as office:
        till = await guest(office)
        wrong = link(LOST, NEW, "27182818")
        for _ in range(2 * CLAIM_TRIES_MAX):
            assert (await ask(office, till, wrong)).reason == "wrong_claim"
        assert (await ask(office, till, replace(wrong, claim=CLAIM))).granted == 1
        assert not await office.do(lambda o: o.store.asked.is_claim_locked(LOST, office.now_ms))


@pytest.mark.parametrize("use", ["topped_up", "sold", "linked", "blocked", "itself"])
async def test_a_wristband_that_was_used_before_is_not_given_away(tmp_path: Path, use: str) -> None:
    async with open_office(tmp_path) as office:
        till = await guest(office)
        facts = {
            "topped_up": topped_up(NEW, 100, 2),
            "sold": sold(NEW, 100),
            "linked": WristbandLinked(NEW, 44, "supervisor"),
            "blocked": WristbandBlocked(NEW, "stolen"),
        }
        if use in facts:
            till.say(facts[use])
        await office.level(till)
        new = LOST if use == "itself" else NEW
        reply = await ask(office, till, link(LOST, new, CLAIM))
        assert reply == Reply(0, "wristband_in_use", 0, ())


async def test_a_link_needs_a_wristband_and_a_wallet_that_somebody_has_heard_of(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path) as office:
        till = await guest(office)
        assert (await ask(office, till, link(LOST, None, CLAIM))).reason == "no_wristband"
        reply = await ask(office, till, link(1234, NEW, approved_by=BOSS))
        assert reply.reason == "unknown_wallet"


async def test_of_two_tills_that_give_one_wristband_away_one_is_refused(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till, other = await guest(office), await office.bar("Other", seed=30)
        other.say(topped_up(8, 100, 5))
        await office.level(other, till)
        for box in (till, other):
            await ask(office, box, loan(LOST, 0, 60))
        replies = await asyncio.gather(
            ask(office, till, link(LOST, NEW, approved_by=BOSS)),
            ask(office, other, link(8, NEW, approved_by=BOSS)),
        )
        assert sorted(reply.reason for reply in replies) == ["", "wristband_in_use"]
        kinds = [row["kind"] for row in await office.get("/api/v1/conflicts")]
        assert ConflictKind.TWO_LINKS not in kinds


async def test_a_link_whose_answer_was_lost_is_made_once(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await guest(office)
        body = spell(link(LOST, NEW, CLAIM))
        first = await ask_raw(office, till, body)
        before = await office.do(lambda o: o.store.shelf.arrived)
        assert await ask_raw(office, till, body) == first
        assert await office.do(lambda o: o.store.shelf.arrived) == before
        assert read_reply(first[1]).granted == 1


async def test_a_sale_on_the_lost_wristband_that_comes_late_still_counts(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till, far = await guest(office), await office.bar("Far", seed=30)
        far.say(sold(LOST, 500))
        assert (await ask(office, till, link(LOST, NEW, CLAIM))).granted == 1
        await office.level(far, till)
        assert await office.do(lambda o: accounts.wallet_balance(o.cells, LOST)) == 5_500
        assert ledger.wallet_of(far.shelf.cells, LOST) is None


async def test_an_office_that_was_put_back_links_nothing(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await guest(office)
        await office.do(lambda o: o.begin_recovery())
        assert (await ask(office, till, link(LOST, NEW, CLAIM))).reason == "recovering"
