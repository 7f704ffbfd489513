"""Who is inside and how often each ticket was used: a fold over what gates say, by cause.

For each ticket one cell keeps the set of facts about it. What the set says is worked out in
`history_effects`; when it grows, the counts move by the difference. A ticket that replaces another
shares its history: as soon as the office says so, both are read as one.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sync import allotments, catalogue
from sync.cells import CellKey, CellKind, Cells, counted
from sync.clock import ClockState
from sync.conflicts import Conflict, ConflictKind, declare, settle
from sync.facts import (
    Admitted,
    Left,
    Moved,
    NotEntered,
    Refused,
    TicketStatus,
    TicketStatusSet,
    Undone,
    ZoneSet,
)
from sync.history_effects import Reading, Seen, effects, withdrawn
from sync.journal import Record
from sync.names import Area, Role
from sync.online_gates import gate_of_fact

_REPLACED_BY: Final = b"n"
_REPLACES: Final = b"o"


def fold(cells: Cells, record: Record, role: Role) -> None:
    """Let a fact about a ticket, a refusal, a status or a zone take effect; leave others alone."""
    body = record.body
    match body:
        case Admitted() | Left() | Moved() | Undone() | NotEntered():
            _add(cells, _seen(record, body, gate_of_fact(record, role)))
        case Refused():
            _count_refusal(cells, gate_of_fact(record, role), body.reason)
        case TicketStatusSet():
            for serial in sorted({row[0] for row in body.rows}):
                _relink(cells, serial)
        case ZoneSet():
            _judge_capacity(cells, body.zone)
        case _:
            pass


# --- what a gate asks ---


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one ticket, its replacements and predecessors included.

    `inside` holds (fact, guests) of every entry that is still open; `heads` is what the next fact
    of this ticket names as known.
    """

    inside: tuple[tuple[Seen, int], ...]
    admissions: tuple[Seen, ...]
    last_left: Seen | None
    heads: tuple[bytes, ...]

    @property
    def uses(self) -> int:
        """How often the ticket let somebody in."""
        return len(self.admissions)

    @property
    def first(self) -> Seen | None:
        """What is called the first admission."""
        return self.admissions[0] if self.admissions else None

    @property
    def last(self) -> Seen | None:
        """The latest admission."""
        return max(self.admissions, key=lambda row: (row.stamp_ms, row.fact), default=None)

    def uses_on(self, day: int) -> int:
        """How often the ticket let somebody in on a festival day (YYYYMMDD)."""
        return sum(row.day == day for row in self.admissions)


def standing(cells: Cells, serial: int) -> Standing:
    """Return what is known of a ticket here."""
    reading = _read(cells, _family(cells, serial))
    lefts = reading.lefts
    return Standing(
        tuple(reading.inside),
        tuple(reading.admissions),
        lefts[-1] if lefts else None,
        reading.heads,
    )


def facts_of(cells: Cells, serial: int) -> list[Seen]:
    """Return every fact about a ticket and its replacements, the first first."""
    rows = _read(cells, _family(cells, serial)).rows
    return sorted(rows, key=lambda row: row.order)


def inside_count(cells: Cells, zone: int) -> int:
    """Return how many guests are in a zone."""
    count: int = cells.get(_inside_key(zone)) or 0
    return count


def inside_counts(cells: Cells) -> dict[int, int]:
    """Return how many guests are in each zone that is not empty."""
    found = cells.items(Area.ACCESS, CellKind.INSIDE)
    return {int.from_bytes(key.key, "big"): value for key, value in found}


@dataclass(frozen=True, slots=True)
class GateCount:
    """What one gate did: guests let in, exits, and refusals by reason."""

    admitted: int
    left: int
    refused: dict[str, int]


def gate_counts(cells: Cells) -> dict[bytes, GateCount]:
    """Return what each gate terminal did."""
    return {
        key.key: GateCount(admitted, left, dict(refused))
        for key, (admitted, left, refused) in cells.items(Area.ACCESS, CellKind.GATE_COUNT)
    }


# --- the fold ---


