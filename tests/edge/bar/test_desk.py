"""What belongs to no single part of a till: its drawer, its printer, what it says in words."""

from pathlib import Path

import pytest

from edge.bar.desk import TillDesk, moves_cash
from edge.bar.sayings import names, say
from hardware.bench import BenchPrinter, ManualClock
from sync.facts import Declined, PaidOut, Sold, ToppedUp
from sync.names import Role
from tests.edge.bar.tills import BAND, BEER, Till
from tests.edge.boxes import NOW_MS, make_folder, opened


def test_the_drawer_opens_for_cash_and_for_nothing_else(tmp_path: Path) -> None:
    terminal = opened(make_folder(tmp_path / "bar", "bar"), Role.BAR, ManualClock(NOW_MS))
    printer = BenchPrinter()
    till = Till(terminal, TillDesk(terminal, printer=printer), ManualClock(NOW_MS))
    till.says(BEER, number=40)
    till.do("open_shift", float_minor=1_000)
    till.top_up(1, 2_000)
    assert printer.drawer_openings == 2
    lines = [[9, 1, 500, 0, 0, None]]
    till.do("sell", sale="01" * 16, lines=lines, wristband=BAND)
    till.do("sell", sale="02" * 16, lines=lines, payments=[["card", 500]])
    assert printer.drawer_openings == 2
    till.do("sell", sale="03" * 16, lines=lines, payments=[["cash", 500]])
    assert printer.drawer_openings == 3
    assert till.do("print", sale="03" * 16) == {"event": "done"}
    assert len(printer.slips) == 1
    terminal.close()


@pytest.mark.parametrize(
    "body, opens",
    [(ToppedUp(bytes(16), 1, 5, 2, 0, 0, None), True),
     (ToppedUp(bytes(16), 1, 5, 3, 0, 0, None), False),
     (PaidOut(bytes(16), 1, 5, 2, 0, 0, None), True),
     (Declined(bytes(16), 1, 5, "x", 0), False),
     (Sold(bytes(16), 0, 0, 0, (), ((2, 0, None, None),), 0, "", 0), False),
     (Sold(bytes(16), 0, 0, 0, (), ((2, -5, None, None),), 0, "", 0), True)],
)  # fmt: skip
def test_cash_is_moved_by(body: Sold, opens: bool) -> None:
    assert moves_cash(body) is opens


@pytest.mark.parametrize("name", names())
def test_everything_that_a_till_says_is_said_in_both_languages(name: str) -> None:
    both = {say(name, language, "1", "2") for language in ("en", "fr")}
    assert len(both) == 2
    assert all(len(text) < 160 for text in both)
