"""Green, red and every way out of red, key by key, without any screen."""

from typing import Any

import pytest

from edge.bar.screen.pad_modes import AmountPad, SecretPad, TextPad
from edge.bar.screen.pay_modes import PAID_MS, Age, Declined, OtherBand, Paid, asked
from edge.bar.screen.selling import Selling
from edge.bar.screen.tenders import Cash, Split, notes_for
from edge.bar.screen.till_mode import Attempt, Face
from edge.screen.modes import Answer
from edge.screen.panel import Tone
from edge.screen.staff_modes import Supervisor
from tests.edge.bar.screen.bench import BALANCE, PAID, Bench

ONE_BAND = Attempt((), (("band", None),))


def declined(rule: str = "balance", possible: int = 0) -> Answer:
    return {"event": "declined", "rule": rule, "possible_minor": possible, "sentence": "Because."}


def refused(bench: Bench, rule: str = "balance", possible: int = 0) -> None:
    """Put two pints in hand whose payment by wristband was declined."""
    bench.keys("q q")
    bench.enter(Declined(declined(rule, possible), ONE_BAND))


def test_green_says_what_was_paid_and_what_is_left_and_goes_by_itself() -> None:
    bench = Bench()
    bench.enter(Paid(PAID))
    panel = bench.mode.panel(bench)
    assert (panel.tone, panel.word) == (Tone.ADMIT, "9.00")
    assert panel.lines[0] == "9.00 € — 12.40 € left"
    assert bench.mode.lives_ms == PAID_MS == 1_500
    assert not any(line.startswith("▲") for line in panel.lines)


def test_what_was_sold_alone_says_so_in_green() -> None:
    bench = Bench()
    bench.enter(Paid(PAID | {"alone": True}))
    assert any(line.startswith("▲ Sold while alone") for line in bench.lines().split("\n"))


def test_change_is_what_stands_there_large_and_stays() -> None:
    bench = Bench()
    bench.enter(Paid(PAID | {"balance_minor": None, "change_minor": 1_100}))
    panel = bench.mode.panel(bench)
    assert panel.word == "11.00"
    assert "change 11.00 €" in panel.lines
    assert (bench.mode.lives_ms or 0) > 10 * PAID_MS


def test_what_was_handed_out_is_called_so() -> None:
    bench = Bench()
    bench.language = "fr"
    bench.enter(Paid(PAID | {"total_minor": -300, "balance_minor": None}))
    assert bench.lines().split("\n")[0] == "3,00 € rendus"
    bench.enter(Paid(PAID | {"total_minor": -300}))
    assert bench.lines().split("\n")[0] == "3,00 € crédités — reste 12,40 €"


@pytest.mark.parametrize("key", ["escape", "enter", "space", "f10", "V", "tab"])
def test_any_key_goes_back_from_green_and_does_nothing_else(key: str) -> None:
    bench = Bench(balance=BALANCE)
    bench.enter(Paid(PAID))
    bench.keys(key)
    assert isinstance(bench.mode, Selling)
    assert (bench.done, bench.notes, bench.parking.asked) == ([], [], [])


def test_the_next_guests_product_is_taken_at_once() -> None:
    bench = Bench()
    bench.enter(Paid(PAID))
    bench.keys("q")
    assert [one.name for one in bench.hand.cart.choices] == ["Pale pint"]


def test_a_second_tap_while_green_is_shown_does_nothing() -> None:
    bench = Bench(balance=BALANCE)
    bench.enter(Paid(PAID))
    assert bench.tap()
    assert isinstance(bench.mode, Paid)
    assert (bench.attempts, bench.done) == ([], [])


def test_red_says_the_rule_and_leaves_the_basket() -> None:
    bench = Bench()
    refused(bench)
    panel = bench.mode.panel(bench)
    assert (panel.tone, panel.lines[0]) == (Tone.REFUSE, "Because.")
    assert [one.key for one in panel.choices] == ["c", "k", "s", "b", "escape"]
    bench.keys("escape")
    assert bench.hand.cart.total == 1_200


