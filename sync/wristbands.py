"""Which ticket a wristband stands for at a gate: a fold over `WristbandGiven`.

One cell for each wristband keeps every gift of it. The lowest fact id counts, on every machine;
gifts for different tickets are a conflict that people must look at.
"""

from sync.cells import CellKey, CellKind, Cells
from sync.codes import CodeKind, Ticket
from sync.conflicts import Conflict, ConflictKind, declare
from sync.facts import WristbandGiven
from sync.journal import Record
from sync.names import Area, Role


def fold(cells: Cells, record: Record, role: Role) -> None:  # noqa: ARG001 - every fold's form
    """Keep which ticket a wristband was given for; other facts are left alone."""
    body = record.body
    if not isinstance(body, WristbandGiven):
        return
    key = _key(body.wristband)
    gifts = tuple(sorted({(record.id, body.serial, body.type), *(cells.get(key) or ())}))
    cells.set(key, gifts)
    if len({serial for _, serial, _ in gifts}) > 1:
        facts = tuple(gift[0] for gift in gifts)
        subject = f"wristband {body.wristband}"
        declare(cells, Conflict(Area.ACCESS, ConflictKind.TWO_LINKS, subject, facts))


def ticket_of(cells: Cells, wristband: int) -> tuple[int, int] | None:
    """Return (serial, type) of the ticket that a wristband was given for, None if nothing is known.

    The number is the wristband's serial.
    """
    gifts = cells.get(_key(wristband))
    return None if not gifts else (gifts[0][1], gifts[0][2])


def stands_for(cells: Cells, shown: Ticket) -> Ticket:
    """Return the ticket that a shown code stands for: a wristband's if one is known, else itself.

    What only the printed ticket says (validity, flags) is not known of it: what could be judged by
    that was judged when the wristband was given.
    """
    known = ticket_of(cells, shown.serial) if shown.kind is CodeKind.WRISTBAND else None
    if known is None:
        return shown
    serial, ticket_type = known
    return Ticket(CodeKind.TICKET, shown.key_id, shown.festival, serial, ticket_type, 0, 0, 0)


def _key(wristband: int) -> CellKey:
    return CellKey(Area.ACCESS, CellKind.WRISTBAND, wristband.to_bytes(8, "big"))
