"""Money as it was counted: a sum, or notes and coins; and what cannot be done with a shift."""

from typing import Any, Final

from edge.bar.sayings import say
from edge.headless import Command
from sync.limits import DENOMINATIONS_MAX, MONEY_MINOR_MAX, QUANTITY_UNITS_MAX

Cash = tuple[tuple[int, int], ...]
"""(value in minor units, how many) of each note and coin, the largest first."""

_VALUE_MAX: Final = 10**8
_LEADING: Final = frozenset({"1", "2", "25", "5"})


class ShiftTrouble(Exception):
    """Something cannot be done with a shift; `reason` names the saying of it."""

    def __init__(self, reason: str, *details: str) -> None:
        """Name the reason and what its sentence needs; amounts with a point."""
        super().__init__(reason)
        self.reason = reason
        self.details = details

    def sentence(self, language: str) -> str:
        """Return why, in ``en`` or ``fr``."""
        point = "," if language == "fr" else "."
        return say(self.reason, language, *(one.replace(".", point) for one in self.details))


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
