"""What a bar's facts mean beyond the accounts: stock, what is offered, vouchers, kinds of money."""

from dataclasses import replace

import pytest

from sync.accounts import wallet_balance
from sync.catalogue import voucher, vouchers
from sync.clock import ClockQuality, ClockState
from sync.conflicts import ConflictKind, conflicts
from sync.facts import (
    LineKind,
    Method,
    Offered,
    OfferSet,
    PaidOut,
    SecretKind,
    Sold,
    StockMoved,
    StockReason,
    VoucherSet,
    WalletSecretSet,
)
from sync.keys import PIN_SALT_BYTES, pin_fits, pin_proof
from sync.money_kinds import Kinds, is_topped_up, kinds_left
from sync.names import Area
from sync.stock import in_stock, offered
from sync.vouchers import uses
from sync.wallet_secrets import proof
from tests.sync.builder import (
    NOW_MS,
    Box,
    PaymentRow,
    Pen,
    at,
    bar,
    box_with,
    from_wallet,
    in_cash,
    item,
    office,
    refunded,
    sale_id,
    shuffled,
    sold,
    topped_up,
    voided,
)

HALF = (1, 1, 260, 2000, int(LineKind.HALF), None)
DOUBLE = (2, 1, 900, 2000, int(LineKind.DOUBLE), None)
MIXER = (2, 1, 150, 2000, int(LineKind.MIXER), None)


def said(*pens: Pen) -> Box:
    """Return a machine that heard everything, and see that no order can be seen in it."""
    records = [record for pen in pens for record in pen.records]
    box = box_with(records)
    for seed in range(4):
        assert box_with(shuffled(records * 2, seed)).hashes() == box.hashes()
    return box


def found(box: Box, kind: ConflictKind) -> list[str]:
    return [one.subject for one in conflicts(box.cells, Area.MONEY) if one.kind is kind]


def by_voucher(serial: int, amount: int = 600) -> PaymentRow:
    return (int(Method.VOUCHER), amount, serial, None)


def test_stock_is_what_came_in_less_what_was_sold_wasted_and_counted_away() -> None:
    till = bar()
    till(
        StockMoved(1, 1, 40, int(StockReason.RECEIVED), 1, 7),
        sold(1, (item(2), HALF, DOUBLE, MIXER)),
        StockMoved(1, 1, -3, int(StockReason.SPILLED), 1, 7),
        StockMoved(1, 1, -1, int(StockReason.COUNTED), 1, 7),
    )
    box = said(till)
    assert in_stock(box.cells, 1, 1) == 40 - 4 - 1 - 3 - 1
    assert in_stock(box.cells, 1, 2) == -4
    assert in_stock(box.cells, 2, 1) == 0


def test_a_voided_line_is_back_in_stock_and_a_refunded_one_was_drunk() -> None:
    till = bar()
    till(sold(1, (item(2), HALF)), voided(1, (0,)), sold(2), refunded(2, quantity=2))
    assert in_stock(said(till).cells, 1, 1) == -1 - 4


def test_a_line_undone_in_its_own_basket_was_never_served() -> None:
    till = bar()
    till(sold(1, (item(2), (1, -2, 300, 2000, int(LineKind.UNDONE), 0))), voided(1, (0, 1)))
    assert in_stock(said(till).cells, 1, 1) == 0


def test_the_newest_word_says_what_a_bar_offers() -> None:
    till, other = bar(), bar(12)
    till.write(OfferSet(1, 1, int(Offered.SOLD_OUT), 7), at(NOW_MS))
    other.write(OfferSet(1, 1, int(Offered.YES), 7), at(NOW_MS + 1_000))
    other.write(OfferSet(1, 2, int(Offered.NOT_ON_TAP), 7), at(NOW_MS + 1_000))
    cells = said(till, other).cells
    assert [offered(cells, 1, n) for n in (1, 2, 3)] == [
        Offered.YES, Offered.NOT_ON_TAP, Offered.YES,
    ]  # fmt: skip
    assert offered(cells, 2, 2) is Offered.YES


def test_a_voucher_pays_once_and_a_second_time_is_a_conflict() -> None:
    till, other = bar(), bar(12)
    till(sold(1, payments=(by_voucher(5),)))
    box = said(till)
    assert (uses(box.cells, 5), found(box, ConflictKind.VOUCHER_SPENT_TWICE)) == (1, [])
    other(sold(2, payments=(by_voucher(5),)))
    box = said(till, other)
    assert uses(box.cells, 5) == 2
    assert found(box, ConflictKind.VOUCHER_SPENT_TWICE) == ["voucher 5"]
    other(voided(2, (0,)))
    box = said(till, other)
    assert (uses(box.cells, 5), found(box, ConflictKind.VOUCHER_SPENT_TWICE)) == (1, [])


def test_a_voucher_is_back_only_when_its_whole_basket_was_voided() -> None:
    till = bar()
    till(sold(1, (item(), item()), (by_voucher(5),)), voided(1, (0,)))
    assert uses(said(till).cells, 5) == 1
    till(voided(1, (1,)))
    assert uses(said(till).cells, 5) == 0


def test_the_office_says_what_a_kind_of_voucher_is_good_for() -> None:
    centre = office()
    centre(VoucherSet(3, 1, "Crew meal", 900, (4, 5)), VoucherSet(3, 2, "Crew meal", 950, (4,)))
    cells = said(centre).cells
    assert voucher(cells, 3) == VoucherSet(3, 2, "Crew meal", 950, (4,))
    assert [one.voucher for one in vouchers(cells)] == [3]
    assert voucher(cells, 4) is None


