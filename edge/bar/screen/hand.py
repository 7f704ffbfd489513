"""What the seller has in hand: the basket, what the next product is to be, which line is meant.

It is changed by keys only and knows nobody: the stage keeps it over a power cut and sells it.
"""

from dataclasses import dataclass
from typing import Any, Final

from edge.bar.cart import Cart, CartFull

TIMES_MAX: Final = 999
CHOICE: Final = "choice"
DEPOSIT: Final = "deposit"
CUPS: Final = "cups"
TIP: Final = "tip"
TOP_UP: Final = "top_up"
VOUCHER: Final = "voucher"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the basket as people read it; `at` counts within its kind."""

    kind: str
    at: int
    quantity: int
    name: str
    amount: int
    measure: str = "whole"
    has_mixer: bool = False
    discount: int = 0


def entries(cart: Cart) -> list[Entry]:
    """Return the lines of a basket: what was chosen, then deposits, cups, tip, top-up, vouchers."""
    lines = [
        Entry(
            CHOICE,
            at,
            one.quantity,
            one.name,
            one.amount,
            one.measure,
            one.mixer is not None,
            one.quantity * one.discount,
        )
        for at, one in enumerate(cart.choices)
    ]
    cups = sum(one.quantity for one in cart.choices if one.deposit)
    deposits = sum(one.quantity * one.deposit for one in cart.choices)
    if deposits:
        lines.append(Entry(DEPOSIT, 0, cups, "", deposits))
    if cart.cups_back:
        lines.append(Entry(CUPS, 0, cart.cups_back, "", -cart.cups_back * cart.cup))
    if cart.tip:
        lines.append(Entry(TIP, 0, 1, "", cart.tip))
    if cart.top_up:
        lines.append(Entry(TOP_UP, 0, 1, cart.top_up_by, cart.top_up))
    for at, (_, name, worth) in enumerate(cart.vouchers):
        lines.append(Entry(VOUCHER, at, 1, name, -worth))
    return lines


@dataclass(slots=True)
class Hand:
    """The seller's hand; what cannot be done is answered with the name of a word that says why."""

    cart: Cart
    times: int = 1
    measure: str = "whole"
    mixer: bool = False
    selected: tuple[str, int] | None = None
    cleared: Cart | None = None

    def choose(self, product: dict[str, Any]) -> str:
        """Take the product so many times, as the modifiers say, and forget the modifiers."""
        if product["offered"] != "yes":
            return str(product["offered"])
        if self.measure != "whole" and product[self.measure] is None:
            return f"no_{self.measure}"
        if self.mixer and product["mixer"] is None:
            return "no_mixer"
        before = self.cart.choices
        try:
            self.cart = self.cart.add(product, self.times, self.measure, mixer=self.mixer)
        except CartFull:
            return "basket_full"
        at = next((n for n, one in enumerate(before) if one != self.cart.choices[n]), len(before))
        self.selected = (CHOICE, at)
        self.plain()
        return ""

    def plain(self) -> None:
        """Forget the modifiers: the next product is one whole one."""
        self.times, self.measure, self.mixer = 1, "whole", False

    def turn_measure(self, measure: str) -> None:
        """Let the next product be half or double; the same key again takes that back."""
        self.measure = "whole" if self.measure == measure else measure

    def turn_times(self, times: int) -> None:
        """Let the next product count so many times; the same key again takes that back."""
        self.times = 1 if self.times == times else min(times, TIMES_MAX)

    # --- lines ---

    def meant(self) -> Entry | None:
        """Return the line that is meant: the selected one, else the last."""
        lines = [one for one in entries(self.cart) if one.kind != DEPOSIT]
        found = [one for one in lines if (one.kind, one.at) == self.selected]
        return next(iter(found or lines[-1:]), None)

    def step(self, steps: int) -> None:
        """Select another line, up or down; deposits go with their products."""
        places = [(one.kind, one.at) for one in entries(self.cart) if one.kind != DEPOSIT]
        if not places:
            self.selected = None
        elif self.selected in places:
            at = places.index(self.selected) + steps
            self.selected = places[max(0, min(at, len(places) - 1))]
        else:
            self.selected = places[-1]

    def change(self, by: int) -> str:
        """Add to how many of the meant line there are; none left takes it out."""
        one = self.meant()
        if one is None:
            return "nothing_chosen"
        if one.kind in {CHOICE, CUPS}:
            return self.set_quantity(one.quantity + by)
        return self.set_quantity(0) if by < 0 else ""

    def set_quantity(self, quantity: int) -> str:
        """Say how many of the meant line there are; none takes it out."""
        one = self.meant()
        if one is None:
            return "nothing_chosen"
        cart = self.cart
        try:
            if one.kind == CHOICE:
                self.cart = cart.change(one.at, quantity)
            elif one.kind == CUPS:
                self.cart = cart.return_cups(quantity - cart.cups_back, cart.cup)
            elif quantity <= 0:
                self.cart = _without(cart, one)
        except CartFull:
            return "basket_full"
        self.selected = (one.kind, one.at) if quantity > 0 else None
        return ""

    def cups_back(self, count: int, cup: int) -> str:
        """Take so many cups back; what the first one was worth, all of a basket are."""
        cup = self.cart.cup if self.cart.cups_back else cup
        if not cup:
            return "no_cups"
        self.cart = self.cart.return_cups(count, cup)
        self.selected = (CUPS, 0)
        self.plain()
        return ""

    # --- the whole basket ---

    def empty(self, *, to_bring_back: bool = False) -> None:
        """Begin with nothing; what was in hand can be brought back if that is wished."""
        self.cleared = self.cart if to_bring_back else None
        self.cart = Cart()
        self.selected = None
        self.plain()

    def bring_back(self) -> str:
        """Take what was cleared into the hand again."""
        if self.cleared is None or self.cart:
            return "nothing_cleared"
        self.cart, self.cleared = self.cleared, None
        return ""

    def take(self, cart: Cart) -> None:
        """Take a basket that was kept."""
        self.cart = cart
        self.selected = None
        self.plain()


def _without(cart: Cart, one: Entry) -> Cart:
    match one.kind:
        case "tip":
            return cart.tipped(0)
        case "top_up":
            return cart.topped_up(0, cart.top_up_by)
        case "voucher":
            return cart.without_voucher(one.at)
    return cart
