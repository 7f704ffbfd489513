"""Lamp and buzzer show each signal so that it is known without colour, and never make wait."""

import threading
from itertools import pairwise
from typing import Any

import pytest

from hardware.pins import PinTrouble
from hardware.ports import Signal, SignalOutput
from hardware.signals import BUZZER_PATTERNS, LAMP_PATTERNS, Pattern, PinBuzzer, PinLamp
from tests.hardware.waiting import until

GREEN, AMBER, RED, BUZZER = 17, 27, 22, 18


def _rhythm(pattern: Pattern) -> tuple[tuple[bool, int | None], ...]:
    """The pattern as somebody sees it who knows no colours."""
    return tuple((bool(step.on), step.duration_ms) for step in pattern)


def _states(pins: Any, pin: int) -> list[bool]:
    return [bool(change.state) for change in list(pins.pin(pin).states)]


def _longest_on(pattern: Pattern) -> int:
    return max((step.duration_ms or 10_000) for step in pattern if step.on)


@pytest.mark.parametrize("patterns", [LAMP_PATTERNS, BUZZER_PATTERNS])
def test_every_signal_has_a_rhythm_of_its_own(patterns: dict[Signal, Pattern]) -> None:
    rhythms = [_rhythm(patterns[signal]) for signal in Signal]
    assert len(set(rhythms)) == len(Signal)


def test_admit_is_steady_ask_slow_refuse_fast_and_trouble_two_blinks() -> None:
    assert _rhythm(LAMP_PATTERNS[Signal.READY]) == ((False, None),)
    assert _rhythm(LAMP_PATTERNS[Signal.ADMIT]) == ((True, None),)
    assert _longest_on(LAMP_PATTERNS[Signal.ASK]) >= 3 * _longest_on(LAMP_PATTERNS[Signal.REFUSE])
    trouble = _rhythm(LAMP_PATTERNS[Signal.TROUBLE])
    assert [lit for lit, _ in trouble] == [True, False, True, False]
    last_ms, first_ms = trouble[-1][1], trouble[0][1]
    assert last_ms is not None
    assert first_ms is not None
    assert last_ms >= 4 * first_ms


def test_the_lamp_lights_the_right_colour_and_goes_dark_when_ready(pins: Any) -> None:
    lamp: SignalOutput = PinLamp(green=GREEN, amber=AMBER, red=RED)
    lamp.show(Signal.ADMIT)
    assert until(lambda: pins.pin(GREEN).state)
    assert (pins.pin(AMBER).state, pins.pin(RED).state) == (0, 0)
    lamp.show(Signal.READY)
    assert until(lambda: not pins.pin(GREEN).state)
    lamp.close()
    assert lamp.trouble == ""


def test_refuse_blinks_red_until_something_else_is_shown(pins: Any) -> None:
    lamp = PinLamp(green=GREEN, amber=AMBER, red=RED)
    lamp.show(Signal.REFUSE)
    assert until(lambda: len(_states(pins, RED)) >= 7)
    assert all(a != b for a, b in pairwise(_states(pins, RED)))
    lamp.show(Signal.ADMIT)
    assert until(lambda: pins.pin(GREEN).state and not pins.pin(RED).state)
    lamp.close()
    assert _states(pins, AMBER) == [False]
    assert not pins.pin(GREEN).state


def test_trouble_lights_red_and_amber_together(pins: Any) -> None:
    lamp = PinLamp(green=GREEN, amber=AMBER, red=RED)
    lamp.show(Signal.TROUBLE)
    assert until(lambda: len(_states(pins, RED)) >= 5 and len(_states(pins, AMBER)) >= 5)
    lamp.close()
    assert _states(pins, GREEN) == [False]


@pytest.mark.parametrize(
    "signal,sounds", [(Signal.ADMIT, 1), (Signal.ASK, 2), (Signal.REFUSE, 1), (Signal.TROUBLE, 4)]
)
def test_the_buzzer_sounds_its_rhythm_once(pins: Any, signal: Signal, sounds: int) -> None:
    buzzer = PinBuzzer(pin=BUZZER)
    buzzer.show(signal)
    assert until(lambda: len(_states(pins, BUZZER)) >= 2 * sounds + 1)
    assert not until(lambda: len(_states(pins, BUZZER)) > 2 * sounds + 1, patience_s=0.3)
    buzzer.close()
    assert _states(pins, BUZZER)[:3] == [False, True, False]


def test_the_newest_of_many_signals_wins(pins: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lamp = PinLamp(green=GREEN, amber=AMBER, red=RED)
    slow = threading.Event()
    works = type(pins.pin(GREEN))._set_state

    def waits(pin: Any, value: Any) -> None:
        slow.wait(20)
        works(pin, value)

    monkeypatch.setattr(type(pins.pin(GREEN)), "_set_state", waits)
    for signal in [Signal.REFUSE, *[Signal.ASK, Signal.READY] * 500, Signal.ADMIT]:
        lamp.show(signal)
    slow.set()
    assert until(lambda: pins.pin(GREEN).state)
    assert len(_states(pins, AMBER)) <= 3
    lamp.close()


def test_a_broken_lamp_tells_and_never_raises_and_works_again_when_mended(
    pins: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lamp = PinLamp(green=GREEN, amber=AMBER, red=RED)
    works = type(pins.pin(GREEN))._set_state
    with monkeypatch.context() as broken:
        broken.setattr(type(pins.pin(GREEN)), "_set_state", _no_such_line)
        lamp.show(Signal.ADMIT)
        assert until(lambda: "pin 17 does not work: no such line" in lamp.trouble)
    assert type(pins.pin(GREEN))._set_state is works
    lamp.show(Signal.REFUSE)
    assert until(lambda: lamp.trouble == "" and pins.pin(RED).state)
    lamp.close()


def _no_such_line(pin: Any, value: Any) -> None:
    message = "no such line"
    raise OSError(message)


def test_a_lamp_that_cannot_have_all_its_pins_takes_none(pins: Any) -> None:
    buzzer = PinBuzzer(pin=RED)
    with pytest.raises(PinTrouble, match="pin 22"):
        PinLamp(green=GREEN, amber=AMBER, red=RED)
    buzzer.close()
    lamp = PinLamp(green=GREEN, amber=AMBER, red=RED)
    lamp.close()
    lamp.close()
