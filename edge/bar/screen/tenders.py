"""How a basket is paid beside one tap: cash with its change, card, the house, or in parts."""

from typing import Any, Final

from edge.bar.screen.pad_modes import AmountPad, TextPad
from edge.bar.screen.till_mode import Attempt, Screen, TillMode, back
from edge.screen.modes import Answer
from edge.screen.panel import Choice, Panel, Tone
from edge.wanted import WRISTBAND

_NOTES: Final = (500, 1_000, 2_000, 5_000, 10_000)


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
