"""A hand scanner that types is told from an agent who presses keys."""

from hypothesis import given
from hypothesis import strategies as st

from edge.screen.key_wedge import (
    BETWEEN_KEYS_MS,
    CODE_KEYS_MAX,
    LATE_END_MS,
    SILENCE_MS,
    WITHIN_CODE_MS,
    KeyWedge,
    Typed,
)
from tests.edge.boxes import code_of


def scanned(wedge: KeyWedge, text: str, at_ms: int, end: str = "enter") -> list[Typed]:
    """Type a text as a scanner does, a millisecond a key."""
    found = []
    for number, char in enumerate(text):
        name = char if char.isalnum() else "punctuation"
        found.append(wedge.press(name, char, at_ms + number))
    if end:
        found.append(wedge.press(end, "\r", at_ms + len(text)))
    found.append(wedge.due(at_ms + len(text) + WITHIN_CODE_MS + 1))
    return [one for one in found if one is not None]


def test_a_scanned_code_is_one_text_and_no_key() -> None:
    code = code_of(5)
    assert scanned(KeyWedge(), code, 1_000) == [Typed(code=code)]


def test_a_scanner_that_sends_no_end_is_understood_after_a_moment() -> None:
    code = code_of(5)
    assert scanned(KeyWedge(), code, 1_000, end="") == [Typed(code=code)]


def test_single_keys_come_one_by_one_in_their_order() -> None:
    wedge = KeyWedge()
    assert wedge.press("i", "i", 0) is None
    assert wedge.due(SILENCE_MS - 1) is None
    assert wedge.press("o", "o", 500) == Typed(keys=("i",))
    assert wedge.due(600) == Typed(keys=("o",))
    assert wedge.due(700) is None


def test_fast_fingers_are_still_keys() -> None:
    wedge = KeyWedge()
    for number, key in enumerate("12345"):
        wedge.press(key, key, 10 * number)
    assert wedge.press("enter", "\r", 60) is None
    assert wedge.due(200) == Typed(keys=("1", "2", "3", "4", "5", "enter"))


def test_a_key_before_a_scan_is_a_key() -> None:
    wedge = KeyWedge()
    wedge.press("f1", None, 0)
    found = scanned(wedge, "GU1:ABCDEF", 400)
    assert found == [Typed(keys=("f1",)), Typed(code="GU1:ABCDEF")]


def test_what_never_ends_is_dropped() -> None:
    wedge = KeyWedge()
    for number in range(CODE_KEYS_MAX + 1):
        wedge.press("a", "a", number // 100)
    assert wedge.due(10**6) is None


@given(st.lists(st.tuples(st.sampled_from("iopuy1\x1b"), st.integers(40, 5_000)), max_size=20))
def test_keys_at_a_persons_pace_are_never_lost_or_doubled(keys: list[tuple[str, int]]) -> None:
    wedge, now_ms, found = KeyWedge(), 0, []
    for key, pause_ms in keys:
        now_ms += pause_ms
        found.append(wedge.press(key, key, now_ms))
    found.append(wedge.due(now_ms + 10_000))
    told = [key for one in found if one is not None for key in one.keys]
    assert told == [key for key, _ in keys]


def test_a_look_in_the_middle_of_a_code_does_not_break_it() -> None:
    wedge, code = KeyWedge(), code_of(5)
    for number, char in enumerate(code):
        assert wedge.press(char, char, 10 * number) is None
        assert wedge.due(10 * number + SILENCE_MS - 1) is None
    assert wedge.press("enter", "\r", 10 * len(code)) == Typed(code=code)


def test_keys_a_moment_apart_are_no_code_however_many() -> None:
    wedge = KeyWedge()
    found = [wedge.press("u", "u", BETWEEN_KEYS_MS * number) for number in range(10)]
    assert [one for one in found if one is not None] == [Typed(keys=("u",))] * 9


def test_a_pause_within_a_code_does_not_break_it() -> None:
    wedge, code, at_ms = KeyWedge(), code_of(5), 0
    for number, char in enumerate(code):
        at_ms += WITHIN_CODE_MS - 1 if number == 40 else 2
        assert wedge.press(char, char, at_ms) is None
    assert wedge.press("enter", "\r", at_ms + 1) == Typed(code=code)


def test_the_late_end_of_a_code_presses_nothing() -> None:
    wedge = KeyWedge()
    (found,) = scanned(wedge, code_of(5), 0, end="")
    assert found.code == code_of(5)
    assert wedge.press("enter", "\r", 400) is None
    assert wedge.due(10_000) is None
    assert wedge.press("enter", "\r", 400 + LATE_END_MS) is None
    assert wedge.due(10_000) == Typed(keys=("enter",))


def test_where_it_is_known_how_a_code_begins_every_other_key_acts_at_once() -> None:
    wedge = KeyWedge("G")
    assert wedge.press("q", "q", 0) == Typed(keys=("q",))
    assert wedge.press("f2", None, 20) == Typed(keys=("f2",))
    assert wedge.press("G", "G", 100) is None
    assert wedge.due(100 + SILENCE_MS) == Typed(keys=("G",))


def test_a_code_that_begins_as_codes_do_is_still_one_text() -> None:
    code = code_of(5)
    assert scanned(KeyWedge("G"), code, 1_000) == [Typed(code=code)]
    wedge = KeyWedge("G")
    assert wedge.press("q", "q", 0) == Typed(keys=("q",))
    assert scanned(wedge, code, 3) == [Typed(code=code)]


def test_a_key_after_the_letter_that_begins_a_code_lets_both_act() -> None:
    wedge = KeyWedge("G")
    assert wedge.press("G", "G", 0) is None
    assert wedge.press("q", "q", 60) == Typed(keys=("G", "q"))


def test_a_foreign_code_that_is_typed_is_a_burst_after_three_keys() -> None:
    wedge = KeyWedge("G")
    found = [wedge.press(char, char, number) for number, char in enumerate("4006381333931")]
    found.append(wedge.press("enter", "\r", 13))
    acted = [one for one in found if one is not None and not one.is_burst]
    assert [one.keys for one in acted] == [("4",), ("0",), ("0",)]
    assert wedge.press("q", "q", 400) == Typed(keys=("q",))


@given(st.lists(st.tuples(st.sampled_from("qwGy1\x1b"), st.integers(40, 5_000)), max_size=20))
def test_keys_at_a_persons_pace_all_act_where_codes_begin_with_a_letter(
    keys: list[tuple[str, int]],
) -> None:
    wedge, now_ms, found = KeyWedge("G"), 0, []
    for key, pause_ms in keys:
        now_ms += pause_ms
        found.append(wedge.press(key, key, now_ms))
    found.append(wedge.due(now_ms + 10_000))
    told = [key for one in found if one is not None for key in one.keys]
    assert told == [key for key, _ in keys]


def test_after_another_key_an_end_is_a_key_again() -> None:
    for wedge in (KeyWedge(), KeyWedge("G")):
        scanned(wedge, code_of(5), 0)
        found = [wedge.press("1", "1", 300), wedge.press("enter", "\r", 420), wedge.due(900)]
        told = [key for one in found if one is not None for key in one.keys]
        assert told == ["1", "enter"]
