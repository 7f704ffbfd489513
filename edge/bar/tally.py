"""What one shift of a till comes to: running sums over its own records, in whatever order.

Theory. Like the ledger, a tally keeps for each sale the set of what was said about it. What a set
comes to is a pure function (`sums_of`), and a further record moves the sums by after minus before.
So a void before or after a refund comes to the same, and a record that is given twice counts once.
The arithmetic is the ledger's, done a second time: VAT within each line as it is sold, voided or
refunded; money back the way it was paid unless it is stated. A close compares the two.

A sale of an earlier shift may be refunded: it is looked up as it stood before this shift, and only
what this shift did to it counts here. What other tills do to a sale never does.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from enum import StrEnum

from sync.facts import (
    CapRenewed,
    Declined,
    LineKind,
    Method,
    PaidOut,
    Refunded,
    Sold,
    StockMoved,
    StockReason,
    ToppedUp,
    Voided,
)
from sync.journal import Record
from sync.ledger_effects import (
    Basket,
    PaidBack,
    SaleState,
    Undoing,
    line_amount,
    refundable,
    refunded_quantities,
    undone_in_basket,
)
from sync.money import vat_within
from sync.sale_effects import MEASURES

Earlier = Callable[[bytes], SaleState]
"""What is known of a sale by its id, by whomever it was said: `sync.ledger.sale`."""


class Sum(StrEnum):
    """What a tally adds up, in minor units where nothing else is said."""

    SALES = "sales"  # baskets
    LINES = "lines"  # lines of baskets, as they were recorded
    VOIDS = "voids"  # facts
    REFUNDS = "refunds"  # facts
    DECLINED = "declined"  # facts
    TOP_UPS = "top_ups"  # facts, and lines of baskets that stand
    PAY_OUTS = "pay_outs"  # facts
    GOODS = "goods"  # by VAT rate, VAT included
    VAT = "vat"  # by VAT rate
    AMOUNT = "amount"  # by product, VAT included
    HALVES = "halves"  # by product, half measures
    WASTED = "wasted"  # by (product, reason), half measures
    DEPOSITS_TAKEN = "deposits_taken"
    DEPOSITS_RETURNED = "deposits_returned"
    TIPS = "tips"
    DISCOUNTS = "discounts"
    IN_BASKETS = "in_baskets"  # what baskets brought into wallets
    PAID = "paid"  # by method: what baskets brought, less change and what went back
    TOPPED_UP = "topped_up"  # by method, those in baskets too
    PAID_OUT = "paid_out"  # by method
    DRAWER_SALES = "drawer_sales"
    DRAWER_TOP_UPS = "drawer_top_ups"
    DRAWER_PAY_OUTS = "drawer_pay_outs"
    CAP_RENEWED = "cap_renewed"


Key = tuple[Sum, int, int]
Sums = Counter[Key]


class Tally:
    """The sums of one shift of one till."""

    def __init__(self, till: bytes, shift: int, earlier: Earlier) -> None:
        """Begin with nothing; `earlier` is asked only for sales of before this shift."""
        self.shift = shift
        self._till = till
        self._earlier = earlier
        self._sums: Sums = Counter()
        self._sales: dict[bytes, SaleState] = {}
        self._noted: set[bytes] = set()
        self._operations: set[tuple[object, ...]] = set()

    def note(self, record: Record) -> None:
        """Take up one record of the shift; one that was taken up already changes nothing."""
        if record.id in self._noted or record.terminal != self._till:
            return
        self._noted.add(record.id)
        body = record.body
        match body:
            case Sold():
                self._say(body.sale, _with(self._sale(body.sale), _basket_of(record, body)))
            case Voided():
                self._add(Sum.VOIDS, 1)
                self._say(body.sale, _with(self._sale(body.sale), _undoing_of(record, body)))
            case Refunded():
                self._add(Sum.REFUNDS, 1)
                self._say(body.sale, _with(self._sale(body.sale), _paid_back_of(record, body)))
            case ToppedUp() | PaidOut():
                self._note_operation(body)
            case Declined():
                self._add(Sum.DECLINED, 1)
            case StockMoved() if body.reason >= StockReason.SPILLED:
                self._add(Sum.WASTED, -body.change, body.product, body.reason)
            case CapRenewed():
                self._add(Sum.CAP_RENEWED, body.amount)
            case _:
                pass

    def note_all(self, records: Iterable[Record]) -> None:
        """Take up many records."""
        for record in records:
            self.note(record)

    def total(self, what: Sum) -> int:
        """Return a sum over everything that it is kept by."""
        return sum(value for key, value in self._sums.items() if key[0] is what)

    def by(self, what: Sum) -> dict[int, int]:
        """Return a sum by rate, product or method, in their order; what comes to nothing is out."""
        return {key[1]: value for key, value in self.figures() if key[0] is what}

    def wasted(self) -> list[tuple[int, int, int]]:
        """Return (product, `StockReason`, half measures) of what was wasted."""
        rows = [(key, value) for key, value in self.figures() if key[0] is Sum.WASTED]
        return [(product, reason, halves) for (_, product, reason), halves in rows]

    def figures(self) -> list[tuple[Key, int]]:
        """Return every sum that is not zero, in order: two tallies are equal if these are."""
        return sorted((key, value) for key, value in self._sums.items() if value)

    @property
    def gross(self) -> int:
        """Goods with their VAT, less discounts and what went back, in minor units."""
        return self.total(Sum.GOODS)

    @property
    def cash(self) -> int:
        """What came into the drawer beyond its float, in minor units."""
        came = self.total(Sum.DRAWER_SALES) + self.total(Sum.DRAWER_TOP_UPS)
        return came - self.total(Sum.DRAWER_PAY_OUTS)

    @property
    def unexplained(self) -> int:
        """By how much the payments of baskets exceed what they paid for; 0 if all is well."""
        deposits = self.total(Sum.DEPOSITS_TAKEN) - self.total(Sum.DEPOSITS_RETURNED)
        bought = self.gross + deposits + self.total(Sum.TIPS) + self.total(Sum.IN_BASKETS)
        return self.total(Sum.PAID) - bought

    def _add(self, what: Sum, value: int, first: int = 0, second: int = 0) -> None:
        self._sums[what, first, second] += value

    def _note_operation(self, body: ToppedUp | PaidOut) -> None:
        is_top_up = isinstance(body, ToppedUp)
        row = (is_top_up, body.operation, body.wallet, body.amount, body.method, body.shift)
        if row in self._operations:
            return
        self._operations.add(row)
        self._add(Sum.TOP_UPS if is_top_up else Sum.PAY_OUTS, 1)
        self._add(Sum.TOPPED_UP if is_top_up else Sum.PAID_OUT, body.amount, body.method)
        if body.method == Method.CASH and body.shift == self.shift:
            self._add(Sum.DRAWER_TOP_UPS if is_top_up else Sum.DRAWER_PAY_OUTS, body.amount)

    def _sale(self, sale: bytes) -> SaleState:
        """Return what is known of a sale as this till has it: as it stood, and what came since."""
        known = self._sales.get(sale)
        if known is None:
            known = self._as_it_stood(self._earlier(sale))
            self._sales[sale] = known
        return known

    def _as_it_stood(self, known: SaleState) -> SaleState:
        """Leave out of a sale what this shift or a later one said, and what other tills did."""

        def stood(row: Basket | Undoing | PaidBack) -> bool:
            return row.terminal == self._till and row.shift < self.shift

        baskets = known.baskets
        if any(basket.terminal == self._till for basket in baskets):
            baskets = tuple(basket for basket in baskets if stood(basket))
        voids = tuple(void for void in known.voids if stood(void))
        return SaleState(baskets, voids, tuple(row for row in known.refunds if stood(row)))

    def _say(self, sale: bytes, after: SaleState) -> None:
        """Keep what is now known of a sale and move the sums by the difference."""
        before = self._sales[sale]
        self._sales[sale] = after
        self._sums.update(sums_of(after, self._till, self.shift))
        self._sums.subtract(sums_of(before, self._till, self.shift))


def sums_of(state: SaleState, till: bytes, shift: int) -> Sums:
    """Return what everything said about a sale comes to, in this till's drawer of this shift."""
    sums: Sums = Counter()
    here = (till, shift)
    for basket in state.baskets:
        sums[Sum.SALES, 0, 0] += 1
        sums[Sum.LINES, 0, 0] += len(basket.lines)
        _add_lines(sums, basket, state)
        for payment in basket.payments:
            _pay(sums, payment[0], payment[1], is_here=_place(basket) == here)
        if state.voids or state.refunds:
            _give_back(sums, basket, _back_by_voids(basket, state), here)
            _give_back(sums, basket, _back_by_refunds(basket, state), here)
    if state.baskets:
        tills = {basket.terminal for basket in state.baskets}
        stated: list[Undoing | PaidBack] = [v for v in state.voids if v.terminal in tills]
        for row in (*stated, *state.refunds):
            for payment in row.payments:
                _pay(sums, payment[0], payment[1], is_here=_place(row) == here)
    return sums


