"""Selling: decide, record, and only then say that it is paid.

A sale has its id before it is decided, and keeps it through every retry: given again with the same
content it is answered from the journal, given with another it is refused.
"""

from dataclasses import dataclass
from typing import Any, Final

from edge.bar import prices, quotas
from edge.bar.band import Wristband
from edge.bar.basket import Line, lines_of, total_of
from edge.bar.duty import Duty
from edge.bar.payments import Tender, VoucherRefused, tender_of, voucher_of
from edge.bar.sayings import say
from edge.headless import Answer, BadCommand, Command, raw_id, text, whole
from edge.limits import SCANNED_CHARS_MAX
from sync import accounts, catalogue, ledger, spending
from sync.asking import Asked
from sync.facts import Declined, LineKind, Method, Right, SecretKind, Sold
from sync.keys import PIN_DIGITS_MAX
from sync.limits import MONEY_MINOR_MAX, U64_MAX
from sync.money_kinds import is_topped_up
from sync.names import ID_BYTES
from sync.spending import Allow, Decline

_GOODS: Final = frozenset({LineKind.ITEM, LineKind.HALF, LineKind.DOUBLE, LineKind.MIXER})


@dataclass(frozen=True, slots=True)
class _Basket:
    """What a `sell` command asks for, read and found to add up."""

    sale: bytes
    lines: tuple[Line, ...]
    tender: Tender
    against: quotas.Rows | None

    @property
    def total(self) -> int:
        """Minor units, what goes into a wallet included."""
        return total_of(self.lines)

    @property
    def top_up(self) -> int:
        """Minor units that go into the first wristband's wallet."""
        return total_of(tuple(line for line in self.lines if line[4] == LineKind.TOP_UP))


