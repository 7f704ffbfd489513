"""At random: the sums of a till's shifts are the ledger's accounts, in any order of telling."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from edge.bar.tally import Sum, Tally
from sync import ledger
from sync.accounts import accounts
from sync.facts import Body, LineKind, Method, PaidOut, Refunded, Sold, ToppedUp
from sync.journal import Record
from tests.sync.builder import (
    LineRow,
    PaymentRow,
    bar,
    box_with,
    from_wallet,
    in_cash,
    sale_id,
    shuffled,
    sold,
    voided,
)

TILL = bar().terminal
RATES = (0, 550, 1000, 2000)
METHODS = (Method.WALLET, Method.CASH, Method.CARD, Method.VOUCHER, Method.GIFT)


def booked(records: Sequence[Record]) -> Counter[str]:
    """Return what the ledger has in each account, without the till's name."""
    found: Counter[str] = Counter()
    for account, _, amount in accounts(box_with(records).cells):
        found[account.replace(TILL.hex(), "T")] += amount
    return found


class Shop:
    """A till that does a bit of everything, in shifts, as a seed draws it."""

    def __init__(self, seed: int, shifts: int) -> None:
        self.chance = random.Random(seed)
        self.till = bar()
        self.sales: list[tuple[int, Sold, bool]] = []
        self.of_shift: list[list[Record]] = []
        self.operations = 0
        for shift in range(1, shifts + 1):
            begin = len(self.till.records)
            for _ in range(self.chance.randint(1, 12)):
                self.till(*self.work(shift))
            self.of_shift.append(self.till.records[begin:])

    def operation(self) -> bytes:
        self.operations += 1
        return sale_id(10_000 + self.operations)

    def work(self, shift: int) -> tuple[Body, ...]:
        chance = self.chance
        draw = chance.random()
        if not self.sales or draw < 0.5:
            return (self.sell(shift),)
        number, sale, is_stated = chance.choice(self.sales)
        if draw < 0.65 and sale.shift == shift:
            count = chance.randint(1, len(sale.lines))
            lines = tuple(sorted(chance.sample(range(len(sale.lines)), count)))
            void = replace(voided(number, lines), shift=shift)
            amount = sum(sale.lines[at][1] * sale.lines[at][2] for at in lines)
            return (replace(void, payments=(in_cash(-amount),)) if is_stated else void,)
        if draw < 0.8:
            at = chance.randrange(len(sale.lines))
            quantity = chance.randint(1, 4)
            paid = (in_cash(-quantity * sale.lines[at][2]),) if is_stated else ()
            operation = self.operation()
            return (Refunded(operation, sale_id(number), at, quantity, paid, 1, shift, 0),)
        method = chance.choice((Method.CASH, Method.CARD, Method.GIFT))
        amount = chance.randint(1, 5_000)
        if draw < 0.92:
            return (ToppedUp(self.operation(), 99, amount, int(method), 1, shift, None),)
        return (PaidOut(self.operation(), 99, amount, int(method), 1, shift, None),)

    def sell(self, shift: int) -> Sold:
        chance = self.chance
        lines: list[LineRow] = []
        for _ in range(chance.randint(1, 6)):
            kind = LineKind(chance.choice((0, 0, 0, 1, 2, 3, 4, 6, 7, 8, 9)))
            unit = chance.randint(1, 999)
            quantity = chance.randint(1, 4)
            if kind is LineKind.CUP_BACK:
                quantity = -quantity
            if kind is LineKind.DISCOUNT:
                unit = -unit
            lines.append(
                (chance.randint(1, 3), quantity, unit, chance.choice(RATES), int(kind), None)
            )
        if chance.random() < 0.3:
            at = chance.randrange(len(lines))
            product, quantity, unit, vat, _, _ = lines[at]
            lines.append((product, -quantity, unit, vat, int(LineKind.UNDONE), at))
        total = sum(one[1] * one[2] for one in lines)
        payments = self.pay(total)
        if any(one[4] == LineKind.TOP_UP for one in lines):
            payments = (*payments, from_wallet(0))
        number = len(self.sales) + 1
        sale = replace(sold(number, tuple(lines), payments), shift=shift)
        self.sales.append((number, sale, chance.random() < 0.5))
        return sale

    def pay(self, total: int) -> tuple[PaymentRow, ...]:
        chance = self.chance
        first = chance.choice(METHODS)
        part = chance.randint(-500, 2_000)
        second = chance.choice(METHODS)
        rows = [(first, total - part), (second, part)][: chance.randint(1, 2)]
        rows[0] = (first, total - sum(amount for _, amount in rows[1:]))
        return tuple(
            (int(method), amount, 99 if method is Method.WALLET else None, None)
            for method, amount in rows
        )


