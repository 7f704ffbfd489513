"""What a set of facts about one basket means beyond its money: goods served, vouchers, top-ups.

Pure sums over what was said, like `ledger_effects`; the ledger applies the difference whenever
something more is said of a sale, so no order can be seen in the totals.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from sync.facts import LineKind, Method, ResourceKind
from sync.ledger_effects import Basket, SaleState, undone_in_basket

MEASURES: Final[dict[int, int]] = {
    int(LineKind.ITEM): 2, int(LineKind.HALF): 1, int(LineKind.DOUBLE): 4,
}  # fmt: skip
"""How many half measures a line of this kind serves."""

Line = tuple[int, int, int, int, int, int | None]
Use = tuple[tuple[int, int], bytes]
"""A quota (ResourceKind, number) and the till that used of it."""
KeyT = TypeVar("KeyT")
_UNDONE: Final = int(LineKind.UNDONE)
_TOP_UP: Final = int(LineKind.TOP_UP)
_BY_WALLET: Final = int(Method.WALLET)
_BY_VOUCHER: Final = int(Method.VOUCHER)
_STOCK: Final = int(ResourceKind.STOCK)
_TICKET: Final = int(ResourceKind.TICKET_TYPE)
_VOUCHER: Final = int(ResourceKind.VOUCHER)


@dataclass(slots=True)
class Goods:
    """What a sale served (half measures by bar and product), used and topped up.

    `vouchers` is how often each serial paid, `topped` what came into each wallet in minor units and
    `times` by how many lines. `used` is how many units each till used of a product's, a ticket
    type's or a kind of voucher's quota. What was voided is not in it; nor is what nets to nothing
    left out.
    """

    served: dict[tuple[int, int], int] = field(default_factory=dict)
    vouchers: dict[int, int] = field(default_factory=dict)
    topped: dict[int, int] = field(default_factory=dict)
    times: dict[int, int] = field(default_factory=dict)
    used: dict[Use, int] = field(default_factory=dict)

    def add(self, other: "Goods", sign: int) -> None:
        """Add another sale's goods, or take them away with -1."""
        _add(self.served, other.served, sign)
        _add(self.vouchers, other.vouchers, sign)
        _add(self.topped, other.topped, sign)
        _add(self.times, other.times, sign)
        _add(self.used, other.used, sign)


def goods_of(sale: SaleState) -> Goods:
    """Return what a sale means beyond its money; a voided line was not served."""
    goods = Goods()
    for basket in sale.baskets:
        gone = sale.voided_lines - undone_in_basket(basket) if sale.voids else ()
        halves: dict[int, int] = {}
        for at, line in enumerate(basket.lines):
            if at not in gone:
                _add_line(goods, basket, line, halves)
        _add_used(goods, basket.terminal, _STOCK, halves)
        if basket.quotas:
            _add_used(goods, basket.terminal, _TICKET, _tickets(basket, gone))
        for at, (method, _, serial, _) in enumerate(basket.payments):
            if method != _BY_VOUCHER or serial is None:
                continue
            if not (gone and _is_gone_whole(basket, sale)):
                goods.vouchers[serial] = goods.vouchers.get(serial, 0) + 1
                _add_voucher(goods, basket, at)
    return goods


def units_of(halves: int) -> int:
    """Return how many units of a quota so many half measures are: a half that is over is one.

    So a quota is never counted too low. Two halves in one basket are one unit, in two baskets two.
    """
    return (halves + 1) // 2


def topped_wallet(basket: Basket) -> int | None:
    """Return the wallet into which a basket's top-up lines go: the first that pays in it."""
    for method, _, wallet, _ in basket.payments:
        if method == _BY_WALLET and wallet is not None:
            return wallet
    return None


def _add(mine: dict[KeyT, int], more: Mapping[KeyT, int], sign: int) -> None:
    for key, value in more.items():
        mine[key] = mine.get(key, 0) + sign * value


def _add_line(goods: Goods, basket: Basket, line: Line, halves: dict[int, int]) -> None:
    product, quantity, unit, _, kind, undoes = line
    if kind == _UNDONE and undoes is not None and undoes < len(basket.lines):
        kind = basket.lines[undoes][4]  # it is about the same as the line that it undoes
    measure = MEASURES.get(kind)
    if measure is not None:
        place, served = (basket.bar, product), quantity * measure
        goods.served[place] = goods.served.get(place, 0) + served
        halves[product] = halves.get(product, 0) + served
    elif kind == _TOP_UP:
        wallet = topped_wallet(basket)
        if wallet is not None:
            goods.topped[wallet] = goods.topped.get(wallet, 0) + quantity * unit
            goods.times[wallet] = goods.times.get(wallet, 0) + 1


def _add_used(goods: Goods, terminal: bytes, kind: int, halves: Mapping[int, int]) -> None:
    for number, count in halves.items():
        use = ((kind, number), terminal)
        goods.used[use] = goods.used.get(use, 0) + units_of(count)


def _tickets(basket: Basket, gone: Collection[int]) -> dict[int, int]:
    """Return half measures by ticket type of the lines that hand out tickets and are not undone."""
    count = len(basket.lines)
    rows = [row for row in sorted(basket.quotas) if row[0] == _TICKET and row[2] < count]
    types = {at: number for _, number, at in rows}
    halves: dict[int, int] = {}
    for at, line in enumerate(basket.lines):
        about = line[5] if line[4] == _UNDONE and line[5] is not None else at
        measure = MEASURES.get(basket.lines[about][4]) if about in types else None
        if at not in gone and measure is not None:
            halves[types[about]] = halves.get(types[about], 0) + line[1] * measure
    return halves


def _add_voucher(goods: Goods, basket: Basket, payment: int) -> None:
    """Count a voucher against the quota of its kind, once for each payment that it made."""
    kinds = [number for kind, number, at in basket.quotas if kind == _VOUCHER and at == payment]
    if kinds:
        use = ((_VOUCHER, min(kinds)), basket.terminal)
        goods.used[use] = goods.used.get(use, 0) + 1


def _is_gone_whole(basket: Basket, sale: SaleState) -> bool:
    return frozenset(range(len(basket.lines))) <= sale.voided_lines | undone_in_basket(basket)
