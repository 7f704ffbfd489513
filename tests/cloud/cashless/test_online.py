"""Top-ups and payments that come over the network: the same ledger, the same bound, no doubt."""

from pathlib import Path

import pytest

from cloud.cashless.online import (
    ONLINE_BAR,
    Item,
    Line,
    Moved,
    Paid,
    booked_reference,
    lines_of_amount,
    lines_of_items,
    pay,
    top_up,
)
from cloud.cashless.wallets import MoveKind, history_of
from cloud.office import Office
from cloud.orders.refusals import Refusal, Why
from cloud.store.heard import HeardHere
from cloud.store.look import look
from sync import accounts, allotments, handover, ledger
from sync.allotments import wallet_resource
from sync.conflicts import conflicts
from sync.facts import Method, Sold, ToppedUp, WristbandBlocked
from sync.limits import LEVEL_WITHIN_MS, MONEY_MINOR_MAX
from sync.names import Area, Role
from tests.cloud.cashless.asking import ask, loan
from tests.cloud.offices import TestOffice, open_office

WALLET = 12_345_678_901_234_567_890
RICH: dict[str, object] = {"kind": "policy", "settings": {"balance_max": -1}}
BEER = {"kind": "product", "product": 1, "name": "Cola", "price": 300, "vat": 2_000}


def op(number: int) -> bytes:
    return number.to_bytes(16, "big")


async def topped(office: TestOffice, amount: int, number: int = 1) -> Moved | Refusal:
    return await office.do(lambda o: top_up(o, op(number), WALLET, amount, Paid.CARD, "order 7"))


async def paid(office: TestOffice, amount: int, number: int = 100) -> Moved | Refusal:
    lines = lines_of_amount(amount, 2_000)
    return await office.do(lambda o: pay(o, op(number), WALLET, lines, ONLINE_BAR, ""))


def why(result: Moved | Refusal) -> Why:
    assert isinstance(result, Refusal)
    assert result.sentence
    return result.why


