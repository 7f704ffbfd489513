"""The same code held before the camera is one scan."""

from hardware.repeats import CODES_IN_VIEW_MAX, SameCode


def test_a_code_that_stays_in_view_is_new_once() -> None:
    view = SameCode(gone_ms=1_000)
    assert [view.is_new("A", at) for at in (0, 300, 900, 1_800, 2_700)] == [True] + [False] * 4


def test_a_code_that_was_gone_for_long_enough_is_new_again() -> None:
    view = SameCode(gone_ms=1_000)
    assert view.is_new("A", 0)
    assert not view.is_new("A", 999)
    assert view.is_new("A", 1_999)


def test_two_codes_in_view_do_not_trigger_each_other() -> None:
    view = SameCode(gone_ms=1_000)
    new = [view.is_new(text, at) for at, text in enumerate("ABABABAB")]
    assert new == [True, True] + [False] * 6


def test_a_stream_of_rubbish_cannot_fill_the_memory() -> None:
    view = SameCode(gone_ms=1_000_000)
    for number in range(10 * CODES_IN_VIEW_MAX):
        assert view.is_new(str(number), number)
    assert not view.is_new(str(10 * CODES_IN_VIEW_MAX - 1), 10_000)
