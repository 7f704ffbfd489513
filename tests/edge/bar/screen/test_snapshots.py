"""How the till's screen looks, to the last cell, on a small and on a larger terminal.

A picture that changed on purpose is taken anew with `./guichet test --snapshot-update` and this
file's path; the new pictures are then looked at, and belong to the change.
"""

from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from edge.bar.outside import BarOptions
from edge.bar.screen.app import BarScreen
from edge.bar.screen.menu import Menu
from edge.bar.screen.pay_modes import Declined, Paid
from edge.bar.screen.shift_modes import CountCash, Report
from edge.bar.screen.tenders import Cash, Split
from edge.bar.screen.till_mode import Attempt
from edge.bar.screen.wallet_modes import Band
from edge.screen.modes import Answer, Mode
from edge.screen.staff_modes import Pin
from provisioning.manifest import load
from sync.sentences import sentence_of
from tests.edge.bar.screen.bench import BALANCE, PAID, offer
from tests.edge.bar.screen.test_desk_modes import REPORT, SALE
from tests.edge.boxes import make_folder
from tests.edge.screen.bench import HEALTH

NAMES = "Pale pint,Stout,Lager,IPA,Dunkel,Wheat beer,Alcohol-free,Radler,Kriek,Pils,Porter,Bitter"
CATEGORIES = ("Beer", "Cider", "Wine", "Spirits", "Soft", "Food", "Coffee")
PRODUCTS = [
    offer(n, name, 450 + 20 * n, half=260, age=16, category=0, place=n - 1)
    for n, name in enumerate(NAMES.split(","), start=1)
]
PRODUCTS[4]["offered"] = "sold_out"
PRODUCTS[9]["offered"] = "not_on_tap"
GRID: Answer = {
    "event": "grid",
    "version": 7,
    "categories": [
        {"name": name, "colour": at, "key": str(at + 1)} for at, name in enumerate(CATEGORIES)
    ],
    "products": PRODUCTS,
    "cup_minor": 100,
}
LAST = PAID | {"event": "last", "at_ms": 81_660_000, "lines": 2, "voided_lines": []}
LOOK: Answer = {
    "event": "look",
    "counters": {"staff": "B1", "staff_needed": False},
    "health": HEALTH | {"now_ms": 81_690_000, "revoked": False, "copied": False},
    "troubles": [],
    "people": {"label": "B1", "badge": 702, "rights": 2, "needed": True, "open": True},
    "shift": {"shift": 4, "seller": "B1", "opened_ms": 0, "float_minor": 10_000},
    "exposure": {},
    "last": LAST,
    "auto_lock_s": 0,
}
REFUSAL: Answer = {
    "event": "declined",
    "rule": "alone_limit",
    "possible_minor": 650,
    "sentence": sentence_of("payment", "alone_limit", "en", ("6.50 EUR",)),
}


class StillKeeper:
    """A till behind the screen in which nothing ever happens by itself."""

    look_answer = LOOK

    def __init__(self, options: BarOptions, *_: object) -> None:
        self.manifest = load(options.folder)
        self.outside = Still()

    def start(self) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""

    def expect(self, _: str) -> None:
        """Do nothing."""

    def do(self, what: str, _: dict[str, Any]) -> "Future[Answer]":
        answers: dict[str, Answer] = {
            "grid": GRID,
            "kept": {"event": "kept", "hand": None, "parked": []},
            "history": {"event": "history", "rows": [SALE] * 30},
        }
        done: Future[Answer] = Future()
        done.set_result(answers.get(what, {"event": "done"}))
        return done

    def look(self) -> "Future[Answer]":
        done: Future[Answer] = Future()
        done.set_result(self.look_answer)
        return done


class NoShiftKeeper(StillKeeper):
    """The same before a shift was opened."""

    look_answer = LOOK | {"shift": None}


@dataclass
class _Wiring:
    signals: tuple[()] = ()
    sources: tuple[()] = ()


class Still:
    """No hardware."""

    wiring = _Wiring()


Act = Callable[[BarScreen], None]


def entered(mode: Callable[[], Mode[Any]]) -> Act:
    return lambda app: app.stage.enter(mode())


def keys(text: str) -> Act:
    def act(app: BarScreen) -> None:
        for key in text.split():
            app.stage.key(key)

    return act


def after(first: Act, *others: Act) -> Act:
    def act(app: BarScreen) -> None:
        for one in (first, *others):
            one(app)

    return act


def _alone(app: BarScreen) -> None:
    more = {"alone": True, "alone_since_ms": 50_280_000, "connected": False}
    app.stage.health = (app.stage.health or {}) | more


def _french(app: BarScreen) -> None:
    app.stage.language = "fr"


BASKET = keys("q q space space space 1 w f5 e")
NO_BAND = Attempt((), (("band", None),))
SCENES: dict[str, Act] = {
    "empty": lambda _: None,
    "basket": BASKET,
    "basket_french": after(_french, BASKET),
    "modifiers": keys("q f3 f5"),
    "green": after(BASKET, entered(lambda: Paid(PAID))),
    "green_alone": after(_alone, entered(lambda: Paid(PAID | {"alone": True}))),
    "change": entered(lambda: Paid(PAID | {"balance_minor": None, "change_minor": 1_100})),
    "declined": after(BASKET, entered(lambda: Declined(REFUSAL, NO_BAND))),
    "cash": after(BASKET, entered(lambda: Cash(1_590)), keys("2 0 o")),
    "split": after(BASKET, entered(lambda: Split(paid=(("cash", 500, None, None),)))),
    "band": entered(lambda: Band(BALANCE, "band")),
    "menu": entered(Menu),
    "count": after(entered(lambda: CountCash("count_float", print, {})), keys("3 down 1 2")),
    "report": entered(lambda: Report(REPORT)),
    "history": keys("H"),
    "pin": after(entered(lambda: Pin(print)), keys("2 7 1 8")),
    "cannot_record": lambda app: app.stage.told({"event": "broken", "sentence": "disk is full"}),
    "no_shift": lambda _: None,
}


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["small", "large"])
@pytest.mark.parametrize("scene", SCENES)
def test_the_screen_looks_as_it_did(
    scene: str, size: tuple[int, int], tmp_path: Path, snap_compare: Callable[..., bool]
) -> None:
    folder = make_folder(tmp_path / "main-bar-3", "bar")
    keep = NoShiftKeeper if scene == "no_shift" else StillKeeper
    app = BarScreen(BarOptions(folder), keep)
    app._tick = app.paint  # type: ignore[method-assign]  # time stands still

    async def act(pilot: Pilot[int]) -> None:
        app.stage.told({"event": "opened"})
        await pilot.pause()
        await pilot.pause()
        SCENES[scene](app)
        await pilot.pause()
        app.paint()
        await pilot.pause()

    run_before: Callable[[Pilot[int]], Awaitable[None]] = act
    assert snap_compare(app, terminal_size=size, run_before=run_before)
