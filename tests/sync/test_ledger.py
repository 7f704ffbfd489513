"""Money: what each fact does to the accounts, and that two hands at once give the same totals."""

import itertools
from collections.abc import Sequence

import pytest

from sync import accounts, ledger
from sync.facts import (
    Body,
    Corrected,
    LineKind,
    Method,
    PaidOut,
    ShiftClosed,
    ShiftOpened,
    WristbandBlocked,
    WristbandLinked,
)
from sync.journal import Record
from sync.money_kinds import is_topped_up
from tests.sync.builder import (
    Box,
    LineRow,
    bar,
    box_with,
    from_wallet,
    in_cash,
    item,
    office,
    refunded,
    sale_id,
    sold,
    topped_up,
    voided,
)

TILL = bar().terminal.hex()


def totals(*bodies: Body) -> dict[str, int]:
    """Return the accounts after one till stated these facts."""
    till = bar()
    till(*bodies)
    return booked(till.records)


def booked(records: Sequence[Record]) -> dict[str, int]:
    box = box_with(records)
    assert not any(accounts.postings_sum(box.cells).values())
    found = {account: amount for account, _, amount in accounts.accounts(box.cells)}
    return {account.replace(TILL, "T"): amount for account, amount in found.items()}


def line(kind: LineKind, quantity: int, unit: int, undoes: int | None = None) -> LineRow:
    return (9, quantity, unit, 0, int(kind), undoes)


def test_a_sale_moves_money_from_the_wallet_to_revenue_and_vat() -> None:
    assert totals(sold()) == {"wallet:99": -600, "revenue:1:2000": 500, "vat:2000": 100}


@pytest.mark.parametrize(
    "method, account",
    [(Method.CASH, "drawer:T:1"), (Method.CARD, "card:card"), (Method.VOUCHER, "gift"),
     (Method.GIFT, "gift"), (Method.WALLET, "imbalance")],
)  # fmt: skip
def test_a_top_up_moves_money_from_its_source_to_the_wallet(method: Method, account: str) -> None:
    assert totals(topped_up(method=method)) == {account: -1000, "wallet:99": 1000}


def test_each_kind_of_line_has_its_account() -> None:
    lines = (
        item(1, 550, 1000),
        line(LineKind.DEPOSIT, 2, 200),
        line(LineKind.CUP_BACK, -1, 200),
        line(LineKind.TIP, 1, 50),
        line(LineKind.TOP_UP, 1, 1000),
    )
    paid = (from_wallet(800), in_cash(1000))
    assert totals(sold(1, lines, paid)) == {
        "revenue:1:1000": 500,
        "vat:1000": 50,
        "deposit": 200,
        "tips:1": 50,
        "wallet:99": 1000 - 800,
        "drawer:T:1": -1000,
    }


def test_a_line_that_undoes_another_posts_where_that_one_did() -> None:
    tip = (line(LineKind.TIP, 1, 50), line(LineKind.UNDONE, -1, 50, 0), item(1))
    assert totals(sold(1, tip)) == totals(sold(1, (item(1),)))


def test_what_does_not_add_up_is_shown_as_an_imbalance() -> None:
    assert totals(sold(1, (item(1, 300, 0),), (in_cash(290),))) == {
        "revenue:1:0": 300,
        "drawer:T:1": -290,
        "imbalance": -10,
    }


def test_ten_voids_of_a_line_undo_it_once() -> None:
    assert totals(sold(), *[voided()] * 10) == totals(sold(), voided()) == {}


def test_a_void_names_whole_lines() -> None:
    two = (item(2, 300, 0), item(1, 200, 0))
    assert totals(sold(1, two), voided(1, (1, 7))) == {"wallet:99": -600, "revenue:1:0": 600}


def test_a_void_gives_back_as_it_says() -> None:
    sale = sold(1, (item(1, 300, 0),))
    paid = totals(sale, voided(1, (0,), (in_cash(-300),)))
    assert paid == {"wallet:99": -300, "drawer:T:1": 300}
    twice = totals(sale, *[voided(1, (0,), (in_cash(-300),))] * 2)
    assert twice == {"wallet:99": -300, "drawer:T:1": 600, "imbalance": -300}


def test_a_mixed_payment_is_given_back_to_the_wallet_first() -> None:
    sale = sold(1, (item(1, 300, 0), item(1, 200, 0)), (in_cash(400), from_wallet(100)))
    assert totals(sale, voided(1, (0,))) == {"revenue:1:0": 200, "drawer:T:1": -200}


def test_change_that_was_handed_out_is_not_handed_out_again() -> None:
    sale = sold(1, (item(1, 300, 0), item(1, 100, 0)), (from_wallet(500), in_cash(-100)))
    assert totals(sale, voided(1, (0,))) == {
        "revenue:1:0": 100,
        "wallet:99": -200,
        "drawer:T:1": 100,
    }


def test_a_void_by_another_till_changes_nothing() -> None:
    till, other = bar(11), bar(12)
    till(sold())
    other(voided(), voided(1, (0,), (in_cash(-300),)))
    assert booked([*till.records, *other.records]) == totals(sold())


def test_a_refund_gives_back_at_most_what_was_sold() -> None:
    sale = sold(1, (item(3, 100, 0),))
    one = totals(sale, refunded(quantity=1))
    assert one == {"wallet:99": -200, "revenue:1:0": 200}
    assert totals(sale, refunded(quantity=2), refunded(quantity=2, operation=2)) == {}
    assert totals(sale, refunded(quantity=1), refunded(quantity=1)) == one
    assert totals(sale, refunded(line=5)) == totals(sale)


