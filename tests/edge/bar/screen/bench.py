"""A till's screen that takes notes, so that each mode can be walked through without any screen."""

from dataclasses import replace
from typing import Any, Final

from edge.bar.cart import Cart
from edge.bar.screen import money_words
from edge.bar.screen.grid import Grid, grid_of
from edge.bar.screen.grid_view import Place
from edge.bar.screen.hand import Hand
from edge.bar.screen.selling import Selling
from edge.bar.screen.till_mode import Attempt
from edge.bar.screen.words import word
from edge.screen.modes import Answer
from tests.edge.screen.bench import NotedScreen


def offer(product: int, name: str, price: int, **more: Any) -> dict[str, Any]:
    """Return a product as the desk puts it into the grid."""
    fields = {
        "product": product,
        "name": name,
        "category": 0,
        "place": product - 1,
        "price": price,
        "half": None,
        "double": None,
        "mixer": None,
        "deposit": 100,
        "vat": 2000,
        "age": 0,
        "offered": "yes",
        "stock": 0,
    }
    return fields | more


PINT: Final = offer(1, "Pale pint", 500, half=260, double=900)
VODKA: Final = offer(2, "Vodka", 600, double=1100, mixer=150, age=18, deposit=0)
GONE: Final = offer(3, "Old ale", 400, offered="sold_out")
WINE: Final = offer(4, "Red", 400, category=1, place=0, deposit=0)
GRID: Final[Answer] = {
    "event": "grid",
    "version": 7,
    "categories": [
        {"name": "Beer", "colour": 0, "key": "1"},
        {"name": "Wine", "colour": 1, "key": "2"},
    ],
    "products": [PINT, VODKA, GONE, WINE],
    "cup_minor": 100,
}
PAID: Final[Answer] = {
    "event": "paid",
    "sale": "00" * 16,
    "total_minor": 900,
    "balance_minor": 1_240,
    "balances": [[77, 1_240]],
    "rule": "alone_limit",
    "fact": "fa",
    "change_minor": 0,
    "alone": False,
}
BALANCE: Final[Answer] = {
    "event": "balance",
    "wallet": 77,
    "number": "1234 5678 903",
    "balance_minor": 2_140,
    "paid_minor": 2_000,
    "gift_minor": 140,
    "voucher_minor": 0,
    "known": True,
    "blocked": False,
    "has_pin": False,
    "age_ms": 500,
}


class Waiting:
    """Where baskets would wait."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def park(self) -> None:
        self.asked.append("park")

    def show(self) -> None:
        self.asked.append("show")


class Bench(NotedScreen):
    """A till's screen that takes notes."""

    def __init__(self, **answers: Answer) -> None:
        super().__init__(word, Selling, answers)
        self.grid: Grid = grid_of(GRID)
        self.hand = Hand(Cart())
        self.place = Place()
        self.shift: Answer | None = {"shift": 1}
        self.last: Answer | None = None
        self.cash_counts: dict[int, int] = {}
        self.currency = "EUR"
        self.is_paying = False
        self.notes: list[str] = []
        self.attempts: list[Attempt] = []
        self.parking = Waiting()
        self.kept = 0
        self.was_locked = False
        self.held: Any = None

    def note(self, name: str, *details: object) -> None:
        """Note what was said."""
        self.word(name, *details)
        self.notes.append(name)

    def changed(self) -> None:
        """Note that the basket changed."""
        self.kept += 1
        if self.hand.cart and not self.hand.cart.sale:
            self.hand.cart = replace(self.hand.cart, sale="11" * 16, version=self.grid.version)

    def pay(self, attempt: Attempt) -> None:
        """Note how it was to be paid."""
        self.attempts.append(attempt)

    def press(self, key: str) -> None:
        """Press a key in the mode that is shown."""
        self.mode.key(self, key)

    def money(self, minor: int) -> str:
        """Return an amount."""
        return money_words.priced(minor, self.language, self.currency)

    def plain_money(self, minor: int) -> str:
        """Return an amount."""
        return money_words.amount(minor, self.language)

    def fresh_id(self) -> str:
        """Return an id."""
        return "22" * 16

    def now_ms(self) -> int:
        """Return a time."""
        return 1_795_000_000_000

    def ignores(self, shown: Any) -> bool:
        """Tell whether this is held up still."""
        return self.held is not None and shown == self.held

    def carts(self) -> Waiting:
        """Return where baskets wait."""
        return self.parking

    def lock(self) -> None:
        """Note it."""
        self.was_locked = True

    def voucher(self, code: str) -> None:
        """Note a voucher."""
        self.notes.append(f"voucher {code}")

    def tap(self, shown: Any = "band") -> bool:
        """Hold a wristband up."""
        return self.mode.told(self, {"event": "wristband", "text": "t", "shown": shown})
