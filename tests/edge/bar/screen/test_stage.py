"""What the stage does between a tap and its answer, with a till whose answers are held back."""

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest

from edge.bar.cart import Cart
from edge.bar.outside import BarOptions
from edge.bar.screen.keeping import Keeping
from edge.bar.screen.pay_modes import Declined, Paid
from edge.bar.screen.selling import Selling
from edge.bar.screen.stage import TillStage
from edge.screen.modes import Answer, Broken
from edge.screen.staff_modes import Closed, Pin
from tests.edge.bar.screen.bench import PAID
from tests.edge.bar.screen.test_snapshots import LOOK, StillKeeper
from tests.edge.boxes import make_folder

Held = list[tuple[str, dict[str, Any], "Future[Answer]"]]


class HeldKeeper(StillKeeper):
    """A till that answers to `sell` when the test says so."""

    def __init__(self, options: BarOptions) -> None:
        super().__init__(options)
        self.held: Held = []
        self.done: list[str] = []
        self.answer: Callable[[str], Answer] | None = None

    def do(self, what: str, command: dict[str, Any]) -> "Future[Answer]":
        self.done.append(what)
        if what != "sell" and self.answer is not None and what != "kept":
            known: Future[Answer] = Future()
            known.set_result(self.answer(what))
            return known
        if what != "sell":
            return super().do(what, command)
        future: Future[Answer] = Future()
        self.held.append((what, command, future))
        return future


class Till:
    """A stage, its clock and its held answers."""

    def __init__(self, folder: Path) -> None:
        self.now = 0
        self.keeper = HeldKeeper(BarOptions(make_folder(folder, "bar")))
        keeper: Any = self.keeper
        self.stage = TillStage(keeper, lambda: self.now, lambda job: job(), lambda: None)
        self.stage.told({"event": "opened"})

    def keys(self, text: str) -> None:
        for key in text.split():
            self.stage.key(key)

    def tap(self, shown: Any = "band") -> None:
        self.stage.told({"event": "wristband", "text": "t", "shown": shown})

    def answer(self, answer: Answer) -> None:
        self.keeper.held.pop(0)[2].set_result(answer)


@pytest.fixture
def till(tmp_path: Path) -> Till:
    return Till(tmp_path / "till")


def test_while_the_answer_is_awaited_the_basket_stands_still(till: Till) -> None:
    till.keys("q")
    till.tap()
    assert till.stage.is_paying
    till.keys("q w C enter")
    till.tap()
    assert till.stage.hand.cart.total == 570
    assert len(till.keeper.held) == 1
    till.answer(PAID)
    assert isinstance(till.stage.mode, Paid)
    assert not till.stage.hand.cart
    assert till.stage.said.startswith("✔ 9.00 € — 12.40 € left")


def test_a_decline_leaves_the_basket_and_the_same_sale(till: Till) -> None:
    till.keys("q")
    till.tap()
    sale = till.keeper.held[0][1]["sale"]
    till.answer({"event": "declined", "rule": "balance", "possible_minor": 0, "sentence": "No."})
    assert isinstance(till.stage.mode, Declined)
    till.keys("escape")
    till.tap()
    assert till.keeper.held[0][1]["sale"] == sale


def test_an_answer_that_never_came_shows_no_green_and_keeps_the_sale(till: Till) -> None:
    till.keys("q")
    till.tap()
    sale = till.keeper.held[0][1]["sale"]
    till.stage.told({"event": "broken", "sentence": "disk is full"})
    till.keeper.held.pop(0)[2].set_exception(OSError("disk is full"))
    assert isinstance(till.stage.mode, Broken)
    till.stage.told({"event": "opened"})
    till.now += 3_000
    till.stage.tick()
    assert isinstance(till.stage.mode, Selling)
    till.tap()
    assert till.keeper.held[0][1]["sale"] == sale
    till.answer(PAID | {"again": True})
    assert isinstance(till.stage.mode, Paid)


def test_an_answer_before_the_till_is_called_broken_is_no_green_either(till: Till) -> None:
    till.keys("q")
    till.tap()
    till.keeper.held.pop(0)[2].set_exception(OSError("disk is full"))
    assert not isinstance(till.stage.mode, Paid)
    assert till.stage.hand.cart


def test_what_was_recorded_behind_the_screens_back_leaves_the_hand(till: Till) -> None:
    till.keys("q")
    last = LOOK["last"] | {"sale": till.stage.hand.cart.sale}
    till.keeper.look_answer = LOOK | {"last": last}
    till.stage.look_again()
    assert not till.stage.hand.cart
    assert "22:41" in till.stage.said


