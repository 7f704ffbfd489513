"""What is painted fits its place, whatever things are called and however large a basket is."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bar.cart import Cart
from edge.bar.screen import digits
from edge.bar.screen.basket_view import Said, basket_rows
from edge.bar.screen.grid import LETTERS, Grid, grid_of
from edge.bar.screen.grid_view import Place, grid_rows
from edge.bar.screen.hand import Hand
from edge.bar.screen.lines import head_left, head_right, key_line, status
from edge.bar.screen.money_words import amount, percent, priced
from edge.bar.screen.panel_view import panel_rows
from edge.bar.screen.rows import (
    Bit,
    clean,
    fit,
    fit_right,
    key_at,
    row_width,
    texts,
    wide,
    wrapped,
)
from edge.bar.screen.style import LOOKS
from edge.bar.screen.words import word
from edge.screen.panel import Choice, Panel, Tone
from tests.edge.bar.screen.bench import GRID, offer
from tests.edge.screen.bench import HEALTH

SIZES = [(50, 20), (80, 32), (130, 30), (52, 14)]
NAMES = [
    "مشروب بارد جدا",
    "冰镇啤酒 特别版 五百毫升",
    "🍺🍻 Party 👩‍👩‍👧‍👦 🇫🇷 ❤️",
    "x" * 80,
    "[bold]Beer[/bold] [@click=app.quit]x[/]",
    "Z\u200b\u202e\u0301algo\x1b[31m\r\n\tend",
    "",
    "é" * 3 + "e\u0301" * 20,
    "ﷺ" * 10,
]
ANY_TEXT = st.text(max_size=90) | st.sampled_from(NAMES)


def many(count: int, name: str = "Drink") -> Grid:
    products = [offer(n + 1, f"{name} {n}", 100 * n, deposit=0) for n in range(count)]
    return grid_of(GRID | {"products": products})


def hand_of(*products: dict[str, Any]) -> Hand:
    hand = Hand(Cart())
    for one in products:
        hand.choose(one)
    return hand


def basket(hand: Hand, columns: int = 30, rows: int = 20) -> list[str]:
    return texts(basket_rows(hand, Said("hint"), "en", "EUR", columns, rows))


@given(ANY_TEXT, st.integers(0, 40))
def test_any_text_takes_exactly_the_cells_it_is_given(text: str, columns: int) -> None:
    assert wide(fit(text, columns)) == columns
    assert wide(fit_right(text, columns)) == columns


@given(ANY_TEXT)
def test_what_turns_or_joins_or_controls_is_left_out(text: str) -> None:
    assert not {*"\x1b\n\r\t\u200b\u202e\u200d"} & set(clean(text))


@given(ANY_TEXT, st.integers(2, 40))
def test_wrapped_lines_are_never_wider_than_their_room(text: str, columns: int) -> None:
    assert all(wide(line) <= columns for line in wrapped(text, columns))


@pytest.mark.parametrize("columns,rows", SIZES)
@pytest.mark.parametrize("name", NAMES)
def test_a_product_of_any_name_keeps_to_its_place(name: str, columns: int, rows: int) -> None:
    grid = grid_of(GRID | {"products": [offer(1, name, 500, half=200), offer(2, "Next", 400)]})
    hand = hand_of(offer(1, name, 500))
    for one in grid_rows(grid, Place(), hand, "en", columns, rows):
        assert row_width(one) == columns
    drawn = basket_rows(hand, Said(name), "fr", "EUR", 30, rows)
    assert [row_width(one) for one in drawn] == [30] * rows
    panel = Panel(Tone.ASK, name, (name, name), (Choice("enter", name),), name, (name,) * 9)
    assert {row_width(one) for one in panel_rows(panel, columns, rows)} == {columns}


@given(st.integers(1, 60), st.integers(1, 25))
def test_on_a_tiny_terminal_nothing_breaks(columns: int, rows: int) -> None:
    panel = Panel(Tone.ASK, "STOP", ("Why?",), (Choice("y", "yes"),), "12.50", ("row",) * 9)
    grid_rows(many(40), Place(), Hand(Cart()), "en", columns, rows)
    basket_rows(hand_of(offer(1, "A", 1)), Said("x"), "en", "EUR", columns, rows)
    panel_rows(panel, columns, rows)


@pytest.mark.parametrize("columns,rows", SIZES)
def test_the_grid_is_as_high_as_its_place_and_every_letter_is_there(
    columns: int, rows: int
) -> None:
    drawn = grid_rows(many(26), Place(), Hand(Cart()), "en", columns, rows)
    assert len(drawn) == rows
    keys = {bit.key for row in drawn for bit in row}
    if rows >= 20:
        assert {*LETTERS, "1", "2", "f2", "f5", "space", "T", "tab"} <= keys


def test_a_small_screen_shows_all_26_products_with_names_and_prices() -> None:
    text = "\n".join(texts(grid_rows(many(26), Place(), Hand(Cart()), "en", 50, 20)))
    assert all(f"Drink {n}" in text and amount(100 * n, "en") in text for n in range(26))


def test_the_same_key_lies_in_the_same_place_whatever_is_sold_out_or_gone() -> None:
    def places(grid: Grid) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for y, row in enumerate(grid_rows(grid, Place(), Hand(Cart()), "en", 50, 20)):
            for x in range(50):
                if key := key_at(row, x):
                    found.setdefault(key, (x, y))
        return found

    full = many(26)
    less = many(26)
    del less.products[0, 3]
    less.products[0, 5]["offered"] = "sold_out"
    before, after = places(full), places(less)
    assert set(before) - set(after) == {"r"}
    assert all(before[key] == after[key] for key in after)


def test_more_products_than_letters_turn_by_pages() -> None:
    grid = many(60)
    assert grid.pages(0) == 3
    text = "\n".join(texts(grid_rows(grid, Place(0, 2), Hand(Cart()), "en", 50, 20)))
    assert "Drink 52" in text
    assert "3/3" in text


def test_what_is_sold_out_says_so_and_is_crossed() -> None:
    rows = grid_rows(grid_of(GRID), Place(), Hand(Cart()), "en", 50, 20)
    (gone,) = [bit for row in rows for bit in row if "Old ale" in bit.text]
    assert LOOKS[gone.look].strike
    assert "sold out" in "\n".join(texts(rows))


def test_a_modifier_shows_what_things_cost_so_and_that_it_holds() -> None:
    hand = Hand(Cart(), measure="half", times=7)
    text = "\n".join(texts(grid_rows(grid_of(GRID), Place(), hand, "en", 50, 20)))
    assert "●half" in text
    assert "●×7" in text
    assert "2.60" in text


def test_a_basket_shows_at_least_eight_lines_and_what_is_to_be_paid() -> None:
    products = [offer(n, f"Drink {n}", 100, deposit=0) for n in range(1, 13)]
    rows = basket(hand_of(*products))
    assert sum("Drink" in row for row in rows) >= 8
    assert "TO PAY" in "".join(rows)
    total = digits.drawn("12.00")
    assert any(total[0] in row for row in rows)


def test_a_basket_of_300_choices_scrolls_with_its_cursor() -> None:
    products = [offer(n, f"Drink {n}", 100, deposit=0) for n in range(1, 301)]
    hand = hand_of(*products)
    assert any("Drink 300" in row for row in basket(hand))
    hand.step(-299)
    rows = basket(hand)
    assert any("▸1 × Drink 1 " in row for row in rows)
    assert any("↓" in row for row in rows)
    hand.step(150)
    assert any("▸1 × Drink 151" in row for row in basket(hand))


def test_amounts_stand_below_each_other_at_the_right() -> None:
    rows = basket(hand_of(offer(1, "Cheap", 5), offer(2, "Dear", 123_456)))
    ends = [row.rstrip() for row in rows if "Cheap" in row or "Dear" in row]
    assert [one.endswith(("0.05", "1234.56")) for one in ends] == [True, True]
    assert len({len(one) for one in ends}) == 1


def test_what_is_handed_out_is_called_so_and_has_no_sign() -> None:
    hand = Hand(Cart())
    hand.cups_back(3, 100)
    text = "\n".join(basket(hand))
    assert "HAND OUT" in text
    assert digits.drawn("3.00")[0] in text
    assert digits.drawn("−3.00")[1] not in text


def test_a_sum_that_is_too_large_to_be_drawn_is_written() -> None:
    rows = basket(hand_of(offer(1, "Yacht", 99_999_999_99)))
    assert any("99999999.99" in row for row in rows)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_sentence_of_the_till_fits_the_screen(language: str) -> None:
    for name in word.names():
        said = word(name, language, "1234.50 €", "1234.50 €")
        panel = Panel(Tone.ASK, "", (said,), (Choice("enter", "x"),))
        drawn = panel_rows(panel, 50, 20)
        shown = " ".join(" ".join(texts(drawn)).replace("┃", " ").split())
        assert " ".join(said.split()) in shown, name


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_short_note_fits_below_the_total(language: str) -> None:
    notes = (
        "no_half no_double no_mixer no_cups basket_full nothing_chosen nothing_cleared cleared"
        " top_up_tap show_band no_card_out too_young voucher_first_choose parked hand_full noted"
        " printing no_staff nothing_sold voided_before mark_first nothing_to_pay_out tap look_band"
        " asking pick_product basket_empty caps_lock"
    )
    for name in notes.split():
        assert wide(word(name, language)) <= 29, name


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_lines_around_the_middle_fit_80_columns(language: str) -> None:
    import re

    alone = HEALTH | {"alone": True, "heard": False, "now_ms": 0}
    assert wide(status(alone, language, 0, 78)) <= 78
    assert "ALONE" in status(alone, language, 0, 78) or "SEUL" in status(alone, language, 0, 78)
    keys = re.sub(r"\[[^\]]*\]", "", key_line(language))
    assert wide(keys) <= 78
    left = head_left("till 3", "B1", {"shift": 12}, language)
    assert wide(f"{left} {head_right(alone, 0, 12, language)}") <= 78


@pytest.mark.parametrize("rows", [14, 20, 32])
@pytest.mark.parametrize("columns", [50, 80, 120])
def test_a_panel_is_a_whole_frame_with_all_its_choices(columns: int, rows: int) -> None:
    choices = tuple(Choice(str(n), str(n)) for n in range(10))
    choices += tuple(Choice(k, k) for k in ("backspace", "enter", "escape", "q", "w"))
    panel = Panel(Tone.REFUSE, "STOP", ("Why?",) * 3, choices, "12.50", ("row",) * 40)
    drawn = panel_rows(panel, columns, rows)
    assert len(drawn) == rows
    assert {bit.key for row in drawn for bit in row} >= {one.key for one in choices}


@pytest.mark.parametrize(
    "minor,english,french",
    [(0, "0.00", "0,00"), (-305, "−3.05", "−3,05"), (123_456, "1234.56", "1234,56")],
)
def test_amounts_have_two_decimals_and_a_true_minus(minor: int, english: str, french: str) -> None:
    assert (amount(minor, "en"), amount(minor, "fr")) == (english, french)
    assert priced(minor, "fr", "EUR") == f"{french} €"
    assert priced(minor, "en", "XOF") == f"{english} XOF"


def test_percents_are_said_with_decimals_only_where_there_are_some() -> None:
    assert (percent(2000, "en"), percent(550, "fr")) == ("20 %", "5,50 %")


def test_every_look_that_is_painted_is_known() -> None:
    panel = Panel(Tone.ADMIT, "STOP", ("▲ alone",), (Choice("y", "yes"),))
    drawn = panel_rows(panel, 80, 20)
    drawn += grid_rows(many(30), Place(), Hand(Cart(), mixer=True), "en", 50, 20)
    drawn += basket_rows(hand_of(offer(1, "A", 1)), Said("x", is_urgent=True), "en", "EUR", 30, 20)
    assert {bit.look for row in drawn for bit in row} <= LOOKS.keys()


def test_a_finger_finds_the_key_of_the_cell_it_touches() -> None:
    row = (Bit("冰", key="a"), Bit("x"), Bit("yy", key="b"))
    assert [key_at(row, x) for x in range(6)] == ["a", "a", "", "b", "b", ""]
