"""What a shift comes to is what the ledger books, to the cent, in whatever order it was told."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from edge.bar.tally import Sum, Tally
from sync import ledger
from sync.facts import (
    Body,
    CapRenewed,
    Declined,
    LineKind,
    Method,
    PaidOut,
    Refunded,
    StockMoved,
    StockReason,
)
from sync.journal import Record
from tests.sync.builder import (
    LineRow,
    bar,
    box_with,
    from_wallet,
    in_cash,
    item,
    sale_id,
    sold,
    topped_up,
    voided,
)

TILL = bar().terminal
METHODS = (Method.WALLET, Method.CASH, Method.CARD, Method.VOUCHER, Method.GIFT)


def line(
    kind: LineKind, quantity: int, unit: int, about: int | None = None, vat: int = 0
) -> LineRow:
    return (1, quantity, unit, vat, int(kind), about)


def back(number: int, at: int, quantity: int, operation: int, *, shift: int = 1) -> Refunded:
    """A refund that goes back the way it was paid."""
    return Refunded(sale_id(operation), sale_id(number), at, quantity, (), 1, shift, 0)


def in_money(refund: Refunded, amount: int, method: Method = Method.CASH) -> Refunded:
    """The same refund, handed out."""
    return replace(refund, payments=((int(method), -amount, None, None),))


def tally_of(records: Sequence[Record], shift: int = 1) -> Tally:
    """Add up records, with the ledger's word about the sales of earlier shifts."""
    cells = box_with(records).cells
    tally = Tally(TILL, shift, lambda sale: ledger.sale(cells, sale))
    tally.note_all(records)
    return tally


def tallied(*bodies: Body, shift: int = 1) -> Tally:
    till = bar()
    till(*bodies)
    return tally_of(till.records, shift)


# --- each kind of line and of money ---


def test_a_basket_is_taken_apart_into_goods_deposits_tips_and_top_ups() -> None:
    lines = (
        item(2, 480, 2000),
        line(LineKind.HALF, 1, 260, vat=2000),
        line(LineKind.DOUBLE, 1, 900, vat=1000),
        line(LineKind.MIXER, 2, 100, 0, vat=1000),
        line(LineKind.DISCOUNT, 2, -80, 0, vat=2000),
        line(LineKind.DEPOSIT, 3, 100),
        line(LineKind.CUP_BACK, -2, 100),
        line(LineKind.TIP, 1, 50),
        line(LineKind.TOP_UP, 1, 1000),
    )
    total = sum(one[1] * one[2] for one in lines)
    tally = tallied(sold(1, lines, (from_wallet(0), in_cash(total))))
    assert tally.by(Sum.GOODS) == {1000: 1_100, 2000: 1_060}
    assert tally.by(Sum.VAT) == {1000: 82 + 18, 2000: 160 + 43 - 27}
    assert tally.by(Sum.HALVES) == {1: 4 + 1 + 4}
    assert tally.by(Sum.AMOUNT) == {1: 2_160}
    assert (tally.total(Sum.DEPOSITS_TAKEN), tally.total(Sum.DEPOSITS_RETURNED)) == (300, 200)
    assert (tally.total(Sum.TIPS), tally.total(Sum.DISCOUNTS)) == (50, 160)
    assert tally.by(Sum.TOPPED_UP) == {Method.CASH: 1000}
    assert tally.total(Sum.TOP_UPS) == 1
    assert tally.by(Sum.PAID) == {Method.CASH: total}
    assert (tally.total(Sum.SALES), tally.total(Sum.LINES)) == (1, 9)
    assert (tally.gross, tally.cash, tally.unexplained) == (2_160, total, 0)


def test_a_line_that_was_undone_in_the_basket_comes_to_nothing_whatever_it_was() -> None:
    lines = (
        item(1, 480),
        line(LineKind.UNDONE, -1, 480, 0, vat=2000),
        line(LineKind.CUP_BACK, -2, 100),
        line(LineKind.UNDONE, 2, 100, 2),
        line(LineKind.TIP, 1, 70),
        line(LineKind.UNDONE, -1, 70, 4),
        item(1, 300),
    )
    tally = tallied(sold(1, lines))
    assert tally.by(Sum.GOODS) == {2000: 300}
    assert tally.by(Sum.HALVES) == {1: 2}
    assert tally.total(Sum.DEPOSITS_RETURNED) == 0
    assert tally.total(Sum.TIPS) == 0
    assert tally.total(Sum.LINES) == 7


