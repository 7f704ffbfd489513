"""Takes in tickets of other systems: looks first, then does all of it or nothing.

A terminal can check only codes that this festival's keys have signed. So each ticket that comes
from elsewhere becomes a ticket of ours with a new code, which the guest must be sent; the code of
the other system is kept for the box office and for scans at a terminal that is connected.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from cloud.festivals.sight import Sight, stated_types
from cloud.limits import IMPORT_ROWS_SHOWN
from cloud.office import Office
from cloud.orders.counter import places_left
from cloud.store.people import PersonBook
from cloud.store.tickets import Origin, SaleState, TicketBook, TicketRow
from cloud.tickets.columns import Column, column_of, columns_in, plain
from cloud.tickets.import_rows import Brought, Judged, Types, Wrong, judge
from cloud.tickets.people import Draw, Sealed, Sealer
from cloud.tickets.places import take_places
from cloud.tickets.refusals import Refusal, Why
from cloud.tickets.service import draw_serials, key_for, window_of
from cloud.tickets.table_reader import BadTable, Table, TableTrouble, read_table
from sync.cells import Cells


class Outcome(StrEnum):
    """What became of a row, or would become of it."""

    OK = "ok"
    IMPORTED = "imported"
    ALREADY_THERE = "already_there"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became of one row; `serial` is that of its ticket, if there is one."""

    number: int
    outcome: Outcome
    wrong: Wrong | None = None
    detail: str = ""
    external: str | None = None
    serial: int | None = None


@dataclass(frozen=True, slots=True)
class TypeReport:
    """How many new tickets of a type a table brings, and how many places there are (None: no end).

    `places` is what is left before the import.
    """

    type: int
    tickets: int
    places: int | None

    @property
    def fits(self) -> bool:
        """Tell whether there are places for all."""
        return self.places is None or self.tickets <= self.places


@dataclass(frozen=True, slots=True)
class Report:
    """What a table says and what became of it; `unknown` are columns that say nothing to us."""

    encoding: str
    delimiter: str
    columns: dict[Column, str]
    unknown: tuple[str, ...]
    rows: tuple[RowReport, ...]
    types: tuple[TypeReport, ...]
    first: tuple[Brought, ...]

    def count(self, outcome: Outcome) -> int:
        """Return to how many rows this happened."""
        return sum(row.outcome is outcome for row in self.rows)


@dataclass(frozen=True, slots=True)
class Read:
    """A table whose rows were read and judged, with everybody in it sealed (by row number)."""

    table: Table
    judged: tuple[Judged, ...]
    people: Mapping[int, Sealed]


def types_of(sight: Sight) -> dict[str, int]:
    """Return the festival's ticket types by plain name; a name that two share means neither."""
    found = [one for one in stated_types(sight.cells) if not sight.is_deleted("type", one.type)]
    names = [(plain(one.name), one.type) for one in found]
    shared = {name for name, count in Counter(name for name, _ in names).items() if count > 1}
    return {f"{name} {number}" if name in shared else name: number for name, number in names}


def read(content: bytes, types: Types, sealer: Sealer | None) -> Read | BadTable:
    """Read and judge a file, and seal the people in it; without a sealer nobody is sealed.

    20,000 rows take some seconds: do it in a thread beside the writer.
    """
    table = read_table(content, lambda name: column_of(name) is not None)
    if isinstance(table, BadTable):
        return table
    places = columns_in(table.header)
    if not places:
        return BadTable(TableTrouble.NO_KNOWN_COLUMN)
    if Column.CODE not in places:
        return BadTable(TableTrouble.NO_CODES)
    judged = judge(table, types)
    people = {
        one.number: sealer.sealed(one.ticket.person)
        for one in judged
        if sealer is not None and one.ticket is not None and one.ticket.person.is_known
    }
    return Read(table, tuple(judged), people)


def preview(cells: Cells, book: TicketBook, given: Read) -> Report:
    """Return what an import would do, row by row; nothing is changed."""
    known = book.of_externals(_externals(given))
    return _report(cells, given, known, Outcome.OK)


@dataclass(frozen=True, slots=True)
class How:
    """How tickets are taken in; `batch` has 16 bytes.

    `valid_…` are Unix seconds (0: open, None: as each type says).
    """

    batch: bytes
    skip_bad: bool = False
    valid_from: int | None = None
    valid_until: int | None = None
    flags: int = 0


