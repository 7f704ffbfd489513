"""What a bar has and offers: sold out, on tap again, waste with its reason, what was counted."""

from typing import Any, Final

from edge.bar.screen.grid import LETTERS
from edge.bar.screen.grid_view import Place
from edge.bar.screen.pad_modes import CountPad
from edge.bar.screen.till_mode import Face, Screen, TillMode, back, done_or_said
from edge.screen.modes import Answer
from edge.screen.panel import Choice, Panel, Tone

_REASONS: Final = ("spilled", "broken", "gone_off", "tasted", "other")
_OFFERS: Final = {"1": "yes", "2": "sold_out", "3": "not_on_tap"}
_PIECES_DIGITS: Final = 4


def pick_product(screen: Screen) -> None:
    """Ask which product it is about."""
    screen.enter(PickProduct())


class PickProduct(TillMode):
    """The grid, to say which product is meant; nothing is sold."""

    face = Face.GRID

    def panel(self, screen: Screen) -> Panel:
        """Say what to do to who cannot see the grid."""
        return Panel(Tone.READY, "", (screen.word("pick_product"),), (back(screen),))

    def key(self, screen: Screen, key: str) -> bool:
        """Take a product, or another category."""
        category = screen.grid.category_of(key)
        if key == "escape":
            screen.ready()
        elif category is not None:
            screen.place = Place(category)
        elif key in {"left", "right"}:
            pages = screen.grid.pages(screen.place.category)
            step = -1 if key == "left" else 1
            screen.place = Place(screen.place.category, (screen.place.page + step) % pages)
        elif len(key) == 1 and key in LETTERS:
            product = screen.grid.at(screen.place.category, screen.place.page, key)
            if product is not None:
                screen.enter(Stock(product))
        return True

    def told(self, screen: Screen, answer: Answer) -> bool:  # noqa: ARG002 - not now
        """Sell nothing."""
        return True


class Stock(TillMode):
    """One product: what there is of it, and what can be said of it."""

    def __init__(self, product: dict[str, Any]) -> None:
        """Speak of this product."""
        self._product = product

    def panel(self, screen: Screen) -> Panel:
        """Show the stock in whole measures."""
        product = self._product
        lines = (product["name"], screen.word("in_stock", in_halves(product["stock"])))
        names = {key: f"offer_{offered}" for key, offered in _OFFERS.items()}
        names |= {"4": "stock_waste", "5": "stock_count", "6": "stock_received"}
        choices = tuple(Choice(key, screen.word(name)) for key, name in names.items())
        return Panel(Tone.READY, "", lines, (*choices, back(screen)))

    def key(self, screen: Screen, key: str) -> bool:
        """Say it."""
        product = self._product["product"]
        if key == "escape":
            screen.ready()
        elif key in _OFFERS:
            then = done_or_said(screen, lambda _: noted(screen))
            screen.do(then, "offer", product=product, offered=_OFFERS[key])
        elif key == "4":
            screen.enter(CountPad("how_many_waste", lambda n: screen.enter(Waste(product, n))))
        elif key == "5":
            screen.enter(
                CountPad(
                    "how_many_counted",
                    lambda n: _move(screen, product=product, counted=2 * n),
                    _PIECES_DIGITS,
                )
            )
        elif key == "6":
            screen.enter(
                CountPad(
                    "how_many_received",
                    lambda n: _move(screen, product=product, change=2 * n, reason="received"),
                    _PIECES_DIGITS,
                )
            )
        else:
            return False
        return True


def in_halves(halves: int) -> str:
    """Return half measures as whole ones, such as ``−2½``."""
    whole, rest = divmod(abs(halves), 2)
    number = f"{whole or ''}½" if rest else str(whole)
    return f"−{number}" if halves < 0 else number


class Waste(TillMode):
    """Why something was thrown away."""

    def __init__(self, product: int, count: int) -> None:
        """So many of this product."""
        self._product, self._count = product, count

    def panel(self, screen: Screen) -> Panel:
        """Show the reasons."""
        reasons = tuple(
            Choice(str(at), screen.word(f"waste_{name}"))
            for at, name in enumerate(_REASONS, start=1)
        )
        return Panel(Tone.READY, "", (screen.word("waste_why"),), (*reasons, back(screen)))

    def key(self, screen: Screen, key: str) -> bool:
        """Take a reason."""
        if key == "escape":
            screen.ready()
        elif key.isdigit() and 1 <= int(key) <= len(_REASONS):
            reason = _REASONS[int(key) - 1]
            _move(screen, product=self._product, change=2 * self._count, reason=reason)
        else:
            return False
        return True


def _move(screen: Screen, **command: Any) -> None:
    screen.do(done_or_said(screen, lambda _: noted(screen)), "stock", **command)


def noted(screen: Screen) -> None:
    """Say that it was recorded."""
    screen.ready()
    screen.note("noted")
