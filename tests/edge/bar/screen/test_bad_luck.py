"""A full disk, a dead till, prices that change, hands that swap: nothing of it is lost."""

import asyncio
import json
import os
import shutil
import signal
from dataclasses import replace
from pathlib import Path

from edge.bar.cart import Cart, cart_of
from edge.bar.screen.pay_modes import Paid
from edge.bar.screen.selling import Selling
from edge.bar.screen.words import word
from edge.screen.staff_modes import Closed, Supervisor
from edge.store.store import look_into
from hardware.ports import Heard
from sync.facts import PinRefused, Sold
from tests.edge.bar.screen.screens import (
    Shown,
    furnished,
    policy,
    product,
    running_screen,
    staffed,
)
from tests.edge.bar.tills import PIN, SELLER, badge, band, voucher
from tests.full_disk import fill
from tests.rehearsal.on_screen import OnScreen

READY = "Pale pint"


def sold(shown: Shown) -> list[Sold]:
    """Return the sales that are on the disk."""
    box = shown.app.stage.keeper.box
    assert box is not None
    me = box.terminal.manifest.terminal_id
    bodies = [record.body for record in box.terminal.store.newest_of(me, 1_000)]
    return [body for body in bodies if isinstance(body, Sold)]


async def with_money(shown: Shown, serial: int = 77) -> None:
    """Open a shift where nobody is known, and put 50.00 on a wristband."""
    await shown.open_shift()
    await shown.show(band(serial))
    await shown.sees(word("band_top_up", "en"))
    await shown.press("1", "r", "enter")
    await shown.sees("Now on it: 50.00")
    await shown.press("escape")


async def test_on_a_full_disk_nothing_is_green_and_the_basket_stays(
    small_disk: Path, tmp_path: Path
) -> None:
    folder = furnished(tmp_path / "till")
    shutil.copytree(folder, small_disk / "till")
    async with running_screen(small_disk / "till") as shown:
        await with_money(shown)
        await shown.press("5", "q", "w")
        rests = [fill(small_disk)]
        for number in range(1, 200):
            await shown.show(band(77))
            await shown.pilot.pause()
            assert not isinstance(shown.app.stage.mode, Paid)
            if shown.app.stage.broken:
                break
            rests.append(fill(small_disk, number))
        await shown.sees(word("cannot_record", "en"))
        assert shown.app.stage.hand.cart.total == 700
        for rest in rests:
            rest.unlink()
        await shown.until(lambda _: shown.app.stage.keeper.box is not None, "an open store")
        await shown.sees("1 × Cola", "1 × Water")
        assert sold(shown) == []
        await shown.show(band(77))
        await shown.sees("7.00 € — 43.00 € left")
        assert len(sold(shown)) == 1


async def test_a_sale_whose_answer_was_lost_is_not_in_hand_again(tmp_path: Path) -> None:
    async with running_screen(furnished(tmp_path / "till")) as shown:
        await with_money(shown)
        await shown.press("5", "q")
        cart = shown.app.stage.hand.cart
        await shown.show(band(77))
        await shown.sees("4.00 € — 46.00 € left")
        await shown.press("escape")
        shown.app.stage.hand.take(cart)  # as if nobody had heard the answer
        await shown.until(lambda _: not shown.app.stage.hand.cart, "an empty hand")
        await shown.sees("4.00 € — 46.00 € left ·")
        assert len(sold(shown)) == 1


def in_hand(folder: Path) -> int:
    """Return how many things the basket holds that a power cut would leave."""
    store = look_into(folder)
    kept = store.kept("cart:").get("hand")
    store.connection.close()
    cart = cart_of(json.loads(kept)["cart"]) if kept else Cart()
    return sum(choice.quantity for choice in cart.choices)


