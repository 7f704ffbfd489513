"""What a till does with a sale: decide, record, and only then say that it is paid.

A sale has its id before it is decided, and keeps it through every retry: given again with the same
content it is answered from the journal, given with another it is refused.
"""

from collections.abc import Callable
from typing import Any, Final

from edge.bar.basket import METHODS, lines_of, payments_of, total_of
from edge.bar.exposure import exposure_of
from edge.bar.memory import TillMemory
from edge.bar.wristband import Wristband, read_wristband
from edge.headless import Answer, BadCommand, Command, raw_id, whole
from edge.terminal import StillRecovering, Terminal
from sync import accounts, catalogue, ledger, spending
from sync.body import Body
from sync.facts import Declined, Method, Sold, ToppedUp, Voided
from sync.journal import Record, RecordTooLarge
from sync.limits import MONEY_MINOR_MAX, SALE_LINES_MAX, U64_MAX
from sync.money_kinds import is_topped_up
from sync.names import ID_BYTES
from sync.schema import Misshapen

SHIFT: Final = 0
_TOP_UP_METHODS: Final = ("cash", "card", "voucher", "gift")


class TillDesk:
    """A till's work; in the lane only."""

    def __init__(self, terminal: Terminal) -> None:
        """Sell for this terminal."""
        self._terminal = terminal
        self._memory = TillMemory(terminal)

    def commands(self) -> dict[str, Callable[[Command], Answer]]:
        """Return what a till can be told."""
        return {
            "sell": self._sell,
            "void": self._void,
            "top_up": self._top_up,
            "balance": self._balance,
            "last": self._last,
            "exposure": lambda _: {"event": "exposure", **exposure_of(self._terminal)},
        }

    def greeting(self) -> Answer:
        """Return what became of the last sale, which the seller of a till that died must know."""
        last = self._last({})
        return {"last": None if last["sale"] is None else last}

    @property
    def _bar(self) -> int:
        place = catalogue.bar_of(self._cells, self._terminal.manifest.terminal_id)
        return 0 if place is None else place.bar

    @property
    def _cells(self) -> Any:
        return self._terminal.store.shelf.cells

    # --- selling ---

    def _sell(self, command: Command) -> Answer:
        sale = raw_id(command, "sale", ID_BYTES)
        lines = lines_of(command, self._cells)
        total = total_of(lines)
        seller = whole(command, "seller", 0, U64_MAX) if "seller" in command else 0
        if not lines and not command.get("payments"):
            message = "there is nothing in this basket"
            raise BadCommand(message)
        if "wristband" in command:
            band = read_wristband(self._terminal, command["wristband"])
            return self._sell_to_wallet(sale, lines, total, seller, band, command)
        payments = payments_of(command)
        paid = sum(row[1] for row in payments)
        if paid != total:
            message = f"the payments come to {paid}, the lines to {total} (minor units)"
            raise BadCommand(message)
        again = self._sold_before(sale, lines, payments)
        return again or self._record_sale(sale, seller, lines, payments, "tender", 0, None)

    def _sell_to_wallet(
        self,
        sale: bytes,
        lines: tuple[Any, ...],
        total: int,
        seller: int,
        band: Wristband,
        command: Command,
    ) -> Answer:
        payments = ((int(Method.WALLET), total, band.wallet, None),)
        again = self._sold_before(sale, lines, payments)
        if again is not None:
            return again
        is_pin_given = command.get("pin_given") is True
        situation = self._situation(band, total, is_pin_given=is_pin_given)
        decision = spending.decide(situation, catalogue.policy(self._cells))
        if isinstance(decision, spending.Decline):
            return self._decline(sale, band, total, decision)
        known = situation.known_balance
        return self._record_sale(sale, seller, lines, payments, decision.rule, known, band)

    def _situation(self, band: Wristband, amount: int, *, is_pin_given: bool) -> spending.Situation:
        book, terminal = self._terminal.store.till, self._terminal
        today = terminal.festival_day(terminal.moment().now_ms)
        return spending.Situation(
            amount=amount,
            known_balance=accounts.wallet_balance(self._cells, band.wallet),
            unacknowledged_wallet=book.spent_unacknowledged(band.wallet),
            unacknowledged_till=book.spent_unacknowledged_everywhere(),
            till_cap_renewed=book.renewed(),
            balance_age_ms=terminal.alone_ms(),
            is_known=is_topped_up(self._cells, band.wallet),
            is_blocked=band.is_blocked,
            spent_by_code_today=book.spent_today(band.wallet, today),
            is_by_code=True,
            is_pin_given=is_pin_given,
        )

    def _record_sale(
        self,
        sale: bytes,
        seller: int,
        lines: tuple[Any, ...],
        payments: tuple[Any, ...],
        rule: str,
        known_balance: int,
        band: Wristband | None,
    ) -> Answer:
        body = Sold(
            sale=sale,
            bar=self._bar,
            shift=SHIFT,
            seller=seller,
            lines=lines,
            payments=payments,
            catalogue_version=catalogue.office_version(self._cells),
            allowed_by=rule,
            known_balance=known_balance,
        )
        record = self._record(body)
        return self._paid(record.id, body, band)

    def _sold_before(
        self, sale: bytes, lines: tuple[Any, ...], payments: tuple[Any, ...]
    ) -> Answer | None:
        """Return the answer of a sale that is recorded already; another content is refused."""
        if not ledger.sale(self._cells, sale).baskets:
            return None
        known = self._memory.sale(sale)
        if known is None:
            message = "another till has recorded a sale with this id"
            raise BadCommand(message)
        fact, body = known
        if (body.lines, body.payments) != (lines, payments):
            message = (
                "this sale was recorded with another content: give the new one an id of its own"
            )
            raise BadCommand(message)
        return {**self._paid(fact, body, None), "again": True}

    def _paid(self, fact: bytes, body: Sold, band: Wristband | None) -> Answer:
        wallets = [row[2] for row in body.payments if row[0] == Method.WALLET]
        wallet = band.wallet if band is not None else next(iter(wallets), None)
        balance = None if wallet is None else accounts.wallet_balance(self._cells, wallet)
        return {
            "event": "paid",
            "sale": body.sale.hex(),
            "total_minor": total_of(body.lines),
            "balance_minor": balance,
            "rule": body.allowed_by,
            "fact": fact.hex(),
        }

    def _decline(
        self, sale: bytes, band: Wristband, total: int, decision: spending.Decline
    ) -> Answer:
        """Record that a payment was declined, and say by which rule and how much is possible."""
        record = self._record(Declined(sale, band.wallet, total, decision.rule, self._bar))
        return {**self._declined(decision), "sale": sale.hex(), "fact": record.id.hex()}

    def _declined(self, decision: spending.Decline) -> Answer:
        manifest = self._terminal.manifest
        return {
            "event": "declined",
            "rule": decision.rule,
            "possible_minor": decision.possible_minor,
            "sentence": decision.sentence(manifest.language, manifest.currency),
        }

    # --- undoing, topping up, asking ---

    def _void(self, command: Command) -> Answer:
        sale = raw_id(command, "sale", ID_BYTES)
        numbers = command.get("lines")
        is_list = isinstance(numbers, list) and 0 < len(numbers) <= SALE_LINES_MAX
        if not is_list or any(type(n) is not int or n < 0 for n in numbers or ()):
            message = "lines must be a list of line numbers, counted from 0"
            raise BadCommand(message)
        lines = tuple(sorted(set(numbers or ())))
        state = ledger.sale(self._cells, sale)
        known = self._memory.sale(sale) if state.baskets else None
        if known is None:
            message = "this till has not recorded this sale: only the selling till voids it"
            raise BadCommand(message)
        if state.voided_lines.issuperset(lines):
            before = self._memory.void(sale, lines)
            if before is not None:
                return {"event": "done", "fact": before.hex(), "again": True}
        undone = {line[5] for line in known[1].lines if line[5] is not None}
        for number in lines:
            if number >= len(known[1].lines) or number in state.voided_lines | undone:
                message = f"line {number} is not in this sale or was undone already"
                raise BadCommand(message)
        seller = whole(command, "seller", 0, U64_MAX) if "seller" in command else 0
        body = Voided(sale, lines, payments_of(command), self._bar, SHIFT, seller)
        return {"event": "done", "fact": self._record(body).id.hex()}

    def _top_up(self, command: Command) -> Answer:
        operation = raw_id(command, "operation", ID_BYTES)
        amount = whole(command, "amount_minor", 1, MONEY_MINOR_MAX)
        method = command.get("method")
        if method not in _TOP_UP_METHODS:
            message = f"method must be one of {', '.join(_TOP_UP_METHODS)}"
            raise BadCommand(message)
        band = read_wristband(self._terminal, command.get("wristband"))
        body = ToppedUp(operation, band.wallet, amount, METHODS[method], self._bar, SHIFT, None)
        if ledger.is_operation_known(self._cells, operation):
            before = self._memory.top_up(operation)
            if before is None:
                message = "another till has recorded an operation with this id"
                raise BadCommand(message)
            same = (before[1].wallet, before[1].amount, before[1].method)
            if same != (body.wallet, body.amount, body.method):
                message = "this top-up was recorded with another content"
                raise BadCommand(message)
            return {**self._topped(before[0], band), "again": True}
        top_up = spending.TopUp(
            amount=amount,
            balance=accounts.wallet_balance(self._cells, band.wallet),
            unacknowledged_topups=self._terminal.store.till.topped_up(),
            is_alone=self._terminal.store.till.topped_up() > 0 or self._terminal.is_alone(),
        )
        decision = spending.decide_top_up(top_up, catalogue.policy(self._cells))
        if isinstance(decision, spending.Decline):
            return self._declined(decision)
        return self._topped(self._record(body).id, band)

    def _topped(self, fact: bytes, band: Wristband) -> Answer:
        balance = accounts.wallet_balance(self._cells, band.wallet)
        return {"event": "done", "balance_minor": balance, "fact": fact.hex()}

    def _balance(self, command: Command) -> Answer:
        band = read_wristband(self._terminal, command.get("wristband"))
        return {
            "event": "balance",
            "wallet": band.wallet,
            "balance_minor": accounts.wallet_balance(self._cells, band.wallet),
            "known": is_topped_up(self._cells, band.wallet),
            "blocked": band.is_blocked,
            "age_ms": self._terminal.alone_ms(),
        }

    def _last(self, _: Command) -> Answer:
        last = self._memory.last
        if last is None or not isinstance(last.body, Sold):
            return {"event": "last", "sale": None}
        voided = ledger.sale(self._cells, last.body.sale).voided_lines
        paid = self._paid(last.fact, last.body, None)
        return {**paid, "event": "last", "voided_lines": sorted(voided)}

    def _record(self, body: Body) -> Record:
        try:
            record = self._terminal.record(body)
        except (Misshapen, RecordTooLarge, StillRecovering) as trouble:
            raise BadCommand(str(trouble)) from trouble
        self._memory.note(record)
        return record
