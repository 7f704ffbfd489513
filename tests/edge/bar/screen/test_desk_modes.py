"""Wristbands, shifts, last sales and stock, key by key, without any screen."""

from typing import Any

import pytest

from edge.bar.cart import cart_of
from edge.bar.screen.basket_modes import Discount, Parked, TopUpHow
from edge.bar.screen.history_modes import History, Sale, VoidLast
from edge.bar.screen.menu import Menu
from edge.bar.screen.pad_modes import CountPad, SecretPad
from edge.bar.screen.selling import NoShift, Selling
from edge.bar.screen.shift_modes import CloseShift, CountCash, Report, report_rows
from edge.bar.screen.stock_modes import PickProduct, Stock, Waste, in_halves
from edge.bar.screen.wallet_modes import Band, Claim, Done, FreshBand, Lost, new_pin
from edge.screen.modes import Answer
from edge.screen.panel import Tone
from edge.screen.staff_modes import Supervisor
from tests.edge.bar.screen.bench import BALANCE, PINT, Bench

APPROVAL: Answer = {"event": "ask", "what": "approval", "sentence": "?"}
SALE: Answer = {
    "sale": "33" * 16,
    "at_ms": 0,
    "seller": "B1",
    "seller_badge": 702,
    "total_minor": 1_200,
    "shift": 1,
    "is_last": True,
    "lines": [
        {"at": 0, "product": 1, "name": "Pale pint", "quantity": 2, "unit": 500, "kind": "item",
         "about": None, "amount": 1_000, "voided": False, "undone": False, "refunded": 1},
        {"at": 1, "product": 1, "name": "Pale pint", "quantity": 2, "unit": 100, "kind": "deposit",
         "about": 0, "amount": 200, "voided": False, "undone": False, "refunded": 0},
        {"at": 2, "product": 0, "name": "0", "quantity": -1, "unit": 100, "kind": "cup_back",
         "about": None, "amount": -100, "voided": True, "undone": False, "refunded": 0},
    ],
    "payments": [["cash", 1_100, None, None]],
}  # fmt: skip
REPORT: Answer = {
    "event": "report", "kind": "x", "duplicate": False, "shift": 4, "bar": "Main bar",
    "till": "till 3", "seller": "B1", "opened_ms": 0, "closed_ms": None, "sales": 2, "voids": 1,
    "refunds": 0, "gross": 4_000, "by_method": [["cash", 1_500], ["wallet", 2_500]],
    "deposits_taken": 300, "deposits_returned": 100, "tips": 50, "discounts": 0,
    "topped_up": [["cash", 2_000]], "paid_out": [["cash", 500]],
    "drawer": {"float": 10_000, "sales": 1_500, "top_ups": 2_000, "pay_outs": 500,
               "expected": 13_000, "counted": None, "difference": None},
    "by_vat": [[2_000, 4_000, 3_333, 667]], "by_product": [[1, "Pale pint", 5, 4_000]],
    "by_category": [["Beer", 4_000]], "grand_total_before": 0, "grand_total_after": 4_000,
    "check": "",
}  # fmt: skip


def in_hand(bench: Bench) -> dict[str, Any]:
    return {"slot": "park-1", "cart": bench.hand.cart.row(), "at_ms": 0, "seller": 702}


# --- wristbands ---


def test_a_balance_is_shown_by_its_kinds_and_a_product_goes_back_to_selling() -> None:
    bench = Bench()
    bench.enter(Band(BALANCE, "band"))
    panel = bench.mode.panel(bench)
    assert panel.word == "21.40"
    assert len(panel.rows) == 2
    bench.keys("q")
    assert isinstance(bench.mode, Selling)
    assert bench.hand.cart


def test_a_blocked_wristband_says_so_and_offers_only_what_helps() -> None:
    bench = Bench()
    bench.enter(Band(BALANCE | {"blocked": True}, "band"))
    assert bench.mode.panel(bench).tone is Tone.ASK
    bench.keys("1 2 3 4")
    assert isinstance(bench.mode, Band)
    assert [one.key for one in bench.mode.panel(bench).choices] == ["5", "escape"]


