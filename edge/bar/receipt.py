"""Slips for a receipt printer: a sale, a shift's report, a claim code; in English or French.

Pure: what goes in is known already, what comes out is rows for `hardware.ports.ReceiptPrinter`.
Amounts stand at the right with the currency, written as that language writes them, with a true
minus sign. A guest reads what was bought, how it was paid and which VAT is in it; of people only
the call sign of who sold stands on paper.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from edge.bar.receipt_words import METHOD_WORDS, waste_word, word
from edge.bar.tally import Sum, sums_of
from hardware.ports import Line, Rule, Slip, Style
from sync.facts import LineKind, Method, Sold
from sync.ledger_effects import (
    Basket,
    SaleState,
    line_amount,
    refundable,
    refunded_quantities,
    undone_in_basket,
)

PART_ROWS_MAX: Final = 200
NUMBER_DIGITS: Final = 8
_NO_TILL: Final = b""


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on every slip: festival, bar, till, currency, and the language ``en`` or ``fr``.

    `utc_offset_minutes` is how far the festival's local time was ahead of UTC at what is printed.
    """

    festival: str
    bar: str
    till: str
    currency: str
    language: str
    utc_offset_minutes: int

    def word(self, name: str, *details: object) -> str:
        """Return a word of this paper's language."""
        return word(name, self.language, *details)

    def money(self, minor: int) -> str:
        """Return an amount with its currency, such as ``−3,00 EUR``."""
        return f"{self.plain(minor)} {self.currency}"

    def plain(self, minor: int) -> str:
        """Return an amount without its currency."""
        units, part = divmod(abs(minor), 100)
        point = "," if self.language == "fr" else "."
        return f"{'−' if minor < 0 else ''}{units}{point}{part:02d}"

    def percent(self, basis_points: int) -> str:
        """Return a VAT rate such as ``20 %`` or ``5,5 %``."""
        units, part = divmod(basis_points, 100)
        point = "," if self.language == "fr" else "."
        rest = f"{point}{part:02d}".rstrip("0") if part else ""
        return f"{units}{rest} %" if self.language == "fr" else f"{units}{rest}%"

    def time(self, time_ms: int) -> str:
        """Return a local day and time; "?" outside of any calendar."""
        try:
            local = datetime.fromtimestamp(time_ms // 1000 + 60 * self.utc_offset_minutes, UTC)
        except (ValueError, OverflowError, OSError):
            return "?"
        return f"{local:%d/%m/%Y %H:%M}" if self.language == "fr" else f"{local:%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class SaleOnPaper:
    """A sale as it is to be printed; `state` is everything that was said about it since.

    `at_ms` is Unix time in ms; `seller` a call sign; `name` gives products' names;
    `balance_minor` is what is left on the wristband, None if that is not known.
    """

    body: Sold
    state: SaleState
    at_ms: int
    seller: str
    name: Callable[[int], str]
    balance_minor: int | None = None
    is_duplicate: bool = False


def sale_number(sale: bytes, shift: int) -> str:
    """Return the number under which a guest finds a sale again: shift and first hex digits."""
    digits = sale.hex()[:NUMBER_DIGITS].upper()
    return f"{shift}-{digits}" if shift else digits


def sale_slip(paper: Paper, sale: SaleOnPaper) -> Slip:
    """Return a sale's receipt, with what was voided or refunded since taken off again."""
    body = sale.body
    known = _own(sale)
    undone = undone_in_basket(known.baskets[0])
    bought = [one for at, one in enumerate(body.lines) if at not in undone]
    total = sum(line_amount(line) for line in body.lines)
    rows: list[Line | Rule] = [*_head(paper, is_duplicate=sale.is_duplicate)]
    rows += [
        Line(paper.time(sale.at_ms)),
        Line(paper.word("number", sale_number(body.sale, body.shift))),
        Rule(),
        *(row for line in bought for row in _line(paper, sale.name, line, line[1])),
        Rule(),
        Line(paper.word("total"), paper.money(total), Style.BOLD),
        *_payments(paper, body),
    ]
    back = _back(known)
    if back:
        rows += [Rule(), Line(paper.word("taken_back"), "", Style.BOLD)]
        rows += [
            row
            for at, quantity in sorted(back.items())
            for row in _line(paper, sale.name, body.lines[at], -quantity)
        ]
        gone = sum(quantity * body.lines[at][2] for at, quantity in back.items())
        rows.append(Line(paper.word("total_now"), paper.money(total - gone), Style.BOLD))
    if sale.balance_minor is not None:
        rows.append(Line(paper.word("left"), paper.money(sale.balance_minor)))
    rows += _vat_of(paper, sums_of(known, _NO_TILL, 0))
    if sale.seller:
        rows += [Rule(), Line(paper.word("served_by", sale.seller))]
    rows.append(Line(paper.word("thanks"), "", Style.CENTRED))
    return tuple(rows)


def report_slip(paper: Paper, report: dict[str, Any]) -> Slip:
    """Return a shift's report (see `edge.bar.report`) on paper."""
    rows: list[Line | Rule] = [
        *_head(paper, is_duplicate=report["duplicate"]),
        Line(paper.word(f"report_{report['kind']}", report["shift"]), "", Style.BOLD),
        Line(paper.word("opened", paper.time(report["opened_ms"]))),
    ]
    if report["closed_ms"] is not None:
        rows.append(Line(paper.word("closed", paper.time(report["closed_ms"]))))
    if report["seller"]:
        rows.append(Line(paper.word("opened_by", report["seller"])))
    numbers = f"{report['first_number']}–{report['last_number']}"
    rows.append(Line(paper.word("numbers"), numbers))
    rows += _counts(paper, report)
    rows += _goods(paper, report)
    rows += _money_rows(paper, "by_method", report["by_method"])
    rows += _money_rows(paper, "topped_up", report["topped_up"])
    rows += _money_rows(paper, "paid_out", report["paid_out"])
    rows += _drawer(paper, report["drawer"])
    rows += [
        Rule(),
        Line(paper.word("before"), paper.money(report["grand_total_before"])),
        Line(paper.word("after"), paper.money(report["grand_total_after"]), Style.BOLD),
    ]
    if report["check"]:
        rows += [Rule(), Line(paper.word("check"), "", Style.BOLD), Line(report["check"])]
    return tuple(rows)


def claim_slip(paper: Paper, number: str, claim: str) -> Slip:
    """Return a guest's claim slip: the wristband's number and the code that proves whose it is."""
    return (
        *_head(paper, is_duplicate=False),
        Line(paper.word("claim_title"), "", Style.BOLD),
        Line(paper.word("claim_number")),
        Line(number, "", Style.LARGE),
        Line(paper.word("claim_code")),
        Line(claim, "", Style.LARGE),
        Rule(),
        Line(paper.word("claim_use")),
    )


def parts_of(slip: Slip, paper: Paper) -> list[Slip]:
    """Cut a slip into parts that a printer takes at once; each but the first says which it is."""
    pieces = [slip[at : at + PART_ROWS_MAX] for at in range(0, len(slip), PART_ROWS_MAX)]
    count = len(pieces)
    return [
        piece if number == 1 else (Line(paper.word("part", number, count)), Rule(), *piece)
        for number, piece in enumerate(pieces, 1)
    ]


def _head(paper: Paper, *, is_duplicate: bool) -> Iterator[Line | Rule]:
    yield Line(paper.festival, "", Style.CENTRED)
    place = " · ".join(part for part in (paper.bar, paper.till) if part)
    yield Line(place, "", Style.CENTRED)
    if is_duplicate:
        yield Line(paper.word("duplicate"), "", Style.LARGE)
    yield Rule()


def _line(
    paper: Paper,
    name: Callable[[int], str],
    line: tuple[int, int, int, int, int, int | None],
    quantity: int,
) -> Iterator[Line]:
    """A line of a basket: how many of what, the price of one where that is another number."""
    product, _, unit, _, kind, _ = line
    what = paper.word(f"kind_{LineKind(kind).name.lower()}", name(product))
    is_counted = kind not in {LineKind.TIP, LineKind.TOP_UP} or abs(quantity) != 1
    count = f"{quantity} × ".replace("-", "−") if is_counted else ""
    yield Line(f"{count}{what}", paper.money(quantity * unit))
    if abs(quantity) != 1:
        yield Line(f"    {paper.word('each', paper.plain(unit))}")


def _payments(paper: Paper, body: Sold) -> Iterator[Line]:
    """How it was paid; cash that is handed back is change."""
    for method, amount, _, _ in body.payments:
        is_change = method == Method.CASH and amount < 0 and len(body.payments) > 1
        if amount:
            name = "change" if is_change else METHOD_WORDS[Method(method).name.lower()]
            yield Line(paper.word(name), paper.money(amount))


def _own(sale: SaleOnPaper) -> SaleState:
    """Return the sale's own basket with what was said of it, under one till's name."""
    body = sale.body
    basket = Basket(_NO_TILL, body.bar, body.shift, body.lines, body.payments)
    tills = {known.terminal for known in sale.state.baskets}
    voids = (void for void in sale.state.voids if void.terminal in tills)
    named = tuple(void._replace(terminal=_NO_TILL) for void in voids)
    return SaleState((basket,), named, sale.state.refunds)


def _back(state: SaleState) -> dict[int, int]:
    """Return how much of each line was taken back since: all of a voided one, else refunds."""
    (basket,) = state.baskets
    undone = undone_in_basket(basket)
    back: Counter[int] = Counter()
    for number in state.voided_lines - undone:
        if number < len(basket.lines):
            back[number] = basket.lines[number][1]
    for number, asked in refunded_quantities(state).items():
        back[number] += min(asked, refundable(basket, number, state))
    return {number: quantity for number, quantity in back.items() if quantity}


def _vat_of(paper: Paper, sums: Counter[Any]) -> Iterator[Line | Rule]:
    rates = sorted({key[1] for key in sums if key[0] is Sum.GOODS})
    rows = [(rate, sums[Sum.GOODS, rate, 0], sums[Sum.VAT, rate, 0]) for rate in rates]
    yield from _vat_rows(paper, [(rate, gross, vat) for rate, gross, vat in rows if gross or vat])


def _vat_rows(paper: Paper, rows: list[tuple[int, int, int]]) -> Iterator[Line | Rule]:
    """One row for each rate: net and VAT at the left, gross at the right."""
    if rows:
        yield Rule()
    for rate, gross, vat in rows:
        net = paper.plain(gross - vat)
        yield Line(
            paper.word("vat", paper.percent(rate), net, paper.plain(vat)), paper.money(gross)
        )


def _counts(paper: Paper, report: dict[str, Any]) -> Iterator[Line | Rule]:
    yield Rule()
    names = ("sales", "lines", "voids", "refunds", "declined", "top_ups", "pay_outs")
    for name in names:
        yield Line(paper.word(name), str(report[name]))


def _goods(paper: Paper, report: dict[str, Any]) -> Iterator[Line | Rule]:
    yield Rule()
    for _, name, halves, amount in report["by_product"]:
        yield Line(f"{_measures(paper, halves)} × {name}", paper.money(amount))
    yield Rule()
    for name, amount in report["by_category"]:
        yield Line(name or paper.word("no_category"), paper.money(amount))
    yield Line(paper.word("gross"), paper.money(report["gross"]), Style.BOLD)
    yield from _vat_rows(paper, [(rate, gross, vat) for rate, gross, _, vat in report["by_vat"]])
    yield Rule()
    for name in ("discounts", "deposits_taken", "deposits_returned", "tips"):
        amount = report[name] * (-1 if name in {"discounts", "deposits_returned"} else 1)
        yield Line(paper.word(name), paper.money(amount))
    for _, name, reason, halves in report["waste"]:
        told = paper.word(
            "waste", _measures(paper, halves), name, waste_word(reason, paper.language)
        )
        yield Line(told)


def _measures(paper: Paper, halves: int) -> str:
    """Return half measures as usual ones: 5 halves are 2.5."""
    units, half = divmod(abs(halves), 2)
    point = "," if paper.language == "fr" else "."
    return f"{'−' if halves < 0 else ''}{units}{f'{point}5' if half else ''}"


def _money_rows(paper: Paper, title: str, rows: list[list[Any]]) -> Iterator[Line | Rule]:
    if not rows:
        return
    yield Rule()
    yield Line(paper.word(title), "", Style.BOLD)
    for method, amount in rows:
        yield Line(paper.word(METHOD_WORDS[method]), paper.money(amount))


def _drawer(paper: Paper, drawer: dict[str, Any]) -> Iterator[Line | Rule]:
    yield Rule()
    yield Line(paper.word("drawer"), "", Style.BOLD)
    for name in ("float", "sales", "top_ups", "pay_outs"):
        amount = -drawer[name] if name == "pay_outs" else drawer[name]
        yield Line(paper.word(f"drawer_{name}"), paper.money(amount))
    yield Line(paper.word("expected"), paper.money(drawer["expected"]))
    if drawer["counted"] is not None:
        yield Line(paper.word("counted"), paper.money(drawer["counted"]))
        yield Line(paper.word("difference"), paper.money(drawer["difference"]), Style.BOLD)
