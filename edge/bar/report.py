"""What a shift came to, as one object for scripts, screens and paper: X while open, Z when closed.

It holds no sentence but `check`, and every amount is in minor units. Names are those that the
catalogue has now, so a report made again later may call a product otherwise; its numbers are the
journal's and stay.
"""

from dataclasses import dataclass
from typing import Any, Final

from edge.bar.tally import Sum, Tally
from sync import catalogue
from sync.cells import Cells
from sync.facts import Method, StockReason

_SINGLE: Final = (
    Sum.SALES,
    Sum.LINES,
    Sum.VOIDS,
    Sum.REFUNDS,
    Sum.DECLINED,
    Sum.TOP_UPS,
    Sum.PAY_OUTS,
    Sum.DEPOSITS_TAKEN,
    Sum.DEPOSITS_RETURNED,
    Sum.TIPS,
    Sum.DISCOUNTS,
    Sum.CAP_RENEWED,
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What a report says beside the sums: whose shift it was, when, and what was in the drawer.

    Times in Unix milliseconds, amounts in minor units; `closed_ms`, `counted` are None for an X.
    """

    shift: int
    bar: int
    till: str
    seller: int
    opened_ms: int
    closed_ms: int | None
    first_number: int
    last_number: int
    float_minor: int
    counted: int | None
    total_before: int
    check: str
    is_duplicate: bool = False

    @property
    def kind(self) -> str:
        """The report's usual name: ``x`` or ``z``."""
        return "x" if self.closed_ms is None else "z"


def report_of(frame: Frame, tally: Tally, cells: Cells) -> dict[str, Any]:
    """Return the report of a shift."""
    return {
        "event": "report",
        "kind": frame.kind,
        "duplicate": frame.is_duplicate,
        "shift": frame.shift,
        "bar": bar_name(cells, frame.bar),
        "bar_number": frame.bar,
        "till": frame.till,
        "seller": call_sign(cells, frame.seller),
        "seller_badge": frame.seller,
        "opened_ms": frame.opened_ms,
        "closed_ms": frame.closed_ms,
        "first_number": frame.first_number,
        "last_number": frame.last_number,
        **{what.value: tally.total(what) for what in _SINGLE},
        "gross": tally.gross,
        **_broken_down(tally, cells),
        "drawer": _drawer(frame, tally),
        "grand_total_before": frame.total_before,
        "grand_total_after": frame.total_before + tally.gross,
        "check": frame.check,
    }


def expected_in_drawer(float_minor: int, tally: Tally) -> int:
    """Return what must be in the drawer, in minor units."""
    return float_minor + tally.cash


def call_sign(cells: Cells, badge: int) -> str:
    """Return who a badge is, by call sign; its number if nobody is known by it, "" for 0."""
    one = catalogue.staff(cells, badge) if badge else None
    return one.label if one is not None else str(badge or "")


def bar_name(cells: Cells, bar: int) -> str:
    """Return a bar's name as the office gave it to a till of it; its number if it has none."""
    names = [place.name for place in catalogue.bars(cells) if place.bar == bar]
    return min(names, default=str(bar or ""))


def product_name(cells: Cells, product: int) -> str:
    """Return a product's name; its number if the catalogue does not know it."""
    known = catalogue.product(cells, product)
    return str(product) if known is None else known.name


def _broken_down(tally: Tally, cells: Cells) -> dict[str, Any]:
    amounts, halves = tally.by(Sum.AMOUNT), tally.by(Sum.HALVES)
    products = sorted(amounts.keys() | halves.keys())
    names = {product: product_name(cells, product) for product in products}
    goods, vat = tally.by(Sum.GOODS), tally.by(Sum.VAT)
    by_category: dict[str, int] = {}
    for product, amount in amounts.items():
        known = catalogue.product(cells, product)
        category = "" if known is None else known.category
        by_category[category] = by_category.get(category, 0) + amount
    return {
        "by_product": [[p, names[p], halves.get(p, 0), amounts.get(p, 0)] for p in products],
        "by_category": [list(row) for row in sorted(by_category.items())],
        "by_vat": [
            [rate, goods.get(rate, 0), goods.get(rate, 0) - vat.get(rate, 0), vat.get(rate, 0)]
            for rate in sorted(goods.keys() | vat.keys())
        ],
        "by_method": _by_method(tally, Sum.PAID),
        "topped_up": _by_method(tally, Sum.TOPPED_UP),
        "paid_out": _by_method(tally, Sum.PAID_OUT),
        "waste": [
            [product, product_name(cells, product), _reason(reason), count]
            for product, reason, count in tally.wasted()
        ],
    }


def _by_method(tally: Tally, what: Sum) -> list[list[Any]]:
    return [[Method(method).name.lower(), amount] for method, amount in tally.by(what).items()]


def _reason(number: int) -> str:
    """Return the word of a reason; one that a later version added goes by its number."""
    known = {int(reason): reason.name.lower() for reason in StockReason}
    return known.get(number, str(number))


def _drawer(frame: Frame, tally: Tally) -> dict[str, Any]:
    expected = expected_in_drawer(frame.float_minor, tally)
    return {
        "float": frame.float_minor,
        "sales": tally.total(Sum.DRAWER_SALES),
        "top_ups": tally.total(Sum.DRAWER_TOP_UPS),
        "pay_outs": tally.total(Sum.DRAWER_PAY_OUTS),
        "expected": expected,
        "counted": frame.counted,
        "difference": None if frame.counted is None else frame.counted - expected,
    }
