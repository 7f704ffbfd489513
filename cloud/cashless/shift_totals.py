"""What a shift of a till comes to by the office's own reckoning, to compare with the till's report.

The walk takes the shift's records as they are held here. What they did to a sale is what the ledger
makes of everything that this till said of it up to this shift, less what it made of it before: so a
refund of an earlier shift's sale counts in the shift that refunds. What other tills said of a sale
does not count here. The figures have the names of the till's own report.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sync import ledger
from sync.cells import Cells
from sync.facts import Declined, LineKind, Method, PaidOut, Refunded, Sold, ToppedUp, Voided
from sync.journal import Record
from sync.ledger_effects import (
    CURRENCY,
    Basket,
    Effect,
    PaidBack,
    SaleState,
    Undoing,
    drawer_account,
    effect_of,
    line_amount,
    refundable,
    refunded_quantities,
    undone_in_basket,
)

Row = Basket | Undoing | PaidBack


class ShiftTotals:
    """The sums of one shift; give it the shift's records in any order, then ask."""

    def __init__(self, cells: Cells, till: bytes, shift: int, float_minor: int) -> None:
        """Begin with nothing but the float; `cells` know how a sale of before stood."""
        self._cells = cells
        self._till, self._shift = till, shift
        self._cash = float_minor
        self._sales: dict[bytes, dict[Row, None]] = {}
        self._operations: set[tuple[object, ...]] = set()
        self._counts: Counter[str] = Counter()
        self._topped: Counter[int] = Counter()
        self._paid_out: Counter[int] = Counter()

    def take(self, records: Iterable[Record]) -> None:
        """Take up records of the shift; one that comes twice must be given once."""
        for record in records:
            self._take(record)

    def row(self) -> dict[str, Any]:
        """Return the totals in minor units, by the names of the till's report.

        `gross` is goods with their VAT; `by_vat` rows are [rate in basis points, gross, net, VAT],
        the others [method, amount]; `deposits` is what was taken less what was given back.
        """
        effect, paid, topped = self._effects()
        net = _by_last_part(effect, "revenue:")
        vat = _by_last_part(effect, "vat:")
        rates = sorted({rate for rate in net.keys() | vat.keys() if net[rate] or vat[rate]})
        cash = self._cash - effect[drawer_account(self._till, self._shift), CURRENCY]
        return {
            **{name: self._counts[name] for name in _COUNTS},
            "gross": sum(net.values()) + sum(vat.values()),
            "by_vat": [[rate, net[rate] + vat[rate], net[rate], vat[rate]] for rate in rates],
            "by_method": _methods(paid),
            "topped_up": _methods(topped),
            "paid_out": _methods(self._paid_out),
            "deposits": effect["deposit", CURRENCY],
            "tips": sum(_by_last_part(effect, "tips:").values()),
            "expected_minor": cash,
        }

    def _take(self, record: Record) -> None:
        body = record.body
        match body:
            case Sold():
                self._counts["sales"] += 1
                basket = Basket(
                    record.terminal, body.bar, body.shift, body.lines, body.payments, body.loan or 0
                )
                self._say(body.sale, basket)
            case Voided():
                self._counts["voids"] += 1
                place = (record.terminal, body.bar, body.shift)
                self._say(body.sale, Undoing(record.id, *place, body.lines, body.payments))
            case Refunded():
                self._counts["refunds"] += 1
                place = (record.terminal, body.bar, body.shift)
                what = (body.line, body.quantity, body.payments)
                self._say(body.sale, PaidBack(body.operation, *place, *what))
            case ToppedUp() | PaidOut():
                self._take_operation(body)
            case Declined():
                self._counts["declined"] += 1
            case _:
                pass

    def _say(self, sale: bytes, row: Row) -> None:
        self._sales.setdefault(sale, {})[row] = None

    def _take_operation(self, body: ToppedUp | PaidOut) -> None:
        """Count a top-up or pay-out once for each id and content, as the ledger does."""
        is_top_up = isinstance(body, ToppedUp)
        row = (is_top_up, body.operation, body.wallet, body.amount, body.method, body.shift)
        if row in self._operations:
            return
        self._operations.add(row)
        self._counts["top_ups" if is_top_up else "pay_outs"] += 1
        (self._topped if is_top_up else self._paid_out)[body.method] += body.amount
        if body.method == Method.CASH and body.shift == self._shift:
            self._cash += body.amount if is_top_up else -body.amount

    def _effects(self) -> tuple[Effect, Counter[int], Counter[int]]:
        """Return what sales did to accounts, what they were paid by, and all that was topped up."""
        effect: Effect = Effect()
        paid: Counter[int] = Counter()
        topped = Counter(self._topped)
        for sale, rows in self._sales.items():
            before = self._as_it_stood(ledger.sale(self._cells, sale))
            after = _with(before, rows)
            effect.update(effect_of(after))
            effect.subtract(effect_of(before))
            paid.update(_paid(after))
            paid.subtract(_paid(before))
            topped.update(_topped(after))
            topped.subtract(_topped(before))
        return effect, paid, topped

    def _as_it_stood(self, known: SaleState) -> SaleState:
        """Return a sale as this till had left it before the shift; another till's basket stands."""

        def stood(row: Row) -> bool:
            return row.terminal == self._till and row.shift < self._shift

        is_own = any(basket.terminal == self._till for basket in known.baskets)
        baskets = tuple(one for one in known.baskets if not is_own or stood(one))
        voids = tuple(one for one in known.voids if stood(one))
        return SaleState(baskets, voids, tuple(one for one in known.refunds if stood(one)))


