"""What a top-up till does with wallets: money in, money out, lost wristbands, PINs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.headless import BadCommand
from hardware.bench import ManualClock
from sync.accounts import balance, wallet_balance
from sync.asking import Asked, Reply
from sync.facts import CapRenewed, PaidOut, PolicySet, Refunded, Voided, WristbandBlocked
from sync.journal import Record
from tests.edge.bar.tills import (
    BAND,
    BEER,
    BOSS,
    CASHIER,
    CIDER,
    PIN,
    PLACE,
    SELLER,
    STAFF,
    Till,
    authority,
    badge,
    band,
    open_till,
    sell,
)
from tests.edge.boxes import NOW_MS, make_folder

OP = "0a" * 16


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    """A till that asks for people, with a cashier signed in and a shift open."""
    folder = make_folder(tmp_path / "bar", "bar")
    one = open_till(folder, ManualClock(NOW_MS), needs_staff=True, needs_shift=True)
    one.says(BEER, CIDER, PLACE, *STAFF, number=40)
    one.do("sign_in", **badge(CASHIER))
    one.do("open_shift", float_minor=10_000)
    yield one
    one.terminal.close()


def newest(till: Till) -> Record:
    return till.terminal.store.newest_of(till.terminal.manifest.terminal_id, 1)[0]


def pay_out(till: Till, amount: int | None, **more: Any) -> dict[str, Any]:
    command = {"operation": OP, "wristband": BAND, "amount_minor": amount, "method": "cash"}
    return till.do("pay_out", **command, **badge(CASHIER), **more)


def test_a_seller_tops_up_only_with_somebody_who_may(till: Till) -> None:
    till.do("sign_in", **badge(SELLER))
    assert till.top_up(1, 1_000)["what"] == "approval"
    command = {"operation": OP, "wristband": BAND, "amount_minor": 500, "method": "cash"}
    assert till.do("top_up", **command, **badge(CASHIER))["balance_minor"] == 500


def test_a_top_up_in_a_sellers_basket_needs_somebody_who_may(till: Till) -> None:
    till.do("sign_in", **badge(SELLER))
    lines = [[9, 1, 500, 0, 0, None], [0, 1, 2_000, 0, 4, None]]
    how = {"lines": lines, "payments": [["cash", 2_500]], "wristbands": [[BAND, 0]]}
    assert sell(till, 1, **how)["what"] == "approval"
    assert sell(till, 1, **how, **badge(CASHIER))["event"] == "paid"


def test_a_gift_needs_a_supervisor_and_is_not_paid_out(till: Till) -> None:
    command = {"operation": OP, "wristband": BAND, "amount_minor": 500, "method": "gift"}
    with pytest.raises(BadCommand, match="may not do that"):
        till.do("top_up", **command, **badge(CASHIER))
    till.do("top_up", **command, **badge(BOSS))
    known = till.do("balance", wristband=BAND)
    assert (known["paid_minor"], known["gift_minor"]) == (0, 500)
    answer = till.do(
        "pay_out",
        operation="0b" * 16,
        wristband=BAND,
        amount_minor=100,
        method="cash",
        **badge(CASHIER),
    )
    assert (answer["event"], answer["rule"], answer["possible_minor"]) == (
        "declined",
        "only_paid",
        0,
    )


def test_what_the_office_lends_is_paid_out_of_the_drawer_once(till: Till) -> None:
    till.top_up(1, 3_000)
    office = authority(till)
    wants = pay_out(till, None)
    assert (wants["question"].kind, wants["question"].amount) == (Asked.PAY_OUT, 3_000)
    office.answers(wants, office.lends(wants["question"]))
    answer = pay_out(till, None)
    assert (answer["event"], answer["amount_minor"], answer["balance_minor"]) == ("done", 3_000, 0)
    body = till.body(answer["fact"])
    assert isinstance(body, PaidOut)
    assert (body.loan, body.approved_by) == (3_000, CASHIER)
    drawer = f"drawer:{till.terminal.manifest.terminal}:1"
    assert balance(till.cells, drawer) == -10_000 - 3_000 + 3_000
    assert pay_out(till, None)["again"]


def test_without_the_office_nothing_is_paid_out_and_the_reason_is_said(till: Till) -> None:
    till.top_up(1, 3_000)
    answer = pay_out(till, 1_000)
    assert (answer["event"], answer["rule"]) == ("declined", "safe_balance")
    assert "Only the office" in answer["sentence"]
    office = authority(till)
    office.answers(pay_out(till, 3_000), Reply(0, "safe_balance", 1_200, ()))
    answer = pay_out(till, 3_000)
    assert (answer["possible_minor"], "12.00 EUR" in answer["sentence"]) == (1_200, True)


def test_nothing_is_paid_out_while_the_office_has_not_heard_what_was_sold_here(till: Till) -> None:
    till.top_up(1, 3_000)
    assert sell(till, 1, lines=[[9, 1, 500, 0, 0, None]], wristband=BAND)["event"] == "paid"
    authority(till)
    answer = pay_out(till, 1_000)
    assert (answer["event"], answer["rule"]) == ("declined", "safe_balance")
    assert "Ask again in a moment" in answer["sentence"]


def test_a_lost_wristband_is_blocked_without_any_line(till: Till) -> None:
    till.top_up(1, 3_000)
    number = till.do("balance", wristband=BAND)["number"]
    till.top_up(2, 100, band(1 << 40))
    assert till.do("block", wallet=77)["what"] == "approval"
    answer = till.do("block", wallet=77, **badge(CASHIER))
    assert till.body(answer["fact"]) == WristbandBlocked(77, "lost", CASHIER)
    assert sell(till, 1, lines=[[9, 1, 100, 0, 0, None]], wristband=BAND)["rule"] == "blocked"
    assert till.do("block", wallet=77, **badge(CASHIER))["again"]
    assert number == answer["number"]


def test_a_link_needs_the_offices_word(till: Till) -> None:
    till.top_up(1, 3_000)
    claim = till.do("claim", wristband=BAND)["claim"]
    command = {"wallet": 77, "claim": claim, "wristband": band(500)}
    alone = till.do("link", **command)
    assert (alone["event"], alone["rule"]) == ("declined", "no_office")
    office = authority(till)
    wants = till.do("link", **command)
    question = wants["question"]
    assert (question.kind, question.wallet, question.wristband, question.claim) == (
        Asked.LINK,
        77,
        500,
        claim,
    )
    office.answers(wants, Reply(0, "wrong_claim", 0, ()))
    assert till.do("link", **command)["rule"] == "wrong_claim"


def test_a_guests_pin_is_changed_by_who_knows_it(till: Till) -> None:
    till.top_up(1, 3_000)
    till.do("guest_pin", wristband=BAND, new_pin=PIN)
    with pytest.raises(BadCommand, match="not the guest's PIN"):
        till.do("guest_pin", wristband=BAND, new_pin="123456", old_pin="999999")
    with pytest.raises(BadCommand, match="6 to 12 digits"):
        till.do("guest_pin", wristband=BAND, new_pin="1234", old_pin=PIN)
    assert till.do("guest_pin", wristband=BAND, new_pin="123456", old_pin=PIN) == {"event": "done"}
    claim = till.do("claim", wristband=BAND)["claim"]
    assert till.do("guest_pin", wristband=BAND, new_pin=PIN, claim=claim) == {"event": "done"}


def test_a_supervisor_renews_the_tills_cap(till: Till) -> None:
    till.says(PolicySet(1, ((2, 600), (7, -1))), number=41)
    till.top_up(1, 3_000)
    lines = [[9, 1, 500, 0, 0, None]]
    assert sell(till, 1, lines=lines, wristband=BAND)["event"] == "paid"
    assert sell(till, 2, lines=lines, wristband=BAND)["rule"] == "till_cap"
    with pytest.raises(BadCommand):
        till.do("renew_cap", amount_minor=1_000, **badge(CASHIER))
    answer = till.do("renew_cap", amount_minor=1_000, **badge(BOSS))
    assert till.body(answer["fact"]) == CapRenewed(BOSS, 1_000)
    assert sell(till, 2, lines=lines, wristband=BAND)["event"] == "paid"


# --- voids and refunds ---


def two_beers(till: Till, number: int, **how: Any) -> dict[str, Any]:
    lines = [
        [3, 2, 500, 2000, 0, None],
        [3, 2, -50, 2000, 6, 0],
        [3, 2, 100, 0, 1, 0],
        [9, 1, 300, 0, 0, None],
    ]
    return sell(till, number, lines=lines, **how, **badge(CASHIER))


def test_the_last_sale_is_voided_whole_by_who_sold_it(till: Till) -> None:
    answer = two_beers(till, 1, payments=[["cash", 1_400]])
    done = till.do("void", sale=answer["sale"], lines=[0, 3])
    assert (done["event"], done["back_minor"]) == ("done", 1_400)
    body = till.body(done["fact"])
    assert isinstance(body, Voided)
    assert (body.lines, body.approved_by) == ((0, 1, 2, 3), None)


def test_the_last_sale_of_somebody_else_is_not_voided_without_a_badge(till: Till) -> None:
    sale = two_beers(till, 1, payments=[["cash", 1_400]])["sale"]
    till.do("sign_in", **badge(SELLER))
    assert till.do("void", sale=sale, lines=[0, 3])["what"] == "approval"


def test_a_top_up_in_a_basket_stays_when_the_rest_is_voided(till: Till) -> None:
    lines = [[9, 1, 500, 0, 0, None], [0, 1, 2_000, 0, 4, None]]
    how = {"payments": [["cash", 2_500]], "wristbands": [[BAND, 0]]}
    sale = sell(till, 1, lines=lines, **how)["sale"]
    with pytest.raises(BadCommand, match="Pay it out"):
        till.do("void", sale=sale, lines=[1])
    done = till.do("void", sale=sale, lines=[0, 1])
    assert (done["back_minor"], till.body(done["fact"]).lines) == (500, (0,))
    assert wallet_balance(till.cells, 77) == 2_000
    drawer = f"drawer:{till.terminal.manifest.terminal}:1"
    assert balance(till.cells, drawer) == -10_000 - 2_000


def test_single_lines_or_older_sales_are_voided_with_a_badge_and_a_pin(till: Till) -> None:
    first = two_beers(till, 1, payments=[["cash", 1_400]])["sale"]
    assert till.do("void", sale=first, lines=[3])["what"] == "approval"
    assert till.do("void", sale=first, lines=[3], **badge(CASHIER))["back_minor"] == 300
    two_beers(till, 2, payments=[["cash", 1_400]])
    assert till.do("void", sale=first, lines=[0])["what"] == "approval"
    older = two_beers(till, 3, payments=[["cash", 1_400]])["sale"]
    two_beers(till, 4, payments=[["cash", 1_400]])
    assert till.do("void", sale=older, lines=[0, 3])["what"] == "approval"
    done = till.do("void", sale=first, lines=[0], **badge(CASHIER))
    assert (done["back_minor"], till.body(done["fact"]).approved_by) == (1_100, CASHIER)


def test_a_refund_pays_back_what_was_paid_for_a_part_of_a_line(till: Till) -> None:
    till.top_up(1, 3_000)
    sale = two_beers(till, 1, wristband=BAND)["sale"]
    assert wallet_balance(till.cells, 77) == 1_600
    refund = {"operation": OP, "sale": sale, "lines": [[0, 1]]}
    assert till.do("refund", **refund)["what"] == "approval"
    with pytest.raises(BadCommand):
        till.do("refund", **refund, **badge(CASHIER))
    done = till.do("refund", **refund, **badge(BOSS))
    assert (done["back_minor"], len(done["facts"])) == (450, 2)
    assert wallet_balance(till.cells, 77) == 2_050
    assert till.do("refund", **refund, **badge(BOSS))["again"]
    assert wallet_balance(till.cells, 77) == 2_050
    more = {"operation": "0c" * 16, "sale": sale, "lines": [[0, 2]]}
    with pytest.raises(BadCommand, match="nothing is left"):
        till.do("refund", **more, **badge(BOSS))


def test_a_sale_of_an_earlier_shift_is_refunded_out_of_todays_drawer(till: Till) -> None:
    sale = two_beers(till, 1, payments=[["cash", 1_400]])["sale"]
    till.do("close_shift", counted_minor=11_400)
    till.do("open_shift", float_minor=5_000)
    with pytest.raises(BadCommand, match="earlier shift"):
        till.do("void", sale=sale, lines=[3], **badge(CASHIER))
    done = till.do("refund", operation=OP, sale=sale, lines=[[3, 1]], **badge(BOSS))
    assert isinstance(till.body(done["facts"][0]), Refunded)
    terminal = till.terminal.manifest.terminal
    assert balance(till.cells, f"drawer:{terminal}:2") == -5_000 + 300
    assert balance(till.cells, "imbalance") == 0


def test_a_basket_that_was_paid_in_two_ways_is_refunded_into_the_wallet(till: Till) -> None:
    till.top_up(1, 500)
    sale = two_beers(till, 1, payments=[["cash", 900]], wristbands=[[BAND, 500]])["sale"]
    till.do("close_shift", counted_minor=11_400)
    till.do("open_shift", float_minor=5_000)
    till.do("refund", operation=OP, sale=sale, lines=[[0, 2]], **badge(BOSS))
    assert wallet_balance(till.cells, 77) == 900
    assert balance(till.cells, "imbalance") == 0


# --- stock ---


def test_stock_is_received_wasted_and_counted(till: Till) -> None:
    assert till.do("stock", product=3, change=40, reason="received")["stock"] == 40
    assert till.do("stock", product=3, change=3, reason="spilled")["stock"] == 37
    assert till.do("stock", product=3, counted=30)["stock"] == 30
    facts = till.terminal.store.facts()
    assert till.do("stock", product=3, counted=30)["stock"] == 30
    assert till.terminal.store.facts() == facts
    with pytest.raises(BadCommand, match="reason must be one of"):
        till.do("stock", product=3, change=3, reason="drunk")
    assert newest(till).body.reason == 2  # type: ignore[union-attr]  # a stock movement
