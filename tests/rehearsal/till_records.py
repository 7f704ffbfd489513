"""Reads real till records, strictly: two CSV files in, transactions out, or the line that is wrong.

Everything is read and checked before anything is recorded. Real data is untidy, so what is merely
odd (a line that names a voiding line which is not in the file, a payment without lines) is kept and
counted; what cannot be understood stops the run.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from sync.limits import PAYMENTS_MAX, QUANTITY_UNITS_MAX, SALE_LINES_MAX, TEXT_CHARS_MAX
from sync.money import MoneyError, parse

LINE_COLUMNS: Final = (
    "transaction_id line_id time till seller department item quantity voided_by_line kind".split()
)
PAYMENT_COLUMNS: Final = ("transaction_id", "payment_id", "time", "method")
KINDS: Final = ("sale", "void")
METHODS: Final = ("card", "cash")
_WHOLE: Final = re.compile(r"-?\d{1,9}(\.0+)?")
_NUMBER: Final = re.compile(r"\d{1,12}")


class BadRecords(Exception):
    """A row that cannot be understood; the message names the file, the line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a sale: ids as in the file, a whole quantity, the unit price in minor units."""

    transaction: int
    number: int
    time: datetime
    till: str
    seller: int
    item: str
    department: str
    quantity: int
    unit_minor: int
    voided_by: int | None
    is_void: bool

    @property
    def amount(self) -> int:
        """Quantity times price, in minor units."""
        return self.quantity * self.unit_minor


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment, in minor units; negative is change."""

    transaction: int
    number: int
    time: datetime
    method: str
    amount: int


@dataclass(slots=True)
class Transaction:
    """What was rung up and paid together, in the order of the files."""

    number: int
    lines: list[Line] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)

    @property
    def closed(self) -> datetime:
        """When the last thing about it happened."""
        return max([line.time for line in self.lines] + [paid.time for paid in self.payments])

    @property
    def total(self) -> int:
        """The sum of its lines in minor units."""
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True, slots=True)
class TillRecords:
    """Everything in the two files; `currency` is from the column names, such as GBP."""

    transactions: list[Transaction]
    currency: str
    dangling_voids: int

    @property
    def lines(self) -> list[Line]:
        """Every line."""
        return [line for one in self.transactions for line in one.lines]

    @property
    def payments(self) -> list[Payment]:
        """Every payment."""
        return [payment for one in self.transactions for payment in one.payments]

    @property
    def tills(self) -> list[str]:
        """The names of the tills, the busiest first."""
        counts: dict[str, int] = {}
        for line in self.lines:
            counts[line.till] = counts.get(line.till, 0) + 1
        return sorted(counts, key=lambda till: (-counts[till], till))


def read_till_records(lines_file: Path, payments_file: Path) -> TillRecords:
    """Return every transaction of two files; `BadRecords` for the first row that is wrong."""
    transactions: dict[int, Transaction] = {}
    lines: dict[int, Line] = {}
    where: dict[int, str] = {}
    currency = ""
    for place, row, coin in _rows(lines_file, LINE_COLUMNS, "unit_price"):
        line = _line(place, row, coin)
        if line.number in lines:
            raise _bad(place, f"line_id {line.number} stands in an earlier row already")
        lines[line.number] = line
        where[line.number] = place
        transactions.setdefault(line.transaction, Transaction(line.transaction)).lines.append(line)
        currency = coin.rsplit("_", 1)[1].upper()
    seen: set[int] = set()
    for place, row, coin in _rows(payments_file, PAYMENT_COLUMNS, "amount"):
        payment = _payment(place, row, coin)
        if payment.number in seen:
            raise _bad(place, f"payment_id {payment.number} stands in an earlier row already")
        if currency and currency != coin.rsplit("_", 1)[1].upper():
            raise _bad(place, f"the column {coin} is in another currency than the lines")
        seen.add(payment.number)
        of = transactions.setdefault(payment.transaction, Transaction(payment.transaction))
        of.payments.append(payment)
    if not lines:
        raise _bad(f"{lines_file}", "there is no line in this file")
    _check_sizes(transactions, where)
    dangling = _check_voids(lines, where)
    return TillRecords(list(transactions.values()), currency, dangling)


