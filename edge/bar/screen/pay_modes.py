"""What became of a payment: green with what is left, red with why not and what can be done."""

from typing import Final

from edge.bar.screen.pad_modes import AmountPad, SecretPad
from edge.bar.screen.tenders import Split, card, cash, tap
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
_FORGIVEN_RULES: Final = frozenset({"till_cap"})
SALE_KEYS: Final = frozenset("qwertyuiopasdfghjklzxcvbnm1234567890")


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
        if key in SALE_KEYS:
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
