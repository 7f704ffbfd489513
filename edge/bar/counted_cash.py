"""Money as it was counted: a sum, or notes and coins; and what cannot be done with a shift."""

from typing import Any, Final

from edge.headless import Command
from sync.limits import DENOMINATIONS_MAX, MONEY_MINOR_MAX, QUANTITY_UNITS_MAX

Cash = tuple[tuple[int, int], ...]
"""(value in minor units, how many) of each note and coin, the largest first."""

_VALUE_MAX: Final = 10**8
_LEADING: Final = frozenset({"1", "2", "25", "5"})

WORDS: Final[dict[str, tuple[str, str]]] = {
    "shift_open": (
        "Shift {0} is open already. Close it first.",
        "Le service {0} est déjà ouvert. Clôturez-le d'abord.",
    ),
    "no_shift": (
        "No shift is open. Open one with a counted float first.",
        "Aucun service n'est ouvert. Ouvrez-en un avec le fonds de caisse compté.",
    ),
    "unknown_shift": (
        "This till has no closed shift {0}.",
        "Cette caisse n'a pas de service {0} clôturé.",
    ),
    "not_counted": (
        "Say what was counted: a sum, or how many of each note and coin.",
        "Dites ce qui a été compté : une somme, ou le nombre de chaque billet et pièce.",
    ),
    "bad_sum": (
        "A counted sum is a whole number of cents, not below zero.",
        "Une somme comptée est un nombre entier de centimes, jamais négatif.",
    ),
    "bad_cash": (
        "Notes and coins are pairs of value and count, {0} at most, each value once.",
        "Billets et pièces : des paires valeur et nombre, {0} au plus, chaque valeur une fois.",
    ),
    "unknown_coin": (
        "There is no note or coin of {0}.",
        "Il n'existe ni billet ni pièce de {0}.",
    ),
    "sums_differ": (
        "The notes and coins come to {0}, the sum says {1}.",
        "Les billets et pièces font {0}, la somme indique {1}.",
    ),
}


class ShiftTrouble(Exception):
    """Something cannot be done with a shift; `reason` is one of `WORDS`, `sentence` says it."""

    def __init__(self, reason: str, *details: str) -> None:
        """Name the reason and what its sentence needs; amounts with a point."""
        super().__init__(reason)
        self.reason = reason
        self.details = details

    def sentence(self, language: str) -> str:
        """Return why, in ``en`` or ``fr``."""
        english, french = WORDS[self.reason]
        if language == "fr":
            return french.format(*(detail.replace(".", ",") for detail in self.details))
        return english.format(*self.details)


def counted_money(command: Command, name: str) -> tuple[int, Cash | None]:
    """Return what a command says was counted, in minor units, and of which notes and coins.

    The sum stands under `name`, notes and coins as [[value, count]…] under `cash`; one is enough,
    and both must agree. `ShiftTrouble` says what is wrong.
    """
    amount, rows = command.get(name), command.get("cash")
    if amount is None and rows is None:
        raise ShiftTrouble("not_counted")
    if amount is not None and not _is_whole(amount, MONEY_MINOR_MAX):
        raise ShiftTrouble("bad_sum")
    if rows is None:
        return int(amount or 0), None
    cash = _cash_of(rows)
    total = sum(value * count for value, count in cash)
    if total > MONEY_MINOR_MAX:
        raise ShiftTrouble("bad_sum")
    if amount is not None and amount != total:
        raise ShiftTrouble("sums_differ", spelled(total), spelled(amount))
    return total, cash


def spelled(minor: int) -> str:
    """Write an amount with a point, however large a sum it is."""
    whole_units, part = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{whole_units}.{part:02d}"


def _is_whole(value: Any, top: int) -> bool:
    return type(value) is int and 0 <= value <= top


def _cash_of(rows: Any) -> Cash:
    if not isinstance(rows, list) or len(rows) > DENOMINATIONS_MAX:
        raise ShiftTrouble("bad_cash", str(DENOMINATIONS_MAX))
    counted: dict[int, int] = {}
    for row in rows:
        is_pair = isinstance(row, list | tuple) and len(row) == 2  # noqa: PLR2004 - value, count
        if not is_pair or not all(_is_whole(n, _VALUE_MAX * QUANTITY_UNITS_MAX) for n in row):
            raise ShiftTrouble("bad_cash", str(DENOMINATIONS_MAX))
        value, count = row
        if not _is_struck(value):
            raise ShiftTrouble("unknown_coin", spelled(value))
        if value in counted or count > QUANTITY_UNITS_MAX:
            raise ShiftTrouble("bad_cash", str(DENOMINATIONS_MAX))
        counted[value] = count
    return tuple(sorted(counted.items(), reverse=True))


def _is_struck(value: int) -> bool:
    """Tell whether any currency has such a note or coin: 1, 2, 2.5 or 5 and noughts."""
    return value <= _VALUE_MAX and str(value).rstrip("0") in _LEADING
