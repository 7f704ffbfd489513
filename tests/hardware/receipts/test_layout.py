"""Amounts stand at the right end of their row, and no text is lost or wider than the paper."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.receipts.layout import at_right, cells, in_middle, tidy, with_amount, wrapped


def test_an_amount_stands_at_the_right_end() -> None:
    assert with_amount("2 × Bière", "9,00 €", 32) == ["2 × Bière" + " " * 17 + "9,00 €"]


def test_a_long_name_wraps_and_its_amount_ends_the_last_row() -> None:
    rows = with_amount("3 × Planche de fromages et charcuterie du pays", "54,00 €", 32)
    assert rows == ["3 × Planche de fromages", "et charcuterie du pays   54,00 €"]


def test_a_word_longer_than_the_paper_is_cut_into_rows() -> None:
    assert wrapped("a" * 70 + " b", 32) == ["a" * 32, "a" * 32, "a" * 6 + " b"]


def test_wide_characters_count_twice_and_marks_nothing() -> None:
    assert (cells("青島"), cells("e\u0301"), cells("Ａ"), cells("—×€")) == (4, 1, 2, 3)
    assert with_amount("青島啤酒", "4,00 €", 32)[0] == "青島啤酒" + " " * 18 + "4,00 €"


def test_an_amount_without_room_for_a_name_stands_below_it() -> None:
    assert with_amount("Bon", "1" * 30, 32) == ["Bon", "  " + "1" * 30]
    assert with_amount("Bon", "1" * 40, 32) == ["Bon", "1" * 32, " " * 24 + "1" * 8]


def test_a_text_stands_in_the_middle_or_at_the_right() -> None:
    assert (in_middle("abc", 9), at_right("abc", 9)) == ("   abc", "      abc")


@pytest.mark.parametrize(
    "text,tidied",
    [
        ("  1\u202f234,50\u00a0€ ", "1 234,50 €"),
        ("a\x1b@\x1dV\x00b", "a @ V b"),
        ("line\nline\u2028line\ttab", "line line line tab"),
        ("e\u0301te\u0301", "été"),
        ("12\u202e34\u200b\u00ad", "1234"),
        ("\ud800x", "?x"),
        ("ب\u200cب", "ب\u200cب"),
    ],
)
def test_a_text_is_one_line_without_controls(text: str, tidied: str) -> None:
    assert tidy(text) == tidied


@given(st.text(), st.text(max_size=20), st.sampled_from([16, 21, 24, 32, 42, 48]))
def test_no_row_is_wider_than_the_paper_and_nothing_is_lost(
    text: str, amount: str, columns: int
) -> None:
    text, amount = tidy(text), tidy(amount)
    rows = with_amount(text, amount, columns)
    assert all(cells(row) <= columns for row in rows)
    assert "".join(rows).replace(" ", "") == (text + amount).replace(" ", "")
    if amount and len(rows[-1]) >= len(amount):
        assert rows[-1].endswith(amount.split(" ")[-1][-1:])
