"""What was scanned where, the newest first: gates' own records and what the office judged online.

A page is made of a bounded number of records, so it may hold fewer rows than were asked for and
still go on: `next` says from where.
"""

from dataclasses import dataclass
from typing import Any, Final

from cloud.limits import SCANS_EXAMINED_MAX
from cloud.store.look import Look
from cloud.store.scans import Kept, ScanBook
from cloud.terminals.queries import terminal_name
from sync import catalogue
from sync.cells import Cells
from sync.facts import Moved, Refused
from sync.names import Role
from sync.sentences import LANGUAGES, bare_sentence
from sync.telling import OUTCOMES

_NEWEST: Final = (1 << 63) - 1
_AT_GATES: Final = frozenset({Role.GATE, Role.OFFICE})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which scans are asked for; None asks for all. `since_ms` is Unix time by the gate's clock."""

    gate: bytes | None = None
    outcome: str | None = None
    since_ms: int | None = None


def scans(
    seen: Look, wanted: Wanted, before: int | None, rows_max: int
) -> tuple[list[dict[str, Any]], int | None]:
    """Return rows and where the next page begins, None at the end; `before` is an arrival."""
    book = ScanBook(seen.connection, seen.festival)
    place = None if wanted.gate is None else catalogue.gate_of(seen.cells, wanted.gate)
    online = place is not None and place.online is not None
    examined = book.examine(_NEWEST if before is None else before, wanted.gate, online=online)
    rows: list[dict[str, Any]] = []
    for kept in examined:
        row = _row(seen.cells, kept) if kept.role in _AT_GATES else None
        if row is not None and _is_wanted(row, wanted):
            rows.append(row)
            if len(rows) >= rows_max:
                return rows, kept.arrival
    is_more = len(examined) >= SCANS_EXAMINED_MAX
    return rows, examined[-1].arrival if is_more else None


def _is_wanted(row: dict[str, Any], wanted: Wanted) -> bool:
    if wanted.outcome not in {None, row["outcome"]}:
        return False
    return wanted.since_ms is None or row["at_ms"] >= wanted.since_ms


def _row(cells: Cells, kept: Kept) -> dict[str, Any] | None:
    record = kept.record
    body = record.body
    outcome = OUTCOMES.get(type(body)) if body is not None else None
    if outcome is None:
        return None
    gate = record.terminal if kept.gate is None else kept.gate
    place = catalogue.gate_of(cells, gate)
    number = getattr(body, "type", None)
    rules = None if number is None else catalogue.ticket_type(cells, number)
    reason = body.reason if isinstance(body, Refused) else ""
    serial = getattr(body, "serial", None)
    zone = body.zone_to if isinstance(body, Moved) else getattr(body, "zone", None)
    return {
        "outcome": outcome,
        "at_ms": record.stamp.physical_ms,
        "clock": record.clock.state.name.lower(),
        "gate": gate.hex(),
        "gate_name": terminal_name(cells, gate),
        "online": None if place is None else place.online,
        "zone": zone,
        "serial": None if serial is None else str(serial),
        "type": number,
        "type_name": None if rules is None else rules.name,
        "guests": getattr(body, "count", None) or getattr(body, "guests", None),
        "reason": reason,
        "sentences": {one: bare_sentence(reason, one) for one in LANGUAGES},
        "scanned_by": kept.principal,
        "fact": record.id.hex(),
    }
