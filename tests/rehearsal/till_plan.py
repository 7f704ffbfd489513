"""Turns transactions into what a till is told: sales and voids, in an order in which they can be.

A void within a transaction is part of its basket. A void of a line of another transaction is a fact
of its own, at the till that sold it. A void of a void is a new sale line. Where one transaction
becomes several facts, its payments stay with the first; the others, and the difference in the
first, carry a contra payment marked `REST`, so that every fact adds up and every payment can still
be counted once.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sync.facts import LineKind, Method
from tests.rehearsal.till_records import BadRecords, Line, TillRecords, Transaction

REST: Final = "rest of a split transaction"
METHOD: Final = {"cash": int(Method.CASH), "card": int(Method.CARD)}
CONTRA: Final = "contra of a split transaction"

SaleLine = tuple[int, int, int, int, int, int | None]
PaymentRow = tuple[int, int, int | None, str | None]


@dataclass(frozen=True, slots=True)
class Sell:
    """One basket: its sale id, lines and payments as a till takes them."""

    transaction: int
    till: str
    sale: bytes
    seller: int
    lines: tuple[SaleLine, ...]
    payments: tuple[PaymentRow, ...]

    @property
    def total(self) -> int:
        """Σ of the lines in minor units."""
        return sum(line[1] * line[2] for line in self.lines)


@dataclass(frozen=True, slots=True)
class Void:
    """Lines of an earlier sale that are undone, and what went back."""

    transaction: int
    till: str
    sale: bytes
    seller: int
    lines: tuple[int, ...]
    payments: tuple[PaymentRow, ...]


Step = Sell | Void


@dataclass(frozen=True, slots=True)
class Plan:
    """What every till is told, in order; `items` numbers the products from 1."""

    steps: dict[str, list[Step]]
    items: dict[str, int]

    @property
    def count(self) -> int:
        """How many facts this makes."""
        return sum(len(steps) for steps in self.steps.values())


def sale_id(transaction: int) -> bytes:
    """Return the sale id of a transaction, the same in every run."""
    return hashlib.sha256(f"till record {transaction}".encode()).digest()[:16]


def make_plan(records: TillRecords) -> Plan:
    """Return what the tills are told, by the till that sold, in the order in which sales closed."""
    planner = _Planner(records)
    steps: dict[str, list[Step]] = {till: [] for till in records.tills}
    todo = sorted(records.transactions, key=lambda one: (one.closed, one.number))
    done: set[int] = set()
    while todo:
        ready = [one for one in todo if planner.needs(one) <= done | {one.number}]
        if not ready:
            message = f"transactions {[one.number for one in todo[:5]]} void each other in a circle"
            raise BadRecords(message)
        for one in ready:
            for step in planner.steps_of(one):
                steps[step.till].append(step)
            done.add(one.number)
        todo = [one for one in todo if one.number not in done]
    return Plan(steps, planner.items)


class _Planner:
    """What must be known of all transactions to plan one of them."""

    def __init__(self, records: TillRecords) -> None:
        self._busiest = records.tills[0]
        self._target: dict[int, Line] = {}
        for line in records.lines:
            if line.voided_by is not None:
                self._target[line.voided_by] = line
        self._till = {one.number: self._till_of(one) for one in records.transactions}
        self._index: dict[int, int] = {}
        for one in records.transactions:
            own = [line for line in one.lines if self._void_elsewhere(line) is None]
            self._index.update({line.number: at for at, line in enumerate(own)})
        names = sorted({line.item for line in records.lines})
        self.items = {name: number for number, name in enumerate(names, 1)}

    def needs(self, one: Transaction) -> set[int]:
        """Return the transactions whose lines this one voids."""
        targets = (self._void_elsewhere(line) for line in one.lines)
        return {target.transaction for target in targets if target is not None}

    def steps_of(self, one: Transaction) -> list[Step]:
        """Return the sale and the voids that a transaction is made of."""
        own = [line for line in one.lines if self._void_elsewhere(line) is None]
        voids: dict[int, list[Line]] = {}
        for line in one.lines:
            target = self._void_elsewhere(line)
            if target is not None:
                voids.setdefault(target.transaction, []).append(line)
        seller = one.lines[-1].seller if one.lines else 0
        parts: list[tuple[int | None, int]] = []
        if own or not voids:
            parts.append((None, sum(line.amount for line in own)))
        parts += [(sale, sum(v.amount for v in lines)) for sale, lines in voids.items()]
        paid = _split(one, [amount for _, amount in parts])
        steps: list[Step] = []
        for (sale, _), payments in zip(parts, paid, strict=True):
            if sale is None:
                lines = tuple(self._sale_line(line) for line in own)
                till = self._till[one.number]
                steps.append(Sell(one.number, till, sale_id(one.number), seller, lines, payments))
            else:
                undone = tuple(
                    sorted(self._index[self._target[v.number].number] for v in voids[sale])
                )
                till = self._till[sale]
                steps.append(Void(one.number, till, sale_id(sale), seller, undone, payments))
        return steps

    def _till_of(self, one: Transaction) -> str:
        return one.lines[-1].till if one.lines else self._busiest

    def _void_elsewhere(self, line: Line) -> Line | None:
        """Return the line of another transaction that this one voids, None for anything else.

        A void of a void takes nothing back; it is a line that is sold again.
        """
        target = self._target.get(line.number) if line.is_void else None
        if target is None or target.is_void or target.transaction == line.transaction:
            return None
        return target

    def _sale_line(self, line: Line) -> SaleLine:
        kind, undoes = LineKind.ITEM, None
        target = self._target.get(line.number) if line.is_void else None
        if target is not None and not target.is_void:
            kind, undoes = LineKind.UNDONE, self._index[target.number]
        elif (line.quantity < 0 and not line.is_void) or (target is not None and _is_cup(target)):
            kind = LineKind.CUP_BACK
        return (self.items[line.item], line.quantity, line.unit_minor, 0, int(kind), undoes)


def _is_cup(void: Line) -> bool:
    """Tell whether a void took back the return of a cup, so that its own void returns it again."""
    return void.quantity > 0


def _split(one: Transaction, amounts: Iterable[int]) -> list[tuple[PaymentRow, ...]]:
    """Share a transaction's payments among its facts so that each adds up."""
    rows: list[PaymentRow] = [(METHOD[p.method], p.amount, None, None) for p in one.payments]
    first, *others = amounts
    if not others:
        return [tuple(rows)]
    method = rows[0][0] if rows else int(Method.CASH)
    difference = first - sum(row[1] for row in rows)
    return [
        (*rows, (method, difference, None, CONTRA)),
        *(((method, amount, None, REST),) for amount in others),
    ]
