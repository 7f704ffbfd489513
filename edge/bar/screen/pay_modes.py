"""Paying: green with what is left, red with why not and what can be done, cash, card, parts."""

from typing import Any, Final

from edge.bar.screen.pad_modes import AmountPad, SecretPad, TextPad
from edge.bar.screen.till_mode import (
    Attempt,
    Face,
    Screen,
    TillMode,
    back,
    done_or_said,
    with_approval,
)
from edge.screen.modes import Answer
from edge.screen.panel import Choice, Panel, Tone
from edge.screen.staff_modes import Supervisor
from edge.wanted import WRISTBAND
from sync.keys import PIN_DIGITS_MAX

PAID_MS: Final = 1_500
CHANGE_MS: Final = 20_000
_NOTES: Final = (500, 1_000, 2_000, 5_000, 10_000)
_FORGIVEN_RULES: Final = frozenset({"till_cap"})
_SALE_KEYS: Final = frozenset("qwertyuiopasdfghjklzxcvbnm1234567890")


class Paid(TillMode):
    """Green: what was paid and what is left. Any key goes back; a product's key also acts."""

    face = Face.FULL
    hears_capitals = True

    def __init__(self, answer: Answer) -> None:
        """Show what was recorded."""
        self.answer = answer
        self.lives_ms = CHANGE_MS if answer.get("change_minor") else PAID_MS

    def panel(self, screen: Screen) -> Panel:
        """Say the amounts; that the till was alone is said too."""
        answer = self.answer
        change, total = answer.get("change_minor") or 0, answer["total_minor"]
        lines = [paid_words(screen, answer)]
        if change:
            lines.append(screen.word("change", screen.money(change)))
        if answer.get("alone"):
            lines.append(screen.word("sold_alone"))
        if answer.get("again"):
            lines.append(screen.word("paid_before"))
        lines.append(screen.word("any_key"))
        balance = None if change else answer.get("balance_minor")
        left = None if balance is None else screen.plain_money(balance)
        large = screen.plain_money(change or abs(total))
        return Panel(Tone.ADMIT, large, tuple(lines), (), left)

    def key(self, screen: Screen, key: str) -> bool:
        """Go back to the grid; the next guest's first product is taken at once."""
        screen.ready()
        if key in _SALE_KEYS:
            screen.press(key)
        return True

    def told(self, screen: Screen, answer: Answer) -> bool:  # noqa: ARG002 - whatever is held up
        """Take no notice of a wristband that is still held up."""
        return True


def paid_words(screen: Screen, answer: Answer) -> str:
    """Return what was paid and what is left, such as ``✔ 9.00 — 12.40 left``."""
    total, balance = answer["total_minor"], answer.get("balance_minor")
    paid = screen.money(abs(total))
    if balance is None:
        return screen.word("handed_out" if total < 0 else "paid_otherwise", paid)
    name = "put_on_it" if total < 0 else "paid_left"
    return screen.word(name, paid, screen.money(balance))


class Declined(TillMode):
    """Red: which rule, and what is possible instead. The basket stays as it is."""

    face = Face.FULL

    def __init__(self, answer: Answer, attempt: Attempt) -> None:
        """Show why this attempt was declined."""
        self.answer = answer
        self.attempt = attempt

    def panel(self, screen: Screen) -> Panel:
        """Say the rule's sentence and the ways out."""
        lines = [str(self.answer["sentence"]), screen.word("basket_stays")]
        choices = [Choice("c", screen.word("key_cash")), Choice("k", screen.word("key_card"))]
        if self._is_swapped:
            choices.insert(0, Choice("o", screen.word("yes_other_band")))
        if self._part:
            part = screen.money(self._part)
            choices.insert(0, Choice("w", screen.word("pay_part", part)))
        choices.append(Choice("s", screen.word("key_split")))
        if not self._is_swapped:
            choices.append(Choice("b", screen.word("other_band")))
        if self.answer["rule"] in {"code_only_daily", "wrong_pin"}:
            choices.append(Choice("p", screen.word("guest_pin_key")))
        if self.answer["rule"] in _FORGIVEN_RULES:
            choices.append(Choice("r", screen.word("renew_cap")))
        choices.append(back(screen))
        return Panel(Tone.REFUSE, screen.word("not_paid"), tuple(lines), tuple(choices))

    @property
    def _is_swapped(self) -> bool:
        return bool(self.answer["rule"] == "other_wristband")

    @property
    def _part(self) -> int:
        """What the first wristband can pay of it, if that is a part (minor units)."""
        possible: int = self.answer.get("possible_minor") or 0
        is_one = len(self.attempt.bands) == 1 and not self.attempt.payments
        return possible if is_one else 0

    def key(self, screen: Screen, key: str) -> bool:
        """Take another way."""
        if key == "escape":
            screen.ready()
        elif key == "c":
            cash(screen)
        elif key == "k":
            card(screen)
        elif key == "s":
            screen.enter(Split(paid=self.attempt.payments))
        elif key == "w" and self._part:
            screen.enter(Split(bands=((self.attempt.bands[0][0], self._part),)))
        elif key == "o" and self._is_swapped:
            screen.pay(self.attempt.with_more(other_wristband=True))
        elif key == "b" and not self._is_swapped:
            screen.enter(OtherBand())
        elif key == "p" and self.answer["rule"] in {"code_only_daily", "wrong_pin"}:
            guest_pin(screen, self.attempt)
        elif key == "r" and self.answer["rule"] in _FORGIVEN_RULES:
            self._renew(screen)
        else:
            return False
        return True

    def told(self, screen: Screen, answer: Answer) -> bool:
        """Try the wristband that is shown now; the desk asks if it is another one."""
        if answer["event"] != WRISTBAND:
            return False
        if not screen.ignores(answer["shown"]):
            tap(screen, answer["shown"])
        return True

    def _renew(self, screen: Screen) -> None:
        """Let a supervisor raise what the till may sell alone, then try again."""

        def given(minor: int) -> None:
            then = done_or_said(screen, lambda _: screen.pay(self.attempt))
            with_approval(screen, then, "renew_cap", amount_minor=minor)

        quick = (50_000, 100_000, 500_000)
        screen.enter(AmountPad("renew_amount", given, quick=quick))


