"""A small festival from fixed seeds, so that a test says in one line who states what."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sync.cells import MemoryCells, area_hashes
from sync.certificates import Certificate, Subject, certify
from sync.clock import TRUSTED_CLOCK, ClockQuality, Moment
from sync.codes import CodeKind, Ticket
from sync.facts import (
    Admitted,
    Body,
    GateSet,
    Left,
    LineKind,
    Method,
    Moved,
    NotEntered,
    Refunded,
    Sold,
    TicketStatus,
    TicketStatusSet,
    ToppedUp,
    TypeSet,
    Undone,
    Voided,
    ZoneSet,
)
from sync.journal import Record, Writer
from sync.keys import SecretKey
from sync.names import AREAS_OF_ROLE, Area, FestivalId, Role, RunId, TerminalId
from sync.replica import Replica, refold
from sync.shelf import MemoryLog, MemoryShelf

FESTIVAL = FestivalId(7)
ROOT = SecretKey(b"\1" * 32)
OFFICE_KEY = SecretKey(b"\2" * 32)
ISSUING_KEY = SecretKey(b"\3" * 32)
KEY_ID = 1
NOW_MS = 1_795_262_400_000
"""Saturday 2026-11-21, 12:00 UTC."""
DAY = 20261121
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
TEN_YEARS_MS = 3652 * DAY_MS

LineRow = tuple[int, int, int, int, int, int | None]
PaymentRow = tuple[int, int, int | None, str | None]


def office_certificate(festival: int = FESTIVAL, key: SecretKey = OFFICE_KEY) -> bytes:
    office = Certificate(festival, Subject.OFFICE, Role.OFFICE, b"o", key.public, "Office", 0, 0)
    return certify(office, ROOT)


def issuing_certificate(key_id: int = KEY_ID, key: SecretKey = ISSUING_KEY) -> bytes:
    holder = bytes([key_id])
    issuing = Certificate(
        FESTIVAL, Subject.ISSUING_KEY, Role.OFFICE, holder, key.public, "codes", 0, 0
    )
    return certify(issuing, OFFICE_KEY)


def at(now_ms: int = NOW_MS, quality: ClockQuality = TRUSTED_CLOCK) -> Moment:
    return Moment(now_ms, quality)


class Pen:
    """A writer of one journal that keeps what it wrote; `number` seeds its id and its keys."""

    def __init__(
        self,
        role: Role,
        number: int,
        name: str = "",
        parent: Record | None = None,
        run: int = 0,
        moment: Moment | None = None,
        festival: int = FESTIVAL,
    ) -> None:
        self.role = role
        self.name = name or f"{role.name.lower()} {number}"
        self.terminal = TerminalId(bytes([number]) * 16)
        self.identity = SecretKey(bytes([number]) * 32)
        mine = Certificate(
            festival,
            Subject.WRITER,
            role,
            self.terminal,
            self.identity.public,
            self.name,
            0,
            0,
        )
        self.chain = (office_certificate(festival), certify(mine, OFFICE_KEY))
        run_id = RunId(bytes([number, run]) * 8)
        self.run_key = SecretKey(bytes([number, run]) * 16)
        self.writer = Writer(FestivalId(festival), self.terminal, run_id, self.run_key)
        self.moment = moment or at()
        first = self.writer.open(self.identity, self.chain, parent, "1", "boot", self.moment)
        self.records = [first]

    @property
    def first(self) -> Record:
        return self.records[0]

    def write(self, body: Body, moment: Moment | None = None) -> Record:
        record = self.writer.write(body, moment or self.moment)
        self.records.append(record)
        return record

    def __call__(self, *bodies: Body) -> list[Record]:
        return [self.write(body) for body in bodies]


def office(number: int = 31) -> Pen:
    return Pen(Role.OFFICE, number)


def gate(number: int = 21, name: str = "") -> Pen:
    return Pen(Role.GATE, number, name)


def bar(number: int = 11, name: str = "") -> Pen:
    return Pen(Role.BAR, number, name)


@dataclass
class Box:
    """A machine in memory: its replica, its shelf, its log."""

    role: Role = Role.OFFICE
    store: bytes = b"S" * 16
    shelf: MemoryShelf = field(default_factory=MemoryShelf)

    def __post_init__(self) -> None:
        self.replica = Replica(FESTIVAL, ROOT.public, self.shelf, self.role)
        self.log = MemoryLog(self.replica, self.shelf, self.store)

    def take(self, *records: Record | bytes) -> list[str]:
        raw = [one if isinstance(one, bytes) else one.raw for one in records]
        return [str(taken.outcome) for taken in self.replica.take(raw)]

    @property
    def cells(self) -> MemoryCells:
        return self.shelf.cells

    def hashes(self, areas: Iterable[Area] = Area) -> dict[str, str]:
        return area_hashes(self.shelf.cells, areas)

    def own_hashes(self) -> dict[str, str]:
        return self.hashes(AREAS_OF_ROLE[self.role])


def box_with(records: Iterable[Record | bytes], role: Role = Role.OFFICE) -> Box:
    """Return a machine that has taken these records in this order."""
    box = Box(role)
    box.take(*records)
    return box


def folded_anew(box: Box) -> dict[str, str]:
    """Return the hashes of a fold from nothing of what a box keeps."""
    empty = MemoryShelf()
    refold(box.shelf, empty.cells)
    return area_hashes(empty.cells, Area)


def shuffled(records: Sequence[Record], seed: int) -> list[Record]:
    """Return the records in an order that the seed draws."""
    out = list(records)
    random.Random(seed).shuffle(out)
    return out


# --- bodies in few words ---


def zone(number: int = 1, capacity: int | None = None, version: int = 1) -> ZoneSet:
    return ZoneSet(number, version, f"zone {number}", capacity)


def ticket_type(
    number: int = 1,
    *,
    version: int = 1,
    reentry: bool = True,
    usage: int = 0,
    daily: int = 0,
    cooldown: int = 0,
    strict: bool = True,
    zones: tuple[int, ...] = (),
    window: tuple[int, ...] = (),
    group: int = 1,
) -> TypeSet:
    name = f"type {number}"
    return TypeSet(
        number, version, name, reentry, usage, daily, cooldown, strict, zones, window, group
    )


def gate_place(pen: Pen, name: str, number: int = 1, types: tuple[int, ...] = ()) -> GateSet:
    return GateSet(pen.terminal, 1, name, number, types)


def status(serial: int, word: TicketStatus, version: int = 1, new: int | None = None) -> Body:
    return TicketStatusSet(((serial, int(word), version, new),))


def admitted(
    serial: int = 5,
    number: int = 1,
    after: tuple[bytes, ...] = (),
    count: int = 1,
    flags: int = 0,
    day: int = DAY,
) -> Admitted:
    return Admitted(serial, 1, number, day, count, after, flags, 1, None, None)


def left(
    admission: bytes | None, serial: int = 5, number: int = 1, after: tuple[bytes, ...] = ()
) -> Left:
    named = () if admission is None else (admission,)
    return Left(serial, number, DAY, after or named, admission)


def moved(after: tuple[bytes, ...], serial: int = 5, zone_from: int = 1, zone_to: int = 2) -> Moved:
    return Moved(serial, zone_from, zone_to, DAY, after)


def not_entered(target: bytes, serial: int = 5, guests: int = 1) -> NotEntered:
    return NotEntered(serial, target, guests, (target,))


def undone(target: bytes, serial: int = 5) -> Undone:
    return Undone(serial, target, (target,))


def sale_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def item(quantity: int = 1, unit: int = 300, vat: int = 2000) -> LineRow:
    return (1, quantity, unit, vat, int(LineKind.ITEM), None)


def from_wallet(amount: int, wallet: int = 99) -> PaymentRow:
    return (int(Method.WALLET), amount, wallet, None)


def in_cash(amount: int) -> PaymentRow:
    return (int(Method.CASH), amount, None, None)


def sold(
    number: int = 1,
    lines: tuple[LineRow, ...] = (item(2),),
    payments: tuple[PaymentRow, ...] | None = None,
    wallet: int = 99,
    shift: int = 1,
) -> Sold:
    total = sum(line[1] * line[2] for line in lines)
    paid = (from_wallet(total, wallet),) if payments is None else payments
    return Sold(sale_id(number), 1, shift, 0, lines, paid, 1, "alone_limit", 0)


def voided(
    number: int = 1, lines: tuple[int, ...] = (0,), payments: tuple[PaymentRow, ...] = ()
) -> Voided:
    return Voided(sale_id(number), lines, payments, 1, 1, 0)


def refunded(number: int = 1, line: int = 0, quantity: int = 1, operation: int = 1) -> Refunded:
    return Refunded(sale_id(operation), sale_id(number), line, quantity, (), 1, 1, 0)


def topped_up(
    amount: int = 1000,
    wallet: int = 99,
    operation: int = 1,
    method: Method = Method.CASH,
    shift: int = 1,
) -> ToppedUp:
    return ToppedUp(sale_id(operation), wallet, amount, int(method), 1, shift, None)


def ticket(serial: int = 5, flags: int = 0, **fields: int) -> Ticket:
    kind = CodeKind(fields.pop("kind", int(CodeKind.TICKET)))
    start, end = fields.pop("valid_from", 0), fields.pop("valid_until", 0)
    return Ticket(kind, KEY_ID, FESTIVAL, serial, fields.pop("type", 1), start, end, flags)