class Sales:
    """A till's sales; in the lane only."""

    def __init__(self, duty: Duty) -> None:
        """Sell on this duty."""
        self._duty = duty
        self._payers: dict[bytes, int] = {}

    def sell(self, command: Command) -> Answer:
        """Record a basket as paid, or say why not and what is still possible."""
        duty = self._duty
        duty.check_working(command)
        sale = raw_id(command, "sale", ID_BYTES)
        lines = lines_of(command, self._offer)
        if not lines and not command.get("payments"):
            raise BadCommand(say("empty_basket", duty.language(command)))
        again = self._sold_before(sale, lines, command)
        if again is not None:
            return again
        try:
            tender = tender_of(duty, command, lines)
        except VoucherRefused as refused:
            return self._refused(command, refused.rule)
        rows = quotas.rows_of(duty, lines, tender.voucher_kinds)
        basket = _Basket(sale, lines, tender, rows)
        asked = self._asked_first(command, basket)
        if asked is not None:
            return asked
        approved_by = self._approver(command, basket)
        full = quotas.full(duty, sale, lines, tender.rows, rows)
        if full is not None:
            return self._refused(command, "quota_full", full)
        if tender.bands:
            return self._by_wristband(command, basket, approved_by)
        sold = self._record(command, basket, Allow("tender"), 0, approved_by)
        return self._paid_answer(command, sold)

    def voucher(self, command: Command) -> Answer:
        """Say what a voucher would pay of a basket, without using it."""
        code = text(command, "text", SCANNED_CHARS_MAX)
        try:
            found = voucher_of(self._duty, code, lines_of(command, self._offer))
        except VoucherRefused as refused:
            return self._refused(command, refused.rule)
        return {"event": "voucher", "name": found.name, "amount_minor": found.amount}

    def last(self, command: Command) -> Answer:
        """Say what became of the last sale, and what of it was voided since."""
        last = self._duty.memory.last
        if last is None or not isinstance(last.body, Sold):
            return {"event": "last", "sale": None}
        state = ledger.sale(self._duty.cells, last.body.sale)
        paid = self._paid_answer(command, (last.fact, last.body))
        return {
            **paid,
            "event": "last",
            "at_ms": last.at_ms,
            "lines": len(last.body.lines),
            "voided_lines": sorted(state.voided_lines),
        }

    def _offer(self, product: int) -> prices.Offer | None:
        duty = self._duty
        minute = prices.minute_of_day(duty.terminal, duty.terminal.moment())
        known = duty.office.product(product)
        return None if known is None else prices.offer_of(duty.cells, duty.bar, known, minute)

    # --- what is asked of people first ---

    def _asked_first(self, command: Command, basket: _Basket) -> Answer | None:
        """Return the question that must be answered before anything is recorded, if there is."""
        duty, language = self._duty, self._duty.language(command)
        age = self._age(basket.lines)
        if age and duty.permits.is_required and command.get("age_checked") is not True:
            return {
                "event": "ask",
                "what": "age",
                "age": age,
                "sentence": say("age", language, age),
            }
        if basket.tender.bands:
            first = basket.tender.bands[0][0].serial
            known = self._payers.get(basket.sale)
            if known not in {None, first} and command.get("other_wristband") is not True:
                return self._refused(command, "other_wristband")
            self._payers = {basket.sale: first}  # only the sale in hand is being paid
        return None

    def _age(self, lines: tuple[Line, ...]) -> int:
        """Return from which age on guests may have all of this, 0 if any age may."""
        ages = [
            product.age
            for line in lines
            if line[4] in _GOODS and line[1] > 0
            if (product := self._duty.office.product(line[0])) is not None
        ]
        return max(ages, default=0)

    def _approver(self, command: Command, basket: _Basket) -> int | None:
        """Return who allowed what a seller alone may not: discounts, gifts, goods taken back."""
        undone = {line[5] for line in basket.lines if line[4] == LineKind.UNDONE}
        is_odd = any(
            line[4] == LineKind.DISCOUNT or (line[4] in _GOODS and line[1] < 0 and at not in undone)
            for at, line in enumerate(basket.lines)
        )
        if is_odd or basket.tender.has_gift:
            return self._duty.permits.approver(command, Right.CASHIER)
        if basket.top_up and not self._duty.permits.has(Right.CASHIER):
            return self._duty.permits.approver(command, Right.CASHIER)
        return None

    # --- wristbands ---

    def _by_wristband(self, command: Command, basket: _Basket, approved_by: int | None) -> Answer:
        duty = self._duty
        first = basket.tender.bands[0][0]
        is_pin_given = self._is_pin_given(command, basket, first)
        if isinstance(is_pin_given, dict):
            return is_pin_given
        decisions = [(first, self._decide_top_up(basket, first))]
        for number, (band, amount) in enumerate(basket.tender.bands):
            decision = self._decide(
                basket, band, amount, is_first=number == 0, is_pin_given=is_pin_given
            )
            decisions.append((band, decision))
        duty.done_asking(basket.sale)
        for band, decision in decisions:
            if isinstance(decision, Decline):
                return self._declined(command, basket, band, decision)
        known = accounts.wallet_balance(duty.cells, first.wallet)
        allowed = next(d for _, d in decisions[1:] if isinstance(d, Allow))
        sold = self._record(command, basket, allowed, known, approved_by)
        return self._paid_answer(command, sold)

    def _is_pin_given(self, command: Command, basket: _Basket, band: Wristband) -> Answer | bool:
        """Tell whether the guest's PIN came along; what is wrong with it is an answer."""
        given = command.get("guest_pin")
        if given is None:
            return False
        language = self._duty.language(command)
        pin = text(command, "guest_pin", PIN_DIGITS_MAX)
        if self._duty.secrets.is_right(band.wallet, SecretKind.PIN, pin, language):
            return True
        body = Declined(basket.sale, band.wallet, basket.total, "wrong_pin", self._duty.bar)
        return {**self._refused(command, "wrong_pin"), "fact": self._duty.record(body).id.hex()}

    def _decide_top_up(self, basket: _Basket, band: Wristband) -> spending.Decision:
        if not basket.top_up:
            return Allow("balance_max")
        return decide_top_up(self._duty, band, basket.top_up)

    def _decide(
        self, basket: _Basket, band: Wristband, amount: int, *, is_first: bool, is_pin_given: bool
    ) -> spending.Decision:
        """Decide what one wristband pays; the authority may lend for the first one."""
        duty, terminal = self._duty, self._duty.terminal
        book, limits = terminal.store.till, duty.office.policy
        top_up = basket.top_up if is_first else 0
        today = terminal.festival_day(terminal.moment().now_ms)
        situation = spending.Situation(
            amount=amount,
            known_balance=duty.balance_left(band.wallet) + top_up,
            unacknowledged_wallet=book.spent_unacknowledged(band.wallet),
            unacknowledged_till=book.spent_unacknowledged_everywhere(),
            till_cap_renewed=book.renewed(),
            balance_age_ms=terminal.alone_ms(),
            is_known=bool(top_up) or is_topped_up(duty.cells, band.wallet),
            is_blocked=band.is_blocked,
            loan=duty.loan(band.wallet) if is_first else 0,
            spent_by_code_today=book.spent_today(band.wallet, today),
            is_by_code=band.is_by_code,
            is_pin_given=is_pin_given and is_first,
            is_copied=duty.is_copied,
        )
        decision = spending.decide(situation, limits)
        if not isinstance(decision, Decline) or not is_first:
            return decision
        missing = spending.loan_wanted(situation, limits)
        if missing:
            duty.ask(basket.sale, Asked.LOAN, band.wallet, missing, wristband=band.serial)
        return decision

    # --- recording ---

    def _record(
        self,
        command: Command,
        basket: _Basket,
        allowed: Allow,
        known_balance: int,
        approved_by: int | None,
    ) -> tuple[bytes, Sold]:
        duty = self._duty
        bands = basket.tender.bands
        seller = whole(command, "seller", 0, U64_MAX) if "seller" in command else 0
        seller = duty.permits.seller or seller
        body = Sold(
            sale=basket.sale,
            bar=duty.bar,
            shift=duty.shift,
            seller=seller,
            lines=basket.lines,
            payments=basket.tender.rows,
            catalogue_version=catalogue.office_version(duty.cells),
            allowed_by=allowed.rule,
            known_balance=known_balance,
            approved_by=approved_by,
            age_checked_by=seller if command.get("age_checked") is True else None,
            loan=allowed.loan_used or None,
            wristband=bands[0][0].serial if bands else None,
            taps=bands[0][0].taps if bands else None,
            quotas=basket.against,
        )
        record = duty.record(body)
        return record.id, body

    def _sold_before(self, sale: bytes, lines: tuple[Line, ...], command: Command) -> Answer | None:
        """Return the answer of a sale that is recorded already; another content is refused."""
        if not ledger.sale(self._duty.cells, sale).baskets:
            return None
        known = self._duty.memory.sale(sale)
        if known is None:
            message = "another till has recorded a sale with this id"
            raise BadCommand(message)
        fact, body = known
        if body.lines != lines or not self._is_same_tender(command, body):
            message = (
                "this sale was recorded with another content: give the new one an id of its own"
            )
            raise BadCommand(message)
        return {**self._paid_answer(command, (fact, body)), "again": True}

    def _is_same_tender(self, command: Command, body: Sold) -> bool:
        """Tell whether a command given again pays as it was recorded, vouchers apart."""
        by_voucher = tuple(row for row in body.payments if row[0] == Method.VOUCHER)
        return body.payments == tender_of(self._duty, command, body.lines, by_voucher).rows

    def _paid_answer(self, command: Command, sold: tuple[bytes, Sold]) -> Answer:
        fact, body = sold
        wallets = [row[2] for row in body.payments if row[0] == Method.WALLET]
        left = [[w, accounts.wallet_balance(self._duty.cells, w)] for w in wallets if w is not None]
        cash = sum(row[1] for row in body.payments if row[0] == Method.CASH)
        given = command.get("cash_given_minor")
        change = given - cash if type(given) is int and cash <= given <= MONEY_MINOR_MAX else 0
        return {
            "event": "paid",
            "sale": body.sale.hex(),
            "total_minor": total_of(body.lines),
            "balance_minor": left[0][1] if left else None,
            "balances": left,
            "rule": body.allowed_by,
            "fact": fact.hex(),
            "change_minor": change,
            "alone": self._duty.terminal.is_alone(),
        }

    def _declined(
        self, command: Command, basket: _Basket, band: Wristband, decision: Decline
    ) -> Answer:
        """Record that a payment was declined, and say by which rule and how much is possible."""
        amount = next(amount for one, amount in basket.tender.bands if one is band)
        body = Declined(basket.sale, band.wallet, amount, decision.rule, self._duty.bar)
        record = self._duty.record(body)
        answer = declined(self._duty, command, decision)
        answer |= {"sale": basket.sale.hex(), "fact": record.id.hex(), "number": band.number}
        needs_pin = decision.rule == "code_only_daily" and "guest_pin" not in command
        if needs_pin and self._duty.secrets.has(band.wallet, SecretKind.PIN):
            sentence = say("guest_pin", self._duty.language(command))
            answer |= {"event": "ask", "what": "guest_pin", "sentence": sentence}
        return answer

    def _refused(self, command: Command, rule: str, *details: str) -> Answer:
        sentence = say(rule, self._duty.language(command), *details)
        return {"event": "declined", "rule": rule, "possible_minor": 0, "sentence": sentence}


def decide_top_up(duty: Duty, band: Wristband, amount: int) -> spending.Decision:
    """Say whether this till may take money into a wallet."""
    if band.is_blocked:
        return Decline("blocked", 0)
    taken = duty.terminal.store.till.topped_up()
    top_up = spending.TopUp(
        amount=amount,
        balance=accounts.wallet_balance(duty.cells, band.wallet),
        unacknowledged_topups=taken,
        is_alone=taken > 0 or duty.terminal.is_alone(),
    )
    return spending.decide_top_up(top_up, duty.office.policy)


def declined(duty: Duty, command: Command, decision: Decline) -> dict[str, Any]:
    """Return the answer that says by which rule something is declined, and what is possible."""
    manifest = duty.terminal.manifest
    return {
        "event": "declined",
        "rule": decision.rule,
        "possible_minor": decision.possible_minor,
        "sentence": decision.sentence(duty.language(command), manifest.currency),
    }
