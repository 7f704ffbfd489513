"""What vouchers pay of a basket: the desk judges each of them again whenever the basket changes."""

from typing import TYPE_CHECKING

from edge.bar.cart import Cart, Choice
from edge.limits import VOUCHERS_MAX
from edge.screen.modes import Answer, Then

if TYPE_CHECKING:
    from edge.bar.screen.stage import TillStage


class Vouchers:
    """The vouchers of the basket in hand."""

    def __init__(self, stage: "TillStage") -> None:
        """Judge for this screen."""
        self._stage = stage
        self._judged: tuple[Choice, ...] = ()

    def take(self, code: str) -> None:
        """Let a voucher that was shown pay its part, or say why it does not."""
        cart = self._stage.hand.cart
        if len(cart.vouchers) >= VOUCHERS_MAX:
            self._stage.note("basket_full")
            return

        def then(answer: Answer) -> None:
            if answer["event"] == "voucher":
                self._put(cart, code, answer)
            else:
                self._stage.sentence(str(answer.get("sentence", "")))

        self._judge(cart, code, then)

    def look(self) -> None:
        """Judge what is in hand again if other things were chosen since."""
        cart = self._stage.hand.cart
        if not cart.vouchers or cart.choices == self._judged:
            return
        self._judged = cart.choices
        for code, _, _ in cart.vouchers:
            self._again(cart, code)

    def _again(self, cart: Cart, code: str) -> None:
        def then(answer: Answer) -> None:
            if answer["event"] == "voucher":
                self._put(cart, code, answer)
            elif answer["event"] == "declined":
                self._drop(code, str(answer["sentence"]))

        self._judge(cart, code, then)

    def _judge(self, cart: Cart, code: str, then: Then) -> None:
        lines = [list(line) for line in cart.lines()]
        self._stage.do(then, "voucher", text=code, lines=lines)

    def _put(self, judged: Cart, code: str, answer: Answer) -> None:
        """Take what it pays, unless something else is in hand by now."""
        hand = self._stage.hand
        if (hand.cart.sale, hand.cart.choices) == (judged.sale, judged.choices):
            self._judged = judged.choices
            hand.cart = hand.cart.with_voucher(code, answer["name"], answer["amount_minor"])
            self._stage.changed()

    def _drop(self, code: str, why: str) -> None:
        hand = self._stage.hand
        codes = [one for one, _, _ in hand.cart.vouchers]
        if code in codes:
            hand.cart = hand.cart.without_voucher(codes.index(code))
            self._stage.changed()
            self._stage.note_text(why)
