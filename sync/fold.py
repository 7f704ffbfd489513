"""The one fold: what each fact does to the state, the same on every machine.

Each area has a function of its own; this file only leads a fact to them. A fact that comes twice
never reaches it, and the order in which facts come must not be seen in the result.
"""

from sync import (
    allotments,
    catalogue,
    clones,
    history,
    ledger,
    stock,
    wallet_secrets,
    wristbands,
)
from sync.cells import CellKey, CellKind, Cells
from sync.facts import Released, TerminalRevoked
from sync.journal import Record
from sync.names import Area, Role


def fold(cells: Cells, record: Record, role: Role) -> None:
    """Let one verified fact, which its writer of this role may state, take effect."""
    catalogue.fold(cells, record, role)
    history.fold(cells, record, role)
    wristbands.fold(cells, record, role)
    ledger.fold(cells, record, role)
    stock.fold(cells, record, role)
    clones.fold(cells, record, role)
    wallet_secrets.fold(cells, record, role)
    allotments.fold(cells, record, role)


def fold_revocation(cells: Cells, record: Record) -> None:
    """Note up to which number each run of a revoked terminal counts; the highest word wins."""
    body = record.body
    if isinstance(body, TerminalRevoked):
        rows = dict(body.last)
    elif isinstance(body, Released):
        rows = {body.run: body.number}
    else:
        return
    key = CellKey(Area.OFFICE, CellKind.REVOKED, body.terminal)
    revoked, known = cells.get(key) or (False, ())
    highest = dict(known)
    for run, number in rows.items():
        highest[run] = max(number, highest.get(run, -1))
    revoked = revoked or isinstance(body, TerminalRevoked)
    cells.set(key, (revoked, tuple(sorted(highest.items()))))


def counts(cells: Cells, record: Record) -> bool:
    """Tell whether a record counts, or comes after what a revocation still lets count."""
    known = cells.get(CellKey(Area.OFFICE, CellKind.REVOKED, record.terminal))
    if known is None or not known[0]:
        return True
    return bool(record.number <= dict(known[1]).get(record.run, -1))