def test_a_refund_of_a_line_that_was_undone_gives_nothing() -> None:
    lines = (item(1), (1, -1, 300, 2000, int(LineKind.UNDONE), 0))
    assert totals(sold(1, lines), refunded(), voided()) == {}


def test_a_shift_counts_its_drawer_and_shows_what_is_missing() -> None:
    opened, closed = ShiftOpened(1, 1, 0, 5000), ShiftClosed(1, 1, 0, 5900, 9)
    assert totals(opened, topped_up()) == {"safe": 5000, "drawer:T:1": -6000, "wallet:99": 1000}
    short = {"safe": -900, "imbalance": -100, "wallet:99": 1000}
    for order in itertools.permutations([opened, topped_up(), closed]):
        assert totals(*order) == short


def test_a_pay_out_leaves_the_wallet() -> None:
    out = PaidOut(sale_id(7), 99, 400, 2, 1, 1, None)
    assert totals(out, out) == {"wallet:99": -400, "drawer:T:1": 400}
    transferred = PaidOut(sale_id(7), 99, 400, int(Method.CARD), 1, 1, "transfer 1")
    assert totals(transferred) == {"wallet:99": -400, "payout": 400}


def test_a_wristband_spends_from_its_own_wallet_until_it_is_linked_or_blocked() -> None:
    till, other = bar(11), bar(12)
    assert ledger.wallet_of(Box().cells, 99) == 99
    one = till.write(WristbandLinked(99, 100, "lost"))
    two = other.write(WristbandLinked(99, 101, "lost"))
    lower = 100 if one.id < two.id else 101
    blocked = till.write(WristbandBlocked(99, "lost"))
    for order in itertools.permutations([one, two]):
        box = box_with([till.first, other.first, *order])
        assert ledger.wallet_of(box.cells, 99) == lower
        box.take(blocked)
        assert ledger.wallet_of(box.cells, 99) is None


PAIRS: dict[str, tuple[tuple[Body, ...], tuple[Body, ...]]] = {
    "void and void": ((voided(1, (0,)), voided(1, (0, 1))), ()),
    "void and refund": ((voided(1, (0,)), refunded(1, 0, 1), refunded(1, 1, 1, 2)), ()),
    "block and sale": ((WristbandBlocked(99, "lost"),), (sold(2), sold(3))),
    "link and sale": ((WristbandLinked(99, 100, "lost"),), (sold(2), sold(3))),
    "pay-out and a late sale": ((PaidOut(sale_id(7), 99, 400, 2, 1, 1, None),), (sold(2),)),
    "refund at two tills": ((refunded(1, 0, 2),), (refunded(1, 0, 2, 2),)),
}  # fmt: skip


@pytest.mark.parametrize("here, there", PAIRS.values(), ids=PAIRS.keys())
def test_two_hands_at_once_give_the_same_totals(
    here: tuple[Body, ...], there: tuple[Body, ...]
) -> None:
    till, other = bar(11), bar(12)
    till(topped_up(), sold(1, (item(2), item(1, 200, 0))), *here)
    other(*there)
    first = [till.first, other.first]
    rest = [*till.records[1:], *other.records[1:]]
    told = {str(booked([*first, *order])) for order in itertools.permutations(rest)}
    assert len(told) == 1


def test_a_late_sale_after_a_pay_out_overspends_and_is_booked() -> None:
    paid = totals(topped_up(), PaidOut(sale_id(7), 99, 1000, 2, 1, 1, None), sold())
    assert paid["wallet:99"] == -600
    till = bar()
    till(topped_up(), PaidOut(sale_id(7), 99, 1000, 2, 1, 1, None), sold())
    assert accounts.overspent(box_with(till.records).cells) == 600


def test_a_correction_moves_what_it_says_in_each_asset() -> None:
    centre = office()
    centre(Corrected((("gift", 0, -5), ("wallet:99", 0, 5), ("a", 1, 2), ("b", 1, -2)), "", 7))
    assert list(accounts.accounts(box_with(centre.records).cells)) == [
        ("a", 1, 2), ("b", 1, -2), ("gift", 0, -5), ("wallet:99", 0, 5),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [sold(2), sold(1), voided(1, (0,)), voided(1, (1,)), refunded(1, 0, 1), topped_up(700),
     topped_up(700, operation=9), PaidOut(sale_id(7), 99, 400, 2, 1, 1, None)],
)  # fmt: skip
def test_what_a_fact_would_do_to_wallets_is_what_it_then_does(body: Body) -> None:
    till = bar()
    till(topped_up(5000, operation=5), sold(1, (item(2), item(1, 200, 0))))
    box = box_with(till.records)
    moves = dict(ledger.wallet_moves(body, box.cells, till.terminal))
    before = accounts.wallet_balance(box.cells, 99)
    box.take(till.write(body))
    assert accounts.wallet_balance(box.cells, 99) - before == moves.get(99, 0)


def test_a_till_counts_what_it_did() -> None:
    till = bar()
    till(topped_up(), sold(1), sold(1), sold(2), voided(2))
    box = box_with(till.records)
    count = ledger.bar_counts(box.cells)[till.terminal]
    assert (count.sales, count.voids, count.topups, count.sold_minor) == (2, 1, 1, 1200)
    assert is_topped_up(box.cells, 99)
    assert not is_topped_up(box.cells, 100)
    assert list(accounts.wallets(box.cells)) == [(99, 400)]
