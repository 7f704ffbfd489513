"""What counts against a quota: units of products, tickets handed out, vouchers; and what does not.

A use belongs to the till that made it and moves by difference, so no order can be seen in it.
"""

from dataclasses import replace

import pytest

from sync import catalogue
from sync.allotments import Resource, held, holding
from sync.conflicts import ConflictKind, conflicts
from sync.facts import (
    Allotted,
    LineKind,
    Method,
    ProductSet,
    QuotaSet,
    ResourceKind,
    Sold,
)
from sync.lending import committed
from sync.names import Area
from tests.sync.builder import (
    Box,
    LineRow,
    PaymentRow,
    Pen,
    bar,
    box_with,
    in_cash,
    item,
    office,
    refunded,
    shuffled,
    sold,
    voided,
)

PRODUCT: Resource = (int(ResourceKind.STOCK), 1)
TICKETS: Resource = (int(ResourceKind.TICKET_TYPE), 7)
VOUCHERS: Resource = (int(ResourceKind.VOUCHER), 9)
HALF: LineRow = (1, 1, 180, 2000, int(LineKind.HALF), None)
DOUBLE: LineRow = (1, 1, 600, 2000, int(LineKind.DOUBLE), None)
MIXER: LineRow = (1, 1, 100, 2000, int(LineKind.MIXER), None)
DEPOSIT: LineRow = (1, 1, 100, 0, int(LineKind.DEPOSIT), 0)
PAID_BY_VOUCHER: PaymentRow = (int(Method.VOUCHER), 300, 5, None)


def told(*pens: Pen) -> Box:
    """Return a machine that heard everything, and see that no order can be seen in it."""
    records = [record for pen in pens for record in pen.records]
    box = box_with(records)
    for seed in range(6):
        assert box_with(shuffled(records * 2, seed)).hashes() == box.hashes()
    return box


def used(box: Box, till: Pen, resource: Resource = PRODUCT) -> int:
    return holding(box.cells, resource, till.terminal).used


def handed_out(number: int, *lines: LineRow) -> Sold:
    """Return a sale of whose lines the first hands out a ticket of type 7."""
    return replace(sold(number, lines), quotas=((*TICKETS, 0),))


@pytest.mark.parametrize(
    "lines, units",
    [((item(3),), 3),
     ((DOUBLE,), 2),
     ((HALF,), 1),
     ((HALF, HALF), 1),
     ((HALF, HALF, HALF), 2),
     ((item(), HALF, DOUBLE, MIXER, DEPOSIT), 4),
     ((item(-2),), -2)],
)  # fmt: skip
def test_a_line_counts_its_measures_and_half_a_unit_that_is_over_is_one(
    lines: tuple[LineRow, ...], units: int
) -> None:
    till = bar()
    till(sold(1, lines))
    assert used(told(till), till) == units


def test_each_basket_rounds_its_own_halves_up_so_nothing_is_counted_too_low() -> None:
    till = bar()
    till(sold(1, (HALF,)), sold(2, (HALF,)))
    assert used(told(till), till) == 2


def test_what_is_voided_or_undone_comes_back_and_what_is_refunded_does_not() -> None:
    till = bar()
    till(sold(1, (item(2), HALF)), voided(1, (1,)), voided(1, (1,)))
    till(sold(2, (item(3), (1, -3, 300, 2000, int(LineKind.UNDONE), 0))))
    till(sold(3, (item(4),)), refunded(3, quantity=4))
    assert used(told(till), till) == 2 + 4


def test_a_basket_that_two_tills_recorded_counts_at_both() -> None:
    till, other = bar(), bar(12)
    till(sold(1, (item(2),)))
    other(sold(1, (item(2),)))
    till(voided(1, (0,)))
    box = told(till, other)
    assert (used(box, till), used(box, other)) == (0, 0)
    assert used(told(other), other) == 2


