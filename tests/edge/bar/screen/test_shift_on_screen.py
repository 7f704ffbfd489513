"""A seller's whole shift before the screen; its Z against an independent sum."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge.bar.screen.shift_modes import Report
from edge.bar.screen.words import word
from sync.facts import LineKind, Method, PaidOut, Refunded, ShiftClosed, Sold, ToppedUp, Voided
from sync.journal import Record
from tests.edge.bar.screen.screens import Shown, running_screen, staffed
from tests.edge.bar.tills import BOSS, CASHIER, PIN, badge, band, voucher

GOODS = {LineKind.ITEM, LineKind.HALF, LineKind.DOUBLE, LineKind.MIXER, LineKind.DISCOUNT}
GUESTS = (77, 78, 79)


async def approve(shown: Shown, number: int = CASHIER) -> None:
    """Show a colleague's badge and type the PIN."""
    await shown.sees(word("supervisor_badge", "en"))
    await shown.show(badge(number)["badge"])
    await shown.sees(word("pin", "en"))
    await shown.press(*PIN, "enter")


async def old_enough(shown: Shown) -> None:
    await shown.sees("Ask for a proof of age.")
    await shown.press("y")


async def green(shown: Shown, *parts: str) -> None:
    """Wait for green and go back to the grid."""
    await shown.sees(word("any_key", "en"), *parts)
    await shown.press("escape")
    await shown.sees(word("to_pay", "en"), word("key_cash", "en"))


async def top_up(shown: Shown, serial: int, key: str) -> None:
    """Put money on a wristband that nothing is bought with."""
    await shown.show(band(serial))
    await shown.sees(word("band_top_up", "en"))
    await shown.press("1", key, "enter")
    await approve(shown)
    await shown.sees("Now on it")
    await shown.press("escape")


async def pays(shown: Shown, serial: int, *keys: str, is_adult: bool = False) -> None:
    """Choose, tap, and see green."""
    await shown.press(*keys)
    await shown.show(band(serial))
    if is_adult:
        await old_enough(shown)
    await green(shown, "left")


async def by_wristband(shown: Shown) -> None:
    """Ten baskets: modifiers, cups, tips, another wristband, a top-up in between, a voucher."""
    for serial in GUESTS:
        await top_up(shown, serial, "r")
    await pays(shown, 77, "1", "q", "q", is_adult=True)
    await asyncio.sleep(0.1)
    await pays(shown, 78, "5", "q", "w", "space", "space")
    await pays(shown, 79, "f3", "q")
    await pays(shown, 77, "1", "f5", "q", "f6", "q", "space", is_adult=True)
    await pays(shown, 78, "4", "f6", "f7", "q", is_adult=True)
    await pays(shown, 79, "6", "q", "plus", "plus", "minus")
    await shown.press("5", "q", "I", "w")
    await pays(shown, 77, "w")
    await shown.press("5", "q", "T", "w", "enter")
    await shown.show(band(78))
    await approve(shown)
    await green(shown, "left")
    await shown.press("5", "q", "w")
    await shown.show(voucher(900))
    await shown.sees("voucher Crew drink", "−3.00")
    await shown.press("w")
    await shown.sees("2 × Water")
    await pays(shown, 79)
    await shown.press("5", "f4", "space", "enter")
    await green(shown, "4.00")


async def otherwise(shown: Shown) -> None:
    """More: cash with change, card, parts, two wristbands, a discount, the house, one parked."""
    await shown.press("5", "q", "enter", "w")
    await green(shown, "change 6.00", "4.00")
    await shown.press("6", "q", "enter", "enter")
    await green(shown, "3.50")
    await shown.press("5", "w", "f8", *"A7", "enter")
    await green(shown, "3.00")
    await shown.press("5", "q", "q", "f9", "3", "0", "0", "c")
    await shown.sees("Left to pay: 5.00")
    await shown.show(band(77))
    await green(shown, "left")
    await shown.press("5", "q", "q", "f9", "1", "0", "0")
    await shown.show(band(78))
    await shown.sees("Left to pay: 7.00")
    await shown.show(band(79))
    await green(shown, "left")
    await shown.press("6", "q", "D", "w")
    await shown.sees("(−0.70)")
    await shown.show(band(77))
    await approve(shown)
    await green(shown, "left")
    await shown.press("5", "w", "N")
    await approve(shown)
    await green(shown)
    await shown.press("5", "q", "f10")
    await shown.sees(word("basket_empty", "en"))
    await shown.press("6", "q", "enter", "q")
    await green(shown, "change 1.50")
    await shown.press("f10")
    await shown.sees(word("parked_title", "en"), "4.00")
    await shown.press("enter")
    await shown.sees("1 × Cola")
    await pays(shown, 78)


