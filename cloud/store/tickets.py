"""The book of tickets: what was issued, to whom, and from where it came.

The code's text is not kept. A signature is deterministic, so the code is made again from the fields
of its ticket with the issuing key, which never leaves the office's folder: whoever reads a copy of
the database can show no code. What gates believe of a ticket is not here either but in the facts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from cloud.store.sql import Connection
from sync.names import FestivalId

_COLUMNS: Final = (
    "serial, type, key_id, valid_from, valid_until, flags, state, version, origin, batch,"
    " made_ms, counted, order_id, holder, replaced_by, external, reference"
)
_INSERT: Final = (
    f"INSERT INTO ticket (festival, {_COLUMNS})"  # noqa: S608 - named in this file
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_SELECT: Final = f"SELECT {_COLUMNS} FROM ticket WHERE festival = ?"  # noqa: S608 - as above
_ASKED_AT_ONCE_MAX: Final = 400
_SERIAL_BYTES: Final = 8


class SaleState(IntEnum):
    """What a ticket is in the sale; whether it is withdrawn the facts say, not this."""

    ISSUED = 1
    RESERVED = 2
    PAID = 3


class Origin(IntEnum):
    """From where a ticket came; `COMP` was given away, `IMPORTED` came from another system."""

    ISSUED = 1
    COMP = 2
    IMPORTED = 3
    ORDER = 4


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket as it is kept; `valid_…` are Unix seconds (0: open), ids are 16 bytes.

    `version` counts its changes. `is_counted`: it takes a place of its type's quota. `external` is
    its code in another system, `reference` what people call the purchase that it belongs to.
    """

    serial: int
    type: int
    key_id: int
    valid_from: int
    valid_until: int
    flags: int
    state: SaleState
    version: int
    origin: Origin
    batch: bytes
    made_ms: int
    is_counted: bool = True
    order: bytes | None = None
    holder: bytes | None = None
    replaced_by: int | None = None
    external: str | None = None
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tickets are asked for; None asks for all."""

    type: int | None = None
    state: SaleState | None = None
    origin: Origin | None = None
    batch: bytes | None = None
    order: bytes | None = None
    named: "Named | None" = None


@dataclass(frozen=True, slots=True)
class Named:
    """What was typed, read in every way: ranges of serials, both ends included, and texts.

    A text is a code of another system or a reference. One thing that fits is enough.
    """

    serials: tuple[tuple[int, int], ...]
    texts: tuple[str, ...]


Place = tuple[int, int]
"""Where a list goes on: when the last ticket was made (Unix ms), and its serial."""


class TicketTaken(Exception):
    """A serial or a code of another system is there already; nothing of it may be committed."""


class TicketBook:
    """One festival's tickets; it writes inside transactions only."""

    def __init__(self, connection: Connection, festival: FestivalId | int) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection
        self._festival = festival

    def add(self, rows: Sequence[TicketRow]) -> None:
        """Keep new tickets; `TicketTaken` if one of them was there, and must be let out."""
        values = [(self._festival, *_values_of(row)) for row in rows]
        batches = {row.batch for row in rows}
        before = sum(map(self.count, batches))
        self._connection.executemany(_INSERT, values)
        if sum(map(self.count, batches)) != before + len(rows):
            message = "a serial or a code of another system was taken meanwhile: ask again"
            raise TicketTaken(message)

    def one(self, serial: int) -> TicketRow | None:
        """Return a ticket."""
        found = self._connection.execute(
            f"{_SELECT} AND serial = ?", (self._festival, serial_bytes(serial))
        ).fetchone()
        return None if found is None else _row_of(found)

    def by_external(self, external: str) -> TicketRow | None:
        """Return the ticket with this code of another system."""
        found = self._connection.execute(
            f"{_SELECT} AND external = ?", (self._festival, external)
        ).fetchone()
        return None if found is None else _row_of(found)

    def of_serials(self, serials: Sequence[int]) -> dict[int, TicketRow]:
        """Return those of some tickets that are here, by serial."""
        found: dict[int, TicketRow] = {}
        for part in _parts(serials):
            marks = ", ".join("?" * len(part))
            rows = self._connection.execute(
                f"{_SELECT} AND serial IN ({marks})", (self._festival, *map(serial_bytes, part))
            )
            found.update((row.serial, row) for row in map(_row_of, rows))
        return found

    def of_externals(self, externals: Sequence[str]) -> dict[str, int]:
        """Return the serials of those codes of another system that are here."""
        found: dict[str, int] = {}
        for part in _parts(externals):
            marks = ", ".join("?" * len(part))
            rows = self._connection.execute(
                "SELECT external, serial FROM ticket"  # noqa: S608 - only marks are put in
                f" WHERE festival = ? AND external IN ({marks})",
                (self._festival, *part),
            )
            found.update((external, _serial_of(serial)) for external, serial in rows)
        return found

    def of_order(self, order: bytes) -> list[TicketRow]:
        """Return the tickets that stand for an order (16 bytes), by serial.

        One that was replaced stands for nothing any more; the one in its place does.
        """
        rows = self._connection.execute(
            f"{_SELECT} AND order_id = ? AND replaced_by IS NULL ORDER BY serial",
            (self._festival, order),
        )
        return list(map(_row_of, rows))

    def listed(self, wanted: Wanted, after: Place | None, count_max: int) -> list[TicketRow]:
        """Return tickets in the order in which they were made, after a place, so many at most."""
        where, values = _conditions(wanted)
        if after is not None:
            where.append("(made_ms, serial) > (?, ?)")
            values += (after[0], serial_bytes(after[1]))
        conditions = "".join(f" AND {condition}" for condition in where)
        rows = self._connection.execute(
            f"{_SELECT}{conditions} ORDER BY made_ms, serial LIMIT ?",
            (self._festival, *values, count_max),
        )
        return list(map(_row_of, rows))

    def count(self, batch: bytes) -> int:
        """Return how many tickets were made in a batch (16 bytes)."""
        (number,) = self._connection.execute(
            "SELECT count(*) FROM ticket WHERE festival = ? AND batch = ?", (self._festival, batch)
        ).fetchone()
        return int(number)

    def set_states(self, serials: Iterable[int], state: SaleState) -> None:
        """Note what tickets now are in the sale."""
        rows = [(int(state), self._festival, serial_bytes(one)) for one in serials]
        self._connection.executemany(
            "UPDATE ticket SET state = ?, version = version + 1 WHERE festival = ? AND serial = ?",
            rows,
        )

    def touch(self, serials: Iterable[int]) -> None:
        """Count a change of tickets that stands in the facts."""
        rows = [(self._festival, serial_bytes(one)) for one in serials]
        self._connection.executemany(
            "UPDATE ticket SET version = version + 1 WHERE festival = ? AND serial = ?", rows
        )

    def set_replaced(self, old: int, new: int) -> None:
        """Note which ticket stands in the place of another."""
        self._connection.execute(
            "UPDATE ticket SET replaced_by = ?, version = version + 1"
            " WHERE festival = ? AND serial = ?",
            (serial_bytes(new), self._festival, serial_bytes(old)),
        )

    def set_holder(self, serial: int, holder: bytes | None) -> None:
        """Note who holds a ticket (a person's id), or that nobody is named."""
        self._connection.execute(
            "UPDATE ticket SET holder = ?, version = version + 1 WHERE festival = ? AND serial = ?",
            (holder, self._festival, serial_bytes(serial)),
        )

    def is_held_by(self, holder: bytes) -> bool:
        """Tell whether a person (16 bytes) holds any ticket."""
        found = self._connection.execute(
            "SELECT 1 FROM ticket WHERE festival = ? AND holder = ? LIMIT 1",
            (self._festival, holder),
        )
        return found.fetchone() is not None

    def forget_holder(self, holder: bytes) -> None:
        """Take a person's id (16 bytes) off every ticket."""
        self._connection.execute(
            "UPDATE ticket SET holder = NULL, version = version + 1"
            " WHERE festival = ? AND holder = ?",
            (self._festival, holder),
        )


