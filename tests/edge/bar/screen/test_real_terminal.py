"""The till's whole screen in a real terminal, as a seller drives it."""

from pathlib import Path

from edge.bar.screen.words import word
from sync.facts import ShiftClosed, Sold
from tests.edge.bar.screen.screens import staffed
from tests.edge.bar.tills import CASHIER, PIN, SELLER, badge, band
from tests.rehearsal.on_screen import OnScreen
from tests.tmux_screen import TmuxScreen, in_tmux


def approve(till: TmuxScreen, number: int = CASHIER) -> None:
    till.sees(word("supervisor_badge", "en"))
    till.scan(badge(number)["badge"])
    till.sees(word("pin", "en"))
    till.press(*PIN, "Enter")


def test_a_sellers_shift_in_a_real_terminal(tmp_path: Path) -> None:
    folder = staffed(tmp_path / "till")
    with in_tmux("bar", folder) as till:
        till.sees(word("sign_in", "en"))
        till.scan(badge(SELLER)["badge"])
        till.sees(word("pin", "en"))
        till.press(*PIN, "Enter")
        till.sees(word("no_shift", "en"))
        till.press("Enter", "s", *"10000", "Enter")
        till.sees("shift 1 · B1", "Pale pint")
        till.scan(band(77))
        till.sees(word("band_top_up", "en"))
        till.press("1", "r", "Enter")
        approve(till)
        till.sees("Now on it: 50.00 €")
        till.press("Escape", "5", "q", "F3", "w", "Space")
        till.sees("1 × Cola", "3 × Water", "1 × cup back")
        till.press("Enter", "Enter")
        till.sees("12.00 € paid")
        till.press("F1", "F1", "Escape", "q")
        till.press("F10")
        till.sees(word("basket_empty", "en"), "1 parked")
        till.press("F10", "Enter")
        till.sees("1 × Cola")
        till.press("V")
        till.sees("Take the last sale back: 12.00 €")
        till.press("y")
        till.sees("12.00 € goes back to the guest.")
        till.press("Escape")
        till.sees("1 × Cola")
        till.press("Enter", "w")
        till.sees("change 6.00 €")
        till.press("Escape", "E", "s", *"15400", "Enter")
        till.sees("must be in the drawer 154.00 €", "difference 0.00 €")
        till.press("y")
        till.sees("Z report · shift 1")
        till.press("Escape")
        till.sees(word("no_shift", "en"))
        till.press("C-q")
        till.sees(word("quit_question", "en"))
        till.press("y")
        till.sees("ended with 0")
    bodies = [record.body for record in OnScreen("bar", folder, ready_words="").records()]
    assert sum(isinstance(body, Sold) for body in bodies) == 2
    assert [body.counted for body in bodies if isinstance(body, ShiftClosed)] == [15_400]
