"""How the screen looks, to the last cell, on a small and on a larger terminal.

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

from edge.gate.outside import GateOptions
from edge.gate.screen.app import GateScreen
from edge.gate.screen.log_mode import Log
from edge.gate.screen.modes import TypedNumber
from edge.gate.screen.staff_modes import WhyOverride
from edge.screen.modes import Answer, Mode
from edge.screen.staff_modes import Pin
from provisioning.manifest import load
from sync.telling import tell_of
from tests.edge.boxes import make_folder
from tests.edge.screen.bench import HEALTH

COUNTERS = {
    "inside": 4_812,
    "capacity": 6_000,
    "admitted_here": 311,
    "last_minute": 9,
    "staff": "N1",
    "staff_needed": False,
    "rehearsal": False,
}
ADMIT = tell_of("admit", "", "en", serial=5, fact="fa", type_name="Weekend", guests=2)
GROUP = tell_of("ask", "group", "en", session="5e", guests_max=12, type_name="School class")
FIRST = {"gate": "Gate South", "at": "14:02", "at_ms": 0}
USED = tell_of("refuse", "cancelled", "en", session="5e", type_name="Weekend", first=FIRST)
ROW: Answer = {
    "at_ms": 0,
    "what": "refused",
    "serial": 15_508_089_749_963_478_294,
    "type_name": "Weekend",
    "guests": None,
    "reason": "cancelled",
    "sentences": {"en": "This ticket was cancelled.", "fr": "Ce billet a été annulé."},
    "supervisor": "S1",
}


class StillKeeper:
    """A gate behind the screen in which nothing ever happens by itself."""

    def __init__(self, options: GateOptions, *_: object) -> None:
        self.manifest = load(options.folder)
        self.intent = options.intent
        self.outside = Still()

    def start(self) -> None:
        """Do nothing."""

    def stop(self) -> None:
        """Do nothing."""

    def expect(self, _: str) -> None:
        """Do nothing."""

    def do(self, what: str, _: dict[str, Any]) -> "Future[Answer]":
        done: Future[Answer] = Future()
        done.set_result({"event": what, "rows": [ROW] * 30})
        return done

    def look(self) -> "Future[Answer]":
        done: Future[Answer] = Future()
        health = HEALTH | {"now_ms": 0, "revoked": False, "copied": False}
        done.set_result({"event": "look", "counters": COUNTERS, "health": health, "troubles": []})
        return done


@dataclass
class _Wiring:
    signals: tuple[()] = ()


class Still:
    """No hardware."""

    wiring = _Wiring()
    tells_direction = False


Act = Callable[[GateScreen], None]


def told(answer: Answer) -> Act:
    return lambda app: app.stage.told(answer)


def entered(mode: Callable[[], Mode[Any]]) -> Act:
    return lambda app: app.stage.enter(mode())


def _typing(app: GateScreen) -> None:
    app.stage.enter(TypedNumber())
    for key in "15508089":
        app.stage.key(key)


def _pin(app: GateScreen) -> None:
    app.stage.enter(Pin(print))
    for key in "2718":
        app.stage.key(key)


def _french(app: GateScreen) -> None:
    app.stage.language = "fr"
    app.stage.told(USED)


SCENES: dict[str, Act] = {
    "ready": lambda _: None,
    "admit": told(ADMIT),
    "ask_group": told(GROUP),
    "refuse": told(USED),
    "refuse_french": _french,
    "cannot_record": told({"event": "broken", "sentence": "database or disk is full"}),
    "pin": _pin,
    "why_override": entered(lambda: WhyOverride(USED)),
    "typing": _typing,
    "log": lambda app: Log().open(app.stage),
}


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["small", "large"])
@pytest.mark.parametrize("scene", SCENES)
def test_the_screen_looks_as_it_did(
    scene: str, size: tuple[int, int], tmp_path: Path, snap_compare: Callable[..., bool]
) -> None:
    folder = make_folder(tmp_path / "gate-north", "gate")
    app = GateScreen(GateOptions(folder), StillKeeper)  # type: ignore[arg-type]  # all that is asked of it
    app._tick = app.paint  # type: ignore[method-assign]  # time stands still

    async def act(pilot: Pilot[int]) -> None:
        app.stage.told({"event": "opened"})
        await pilot.pause()
        SCENES[scene](app)
        await pilot.pause()
        app.paint()
        await pilot.pause()

    run_before: Callable[[Pilot[int]], Awaitable[None]] = act
    assert snap_compare(app, terminal_size=size, run_before=run_before)