def _seen(record: Record, body: Admitted | Left | Moved | Undone | NotEntered, gate: bytes) -> Seen:
    row = Seen(
        kind=body.KIND,
        fact=record.id,
        terminal=gate,
        serial=body.serial,
        stamp_ms=record.stamp.physical_ms,
        logical=record.stamp.logical,
        clock=int(record.clock.state),
        after=body.after,
    )
    match body:
        case Admitted():
            return row._replace(
                zone=body.zone,
                day=body.day,
                guests=body.count,
                provisional=body.provisional,
                office_version=body.office_version,
            )
        case Left():
            return row._replace(zone=body.zone, day=body.day, names=body.admission)
        case Moved():
            return row._replace(zone=body.zone_to, zone_from=body.zone_from, day=body.day)
        case Undone():
            return row._replace(names=body.target)
        case NotEntered():
            return row._replace(names=body.target, guests=body.guests)


def _add(cells: Cells, row: Seen) -> None:
    """Put a fact to those of its ticket and move the counts by the difference."""
    family = _family(cells, row.serial)
    is_first = not any(cells.get(_history_key(one)) for one in family)
    before = Counter() if is_first else effects(_read(cells, family))
    key = _history_key(row.serial)
    rows = {tuple(row), *(cells.get(key) or ())}
    cells.set(key, tuple(sorted(rows, key=lambda r: r[1])))
    if not is_first:
        _settle(cells, family, before)
    else:  # the first fact of a ticket: there is nothing yet that could be taken back
        reading = _read(cells, family)
        _move_all(cells, effects(reading))
        _judge_family(cells, family, reading)


def _relink(cells: Cells, serial: int) -> None:
    """Join or part the histories of a ticket and its replacement as the office's word now says."""
    status = catalogue.status(cells, serial)
    is_replaced = status is not None and status.word is TicketStatus.REPLACED
    new = status.replaced_by if status is not None and is_replaced else None
    old = cells.get(_link_key(_REPLACED_BY, serial))
    others = [one for one in (serial, new, old) if one is not None]
    families = {_family(cells, one) for one in others}
    before = _sum(effects(_read(cells, family)) for family in families)
    if new != old:
        _set_link(cells, serial, old, new)
    everyone = tuple(sorted({one for family in families for one in family}))
    _settle(cells, everyone, before)


def _set_link(cells: Cells, serial: int, old: int | None, new: int | None) -> None:
    cells.set(_link_key(_REPLACED_BY, serial), new)
    if old is not None:
        key = _link_key(_REPLACES, old)
        left = tuple(one for one in cells.get(key) if one != serial)
        cells.set(key, left or None)
    if new is not None:
        key = _link_key(_REPLACES, new)
        cells.set(key, tuple(sorted({serial, *(cells.get(key) or ())})))


def _settle(cells: Cells, serials: tuple[int, ...], before: Counter[Any]) -> None:
    """Bring counts and conflicts of these tickets to what their facts say now."""
    families = {_family(cells, serial) for serial in serials}
    readings = {family: _read(cells, family) for family in families}
    change = _sum(effects(reading) for reading in readings.values())
    change.subtract(before)
    _move_all(cells, change)
    for serial in serials:
        settle(cells, Area.ACCESS, ConflictKind.SECOND_ADMISSION, str(serial))
        settle(cells, Area.ACCESS, ConflictKind.ADMITTED_THOUGH_WITHDRAWN, str(serial))
    for family, reading in readings.items():
        _judge_family(cells, family, reading)


def _judge_family(cells: Cells, family: tuple[int, ...], reading: Reading) -> None:
    twice = reading.unaware()
    if twice:
        facts = tuple(row.fact for row in twice)
        who = tuple(row.terminal for row in twice)
        kind = ConflictKind.SECOND_ADMISSION
        declare(cells, Conflict(Area.ACCESS, kind, str(family[0]), facts, who))
    for serial in family:
        status = catalogue.status(cells, serial)
        if status is None or status.word is TicketStatus.VALID:
            continue
        rows = [row for row in reading.admissions if row.serial == serial]
        late = withdrawn(rows, {serial: status.stamp_ms}, int(ClockState.UNKNOWN))
        if late:
            facts = tuple(row.fact for row in late)
            knew = (int(status.word), *(row.office_version for row in late))
            kind = ConflictKind.ADMITTED_THOUGH_WITHDRAWN
            declare(cells, Conflict(Area.ACCESS, kind, str(serial), facts, knew))