class OtherBand(TillMode):
    """Waiting for another wristband than the one that began to pay."""

    def panel(self, screen: Screen) -> Panel:
        """Ask for it."""
        lines = (screen.word("show_other_band"),)
        return Panel(Tone.ASK, screen.word("check"), lines, (back(screen),))

    def key(self, screen: Screen, key: str) -> bool:
        """Go back."""
        if key == "escape":
            screen.ready()
        return key == "escape"

    def told(self, screen: Screen, answer: Answer) -> bool:
        """Let it pay."""
        if answer["event"] == WRISTBAND:
            tap(screen, answer["shown"], other_wristband=True)
        return str(answer["event"]) == WRISTBAND


class Age(TillMode):
    """Asking whether the guest is old enough, once for a basket."""

    face = Face.FULL

    def __init__(self, answer: Answer, attempt: Attempt) -> None:
        """Ask before this attempt goes on."""
        self.answer, self.attempt = answer, attempt

    def panel(self, screen: Screen) -> Panel:
        """Ask."""
        choices = (Choice("y", screen.word("yes")), Choice("n", screen.word("no")))
        lines = (str(self.answer["sentence"]),)
        return Panel(Tone.ASK, f"{self.answer['age']}+", lines, choices)

    def key(self, screen: Screen, key: str) -> bool:
        """Go on with a yes; with a no the basket stays."""
        if key == "y":
            screen.hand.cart = screen.hand.cart.looked_at()
            screen.changed()
            screen.pay(self.attempt)
        elif key in {"n", "escape"}:
            screen.ready()
            screen.note("too_young")
        return key in {"y", "n", "escape"}


def asked(screen: Screen, answer: Answer, attempt: Attempt) -> None:
    """Put what the desk asks before a basket is paid."""
    if answer["what"] == "age":
        screen.enter(Age(answer, attempt))
    elif answer["what"] == "guest_pin":
        guest_pin(screen, attempt)
    else:
        screen.enter(Supervisor(lambda b, p: screen.pay(attempt.with_more(badge=b, pin=p))))


def guest_pin(screen: Screen, attempt: Attempt) -> None:
    """Let the guest type a PIN, and try again."""
    screen.enter(
        SecretPad(
            "guest_pin_ask",
            lambda pin: screen.pay(attempt.with_more(guest_pin=pin)),
            PIN_DIGITS_MAX,
        )
    )


def tap(screen: Screen, shown: Any, **more: Any) -> None:
    """Let a wristband pay the basket; money for a top-up in it was handed over."""
    cart = screen.hand.cart
    handed = ((cart.top_up_by, cart.top_up, None, None),) if cart.top_up else ()
    screen.pay(Attempt(handed, ((shown, None),), more=more))


def cash(screen: Screen) -> None:
    """Take the basket's total in cash, or hand it out."""
    total = screen.hand.cart.total
    if screen.hand.cart.top_up:
        screen.enter(Split())
    elif total <= 0:
        rows = (("cash", total, None, None),) if total else ()
        screen.pay(Attempt(rows))
    else:
        screen.enter(Cash(total))


