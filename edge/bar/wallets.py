"""What is done with a guest's wallet besides buying: money in and out, lost wristbands, secrets."""

from typing import Any, Final

from edge.bar.band import Wristband
from edge.bar.basket import METHODS
from edge.bar.card_numbers import looks_like_a_card
from edge.bar.duty import Duty
from edge.bar.sales import decide_top_up, declined
from edge.bar.sayings import say
from edge.headless import Answer, BadCommand, Command, raw_id, text, whole
from provisioning.chance import random_bytes
from sync import accounts, handover, ledger, spending
from sync.asking import Asked, Reply
from sync.facts import (
    CapRenewed,
    Declined,
    PaidOut,
    Right,
    SecretKind,
    ToppedUp,
    WalletSecretSet,
    WristbandBlocked,
)
from sync.handover import OFFICE
from sync.keys import PIN_DIGITS_MAX, PIN_SALT_BYTES, is_pin, pin_proof
from sync.limits import MONEY_MINOR_MAX
from sync.money_kinds import is_topped_up, kinds_left
from sync.names import ID_BYTES
from sync.short_number import short_number
from sync.spending import Decline, PayOut

_TOP_UP_METHODS: Final = ("cash", "card", "voucher", "gift")
_PAY_OUT_METHODS: Final = ("cash", "card")
_GIVEN: Final = frozenset({"voucher", "gift"})
_REFERENCE_CHARS_MAX: Final = 40
_CLAIM_DIGITS: Final = 12
_CLAIM_DRAW_BYTES: Final = 8
_OFFICE_SAYS: Final = frozenset(
    {
        "wrong_claim",
        "no_claim",
        "locked",
        "wristband_in_use",
        "recovering",
        "not_authority",
        "catching_up",
        "comparing",
        "copied",
        "not_allowed",
        "blocked",
        "unknown_wallet",
    }
)
_LENDS_NOTHING: Final = frozenset({"recovering", "not_authority", "catching_up"})