@pytest.mark.parametrize("key,mode", [("c", Cash), ("k", TextPad), ("s", Split), ("b", OtherBand)])
def test_each_way_out_of_red_leads_somewhere(key: str, mode: type) -> None:
    bench = Bench()
    refused(bench)
    bench.keys(key)
    assert isinstance(bench.mode, mode)


def test_a_part_is_paid_with_the_wristband_and_the_rest_in_cash() -> None:
    bench = Bench()
    refused(bench, possible=650)
    assert bench.mode.panel(bench).choices[0].label == "6.50 € with it, rest otherwise"
    bench.keys("w c")
    (attempt,) = bench.attempts
    assert attempt.bands == (("band", 650),)
    assert attempt.payments == (("cash", 550, None, None),)


def test_another_wristband_pays_only_after_it_was_said() -> None:
    bench = Bench()
    refused(bench, "other_wristband")
    bench.keys("b")
    assert isinstance(bench.mode, Declined)
    bench.keys("o")
    assert bench.attempts[0].command(bench.hand.cart)["other_wristband"] is True
    bench.enter(OtherBand())
    bench.tap("second")
    assert bench.attempts[1].bands == (("second", None),)
    assert bench.attempts[1].more == {"other_wristband": True}


def test_a_wristband_shown_in_red_is_tried() -> None:
    bench = Bench()
    refused(bench)
    bench.tap("band")
    assert bench.attempts == [ONE_BAND]


def test_the_guests_pin_goes_along() -> None:
    bench = Bench()
    refused(bench, "code_only_daily", 100)
    bench.keys("p")
    assert isinstance(bench.mode, SecretPad)
    bench.keys("1 2 3 4 5 6")
    assert bench.mode.panel(bench).entry == "●●●●●●"
    bench.keys("enter")
    assert bench.attempts[0].more == {"guest_pin": "123456"}


def test_a_supervisor_lets_the_till_sell_on() -> None:
    bench = Bench(renew_cap={"event": "done"})
    refused(bench, "till_cap")
    bench.keys("r")
    assert isinstance(bench.mode, AmountPad)
    bench.keys("w")
    assert bench.done == [("renew_cap", {"amount_minor": 100_000})]
    assert bench.attempts == [ONE_BAND]


def test_age_is_asked_once_and_noted_in_the_basket() -> None:
    bench = Bench()
    bench.keys("w")
    question = {"event": "ask", "what": "age", "age": 18, "sentence": "18?"}
    asked(bench, question, ONE_BAND)
    assert isinstance(bench.mode, Age)
    bench.keys("y")
    assert bench.attempts[0].command(bench.hand.cart)["age_checked"] is True
    bench.enter(Age(question, ONE_BAND))
    bench.keys("n")
    assert (bench.notes, len(bench.attempts)) == (["too_young"], 1)
    assert bench.hand.cart


def test_a_higher_age_in_the_basket_asks_again() -> None:
    bench = Bench()
    bench.keys("q")
    bench.hand.cart = bench.hand.cart.looked_at()
    bench.keys("q")
    assert bench.hand.cart.age_checked
    bench.keys("w")
    assert not bench.hand.cart.age_checked


def test_an_approval_takes_a_badge_and_its_pin() -> None:
    bench = Bench()
    asked(bench, {"event": "ask", "what": "approval", "sentence": "?"}, ONE_BAND)
    assert isinstance(bench.mode, Supervisor)
    bench.mode.told(bench, {"event": "badge", "text": "b"})
    bench.keys("1 2 enter")
    assert bench.attempts[0].more == {"badge": "b", "pin": "12"}


def test_cash_is_the_exact_sum_a_note_or_what_is_typed() -> None:
    for keys, given in (("enter", 1_200), ("w", 2_000), ("2 5 o enter", 2_500)):
        bench = Bench()
        bench.keys(f"q q enter {keys}")
        (attempt,) = bench.attempts
        assert attempt.payments == (("cash", 1_200, None, None),)
        assert attempt.cash_given == given


