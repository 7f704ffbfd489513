"""Selling at a till: who pays how, what is asked of people first, and what the authority lends."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.headless import BadCommand
from hardware.bench import ManualClock
from sync.accounts import balance, postings_sum, wallet_balance
from sync.conflicts import ConflictKind, conflicts
from sync.facts import (
    Declined,
    KeyRetired,
    LineKind,
    PolicySet,
    ProductSet,
    SecretKind,
    Sold,
)
from sync.names import Area
from sync.prices import price_at
from sync.stock import in_stock
from sync.vouchers import uses
from tests.edge.bar.tills import (
    BAND,
    BEER,
    CASHIER,
    CIDER,
    ITEM,
    MEAL,
    PIN,
    PLACE,
    SELLER,
    STAFF,
    Till,
    badge,
    band,
    open_till,
    sell,
    voucher,
)
from tests.edge.boxes import (
    NOW_MS,
    make_folder,
)

DAY_MS = 86_400_000


@pytest.fixture
def staffed(tmp_path: Path) -> Iterator[Till]:
    """A till whose seller is signed in and that asks for people."""
    one = open_till(make_folder(tmp_path / "bar", "bar"), ManualClock(NOW_MS), needs_staff=True)
    one.says(BEER, CIDER, MEAL, PLACE, *STAFF, number=40)
    one.do("sign_in", **badge(SELLER))
    yield one
    one.terminal.close()


# --- ways to pay ---


def test_a_basket_is_paid_by_two_wristbands_cash_and_card(till: Till) -> None:
    till.top_up(1, 1_000)
    till.top_up(2, 2_000, band(78))
    lines = [[9, 1, 4_000, 2000, 0, None]]
    answer = sell(
        till,
        1,
        lines=lines,
        payments=[["cash", 700], ["card", 800, None, "T42"]],
        wristbands=[[BAND, 1_000], [band(78), None]],
        cash_given_minor=1_000,
    )
    assert (answer["event"], answer["balances"]) == ("paid", [[77, 0], [78, 500]])
    assert answer["change_minor"] == 300
    body = till.body(answer["fact"])
    assert body.payments == (
        (2, 700, None, None), (3, 800, None, "T42"), (1, 1_000, 77, None), (1, 1_500, 78, None),
    )  # fmt: skip
    assert (body.wristband, postings_sum(till.cells)) == (77, {0: 0})


def test_the_second_wristband_is_judged_too_and_nothing_is_sold_if_it_may_not(till: Till) -> None:
    till.top_up(1, 1_000)
    till.top_up(2, 100, band(78))
    answer = sell(till, 1, lines=[ITEM], wristbands=[[BAND, 300], [band(78), None]])
    assert (answer["event"], answer["rule"]) == ("declined", "known_balance")
    declined = till.body(answer["fact"])
    assert isinstance(declined, Declined)
    assert (declined.wallet, declined.amount) == (78, 200)
    assert wallet_balance(till.cells, 77) == 1_000


def test_two_wristbands_of_one_wallet_do_not_pay_as_two(till: Till) -> None:
    till.top_up(1, 1_000)
    with pytest.raises(BadCommand, match="pay as one"):
        sell(till, 1, lines=[ITEM], wristbands=[[BAND, 200], [{"serial": 77}, None]])
    with pytest.raises(BadCommand, match="only one"):
        sell(till, 1, lines=[ITEM], wristbands=[[BAND, None], [band(78), None]])


def test_a_voucher_pays_one_item_that_it_is_for_and_only_once(till: Till) -> None:
    lines = [[1, 2, 480, 2000, 0, None], [3, 1, 500, 2000, 0, None]]
    assert till.do("voucher", text=voucher(5), lines=lines) == {
        "event": "voucher",
        "name": "Crew drink",
        "amount_minor": 450,
    }
    answer = sell(till, 1, lines=lines, vouchers=[voucher(5)], payments=[["cash", 1_010]])
    assert answer["event"] == "paid"
    assert uses(till.cells, 5) == 1
    again = sell(till, 1, lines=lines, vouchers=[voucher(5)], payments=[["cash", 1_010]])
    assert again["again"]
    refused = sell(till, 2, lines=lines, vouchers=[voucher(5)], payments=[["cash", 1_010]])
    assert (refused["event"], refused["rule"]) == ("declined", "voucher_used")
    twice = sell(till, 2, lines=lines, vouchers=[voucher(6), voucher(6)], payments=[["cash", 560]])
    assert twice["rule"] == "voucher_used"


@pytest.mark.parametrize(
    "code, lines, rule",
    [(voucher(5, 9), [ITEM], "voucher_unknown"),
     (voucher(5), [[3, 1, 500, 0, 0, None]], "voucher_for_nothing"),
     (voucher(5), [[1, 1, 480, 0, 3, None]], "voucher_for_nothing"),
     (band(5), [ITEM], "not_a_voucher")],
)  # fmt: skip
def test_a_voucher_that_cannot_pay_says_why(till: Till, code: str, lines: Any, rule: str) -> None:
    answer = till.do("voucher", text=code, lines=lines, language="fr")
    assert (answer["event"], answer["rule"]) == ("declined", rule)
    assert sell(till, 1, lines=lines, vouchers=[code], payments=[["cash", 0]])["rule"] == rule


def test_a_top_up_in_the_basket_makes_the_wristband_pay_the_rest_of_it(till: Till) -> None:
    lines = [ITEM, [0, 1, 2_000, 0, int(LineKind.TOP_UP), None]]
    answer = sell(till, 1, lines=lines, payments=[["cash", 2_000]], wristbands=[[BAND, None]])
    assert (answer["event"], answer["balance_minor"]) == ("paid", 1_500)
    book = till.terminal.store.till
    assert (book.spent_unacknowledged(77), book.topped_up()) == (500, 2_000)
    more = [[0, 1, 30_000, 0, int(LineKind.TOP_UP), None]]
    over = sell(till, 2, lines=more, payments=[["cash", 30_000]], wristbands=[[BAND, 0]])
    assert (over["event"], over["rule"], over["possible_minor"]) == (
        "declined",
        "balance_max",
        23_500,
    )


def test_half_double_and_mixer_have_prices_of_their_own(till: Till) -> None:
    lines = [
        [3, 1, 260, 2000, int(LineKind.HALF), None],
        [3, 2, 900, 2000, int(LineKind.DOUBLE), None],
        [3, 2, 150, 2000, int(LineKind.MIXER), 1],
    ]
    assert sell(till, 1, lines=lines, payments=[["cash", 2_360]])["event"] == "paid"
    assert in_stock(till.cells, 4, 3) == -1 - 8


def test_a_price_window_counts_while_it_is_open(till: Till) -> None:
    noon = NOW_MS - NOW_MS % 86_400_000 + 12 * 3_600_000 + DAY_MS
    prices = []
    for minutes in (-1, 0, 59, 60):
        till.clock.move(noon + minutes * 60_000 - till.clock.now_ms())
        grid = till.do("grid")
        cider = next(row for row in grid["products"] if row["product"] == 3)
        prices.append(cider["price"])
    assert prices == [500, 400, 400, 500]
    till.clock.move(noon + DAY_MS - till.clock.now_ms())
    assert sell(till, 1, items=[[3, 2]], payments=[["cash", 800]])["total_minor"] == 800


@pytest.mark.parametrize(
    "minute, price", [(0, 300), (119, 300), (120, 500), (1_379, 500), (1_380, 300)]
)
def test_a_price_window_may_go_over_midnight(minute: int, price: int) -> None:
    late = ProductSet(3, 1, "Cider", "drinks", 500, 0, 0, 0, True, windows=((1_380, 120, 300),))
    assert price_at(late, minute) == price
    assert price_at(late, None) == 500


def test_what_the_office_says_in_between_counts_for_the_next_sale(till: Till) -> None:
    till.top_up(1, 5_000)
    first = sell(till, 1, items=[[3, 1]], wristband=BAND)
    till.says(ProductSet(3, 2, "Cider", "drinks", 990, 2000, 0, 0, True), number=41)
    second = sell(till, 2, items=[[3, 1]], wristband=BAND)
    assert (first["total_minor"], second["total_minor"]) == (500, 990)
    till.says(KeyRetired(1), number=42)
    with pytest.raises(BadCommand, match="not valid here"):
        sell(till, 3, items=[[3, 1]], wristband=BAND)


def test_a_basket_keeps_the_price_that_was_shown_when_the_list_changes(till: Till) -> None:
    shown = till.do("grid")["version"]
    lines = [[3, 1, 500, 2000, 0, None]]
    till.says(ProductSet(3, 2, "Cider", "drinks", 990, 2000, 0, 0, True), number=41)
    assert till.do("grid")["version"] > shown
    assert sell(till, 1, lines=lines, payments=[["cash", 500]])["event"] == "paid"


def test_what_is_sold_out_or_not_at_this_bar_is_not_sold(till: Till) -> None:
    till.do("offer", product=3, offered="sold_out")
    row = next(row for row in till.do("grid")["products"] if row["product"] == 3)
    assert row["offered"] == "sold_out"
    with pytest.raises(BadCommand, match="not on sale"):
        sell(till, 1, items=[[3, 1]], payments=[["cash", 500]])
    till.do("offer", product=3, offered="yes")
    away = ProductSet(1, 2, "Beer", "drinks", 480, 2000, 100, 18, True, bars=(5,))
    till.says(away, number=42)
    assert [row["product"] for row in till.do("grid")["products"]] == [3]
    with pytest.raises(BadCommand, match="not on sale"):
        sell(till, 1, items=[[1, 1]], payments=[["cash", 580]])


# --- people ---


def test_goods_for_adults_ask_once_and_say_who_looked(staffed: Till) -> None:
    asked = sell(staffed, 1, lines=[[1, 1, 480, 2000, 0, None]], payments=[["cash", 480]])
    assert (asked["event"], asked["what"], asked["age"]) == ("ask", "age", 18)
    answer = sell(
        staffed, 1, lines=[[1, 1, 480, 2000, 0, None]], payments=[["cash", 480]], age_checked=True
    )
    body = staffed.body(answer["fact"])
    assert (body.age_checked_by, body.seller) == (SELLER, SELLER)


@pytest.mark.parametrize(
    "lines, payments",
    [([ITEM, [9, 1, -50, 0, int(LineKind.DISCOUNT), 0]], [["cash", 450]]),
     ([ITEM], [["gift", 500]]),
     ([[9, -1, 500, 0, 0, None]], [["cash", -500]])],
    ids=["discount", "on the house", "goods taken back"],
)  # fmt: skip
def test_what_a_seller_alone_may_not_needs_a_badge_and_a_pin(
    staffed: Till, lines: Any, payments: Any
) -> None:
    command = {"lines": lines, "payments": payments}
    assert sell(staffed, 1, **command)["what"] == "approval"
    with pytest.raises(BadCommand, match="may not do that"):
        sell(staffed, 1, **command, **badge(SELLER))
    answer = sell(staffed, 1, **command, **badge(CASHIER))
    assert staffed.body(answer["fact"]).approved_by == CASHIER


def test_a_discount_takes_its_vat_along(till: Till) -> None:
    lines = [[3, 2, 500, 2000, 0, None], [3, 2, -100, 2000, int(LineKind.DISCOUNT), 0]]
    assert sell(till, 1, lines=lines, payments=[["cash", 800]])["event"] == "paid"
    assert balance(till.cells, "vat:2000") == 167 - 33


def test_nobody_sells_who_is_not_signed_in(staffed: Till) -> None:
    staffed.do("sign_out")
    with pytest.raises(BadCommand):
        sell(staffed, 1, lines=[ITEM], payments=[["cash", 500]])


def test_a_till_that_wants_a_shift_sells_nothing_before_one_is_open(tmp_path: Path) -> None:
    till = open_till(make_folder(tmp_path / "bar", "bar"), ManualClock(NOW_MS), needs_shift=True)
    with pytest.raises(BadCommand, match="No shift is open"):
        sell(till, 1, lines=[ITEM], payments=[["cash", 500]])
    till.do("open_shift", float_minor=5_000)
    answer = sell(till, 1, lines=[ITEM], payments=[["cash", 500]])
    assert till.body(answer["fact"]).shift == 1
    till.terminal.close()


# --- one wristband, one payment ---


def test_another_wristband_within_one_payment_is_refused_until_it_is_meant(till: Till) -> None:
    till.top_up(1, 100)
    till.top_up(2, 1_000, band(78))
    assert sell(till, 1, lines=[ITEM], wristband=BAND)["rule"] == "known_balance"
    swapped = sell(till, 1, lines=[ITEM], wristband=band(78))
    assert (swapped["event"], swapped["rule"]) == ("declined", "other_wristband")
    assert wallet_balance(till.cells, 78) == 1_000
    meant = sell(till, 1, lines=[ITEM], wristband=band(78), other_wristband=True)
    assert (meant["event"], meant["balance_minor"]) == ("paid", 500)
    assert sell(till, 2, lines=[ITEM], wristband=band(78))["event"] == "paid"


def test_a_printed_code_pays_beyond_its_day_with_the_guests_pin_or_a_chip(till: Till) -> None:
    till.says(PolicySet(1, ((7, 600),)), number=41)
    till.top_up(1, 5_000)
    assert sell(till, 1, lines=[ITEM], wristband=BAND)["event"] == "paid"
    assert sell(till, 2, lines=[ITEM], wristband=BAND)["rule"] == "code_only_daily"
    till.do("guest_pin", wristband=BAND, new_pin=PIN)
    asked = sell(till, 2, lines=[ITEM], wristband=BAND)
    assert (asked["event"], asked["what"]) == ("ask", "guest_pin")
    wrong = sell(till, 2, lines=[ITEM], wristband=BAND, guest_pin="000000")
    assert (wrong["event"], wrong["rule"]) == ("declined", "wrong_pin")
    assert sell(till, 2, lines=[ITEM], wristband=BAND, guest_pin=PIN)["event"] == "paid"
    chip = {"text": BAND, "uid": "04a1b2c3d4e5f6", "taps": 7}
    answer = sell(till, 3, lines=[ITEM], wristband=chip)
    assert (answer["event"], till.body(answer["fact"]).taps) == ("paid", 7)


def test_five_wrong_pins_lock_a_wallet_and_a_restart_forgets_none(tmp_path: Path) -> None:
    folder, clock = make_folder(tmp_path / "bar", "bar"), ManualClock(NOW_MS)
    till = open_till(folder, clock)
    till.says(PLACE, number=40)
    till.top_up(1, 5_000)
    till.do("guest_pin", wristband=BAND, new_pin=PIN)
    for number in range(5):
        sell(till, number, lines=[ITEM], wristband=BAND, guest_pin="000000")
    till.terminal.close()
    till = open_till(folder, clock)
    with pytest.raises(BadCommand, match="5 more minutes"):
        sell(till, 9, lines=[ITEM], wristband=BAND, guest_pin=PIN)
    till.terminal.close()


def test_a_chip_that_counts_backwards_is_a_conflict(till: Till) -> None:
    till.top_up(1, 5_000)
    for number, taps in enumerate((5, 6, 6)):
        chip = {"text": BAND, "uid": "04a1b2c3d4e5f6", "taps": taps}
        sell(till, number, lines=[ITEM], wristband=chip)
    kinds = [one.kind for one in conflicts(till.cells, Area.MONEY)]
    assert ConflictKind.CLONED_WRISTBAND in kinds


def test_a_chip_without_a_code_is_known_by_its_uid(till: Till) -> None:
    chip = {"uid": "04a1b2c3d4e5f6"}
    till.top_up(1, 1_000, chip)
    assert till.do("balance", wristband=chip)["balance_minor"] == 1_000
    assert till.do("balance", wristband={"uid": "04a1b2c3"})["known"] is False


def test_a_wristband_is_found_by_its_printed_number(till: Till) -> None:
    serial = 15_508_089_749_963_478_294
    till.top_up(1, 1_000, band(serial))
    number = till.do("balance", wristband=band(serial))["number"]
    assert till.do("balance", wristband={"number": number})["wallet"] == serial
    with pytest.raises(BadCommand, match="typing mistake"):
        till.do("balance", wristband={"number": number[:-1] + "0"})
    with pytest.raises(BadCommand, match="known here"):
        till.do("balance", wristband={"number": "0000 0000 000"})


def test_a_wallets_secret_is_kept_as_its_proof_only(till: Till) -> None:
    till.top_up(1, 1_000)
    said = till.do("claim", wristband=BAND)
    assert len(said["claim"]) == 12
    assert till.desk.duty.secrets.has(77, SecretKind.CLAIM)
    raws = b"".join(raw for raw, _ in till.terminal.store.shelf.all_records())
    assert said["claim"].encode() not in raws


def test_a_sale_says_what_the_shown_wristband_was(till: Till) -> None:
    till.top_up(1, 1_000)
    body = till.body(sell(till, 1, lines=[ITEM], wristband=BAND)["fact"])
    assert isinstance(body, Sold)
    assert (body.wristband, body.taps, body.loan) == (77, None, None)
