"""The till at rest: choosing, changing the basket, and the wristband that pays it."""

from collections.abc import Callable
from typing import Final

from edge.bar.screen import tenders
from edge.bar.screen.grid import LETTERS
from edge.bar.screen.grid_view import Place
from edge.bar.screen.hand import TIMES_MAX
from edge.bar.screen.menu import COMMANDS, Menu
from edge.bar.screen.pad_modes import CountPad
from edge.bar.screen.shift_modes import open_shift
from edge.bar.screen.till_mode import Face, Screen, TillMode
from edge.bar.screen.wallet_modes import show_band
from edge.screen.modes import Answer
from edge.screen.panel import Choice, Panel, Tone
from edge.screen.staff_modes import Pin
from edge.wanted import BADGE, WRISTBAND

VOUCHER: Final = "voucher"
_LINE: Final = "line:"
_TIMES: Final = {"f2": 2, "f3": 3, "f4": 4}
_MORE_OF_IT: Final = {"plus": 1, "equals_sign": 1, "minus": -1}


class Selling(TillMode):
    """Waiting for the next product, or for the wristband that pays."""

    face = Face.GRID
    is_rest = True
    hears_capitals = True
    takes_band = True

    def panel(self, screen: Screen) -> Panel:
        """Say what the grid shows to who cannot see it."""
        return Panel(Tone.READY, screen.word("ready"), (screen.word("tap"),))

    def key(self, screen: Screen, key: str) -> bool:
        """Take a key of the till; while a sale is under way nothing may change."""
        if screen.is_paying:
            return True
        if key.startswith(_LINE):
            _, kind, at = key.split(":")
            screen.hand.selected = (kind, int(at))
        elif key in COMMANDS:
            COMMANDS[key](screen)
        elif len(key) == 1 and key in LETTERS:
            _choose(screen, key)
        elif (category := screen.grid.category_of(key)) is not None:
            screen.place = Place(category)
        elif len(key) == 1 and key.isupper():
            screen.note("caps_lock")
        else:
            return _act(screen, key)
        return True

    def told(self, screen: Screen, answer: Answer) -> bool:
        """Let a wristband pay, or look at it if there is nothing to pay; a voucher pays a part."""
        match answer["event"]:
            case "wristband":
                self._tapped(screen, answer)
            case "voucher":
                screen.voucher(answer["text"])
            case "badge":
                take_over(screen, answer["text"])
            case _:
                return False
        return True

    def _tapped(self, screen: Screen, answer: Answer) -> None:
        shown = answer["shown"]
        if screen.is_paying:
            return
        if screen.ignores(shown):
            if screen.hand.cart:
                screen.note("just_paid")
            return
        if screen.hand.cart:
            tenders.tap(screen, shown)
        else:
            show_band(screen, shown)


class NoShift(TillMode):
    """No shift is open: nothing can be sold before the float was counted."""

    is_rest = True
    hears_capitals = True

    def panel(self, screen: Screen) -> Panel:
        """Say what to do."""
        choices = (
            Choice("enter", screen.word("open_shift")),
            Choice("H", screen.word("menu_history")),
            Choice("L", screen.word("menu_lock")),
        )
        lines = (screen.word("no_shift"), screen.word("no_shift_how"))
        return Panel(Tone.READY, "", lines, choices)

    def key(self, screen: Screen, key: str) -> bool:
        """Count the float, or do what needs no shift."""
        if key == "enter":
            open_shift(screen)
        elif key in {"H", "L", "K"}:
            COMMANDS[key](screen)
        else:
            return False
        return True

    def told(self, screen: Screen, answer: Answer) -> bool:
        """Look at a wristband; nothing can be sold."""
        if answer["event"] == BADGE:
            take_over(screen, answer["text"])
        elif answer["event"] == WRISTBAND:
            show_band(screen, answer["shown"])
        return str(answer["event"]) in {BADGE, WRISTBAND}


def take_over(screen: Screen, badge: str) -> None:
    """Let somebody else sign in at this till with badge and PIN; the basket stays."""

    def then(answer: Answer) -> None:
        if answer["event"] == "signed_in":
            screen.anew()
        else:
            screen.sentence(str(answer["sentence"]))

    screen.enter(Pin(lambda pin: screen.do(then, "sign_in", badge=badge, pin=pin)))


def _choose(screen: Screen, letter: str) -> None:
    product = screen.grid.at(screen.place.category, screen.place.page, letter)
    if product is not None:
        _done(screen, screen.hand.choose(product))


def _done(screen: Screen, why_not: str) -> None:
    """Keep what was changed, or say why it cannot be."""
    if why_not:
        screen.note(why_not)
    else:
        screen.changed()


def _act(screen: Screen, key: str) -> bool:
    """Do what a key beside letters and digits does; False if it does nothing."""
    hand = screen.hand
    if key in _TIMES:
        hand.turn_times(_TIMES[key])
    elif key in _MORE_OF_IT:
        _done(screen, hand.change(_MORE_OF_IT[key]))
    elif key in {"up", "down"}:
        hand.step(-1 if key == "up" else 1)
    elif key in {"delete", "backspace"}:
        _done(screen, hand.set_quantity(0))
    elif key == "f5":
        hand.turn_measure("half")
    elif key == "f6":
        hand.turn_measure("double")
    elif key == "f7":
        hand.mixer = not hand.mixer
    elif key == "space":
        _done(screen, hand.cups_back(hand.times, screen.grid.deposit()))
    elif key in {"left", "right", "pageup", "pagedown"}:
        _turn_page(screen, -1 if key in {"left", "pageup"} else 1)
    elif key == "escape":
        hand.plain()
        hand.selected = None
    else:
        action = _WAYS.get(key)
        if action is None:
            return False
        action(screen)
    return True


def _turn_page(screen: Screen, by: int) -> None:
    place = screen.place
    screen.place = Place(place.category, (place.page + by) % screen.grid.pages(place.category))


def _many(screen: Screen) -> None:
    """Type how many: of the line that was selected by hand, else of the next product."""
    hand = screen.hand

    def then(number: int) -> None:
        screen.ready()
        if number:
            hand.times = min(number, TIMES_MAX)

    screen.enter(CountPad("how_many_next", then))


def _cash(screen: Screen) -> None:
    if screen.hand.cart:
        tenders.cash(screen)
    else:
        screen.note("nothing_chosen")


def _card(screen: Screen) -> None:
    if screen.hand.cart:
        tenders.card(screen)
    else:
        screen.note("nothing_chosen")


def _split(screen: Screen) -> None:
    if screen.hand.cart:
        screen.enter(tenders.Split())
    else:
        screen.note("nothing_chosen")


def _park(screen: Screen) -> None:
    """Put the basket aside, or show those that wait."""
    if screen.hand.cart:
        screen.carts().park()
    else:
        screen.carts().show()


_WAYS: Final[dict[str, Callable[[Screen], None]]] = {
    "asterisk": _many,
    "enter": _cash,
    "f8": _card,
    "f9": _split,
    "f10": _park,
    "tab": lambda screen: screen.enter(Menu()),
}