class Wallets:
    """A till's work on wallets; in the lane only."""

    def __init__(self, duty: Duty) -> None:
        """Work on this duty."""
        self._duty = duty

    def top_up(self, command: Command) -> Answer:
        """Take money into a wallet; what is given rather than paid needs a supervisor."""
        duty = self._duty
        duty.check_working(command)
        operation = raw_id(command, "operation", ID_BYTES)
        amount = whole(command, "amount_minor", 1, MONEY_MINOR_MAX)
        method = _method(command, _TOP_UP_METHODS)
        band = self._band(command)
        seller = duty.permits.seller or None
        reference = _reference(command)
        body = ToppedUp(
            operation, band.wallet, amount, METHODS[method], duty.bar, duty.shift, reference, seller
        )
        again = self._before(body, body.wallet, band)
        if again is not None:
            return again
        if method in _GIVEN:
            duty.permits.approver(command, Right.SUPERVISOR)
        elif not duty.permits.has(Right.CASHIER):
            duty.permits.approver(command, Right.CASHIER)
        decision = decide_top_up(duty, band, amount)
        if isinstance(decision, Decline):
            return declined(duty, command, decision)
        return self._done(duty.record(body).id, band)

    def pay_out(self, command: Command) -> Answer:
        """Hand out what is certainly left of what a guest paid in; the authority lends it first."""
        duty = self._duty
        duty.check_working(command)
        operation = raw_id(command, "operation", ID_BYTES)
        method = _method(command, _PAY_OUT_METHODS)
        band = self._band(command)
        is_known = ledger.is_operation_known(duty.cells, operation)
        before = duty.memory.operation(operation) if is_known else None
        if before is not None and isinstance(before.body, PaidOut):
            return {**self._done(before.fact, band), "amount_minor": before.body.amount} | {
                "again": True
            }
        approved_by = duty.permits.approver(command, Right.CASHIER)
        loan = duty.loan(band.wallet)
        paid_left = min(
            kinds_left(duty.cells, band.wallet).paid,
            max(0, duty.balance_left(band.wallet) + loan),
        )
        amount = paid_left
        if command.get("amount_minor") is not None:
            amount = whole(command, "amount_minor", 1, MONEY_MINOR_MAX)
        decision = spending.decide_pay_out(
            PayOut(amount, paid_left, loan, band.is_blocked, duty.is_copied)
        )
        reply = None
        is_heard = not duty.terminal.store.till.spent_unacknowledged(band.wallet)
        if isinstance(decision, Decline) and decision.rule == "safe_balance" and is_heard:
            missing = amount - loan
            reply = duty.ask(operation, Asked.PAY_OUT, band.wallet, missing, wristband=band.serial)
        duty.done_asking(operation)
        if isinstance(decision, Decline):
            return self._not_paid_out(command, decision, paid_left, loan, reply)
        body = PaidOut(
            operation,
            band.wallet,
            amount,
            METHODS[method],
            duty.bar,
            duty.shift,
            _reference(command),
            approved_by,
            decision.loan_used,
        )
        return {**self._done(duty.record(body).id, band), "amount_minor": amount}

    def balance(self, command: Command) -> Answer:
        """Say what is known of a wristband and its wallet."""
        duty, band = self._duty, self._band(command)
        kinds = kinds_left(duty.cells, band.wallet)
        return {
            "event": "balance",
            "wallet": band.wallet,
            "number": band.number,
            "balance_minor": accounts.wallet_balance(duty.cells, band.wallet),
            "paid_minor": kinds.paid,
            "gift_minor": kinds.gift,
            "voucher_minor": kinds.voucher,
            "known": is_topped_up(duty.cells, band.wallet),
            "blocked": band.is_blocked,
            "has_pin": duty.secrets.has(band.wallet, SecretKind.PIN),
            "age_ms": duty.terminal.alone_ms(),
        }

    # --- lost wristbands ---

    def block(self, command: Command) -> Answer:
        """Let a wristband that was reported lost spend no more; it needs no line."""
        duty = self._duty
        duty.check_working(command)
        band = self._lost(command)
        if band.is_blocked:
            return {"event": "done", "again": True, "number": short_number(band.serial)}
        approved_by = duty.permits.approver(command, Right.CASHIER)
        fact = duty.record(WristbandBlocked(band.serial, "lost", approved_by)).id
        return {"event": "done", "fact": fact.hex(), "number": short_number(band.serial)}

    def link(self, command: Command) -> Answer:
        """Let a fresh wristband spend from a lost one's wallet, on the authority's word."""
        duty, language = self._duty, self._duty.language(command)
        duty.check_working(command)
        lost, fresh = self._lost(command), self._band(command)
        subject = lost.wallet.to_bytes(8, "big") + fresh.serial.to_bytes(8, "big")
        if ledger.wallet_of(duty.cells, fresh.serial) == lost.wallet:
            duty.done_asking(subject)
            balance = accounts.wallet_balance(duty.cells, lost.wallet)
            return {"event": "done", "wallet": lost.wallet, "balance_minor": balance}
        claim = text(command, "claim", PIN_DIGITS_MAX) if "claim" in command else None
        approved_by = None
        if claim is None:
            approved_by = duty.permits.approver(command, Right.CASHIER)
        more = {"wristband": fresh.serial, "claim": claim, "approved_by": approved_by}
        reply = duty.ask(subject, Asked.LINK, lost.wallet, 0, **more)
        duty.done_asking(subject)
        return self._office_says(reply, language)

    def claim(self, command: Command) -> Answer:
        """Draw a new claim code for a wallet; it is said once and kept as its proof only."""
        duty = self._duty
        duty.check_working(command)
        band = self._band(command)
        if band.is_blocked:
            raise BadCommand(say("blocked", duty.language(command)))
        drawn = int.from_bytes(random_bytes(_CLAIM_DRAW_BYTES), "big") % 10**_CLAIM_DIGITS
        code = f"{drawn:0{_CLAIM_DIGITS}d}"
        self._keep_secret(band.wallet, SecretKind.CLAIM, code)
        return {"event": "claim", "number": band.number, "claim": code}

    def guest_pin(self, command: Command) -> Answer:
        """Set a guest's PIN; one that is there already is changed only by who knows a secret."""
        duty, language = self._duty, self._duty.language(command)
        duty.check_working(command)
        band = self._band(command)
        new = text(command, "new_pin", PIN_DIGITS_MAX)
        if not is_pin(new):
            message = f"new_pin must be 6 to {PIN_DIGITS_MAX} digits"
            raise BadCommand(message)
        if duty.secrets.has(band.wallet, SecretKind.PIN):
            by_claim = "claim" in command
            name, secret = ("claim", SecretKind.CLAIM) if by_claim else ("old_pin", SecretKind.PIN)
            given = text(command, name, PIN_DIGITS_MAX)
            if not duty.secrets.is_right(band.wallet, secret, given, language):
                rule = "wrong_claim" if by_claim else "wrong_pin"
                duty.record(Declined(bytes(ID_BYTES), band.wallet, 0, rule, duty.bar))
                raise BadCommand(say(rule, language))
        self._keep_secret(band.wallet, SecretKind.PIN, new)
        return {"event": "done"}

    def renew_cap(self, command: Command) -> Answer:
        """Let this till sell more before the office is heard, on a supervisor's word."""
        duty = self._duty
        amount = whole(command, "amount_minor", 1, MONEY_MINOR_MAX)
        supervisor = duty.permits.approver(command, Right.SUPERVISOR)
        fact = duty.record(CapRenewed(supervisor or 0, amount)).id
        return {"event": "done", "fact": fact.hex(), "renewed_minor": self._renewed()}

    # --- parts ---

    def _renewed(self) -> int:
        return self._duty.terminal.store.till.renewed()

    def _band(self, command: Command) -> Wristband:
        shown = command.get("wristband")
        return self._duty.wristband(shown, self._duty.language(command))

    def _lost(self, command: Command) -> Wristband:
        """Return the wristband that is not there, by its number or serial."""
        shown: Any = command.get("wallet", command.get("wristband"))
        if isinstance(shown, str) and not shown.startswith("GU1:"):
            shown = {"number": shown}
        elif type(shown) is int:
            shown = {"serial": shown}
        return self._duty.wristband(shown, self._duty.language(command))

    def _keep_secret(self, wallet: int, secret: SecretKind, value: str) -> None:
        made = pin_proof(value, random_bytes(PIN_SALT_BYTES))
        self._duty.record(WalletSecretSet(wallet, int(secret), made, self._duty.permits.seller))

    def _before(self, body: ToppedUp, wallet: int, band: Wristband) -> Answer | None:
        """Return the answer of an operation that is recorded already; other content is refused."""
        duty = self._duty
        if not ledger.is_operation_known(duty.cells, body.operation):
            return None
        before = duty.memory.operation(body.operation)
        if before is None or not isinstance(before.body, ToppedUp):
            message = "another till has recorded an operation with this id"
            raise BadCommand(message)
        known = before.body
        if (known.wallet, known.amount, known.method) != (wallet, body.amount, body.method):
            message = "this top-up was recorded with another content"
            raise BadCommand(message)
        return {**self._done(before.fact, band), "again": True}

    def _done(self, fact: bytes, band: Wristband) -> Answer:
        return {
            "event": "done",
            "balance_minor": accounts.wallet_balance(self._duty.cells, band.wallet),
            "number": band.number,
            "fact": fact.hex(),
        }

    def _not_paid_out(
        self, command: Command, decision: Decline, paid_left: int, loan: int, reply: Reply | None
    ) -> Answer:
        """Say what can be paid out: what the office says is certainly left, if it was heard."""
        if reply is not None:
            decision = Decline(decision.rule, min(paid_left, loan + reply.safe))
        answer = declined(self._duty, command, decision)
        language = self._duty.language(command)
        if reply is not None and reply.reason in _LENDS_NOTHING:
            answer["sentence"] = say(reply.reason, language)
        elif reply is None and decision.rule == "safe_balance":
            is_near = self._duty.authority_is_near()
            answer["sentence"] = say("not_heard_yet" if is_near else self._nobody(), language)
        return answer

    def _nobody(self) -> str:
        """Return the word that says who cannot be reached: who is the authority."""
        return "no_office" if handover.is_authority(self._duty.cells, OFFICE) else "no_hub"

    def _office_says(self, reply: Reply | None, language: str) -> Answer:
        if reply is None:
            rule = self._nobody()
            sentence = say(rule, language)
        elif reply.reason in _OFFICE_SAYS:
            rule, sentence = reply.reason, say(reply.reason, language)
        else:
            rule, sentence = "refused_by_office", say("refused_by_office", language, reply.reason)
        return {"event": "declined", "rule": rule, "possible_minor": 0, "sentence": sentence}


def _method(command: Command, methods: tuple[str, ...]) -> str:
    method = command.get("method")
    if method not in methods:
        message = f"method must be one of {', '.join(methods)}"
        raise BadCommand(message)
    return str(method)


def _reference(command: Command) -> str | None:
    if command.get("reference") is None:
        return None
    reference = text(command, "reference", _REFERENCE_CHARS_MAX)
    if looks_like_a_card(reference):
        raise BadCommand(say("card_number", str(command.get("language", "en"))))
    return reference
