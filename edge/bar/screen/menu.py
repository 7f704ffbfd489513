"""Everything that is not done ten times a minute: one list, one letter each, the same everywhere.

At rest the capital letter does it at once; in the list the small one does too, or a finger.
"""

from collections.abc import Callable
from typing import Final

from edge.bar.screen import tenders
from edge.bar.screen.basket_modes import (
    bring_back,
    clear,
    discount,
    quantity_of_line,
    tip,
    top_up_in_basket,
)
from edge.bar.screen.history_modes import show_history, void_last
from edge.bar.screen.shift_modes import close_shift, show_report
from edge.bar.screen.stock_modes import pick_product
from edge.bar.screen.till_mode import Screen, TillMode, back
from edge.bar.screen.wallet_modes import lost, type_band
from edge.screen.panel import Choice, Panel, Tone
from edge.screen.staff_modes import Clock

Command = Callable[[Screen], None]


def _clock(screen: Screen) -> None:
    screen.enter(Clock(screen.now_ms()))


COMMANDS: Final[dict[str, Command]] = {
    "V": void_last,
    "H": show_history,
    "T": top_up_in_basket,
    "D": discount,
    "I": tip,
    "N": tenders.on_the_house,
    "Q": quantity_of_line,
    "C": clear,
    "Z": bring_back,
    "P": lambda screen: screen.carts().show(),
    "B": type_band,
    "W": lost,
    "O": pick_product,
    "X": show_report,
    "E": close_shift,
    "K": _clock,
    "L": lambda screen: screen.lock(),
}
_NAMES: Final = {
    "V": "menu_void",
    "H": "menu_history",
    "T": "menu_top_up",
    "D": "menu_discount",
    "I": "menu_tip",
    "N": "menu_house",
    "Q": "menu_quantity",
    "C": "menu_clear",
    "Z": "menu_bring_back",
    "P": "menu_parked",
    "B": "menu_band",
    "W": "menu_lost",
    "O": "menu_stock",
    "X": "menu_report",
    "E": "menu_close",
    "K": "menu_clock",
    "L": "menu_lock",
}


class Menu(TillMode):
    """The list of everything else."""

    def panel(self, screen: Screen) -> Panel:
        """Show it."""
        choices = tuple(Choice(key, screen.word(name)) for key, name in _NAMES.items())
        return Panel(Tone.READY, "", (screen.word("menu_title"),), (*choices, back(screen)))

    def key(self, screen: Screen, key: str) -> bool:
        """Do one of it."""
        if key.upper() in COMMANDS and len(key) == 1:
            screen.ready()
            COMMANDS[key.upper()](screen)
        elif key in {"escape", "tab"}:
            screen.ready()
        else:
            return False
        return True
