"""A till hands out only what it holds a part of: products, walk-up tickets, vouchers."""

from typing import Any

import pytest

from edge.bar.quotas import ASKED_PER_BASKET_MAX, name_of
from sync.allotments import Resource, held
from sync.asking import Asked
from sync.facts import (
    AllotmentReturned,
    Allotted,
    Body,
    ProductSet,
    QuotaSet,
    ResourceKind,
    TypeSet,
)
from tests.edge.bar.tills import Till, authority, sell, voucher

CIDERS: Resource = (int(ResourceKind.STOCK), 3)
DAYS: Resource = (int(ResourceKind.TICKET_TYPE), 7)
MEALS: Resource = (int(ResourceKind.VOUCHER), 3)
DAY = ProductSet(5, 1, "Day ticket", "tickets", 4_000, 2000, 0, 0, True, ticket_type=7)
DAY_TYPE = TypeSet(7, 1, "Day", False, 0, 0, 0, True, (), (), 1)
HALF = [3, 1, 260, 2000, 7, None]


def lent(till: Till, resource: Resource, amount: int, *more: Body) -> None:
    """Let the office state a quota of 100 and lend this till a part."""
    own = till.terminal.manifest.terminal_id
    till.says(QuotaSet(*resource, 1, 100), Allotted(resource, own, amount), *more, number=41)


def left(till: Till, resource: Resource) -> int:
    cells, own = till.cells, till.terminal.manifest.terminal_id
    return till.terminal.lane.run(lambda: held(cells, resource, own))


def cash(amount: int) -> dict[str, Any]:
    return {"payments": [["cash", amount]]}


def ciders(till: Till, number: int, quantity: int = 1, **more: Any) -> dict[str, Any]:
    return sell(till, number, items=[[3, quantity]], **cash(500 * quantity), **more)


def facts(till: Till) -> int:
    return till.terminal.lane.run(till.terminal.store.facts)


def test_without_a_quota_a_till_sells_as_ever(till: Till) -> None:
    assert till.body(ciders(till, 1)["fact"]).quotas is None


def test_a_till_sells_exactly_what_it_holds_and_then_says_so(till: Till) -> None:
    lent(till, CIDERS, 3)
    assert ciders(till, 1, 2)["event"] == "paid"
    before = facts(till)
    answer = ciders(till, 2, 2)
    assert (answer["event"], answer["rule"]) == ("declined", "quota_full")
    assert "no Cider left" in answer["sentence"]
    french = ciders(till, 2, 2, language="fr")["sentence"]
    assert "plus de Cider" in french
    assert facts(till) == before
    assert ciders(till, 3)["event"] == "paid"
    assert left(till, CIDERS) == 0
    assert ciders(till, 4)["rule"] == "quota_full"


def test_a_quota_of_which_nothing_was_lent_yet_is_not_sold_from(till: Till) -> None:
    till.says(QuotaSet(*CIDERS, 1, 100), number=41)
    assert ciders(till, 1)["rule"] == "quota_full"
    till.says(QuotaSet(*CIDERS, 2, None), number=42)
    assert ciders(till, 1)["event"] == "paid"


def test_what_is_voided_can_be_sold_again(till: Till) -> None:
    lent(till, CIDERS, 2)
    ciders(till, 1, 2)
    till.do("void", sale=f"{1:032x}", lines=[0])
    assert left(till, CIDERS) == 2
    assert ciders(till, 2, 2)["event"] == "paid"


def test_a_half_needs_a_whole_unit_and_two_in_one_basket_share_it(till: Till) -> None:
    lent(till, CIDERS, 1)
    assert sell(till, 1, lines=[HALF, HALF, HALF], **cash(780))["rule"] == "quota_full"
    assert sell(till, 2, lines=[HALF, HALF], **cash(520))["event"] == "paid"
    assert sell(till, 3, lines=[HALF], **cash(260))["rule"] == "quota_full"


