"""What a till prints: receipts, reports and claim slips, each original once, without ever waiting.

A sale stands whether or not its receipt came out; trouble of the printer is told, and the slip can
be asked for again. The first print that came out is the original. Which ones did is remembered by
this process alone, because a note on the disk for each receipt would cost as much as the sale: what
was recorded before the process started is always printed as a duplicate.
"""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Final

from edge.bar.counted_cash import ShiftTrouble
from edge.bar.history import SALE_RECORDS_READ_MAX, own_sales
from edge.bar.receipt import Paper, SaleOnPaper, claim_slip, parts_of, report_slip, sale_slip
from edge.bar.report import bar_name, call_sign, product_name
from edge.bar.sayings import say
from edge.bar.shifts import ShiftBook
from edge.headless import Answer, BadCommand, Command, raw_id, text, whole
from edge.terminal import Terminal
from hardware.ports import ReceiptPrinter, Slip
from sync import ledger
from sync.catalogue import bar_of
from sync.facts import Sold
from sync.journal import Record
from sync.limits import U32_MAX
from sync.names import ID_BYTES
from sync.sentences import LANGUAGES

PRINTED_REMEMBERED_MAX: Final = 100_000
CLAIM_CHARS_MAX: Final = 60
_SALE: Final = b"s"
_SHIFT: Final = b"z"


class Printing:
    """The slips of one till; in the lane only, but for what the printer tells."""

    def __init__(
        self,
        terminal: Terminal,
        shifts: ShiftBook,
        tell: Callable[[Answer], object],
        printer: ReceiptPrinter | None = None,
    ) -> None:
        """Print on this printer, if there is one; `tell` hears from its thread what came out."""
        self._terminal = terminal
        self._shifts = shifts
        self._tell = tell
        self._printer = printer
        self._gate = threading.Lock()
        self._out: set[bytes] = set()
        self._under_way: Counter[bytes] = Counter()
        self._forgotten_up_to = -1

    @property
    def trouble(self) -> str:
        """What is wrong with the printer, in one English sentence; empty if nothing is."""
        return "" if self._printer is None else self._printer.trouble

    @property
    def is_there(self) -> bool:
        """Tell whether a printer is connected at all."""
        return self._printer is not None

    def commands(self) -> dict[str, Callable[[Command], Answer]]:
        """Return what a till can be told to print."""
        return {"print": self.print}

    def print(self, command: Command) -> Answer:
        """Put a slip into the printer's queue; what became of it is told later."""
        asked = command.get("language")
        language = asked if asked in LANGUAGES else self._terminal.manifest.language
        if "sale" in command:
            self.print_sale(raw_id(command, "sale", ID_BYTES), language)
        elif "shift" in command:
            self.print_shift(whole(command, "shift", 1, U32_MAX), language)
        elif "claim" in command:
            claim = text(command, "claim", CLAIM_CHARS_MAX)
            self.print_claim(text(command, "number", CLAIM_CHARS_MAX), claim, language)
        else:
            raise BadCommand(say("print_what", language))
        return {"event": "done"}

    def print_sale(self, sale: bytes, language: str, balance_minor: int | None = None) -> None:
        """Print a sale of this till; `balance_minor` is what is left on the wristband, if known.

        `BadCommand` if there is no printer or no such sale among the newest.
        """
        self._check_printer(language)
        record, body = self._sale(sale, language)
        key = _SALE + sale
        is_own = record.run == self._terminal.run and record.number > self._forgotten_up_to
        at_ms = record.stamp.physical_ms
        cells = self._terminal.store.shelf.cells
        on_paper = SaleOnPaper(
            body=body,
            state=ledger.sale(cells, sale),
            at_ms=at_ms,
            seller=call_sign(cells, body.seller),
            name=lambda product: product_name(cells, product),
            balance_minor=balance_minor,
            is_duplicate=not is_own or self._is_out(key),
        )
        paper = self._paper(language, bar_name(cells, body.bar), at_ms)
        told = {"event": "printed", "sale": sale.hex()}
        self._send(sale_slip(paper, on_paper), paper, told, key, record.number)

    def print_shift(self, shift: int, language: str) -> None:
        """Print the X of the open shift or the Z of a closed one; the Z once as an original.

        `BadCommand` if there is no printer or no such shift.
        """
        self._check_printer(language)
        try:
            report = self._shifts.report(shift)
        except ShiftTrouble as trouble:
            raise BadCommand(trouble.sentence(language)) from trouble
        key = _SHIFT + shift.to_bytes(4, "big")
        is_z = report["kind"] == "z"
        is_first = self._shifts.was_closed_here(shift) and not self._is_out(key)
        report["duplicate"] = is_z and not is_first
        at_ms = report["closed_ms"] or report["opened_ms"]
        paper = self._paper(language, report["bar"], at_ms)
        told = {"event": "printed", "shift": shift}
        self._send(report_slip(paper, report), paper, told, key if is_z else b"")

    def print_claim(self, number: str, claim: str, language: str) -> None:
        """Print a guest's claim slip; `BadCommand` if there is no printer."""
        self._check_printer(language)
        cells = self._terminal.store.shelf.cells
        place = bar_of(cells, self._terminal.manifest.terminal_id)
        bar = "" if place is None else place.name
        paper = self._paper(language, bar, self._terminal.moment().now_ms)
        told = {"event": "printed", "number": number}
        self._send(claim_slip(paper, number, claim), paper, told)

    def open_drawer(self) -> None:
        """Open the cash drawer, if a printer with one is connected."""
        if self._printer is not None:
            self._printer.open_drawer()

    def _check_printer(self, language: str) -> None:
        if self._printer is None:
            raise BadCommand(say("no_printer", language))

    def _sale(self, sale: bytes, language: str) -> tuple[Record, Sold]:
        for record, body in own_sales(self._terminal, SALE_RECORDS_READ_MAX, sale):
            if body.sale == sale:
                return record, body
        raise BadCommand(say("sale_not_newest", language))

    def _paper(self, language: str, bar: str, at_ms: int) -> Paper:
        manifest = self._terminal.manifest
        return Paper(
            festival=manifest.festival_name,
            bar=bar,
            till=manifest.name,
            currency=manifest.currency,
            language=language,
            utc_offset_minutes=self._terminal.utc_offset_minutes(at_ms),
        )

    def _is_out(self, key: bytes) -> bool:
        """Tell whether a slip came out or is just being printed."""
        with self._gate:
            return key in self._out or self._under_way[key] > 0

    def _send(
        self, slip: Slip, paper: Paper, told: Answer, key: bytes = b"", number: int = -1
    ) -> None:
        """Queue a slip's parts, each after the one before it; `key` names what has an original."""
        printer = self._printer
        parts = parts_of(slip, paper)
        if printer is None:
            return
        with self._gate:
            self._under_way[key] += 1

        def done(trouble: str) -> None:
            if not trouble and parts:
                printer.print(parts.pop(0), done)
                return
            self._note(key, number, is_out=not trouble)
            self._tell({**told, "trouble": trouble})

        printer.print(parts.pop(0), done)

    def _note(self, key: bytes, number: int, *, is_out: bool) -> None:
        """Remember what came out, and of too many that all before were printed."""
        with self._gate:
            self._under_way[key] -= 1
            if not self._under_way[key]:
                del self._under_way[key]
            if not is_out or not key:
                return
            if len(self._out) >= PRINTED_REMEMBERED_MAX:
                self._out = {one for one in self._out if one.startswith(_SHIFT)}
                self._forgotten_up_to = max(self._forgotten_up_to, number)
            self._out.add(key)
