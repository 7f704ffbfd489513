"""A whole shift at the real screen in tmux, with a real office on a cable that is pulled.

Afterwards three add it up who do not know of each other: the till's Z, the office's own walk, and
this test from the journal.
"""

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.bar.screen.words import word
from sync.facts import ShiftClosed, Sold
from tests.edge.bar.screen.test_shift_on_screen import independent_sums
from tests.rehearsal.boxes import Box, Office, guichet
from tests.rehearsal.cable import Cable
from tests.rehearsal.on_screen import OnScreen
from tests.tmux_screen import TmuxScreen, in_tmux

PIN = "271828"
JUST_PAID_S = 3
COLA: dict[str, Any] = {"kind": "product", "product": 1, "name": "Cola", "category": "Soft",
                        "price": 300, "vat": 550, "deposit": 100}  # fmt: skip
BEER: dict[str, Any] = {"kind": "product", "product": 2, "name": "Pale pint", "category": "Beer",
                        "price": 500, "vat": 2000, "deposit": 100, "half": 260}  # fmt: skip


class Fair:
    """An office with a price list, staff and wristbands, and one till on a cable."""

    def __init__(self, folder: Path) -> None:
        self.office = Office(folder / "office", 5, "Fair", "EUR")
        self.office.do("policy", "--set", "code_only_daily=none", "--set", "auto_lock_seconds=0")
        self.office.say([COLA, BEER])
        self.seller = self._staff("B1", "seller,cashier")
        self.boss = self._staff("S1", "supervisor")
        issued = self.office.do("issue", "--kind", "wristband", "--count", "3", "--short-numbers")
        self.bands = [row.split("\t")[1] for row in issued.splitlines()]
        self.office.serve()
        self.cable = Cable(self.office.port)
        self.till = folder / "till"
        self.office.enrol(self.till, "bar", "Main till", 1, self.cable.port)

    def _staff(self, sign: str, rights: str) -> str:
        words = ("--call-sign", sign, "--rights", rights, "--pin-from-input")
        said = guichet("cloud", "staff", self.office.folder, *words, given=PIN + "\n")
        return next(row.split("\t")[1] for row in said.splitlines() if row.startswith("code"))

    def close(self) -> None:
        self.cable.close()
        self.office.stop()


@pytest.fixture
def fair(tmp_path: Path) -> Iterator[Fair]:
    one = Fair(tmp_path)
    yield one
    one.close()


def green(till: TmuxScreen, *parts: str) -> None:
    till.sees(word("any_key", "en"), *parts)
    till.press("Escape")
    till.sees(word("to_pay", "en"))


def approved(till: TmuxScreen, badge: str) -> None:
    till.sees(word("supervisor_badge", "en"))
    till.scan(badge)
    till.sees(word("pin", "en"))
    till.press(*PIN, "Enter")


def begin(till: TmuxScreen, fair: Fair) -> None:
    till.sees(word("sign_in", "en"))
    till.scan(fair.seller)
    till.sees(word("pin", "en"))
    till.press(*PIN, "Enter")
    till.sees(word("no_shift", "en"))
    till.press("Enter", "s", *"10000", "Enter")
    till.sees("shift 1 · B1", "Cola", "connected")


def top_up(till: TmuxScreen, band: str, times: int) -> None:
    for number in range(1, times + 1):
        till.scan(band)
        till.sees(word("band_top_up", "en"))
        till.press("1", "r", "Enter")
        till.sees(f"Now on it: {50 * number}.00")
        till.press("Escape")
        till.sees(word("to_pay", "en"))


def twenty_baskets(till: TmuxScreen, band: str, other: str) -> None:
    """Sell beyond the alone limit, to wristband, in cash and by card; take cups back; park."""
    till.press("F4", "q", "F4", "q", "F4", "q", "F4", "q")
    till.sees("16 × Cola")
    till.scan(band)
    green(till, "136.00 € left")
    for number in range(1, 5):
        till.press("q")
        till.sees("1 × Cola")
        till.scan(other)
        green(till, f"{100 - 4 * number}.00 € left")
        till.press("q")
        till.sees("1 × Cola")
        till.scan(band)
        green(till, f"{136 - 4 * number}.00 € left")
    for _ in range(5):
        till.press("q", "Enter", "w")
        green(till, "change 6.00")
    for number in range(3):
        till.press("2", "q", "F8", *f"A{number}", "Enter")
        green(till, "6.00 € paid")
    till.press("1", "q", "F10")
    till.sees(word("basket_empty", "en"), "1 parked")
    till.press("Space", "Space", "Enter")
    green(till, "2.00")
    till.press("F10", "Enter")
    till.sees("1 × Cola")
    till.press("Enter", "Enter")
    green(till, "4.00 € paid")


