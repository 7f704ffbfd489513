"""A turnstile on the pins of a Raspberry Pi: relays release the arm, contacts count who passed.

`hardware.passages` decides; here are the pins, the clock and two kinds of threads. One thread works
the arm: contacts and calls only leave a note in its inbox. Those who wait for a count are told from
a thread of their own, one after the other, so that a slow or failing listener never holds the arm.
"""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from hardware.passages import Passages, WhenDone
from hardware.pins import ContactPin, OutputPin, PinTrouble
from hardware.ports import WallClock, Way
from hardware.telling import Telling

PULSE_MS: Final = 500
TIMEOUT_MS: Final = 8_000
LOOK_S: Final = 0.02
ENDING_S: Final = 5


@dataclass(frozen=True, slots=True)
class TurnstilePins:
    """BCM numbers: a relay and a passage contact per way, and contacts that tell who pushes.

    A turnstile for one way has only the pair for that way. Relays are closed by a high pin;
    contacts join their pin to ground.
    """

    relay_in: int | None = None
    relay_out: int | None = None
    passed_in: int | None = None
    passed_out: int | None = None
    push_in: int | None = None
    push_out: int | None = None


@dataclass(frozen=True, slots=True)
class _Open:
    way: Way
    guests: int
    when_done: WhenDone


@dataclass(frozen=True, slots=True)
class _Contact:
    way: Way
    at_ms: int
    closed: bool


class PinTurnstile:
    """A turnstile that obeys `hardware.ports.Turnstile`."""

    def __init__(
        self,
        pins: TurnstilePins,
        clock: WallClock,
        *,
        pulse_ms: int = PULSE_MS,
        timeout_ms: int = TIMEOUT_MS,
    ) -> None:
        """Take the pins, all or none; `PinTrouble` says why one cannot be had.

        A relay is closed for at most `pulse_ms` milliseconds per guest, and each guest has
        `timeout_ms` milliseconds to pass.
        """
        self._clock = clock
        self._passages = Passages(pulse_ms, timeout_ms)
        self._inbox: queue.SimpleQueue[_Open | _Contact | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._pin_trouble = ""
        self._telling = Telling[int]("turnstile-done")
        self._relays: dict[Way, OutputPin] = {}
        self._passed: dict[Way, ContactPin] = {}
        self._pushes: dict[Way, ContactPin] = {}
        self._take(pins)
        self._relay_on: Way | None = None
        self._relays_obey = True
        self._thread = threading.Thread(target=self._run, name="turnstile", daemon=True)
        self._thread.start()

    @property
    def tells_direction(self) -> bool:
        """Whether there are direction contacts."""
        return bool(self._pushes)

    @property
    def wish(self) -> Way | None:
        """Which way somebody stands at the arm now; None for nobody, or for both at once."""
        try:
            pushed = [way for way, contact in self._pushes.items() if contact.is_closed]
        except PinTrouble as trouble:
            self._pin_trouble = str(trouble)
            return None
        return pushed[0] if len(pushed) == 1 else None

    @property
    def trouble(self) -> str:
        """What is wrong, in one sentence; empty if the turnstile works."""
        if self._pin_trouble:
            return self._pin_trouble
        stuck = self._passages.stuck(self._clock.monotonic_ms())
        if stuck is None:
            return ""
        return (
            f"the turnstile's contact for the way {stuck} stays closed, so nobody can be counted:"
            " is the arm held, or the contact's wire damaged?"
        )

    def open(self, way: Way, guests: int, when_done: Callable[[int], object]) -> None:
        """Release the arm for `guests` passages; see `hardware.ports.Turnstile`."""
        if guests < 1:
            message = f"a turnstile opens for at least one guest, not for {guests}"
            raise ValueError(message)
        with self._gate:
            if not self._closed:
                self._inbox.put(_Open(way, guests, when_done))
                return
        self._telling.tell(when_done, 0)

    def close(self) -> None:
        """End what is under way, lock the arm and let go of the pins."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
            self._inbox.put(None)
        self._thread.join(ENDING_S)
        self._telling.finish(ENDING_S)

    def _take(self, pins: TurnstilePins) -> None:
        relays = ((Way.IN, pins.relay_in), (Way.OUT, pins.relay_out))
        passed = ((Way.IN, pins.passed_in), (Way.OUT, pins.passed_out))
        pushes = ((Way.IN, pins.push_in), (Way.OUT, pins.push_out))
        try:
            for way, pin in relays:
                if pin is not None:
                    self._relays[way] = OutputPin(pin)
            for way, pin in passed:
                if pin is not None:
                    self._passed[way] = ContactPin(pin, self._listener(way))
                    if self._passed[way].is_closed:
                        self._listener(way)(True)  # closed before there was a change to hear of
            for way, pin in pushes:
                if pin is not None:
                    self._pushes[way] = ContactPin(pin)
        except PinTrouble:
            self._let_go()
            raise

    def _listener(self, way: Way) -> Callable[[bool], None]:
        def changed(closed: bool) -> None:  # noqa: FBT001  the pin's library hands in a bare bool
            self._inbox.put(_Contact(way, self._clock.monotonic_ms(), closed))

        return changed

    def _run(self) -> None:
        """Work the arm until closed; every note is followed by looking at what is due."""
        while True:
            try:
                note = self._inbox.get(timeout=LOOK_S if self._passages.is_under_way else None)
            except queue.Empty:
                self._passages.tick(self._clock.monotonic_ms())
            else:
                if note is None:
                    break
                self._heed(note)
            self._work()
        self._passages.end()
        self._work()
        self._let_go()

    def _heed(self, note: _Open | _Contact) -> None:
        if isinstance(note, _Contact):
            # What was due before this contact happened comes first.
            self._passages.tick(note.at_ms)
            now_ms = self._clock.monotonic_ms()
            self._passages.contact(note.way, note.at_ms, closed=note.closed, now_ms=now_ms)
            return
        self._pin_trouble = ""
        self._passages.begin(note.way, note.guests, note.when_done, self._clock.monotonic_ms())
        if note.way not in self._relays or note.way not in self._passed:
            self._pin_trouble = f"this turnstile has no relay and contact for the way {note.way}"
            self._passages.end()

    def _work(self) -> None:
        """Bring the relays to where they are to be, then tell those who wait."""
        wanted = self._passages.relay(self._clock.monotonic_ms())
        is_due = wanted is not self._relay_on or not self._relays_obey
        if is_due and not self._switch(wanted):
            self._passages.end()
            self._switch(None)
        for when_done, passed in self._passages.take_done():
            self._telling.tell(when_done, passed)

    def _switch(self, wanted: Way | None) -> bool:
        """Close one relay and open the others; tell whether all of them obeyed."""
        self._relay_on, self._relays_obey = wanted, True
        for way, relay in self._relays.items():
            try:
                relay.switch(on=way is wanted)
            except PinTrouble as trouble:
                if self._relays_obey:
                    self._pin_trouble = str(trouble)
                self._relays_obey = False
        return self._relays_obey

    def _let_go(self) -> None:
        contacts = (*self._passed.values(), *self._pushes.values())
        try:
            for relay in self._relays.values():
                relay.close()
            for contact in contacts:
                contact.close()
        except PinTrouble as trouble:
            self._pin_trouble = str(trouble)