def test_a_top_up_takes_an_amount_a_method_and_an_approval_under_one_id() -> None:
    bench = Bench(top_up=APPROVAL)
    bench.enter(Band(BALANCE, "band"))
    bench.keys("1 w")
    assert isinstance(bench.mode, TopUpHow)
    bench.keys("k")
    assert isinstance(bench.mode, Supervisor)
    bench._answers["top_up"] = {"event": "done", "balance_minor": 4_140, "number": "1"}
    bench.mode.told(bench, {"event": "badge", "text": "b"})
    bench.keys("1 enter")
    (first, again) = [command for _, command in bench.done]
    assert again == first | {"badge": "b", "pin": "1"}
    assert first["amount_minor"] == 2_000
    assert isinstance(bench.mode, Done)
    assert "41.40" in bench.lines()
    assert bench.tap()
    bench.keys("x")
    assert isinstance(bench.mode, Selling)


def test_a_declined_top_up_is_said_in_its_sentence() -> None:
    bench = Bench(top_up={"event": "declined", "rule": "balance_max", "sentence": "Too much."})
    bench.enter(Band(BALANCE, "band"))
    bench.keys("1 w enter")
    assert bench.lines() == "Too much."


def test_what_was_paid_in_is_paid_out_and_gifts_are_not() -> None:
    bench = Bench(pay_out={"event": "done", "balance_minor": 140, "amount_minor": 2_000})
    bench.enter(Band(BALANCE, "band"))
    bench.keys("2 enter")
    assert bench.done[0][1]["amount_minor"] == 2_000
    assert bench.mode.panel(bench).word == "20.00"
    bench.enter(Band(BALANCE | {"paid_minor": 0}, "band"))
    bench.keys("2")
    assert bench.notes == ["nothing_to_pay_out"]


def test_a_pin_is_typed_twice_and_an_old_one_is_asked_first() -> None:
    bench = Bench()
    new_pin(bench, "band", has_pin=True)
    bench.keys("9 9 enter 1 2 3 4 5 6 enter 1 2 3 4 5 6 enter")
    assert bench.done == [
        ("guest_pin", {"wristband": "band", "new_pin": "123456", "old_pin": "99"})
    ]
    bench.done.clear()
    new_pin(bench, "band", has_pin=False)
    bench.keys("1 enter 2 enter")
    assert bench.done == []


def test_a_claim_code_is_shown_once_and_can_be_printed() -> None:
    bench = Bench(claim={"event": "claim", "number": "1234 5678 903", "claim": "123456789012"})
    bench.enter(Band(BALANCE, "band"))
    bench.keys("4")
    assert isinstance(bench.mode, Claim)
    assert "1234 5678 9012" in bench.lines()
    bench.keys("p")
    assert bench.done[-1] == ("print", {"claim": "123456789012", "number": "1234 5678 903"})


def test_a_lost_wristband_is_found_by_its_number_and_blocked() -> None:
    bench = Bench(balance=BALANCE)
    bench.keys("W 1 2 3 enter")
    assert bench.done == [("balance", {"wristband": {"number": "123"}})]
    assert isinstance(bench.mode, Lost)
    bench.keys("1")
    assert bench.done[-1] == ("block", {"wallet": 77})


def test_a_fresh_wristband_takes_the_lost_ones_place_by_claim_code_or_badge() -> None:
    bench = Bench(link={"event": "done", "wallet": 77, "balance_minor": 500})
    bench.enter(Lost(77, "1234"))
    bench.keys("2 9 9 enter")
    assert isinstance(bench.mode, FreshBand)
    bench.tap("fresh")
    assert bench.done[-1] == ("link", {"wallet": 77, "wristband": "fresh", "claim": "99"})
    assert isinstance(bench.mode, Done)
    bench._answers["link"] = APPROVAL
    bench.enter(Lost(77, "1234"))
    bench.keys("3")
    bench.tap("fresh")
    assert isinstance(bench.mode, Supervisor)


def test_a_typed_number_shows_that_wristband() -> None:
    bench = Bench(balance=BALANCE)
    bench.keys("B 1 2 enter")
    assert isinstance(bench.mode, Band)


# --- baskets ---


