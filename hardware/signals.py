"""A lamp and a buzzer: each signal has a pattern of its own, for eyes that see no colours.

A device has one thread that drives its pins and an inbox for signals; the newest signal wins and
whoever shows one never waits. What is shown is a table of steps, so that it can be read and tested
without a lamp.
"""

import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hardware.pins import OutputPin, PinTrouble
from hardware.ports import Signal

ENDING_S: Final = 5


@dataclass(frozen=True, slots=True)
class Step:
    """Which pins are on, by name, and for how many milliseconds; None is for ever."""

    on: frozenset[str]
    duration_ms: int | None


Pattern = tuple[Step, ...]


def _steady(*names: str) -> Pattern:
    return (Step(frozenset(names), None),)


def _flashes(names: str, *durations_ms: int) -> Pattern:
    """On, off, on, off …: each for its milliseconds."""
    lit, dark = frozenset(names.split()), frozenset[str]()
    return tuple(Step(dark if at % 2 else lit, ms) for at, ms in enumerate(durations_ms))


OFF: Final = _steady()

# A lamp repeats its pattern until the next signal.
LAMP_PATTERNS: Final[Mapping[Signal, Pattern]] = {
    Signal.READY: OFF,
    Signal.ADMIT: _steady("green"),
    Signal.ASK: _flashes("amber", 600, 600),
    Signal.REFUSE: _flashes("red", 150, 150),
    Signal.TROUBLE: _flashes("amber red", 150, 150, 150, 850),
}

# A buzzer sounds once and is silent: one short, two short, one long, three short and one long.
BUZZER_PATTERNS: Final[Mapping[Signal, Pattern]] = {
    Signal.READY: OFF,
    Signal.ADMIT: (*_flashes("buzzer", 120), *OFF),
    Signal.ASK: (*_flashes("buzzer", 120, 120, 120), *OFF),
    Signal.REFUSE: (*_flashes("buzzer", 800), *OFF),
    Signal.TROUBLE: (*_flashes("buzzer", 80, 80, 80, 80, 80, 80, 500), *OFF),
}


class _PinSignals:
    """Pins that go through the steps of a pattern, in a thread of their own."""

    def __init__(self, pins: Mapping[str, int], patterns: Mapping[Signal, Pattern]) -> None:
        self._patterns = patterns
        self._trouble = ""
        self._outputs = _open_outputs(pins)
        self._inbox: queue.SimpleQueue[Pattern | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="signals", daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> str:
        """What is wrong, in one sentence; empty once the pins obey again."""
        return self._trouble

    def show(self, signal: Signal) -> None:
        """Begin to show a signal in place of the one before."""
        self._inbox.put(self._patterns[signal])

    def close(self) -> None:
        """Go dark and let go of the pins."""
        self._inbox.put(None)
        self._thread.join(ENDING_S)

    def _run(self) -> None:
        pattern: Pattern | None = OFF
        at = 0
        while pattern is not None:
            step = pattern[at % len(pattern)]
            self._drive(step.on)
            newer, waiting = self._newer(step.duration_ms)
            pattern, at = (waiting, 0) if newer else (pattern, at + 1)
        self._let_go()

    def _newer(self, wait_ms: int | None) -> tuple[bool, Pattern | None]:
        """Wait; tell whether something new is to be shown, and the newest (None: end)."""
        try:
            newest = self._inbox.get(timeout=None if wait_ms is None else wait_ms / 1000)
        except queue.Empty:
            return False, None
        while newest is not None and not self._inbox.empty():
            newest = self._inbox.get()
        return True, newest

    def _drive(self, on: frozenset[str]) -> None:
        try:
            for name, output in self._outputs.items():
                output.switch(on=name in on)
        except PinTrouble as trouble:
            self._trouble = str(trouble)
        else:
            self._trouble = ""

    def _let_go(self) -> None:
        try:
            for output in self._outputs.values():
                output.close()
        except PinTrouble as trouble:
            self._trouble = str(trouble)


class PinLamp(_PinSignals):
    """A lamp with three colours; see `LAMP_PATTERNS` and `hardware.ports.SignalOutput`."""

    def __init__(self, *, green: int, amber: int, red: int) -> None:
        """Take three pins by their BCM numbers; `PinTrouble` says why one cannot be had."""
        super().__init__({"green": green, "amber": amber, "red": red}, LAMP_PATTERNS)


class PinBuzzer(_PinSignals):
    """A buzzer that sounds while its pin is high; see `BUZZER_PATTERNS`."""

    def __init__(self, *, pin: int) -> None:
        """Take a pin by its BCM number; `PinTrouble` says why it cannot be had."""
        super().__init__({"buzzer": pin}, BUZZER_PATTERNS)


def _open_outputs(pins: Mapping[str, int]) -> dict[str, OutputPin]:
    """Open all pins or none."""
    opened: dict[str, OutputPin] = {}
    try:
        for name, pin in pins.items():
            opened[name] = OutputPin(pin)
    except PinTrouble:
        for output in opened.values():
            output.close()
        raise
    return opened