async def undone(shown: Shown) -> None:
    """Take the last sale back, lines of an older one, and pay one unit of a third back."""
    await pays(shown, 77, "5", "q")
    await shown.press("V")
    await shown.sees("Take the last sale back: 4.00")
    await shown.press("y")
    await shown.sees("4.00 € goes back to the guest.")
    await shown.press("escape", "H")
    await shown.sees(word("history_title", "en"))
    await shown.press("down", "down", "enter")
    await shown.sees(word("mark_how", "en")[:20])
    await shown.press("v")
    await approve(shown)
    await shown.sees("goes back to the guest.")
    await shown.press("escape", "H", "down", "enter", "plus", "r")
    await approve(shown, BOSS)
    await shown.sees("goes back to the guest.")
    await shown.press("escape")


async def lost_wristband(shown: Shown) -> None:
    await shown.show(band(79))
    await shown.sees(word("band_lost", "en"))
    await shown.press("5", "1")
    await approve(shown)
    await shown.sees(word("blocked", "en"))
    await shown.press("escape")
    await shown.press("5", "w")
    await shown.show(band(79))
    await shown.sees(word("basket_stays", "en"), "blocked")
    await shown.press("escape", "C")


def own(shown: Shown) -> Sequence[Record]:
    box = shown.app.stage.keeper.box
    assert box is not None
    store, me = box.terminal.store, box.terminal.manifest.terminal_id
    return store.newest_of(me, 10_000)[::-1]


def independent_sums(bodies: list[Any]) -> dict[str, int]:
    """Add up a shift from its facts, knowing nothing of reports."""
    sold = {body.sale: body for body in bodies if isinstance(body, Sold)}
    gross = cash = deposits = 0
    for body in bodies:
        rows: list[tuple[Any, int]] = []
        if isinstance(body, Sold):
            rows = [(line, line[1]) for line in body.lines]
            cash += sum(row[1] for row in body.payments if row[0] == Method.CASH)
        elif isinstance(body, Voided):
            lines = sold[body.sale].lines
            rows = [(lines[at], -lines[at][1]) for at in body.lines]
            if {row[0] for row in sold[body.sale].payments} == {Method.CASH}:
                cash += sum(line[2] * count for line, count in rows)
        elif isinstance(body, Refunded):
            rows = [(sold[body.sale].lines[body.line], -body.quantity)]
            cash += sum(row[1] for row in body.payments if row[0] == Method.CASH)
        elif isinstance(body, ToppedUp) and body.method == Method.CASH:
            cash += body.amount
        elif isinstance(body, PaidOut):
            cash -= body.amount
        gross += sum(line[2] * count for line, count in rows if line[4] in GOODS)
        deposits += sum(line[2] * count for line, count in rows if line[4] == LineKind.DEPOSIT)
    return {"gross": gross, "cash": cash, "deposits": deposits, "sales": len(sold)}


async def test_a_whole_shift_and_its_z_is_what_the_journal_comes_to(tmp_path: Path) -> None:
    folder = staffed(tmp_path / "till")
    async with running_screen(folder) as shown:
        await shown.sees(word("sign_in", "en"))
        await shown.sign_in()
        await shown.open_shift()
        await by_wristband(shown)
        await otherwise(shown)
        await undone(shown)
        await lost_wristband(shown)
        await shown.press("E", "s", *"20000", "enter")
        await shown.sees(word("close_question", "en"))
        await shown.press("y")
        await shown.sees("Z report")
        mode = shown.app.stage.mode
        assert isinstance(mode, Report)
        report = mode.report
        bodies = [record.body for record in own(shown)]
        sums = independent_sums(bodies)
        assert report["sales"] == sums["sales"] == 20
        assert report["gross"] == sums["gross"]
        assert report["drawer"]["expected"] == 10_000 + sums["cash"]
        assert report["drawer"]["difference"] == 10_000 - sums["cash"]
        assert report["check"] == ""
        assert isinstance(bodies[-1], ShiftClosed)