async def test_a_basket_comes_back_after_a_power_cut(tmp_path: Path) -> None:
    folder = furnished(tmp_path / "till")
    async with running_screen(folder) as shown:
        await with_money(shown)
    till = OnScreen("bar", folder, ready_words=READY)
    till.start()
    till.press("5")
    till.wait_for("Water")
    for key in ("q", "w", "w"):
        till.press(key)
        await asyncio.sleep(0.1)
    for _ in range(200):
        if in_hand(folder) == 3:
            break
        await asyncio.sleep(0.05)
    os.kill(till.pid, signal.SIGKILL)
    assert till._child is not None
    till._child.wait()
    async with running_screen(folder) as shown:
        await shown.sees("1 × Cola", "2 × Water", word("back_in_hand", "en"))
        kept = shown.app.stage.hand.cart.sale
        await shown.show(band(77))
        await shown.sees("left")
        assert [body.sale.hex() for body in sold(shown)] == [kept]
    async with running_screen(folder) as shown:
        await shown.sees("last: ✔", "left ·")
        assert not shown.app.stage.hand.cart


async def test_a_price_that_changes_does_not_change_what_is_in_hand(tmp_path: Path) -> None:
    async with running_screen(furnished(tmp_path / "till")) as shown:
        await with_money(shown)
        await shown.press("5", "q")
        dear = replace(product(8, "Cola", "Soft", 330, vat=550), version=2)
        await shown.hears(dear, number=60)
        await shown.sees("3.30", "1 × Cola")
        await shown.press("q")
        await shown.show(band(77))
        await shown.sees("8.30 € — 41.70 € left")


async def test_another_hand_does_not_pay_for_the_one_before(tmp_path: Path) -> None:
    async with running_screen(furnished(tmp_path / "till")) as shown:
        await with_money(shown)
        await shown.press("5", "f4", "q", "f4", "q", "f4", "q", "f4", "q")
        await shown.show(band(77))
        await shown.sees("There is not enough on this wristband")
        await shown.show(band(78))
        await shown.sees("another wristband than the one that began to pay")
        await shown.press("escape")
        await shown.sees("16 × Cola")
        assert sold(shown) == []


async def test_a_second_tap_on_green_sells_nothing(tmp_path: Path) -> None:
    async with running_screen(furnished(tmp_path / "till")) as shown:
        await with_money(shown)
        await shown.press("5", "q")
        await shown.show(band(77))
        await shown.sees("46.00 € left")
        await shown.show(band(77))
        await shown.show(band(77))
        await shown.sees(word("look_band", "en"))
        await shown.show(band(77))
        assert isinstance(shown.app.stage.mode, Selling)
        assert len(sold(shown)) == 1


async def test_two_taps_at_once_sell_once(tmp_path: Path) -> None:
    async with running_screen(furnished(tmp_path / "till")) as shown:
        await with_money(shown)
        await shown.press("5", "q")
        hear = shown.app.stage.keeper.outside.hear
        heard = Heard(band(77), None, "scanner")
        await asyncio.gather(*[asyncio.to_thread(hear, heard) for _ in range(5)])
        await shown.sees("46.00 € left")
        assert len(sold(shown)) == 1


async def test_green_goes_by_itself(tmp_path: Path) -> None:
    async with running_screen(furnished(tmp_path / "till")) as shown:
        await with_money(shown)
        await shown.press("5", "q")
        await shown.show(band(77))
        await shown.sees("46.00 € left")
        await asyncio.sleep(1.2)
        await shown.sees(word("look_band", "en"))


async def test_a_till_that_nobody_touches_locks_itself_and_keeps_its_basket(tmp_path: Path) -> None:
    folder = staffed(tmp_path / "till", policy(auto_lock_seconds=2))
    async with running_screen(folder) as shown:
        await shown.sign_in()
        await shown.open_shift()
        await shown.press("5", "q")
        await shown.sees(word("sign_in", "en"))
        await shown.press("q", "enter")
        await shown.show(band(77))
        assert isinstance(shown.app.stage.mode, Closed)
        await shown.show(badge(SELLER)["badge"])
        await shown.press(*"000000", "enter")
        await shown.sees("not the PIN")
        await shown.sees(word("sign_in", "en"))
        await shown.sign_in()
        await shown.sees("1 × Cola")
        box = shown.app.stage.keeper.box
        assert box is not None
        me = box.terminal.manifest.terminal_id
        bodies = [record.body for record in box.terminal.store.newest_of(me, 50)]
        assert any(isinstance(body, PinRefused) for body in bodies)


