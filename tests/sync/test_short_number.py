"""The number that people type: it finds its wristband, and a typing mistake is noticed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.cells import LayeredCells
from sync.facts import WristbandBlocked, WristbandLinked
from sync.short_number import BITS, read_short_number, short_number, wristbands_with
from tests.sync.builder import bar, box_with, topped_up

serials = st.integers(0, 2**64 - 1)


def test_a_short_number_is_what_it_always_was() -> None:
    assert short_number(0) == "0000 0000 000"
    assert short_number(2**64 - 1) == "8589 9345 913"
    assert short_number(15_508_089_749_963_478_294) == "7221 5170 365"


@settings(derandomize=True)
@given(serials)
def test_a_number_stands_for_the_top_of_its_serial(serial: int) -> None:
    assert read_short_number(short_number(serial)) == serial >> (64 - BITS)
    assert read_short_number(short_number(serial).replace(" ", "")) == serial >> (64 - BITS)


@settings(derandomize=True)
@given(serials, st.integers(0, 10), st.integers(1, 9))
def test_every_single_wrong_digit_is_noticed(serial: int, at: int, more: int) -> None:
    digits = list(short_number(serial).replace(" ", ""))
    digits[at] = str((int(digits[at]) + more) % 10)
    assert read_short_number("".join(digits)) is None


@settings(derandomize=True)
@given(serials, st.integers(0, 9))
def test_a_swap_of_neighbours_is_noticed_but_for_nine_and_nothing(serial: int, at: int) -> None:
    digits = list(short_number(serial).replace(" ", ""))
    pair = {digits[at], digits[at + 1]}
    digits[at], digits[at + 1] = digits[at + 1], digits[at]
    if len(pair) == 2 and pair != {"0", "9"}:
        assert read_short_number("".join(digits)) is None


@settings(derandomize=True)
@given(st.text(max_size=14))
def test_what_is_no_number_is_none(text: str) -> None:
    found = read_short_number(text)
    assert found is None or short_number(found << (64 - BITS)).replace(" ", "") in text


def test_the_wristbands_that_are_known_are_found_by_their_number() -> None:
    till = bar()
    known = (1 << 31, (1 << 31) + 5, 1 << 32, 2**64 - 1)
    till(*(topped_up(wallet=one, operation=n) for n, one in enumerate(known)))
    till(WristbandLinked((1 << 31) + 9, 5, "claim"), WristbandBlocked((1 << 31) + 10, "lost"))
    for cells in (box_with(till.records).cells, LayeredCells(box_with(till.records).cells)):
        assert wristbands_with(cells, 1) == [(1 << 31) + n for n in (0, 5, 9, 10)]
        assert wristbands_with(cells, 2) == [1 << 32]
        assert wristbands_with(cells, 2**33 - 1) == [2**64 - 1]
        assert wristbands_with(cells, 3) == []