def test_a_discount_is_for_the_selected_line_or_for_everything() -> None:
    bench = Bench()
    bench.keys("q w D")
    assert isinstance(bench.mode, Discount)
    bench.keys("e")
    assert [one.discount for one in bench.hand.cart.choices] == [0, 300]
    bench.keys("D a 1 0 enter")
    assert [one.discount for one in bench.hand.cart.choices] == [50, 60]
    bench.keys("D 9 9 9 enter")
    assert isinstance(bench.mode, Discount)


def test_a_tip_is_typed_and_taken_out_again() -> None:
    bench = Bench()
    bench.keys("q I 2 5 o enter")
    assert bench.hand.cart.tip == 2_500
    bench.keys("up down down delete")
    assert bench.hand.cart.tip == 0


def test_parked_baskets_are_listed_and_one_is_taken() -> None:
    bench = Bench()
    bench.keys("q")
    taken: list[Answer] = []
    bench.enter(Parked([in_hand(bench), in_hand(bench)], taken.append))
    assert "6.00 €" in bench.mode.panel(bench).rows[0]
    bench.keys("down enter")
    assert cart_of(taken[0]["cart"]) == bench.hand.cart


# --- shifts ---


def test_the_float_is_counted_by_notes_and_coins_with_a_way_back() -> None:
    counts: dict[int, int] = {}
    bench, told = Bench(), []
    bench.enter(
        CountCash("count_float", lambda command, minor: told.append((command, minor)), counts)
    )
    bench.keys("1 2 down 3 backspace 4 up 7 enter f")
    assert told == [({"cash": [[20_000, 7], [10_000, 4]]}, 180_000)]
    bench.keys("s 1 o o enter")
    assert told[1] == ({"float_minor": 10_000, "counted_minor": 10_000}, 10_000)


def test_the_difference_is_seen_before_anything_is_closed() -> None:
    bench = Bench(report=REPORT, close_shift=REPORT | {"kind": "z", "closed_ms": 5})
    bench.keys("E s 1 2 9 o enter")
    assert isinstance(bench.mode, CloseShift)
    assert [row.split()[-2] for row in bench.mode.panel(bench).rows] == [
        "130.00",
        "129.00",
        "−1.00",
    ]
    assert [what for what, _ in bench.done] == ["report"]
    bench.keys("y")
    assert bench.done[-1] == ("close_shift", {"counted_minor": 12_900})
    assert isinstance(bench.mode, Report)
    bench.keys("down p escape")
    assert bench.done[-1] == ("print", {"shift": 4})


def test_an_x_report_reads_through_and_names_everything() -> None:
    bench = Bench(report=REPORT)
    bench.keys("X")
    text = "\n".join(report_rows(bench, REPORT))
    for part in ("Main bar", "40.00", "wristband", "2½ × Pale pint", "VAT 20 %", "130.00"):
        assert part in text


def test_without_a_shift_nothing_is_closed() -> None:
    bench = Bench()
    bench.shift = None
    bench.keys("E")
    assert bench.notes == ["no_shift"]


# --- last sales ---


def test_the_last_sale_is_taken_back_only_after_a_yes_and_as_it_is_now() -> None:
    last = {"event": "last", "sale": "33" * 16, "at_ms": 0, "total_minor": 900, "lines": 3,
            "voided_lines": [1]}  # fmt: skip
    bench = Bench(last=last, void={"event": "done", "fact": "f", "back_minor": 800})
    bench.keys("V")
    assert isinstance(bench.mode, VoidLast)
    bench.keys("n V y")
    assert bench.done[-1] == ("void", {"sale": "33" * 16, "lines": [0, 2]})
    assert bench.mode.panel(bench).word == "8.00"


@pytest.mark.parametrize(
    "last,why",
    [
        ({"sale": None}, "nothing_sold"),
        ({"sale": "a", "lines": 1, "voided_lines": [0]}, "voided_before"),
    ],
)
def test_with_nothing_to_take_back_that_is_said(last: Answer, why: str) -> None:
    bench = Bench(last={"event": "last"} | last)
    bench.keys("V")
    assert bench.notes == [why]