def _place(row: Basket | Undoing | PaidBack) -> tuple[bytes, int]:
    return row.terminal, row.shift


def _pay(sums: Sums, method: int, amount: int, *, is_here: bool) -> None:
    sums[Sum.PAID, method, 0] += amount
    if method == Method.CASH and is_here:
        sums[Sum.DRAWER_SALES, 0, 0] += amount


def _add_lines(sums: Sums, basket: Basket, state: SaleState) -> None:
    asked = refunded_quantities(state)
    gone = state.voided_lines - undone_in_basket(basket) if state.voids else frozenset()
    for number, line in enumerate(basket.lines):
        kind = _kind(basket, line)
        _add_line(sums, basket, line, kind, line[1])
        if number in gone:
            _add_line(sums, basket, line, kind, -line[1])
        elif number in asked:
            back = min(asked[number], refundable(basket, number, state))
            _add_line(sums, basket, line, kind, -back)


def _kind(basket: Basket, line: tuple[int, int, int, int, int, int | None]) -> int:
    """Return what a line is about; one that undoes another is about the same."""
    kind, undoes = line[4:]
    if kind == LineKind.UNDONE and undoes is not None and undoes < len(basket.lines):
        return basket.lines[undoes][4]
    return kind


def _add_line(
    sums: Sums,
    basket: Basket,
    line: tuple[int, int, int, int, int, int | None],
    kind: int,
    quantity: int,
) -> None:
    """Add so much of a line; a negative quantity takes it back."""
    product, _, unit, rate, _, _ = line
    amount = quantity * unit
    match kind:
        case LineKind.DEPOSIT:
            sums[Sum.DEPOSITS_TAKEN, 0, 0] += amount
        case LineKind.CUP_BACK:
            sums[Sum.DEPOSITS_RETURNED, 0, 0] -= amount
        case LineKind.TIP:
            sums[Sum.TIPS, 0, 0] += amount
        case LineKind.TOP_UP:
            sums[Sum.IN_BASKETS, 0, 0] += amount
            sums[Sum.TOPPED_UP, _topped_by(basket), 0] += amount
            sums[Sum.TOP_UPS, 0, 0] += (quantity > 0) - (quantity < 0)
        case _:
            sums[Sum.GOODS, rate, 0] += amount
            sums[Sum.VAT, rate, 0] += vat_within(amount, rate)
            sums[Sum.AMOUNT, product, 0] += amount
            sums[Sum.HALVES, product, 0] += quantity * MEASURES.get(LineKind(kind), 0)
            if kind == LineKind.DISCOUNT:
                sums[Sum.DISCOUNTS, 0, 0] -= amount


