"""What a set of facts about one basket means beyond its money: goods served, vouchers, top-ups.

Pure sums over what was said, like `ledger_effects`; the ledger applies the difference whenever
something more is said of a sale, so no order can be seen in the totals.
"""

from collections import Counter
from typing import Final

from sync.facts import LineKind, Method
from sync.ledger_effects import Basket, SaleState, line_amount, undone_in_basket

MEASURES: Final = {LineKind.ITEM: 2, LineKind.HALF: 1, LineKind.DOUBLE: 4}
"""How many half measures a line of this kind serves."""


def served_of(sale: SaleState) -> Counter[tuple[int, int]]:
    """Return the half measures served of each (bar, product); what was voided was not served."""
    served: Counter[tuple[int, int]] = Counter()
    for basket in sale.baskets:
        gone = _gone(basket, sale)
        for at, line in enumerate(basket.lines):
            measure = MEASURES.get(LineKind(_kind(basket, line)))
            if measure and at not in gone:
                served[basket.bar, line[0]] += line[1] * measure
    return served


def vouchers_of(sale: SaleState) -> Counter[int]:
    """Return how often each voucher (serial) paid; a basket that was voided whole paid nothing."""
    used: Counter[int] = Counter()
    for basket in sale.baskets:
        shown = [p[2] for p in basket.payments if p[0] == Method.VOUCHER and p[2] is not None]
        if shown and not _is_gone_whole(basket, sale):
            used.update(shown)
    return used


def topped_of(sale: SaleState) -> tuple[Counter[int], Counter[int]]:
    """Return by wallet what top-up lines brought, in minor units, and how many of them did."""
    topped: Counter[int] = Counter()
    times: Counter[int] = Counter()
    for basket in sale.baskets:
        wallet = topped_wallet(basket)
        if wallet is None:
            continue
        gone = _gone(basket, sale)
        for at, line in enumerate(basket.lines):
            if _kind(basket, line) == LineKind.TOP_UP and at not in gone:
                topped[wallet] += line_amount(line)
                times[wallet] += 1
    return topped, times


def topped_wallet(basket: Basket) -> int | None:
    """Return the wallet into which a basket's top-up lines go: the first that pays in it."""
    wallets = (p[2] for p in basket.payments if p[0] == Method.WALLET and p[2] is not None)
    return next(wallets, None)


def _kind(basket: Basket, line: tuple[int, int, int, int, int, int | None]) -> int:
    """Return what a line is about; one that undoes another is about the same."""
    _, _, _, _, kind, undoes = line
    if kind == LineKind.UNDONE and undoes is not None and undoes < len(basket.lines):
        return basket.lines[undoes][4]
    return kind


def _gone(basket: Basket, sale: SaleState) -> frozenset[int]:
    """Return the lines that were voided afterwards; undone within the basket is not among them."""
    return sale.voided_lines - undone_in_basket(basket) if sale.voids else frozenset()


def _is_gone_whole(basket: Basket, sale: SaleState) -> bool:
    if not sale.voids:
        return False
    return frozenset(range(len(basket.lines))) <= sale.voided_lines | undone_in_basket(basket)