def test_a_line_that_hands_out_tickets_counts_against_their_type_as_well() -> None:
    till = bar()
    till(handed_out(1, item(2), item(5)), handed_out(2, item()), voided(2, (0,)))
    box = told(till)
    assert (used(box, till, TICKETS), used(box, till)) == (2, 7)


def test_a_ticket_line_that_is_undone_in_its_basket_hands_nothing_out() -> None:
    till = bar()
    till(handed_out(1, item(2), (1, -2, 300, 2000, int(LineKind.UNDONE), 0)))
    assert used(told(till), till, TICKETS) == 0


def test_what_a_line_hands_out_is_what_the_list_said_at_the_till_whatever_it_says_later() -> None:
    till, centre = bar(), office()
    till(handed_out(1, item(2)))
    centre(ProductSet(1, 9, "Day ticket", "", 300, 2000, 0, 0, True, ticket_type=8))
    box = told(till, centre)
    assert used(box, till, TICKETS) == 2
    assert used(box, till, (int(ResourceKind.TICKET_TYPE), 8)) == 0


def test_a_voucher_counts_against_its_kind_until_its_whole_basket_is_voided() -> None:
    till = bar()
    one = replace(sold(1, (item(), item()), (PAID_BY_VOUCHER,)), quotas=((*VOUCHERS, 0),))
    till(one, voided(1, (0,)))
    assert used(told(till), till, VOUCHERS) == 1
    till(voided(1, (1,)))
    assert used(told(till), till, VOUCHERS) == 0


def test_words_about_lines_and_payments_that_are_not_there_count_nothing() -> None:
    till = bar()
    till(replace(sold(1, (item(),)), quotas=((*TICKETS, 8), (*VOUCHERS, 0), (*VOUCHERS, 4))))
    box = told(till)
    assert (used(box, till, TICKETS), used(box, till, VOUCHERS)) == (0, 0)


def test_a_use_counts_whether_or_not_a_quota_was_known_and_is_no_finding_by_itself() -> None:
    till, centre = bar(), office()
    till(sold(1, (item(4),), (in_cash(1_200),)))
    centre(QuotaSet(*PRODUCT, 1, 3))
    box = told(till, centre)
    assert (used(box, till), committed(box.cells, PRODUCT)) == (4, 4)
    assert conflicts(box.cells, Area.MONEY) == []


def test_what_was_lent_and_sold_twice_is_found_and_settled_by_more() -> None:
    till, centre = bar(), office()
    till(sold(1, (item(4),), (in_cash(1_200),)))
    centre(QuotaSet(*PRODUCT, 1, 9), Allotted(PRODUCT, till.terminal, 3))
    (found,) = conflicts(told(till, centre).cells, Area.MONEY)
    assert found.kind is ConflictKind.ALLOTMENT_SPENT_TWICE
    assert found.subject.startswith("stock 1 at ")
    assert found.details == (1,)
    centre(Allotted(PRODUCT, till.terminal, 2))
    box = told(till, centre)
    assert conflicts(box.cells, Area.MONEY) == []
    assert held(box.cells, PRODUCT, till.terminal) == 1


def test_the_newest_version_of_a_quota_counts_and_equal_ones_are_a_finding() -> None:
    centre = office()
    centre(QuotaSet(*PRODUCT, 2, 9), QuotaSet(*PRODUCT, 1, 5), QuotaSet(*TICKETS, 1, None))
    cells = told(centre).cells
    assert catalogue.quota(cells, *PRODUCT) == QuotaSet(*PRODUCT, 2, 9)
    assert [one.kind for one in catalogue.quotas(cells)] == [2, 4]
    assert catalogue.quota(cells, *VOUCHERS) is None
    assert conflicts(cells, Area.OFFICE) == []
    centre(QuotaSet(*PRODUCT, 2, 8))
    (found,) = conflicts(told(centre).cells, Area.OFFICE)
    assert found.kind is ConflictKind.TWO_OFFICE_VERSIONS