def undone(till: TmuxScreen, fair: Fair) -> None:
    """Void the last sale, and pay back one unit of the one before it."""
    till.press("V")
    till.sees("Take the last sale back: 4.00")
    till.press("y")
    till.sees("4.00 € goes back to the guest.")
    till.press("Escape", "H")
    till.sees(word("history_title", "en"))
    till.press("Down", "Down", "Enter")
    till.sees("Pale pint")
    till.press("+", "r")
    approved(till, fair.boss)
    till.sees("goes back to the guest.")
    till.press("Escape")


def lost(till: TmuxScreen, band: str, fresh: str) -> None:
    """Give a claim code out, lose the wristband, and link a fresh one on the office's word."""
    till.scan(band)
    till.sees(word("band_claim", "en"))
    till.press("4")
    said = till.sees("shown once:")
    found = re.search(r"wristband ([0-9 ]{13}), shown once: ([0-9 ]{14})", said)
    assert found is not None, said
    till.press("Escape", "W")
    till.sees(word("lost_number", "en"))
    till.press(*found[1].replace(" ", ""), "Enter")
    till.sees(word("lost_claim", "en"))
    till.press("2", *found[2].replace(" ", ""), "Enter")
    till.sees(word("fresh_band", "en"))
    till.scan(fresh)
    till.sees(word("linked", "en"))
    till.press("Escape")
    till.press("q")
    till.scan(band)
    till.sees(word("basket_stays", "en"), "blocked")
    till.press("Escape")
    till.scan(fresh)
    till.sees("another wristband")
    till.press("o")
    green(till, "116.00 € left")


def alone(till: TmuxScreen, fair: Fair, band: str) -> None:
    """Sell while nobody is heard: a little, not more than the limit, and be level again."""
    fair.cable.pull()
    till.sees("ALONE since")
    till.press("q")
    till.scan(band)
    green(till, "Sold while alone", "112.00 € left")
    till.press("F4", "q", "F4", "q", "F4", "q")
    till.sees("12 × Cola")
    threading.Event().wait(JUST_PAID_S)  # until then the same wristband opens nothing
    till.scan(band)
    till.sees("46.00 EUR can be paid", word("basket_stays", "en"))
    till.press("Escape", "C")
    fair.cable.plug()
    till.sees("connected", "0 only here")


def ended(till: TmuxScreen) -> str:
    """Close the shift with what is in the drawer, and stop the till."""
    till.press("E", "s", *"30000", "Enter")
    said = till.sees("must be in the drawer", word("close_question", "en"))
    till.press("y")
    till.sees("Z report · shift 1", "0 only here")
    till.press("Escape", "C-q")
    till.sees(word("quit_question", "en"))
    till.press("y")
    till.sees("ended with 0")
    return said


def test_a_shift_in_tmux_adds_up_the_same_for_till_office_and_journal(fair: Fair) -> None:
    with in_tmux("bar", fair.till) as till:
        begin(till, fair)
        top_up(till, fair.bands[0], 4)
        top_up(till, fair.bands[2], 2)
        twenty_baskets(till, fair.bands[0], fair.bands[2])
        undone(till, fair)
        lost(till, fair.bands[0], fair.bands[1])
        alone(till, fair, fair.bands[1])
        said = ended(till)
    bodies = [record.body for record in OnScreen("bar", fair.till, ready_words="").records()]
    sums = independent_sums(bodies)
    assert sums["sales"] == sum(isinstance(body, Sold) for body in bodies) == 21
    closed = next(body for body in bodies if isinstance(body, ShiftClosed))
    assert closed.expected == 10_000 + sums["cash"]
    spelled = f"{closed.expected // 100}.{closed.expected % 100:02d} €"
    assert f"must be in the drawer {spelled}" in said
    box = Box(fair.till, "bar")
    box.start()
    z = box.ask("report", shift=1)
    box.stop()
    assert (z["gross"], z["sales"], z["check"]) == (sums["gross"], 21, "")
    (shift,) = fair.office.ask("/api/v1/shifts")
    whole = fair.office.ask(f"/api/v1/shifts/{shift['terminal']}/1")
    assert (shift["complete"], shift["missing"]) == (True, 0)
    assert whole["totals"]["gross"] == sums["gross"]