def test_change_that_was_given_left_the_drawer() -> None:
    tally = tallied(sold(1, (item(1, 960),), (from_wallet(1000), in_cash(-40))))
    assert tally.by(Sum.PAID) == {Method.WALLET: 1000, Method.CASH: -40}
    assert tally.cash == -40


@pytest.mark.parametrize("method", METHODS)
def test_a_void_goes_back_the_way_it_was_paid(method: Method) -> None:
    wallet = 99 if method is Method.WALLET else None
    sale = sold(1, (item(1, 300), item(1, 200)), ((int(method), 500, wallet, None),))
    tally = tallied(sale, voided(1, (1,)))
    assert tally.by(Sum.PAID) == {method: 300}
    assert tally.total(Sum.DRAWER_SALES) == (300 if method is Method.CASH else 0)
    assert (tally.total(Sum.VOIDS), tally.gross) == (1, 300)


def test_a_mixed_payment_goes_back_to_the_wristband_first() -> None:
    sale = sold(1, (item(1, 300), item(1, 200)), (in_cash(400), from_wallet(100)))
    tally = tallied(sale, voided(1, (0,)))
    assert tally.by(Sum.PAID) == {Method.CASH: 200}


def test_a_void_or_refund_that_says_how_it_was_paid_back_is_believed() -> None:
    sale = sold(1, (item(2, 300), item(1, 200)))
    void = voided(1, (1,), ((int(Method.CASH), -200, None, None),))
    tally = tallied(sale, void, in_money(back(1, 0, 1, 7), 300, Method.CARD))
    assert tally.by(Sum.PAID) == {Method.WALLET: 800, Method.CASH: -200, Method.CARD: -300}
    assert tally.cash == -200
    assert (tally.gross, tally.total(Sum.REFUNDS)) == (300, 1)
    assert tally.by(Sum.HALVES) == {1: 2}


def test_voiding_a_cup_that_came_back_takes_its_deposit_again() -> None:
    lines = (item(1, 300), line(LineKind.CUP_BACK, -1, 100))
    tally = tallied(sold(1, lines, (in_cash(200),)), voided(1, (1,)))
    assert tally.total(Sum.DEPOSITS_RETURNED) == 0
    assert tally.cash == 300


def test_top_ups_and_pay_outs_are_counted_by_method_and_cash_by_drawer() -> None:
    out = PaidOut(sale_id(3), 99, 400, int(Method.CASH), 1, 1, None)
    tally = tallied(
        topped_up(1000, operation=1),
        topped_up(500, operation=2, method=Method.CARD),
        out,
        replace(out, operation=sale_id(4), amount=50, method=int(Method.CARD)),
    )
    assert tally.by(Sum.TOPPED_UP) == {Method.CASH: 1000, Method.CARD: 500}
    assert tally.by(Sum.PAID_OUT) == {Method.CASH: 400, Method.CARD: 50}
    assert (tally.total(Sum.TOP_UPS), tally.total(Sum.PAY_OUTS)) == (2, 2)
    assert tally.cash == 600


def test_an_operation_that_was_recorded_twice_counts_once_as_in_the_ledger() -> None:
    tally = tallied(topped_up(1000), topped_up(1000), sold(), sold())
    assert (tally.total(Sum.TOP_UPS), tally.total(Sum.SALES), tally.gross) == (1, 1, 600)


def test_waste_declines_and_renewed_caps_are_told() -> None:
    tally = tallied(
        StockMoved(1, 5, -4, int(StockReason.SPILLED), 1, 0),
        StockMoved(1, 5, -2, int(StockReason.SPILLED), 1, 0),
        StockMoved(1, 5, -1, int(StockReason.TASTED), 1, 0),
        StockMoved(1, 5, 100, int(StockReason.RECEIVED), 1, 0),
        StockMoved(1, 5, -9, int(StockReason.COUNTED), 1, 0),
        Declined(sale_id(1), 99, 500, "alone_limit", 1),
        CapRenewed(8, 20_000),
    )
    assert tally.wasted() == [(5, StockReason.SPILLED, 6), (5, StockReason.TASTED, 1)]
    assert (tally.total(Sum.DECLINED), tally.total(Sum.CAP_RENEWED)) == (1, 20_000)
    assert tally.gross == 0


# --- earlier shifts, other tills, repeats ---


def test_a_refund_of_an_earlier_shift_counts_where_it_is_paid() -> None:
    till = bar()
    before = till(sold(1, (item(3, 300),), (in_cash(900),)))
    after = till(in_money(back(1, 0, 2, 7, shift=2), 600))
    cells = box_with(till.records).cells
    first, second = (Tally(TILL, n, lambda sale: ledger.sale(cells, sale)) for n in (1, 2))
    first.note_all(before)
    second.note_all(after)
    assert (first.gross, first.cash) == (900, 900)
    assert (second.gross, second.cash, second.total(Sum.SALES)) == (-600, -600, 0)
    assert second.by(Sum.VAT) == {2000: -100}