def test_marked_lines_are_taken_back_and_marked_pieces_paid_back() -> None:
    done = {"event": "done", "facts": ["f"], "back_minor": 500}
    bench = Bench(history={"event": "history", "rows": [SALE]}, void=done, refund=done)
    bench.keys("H")
    assert isinstance(bench.mode, History)
    bench.keys("enter plus plus plus r")
    expected = {"operation": "22" * 16, "sale": "33" * 16, "lines": [[0, 1]]}
    assert bench.done[-1] == ("refund", expected)
    bench.keys("x H enter v")
    assert bench.done[-1] == ("void", {"sale": "33" * 16, "lines": [0, 1]})
    bench.enter(Sale(SALE))
    bench.keys("plus minus r p")
    assert bench.notes[-2:] == ["mark_first", "printing"]


def test_sales_are_looked_for_by_what_is_typed() -> None:
    bench = Bench(history={"event": "history", "rows": []})
    bench.keys("H s 9 full_stop 6 backspace 6 space enter")
    assert [command["search"] for _, command in bench.done] == ["", "9.6"]


def test_the_key_for_the_last_sale_does_nothing_to_the_sale_that_is_looked_at() -> None:
    bench = Bench()
    bench.enter(Sale(SALE))
    assert bench.mode.hears_capitals
    bench.keys("V")
    assert (bench.done, isinstance(bench.mode, Sale)) == ([], True)


def test_a_line_that_was_taken_back_cannot_be_marked() -> None:
    bench = Bench()
    bench.enter(Sale(SALE))
    bench.keys("down plus")
    assert isinstance(bench.mode, Sale)
    assert bench.mode.marked == {2: 0}


# --- stock ---


def test_a_product_is_picked_in_the_grid_and_nothing_is_sold() -> None:
    bench = Bench()
    bench.keys("O")
    assert isinstance(bench.mode, PickProduct)
    assert bench.tap()
    bench.keys("2 q")
    assert isinstance(bench.mode, Stock)
    bench.keys("2")
    assert bench.done == [("offer", {"product": 4, "offered": "sold_out"})]
    assert (bench.notes, bool(bench.hand.cart)) == (["noted"], False)


@pytest.mark.parametrize(
    "keys,command",
    [
        ("4 3 enter 2", {"product": 1, "change": 6, "reason": "broken"}),
        ("5 1 0 enter", {"product": 1, "counted": 20}),
        ("6 2 4 enter", {"product": 1, "change": 48, "reason": "received"}),
    ],
)
def test_stock_is_said_in_whole_pieces_and_told_in_halves(keys: str, command: Answer) -> None:
    bench = Bench()
    bench.enter(Stock(PINT))
    bench.keys(keys)
    assert bench.done == [("stock", command)]


@pytest.mark.parametrize(
    "halves,said", [(0, "0"), (1, "½"), (5, "2½"), (-1, "−½"), (-4, "−2"), (-5, "−2½")]
)
def test_halves_are_said_as_people_do(halves: int, said: str) -> None:
    assert in_halves(halves) == said


MODES: list[Any] = [
    Menu,
    NoShift,
    lambda: Band(BALANCE, "b"),
    lambda: Claim({"claim": "123456789012", "number": "1"}),
    lambda: Lost(1, "1"),
    lambda: FreshBand(print),
    lambda: Discount(None),
    lambda: TopUpHow(print),
    lambda: Parked([], print),
    lambda: CountCash("count_float", print, {}),
    lambda: CloseShift(100, 200, {}),
    lambda: Report(REPORT),
    lambda: History([]),
    lambda: History([SALE]),
    PickProduct,
    lambda: Stock(PINT),
    lambda: Waste(1, 2),
    lambda: CountPad("how_many_next", print),
    lambda: SecretPad("pin_new", print, 12),
]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("make", MODES)
def test_every_mode_of_the_desk_can_be_shown_and_left(make: Any, language: str) -> None:
    bench = Bench()
    bench.language = language
    bench.keys("q")
    bench.enter(make())
    assert bench.mode.panel(bench).lines
    left = bench.mode.key(bench, "escape")
    assert left or isinstance(bench.mode, NoShift)
