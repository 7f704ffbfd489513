"""What this till sold, the newest first, with what became of each line; a search through it.

Only this till's own sales are looked at, and only so many of its newest records: a seller looks for
the sale of a guest who stands there, and an auditor has the office.
"""

import unicodedata
from collections.abc import Iterator
from typing import Any, Final

from edge.bar.own_shifts import kind_mark
from edge.bar.report import call_sign, product_name
from edge.headless import Answer, Command, text, whole
from edge.store.own_walk import walk_back
from edge.terminal import Terminal
from sync import ledger
from sync.cells import Cells
from sync.facts import LineKind, Method, Sold
from sync.journal import Record, read_record
from sync.ledger_effects import SaleState, line_amount, refunded_quantities
from sync.money import MoneyError, parse

HISTORY_ROWS_MAX: Final = 200
HISTORY_ROWS_USUAL: Final = 20
HISTORY_RECORDS_READ_MAX: Final = 5_000
SALE_RECORDS_READ_MAX: Final = 100_000
SEARCH_CHARS_MAX: Final = 80
_SOLD: Final = kind_mark(Sold.KIND)


def history(terminal: Terminal, command: Command) -> Answer:
    """Answer `history`: the newest own sales, those only that `search` is found in.

    `search` is an amount (9.60 or 9,60), a part of a product's name, or the first hex digits of a
    sale's number. `BadCommand` says what is wrong with the command.
    """
    count = HISTORY_ROWS_USUAL
    if "rows" in command:
        count = whole(command, "rows", 1, HISTORY_ROWS_MAX)
    search = text(command, "search", SEARCH_CHARS_MAX) if command.get("search") else ""
    wanted = _Wanted(search, terminal.store.shelf.cells)
    rows: list[dict[str, Any]] = []
    is_last = True
    for record, body in own_sales(terminal, HISTORY_RECORDS_READ_MAX):
        if len(rows) == count:
            break
        if wanted.fits(body):
            rows.append({**sale_row(terminal, record, body), "is_last": is_last})
        is_last = False
    return {"event": "history", "rows": rows}


def own_sales(
    terminal: Terminal, records_max: int, sale: bytes = b""
) -> Iterator[tuple[Record, Sold]]:
    """Walk over this till's sales among so many of its newest records, the newest first.

    With a sale's id only records that hold it are looked at.
    """
    for count, raw in enumerate(walk_back(terminal.store, terminal.run)):
        if count == records_max:
            return
        if _SOLD in raw and sale in raw:
            record = read_record(raw)
            if isinstance(record.body, Sold):  # others may hold the mark by chance
                yield record, record.body


def sale_row(terminal: Terminal, record: Record, body: Sold) -> dict[str, Any]:
    """Return a sale as an object; amounts in minor units, `at_ms` in Unix milliseconds."""
    cells = terminal.store.shelf.cells
    state = ledger.sale(cells, body.sale)
    return {
        "sale": body.sale.hex(),
        "at_ms": record.stamp.physical_ms,
        "seller": call_sign(cells, body.seller),
        "seller_badge": body.seller,
        "total_minor": sum(line_amount(line) for line in body.lines),
        "shift": body.shift,
        "lines": [_line(cells, state, body, at) for at in range(len(body.lines))],
        "payments": [[Method(row[0]).name.lower(), *row[1:]] for row in body.payments],
    }


def _line(cells: Cells, state: SaleState, body: Sold, at: int) -> dict[str, Any]:
    product, quantity, unit, _, kind, undoes = body.lines[at]
    undone = {line[5] for line in body.lines if line[4] == LineKind.UNDONE}
    is_voided = at in state.voided_lines
    refunded = 0 if is_voided else min(refunded_quantities(state)[at], max(0, quantity))
    return {
        "at": at,
        "product": product,
        "name": product_name(cells, product),
        "quantity": quantity,
        "unit": unit,
        "kind": LineKind(kind).name.lower(),
        "about": undoes,
        "amount": quantity * unit,
        "voided": is_voided,
        "undone": at in undone or kind == LineKind.UNDONE,
        "refunded": refunded,
    }


class _Wanted:
    """What a search is after."""

    def __init__(self, search: str, cells: Cells) -> None:
        self._cells = cells
        self._word = _plain(search)
        self._digits = search.strip().lower()
        self._names: dict[int, str] = {}
        try:
            self._amount: int | None = abs(parse(search.strip().replace(",", ".")).minor)
        except MoneyError:
            self._amount = None

    def fits(self, body: Sold) -> bool:
        """Tell whether a sale is one of those that are looked for."""
        if not self._word or body.sale.hex().startswith(self._digits):
            return True
        if self._amount is not None and self._is_amount(body):
            return True
        return any(self._word in self._name(line[0]) for line in body.lines)

    def _is_amount(self, body: Sold) -> bool:
        amounts = [sum(line_amount(line) for line in body.lines)]
        amounts += [row[1] for row in body.payments]
        return any(abs(amount) == self._amount for amount in amounts)

    def _name(self, product: int) -> str:
        name = self._names.get(product)
        if name is None:
            name = self._names[product] = _plain(product_name(self._cells, product))
        return name


def _plain(words: str) -> str:
    """Return words without accents and capitals, so that ``biere`` finds ``Bière``."""
    parts = unicodedata.normalize("NFKD", words.strip())
    return "".join(char for char in parts if not unicodedata.combining(char)).casefold()