async def test_money_comes_in_and_is_spent_and_every_cent_is_booked(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        assert await topped(office, 5_000) == Moved(op(1), 5_000, 5_000, 5_000)
        assert await paid(office, 1_200) == Moved(op(100), 1_200, 3_800, 3_800)
        booked = await office.do(lambda o: {a: n for a, _, n in accounts.accounts(o.cells)})
        assert booked == {
            "card:card": -5_000,
            f"wallet:{WALLET}": 3_800,
            f"revenue:{ONLINE_BAR}:2000": 1_000,
            "vat:2000": 200,
        }
        assert not await office.do(lambda o: conflicts(o.cells, Area.MONEY))


async def test_the_same_operation_is_done_once_whatever_was_forgotten(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await topped(office, 5_000)
        assert why(await topped(office, 5_000)) is Why.ALREADY_DONE
        await paid(office, 1_000)
        assert why(await paid(office, 1_000)) is Why.ALREADY_DONE
        assert await office.do(lambda o: accounts.wallet_balance(o.cells, WALLET)) == 4_000


async def test_nobody_spends_more_than_there_is(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        assert why(await paid(office, 1)) is Why.BALANCE
        await topped(office, 5_000)
        assert why(await paid(office, 5_001)) is Why.BALANCE
        assert isinstance(await paid(office, 5_000), Moved)


@pytest.mark.parametrize("length", [31, 32, 40])
def test_what_finds_a_transfer_elsewhere_is_booked_whole(length: int) -> None:
    reference = "E2E-" + "7" * (length - 4)
    told = booked_reference(Paid.TRANSFER, reference)
    assert told == (f"transfer {reference}" if length == 31 else reference)
    assert booked_reference(Paid.TRANSFER, "") == "transfer"
    assert booked_reference(Paid.CARD, reference) == reference
    assert booked_reference(Paid.CARD, "") is None


@pytest.mark.parametrize("amount", [0, -1, MONEY_MINOR_MAX + 1])
async def test_an_amount_that_is_none_moves_nothing(tmp_path: Path, amount: int) -> None:
    async with open_office(tmp_path) as office:
        await topped(office, 5_000)
        assert why(await paid(office, amount)) in {Why.TOO_MUCH_MONEY, Why.NOTHING_TO_PAY}
        assert await office.do(lambda o: accounts.wallet_balance(o.cells, WALLET)) == 5_000


async def test_a_wallet_holds_no_more_than_the_organiser_allows(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        assert isinstance(await topped(office, 25_000), Moved)
        refusal = await topped(office, 1, 2)
        assert refusal == Refusal(Why.BALANCE_MAX, "at most 0 more")


async def test_what_a_silent_till_may_have_sold_is_not_spent_online(tmp_path: Path) -> None:
    async with open_office(tmp_path, RICH) as office:
        till = await office.bar()
        await office.level(till)
        await topped(office, 12_000)
        assert isinstance(await paid(office, 1_000, 1_000), Moved)
        office.now_ms += LEVEL_WITHIN_MS + 1_000
        refusal = await paid(office, 6_001, 1_001)
        assert refusal == Refusal(Why.SAFE_BALANCE, "at most 6000")
        assert isinstance(await paid(office, 6_000, 1_002), Moved)
        await office.level(till)
        assert isinstance(await paid(office, 5_000, 1_003), Moved)


async def test_a_till_that_was_heard_a_moment_ago_frees_the_money_at_once(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await office.bar()
        await office.level(till)
        await topped(office, 5_000)
        office.now_ms += LEVEL_WITHIN_MS + 1_000
        assert why(await paid(office, 5_000, 1_000)) is Why.SAFE_BALANCE
        await office.level(till)
        assert isinstance(await paid(office, 5_000, 1_000), Moved)


async def test_what_a_till_holds_in_loans_is_not_there_to_be_spent_online(tmp_path: Path) -> None:
    async with open_office(tmp_path, RICH) as office:
        till = await office.bar()
        await office.level(till)
        await topped(office, 12_000)
        await office.level(till)
        reply = await ask(office, till, loan(WALLET, 7_000))
        assert reply.granted == 7_000
        assert await paid(office, 5_001, 1_000) == Refusal(Why.BALANCE, "at most 5000")
        assert isinstance(await paid(office, 5_000, 1_001), Moved)
        held = await office.do(lambda o: allotments.unspent(o.cells, wallet_resource(WALLET)))
        assert held == 7_000


async def test_after_a_start_nothing_is_spent_before_a_till_has_spoken(tmp_path: Path) -> None:
    async with open_office(tmp_path, RICH) as office:
        till = await office.bar()
        await office.level(till)
        await topped(office, 20_000)
        office.office.store.heard = HeardHere()  # as after a start
        assert why(await paid(office, 1, 1_000)) is Why.NOBODY_HEARD
        await office.level(till)
        assert isinstance(await paid(office, 1, 1_000), Moved)


async def test_a_blocked_wallet_neither_pays_nor_takes_money(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await topped(office, 5_000)
        await office.say(WristbandBlocked(WALLET, "lost"))
        assert why(await paid(office, 1)) is Why.BLOCKED
        assert why(await topped(office, 1, 2)) is Why.BLOCKED


async def test_while_a_hub_is_the_authority_money_comes_in_and_none_is_spent(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path) as office:
        await topped(office, 5_000)
        hub = office.box(Role.HUB, "Hub", 31)
        await office.do(lambda o: o.say(handover.hand_over(o.cells, hub.terminal)))
        assert why(await paid(office, 1)) is Why.NOT_AUTHORITY
        assert isinstance(await topped(office, 1_000, 2), Moved)


async def test_while_the_office_recovers_no_money_moves(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await topped(office, 5_000)
        till = await office.bar()
        await office.level(till)
        await office.do(Office.begin_recovery)
        assert why(await paid(office, 1)) is Why.RECOVERING
        assert why(await topped(office, 1, 2)) is Why.RECOVERING


async def lines(office: TestOffice, *items: Item, bar: int = 1) -> tuple[Line, ...] | Refusal:
    return await office.do(lambda o: lines_of_items(o, items, bar))


async def test_products_are_sold_at_the_price_of_this_minute(tmp_path: Path) -> None:
    # The tests' clock stands at 12:06 in Paris.
    windows = [[12 * 60, 13 * 60, 250]]
    async with open_office(tmp_path, BEER | {"windows": windows}) as office:
        assert await lines(office, Item(1, 2)) == ((1, 2, 250, 2_000, 0, None),)
        office.now_ms += 3_600_000
        assert await lines(office, Item(1, 2)) == ((1, 2, 300, 2_000, 0, None),)


@pytest.mark.parametrize(
    "change, word",
    [({"product": 2}, Why.UNKNOWN_PRODUCT),
     ({"on_sale": False}, Why.UNKNOWN_PRODUCT),
     ({"bars": [2]}, Why.UNKNOWN_PRODUCT),
     ({"ticket_type": 4}, Why.UNKNOWN_PRODUCT),
     ({"age": 18}, Why.AGE)],
)  # fmt: skip
async def test_what_cannot_be_sold_online_is_refused(
    tmp_path: Path, change: dict[str, object], word: Why
) -> None:
    async with open_office(tmp_path, BEER | change) as office:
        result = await lines(office, Item(1, 1))
        assert isinstance(result, Refusal)
        assert result.why is word


async def test_a_products_quota_is_not_passed_by_what_is_sold_online(tmp_path: Path) -> None:
    quota = {"kind": "quota", "product": 1, "capacity": 5}
    async with open_office(tmp_path, BEER, quota) as office:
        await topped(office, 5_000)

        def buy(number: int, count: int) -> "Buying":
            return Buying(number, count)

        assert isinstance(await office.do(buy(1, 3)), Moved)
        refusal = await office.do(buy(2, 3))
        assert refusal == Refusal(Why.SOLD_OUT, "product 1: 2 left")
        assert isinstance(await office.do(buy(3, 2)), Moved)
        assert not await office.do(lambda o: ledger.sale(o.cells, op(1_002)).baskets)


class Buying:
    """A job that pays for some of the product from the wallet."""

    def __init__(self, number: int, count: int) -> None:
        self.number = number
        self.count = count

    def __call__(self, office: Office) -> Moved | Refusal:
        found = lines_of_items(office, [Item(1, self.count)], 1)
        assert not isinstance(found, Refusal)
        return pay(office, op(1_000 + self.number), WALLET, found, 1, "")


async def test_what_every_process_of_the_office_sold_is_one_row_among_the_bars(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path) as office:
        till = await office.bar()
        await office.level(till)
        await topped(office, 5_000)
        await paid(office, 1_200)
        office.office._pen = None
        await paid(office, 300, 101)
        rows = (await office.get("/api/v1/summary"))["bars"]
    (row,) = [one for name, one in rows.items() if name != "Main"]
    assert (row["sales"], row["topups"], row["sold_minor"]) == (2, 1, 1_500)


async def test_what_a_gate_says_of_money_is_no_move_of_a_wallet(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await topped(office, 5_000)
        gate = await office.gate()
        line = (1, 1, 300, 2_000, 0, None)
        spent = ((int(Method.WALLET), 300, WALLET, None),)
        gate.say(
            ToppedUp(op(2), WALLET, 700, int(Method.CARD), 1, 0, None),
            Sold(op(3), 1, 1, 1, (line,), spent, 1, "alone_limit", 0),
        )
        await office.level(gate)
        with look(office.folder.path, office.folder.festival) as seen:
            moves, is_complete = history_of(seen, WALLET)
            assert accounts.wallet_balance(seen.cells, WALLET) == 5_000
        assert ([(one.kind, one.amount) for one in moves], is_complete) == (
            [(MoveKind.TOP_UP, 5_000)], True,
        )  # fmt: skip