def test_too_little_cash_becomes_a_part() -> None:
    bench = Bench()
    bench.keys("q q enter 5 o enter")
    assert isinstance(bench.mode, Split)
    assert bench.mode.left(bench) == 700
    bench.keys("k A 7 space minus 1 enter")
    assert bench.attempts[0].payments == (("cash", 500, None, None), ("card", 700, None, "A7 -1"))


@pytest.mark.parametrize(
    "total,notes",
    [
        (900, (1_000, 2_000, 5_000, 10_000)),
        (500, (1_000, 2_000, 5_000, 10_000)),
        (12_345, (12_500, 13_000, 14_000, 15_000, 20_000)),
    ],
)
def test_the_notes_that_are_offered_are_those_that_guests_hand_over(
    total: int, notes: tuple[int, ...]
) -> None:
    assert notes_for(total) == notes


def test_more_cups_than_drinks_are_handed_out_in_cash_and_never_by_card() -> None:
    bench = Bench()
    bench.keys("space space f8")
    assert bench.notes == ["no_card_out"]
    bench.keys("enter")
    assert bench.attempts[0].payments == (("cash", -200, None, None),)


def test_two_wristbands_pay_their_parts() -> None:
    bench = Bench()
    bench.keys("q q f9 5 o")
    bench.tap("one")
    bench.keys("escape f9 5 o")
    bench.tap("one")
    bench.tap("two")
    assert bench.attempts[0].bands == (("one", 500), ("two", 700))


def test_a_part_is_never_more_than_what_is_left() -> None:
    bench = Bench()
    bench.keys("q f9 9 o o c")
    assert bench.attempts[0].payments == (("cash", 600, None, None),)


def test_the_house_pays_all_of_it_or_a_part() -> None:
    bench = Bench()
    bench.keys("q N")
    assert bench.attempts[0].payments == (("gift", 600, None, None),)
    bench.keys("f9 1 o h c")
    rows = (("gift", 100, None, None), ("cash", 500, None, None))
    assert bench.attempts[1].payments == rows


def test_a_top_up_in_the_basket_is_handed_over_and_goes_on_the_wristband() -> None:
    bench = Bench()
    bench.keys("q T w k")
    assert bench.notes == ["top_up_tap"]
    bench.tap("band")
    (attempt,) = bench.attempts
    assert attempt.payments == (("card", 2_000, None, None),)
    assert attempt.bands == (("band", None),)


def test_a_basket_with_a_top_up_paid_in_cash_still_asks_for_the_wristband() -> None:
    bench = Bench()
    bench.keys("q T w enter enter c")
    assert bench.notes[-1] == "show_band"
    assert bench.attempts == []
    bench.tap("band")
    (attempt,) = bench.attempts
    assert attempt.payments == (("cash", 2_600, None, None),)
    assert attempt.bands == (("band", 0),)


def test_a_wristband_pays_even_while_cash_is_counted() -> None:
    bench = Bench()
    bench.keys("q enter")
    assert bench.tap("band")
    assert bench.attempts == [ONE_BAND]


MODES: list[Any] = [
    lambda: Paid(PAID),
    lambda: Declined(declined("till_cap", 100), ONE_BAND),
    OtherBand,
    lambda: Age({"age": 18, "sentence": "18?"}, ONE_BAND),
    lambda: Cash(600),
    Split,
]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("make", MODES)
def test_every_way_of_paying_can_be_shown_and_left(make: Any, language: str) -> None:
    bench = Bench()
    bench.language = language
    bench.keys("q")
    bench.enter(make())
    assert bench.mode.panel(bench).lines
    assert bench.mode.key(bench, "escape")
    assert isinstance(bench.mode, Selling)


def test_green_red_and_questions_take_the_whole_screen() -> None:
    for make in (MODES[0], MODES[1], MODES[3]):
        assert make().face is Face.FULL