def _topped_by(basket: Basket) -> int:
    """Return how a basket's top-up was paid: by the first method that is no wristband's."""
    methods = [method for method, amount, _, _ in basket.payments if amount > 0]
    others = [method for method in methods if method != Method.WALLET]
    return min(others, default=int(Method.WALLET))


def _back_by_voids(basket: Basket, state: SaleState) -> int:
    """Return what voided lines give back without saying how, in minor units."""
    undone = undone_in_basket(basket)
    stated = {
        number
        for void in state.voids
        if void.terminal == basket.terminal and void.payments
        for number in void.lines
    }
    numbers = state.voided_lines - undone - stated
    return sum(line_amount(basket.lines[n]) for n in numbers if n < len(basket.lines))


def _back_by_refunds(basket: Basket, state: SaleState) -> int:
    """Return what refunds give back without saying how, in minor units."""
    stated = {refund.line for refund in state.refunds if refund.payments}
    back = 0
    for number, asked in refunded_quantities(state).items():
        if number not in stated and number < len(basket.lines):
            back += min(asked, refundable(basket, number, state)) * basket.lines[number][2]
    return back


def _give_back(sums: Sums, basket: Basket, amount: int, here: tuple[bytes, int]) -> None:
    """Return an amount the way it was paid, wristbands first, each at most what it paid."""
    is_here = _place(basket) == here
    ordered = sorted(basket.payments, key=lambda p: (p[0], p[2] or 0, p[1]))
    for method, paid, _, _ in ordered:
        part = max(0, min(amount, paid))
        _pay(sums, method, -part, is_here=is_here)
        amount -= part
    if amount and ordered:
        _pay(sums, ordered[0][0], -amount, is_here=is_here)


def _with(known: SaleState, row: Basket | Undoing | PaidBack) -> SaleState:
    """Return a sale about which one thing more was said; the same thing twice is said once."""
    match row:
        case Basket() if row not in known.baskets:
            return known._replace(baskets=(*known.baskets, row))
        case Undoing() if row not in known.voids:
            return known._replace(voids=(*known.voids, row))
        case PaidBack() if row not in known.refunds:
            return known._replace(refunds=(*known.refunds, row))
        case _:
            return known


def _basket_of(record: Record, body: Sold) -> Basket:
    loan = body.loan or 0
    return Basket(record.terminal, body.bar, body.shift, body.lines, body.payments, loan)


def _undoing_of(record: Record, body: Voided) -> Undoing:
    return Undoing(record.id, record.terminal, body.bar, body.shift, body.lines, body.payments)


def _paid_back_of(record: Record, body: Refunded) -> PaidBack:
    return PaidBack(
        body.operation, record.terminal, body.bar, body.shift, body.line, body.quantity,
        body.payments,
    )  # fmt: skip
