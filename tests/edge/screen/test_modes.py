"""What the agent of any box does, key by key, without any screen."""

from typing import Any

import pytest

from edge.screen.modes import Broken, Mode, Quit, Said, Several, digits, pad, typed
from edge.screen.staff_modes import Clock, Closed, Pin, Supervisor
from edge.wanted import BADGE, USUAL
from tests.edge.screen.bench import NotedScreen, Rest


def test_a_box_is_stopped_only_after_a_yes() -> None:
    left: list[bool] = []
    bench = NotedScreen()
    bench.enter(Quit(lambda: left.append(True)))
    bench.keys("n")
    assert (left, isinstance(bench.mode, Rest)) == ([], True)
    bench.enter(Quit(lambda: left.append(True)))
    bench.keys("y")
    assert left == [True]


@pytest.mark.parametrize(
    "mode,expects",
    [
        (Said("check"), USUAL),
        (Several(2), USUAL),
        (Closed(), USUAL),
        (Pin(print), BADGE),
        (Supervisor(print), BADGE),
        (Clock(0), BADGE),
    ],
)
def test_each_mode_says_what_a_code_means(mode: Mode[Any], expects: str) -> None:
    assert mode.expects == expects


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "mode",
    [
        Several(10),
        Closed(),
        Pin(print),
        Supervisor(print),
        Clock(0),
        Quit(print),
        Broken("disk full"),
        Broken(""),
        Said("clock_done"),
    ],
)
def test_every_mode_can_be_shown_and_left(mode: Mode[Any], language: str) -> None:
    bench = NotedScreen()
    bench.language = language
    bench.enter(mode)
    panel = mode.panel(bench)
    assert panel.lines
    is_left = mode.lives_ms is not None or mode.key(bench, "escape")
    assert is_left or isinstance(mode, Broken | Closed)


def test_a_number_grows_by_digits_up_to_its_length_and_shrinks_by_backspace() -> None:
    entry = ""
    for key in ("1", "x", "2", "enter", "3", "4"):
        entry = typed(entry, key, 3)
    assert entry == "123"
    assert typed(entry, "backspace", 3) == "12"
    assert typed("", "backspace", 3) == ""


def test_a_finger_finds_every_key_that_a_number_needs() -> None:
    assert [one.key for one in digits(1, 3)] == ["1", "2", "3"]
    assert {one.key for one in pad("en")} == {*"0123456789", "backspace", "enter", "escape"}
