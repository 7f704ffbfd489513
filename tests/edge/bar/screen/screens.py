"""A till's screen over a real folder, with a price list, staff and wristbands."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from edge.bar.outside import BarOptions
from edge.bar.screen.app import BarScreen
from sync.body import Body
from sync.catalogue import Setting
from sync.facts import BarSet, PolicySet, ProductSet, VoucherSet
from sync.names import Role
from tests.edge.bar.tills import PIN, SELLER, STAFF
from tests.edge.bar.tills import badge as badge_and_pin
from tests.edge.screen import shown

KEY_S: Final = 0.02
MINE: Final = bytes([10]) * 16
BAR: Final = 3


def product(number: int, name: str, category: str, price: int, **more: Any) -> ProductSet:
    """Return a product of the price list."""
    fields: dict[str, Any] = {"vat": 2000, "deposit": 100, "age": 0, "on_sale": True} | more
    return ProductSet(number, 1, name, category, price, **fields)


MENU: Final = (
    product(1, "Pale pint", "Beer", 500, age=16, half=260, double=900),
    product(2, "Stout", "Beer", 530, age=16, half=280),
    product(3, "Lager", "Beer", 480, age=16, half=250),
    product(4, "IPA", "Beer", 550, age=16),
    product(5, "Dry cider", "Cider", 450, age=16),
    product(6, "House red", "Wine", 400, age=16, deposit=0),
    product(7, "Vodka", "Spirits", 600, age=18, double=1100, mixer=150),
    product(8, "Cola", "Soft", 300, vat=550),
    product(9, "Water", "Soft", 200, vat=550),
    product(10, "Chips", "Food", 350, vat=1000, deposit=0),
)
OFFICE: Final[tuple[Body, ...]] = (
    *MENU,
    BarSet(MINE, 1, "Main bar", BAR),
    VoucherSet(3, 1, "Crew drink", 0, ()),
)
BADGE: Final = badge_and_pin(SELLER)["badge"]


class Shown(shown.Shown[BarScreen]):
    """A running till's screen."""

    def rows(self) -> list[str]:
        """Return every row of the screen as it stands there."""
        strips = self.app.screen._compositor.render_strips()
        return [strip.text for strip in strips]

    async def press(self, *keys: str) -> None:
        """Press keys as fast as a person can who has no time at all."""
        for key in keys:
            await self.pilot.press(key)
            await asyncio.sleep(KEY_S)
            await self.pilot.pause()

    async def answered(self) -> None:
        """Wait until no command is under way."""
        for _ in range(400):
            await self.pilot.pause()
            if not self.app.stage.is_paying:
                return
        message = "a sale was never answered"
        raise AssertionError(message)

    async def sign_in(self, badge: str = BADGE) -> None:
        """Show a badge and type its PIN."""
        await self.show(badge)
        await self.press(*PIN, "enter")

    async def open_shift(self, minor: str = "10000") -> None:
        """Open a shift with a float that is typed as a sum."""
        await self.sees(self.app.stage.word("no_shift"))
        await self.press("enter", "s", *minor, "enter")
        await self.until(lambda _: self.app.stage.shift is not None, "an open shift")


def furnished(folder: Path, *bodies: Body) -> Path:
    """Make a till's folder whose office has said these things beside its price list."""
    return shown.furnished(folder, Role.BAR, *OFFICE, *bodies)


def staffed(folder: Path, *bodies: Body) -> Path:
    """Make a till's folder whose office has named who may sell."""
    return furnished(folder, *STAFF, *bodies)


def policy(**settings: int) -> PolicySet:
    """Return a policy with some settings, by their names."""
    rows = ((int(Setting[name.upper()]), value) for name, value in settings.items())
    return PolicySet(2, tuple(rows))


@asynccontextmanager
async def running_screen(
    folder: Path, size: tuple[int, int] = (80, 24), **options: Any
) -> AsyncIterator[Shown]:
    """Run the screen of a folder's till and wait until it is open."""
    app = BarScreen(BarOptions(folder, **options))
    async with app.run_test(size=size) as pilot:
        till = Shown(app, pilot)
        await till.is_open()
        await till.until(lambda _: bool(app.stage.grid.categories), "the price list")
        await till.hears(number=90)  # the folder was made long ago: it hears the office now
        yield till
