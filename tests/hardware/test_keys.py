"""What a scanner types is read character by character or not at all: never half, never wrong."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.keys import EVENT, LAYOUTS, PAUSE_MS, TEXT_CHARACTERS_MAX, UNKNOWN, KeyReader
from tests.hardware.key_events import ENTER, SHIFT, event, key, press, typed

BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
LOWER = "abcdefghijklmnopqrstuvwxyz"
ASCII = "".join(map(chr, range(32, 127)))


def test_an_event_has_the_size_that_this_machine_s_kernel_gives() -> None:
    assert EVENT.size == 2 * struct.calcsize("@l") + 8


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_character_of_a_ticket_is_typed_in_every_layout(layout: str) -> None:
    assert KeyReader(layout).feed(typed(BASE45 + LOWER, layout)) == [BASE45 + LOWER]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_all_of_ascii_is_typed_in_every_layout(layout: str) -> None:
    assert KeyReader(layout).feed(typed(ASCII, layout)) == [ASCII]


def test_known_keys_of_the_two_layouts_mean_what_is_printed_on_them() -> None:
    q_w_a_z_m = (16, 17, 30, 44, 50, 2)
    keys = b"".join(press(1_000 + 3 * at, code) for at, code in enumerate(q_w_a_z_m))
    shifted = b"".join(press(1_100 + 3 * at, code, SHIFT) for at, code in enumerate(q_w_a_z_m))
    sent = keys + shifted + press(1_150, ENTER)
    assert KeyReader("us").feed(sent) == ["qwazm1QWAZM!"]
    assert KeyReader("fr").feed(sent) == ["azqw,&AZQW?1"]


def test_the_keypad_types_too_and_its_enter_ends_a_code() -> None:
    codes = (79, 82, 83, 73, 98, 55, 74, 78)
    sent = b"".join(press(1_000 + 3 * at, code) for at, code in enumerate(codes))
    assert KeyReader().feed(sent + press(1_100, 96)) == ["10.9/*-+"]


@pytest.mark.parametrize("ending", [28, 96, 15])
def test_enter_and_tab_end_a_code(ending: int) -> None:
    assert KeyReader().feed(typed("GU1:A", ending=ending)) == ["GU1:A"]


def test_two_codes_in_a_row_are_two_and_empty_ones_are_none() -> None:
    enters = press(2_000, ENTER) + press(2_010, ENTER)
    assert KeyReader().feed(typed("A") + enters + typed("B", start_ms=3_000)) == ["A", "B"]


def test_bytes_may_be_cut_anywhere() -> None:
    sent = typed("GU1:abC/9")
    for size in (1, 7, 23, 25, 100):
        reader = KeyReader()
        pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
        assert [text for piece in pieces for text in reader.feed(piece)] == ["GU1:abC/9"]


def test_a_pause_begins_a_new_code() -> None:
    half = typed("HALF", ending=None)
    last_ms = 1_000 + 3 * 3
    fits, late = last_ms + PAUSE_MS, last_ms + PAUSE_MS + 1
    assert KeyReader().feed(half + typed("WHOLE", start_ms=fits)) == ["HALFWHOLE"]
    assert KeyReader().feed(half + typed("WHOLE", start_ms=late)) == ["WHOLE"]
    assert KeyReader().feed(half + press(late, ENTER)) == []


def test_a_clock_that_is_set_back_does_not_cut_a_code() -> None:
    sent = typed("AB", start_ms=9_000_000, ending=None) + typed("CD", start_ms=1_000)
    assert KeyReader().feed(sent) == ["ABCD"]


def test_a_key_that_no_layout_names_spoils_the_text_visibly() -> None:
    sent = typed("A", ending=None) + press(1_010, 200) + typed("B", start_ms=1_020)
    assert KeyReader().feed(sent) == [f"A{UNKNOWN}B"]


def test_locks_and_control_type_nothing_and_repeats_and_releases_type_nothing() -> None:
    silent = b"".join(press(1_001, code) for code in (29, 97, 56, 125, 126, 58, 69, 70))
    repeats = key(1_001, 30, 2) + key(1_001, 30, 0)
    assert KeyReader().feed(typed("A", ending=None) + silent + repeats + press(1_005, ENTER)) == [
        "A"
    ]


def test_a_shift_that_is_held_over_many_keys_shifts_them_all() -> None:
    sent = key(1_000, SHIFT, 1) + press(1_001, 30) + press(1_002, 48) + key(1_003, SHIFT, 0)
    assert KeyReader().feed(sent + press(1_004, 46) + press(1_005, ENTER)) == ["ABc"]


def test_a_code_of_which_the_kernel_lost_keys_is_not_given() -> None:
    lost = typed("AB", ending=None) + key(1_010, SHIFT, 1) + event(1_011, 0, 3, 0)
    reader = KeyReader()
    assert reader.feed(lost + typed("cd", start_ms=1_012)) == []
    assert reader.feed(typed("ef", start_ms=1_050)) == ["ef"]


def test_a_text_without_end_is_not_given_and_the_next_one_is() -> None:
    reader = KeyReader()
    assert reader.feed(typed("A" * (TEXT_CHARACTERS_MAX + 1))) == []
    assert reader.feed(typed("NEXT", start_ms=10_000_000)) == ["NEXT"]
    assert reader.feed(typed("B" * TEXT_CHARACTERS_MAX, start_ms=20_000_000)) == [
        "B" * TEXT_CHARACTERS_MAX
    ]


def test_an_unknown_layout_is_refused() -> None:
    with pytest.raises(ValueError, match="use one of us, fr"):
        KeyReader("dvorak")


_EVENTS = st.lists(
    st.builds(
        lambda at, kind, code, value: event(at, kind, code, value),
        st.integers(0, 2**40),
        st.sampled_from([0, 1, 1, 1, 4, 17]),
        st.one_of(st.integers(0, 110), st.integers(0, 0xFFFF)),
        st.sampled_from([0, 1, 1, 2, -1, 2**31 - 1]),
    )
).map(b"".join)


@given(st.one_of(st.binary(max_size=2_000), _EVENTS), st.sampled_from(list(LAYOUTS)))
def test_whatever_the_bytes_are_they_give_short_texts_and_no_error(
    content: bytes, layout: str
) -> None:
    texts = KeyReader(layout).feed(content)
    assert all(0 < len(text) <= TEXT_CHARACTERS_MAX for text in texts)


@given(st.lists(st.text(BASE45 + LOWER, min_size=1, max_size=60), max_size=5))
def test_any_codes_are_read_as_they_were_typed(texts: list[str]) -> None:
    sent = b"".join(typed(text, start_ms=10_000 * (1 + at)) for at, text in enumerate(texts))
    assert KeyReader().feed(sent) == texts