def _rows(
    path: Path, columns: tuple[str, ...] | list[str], amount: str
) -> Iterator[tuple[str, dict[str, str], str]]:
    """Yield (file and line, row, name of the amount's column) for every row of a file."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            names = reader.fieldnames or []
            missing = [name for name in columns if name not in names]
            coins = [name for name in names if re.fullmatch(rf"{amount}_[a-z]{{3}}", name)]
            if missing or len(coins) != 1:
                wanted = ", ".join([*missing, *([] if len(coins) == 1 else [f"{amount}_gbp"])])
                raise _bad(f"{path}:1", f"missing column: {wanted}")
            for row in reader:
                place = f"{path}:{reader.line_num}"
                if None in row or None in row.values():
                    raise _bad(place, f"expected {len(names)} fields")
                yield place, row, coins[0]
    except (OSError, UnicodeDecodeError, csv.Error) as trouble:
        raise _bad(str(path), f"the file cannot be read: {trouble}") from trouble


def _line(place: str, row: dict[str, str], coin: str) -> Line:
    if row["kind"] not in KINDS:
        raise _bad(place, f"unknown kind: {row['kind'][:40]!r} (known: {', '.join(KINDS)})")
    for name in ("till", "item"):
        if not row[name].strip() or len(row[name]) > TEXT_CHARS_MAX:
            raise _bad(place, f"{name} is empty or longer than {TEXT_CHARS_MAX} characters")
    if not _WHOLE.fullmatch(row["quantity"]):
        raise _bad(place, f"bad number: quantity {row['quantity'][:40]!r} is not whole")
    quantity = int(row["quantity"].split(".", 1)[0])
    if abs(quantity) > QUANTITY_UNITS_MAX:
        raise _bad(place, f"bad number: quantity {quantity} is beyond {QUANTITY_UNITS_MAX}")
    voided_by = row["voided_by_line"]
    return Line(
        transaction=_number(place, row, "transaction_id"),
        number=_number(place, row, "line_id"),
        time=_time(place, row),
        till=row["till"].strip(),
        seller=_number(place, row, "seller"),
        item=row["item"].strip(),
        department=row["department"].strip(),
        quantity=quantity,
        unit_minor=_money(place, row, coin),
        voided_by=_number(place, row, "voided_by_line") if voided_by else None,
        is_void=row["kind"] == "void",
    )


def _payment(place: str, row: dict[str, str], coin: str) -> Payment:
    if row["method"] not in METHODS:
        known = ", ".join(METHODS)
        raise _bad(place, f"unknown method of payment: {row['method'][:40]!r} (known: {known})")
    return Payment(
        transaction=_number(place, row, "transaction_id"),
        number=_number(place, row, "payment_id"),
        time=_time(place, row),
        method=row["method"],
        amount=_money(place, row, coin),
    )


def _number(place: str, row: dict[str, str], name: str) -> int:
    if not _NUMBER.fullmatch(row[name]):
        raise _bad(place, f"bad number: {name} {row[name][:40]!r}")
    return int(row[name])


def _time(place: str, row: dict[str, str]) -> datetime:
    try:
        return datetime.fromisoformat(row["time"])
    except ValueError as trouble:
        wanted = "expected for example 2024-05-29 12:14:33.725"
        raise _bad(place, f"bad time: {row['time'][:40]!r} ({wanted})") from trouble


def _money(place: str, row: dict[str, str], name: str) -> int:
    try:
        return parse(row[name]).minor
    except MoneyError as trouble:
        raise _bad(place, f"bad number: {name}: {trouble}") from trouble


def _check_sizes(transactions: dict[int, Transaction], where: dict[int, str]) -> None:
    for one in transactions.values():
        if len(one.lines) > SALE_LINES_MAX:
            message = f"transaction {one.number} has more than {SALE_LINES_MAX} lines"
            raise _bad(where[one.lines[SALE_LINES_MAX].number], message)
        if len(one.payments) > PAYMENTS_MAX - 1:
            message = f"transaction {one.number} has more than {PAYMENTS_MAX - 1} payments"
            raise _bad("payments", message)


def _check_voids(lines: dict[int, Line], where: dict[int, str]) -> int:
    """See that each void undoes exactly the line that names it; count those that dangle."""
    dangling = 0
    named: dict[int, int] = {}
    for line in lines.values():
        if line.voided_by is None:
            continue
        void = lines.get(line.voided_by)
        if void is None:
            dangling += 1
            continue
        place = where[line.number]
        if not void.is_void:
            raise _bad(place, f"line {void.number}, which is said to void this one, is a sale")
        if (void.quantity, void.unit_minor) != (-line.quantity, line.unit_minor):
            raise _bad(place, f"line {void.number} does not undo exactly this line")
        if void.number in named:
            raise _bad(place, f"line {void.number} voids line {named[void.number]} already")
        named[void.number] = line.number
    return dangling


def _bad(place: str, what: str) -> BadRecords:
    return BadRecords(f"{place}: {what}")
