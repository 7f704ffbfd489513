"""Fingers do what keys do, and nothing that is on a price list breaks the screen."""

from pathlib import Path

import pytest

from edge.bar.screen.pay_modes import Paid
from edge.bar.screen.words import word
from tests.edge.bar.screen.screens import Shown, furnished, product, running_screen
from tests.edge.bar.screen.test_bad_luck import sold, with_money
from tests.edge.bar.screen.test_views import NAMES
from tests.edge.bar.tills import band


async def touch(shown: Shown, words: str) -> None:
    """Put a finger on the first place where these words stand."""
    await shown.sees(words)
    for y, row in enumerate(shown.rows()):
        if words in row:
            x = row.index(words)
            cells = len(row[:x])
            await shown.pilot.click(offset=(cells, y))
            await shown.pilot.pause()
            return
    message = f"nowhere: {words}"
    raise AssertionError(message)


async def test_a_whole_sale_is_made_with_fingers(tmp_path: Path) -> None:
    async with running_screen(furnished(tmp_path / "till")) as shown:
        await shown.open_shift()
        for words in ("5 Soft", "Cola", "×2", "Water", "−1 CUP", "1 × Cola", "more", "cash"):
            await touch(shown, words)
        await shown.sees(word("cash_given", "en"), "2 × Cola")
        await touch(shown, "20.00")
        await shown.until(lambda _: isinstance(shown.app.stage.mode, Paid), "green")
        await shown.sees("change 7.00 €")
        assert [len(one.lines) for one in sold(shown)] == [5]
        await shown.press("escape")
        await touch(shown, "MORE")
        await touch(shown, "last sales")
        await shown.sees(word("history_title", "en"), "13.00")
        await touch(shown, "back")
        await touch(shown, "void last")
        await shown.sees("Take the last sale back: 13.00")
        await touch(shown, "yes")
        await shown.sees("13.00 € goes back to the guest.")
        await shown.press("escape")
        await touch(shown, "français")
        await shown.sees(word("to_pay", "fr"))


async def test_the_wheel_goes_through_the_lines_of_the_basket(tmp_path: Path) -> None:
    async with running_screen(furnished(tmp_path / "till")) as shown:
        await shown.open_shift()
        await shown.press("5", "q", "w", "up")
        await shown.sees("▸1 × Cola")
        shown.app.stage.key("down")
        shown.app.paint()
        await shown.sees("▸1 × Water")


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 50), (40, 12)])
async def test_products_of_any_name_are_sold_on_any_screen(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    strange = [
        product(100 + n, name or "-", "冰镇 [b]الصنف", 100 + n) for n, name in enumerate(NAMES)
    ]
    async with running_screen(furnished(tmp_path / "till", *strange), size=size) as shown:
        if size[0] < 80:
            return  # it opened, and that is all that is promised there
        await with_money(shown)
        await shown.press("7", *"qwertyuio")
        stage = shown.app.stage
        assert len(stage.hand.cart.choices) == len(NAMES)
        await shown.show(band(77))
        await shown.sees(" left")
        await shown.press("escape", "H")
        await shown.sees(word("history_title", "en"))
        await shown.press("enter")
        await shown.sees(word("void_lines", "en"))


async def test_what_was_parked_is_there_after_a_restart(tmp_path: Path) -> None:
    folder = furnished(tmp_path / "till")
    async with running_screen(folder) as shown:
        await shown.open_shift()
        await shown.press("5", "q", "q", "f10")
        await shown.sees("1 parked")
        await shown.press("w")
        await shown.sees("1 × Water")
    async with running_screen(folder) as shown:
        await shown.sees("1 parked", "1 × Water")
        await shown.press("C", "f10")
        await shown.sees(word("parked_title", "en"), "8.00 €")
        await shown.press("enter")
        await shown.sees("2 × Cola")
        await shown.press("P")
        await shown.sees(word("parked_none", "en"))