def serial_bytes(serial: int) -> bytes:
    """Return a serial as it is kept: 8 bytes, high first."""
    return serial.to_bytes(_SERIAL_BYTES, "big")


def _serial_of(content: bytes) -> int:
    return int.from_bytes(content, "big")


def _values_of(row: TicketRow) -> tuple[object, ...]:
    """Return a ticket in the order of the columns."""
    replaced_by = None if row.replaced_by is None else serial_bytes(row.replaced_by)
    what = (row.type, row.key_id, row.valid_from, row.valid_until, row.flags, int(row.state))
    made = (row.version, int(row.origin), row.batch, row.made_ms, int(row.is_counted))
    whose = (row.order, row.holder, replaced_by, row.external, row.reference)
    return (serial_bytes(row.serial), *what, *made, *whose)


def _row_of(found: Sequence[Any]) -> TicketRow:
    serial, type_, key_id, start, end, flags, state, version, origin, batch, *rest = found
    made_ms, counted, order, holder, replaced_by, external, reference = rest
    return TicketRow(
        serial=_serial_of(serial),
        type=type_,
        key_id=key_id,
        valid_from=start,
        valid_until=end,
        flags=flags,
        state=SaleState(state),
        version=version,
        origin=Origin(origin),
        batch=bytes(batch),
        made_ms=made_ms,
        is_counted=bool(counted),
        order=None if order is None else bytes(order),
        holder=None if holder is None else bytes(holder),
        replaced_by=None if replaced_by is None else _serial_of(replaced_by),
        external=external,
        reference=reference,
    )


def _conditions(wanted: Wanted) -> tuple[list[str], list[object]]:
    where: list[str] = []
    values: list[object] = []
    for column, value in (
        ("type", wanted.type),
        ("state", None if wanted.state is None else int(wanted.state)),
        ("origin", None if wanted.origin is None else int(wanted.origin)),
        ("batch", wanted.batch),
        ("order_id", wanted.order),
    ):
        if value is not None:
            where.append(f"{column} = ?")
            values.append(value)
    if wanted.named is not None:
        marks = ", ".join("?" * len(wanted.named.texts))
        ways = ["serial BETWEEN ? AND ?"] * len(wanted.named.serials)
        ways += [f"external IN ({marks})", f"reference IN ({marks})"]
        where.append(f"({' OR '.join(ways)})")
        for pair in wanted.named.serials:
            values += map(serial_bytes, pair)
        values += wanted.named.texts * 2
    return where, values


def _parts(items: Sequence[Any]) -> Iterable[Sequence[Any]]:
    for at in range(0, len(items), _ASKED_AT_ONCE_MAX):
        yield items[at : at + _ASKED_AT_ONCE_MAX]
