"""What the office said last that every sale asks for, read once until it says something again.

The catalogue decodes a fact each time it is asked; a till in a rush asks for the same few of them
several times a sale.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from edge.terminal import Terminal
from sync import catalogue, lending
from sync.allotments import Resource
from sync.catalogue import Policy
from sync.facts import ProductSet

T = TypeVar("T")


class OfficeWord:
    """The catalogue as one till knows it; in the lane only."""

    def __init__(self, terminal: Terminal) -> None:
        """Know nothing yet."""
        self._terminal = terminal
        self._version = -1
        self._known: dict[object, Any] = {}

    @property
    def policy(self) -> Policy:
        """The organiser's limits."""
        return self._once("policy", lambda: catalogue.policy(self._cells))

    @property
    def bar(self) -> int:
        """The bar whose revenue this till books, 0 while the office has not placed it."""
        own = self._terminal.manifest.terminal_id
        place = self._once("bar", lambda: catalogue.bar_of(self._cells, own))
        return 0 if place is None else place.bar

    def product(self, number: int) -> ProductSet | None:
        """Return a product of the price list."""
        return self._once(number, lambda: catalogue.product(self._cells, number))

    def capacity(self, resource: Resource) -> int | None:
        """Return how many units there are of a resource in all, None without limit."""
        return self._once(resource, lambda: lending.capacity_of(self._cells, resource))

    @property
    def _cells(self) -> Any:
        return self._terminal.store.shelf.cells

    def _once(self, name: object, read: Callable[[], T]) -> T:
        version = catalogue.office_version(self._cells)
        if version != self._version:
            self._version = version
            self._known.clear()
        if name not in self._known:
            self._known[name] = read()
        found: T = self._known[name]
        return found
