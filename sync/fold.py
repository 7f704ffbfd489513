"""The one fold: what each fact does to the state, the same on every machine.

Each area has a function of its own; this file only leads a fact to those that take its kind. A fact
that comes twice never reaches it, and the order in which facts come must not be seen in the result.
"""

from collections.abc import Callable
from typing import Final

from sync import (
    allotments,
    catalogue,
    clones,
    handover,
    history,
    ledger,
    stock,
    wallet_secrets,
    wristbands,
)
from sync.cells import CellKey, CellKind, Cells
from sync.facts import (
    Admitted,
    AllotmentPassed,
    AllotmentReturned,
    AllotmentWrittenOff,
    Allotted,
    AuthorityHanded,
    Body,
    Corrected,
    Left,
    Moved,
    NotEntered,
    OfferSet,
    PaidOut,
    Refunded,
    Refused,
    Released,
    ShiftClosed,
    ShiftOpened,
    Sold,
    StockMoved,
    TerminalRevoked,
    TicketStatusSet,
    ToppedUp,
    Undone,
    Voided,
    WalletSecretSet,
    WristbandBlocked,
    WristbandGiven,
    WristbandLinked,
    ZoneSet,
)
from sync.journal import Record
from sync.names import Area, Role

Part = Callable[[Cells, Record, Role], None]

TAKES: Final[dict[Part, tuple[type[Body], ...]]] = {
    history.fold: (
        Admitted, Left, Moved, Undone, NotEntered, Refused, TicketStatusSet, ZoneSet,
    ),
    wristbands.fold: (WristbandGiven,),
    ledger.fold: (
        Sold, Voided, Refunded, ToppedUp, PaidOut, WristbandLinked, WristbandBlocked, ShiftOpened,
        ShiftClosed, Corrected,
    ),
    stock.fold: (StockMoved, OfferSet),
    clones.fold: (Sold,),
    wallet_secrets.fold: (WalletSecretSet,),
    allotments.fold: (Allotted, AllotmentReturned, AllotmentPassed, AllotmentWrittenOff),
    handover.fold: (AuthorityHanded, Allotted),
}  # fmt: skip
"""Which kinds each area takes; it leaves every other kind alone."""

_PARTS_OF: Final[dict[type, tuple[Part, ...]]] = {
    kind: tuple(part for part, kinds in TAKES.items() if kind in kinds)
    for kinds_of_one in TAKES.values()
    for kind in kinds_of_one
}


def fold(cells: Cells, record: Record, role: Role) -> None:
    """Let one verified fact, which its writer of this role may state, take effect."""
    if role is Role.OFFICE:
        catalogue.fold(cells, record, role)
    for part in _PARTS_OF.get(type(record.body), ()):
        part(cells, record, role)


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
