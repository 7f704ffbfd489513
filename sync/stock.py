"""What a bar has in stock and offers: sums of what was received, sold, wasted and counted.

Stock is counted in half measures, so that a half pint is a whole number. It may fall below zero:
whoever sold more than was received has forgotten to say what was received, and the sale stands.
Whether a product is offered is the newest word by stamp, then by id: a sign on a tap, no money.
"""

from collections.abc import Mapping

from sync.cells import CellKey, CellKind, Cells, counted
from sync.facts import Offered, OfferSet, StockMoved
from sync.journal import Record
from sync.names import Area, Role


def fold(cells: Cells, record: Record, role: Role) -> None:  # noqa: ARG001 - every fold's form
    """Take a fact about stock or what is offered; other facts are left alone."""
    body = record.body
    match body:
        case StockMoved():
            move(cells, {(body.bar, body.product): body.change})
        case OfferSet():
            key = CellKey(Area.MONEY, CellKind.OFFER, _place(body.bar, body.product))
            stamp = record.stamp
            mine = (stamp.physical_ms, stamp.logical, record.id, body.offered)
            cells.set(key, max(cells.get(key) or mine, mine))
        case _:
            pass


def move(cells: Cells, changes: Mapping[tuple[int, int], int], sign: int = 1) -> None:
    """Add changes in half measures to the stock of each (bar, product); with -1 take them away."""
    for (bar, product), change in changes.items():
        if change:
            key = CellKey(Area.MONEY, CellKind.STOCK, _place(bar, product))
            counted(cells, key, sign * change)


def in_stock(cells: Cells, bar: int, product: int) -> int:
    """Return what a bar has of a product in half measures, as far as it was said."""
    value: int = cells.get(CellKey(Area.MONEY, CellKind.STOCK, _place(bar, product))) or 0
    return value


def offered(cells: Cells, bar: int, product: int) -> Offered:
    """Return whether a bar offers a product, by its own last word; at first it does."""
    value = cells.get(CellKey(Area.MONEY, CellKind.OFFER, _place(bar, product)))
    return Offered.YES if value is None else Offered(value[3])


def _place(bar: int, product: int) -> bytes:
    return bar.to_bytes(2, "big") + product.to_bytes(4, "big")