class Cash(AmountPad):
    """What the guest hands over; the exact sum is Enter."""

    takes_band = True

    def __init__(self, total: int) -> None:
        """Ask for this much."""
        super().__init__("cash_given", lambda _: None, quick=notes_for(total), usual=total)
        self._total = total

    def panel(self, screen: Screen) -> Panel:
        """Show what was given and the change."""
        minor = int(self.entry) if self.entry else self._total
        change = minor - self._total
        name = "change" if change >= 0 else "missing"
        self._lines = (screen.word(name, screen.money(abs(change))),)
        return super().panel(screen)

    def key(self, screen: Screen, key: str) -> bool:
        """Take what was given."""
        self._then = lambda given: self._given(screen, given)
        return super().key(screen, key)

    def told(self, screen: Screen, answer: Answer) -> bool:
        """Let a wristband pay after all."""
        if answer["event"] == WRISTBAND:
            tap(screen, answer["shown"])
        return str(answer["event"]) == WRISTBAND

    def _given(self, screen: Screen, given: int) -> None:
        if given < self._total:
            screen.enter(Split(paid=(("cash", given, None, None),)))
        else:
            screen.pay(Attempt((("cash", self._total, None, None),), cash_given=given))


def notes_for(total: int) -> tuple[int, ...]:
    """Return the sums that a guest is likely to hand over for a total, the smallest first."""
    sums = {-(-total // note) * note for note in _NOTES} - {total}
    return tuple(sorted(sums))


def card(screen: Screen) -> None:
    """Take the basket's total by card, with what the card reader printed."""
    total = screen.hand.cart.total
    if screen.hand.cart.top_up:
        screen.enter(Split())
    elif total <= 0:
        screen.note("no_card_out")
    else:
        screen.enter(
            TextPad(
                "card_reference",
                lambda text: screen.pay(Attempt((("card", total, None, text or None),))),
            )
        )


def on_the_house(screen: Screen) -> None:
    """Let the house pay; the desk asks for a badge and a PIN."""
    total = screen.hand.cart.total
    if total <= 0:
        screen.note("nothing_chosen")
    else:
        screen.pay(Attempt((("gift", total, None, None),)))


class Split(TillMode):
    """Paying in parts: type an amount (or none for the rest), then how it is paid."""

    takes_band = True

    def __init__(
        self,
        bands: tuple[tuple[Any, int | None], ...] = (),
        paid: tuple[tuple[str, int, None, str | None], ...] = (),
    ) -> None:
        """Begin with what pays already; nothing is recorded before all of it is paid."""
        self.bands = bands
        self.paid = paid
        self._pad = AmountPad("split_amount", lambda _: None)

    def left(self, screen: Screen) -> int:
        """Return what is not paid yet, in minor units."""
        rows = [row[1] for row in self.paid] + [amount or 0 for _, amount in self.bands]
        return screen.hand.cart.total - sum(rows)

    def panel(self, screen: Screen) -> Panel:
        """Show what pays already and what is left."""
        parts = [
            f"{screen.word(f'by_{row[0]}')}  {screen.plain_money(row[1])}" for row in self.paid
        ]
        parts += [
            f"{screen.word('by_wristband')}  {screen.plain_money(amount or 0)}"
            for _, amount in self.bands
        ]
        lines = (screen.word("split_left", screen.money(self.left(screen))), *parts)
        pad = [c for c in self._pad.panel(screen).choices if c.key not in {"enter", "escape"}]
        choices = (
            *pad,
            Choice("c", screen.word("key_cash")),
            Choice("k", screen.word("key_card")),
            Choice("h", screen.word("key_house")),
            back(screen),
        )
        entry = self._pad.entry
        shown = screen.plain_money(int(entry)) if entry else ""
        return Panel(Tone.READY, "", (*lines, screen.word("split_how")), choices, shown)

    def key(self, screen: Screen, key: str) -> bool:
        """Take an amount, then how it is paid."""
        if key == "escape":
            screen.ready()
        elif key in {"c", "enter"}:
            self._part(screen, "cash", None)
        elif key == "k":
            screen.enter(TextPad("card_reference", lambda text: self._part(screen, "card", text)))
        elif key == "h":
            self._part(screen, "gift", None)
        else:
            self._pad.key(screen, key)
        return True

    def told(self, screen: Screen, answer: Answer) -> bool:
        """Let a wristband pay the amount, or the rest."""
        if answer["event"] != WRISTBAND:
            return False
        amount = self._amount(screen)
        self.bands = (*self.bands, (answer["shown"], amount))
        self._go_on(screen)
        return True

    def _amount(self, screen: Screen) -> int:
        left = self.left(screen)
        entry, self._pad.entry = self._pad.entry, ""
        return min(int(entry), left) if entry and left > 0 else left

    def _part(self, screen: Screen, method: str, reference: str | None) -> None:
        amount = self._amount(screen)
        if amount:
            self.paid = (*self.paid, (method, amount, None, reference or None))
        self._go_on(screen)

    def _go_on(self, screen: Screen) -> None:
        """Sell once everything is paid; a top-up still needs the wristband that it is for."""
        if self.left(screen):
            screen.enter(self)
        elif screen.hand.cart.top_up and not self.bands:
            screen.enter(self)
            screen.note("show_band")
        else:
            screen.pay(Attempt(self.paid, self.bands))