_COUNTS = ("sales", "voids", "refunds", "declined", "top_ups", "pay_outs")


def _with(known: SaleState, rows: Iterable[Row]) -> SaleState:
    for row in rows:
        match row:
            case Basket():
                known = known._replace(baskets=(*known.baskets, row))
            case Undoing():
                known = known._replace(voids=(*known.voids, row))
            case PaidBack():
                known = known._replace(refunds=(*known.refunds, row))
    return known


def _paid(sale: SaleState) -> Counter[int]:
    """Return what a sale brought by method: what was paid, less what went back, stated or not."""
    paid: Counter[int] = Counter()
    if not sale.baskets:
        return paid
    tills = {basket.terminal for basket in sale.baskets}
    for basket in sale.baskets:
        _pay(paid, basket.payments)
        for back in (_voided(basket, sale), _refunded(basket, sale)):
            _give_back(paid, basket, back)
    for void in sale.voids:
        if void.terminal in tills:
            _pay(paid, void.payments)
    for refund in sale.refunds:
        _pay(paid, refund.payments)
    return paid


def _pay(paid: Counter[int], payments: Iterable[tuple[int, int, int | None, str | None]]) -> None:
    for method, amount, _, _ in payments:
        paid[method] += amount


def _topped(sale: SaleState) -> Counter[int]:
    """Return what baskets brought into wallets, by the first method that is no wristband's."""
    topped: Counter[int] = Counter()
    asked = refunded_quantities(sale)
    for basket in sale.baskets:
        methods = {method for method, amount, _, _ in basket.payments if amount > 0}
        method = min(methods - {int(Method.WALLET)}, default=int(Method.WALLET))
        gone = sale.voided_lines - undone_in_basket(basket)
        for at, line in enumerate(basket.lines):
            if at not in gone and _is_top_up(basket, line):
                back = min(asked[at], refundable(basket, at, sale))
                topped[method] += line_amount(line) - back * line[2]
    return topped


def _is_top_up(basket: Basket, line: tuple[int, int, int, int, int, int | None]) -> bool:
    """Tell whether a line is a top-up, or undoes one."""
    kind, undoes = line[4:]
    if kind == LineKind.UNDONE and undoes is not None and undoes < len(basket.lines):
        kind = basket.lines[undoes][4]
    return kind == LineKind.TOP_UP


def _voided(basket: Basket, sale: SaleState) -> int:
    """Return what voided lines give back without saying how."""
    own = [void for void in sale.voids if void.terminal == basket.terminal and void.payments]
    stated = {line for void in own for line in void.lines}
    numbers = sale.voided_lines - stated - undone_in_basket(basket)
    return sum(line_amount(basket.lines[n]) for n in numbers if n < len(basket.lines))


def _refunded(basket: Basket, sale: SaleState) -> int:
    """Return what refunds give back without saying how."""
    stated = {refund.line for refund in sale.refunds if refund.payments}
    asked = refunded_quantities(sale)
    return sum(
        min(quantity, refundable(basket, n, sale)) * basket.lines[n][2]
        for n, quantity in asked.items()
        if n not in stated and n < len(basket.lines)
    )


def _give_back(paid: Counter[int], basket: Basket, amount: int) -> None:
    """Take an amount from the methods that paid, wristbands first, each at most what it paid."""
    ordered = sorted(basket.payments, key=lambda p: (p[0], p[2] or 0, p[1]))
    for method, most, _, _ in ordered:
        part = max(0, min(amount, most))
        paid[method] -= part
        amount -= part
    if amount and ordered:
        paid[ordered[0][0]] -= amount


def _by_last_part(effect: Effect, start: str) -> Counter[int]:
    """Add up the accounts whose names begin so by the number at their end."""
    found: Counter[int] = Counter()
    for (account, _), amount in effect.items():
        if account.startswith(start):
            found[int(account.rsplit(":", 1)[1])] += amount
    return found


def _methods(sums: Counter[int]) -> list[list[Any]]:
    return [[Method(one).name.lower(), amount] for one, amount in sorted(sums.items()) if amount]
