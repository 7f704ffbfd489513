"""The whole screen in real terminals: in tmux as an agent drives it, and before a recorded rush."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.gate.screen.words import word
from sync.facts import Admitted, GateSet, Refused, ZoneSet
from tests.edge.boxes import code_of
from tests.edge.gate.gates import (
    AGENT,
    BOSS,
    CANCELLED,
    GROUP,
    PIN,
    SINGLE,
    STAFF,
    badge,
)
from tests.edge.gate.screen.screens import furnished
from tests.rehearsal.gate_on_screen import ENDED_WORDS, GateOnScreen
from tests.rush import write_rush
from tests.tmux_screen import TmuxScreen, in_tmux

MINE = bytes([10]) * 16
PANEL_COLUMNS = 52


def furnish(folder: Path, *more: object) -> Path:
    from sync.facts import TicketStatus, TicketStatusSet

    withdrawn = TicketStatusSet(((CANCELLED, int(TicketStatus.CANCELLED), 1, None),))
    place, zone = GateSet(MINE, 1, "North", 1, ()), ZoneSet(1, 1, "Field", None)
    return furnished(folder, SINGLE, GROUP, place, zone, withdrawn, *more)  # type: ignore[arg-type]


@pytest.fixture
def gate_in_tmux(tmp_path: Path) -> Iterator[TmuxScreen]:
    folder = furnish(tmp_path / "gate", *STAFF)
    with in_tmux("gate", folder, panel_columns=PANEL_COLUMNS) as screen:
        yield screen


def test_an_agents_morning_in_a_real_terminal(gate_in_tmux: TmuxScreen) -> None:
    gate = gate_in_tmux
    gate.sees(word("sign_in", "en"))
    gate.scan(code_of(5))
    gate.sees(word("sign_in", "en"))
    gate.scan(badge(AGENT))
    gate.sees(word("pin", "en"))
    gate.press(*PIN, "Enter")
    gate.sees(word("ready_in", "en"), "GATE · N1")
    gate.scan(code_of(5))
    gate.sees("Welcome.", "inside 1")
    gate.scan(code_of(5))
    gate.sees("Somebody is inside on this ticket", "S: a supervisor can let them in.")
    gate.press("F1")
    gate.sees("Quelqu'un est déjà à l'intérieur")
    gate.press("F1")
    gate.scan(code_of(7, ticket_type=2))
    gate.sees("How many? 1 to 5")
    gate.press("3")
    gate.sees("Welcome.", "3 of 5 of the group are inside", "inside 4")
    gate.press("u")
    gate.sees(word("undone", "en"), "inside 1")
    gate.scan(code_of(CANCELLED))
    gate.sees("This ticket was cancelled.")
    gate.press("s", "1")
    gate.sees(word("supervisor_badge", "en"))
    gate.scan(badge(BOSS))
    gate.sees(word("pin", "en"))
    gate.press(*PIN, "Enter")
    gate.sees("Welcome.", "inside 2")
    gate.press("l")
    gate.sees("Log of this gate", "This ticket was cancelled.", "(S1)")
    gate.press("Escape", "o")
    gate.scan(code_of(5))
    gate.sees("Goodbye, see you soon.", "inside 1")
    gate.press("x")
    gate.sees(word("sign_in", "en"))
    gate.press("C-q")
    gate.sees(word("quit_question", "en"))
    gate.press("y")
    gate.sees("ended with 0")


def test_a_recorded_rush_is_worked_to_its_end_with_the_right_verdicts(tmp_path: Path) -> None:
    folder = furnish(tmp_path / "gate")
    serials = [1, 2, 3, CANCELLED, 4, 1, 5]
    video = tmp_path / "rush.avi"
    write_rush(video, [code_of(serial) for serial in serials], seed=3, guests_a_minute=36)
    gate = GateOnScreen(folder, "--camera", str(video))
    gate.start()
    gate.wait_for(ENDED_WORDS)
    gate.stop()
    bodies = [record.body for record in gate.records()]
    admitted = [body.serial for body in bodies if isinstance(body, Admitted)]
    refused = Counter((b.serial, b.reason) for b in bodies if isinstance(b, Refused))
    assert admitted == [1, 2, 3, 4, 5]
    assert refused == {(CANCELLED, "cancelled"): 1, (1, "already_inside"): 1}
