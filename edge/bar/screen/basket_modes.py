"""What is done to a basket beside choosing: how many, tip, discount, top-up, clearing, parking."""

from collections.abc import Callable
from typing import Any, Final

from edge.bar.cart import CartFull, cart_of
from edge.bar.screen.hand import CHOICE, Hand
from edge.bar.screen.pad_modes import AmountPad, CountPad, Listing
from edge.bar.screen.till_mode import Screen, TillMode, back
from edge.screen.lines import face
from edge.screen.modes import Answer
from edge.screen.panel import Choice, Panel, Tone

TOP_UP_QUICK: Final = (1_000, 2_000, 3_000, 5_000, 10_000)
_TIP_QUICK: Final = (50, 100, 200, 500)
_PERCENTS_QUICK: Final = (10, 20, 50)
_PERCENT_MAX: Final = 100


def quantity_of_line(screen: Screen) -> None:
    """Type how many of the meant line there are."""
    if screen.hand.meant() is None:
        screen.note("nothing_chosen")
        return

    def then(number: int) -> None:
        why_not = screen.hand.set_quantity(number)
        _back(screen, why_not)

    screen.enter(CountPad("how_many_line", then))


def tip(screen: Screen) -> None:
    """Type a tip."""

    def then(minor: int) -> None:
        _change(screen, lambda hand: hand.cart.tipped(minor))

    screen.enter(AmountPad("tip_amount", then, quick=_TIP_QUICK))


def discount(screen: Screen) -> None:
    """Type percents off the whole basket, or off the selected line."""
    if not screen.hand.cart.choices:
        screen.note("nothing_chosen")
        return
    selected = screen.hand.selected
    at = selected[1] if selected is not None and selected[0] == CHOICE else None
    screen.enter(Discount(at))


class Discount(TillMode):
    """How many percents, and off what."""

    def __init__(self, at: int | None) -> None:
        """`at` is the selected choice; None for all of it."""
        self._at = at
        self._pad = CountPad("discount_percent", lambda _: None)

    def panel(self, screen: Screen) -> Panel:
        """Show what is typed."""
        shown = self._pad.panel(screen)
        percents = dict(zip("qwe", _PERCENTS_QUICK, strict=True))
        quick = tuple(Choice(key, f"{number} %") for key, number in percents.items())
        lines = [screen.word("discount_percent"), screen.word("discount_approval")]
        choices = [*shown.choices, *quick]
        if self._at is not None:
            name = screen.hand.cart.choices[self._at].name
            lines.insert(1, screen.word("discount_line", name))
            choices.append(Choice("a", screen.word("discount_all")))
        return Panel(Tone.READY, "", tuple(lines), tuple(choices), shown.entry)

    def key(self, screen: Screen, key: str) -> bool:
        """Take percents."""
        if key == "a":
            self._at = None
        elif key in {"q", "w", "e"}:
            self._take(screen, _PERCENTS_QUICK["qwe".index(key)])
        elif key == "enter":
            if self._pad.entry:
                self._take(screen, int(self._pad.entry))
        else:
            self._pad.key(screen, key)
        return True

    def _take(self, screen: Screen, percents: int) -> None:
        if percents > _PERCENT_MAX:
            self._pad.entry = ""
            return
        _change(screen, lambda hand: hand.cart.discount(percents, self._at))


def top_up_in_basket(screen: Screen) -> None:
    """Type what the guest puts on the wristband with this basket, and how it is handed over."""

    def given(minor: int) -> None:
        if minor:
            screen.enter(TopUpHow(lambda method: _top_up(screen, minor, method)))
        else:
            _top_up(screen, 0, screen.hand.cart.top_up_by)

    screen.enter(AmountPad("top_up_amount", given, quick=TOP_UP_QUICK))


def _top_up(screen: Screen, minor: int, method: str) -> None:
    _change(screen, lambda hand: hand.cart.topped_up(minor, method))
    if minor:
        screen.note("top_up_tap")


class TopUpHow(TillMode):
    """Cash or card."""

    def __init__(self, then: Callable[[str], None]) -> None:
        """`then` gets the method."""
        self._then = then

    def panel(self, screen: Screen) -> Panel:
        """Ask."""
        choices = (
            Choice("enter", screen.word("key_cash")),
            Choice("k", screen.word("key_card")),
            back(screen),
        )
        return Panel(Tone.READY, "", (screen.word("top_up_how"),), choices)

    def key(self, screen: Screen, key: str) -> bool:
        """Take it."""
        if key == "escape":
            screen.ready()
        elif key in {"enter", "c"}:
            self._then("cash")
        elif key == "k":
            self._then("card")
        else:
            return False
        return True


def clear(screen: Screen) -> None:
    """Empty the basket; it can be brought back until the next one begins."""
    if not screen.hand.cart:
        screen.note("nothing_chosen")
        return
    screen.hand.empty(to_bring_back=True)
    screen.changed()
    screen.note("cleared")


def bring_back(screen: Screen) -> None:
    """Bring back what was cleared."""
    _back(screen, screen.hand.bring_back())


def _change(screen: Screen, change: Callable[[Hand], Any]) -> None:
    try:
        screen.hand.cart = change(screen.hand)
    except CartFull:
        _back(screen, "basket_full")
    else:
        _back(screen, "")


def _back(screen: Screen, why_not: str) -> None:
    screen.ready()
    if why_not:
        screen.note(why_not)
    else:
        screen.changed()


class Parked(Listing):
    """The baskets that wait, with when, by whom and how much."""

    def __init__(self, rows: list[Answer], take: Callable[[Answer], None]) -> None:
        """Show these; `take` brings one back into the hand."""
        super().__init__()
        self.rows = rows
        self._take = take

    def count(self) -> int:
        """Return how many wait."""
        return len(self.rows)

    def panel(self, screen: Screen) -> Panel:
        """Show them."""
        rows = [_parked_words(screen, row) for row in self.rows]
        choices = (
            Choice("enter", screen.word("recall")),
            Choice("up", "↑"),
            Choice("down", "↓"),
            back(screen),
        )
        none = (screen.word("parked_none"),)
        return Panel(
            Tone.READY, "", (screen.word("parked_title"),), choices, None, self.shown(rows) or none
        )

    def key(self, screen: Screen, key: str) -> bool:
        """Choose one."""
        if key == "escape":
            screen.ready()
        elif key == "enter" and self.rows:
            self._take(self.rows[self.cursor])
        elif not self.move(key):
            return False
        return True


def _parked_words(screen: Screen, row: Answer) -> str:
    cart = cart_of(row["cart"])
    when = face(row["at_ms"], screen.utc_offset_minutes)
    first = cart.choices[0].name if cart.choices else ""
    seller = row.get("seller_label") or row["seller"] or ""
    return f"{when}  {seller}  {screen.money(cart.total)}  {first}"