def _move_all(cells: Cells, change: Counter[Any]) -> None:
    for (what, zone, terminal), amount in sorted(change.items()):
        if amount:
            _move(cells, what, zone, terminal, amount)


def _move(cells: Cells, what: str, zone: int, terminal: bytes, amount: int) -> None:
    if what == "inside":
        inside = counted(cells, _inside_key(zone), amount)
        _judge_capacity(cells, zone, before=inside - amount)
    elif what == "slots":
        allotments.use(cells, allotments.zone_resource(zone), terminal, amount)
    else:
        _count_gate(cells, terminal, **{what: amount})


def _judge_capacity(cells: Cells, number: int, before: int | None = None) -> None:
    """Declare or settle that too many are in a zone; `before` is how many were, if that is all."""
    zone = catalogue.zone(cells, number)
    capacity = None if zone is None else zone.capacity
    inside = inside_count(cells, number)
    kind = ConflictKind.CAPACITY_EXCEEDED
    if capacity is not None and inside > capacity:
        declare(cells, Conflict(Area.ACCESS, kind, str(number), (), (inside, capacity)))
    elif before is None or (capacity is not None and before > capacity):
        settle(cells, Area.ACCESS, kind, str(number))


def _count_gate(cells: Cells, terminal: bytes, admitted: int = 0, left: int = 0) -> None:
    key = CellKey(Area.ACCESS, CellKind.GATE_COUNT, terminal)
    known = cells.get(key) or (0, 0, ())
    value = (known[0] + admitted, known[1] + left, known[2])
    cells.set(key, value if any(value) else None)


def _count_refusal(cells: Cells, terminal: bytes, reason: str) -> None:
    key = CellKey(Area.ACCESS, CellKind.GATE_COUNT, terminal)
    admitted, left, refused = cells.get(key) or (0, 0, ())
    counts = Counter(dict(refused))
    counts[reason] += 1
    cells.set(key, (admitted, left, tuple(sorted(counts.items()))))


def _sum(parts: Iterable[Counter[Any]]) -> Counter[Any]:
    total: Counter[Any] = Counter()
    for part in parts:
        total.update(part)
    return total


# --- cells ---


def _history_key(serial: int) -> CellKey:
    return CellKey(Area.ACCESS, CellKind.HISTORY, serial.to_bytes(8, "big"))


def _inside_key(zone: int) -> CellKey:
    return CellKey(Area.ACCESS, CellKind.INSIDE, zone.to_bytes(2, "big"))


def ticket_keys(serial: int) -> tuple[CellKey, ...]:
    """Return where it is kept what was said about a ticket, what replaces it, what it replaces."""
    name = serial.to_bytes(8, "big")
    return (
        CellKey(Area.ACCESS, CellKind.HISTORY, name),
        CellKey(Area.OFFICE, CellKind.STATUS, name),
        CellKey(Area.OFFICE, CellKind.REPLACES, _REPLACED_BY + name),
        CellKey(Area.OFFICE, CellKind.REPLACES, _REPLACES + name),
    )


def _link_key(direction: bytes, serial: int) -> CellKey:
    return CellKey(Area.OFFICE, CellKind.REPLACES, direction + serial.to_bytes(8, "big"))


def _family(cells: Cells, serial: int) -> tuple[int, ...]:
    """Return every ticket that replaces or is replaced by this one, in the order of serials."""
    found = {serial}
    todo = [serial]
    while todo:
        one = todo.pop()
        new = cells.get(_link_key(_REPLACED_BY, one))
        others = [*(cells.get(_link_key(_REPLACES, one)) or ()), *(() if new is None else (new,))]
        todo += [other for other in others if other not in found]
        found.update(others)
    return tuple(sorted(found))


def _read(cells: Cells, family: tuple[int, ...]) -> Reading:
    return Reading(Seen(*row) for one in family for row in cells.get(_history_key(one)) or ())