def test_what_is_missing_is_asked_of_the_authority_before_it_is_refused(till: Till) -> None:
    lent(till, CIDERS, 1)
    office = authority(till)
    wants = ciders(till, 1, 4)
    question = wants["question"]
    assert (wants["event"], question.kind, question.resource) == ("wants", Asked.PART, CIDERS)
    assert (question.wallet, question.amount) == (0, 3)
    office.answers(wants, office.lends(question))
    assert ciders(till, 1, 4)["event"] == "paid"
    office.answers(ciders(till, 2), None)
    assert ciders(till, 2)["rule"] == "quota_full"
    assert ciders(till, 2)["event"] == "wants"
    assert [one.resource for one in till.terminal.lane.run(till.desk.duty.parts.wanted)] == [CIDERS]


def test_a_basket_that_wants_too_much_at_once_asks_for_nothing(till: Till) -> None:
    count = ASKED_PER_BASKET_MAX + 1
    quotas = [QuotaSet(int(ResourceKind.STOCK), 20 + n, 1, 5) for n in range(count)]
    till.says(*quotas, number=41)
    authority(till)
    lines = [[20 + n, 1, 100, 0, 0, None] for n in range(count)]
    assert sell(till, 1, lines=lines, **cash(100 * count))["rule"] == "quota_full"
    fewer = sell(till, 1, lines=lines[:-1], **cash(100 * (count - 1)))
    assert fewer["event"] == "wants"


def test_a_walk_up_sale_counts_against_the_ticket_type_that_the_list_names(till: Till) -> None:
    till.says(DAY, DAY_TYPE, number=42)
    first = sell(till, 1, items=[[3, 1], [5, 2]], **cash(8_500))
    assert till.body(first["fact"]).quotas == ((*DAYS, 1),)
    lent(till, DAYS, 3)
    answer = sell(till, 2, items=[[5, 2]], **cash(8_000))
    assert answer["rule"] == "quota_full"
    assert "no Day left" in answer["sentence"]
    assert sell(till, 3, items=[[5, 1]], **cash(4_000))["event"] == "paid"
    assert left(till, DAYS) == 0


def test_a_voucher_is_taken_only_while_the_till_holds_a_part_of_its_kind(till: Till) -> None:
    lent(till, MEALS, 1)
    basket = {"items": [[1, 1]], "payments": [["cash", 130]]}
    first = sell(till, 1, vouchers=[voucher(5)], **basket)
    assert till.body(first["fact"]).quotas == ((*MEALS, 0),)
    answer = sell(till, 2, vouchers=[voucher(6)], **basket)
    assert answer["rule"] == "quota_full"
    assert "no Crew drink left" in answer["sentence"]
    till.do("void", sale=f"{1:032x}", lines=[0, 1])
    assert sell(till, 2, vouchers=[voucher(6)], **basket)["event"] == "paid"


def test_a_sale_given_again_is_answered_also_when_nothing_is_left(till: Till) -> None:
    lent(till, CIDERS, 1)
    first = ciders(till, 1)
    assert ciders(till, 1) == first | {"again": True}


def test_a_closed_shift_gives_back_what_the_till_holds(till: Till) -> None:
    lent(till, CIDERS, 5)
    till.do("open_shift", float_minor=0)
    ciders(till, 1)
    till.do("close_shift", counted_minor=500)
    assert left(till, CIDERS) == 0
    newest = till.terminal.store.newest_of(till.terminal.manifest.terminal_id, 1)[0]
    assert newest.body == AllotmentReturned(CIDERS, 4)
    assert till.do("report", shift=1)["check"] == ""


@pytest.mark.parametrize("resource", [CIDERS, DAYS, MEALS])
def test_what_nobody_named_yet_is_called_by_its_number(till: Till, resource: Resource) -> None:
    unnamed = (resource[0], 99)
    till.says(QuotaSet(*unnamed, 1, 5), number=41)
    name = till.terminal.lane.run(lambda: name_of(till.desk.duty, unnamed))
    assert name == "99"
