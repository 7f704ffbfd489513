"""Wallets over real HTTP: money in, money out, what is shown, and what is no money at all."""

import asyncio
import random
from pathlib import Path
from typing import Any

import pytest

from cloud.cashless.wallets import history_of
from cloud.festivals.service import state
from sync import accounts
from sync.facts import Corrected, LineKind, Method, PaidOut, Refunded, Sold, Voided
from tests.cloud.orders.festival import Fair, open_fair

WALLET = str((1 << 63) + 5)
TOP_UP = {"wallet": WALLET, "amount_minor": 5_000, "method": "card", "reference": "order 7"}
PAY = {"wallet": WALLET, "amount_minor": 1_200, "vat_basis_points": 2_000}


async def shown(fair: Fair, wallet: str = WALLET) -> Any:
    return await fair.get(f"cashless/wallets/{wallet}?festival={fair.festival}", "cashier")


async def test_a_wallet_is_topped_up_pays_and_shows_what_moved_it(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        moved = await fair.done("cashless/topup", "cashier", TOP_UP)
        assert (moved["balance_minor"], moved["safe_minor"]) == (5_000, 5_000)
        paid = await fair.done("cashless/pay", "cashier", PAY)
        assert (paid["amount_minor"], paid["balance_minor"]) == (1_200, 3_800)
        wallet = await shown(fair)
        assert (wallet["balance_minor"], wallet["paid_minor"]) == (3_800, 3_800)
        assert [(one["kind"], one["amount_minor"]) for one in wallet["moves"]] == [
            ("sale", -1_200), ("top_up", 5_000),
        ]  # fmt: skip
        assert [one["operation"] for one in wallet["moves"]] == [
            paid["operation"], moved["operation"],
        ]  # fmt: skip
        assert wallet["is_complete"]


async def test_an_unknown_wallet_is_empty(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        wallet = await shown(fair, "77")
        assert (wallet["balance_minor"], wallet["moves"]) == (0, [])
        refused = await fair.refused("cashless/pay", "cashier", PAY | {"wallet": "77"})
        assert refused == (409, "insufficient_balance")


async def test_a_hot_wallet_is_never_overspent(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        await fair.done("cashless/topup", "cashier", TOP_UP)
        answers = await asyncio.gather(
            *(fair.post("cashless/pay", "cashier", PAY | {"amount_minor": 100}) for _ in range(80))
        )
        assert sorted({status for status, _ in answers}) == [200, 409]
        assert sum(status == 200 for status, _ in answers) == 50
        assert (await shown(fair))["balance_minor"] == 0


async def test_products_are_paid_at_the_lists_price(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        rows = [{"kind": "product", "product": 4, "name": "Shirt", "price": 1_500, "vat": 2_000}]
        await fair.desk.writer.do(lambda office: state(office, rows))
        await fair.done("cashless/topup", "cashier", TOP_UP)
        items = {"wallet": WALLET, "items": [{"product": 4, "quantity": 2}], "bar": 3}
        paid = await fair.done("cashless/pay", "cashier", items)
        assert paid["balance_minor"] == 2_000
        booked = await fair.desk.look(
            lambda seen: {name: n for name, _, n in accounts.accounts(seen.cells)}
        )
        assert booked["revenue:3:2000"] == 2_500
        items["items"] = [{"product": 5, "quantity": 2}]
        assert await fair.refused("cashless/pay", "cashier", items) == (422, "unknown_product")


async def test_only_the_organiser_gives_money_away(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        gift = TOP_UP | {"method": "gift"}
        assert await fair.refused("cashless/topup", "cashier", gift) == (403, "forbidden")
        assert (await fair.done("cashless/topup", "organiser", gift))["balance_minor"] == 5_000
        assert (await shown(fair))["gift_minor"] == 5_000


NO_MONEY: list[dict[str, object]] = [
    {"amount_minor": 12.0}, {"amount_minor": 1e3}, {"amount_minor": -5}, {"amount_minor": 0},
    {"amount_minor": "100"}, {"amount_minor": True}, {"amount_minor": None},
    {"amount_minor": 10**12 + 1}, {"amount_minor": 1 << 70}, {"wallet": 5}, {"wallet": "-1"},
    {"wallet": str(1 << 64)}, {"wallet": "05"}, {"method": "iou"}, {"festival": "7"},
    {"reference": "x" * 41}, {"reference": "a\x00b"}, {"reference": "\ud800"}, {"more": 1},
]  # fmt: skip


async def test_what_is_no_money_is_refused(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        for change in NO_MONEY:
            status, word = await fair.refused("cashless/topup", "cashier", TOP_UP | change)
            assert (status, word) == (422, "invalid"), change
        assert (await shown(fair))["moves"] == []


async def test_a_payment_names_an_amount_or_items_and_not_both(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        items = {"items": [{"product": 1, "quantity": 1}]}
        for row in (PAY | items, {"wallet": WALLET}, {"wallet": WALLET, "items": []}):
            assert await fair.refused("cashless/pay", "cashier", row) == (422, "invalid")


async def test_a_wallet_that_tills_have_overdrawn_takes_money_and_pays_when_it_is_above_nothing(
    tmp_path: Path,
) -> None:
    async with open_fair(tmp_path) as fair:
        line = (1, 1, 900, 2_000, int(LineKind.ITEM), None)
        spent = ((int(Method.WALLET), 900, int(WALLET), None),)
        sold = Sold(bytes(16), 1, 1, 1, (line,), spent, 1, "alone_limit", 900)
        await fair.desk.say(sold)
        wallet = await shown(fair)
        assert (wallet["balance_minor"], wallet["safe_minor"]) == (-900, 0)
        assert wallet["paid_minor"] == wallet["gift_minor"] == wallet["voucher_minor"] == 0
        pay = PAY | {"amount_minor": 100}
        assert await fair.refused("cashless/pay", "cashier", pay) == (409, "insufficient_balance")
        topped = await fair.done("cashless/topup", "cashier", TOP_UP | {"amount_minor": 500})
        assert (topped["balance_minor"], topped["safe_minor"]) == (-400, 0)
        assert await fair.refused("cashless/pay", "cashier", pay) == (409, "insufficient_balance")
        topped = await fair.done("cashless/topup", "cashier", TOP_UP | {"amount_minor": 500})
        assert (topped["balance_minor"], topped["safe_minor"]) == (100, 100)
        assert (await fair.done("cashless/pay", "cashier", pay))["balance_minor"] == 0


@pytest.mark.parametrize("seed", range(4))
async def test_the_moves_of_a_wallet_add_up_to_its_balance(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    wallet = chance.choice((3, 1 << 40, (1 << 63) + seed))
    async with open_fair(tmp_path) as fair:

        def act(office: Any) -> None:
            for number in range(40):
                office.say(_drawn(chance, wallet if chance.random() < 0.7 else 9, number))

        await fair.desk.writer.do(act)
        moves, is_complete = await fair.desk.look(lambda seen: history_of(seen, wallet))
        balance = await fair.desk.look(lambda seen: accounts.wallet_balance(seen.cells, wallet))
        assert is_complete
        assert sum(move.amount for move in moves) == balance
        _, is_complete = await fair.desk.look(lambda seen: history_of(seen, wallet, 10))
        assert not is_complete


def _drawn(chance: random.Random, wallet: int, number: int) -> Any:
    """Return something that happens to a wallet, or to a sale that it may have paid."""
    amount, earlier = chance.randrange(1, 900), chance.randrange(number + 1).to_bytes(16, "big")
    name = number.to_bytes(16, "big")
    line = (1, 3, amount, 2_000, int(LineKind.ITEM), None)
    paid = (int(Method.WALLET), 3 * amount, wallet, None)
    match chance.randrange(6):
        case 0:
            return Voided(earlier, (0,), (), 1, 1, 1)
        case 1:
            return Refunded(name, earlier, 0, chance.randrange(1, 4), (), 1, 1, 1)
        case 2:
            return PaidOut(name, wallet, amount, int(Method.CASH), 1, 1, None)
        case 3:
            back = ((f"wallet:{wallet}", 0, amount), ("payout", 0, -amount))
            return Corrected(back, "counted wrongly", 1)
        case _:
            return Sold(name, 1, 1, 1, (line,), (paid,), 1, "alone_limit", 0)