async def test_a_wrong_badge_for_an_approval_leaves_everything_as_it_was(tmp_path: Path) -> None:
    async with running_screen(staffed(tmp_path / "till")) as shown:
        await shown.sign_in()
        await shown.open_shift()
        await shown.press("5", "q", "N")
        await shown.until(lambda _: isinstance(shown.app.stage.mode, Supervisor), "the question")
        await shown.show(badge(SELLER)["badge"])
        await shown.press(*PIN, "enter")
        await shown.sees("This badge may not do that")
        await shown.press("escape")
        await shown.sees("1 × Cola")
        assert sold(shown) == []


async def test_a_voucher_pays_what_fits_best_and_is_judged_again_with_the_basket(
    tmp_path: Path,
) -> None:
    async with running_screen(furnished(tmp_path / "till")) as shown:
        await with_money(shown)
        await shown.show(voucher(900))
        await shown.sees(word("voucher_first_choose", "en"))
        await shown.press("5", "w")
        await shown.show(voucher(900))
        await shown.sees("voucher Crew drink −2.00")
        await shown.press("q")
        await shown.sees("voucher Crew drink −3.00")
        await shown.press("up", "delete")
        await shown.sees("voucher Crew drink")
        await shown.show(band(77))
        await shown.sees(" left")
        await shown.press("escape", "5", "q")
        await shown.show(voucher(900))
        await shown.sees("This voucher was used already.")


async def test_what_is_sold_out_meanwhile_cannot_be_chosen(tmp_path: Path) -> None:
    async with running_screen(furnished(tmp_path / "till")) as shown:
        await shown.open_shift()
        await shown.press("O", "5", "q", "2")
        await shown.sees("sold out")
        await shown.press("q")
        assert not shown.app.stage.hand.cart
        await shown.press("O", "q", "1")
        await shown.until(lambda text: "sold out" not in text, "on offer again")
        await shown.press("q")
        await shown.sees("1 × Cola")


async def test_a_camera_that_is_not_there_is_said_and_scanners_go_on(tmp_path: Path) -> None:
    async with running_screen(furnished(tmp_path / "till"), camera="/dev/video97") as shown:
        await shown.sees(word("camera_unplugged", "en")[:30])
        await with_money(shown)


class Reader:
    """A reader that can be unplugged."""

    trouble = "NFC reader was unplugged"

    def close(self) -> None:
        """Do nothing."""


async def test_a_reader_that_is_unplugged_is_said_and_everything_else_goes_on(
    tmp_path: Path,
) -> None:
    async with running_screen(furnished(tmp_path / "till")) as shown:
        await with_money(shown)
        outside, reader = shown.app.stage.keeper.outside, Reader()
        outside.wiring = replace(outside.wiring, sources=(reader,))  # type: ignore[arg-type]  # enough
        await shown.press("5", "q")
        await shown.sees(word("reader_lost", "en"), "1 × Cola")
        await shown.show(band(77))
        await shown.sees("46.00 € left")
        reader.trouble = ""
        await shown.until(lambda text: word("reader_lost", "en") not in text, "the reader")


async def test_a_strange_code_is_said_beside_the_basket_and_changes_nothing(tmp_path: Path) -> None:
    async with running_screen(furnished(tmp_path / "till")) as shown:
        await shown.open_shift()
        await shown.press("5", "q")
        await shown.show("https://example.org")
        await shown.sees("1 × Cola", "This is not a")


async def test_a_scanner_that_types_a_foreign_code_pays_nothing(tmp_path: Path) -> None:
    async with running_screen(furnished(tmp_path / "till")) as shown:
        await shown.open_shift()
        await shown.press("5", "q")
        app = shown.app
        for number, char in enumerate("4006381333931"):
            app._typed(app._wedge.press(char, char, 50_000 + number))
        app._typed(app._wedge.press("enter", "\r", 50_014))
        await shown.pilot.pause()
        assert isinstance(app.stage.mode, Selling)
        assert app.stage.hand.cart.total == 400


async def test_a_wristband_that_a_scanner_types_pays(tmp_path: Path) -> None:
    async with running_screen(furnished(tmp_path / "till")) as shown:
        await with_money(shown)
        await shown.press("5", "q")
        app = shown.app
        for number, char in enumerate(band(77)):
            app._typed(app._wedge.press(char, char, 50_000 + number))
        app._typed(app._wedge.press("enter", "\r", 50_000 + len(band(77))))
        await shown.sees("46.00 € left")
