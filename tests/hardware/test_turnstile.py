"""A turnstile on pins releases, counts and tells, with threads, and never loses a callback."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hardware.bench import ManualClock
from hardware.passages import GAP_MS, STUCK_MS
from hardware.pins import OutputPin, PinTrouble
from hardware.ports import Turnstile, Way
from hardware.turnstile import PinTurnstile, TurnstilePins
from tests.hardware.waiting import until

PINS = TurnstilePins(relay_in=23, relay_out=24, passed_in=5, passed_out=6, push_in=12, push_out=13)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def turnstile(pins: Any, clock: ManualClock) -> Iterator[PinTurnstile]:
    made = PinTurnstile(PINS, clock)
    yield made
    made.close()


def _walk(pins: Any, clock: ManualClock, pin: int = 5) -> None:
    clock.move(400)
    pins.pin(pin).drive_low()
    clock.move(400)
    pins.pin(pin).drive_high()


def _fail(*_: object) -> None:
    message = "no such line"
    raise OSError(message)


def test_an_admitted_guest_walks_through_and_is_counted(
    pins: Any, clock: ManualClock, turnstile: Turnstile
) -> None:
    told: list[tuple[int, bool]] = []
    me = threading.current_thread()
    turnstile.open(Way.IN, 1, lambda n: told.append((n, threading.current_thread() is me)))
    assert until(lambda: pins.pin(23).state)
    assert not pins.pin(24).state
    _walk(pins, clock)
    assert until(lambda: told == [(1, False)])
    assert until(lambda: not pins.pin(23).state)
    assert turnstile.trouble == ""


def test_a_family_passes_one_after_the_other(
    pins: Any, clock: ManualClock, turnstile: Turnstile
) -> None:
    told: list[int] = []
    turnstile.open(Way.OUT, 3, told.append)
    for passed in range(3):
        assert until(lambda: pins.pin(24).state)
        assert told == [], passed
        _walk(pins, clock, 6)
        assert until(lambda: not pins.pin(24).state)
        clock.move(GAP_MS)
    assert until(lambda: told == [3])
    assert [change.state for change in pins.pin(24).states] == [False, True] * 3 + [False]


def test_a_guest_who_does_not_walk_is_not_counted(
    pins: Any, clock: ManualClock, turnstile: Turnstile
) -> None:
    told: list[int] = []
    turnstile.open(Way.IN, 2, told.append)
    assert until(lambda: pins.pin(23).state)
    _walk(pins, clock)
    assert until(lambda: not pins.pin(23).state)
    clock.move(GAP_MS)
    assert until(lambda: pins.pin(23).state)
    clock.move(20_000)
    assert until(lambda: told == [1])
    assert until(lambda: not pins.pin(23).state)


def test_the_pulse_ends_although_nobody_walks(
    pins: Any, clock: ManualClock, turnstile: Turnstile
) -> None:
    told: list[int] = []
    turnstile.open(Way.IN, 1, told.append)
    assert until(lambda: pins.pin(23).state)
    clock.move(600)
    assert until(lambda: not pins.pin(23).state)
    assert told == []


def test_a_second_open_ends_the_first_and_both_are_told_in_their_order(
    pins: Any, clock: ManualClock, turnstile: Turnstile
) -> None:
    told: list[str] = []
    turnstile.open(Way.IN, 3, lambda n: told.append(f"first {n}"))
    assert until(lambda: pins.pin(23).state)
    _walk(pins, clock)
    turnstile.open(Way.OUT, 1, lambda n: told.append(f"second {n}"))
    assert until(lambda: pins.pin(24).state and not pins.pin(23).state)
    _walk(pins, clock, 6)
    assert until(lambda: told == ["first 1", "second 1"])


def test_close_tells_what_has_passed_and_later_opens_at_once(pins: Any, clock: ManualClock) -> None:
    told: list[str] = []
    turnstile = PinTurnstile(PINS, clock)
    turnstile.open(Way.IN, 2, lambda n: told.append(f"under way {n}"))
    assert until(lambda: pins.pin(23).state)
    _walk(pins, clock)
    turnstile.close()
    assert told == ["under way 1"]
    assert not pins.pin(23).state
    turnstile.open(Way.IN, 1, lambda n: told.append(f"late {n}"))
    assert until(lambda: told == ["under way 1", "late 0"])
    turnstile.close()
    OutputPin(23).close()


def test_no_callback_is_lost_or_doubled_when_many_open_at_once(
    pins: Any, clock: ManualClock
) -> None:
    turnstile = PinTurnstile(PINS, clock)
    told: list[int] = []

    def ask(first: int) -> None:
        for number in range(first, first + 50):
            turnstile.open(Way.IN, 1, _note(told, number))

    threads = [threading.Thread(target=ask, args=(50 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    turnstile.close()
    for thread in threads:
        thread.join()
    assert until(lambda: len(told) == 200)
    assert sorted(told) == list(range(200))


def _note(told: list[int], number: int) -> Callable[[int], None]:
    return lambda _: told.append(number)


def test_a_listener_may_open_and_close_again(
    pins: Any, clock: ManualClock, turnstile: Turnstile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hardware.turnstile.ENDING_S", 60)
    told: list[str] = []

    def again(passed: int) -> None:
        told.append(f"again {passed}")
        turnstile.open(Way.IN, 1, lambda n: told.append(f"last {n}"))
        turnstile.close()

    turnstile.open(Way.IN, 1, again)
    assert until(lambda: pins.pin(23).state)
    _walk(pins, clock)
    assert until(lambda: told == ["again 1", "last 0"])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_listener_that_fails_does_not_hold_the_arm(
    pins: Any, clock: ManualClock, turnstile: Turnstile
) -> None:
    told: list[int] = []
    turnstile.open(Way.IN, 1, _fail)
    turnstile.open(Way.IN, 1, told.append)
    assert until(lambda: pins.pin(23).state)
    _walk(pins, clock)
    assert until(lambda: told == [1])


def test_the_direction_contacts_say_which_way_somebody_wants(
    pins: Any, turnstile: Turnstile
) -> None:
    assert turnstile.tells_direction
    assert turnstile.wish is None
    pins.pin(12).drive_low()
    assert turnstile.wish is Way.IN
    pins.pin(13).drive_low()
    assert turnstile.wish is None
    pins.pin(12).drive_high()
    assert turnstile.wish is Way.OUT


def test_a_turnstile_without_direction_contacts_says_so(pins: Any, clock: ManualClock) -> None:
    one_way = PinTurnstile(TurnstilePins(relay_in=23, passed_in=5), clock)
    assert not one_way.tells_direction
    assert one_way.wish is None
    told: list[int] = []
    one_way.open(Way.OUT, 1, told.append)
    assert until(lambda: told == [0])
    assert one_way.trouble == "this turnstile has no relay and contact for the way out"
    one_way.open(Way.IN, 1, told.append)
    assert until(lambda: pins.pin(23).state)
    assert one_way.trouble == ""
    one_way.close()


def test_a_stuck_contact_is_named_and_nobody_is_let_in_uncounted(
    pins: Any, clock: ManualClock, turnstile: Turnstile
) -> None:
    pins.pin(5).drive_low()
    told: list[int] = []
    turnstile.open(Way.OUT, 1, told.append)
    assert until(lambda: pins.pin(24).state), "the contact's note was read before"
    clock.move(STUCK_MS + 1)
    assert "contact for the way in stays closed" in turnstile.trouble
    assert until(lambda: told == [0])
    turnstile.open(Way.IN, 1, told.append)
    assert until(lambda: told == [0, 0])
    assert [change.state for change in pins.pin(23).states] == [False]
    pins.pin(5).drive_high()
    assert until(lambda: turnstile.trouble == "")


def test_a_contact_that_is_closed_from_the_start_is_noticed(
    pins: Any, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(pins.pin(5)), "_set_pull", lambda pin, value: None)
    turnstile = PinTurnstile(PINS, clock)
    clock.move(STUCK_MS + 1)
    assert until(lambda: "stays closed" in turnstile.trouble)
    turnstile.close()


def test_a_relay_that_does_not_obey_ends_the_passage_and_is_named(
    pins: Any, clock: ManualClock, turnstile: Turnstile, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    with monkeypatch.context() as broken:
        broken.setattr(type(pins.pin(23)), "_set_state", _fail)
        turnstile.open(Way.IN, 1, told.append)
        assert until(lambda: told == [0])
        assert "pin 23 does not work: no such line" in turnstile.trouble
    turnstile.open(Way.IN, 1, told.append)
    assert until(lambda: pins.pin(23).state)
    assert turnstile.trouble == ""


def test_one_relay_that_does_not_obey_leaves_none_on(
    pins: Any, clock: ManualClock, turnstile: Turnstile, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = type(pins.pin(23))._set_state

    def fails_on_24(pin: Any, value: Any) -> None:
        if pin is pins.pin(24):
            _fail()
        works(pin, value)

    told: list[int] = []
    with monkeypatch.context() as broken:
        broken.setattr(type(pins.pin(23)), "_set_state", fails_on_24)
        turnstile.open(Way.IN, 1, told.append)
        assert until(lambda: told == [0])
        assert not pins.pin(23).state


def test_a_relay_that_could_not_be_opened_is_opened_as_soon_as_it_obeys(
    pins: Any, clock: ManualClock, turnstile: Turnstile, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    turnstile.open(Way.IN, 1, told.append)
    assert until(lambda: pins.pin(23).state)
    with monkeypatch.context() as broken:
        broken.setattr(type(pins.pin(23)), "_set_state", _fail)
        _walk(pins, clock)
        assert until(lambda: told == [1])
    assert pins.pin(23).state
    _walk(pins, clock)
    assert until(lambda: not pins.pin(23).state)


def test_who_walks_after_the_time_out_is_not_counted_although_nobody_looked_between(
    pins: Any, clock: ManualClock, turnstile: Turnstile
) -> None:
    told: list[int] = []
    turnstile.open(Way.IN, 1, told.append)
    assert until(lambda: pins.pin(23).state)
    clock.move(20_000)
    pins.pin(5).drive_low()
    assert until(lambda: told == [0])


def test_listeners_are_told_one_after_the_other(turnstile: Turnstile) -> None:
    told: list[str] = []
    busy = threading.Event()

    def slow(passed: int) -> None:
        busy.wait(20)
        told.append("slow")

    turnstile.open(Way.IN, 1, slow)
    turnstile.open(Way.IN, 1, lambda _: told.append("quick"))
    turnstile.open(Way.IN, 1, lambda _: None)
    assert not until(lambda: told, patience_s=0.2)
    busy.set()
    assert until(lambda: told == ["slow", "quick"])


def test_a_direction_contact_that_cannot_be_read_is_nobody(
    pins: Any, turnstile: Turnstile, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(type(pins.pin(12)), "_get_state", _fail)
        assert turnstile.wish is None
    assert "pin 12" in turnstile.trouble


def test_a_turnstile_that_cannot_have_all_its_pins_takes_none(
    pins: Any, clock: ManualClock
) -> None:
    lamp = OutputPin(13)
    with pytest.raises(PinTrouble, match="pin 13"):
        PinTurnstile(PINS, clock)
    lamp.close()
    PinTurnstile(PINS, clock).close()


def test_a_turnstile_opens_for_somebody(turnstile: Turnstile) -> None:
    with pytest.raises(ValueError, match="at least one guest"):
        turnstile.open(Way.IN, 0, lambda _: None)
