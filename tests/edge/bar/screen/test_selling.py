"""Choosing and changing a basket, key by key, without any screen."""

import pytest

from edge.bar.screen.menu import COMMANDS, Menu
from edge.bar.screen.pad_modes import CountPad
from edge.bar.screen.selling import NoShift, Selling
from edge.bar.screen.shift_modes import CountCash
from edge.bar.screen.tenders import Cash, Split
from edge.bar.screen.wallet_modes import Band
from edge.screen.staff_modes import Pin
from tests.edge.bar.screen.bench import BALANCE, Bench


def names(bench: Bench) -> list[tuple[int, str, str]]:
    return [(one.quantity, one.name, one.measure) for one in bench.hand.cart.choices]


def test_a_products_key_and_a_wristband_are_a_sale() -> None:
    bench = Bench()
    bench.keys("q")
    assert bench.tap("band")
    (attempt,) = bench.attempts
    command = attempt.command(bench.hand.cart)
    assert command["wristbands"] == [["band", None]]
    assert command["lines"] == [[1, 1, 500, 2000, 0, None], [1, 1, 100, 0, 1, 0]]
    assert len(command["sale"]) == 32


def test_the_same_product_again_counts_on_in_its_line() -> None:
    bench = Bench()
    bench.keys("q q q")
    assert names(bench) == [(3, "Pale pint", "whole")]
    assert bench.kept == 3


def test_how_many_comes_before_the_product_and_is_forgotten_after_it() -> None:
    bench = Bench()
    bench.keys("f3 q q")
    assert names(bench) == [(4, "Pale pint", "whole")]
    bench.keys("f3 f3 w")
    assert names(bench)[1] == (1, "Vodka", "whole")


def test_how_many_comes_after_the_product_too() -> None:
    bench = Bench()
    bench.keys("q plus plus minus")
    assert names(bench) == [(2, "Pale pint", "whole")]
    bench.keys("Q 1 2 enter")
    assert names(bench) == [(12, "Pale pint", "whole")]
    bench.keys("minus delete")
    assert names(bench) == []


def test_a_large_number_is_typed_before_the_product() -> None:
    bench = Bench()
    bench.keys("asterisk")
    assert isinstance(bench.mode, CountPad)
    bench.keys("2 4 enter q")
    assert names(bench) == [(24, "Pale pint", "whole")]


def test_half_double_and_mixer_hold_for_the_next_product_only() -> None:
    bench = Bench()
    bench.keys("f5 q f6 f7 w q")
    assert names(bench) == [
        (1, "Pale pint", "half"),
        (1, "Vodka", "double"),
        (1, "Pale pint", "whole"),
    ]
    assert bench.hand.cart.choices[1].mixer == 150


@pytest.mark.parametrize(
    "keys,why",
    [("e", "sold_out"), ("f5 w", "no_half"), ("f7 q", "no_mixer"), ("delete", "nothing_chosen")],
)
def test_what_cannot_be_is_said_in_a_word_and_changes_nothing(keys: str, why: str) -> None:
    bench = Bench()
    bench.keys(keys)
    assert bench.notes == [why]
    assert not bench.hand.cart


def test_a_digit_turns_to_a_category_and_an_unknown_one_does_nothing() -> None:
    bench = Bench()
    bench.keys("2 q 9 z")
    assert names(bench) == [(1, "Red", "whole")]


def test_cups_come_back_with_the_large_key_and_can_be_more_than_one() -> None:
    bench = Bench()
    bench.keys("space f4 space")
    assert bench.hand.cart.total == -500
    bench.keys("plus minus minus")
    assert bench.hand.cart.total == -400


def test_lines_are_selected_and_changed() -> None:
    bench = Bench()
    bench.keys("q w up up plus")
    assert names(bench) == [(2, "Pale pint", "whole"), (1, "Vodka", "whole")]
    bench.mode.key(bench, "line:choice:1")
    bench.keys("backspace")
    assert names(bench) == [(2, "Pale pint", "whole")]


def test_what_was_cleared_can_be_brought_back() -> None:
    bench = Bench()
    bench.keys("q C")
    assert not bench.hand.cart
    bench.keys("Z")
    assert names(bench) == [(1, "Pale pint", "whole")]
    bench.keys("Z")
    assert bench.notes[-1] == "nothing_cleared"


def test_a_basket_is_parked_and_an_empty_hand_shows_what_waits() -> None:
    bench = Bench()
    bench.keys("f10 q f10")
    assert bench.parking.asked == ["show", "park"]


def test_while_a_sale_is_under_way_nothing_changes() -> None:
    bench = Bench()
    bench.keys("q")
    bench.is_paying = True
    bench.keys("q enter C")
    assert bench.tap()
    assert names(bench) == [(1, "Pale pint", "whole")]
    assert bench.attempts == []


def test_a_wristband_with_nothing_in_hand_shows_its_balance() -> None:
    bench = Bench(balance=BALANCE)
    bench.tap("band")
    assert isinstance(bench.mode, Band)
    assert bench.mode.panel(bench).word == "21.40"


def test_a_wristband_that_has_just_paid_opens_nothing() -> None:
    bench = Bench(balance=BALANCE)
    bench.held = "band"
    bench.tap("band")
    assert isinstance(bench.mode, Selling)


@pytest.mark.parametrize("key,mode", [("enter", Cash), ("f9", Split), ("tab", Menu)])
def test_each_way_to_pay_has_its_key(key: str, mode: type) -> None:
    bench = Bench()
    bench.keys(f"q {key}")
    assert isinstance(bench.mode, mode)


@pytest.mark.parametrize("key", ["enter", "f8", "f9", "C", "D", "Q"])
def test_with_nothing_in_hand_nothing_is_paid(key: str) -> None:
    bench = Bench()
    bench.keys(key)
    assert bench.notes == ["nothing_chosen"]
    assert isinstance(bench.mode, Selling)


def test_a_voucher_goes_to_the_basket_and_a_badge_takes_over() -> None:
    bench = Bench()
    bench.keys("q")
    bench.mode.told(bench, {"event": "voucher", "text": "v"})
    assert bench.notes == ["voucher v"]
    bench.mode.told(bench, {"event": "badge", "text": "b"})
    assert isinstance(bench.mode, Pin)
    assert bench.hand.cart


def test_everything_else_is_in_one_list_by_small_or_capital_letters() -> None:
    bench = Bench()
    bench.keys("tab")
    shown = [one.key for one in bench.mode.panel(bench).choices]
    assert shown == [*COMMANDS, "escape"]
    bench.keys("l")
    assert bench.was_locked
    assert isinstance(bench.mode, Selling)


def test_a_capital_that_means_nothing_asks_for_the_caps_lock() -> None:
    bench = Bench()
    bench.keys("R G")
    assert bench.notes == ["caps_lock"] * 2
    assert not bench.hand.cart


def test_no_command_hides_the_letter_that_begins_a_code() -> None:
    assert "G" not in COMMANDS


def test_without_a_shift_the_float_is_counted_first() -> None:
    bench = Bench(open_shift={"event": "shift", "shift": 1})
    bench.enter(NoShift())
    bench.keys("q enter")
    assert isinstance(bench.mode, CountCash)
    bench.keys("5 enter 2 f")
    assert bench.done == [("open_shift", {"cash": [[20_000, 5], [10_000, 2]]})]
    assert bench.notes == ["shift_opened"]
