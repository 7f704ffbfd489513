"""What a set of facts about one basket means beyond its money: goods served, vouchers, top-ups.

Pure sums over what was said, like `ledger_effects`; the ledger applies the difference whenever
something more is said of a sale, so no order can be seen in the totals.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from sync.facts import LineKind, Method
from sync.ledger_effects import Basket, SaleState, undone_in_basket

MEASURES: Final[dict[int, int]] = {
    int(LineKind.ITEM): 2, int(LineKind.HALF): 1, int(LineKind.DOUBLE): 4,
}  # fmt: skip
"""How many half measures a line of this kind serves."""

KeyT = TypeVar("KeyT")
_UNDONE: Final = int(LineKind.UNDONE)
_TOP_UP: Final = int(LineKind.TOP_UP)
_BY_WALLET: Final = int(Method.WALLET)
_BY_VOUCHER: Final = int(Method.VOUCHER)


@dataclass(slots=True)
class Goods:
    """What a sale served (half measures by bar and product), used and topped up.

    `vouchers` is how often each serial paid, `topped` what came into each wallet in minor units and
    `times` by how many lines. What was voided is not in it; nor is what nets to nothing left out.
    """

    served: dict[tuple[int, int], int] = field(default_factory=dict)
    vouchers: dict[int, int] = field(default_factory=dict)
    topped: dict[int, int] = field(default_factory=dict)
    times: dict[int, int] = field(default_factory=dict)

    def add(self, other: "Goods", sign: int) -> None:
        """Add another sale's goods, or take them away with -1."""
        _add(self.served, other.served, sign)
        _add(self.vouchers, other.vouchers, sign)
        _add(self.topped, other.topped, sign)
        _add(self.times, other.times, sign)


def goods_of(sale: SaleState) -> Goods:
    """Return what a sale means beyond its money; a voided line was not served."""
    goods = Goods()
    for basket in sale.baskets:
        gone = sale.voided_lines - undone_in_basket(basket) if sale.voids else ()
        for at, line in enumerate(basket.lines):
            if at not in gone:
                _add_line(goods, basket, line)
        for method, _, serial, _ in basket.payments:
            if method != _BY_VOUCHER or serial is None:
                continue
            if not (gone and _is_gone_whole(basket, sale)):
                goods.vouchers[serial] = goods.vouchers.get(serial, 0) + 1
    return goods


def topped_wallet(basket: Basket) -> int | None:
    """Return the wallet into which a basket's top-up lines go: the first that pays in it."""
    for method, _, wallet, _ in basket.payments:
        if method == _BY_WALLET and wallet is not None:
            return wallet
    return None


def _add(mine: dict[KeyT, int], more: Mapping[KeyT, int], sign: int) -> None:
    for key, value in more.items():
        mine[key] = mine.get(key, 0) + sign * value


def _add_line(
    goods: Goods, basket: Basket, line: tuple[int, int, int, int, int, int | None]
) -> None:
    product, quantity, unit, _, kind, undoes = line
    if kind == _UNDONE and undoes is not None and undoes < len(basket.lines):
        kind = basket.lines[undoes][4]  # it is about the same as the line that it undoes
    measure = MEASURES.get(kind)
    if measure is not None:
        place = (basket.bar, product)
        goods.served[place] = goods.served.get(place, 0) + quantity * measure
    elif kind == _TOP_UP:
        wallet = topped_wallet(basket)
        if wallet is not None:
            goods.topped[wallet] = goods.topped.get(wallet, 0) + quantity * unit
            goods.times[wallet] = goods.times.get(wallet, 0) + 1


def _is_gone_whole(basket: Basket, sale: SaleState) -> bool:
    return frozenset(range(len(basket.lines))) <= sale.voided_lines | undone_in_basket(basket)
