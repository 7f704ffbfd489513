"""What cannot be on a price list, in sentences for whoever stated it."""

from collections.abc import Sequence
from typing import Final

from sync.facts import ProductSet
from sync.limits import DAY_MINUTES

DAY_END: Final = DAY_MINUTES
CATEGORIES_MAX: Final = 10
_HOUR_MINUTES: Final = 60

Window = tuple[int, int, int]


def minute_text(minute: int) -> str:
    """Return a minute of the day as a clock shows it; the end of the day is 24:00."""
    return f"{minute // _HOUR_MINUTES:02d}:{minute % _HOUR_MINUTES:02d}"


def trouble_with_windows(windows: Sequence[Window]) -> str:
    """Say what is wrong with a product's windows of time, or nothing: each is its own.

    One that ends before it begins goes over midnight.
    """
    for start, end, _ in windows:
        if is_empty(start, end):
            return f"the window {minute_text(start)}-{minute_text(end)} is empty"
    taken: dict[int, Window] = {}
    for window in windows:
        for minute in _minutes_of(window):
            other = taken.setdefault(minute, window)
            if other is not window:
                return f"the windows {_text(other)} and {_text(window)} overlap"
    return ""


def is_empty(start: int, end: int) -> bool:
    """Tell whether a window of minutes of the day never opens; one may go over midnight."""
    return start in {end, DAY_END}


def trouble_with_list(products: Sequence[ProductSet]) -> str:
    """Say what is wrong with the whole list, or nothing: a till has ten keys for categories."""
    bars = {bar for product in products for bar in product.bars or ()}
    for bar in (None, *sorted(bars)):
        names = {
            product.category
            for product in products
            if product.on_sale and (not product.bars or bar in product.bars)
        }
        if len(names) > CATEGORIES_MAX:
            where = "" if bar is None else f" at bar {bar}"
            return f"{len(names)} categories{where}: a till has keys for {CATEGORIES_MAX}"
    return ""


def _minutes_of(window: Window) -> range | list[int]:
    start, end, _ = window
    return range(start, end) if start < end else [*range(start, DAY_END), *range(end)]


def _text(window: Window) -> str:
    return f"{minute_text(window[0])}-{minute_text(window[1])}"
