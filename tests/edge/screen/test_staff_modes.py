"""What needs a badge and a PIN on every screen, key by key."""

import pytest

from edge.screen.staff_modes import Clock, Closed, nearest
from edge.wanted import BADGE
from tests.edge.screen.bench import NotedScreen, Rest


def test_signing_in_takes_a_badge_then_a_pin_that_is_never_shown() -> None:
    bench = NotedScreen(answers={"sign_in": {"event": "signed_in", "staff": "N1"}})
    bench.enter(Closed())
    assert bench.mode.told(bench, {"event": BADGE, "text": "GU1:BADGE"})
    bench.keys("2 7 1 8 2 8")
    panel = bench.mode.panel(bench)
    assert panel.entry == "●●●●●●"
    assert "271828" not in str(panel)
    bench.keys("enter")
    assert bench.done == [("sign_in", {"badge": "GU1:BADGE", "pin": "271828"})]
    assert isinstance(bench.mode, Rest)


def test_a_wrong_pin_is_said_in_a_sentence() -> None:
    bench = NotedScreen(answers={"sign_in": {"event": "trouble", "sentence": "not the PIN"}})
    bench.enter(Closed())
    bench.mode.told(bench, {"event": BADGE, "text": "b"})
    bench.keys("1 enter")
    assert bench.lines() == "not the PIN"


def test_a_closed_box_takes_nothing_but_a_badge() -> None:
    bench = NotedScreen()
    bench.enter(Closed())
    assert bench.mode.told(bench, {"event": "closed"})
    assert not bench.mode.told(bench, {"event": "wristband", "text": "x"})
    assert isinstance(bench.mode, Closed)


def test_a_clock_takes_four_digits_and_a_supervisor() -> None:
    bench = NotedScreen()
    bench.enter(Clock(1_795_000_000_000))
    bench.keys("1 2 enter")
    assert "four digits" in bench.lines()
    bench.enter(Clock(1_795_000_000_000))
    bench.keys("1 9 3 0 5 enter")
    bench.mode.told(bench, {"event": BADGE, "text": "b"})
    bench.keys("1 enter")
    ((what, command),) = bench.done
    assert (what, command["time_ms"] % 86_400_000) == ("clock", (18 * 60 + 30) * 60_000)


@pytest.mark.parametrize(
    "now,face,wanted",
    [(12 * 60, "1230", 12 * 60 + 30), (5, "2355", -5), (23 * 60 + 55, "0005", 24 * 60 + 5)],
)
def test_a_time_of_day_is_the_nearest_one(now: int, face: str, wanted: int) -> None:
    day_ms = 1_795_046_400_000 // 86_400_000 * 86_400_000
    assert nearest(day_ms + 60_000 * now, face, 0) == day_ms + 60_000 * wanted


@pytest.mark.parametrize("face", ["", "193", "2460", "2400", "1261"])
def test_what_is_no_time_of_day_is_none(face: str) -> None:
    assert nearest(0, face, 0) is None
