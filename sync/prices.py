"""What a product costs at a time of the day, and where it is sold: the same at tills and office."""

from sync.facts import ProductSet


def price_at(product: ProductSet, minute: int | None) -> int:
    """Return what a product costs at a local minute of the day, in minor units.

    The first window that holds the minute counts; one that ends before it begins goes over
    midnight. Without a clock it is the usual price.
    """
    if minute is None:
        return product.price
    for start, end, price in product.windows or ():
        inside = start <= minute < end if start <= end else minute >= start or minute < end
        if inside:
            return price
    return product.price


def is_at(product: ProductSet, bar: int) -> bool:
    """Tell whether a bar has a product at all."""
    return not product.bars or bar in product.bars