def test_green_lives_a_second_and_a_half_and_the_same_band_opens_nothing_yet(till: Till) -> None:
    till.keys("q")
    till.tap({"uid": "04a1", "taps": 7})
    till.answer(PAID)
    till.now += 1_499
    till.stage.tick()
    assert isinstance(till.stage.mode, Paid)
    till.now += 1
    till.stage.tick()
    assert isinstance(till.stage.mode, Selling)
    till.tap({"uid": "04a1", "taps": 8})
    assert "balance" not in till.keeper.done
    till.now += 3_000
    till.tap({"uid": "04a1", "taps": 9})
    assert "balance" in till.keeper.done


def test_a_till_locks_itself_only_when_nobody_touches_it(till: Till) -> None:
    till.keeper.look_answer = LOOK | {"auto_lock_s": 60}
    till.stage.look_again()
    for _ in range(5):
        till.now += 50_000
        till.keys("down")
        till.stage.tick()
    assert "sign_out" not in till.keeper.done
    closed = {"staff": "", "staff_needed": True}
    till.keeper.look_answer = LOOK | {"auto_lock_s": 60, "counters": closed}
    till.now += 60_000
    till.stage.tick()
    assert "sign_out" in till.keeper.done
    assert isinstance(till.stage.mode, Closed)


def test_a_badge_that_lies_there_still_takes_nothing_over(till: Till) -> None:
    badge = {"event": "badge", "text": "GU1:BADGE"}
    till.stage.told(badge)
    assert isinstance(till.stage.mode, Pin)
    till.keys("1 2 enter")
    till.stage.told({"event": "opened"})
    assert isinstance(till.stage.mode, Selling)
    till.stage.told(badge)
    assert isinstance(till.stage.mode, Selling)
    till.now += 10_000
    till.stage.told(badge)
    assert isinstance(till.stage.mode, Pin)


def test_what_is_only_said_gives_way_to_the_next_key(till: Till) -> None:
    till.stage.sentence("This needs to be read.")
    till.keys("q")
    assert isinstance(till.stage.mode, Selling)
    assert till.stage.hand.cart
    till.stage.sentence("This too.")
    till.keys("enter")
    assert isinstance(till.stage.mode, Selling)


def test_a_till_does_not_lock_itself_while_a_sale_is_under_way(till: Till) -> None:
    till.keeper.look_answer = LOOK | {"auto_lock_s": 60}
    till.stage.look_again()
    till.keys("q")
    till.tap()
    till.now += 90_000
    till.stage.tick()
    assert "sign_out" not in till.keeper.done


def test_where_nobody_is_known_nobody_signs_out(till: Till) -> None:
    people = {"label": "", "badge": 0, "rights": 0, "needed": False, "open": True}
    till.keeper.look_answer = LOOK | {"people": people, "auto_lock_s": 1}
    till.stage.look_again()
    till.keys("L")
    till.now += 9_000
    till.stage.tick()
    assert "sign_out" not in till.keeper.done


def test_a_trouble_of_the_printer_is_said_and_covers_nothing(till: Till) -> None:
    till.keys("q")
    till.stage.told({"event": "printed", "sale": "a", "trouble": "No paper."})
    assert till.stage.noted == "No paper."
    till.stage.told({"event": "printed", "sale": "a", "trouble": ""})
    till.stage.told({"event": "strange", "sentence": "What is this?"})
    assert till.stage.noted == "What is this?"
    assert isinstance(till.stage.mode, Selling)
    till.now += 3_000
    assert till.stage.noted == ""


def test_only_the_newest_basket_waits_while_one_is_being_kept() -> None:
    written: list[Any] = []
    done: list[Callable[[], None]] = []

    def write(row: Any, then: Callable[[], None]) -> None:
        written.append(None if row is None else row["tip"])
        done.append(then)

    keeping = Keeping(write)
    for tip in (1, 2, 3, 4):
        keeping.want(Cart(tip=tip))
    assert written == [1]
    done.pop(0)()
    assert written == [1, 4]
    done.pop(0)()
    keeping.want(Cart(tip=4))
    assert written == [1, 4]
    keeping.want(Cart())
    assert written == [1, 4, None]


def test_after_the_box_was_opened_anew_the_basket_is_kept_again() -> None:
    written: list[Any] = []
    keeping = Keeping(lambda row, _: written.append(row))
    keeping.want(Cart(tip=1))
    keeping.forget()
    keeping.want(Cart(tip=1))
    assert len(written) == 2