def test_vouchers_are_spent_first_then_gifts_then_what_was_paid() -> None:
    till = bar()
    for number, (amount, method) in enumerate(
        ((500, Method.VOUCHER), (300, Method.GIFT), (1_000, Method.CASH)), 10
    ):
        till(topped_up(amount, operation=number, method=method))
    spent, expected = 0, []
    for number, amount in enumerate((200, 400, 150, 850), 1):
        till(sold(number, (item(1, amount, 0),)))
        spent += amount
        expected.append(kinds_left(said(till).cells, 99))
    assert expected == [Kinds(1_000, 300, 300), Kinds(1_000, 200, 0), Kinds(1_000, 50, 0),
                        Kinds(200, 0, 0)]  # fmt: skip
    assert wallet_balance(said(till).cells, 99) == 1_800 - spent


def test_a_pay_out_takes_from_what_was_paid_and_an_overspent_wallet_has_nothing_left() -> None:
    till = bar()
    till(topped_up(1_000), topped_up(400, operation=2, method=Method.GIFT))
    till(PaidOut(sale_id(3), 99, 700, int(Method.CASH), 1, 1, None))
    assert kinds_left(said(till).cells, 99) == Kinds(300, 400, 0)
    till(sold(1, (item(1, 5_000, 0),)))
    assert kinds_left(said(till).cells, 99) == Kinds(0, 0, 0)
    assert kinds_left(said(till).cells, 1) == Kinds(0, 0, 0)


def test_a_top_up_within_a_basket_makes_the_wallet_known_until_it_is_voided() -> None:
    till = bar()
    lines = (item(1, 500, 0), (9, 1, 2_000, 0, int(LineKind.TOP_UP), None))
    till(sold(1, lines, (from_wallet(500), in_cash(2_000))))
    cells = said(till).cells
    assert is_topped_up(cells, 99)
    assert (wallet_balance(cells, 99), kinds_left(cells, 99)) == (1_500, Kinds(1_500, 0, 0))
    till(voided(1, (1,), (in_cash(-2_000),)))
    assert not is_topped_up(said(till).cells, 99)


def test_the_newest_secret_of_a_wallet_counts() -> None:
    salt = bytes(PIN_SALT_BYTES)
    till = bar()
    for number, pin in enumerate(("111111", "222222")):
        body = WalletSecretSet(99, int(SecretKind.PIN), pin_proof(pin, salt), 7)
        till.write(body, at(NOW_MS + number))
    kept = proof(said(till).cells, 99, SecretKind.PIN)
    assert kept is not None
    assert pin_fits("222222", kept)
    assert proof(said(till).cells, 99, SecretKind.CLAIM) is None


# --- a wristband that seems to be two ---


def pays_at(pen: Pen, number: int, place: int, after_ms: int, unsure_ms: int = 500) -> None:
    quality = ClockQuality(ClockState.TRUSTED, unsure_ms)
    pen.write(replace(sold(number), bar=place), at(NOW_MS + after_ms, quality))


@pytest.mark.parametrize(
    "place, after_ms, unsure_ms, is_clone",
    [(2, 10_000, 500, True),
     (2, 18_900, 500, True),
     (2, 19_100, 500, False),
     (2, 15_000, 3_000, False),
     (1, 10_000, 500, False),
     (0, 10_000, 500, False),
     (2, 60_000, 500, False)],
)  # fmt: skip
@pytest.mark.parametrize("start_ms", [0, 55_000])
def test_paying_at_two_bars_faster_than_anybody_walks_is_a_clone(
    place: int, after_ms: int, unsure_ms: int, is_clone: bool, start_ms: int
) -> None:
    here, there = bar(), bar(12)
    pays_at(here, 1, 1, start_ms, unsure_ms)
    pays_at(there, 2, place, start_ms + after_ms, unsure_ms)
    names = found(said(here, there), ConflictKind.CLONED_WRISTBAND)
    assert names == (["wristband 99"] if is_clone else [])


def test_a_till_that_is_not_sure_of_its_clock_accuses_nobody() -> None:
    here, there = bar(), bar(12)
    pays_at(here, 1, 1, 0)
    unsure = ClockQuality(ClockState.COARSE, 500)
    there.write(replace(sold(2), bar=2), at(NOW_MS + 1_000, unsure))
    assert found(said(here, there), ConflictKind.CLONED_WRISTBAND) == []


def tapped(number: int, taps: int) -> Sold:
    return replace(sold(number), bar=0, wristband=99, taps=taps)


def test_a_chip_that_counts_backwards_or_twice_the_same_is_a_clone() -> None:
    here, there = bar(), bar(12)
    here(tapped(1, 5), tapped(2, 6))
    there(tapped(3, 7))
    assert found(said(here, there), ConflictKind.CLONED_WRISTBAND) == []
    here(tapped(4, 9), tapped(5, 8))
    assert found(said(here), ConflictKind.CLONED_WRISTBAND) == ["wristband 99"]
    same, again = bar(), bar(12)
    same(tapped(1, 5))
    again(tapped(2, 5))
    assert found(said(same, again), ConflictKind.CLONED_WRISTBAND) == ["wristband 99"]