@given(st.integers(0, 1 << 32), st.integers(1, 3))
def test_the_sums_of_all_shifts_are_the_ledgers_accounts(seed: int, shifts: int) -> None:
    shop = Shop(seed, shifts)
    cells = box_with(shop.till.records).cells
    tallies = []
    for number, records in enumerate(shop.of_shift, 1):
        tally = Tally(TILL, number, lambda sale: ledger.sale(cells, sale))
        tally.note_all(records)
        tallies.append(tally)
    book = booked(shop.till.records)
    goods: Counter[int] = Counter()
    vat: Counter[int] = Counter()
    for tally in tallies:
        goods.update(tally.by(Sum.GOODS))
        vat.update(tally.by(Sum.VAT))
        assert sum(tally.by(Sum.AMOUNT).values()) == tally.gross
    for rate in RATES:
        assert goods[rate] - vat[rate] == book[f"revenue:1:{rate}"]
        assert vat[rate] == book[f"vat:{rate}"]
    together = {what: sum(tally.total(what) for tally in tallies) for what in Sum}
    deposits = together[Sum.DEPOSITS_TAKEN] - together[Sum.DEPOSITS_RETURNED]
    assert (deposits, together[Sum.TIPS]) == (book["deposit"], book["tips:1"])
    methods = Counter[int]()
    for tally in tallies:
        methods.update(tally.by(Sum.PAID))
    for name, of in (("card:card", {Method.CARD}), ("gift", {Method.GIFT, Method.VOUCHER})):
        topped = sum(
            record.body.amount
            for record in shop.till.records
            if isinstance(record.body, ToppedUp) and record.body.method in of
        )
        assert sum(methods[method] for method in of) + topped == -book[name]
    if shifts == 1:
        assert tallies[0].cash == -book["drawer:T:1"]
        assert tallies[0].unexplained == book["imbalance"]


@given(st.integers(0, 1 << 32))
def test_the_order_in_which_a_shift_is_told_cannot_be_seen(seed: int) -> None:
    shop = Shop(seed, 1)
    cells = box_with(shop.till.records).cells
    ordered = Tally(TILL, 1, lambda sale: ledger.sale(cells, sale))
    ordered.note_all(shop.of_shift[0])
    other = Tally(TILL, 1, lambda sale: ledger.sale(cells, sale))
    other.note_all(shuffled(shop.of_shift[0], seed))
    assert other.figures() == ordered.figures()


@given(st.integers(0, 1 << 32))
def test_noting_while_the_ledger_grows_is_the_same_as_noting_afterwards(seed: int) -> None:
    shop = Shop(seed, 2)
    box = box_with([shop.till.records[0]])
    live = {n: Tally(TILL, n, lambda sale: ledger.sale(box.cells, sale)) for n in (1, 2)}
    for number, records in enumerate(shop.of_shift, 1):
        for record in records:
            box.take(record)
            live[number].note(record)
    for number, records in enumerate(shop.of_shift, 1):
        again = Tally(TILL, number, lambda sale: ledger.sale(box.cells, sale))
        again.note_all(records)
        assert again.figures() == live[number].figures()