def test_an_earlier_shift_made_again_does_not_know_what_later_ones_did() -> None:
    till = bar()
    first = till(sold(1, (item(3, 300),)), back(1, 0, 1, 7))
    later = till(back(1, 0, 1, 8, shift=2))
    assert tally_of([*first, *later][:2]).figures() == tally_of(first).figures()
    cells = box_with(till.records).cells
    again = Tally(TILL, 1, lambda sale: ledger.sale(cells, sale))
    again.note_all(first)
    assert again.figures() == tally_of(first).figures()


def test_a_sale_of_another_till_that_is_refunded_here_counts_as_paid_back_here() -> None:
    other, till = bar(12), bar()
    other(sold(1, (item(2, 300),), (in_cash(600),)))
    mine = till(in_money(back(1, 0, 1, 7), 300))
    cells = box_with([*other.records, *till.records]).cells
    tally = Tally(TILL, 1, lambda sale: ledger.sale(cells, sale))
    tally.note_all(mine)
    assert (tally.gross, tally.cash, tally.total(Sum.SALES)) == (-300, -300, 0)


def test_a_record_that_is_given_twice_or_is_of_another_till_changes_nothing() -> None:
    till, other = bar(), bar(12)
    records = till(sold(), topped_up(), voided())
    strange = other(sold(9))
    tally = tally_of(records)
    figures = tally.figures()
    tally.note_all([*records, *strange])
    assert tally.figures() == figures


def test_what_another_till_paid_back_too_does_not_hide_what_was_paid_here() -> None:
    other, till = bar(12), bar()
    sale = till(sold(1, (item(1, 300),), (in_cash(300),)))
    other(in_money(back(1, 0, 1, 7), 300))
    mine = till(in_money(back(1, 0, 1, 8, shift=2), 300))
    cells = box_with([*other.records, *till.records]).cells
    tally = Tally(TILL, 2, lambda sale: ledger.sale(cells, sale))
    tally.note_all(mine)
    assert (tally.gross, tally.cash) == (-300, -300)
    assert len(sale) == 1


def test_cash_of_an_earlier_shift_that_goes_back_unsaid_is_of_the_old_drawer_as_in_the_ledger() -> (
    None
):
    till = bar()
    till(sold(1, (item(1, 300),), (in_cash(300),)))
    mine = till(back(1, 0, 1, 8, shift=2))
    cells = box_with(till.records).cells
    tally = Tally(TILL, 2, lambda sale: ledger.sale(cells, sale))
    tally.note_all(mine)
    assert (tally.by(Sum.PAID), tally.cash) == ({Method.CASH: -300}, 0)


def test_what_was_recorded_for_another_shift_is_not_in_this_drawer() -> None:
    tally = tallied(
        sold(1, (item(1, 300),), (in_cash(300),), shift=9),
        replace(voided(2), shift=9, payments=(in_cash(-100),)),
        sold(2, (item(1, 100),)),
        topped_up(1000, shift=9),
    )
    assert (tally.gross, tally.cash) == (300, 0)


def test_a_sale_twice_with_another_loan_is_two_sales_as_in_the_ledger() -> None:
    assert tallied(sold(), replace(sold(), loan=100)).gross == 1_200


def test_a_top_up_in_a_basket_goes_with_what_truly_paid_it_and_with_its_void() -> None:
    lines = (line(LineKind.TOP_UP, 1, 1000), item(1, 300))
    paid = (from_wallet(0), (int(Method.CARD), 1_500, None, None), in_cash(-200))
    tally = tallied(sold(1, lines, paid))
    assert tally.by(Sum.TOPPED_UP) == {Method.CARD: 1000}
    gone = tallied(sold(1, lines, paid), voided(1, (0,)))
    assert (gone.by(Sum.TOPPED_UP), gone.total(Sum.TOP_UPS)) == ({}, 0)


def test_payments_that_do_not_fit_the_lines_are_told() -> None:
    assert tallied(sold(1, (item(1, 300),), (in_cash(250),))).unexplained == -50
    assert tallied(sold(1, (item(1, 300),), (in_cash(300),))).unexplained == 0


def test_kinds_of_facts_that_a_tally_does_not_know_are_left_alone() -> None:
    till = bar()
    tally = tally_of([till.first])
    assert tally.figures() == []
