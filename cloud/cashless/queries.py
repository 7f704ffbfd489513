"""What bars sold and what wallets hold, read from the folded state; amounts in minor units."""

from collections.abc import Collection
from typing import Any, Final

from cloud.cashless.online import ONLINE_BAR
from cloud.office import OFFICE_NAME
from cloud.terminals.queries import terminal_name
from sync import accounts, allotments, catalogue, ledger, spending
from sync.catalogue import is_revoked
from sync.cells import Cells
from sync.ledger import BarCount
from sync.ledger_effects import CURRENCY

_WALLET: Final = "wallet:"
_NONE: Final = BarCount(0, 0, 0, 0)


def bars(cells: Cells, offices: Collection[bytes] = ()) -> list[dict[str, Any]]:
    """Return each till: terminal, name, bar, sales, voids, top-ups, what it sold.

    `offices` are the writers of the office: what they sold is one row, without a terminal.
    """
    counts = ledger.bar_counts(cells)
    at_office = [counts.pop(one) for one in list(counts) if one in offices]
    places = {bar.terminal: bar for bar in catalogue.bars(cells)}
    rows = []
    for terminal in counts.keys() | places.keys():
        place, name = places.get(terminal), terminal_name(cells, terminal)
        row = _counted(counts.get(terminal, _NONE), terminal.hex(), name)
        row |= {"bar": None if place is None else place.bar, "revoked": is_revoked(cells, terminal)}
        rows.append(row)
    if at_office:
        whole = BarCount(
            sales=sum(one.sales for one in at_office),
            voids=sum(one.voids for one in at_office),
            topups=sum(one.topups for one in at_office),
            sold_minor=sum(one.sold_minor for one in at_office),
        )
        rows.append(_counted(whole, "", OFFICE_NAME) | {"bar": ONLINE_BAR, "revoked": False})
    return sorted(rows, key=lambda row: (row["name"], row["terminal"]))


def _counted(count: BarCount, terminal: str, name: str) -> dict[str, Any]:
    return {
        "terminal": terminal,
        "name": name,
        "sales": count.sales,
        "voids": count.voids,
        "topups": count.topups,
        "sold_minor": count.sold_minor,
    }


def money(cells: Cells) -> dict[str, Any]:
    """Return the sum over all accounts (always 0), what wallets hold and what is overspent."""
    everything, total, count, overspent = 0, 0, 0, 0
    for account, asset, amount in accounts.accounts(cells):
        everything += amount
        if asset == CURRENCY and account.startswith(_WALLET):
            total, count, overspent = total + amount, count + 1, overspent + max(0, -amount)
    return {
        "money_sum_minor": everything,
        "overspend_minor": overspent,
        "wallets": {"count": count, "total_minor": total},
    }


def exposure(cells: Cells, unheard: set[bytes]) -> dict[str, int | None]:
    """Return how many tills were not heard lately, and what all of them can overspend at most.

    The bound is None if the organiser set no limit.
    """
    bound = spending.fleet_bound(len(unheard), catalogue.policy(cells))
    return {"tills_unheard": len(unheard), "overspend_bound_minor": bound}


def wallet(cells: Cells, number: int, unheard: set[bytes]) -> dict[str, int]:
    """Return what a wallet holds, and what is certainly left whatever unheard tills have sold."""
    balance = accounts.wallet_balance(cells, number)
    limits = catalogue.policy(cells)
    lent = allotments.unspent(cells, allotments.wallet_resource(number))
    safe = spending.safe_balance(balance, len(unheard), lent, limits)
    return {"balance_minor": balance, "safe_balance_minor": safe}
