"""The price list as it lies under the fingers: a product's place gives its key."""

from dataclasses import dataclass, field
from typing import Any, Final

LETTERS: Final = "qwertyuiopasdfghjklzxcvbnm"
PLACES: Final = len(LETTERS)


@dataclass(frozen=True, slots=True)
class Category:
    """A category: its name, which colour, which digit chooses it."""

    name: str
    colour: int
    key: str


@dataclass(frozen=True, slots=True)
class Grid:
    """What the bar offers now; products are flat objects as the desk answers them."""

    version: int = 0
    cup: int = 0
    categories: tuple[Category, ...] = ()
    products: dict[tuple[int, int], dict[str, Any]] = field(default_factory=dict)

    def at(self, category: int, page: int, letter: str) -> dict[str, Any] | None:
        """Return the product under a letter, None if there is none."""
        place = PLACES * page + LETTERS.index(letter)
        return self.products.get((category, place))

    def pages(self, category: int) -> int:
        """Return how many pages a category has, at least one."""
        places = [place for number, place in self.products if number == category]
        return max(places, default=0) // PLACES + 1

    def category_of(self, key: str) -> int | None:
        """Return which category a digit chooses."""
        keys = [one.key for one in self.categories]
        return keys.index(key) if key in keys else None

    def deposit(self) -> int:
        """Return what a cup that comes back is worth, in minor units."""
        return self.cup


def grid_of(answer: dict[str, Any]) -> Grid:
    """Return what the desk answered to `grid`."""
    categories = tuple(
        Category(one["name"], one["colour"], one["key"]) for one in answer["categories"]
    )
    products = {(one["category"], one["place"]): one for one in answer["products"]}
    return Grid(answer["version"], answer.get("cup_minor", 0), categories, products)


def price_of(product: dict[str, Any], measure: str, *, mixer: bool) -> int | None:
    """Return what one of it costs so in minor units, None if it cannot be had so."""
    unit = product["price"] if measure == "whole" else product[measure]
    if unit is None or (mixer and product["mixer"] is None):
        return None
    return int(unit + (product["mixer"] if mixer else 0))