def take_in(office: Office, given: Read, how: How, draw: Draw) -> Report | Refusal:
    """Take in every row that is new, inside a transaction, and report on each.

    If a row is wrong nothing is taken in, unless such rows are to be skipped. Codes that are here
    already change nothing, so the same table can be sent again.
    """
    bad = [one for one in given.judged if one.wrong is not None]
    if bad and not how.skip_bad:
        return Refusal(Why.BAD_ROWS, f"{len(bad)} of {len(given.judged)} rows")
    key_id = key_for(office.folder, office.cells, None)
    if isinstance(key_id, Refusal):
        return key_id
    book = TicketBook(office.store.connection, office.folder.festival)
    known = book.of_externals(_externals(given))
    fresh = [(one, t) for one, t in _tickets(given.judged) if t.external not in known]
    report = _report(office.cells, given, known, Outcome.IMPORTED)
    wanted = Counter(ticket.type for _, ticket in fresh)
    windows: dict[int, tuple[int, int]] = {}
    for number in wanted:
        window = window_of(office, number, how.valid_from, how.valid_until)
        if isinstance(window, Refusal):
            return window
        windows[number] = window
    is_counted = take_places(office, wanted) if wanted else True
    if isinstance(is_counted, Refusal):
        return is_counted
    base = TicketRow(
        serial=0, type=0, key_id=key_id, valid_from=0, valid_until=0, flags=how.flags,
        state=SaleState.ISSUED, version=1, origin=Origin.IMPORTED, batch=how.batch,
        made_ms=office.now_ms(), is_counted=is_counted,
    )  # fmt: skip
    serials = dict(zip((one.number for one, _ in fresh), draw_serials(draw, len(fresh)),
                       strict=True))  # fmt: skip
    _keep(office, base, windows, fresh, serials, given.people)
    rows = tuple(replace(r, serial=serials.get(r.number, r.serial)) for r in report.rows)
    return replace(report, rows=rows)


def _keep(
    office: Office,
    base: TicketRow,
    windows: Mapping[int, tuple[int, int]],
    fresh: Iterable[tuple[Judged, Brought]],
    serials: Mapping[int, int],
    people: Mapping[int, Sealed],
) -> None:
    """Put new tickets and their holders into the books."""
    connection, festival = office.store.connection, office.folder.festival
    rows, holders = [], []
    for one, ticket in fresh:
        holder = people.get(one.number)
        holders += [] if holder is None else [holder]
        rows.append(
            replace(
                base,
                serial=serials[one.number],
                type=ticket.type,
                valid_from=windows[ticket.type][0],
                valid_until=windows[ticket.type][1],
                holder=None if holder is None else holder[0],
                external=ticket.external,
                reference=ticket.reference,
            )
        )
    TicketBook(connection, festival).add(rows)
    PersonBook(connection, festival).put(holders)


def _report(cells: Cells, given: Read, known: Mapping[str, int], done: Outcome) -> Report:
    rows = tuple(_row_report(one, known, done) for one in given.judged)
    fresh = [t for _, t in _tickets(given.judged) if t.external not in known]
    counts = Counter(ticket.type for ticket in fresh)
    header = given.table.header
    return Report(
        given.table.encoding,
        given.table.delimiter,
        {column: header[place] for column, place in columns_in(header).items()},
        tuple(name for name in header if name and column_of(name) is None),
        rows,
        tuple(TypeReport(one, n, places_left(cells, one)) for one, n in sorted(counts.items())),
        tuple(fresh[:IMPORT_ROWS_SHOWN]),
    )


def _row_report(one: Judged, known: Mapping[str, int], done: Outcome) -> RowReport:
    if one.ticket is None:
        return RowReport(one.number, Outcome.WRONG, one.wrong, one.detail)
    external = one.ticket.external
    if external in known:
        return RowReport(
            one.number, Outcome.ALREADY_THERE, external=external, serial=known[external]
        )
    return RowReport(one.number, done, external=external)


def _tickets(judged: Sequence[Judged]) -> list[tuple[Judged, Brought]]:
    return [(one, one.ticket) for one in judged if one.ticket is not None]


def _externals(given: Read) -> list[str]:
    return [ticket.external for _, ticket in _tickets(given.judged)]
