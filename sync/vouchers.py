"""Vouchers: codes of paper that pay once. How often each did is a sum over all sales.

Two tills that cannot hear each other may both take one; both sales stand, and the voucher is a
conflict that people see.
"""

from collections.abc import Mapping

from sync.cells import CellKey, CellKind, Cells, counted
from sync.conflicts import Conflict, ConflictKind, declare, settle
from sync.names import Area


def use(cells: Cells, changes: Mapping[int, int]) -> None:
    """Add to how often vouchers (by serial) paid; more than once is a conflict."""
    for serial, change in changes.items():
        if not change:
            continue
        uses = counted(cells, _key(serial), change)
        subject = f"voucher {serial}"
        kind = ConflictKind.VOUCHER_SPENT_TWICE
        if uses > 1:
            declare(cells, Conflict(Area.MONEY, kind, subject, (), (uses,)))
        else:
            settle(cells, Area.MONEY, kind, subject)


def uses(cells: Cells, serial: int) -> int:
    """Return how often a voucher has paid, as far as was heard here."""
    value: int = cells.get(_key(serial)) or 0
    return value


def _key(serial: int) -> CellKey:
    return CellKey(Area.MONEY, CellKind.VOUCHER_USES, serial.to_bytes(8, "big"))
