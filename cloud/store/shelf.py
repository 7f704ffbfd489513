"""Where the office's replica keeps a festival's records: `sync.replica.Shelf` on the store.

Runs, the highest number of each and how many records each writer has are few and asked for with
every record, so they live in memory and are written once at the end of a transaction. Arrival
numbers count up inside it from the festival's counter row, which is written last before the commit:
they follow the order of commits.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final

from cloud.store.cells import StoreCells
from cloud.store.foresight import Foresight
from cloud.store.sql import Connection
from cloud.store.walking import walk_records
from sync.cells import CellKey
from sync.journal import Record
from sync.keys import PublicKey, digest
from sync.likely import likely_cells
from sync.limits import WAITING_RECORDS_MAX, WAITING_RECORDS_PER_RUN_MAX
from sync.names import FactId, FestivalId, Role, RunId, TerminalId
from sync.replica import RunInfo

_INSERT: Final = "INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_RUNS: Final = (
    "SELECT run, terminal, role, name, key, head_number, head_id FROM run"
    " WHERE festival = ? ORDER BY opened, run"
)
_SOME_RUN: Final = (
    "SELECT run, terminal, role, name, key, head_number, head_id FROM run"
    " WHERE festival = ? AND run = ?"
)
_ADD_HELD: Final = (
    "INSERT INTO writer (festival, terminal, held) VALUES (?, ?, ?)"
    " ON CONFLICT (festival, terminal) DO UPDATE SET held = writer.held + excluded.held"
)
_PUT_RUN: Final = (
    "INSERT INTO run (festival, run, terminal, role, name, key, head_number, head_id, opened)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (festival, run)"
    " DO UPDATE SET head_number = excluded.head_number, head_id = excluded.head_id"
)


class StoreShelf:
    """Records, runs and cells of one festival; every method runs inside a transaction."""

    def __init__(self, connection: Connection, festival: FestivalId) -> None:
        """Stand on a connection whose tables and festival row exist.

        A connection that can wait with rows until they could be missed is let do so.
        """
        self._keep: Callable[[str, Sequence[Any]], object]
        self._keep = getattr(connection, "defer", connection.execute)
        self._connection = connection
        self._festival = festival
        self.cells = StoreCells(connection, festival)
        self._foresight = Foresight(connection, festival)
        self._arrived = 0
        self.own: tuple[TerminalId, RunId] | None = None
        """The writer and the run of this very process, once it has opened one."""
        self._read()

    @property
    def has_changes(self) -> bool:
        """Tell whether the open transaction has changed anything here."""
        cells = self.cells.changed
        return cells is None or bool(cells or self._inserted or self._changed_runs)

    def changed_cells(self) -> list[CellKey] | None:
        """Return which cells the open transaction has changed; None stands for all of them."""
        return self.cells.changed

    def changed_runs(self) -> list[RunId]:
        """Return which runs the open transaction has opened or moved on."""
        return list(self._changed_runs)

    def set_arrived(self, arrived: int) -> None:
        """Go on counting from here, first thing in a transaction: others have counted too."""
        self._arrived = arrived

    @property
    def arrived(self) -> int:
        """The arrival number of the newest record, 0 if there is none."""
        return self._arrived

    def has(self, fact: FactId) -> bool:
        """Tell whether the record with this id is kept."""
        is_held = self._foresight.has(fact)
        if is_held is not None:
            return is_held
        found = self._connection.execute(
            "SELECT 1 FROM record WHERE festival = ? AND id = ?", (self._festival, fact)
        )
        return found.fetchone() is not None

    def expect(self, records: Sequence[Record]) -> None:
        """Fetch at once what will be asked about records that came together."""
        if len(records) > 1:
            self._foresight.expect(records)
            self.cells.expect(key for record in records for key in likely_cells(record))

    def at(self, run: RunId, number: int) -> Sequence[FactId]:
        """Return the ids of all records with this run and number."""
        last, fact = self._end(run)
        if number > last:
            return ()
        if number == last and fact is not None:
            return (fact,)
        rows = self._connection.execute(
            "SELECT id FROM record WHERE festival = ? AND run = ? AND number = ? ORDER BY arrival",
            (self._festival, run, number),
        )
        return [FactId(row[0]) for row in rows]

    def following(self, terminal: TerminalId, previous: FactId) -> Sequence[FactId]:
        """Return the ids of a terminal's records that name this predecessor."""
        if self.own is not None and terminal == self.own[0]:
            end = self._ends.get(self.own[1])
            if end is not None and end[1] == previous:
                return ()  # nobody else signs for this writer, and that is its last record
        found = self._foresight.following(terminal, previous)
        if found is not None:
            return found
        rows = self._connection.execute(
            "SELECT id FROM record WHERE festival = ? AND previous = ? AND terminal = ?",
            (self._festival, previous, terminal),
        )
        return [FactId(row[0]) for row in rows]

    def insert(self, record: Record, role: Role) -> int:
        """Keep a record and return its arrival number, which only ever grows."""
        last, _ = self._end(record.run)
        self._foresight.add(record)
        self._arrived += 1
        self._keep(
            _INSERT,
            (
                self._festival,
                self._arrived,
                record.id,
                record.terminal,
                record.run,
                record.number,
                record.previous,
                role,
                record.raw,
            ),
        )
        if record.number > last:
            self._ends[record.run] = (record.number, record.id)
        elif record.number == last:
            self._ends[record.run] = (last, None)
        self._inserted[record.terminal] += 1
        self._arrivals[record.id] = self._arrived
        return self._arrived

    def arrival_of(self, fact: FactId) -> int:
        """Return the arrival number of a record that this transaction has kept."""
        return self._arrivals[fact]

    def run(self, run: RunId) -> RunInfo | None:
        """Return what is known of a run."""
        return self._runs.get(run)

    def runs(self) -> list[RunInfo]:
        """Return every run that is known, in the order in which they were opened here."""
        return list(self._runs.values())

    def runs_of(self, terminal: TerminalId) -> list[RunInfo]:
        """Return the runs of one writer, newest first."""
        return [self._runs[run] for run in reversed(self._by_terminal.get(terminal, []))]

    def end_of(self, info: RunInfo) -> tuple[int, FactId]:
        """Return the highest number held of a run and the id of a record that has it."""
        number, fact = self._end(info.run)
        return number, fact if fact is not None else self.at(info.run, number)[0]

    def put_run(self, info: RunInfo) -> None:
        """Remember a run or its new head."""
        if info.run not in self._runs:
            self._by_terminal[info.terminal].append(info.run)
        self._runs[info.run] = info
        self._changed_runs[info.run] = info

    def previous_of(self, fact: FactId) -> FactId:
        """Return the predecessor that a kept record names."""
        rows = self._connection.execute(
            "SELECT previous FROM record WHERE festival = ? AND id = ?", (self._festival, fact)
        )
        return FactId(rows.fetchone()[0])

    def wait(self, record: Record) -> bool:
        """Let a record wait for its run; False if the waiting room is full."""
        mark = digest(record.raw)
        known = self._connection.execute(
            "SELECT 1 FROM waiting WHERE festival = ? AND mark = ?", (self._festival, mark)
        )
        if known.fetchone() is not None:
            return True
        (here,) = self._connection.execute(
            "SELECT count(*) FROM waiting WHERE festival = ? AND run = ?",
            (self._festival, record.run),
        ).fetchone()
        (everywhere,) = self._connection.execute(
            "SELECT count(*) FROM waiting WHERE festival = ?", (self._festival,)
        ).fetchone()
        if here >= WAITING_RECORDS_PER_RUN_MAX or everywhere >= WAITING_RECORDS_MAX:
            return False
        self._connection.execute(
            "INSERT INTO waiting VALUES (?, ?, ?, ?, ?)",
            (self._festival, mark, record.run, record.number, record.raw),
        )
        return True

    def take_waiting(self, run: RunId) -> Sequence[bytes]:
        """Return and forget the records that wait for a run, lowest number first."""
        place = (self._festival, run)
        rows = self._connection.execute(
            "SELECT raw FROM waiting WHERE festival = ? AND run = ? ORDER BY number, mark", place
        ).fetchall()
        if rows:
            self._connection.execute("DELETE FROM waiting WHERE festival = ? AND run = ?", place)
        return [row[0] for row in rows]

    def all_records(self) -> Iterator[tuple[bytes, Role]]:
        """Walk over every kept record and its writer's role, in the order of arrival."""
        for raw, role in walk_records(self._connection, self._festival):
            yield raw, Role(role)

    def clear_cells(self) -> None:
        """Forget the folded state, before it is made again from the records."""
        self.cells.clear()

    def write_changes(self) -> None:
        """Put cells, runs and counts into their tables, in the transaction that is open."""
        self.cells.write_changes()
        self._connection.executemany(_PUT_RUN, map(self._run_row, self._changed_runs.values()))
        self._connection.executemany(
            _ADD_HELD,
            [(self._festival, terminal, count) for terminal, count in self._inserted.items()],
        )

    def changes_written(self) -> None:
        """Note that the transaction with the changes was committed."""
        self.cells.changes_written()
        self._foresight.forget()
        self._changed_runs.clear()
        self._inserted.clear()
        self._arrivals.clear()

    def forget(self) -> None:
        """Forget what a transaction that failed did, and read again what is true."""
        self.cells.forget()
        self._foresight.forget()
        self._read()

    def forget_some(self, cells: Iterable[CellKey] | None, runs: Iterable[RunId]) -> None:
        """Forget cells that others changed, or all (None), and read the runs that they touched.

        First thing in a transaction, when nothing of ours is unwritten. How each run ends is
        forgotten whole: records behind a gap move no head.
        """
        self.cells.forget_some(cells)
        self._ends.clear()
        for run in runs:
            row = self._connection.execute(_SOME_RUN, (self._festival, run)).fetchone()
            info = _info(row)
            if run not in self._runs:
                self._by_terminal[info.terminal].append(run)
            self._runs[run] = info

    def _read(self) -> None:
        """Read the counter and the runs; the rest is read when it is asked for."""
        (arrived,) = self._connection.execute(
            "SELECT arrived FROM festival WHERE festival = ?", (self._festival,)
        ).fetchone()
        self._arrived = int(arrived)
        self._runs: dict[RunId, RunInfo] = {}
        self._by_terminal: defaultdict[TerminalId, list[RunId]] = defaultdict(list)
        self._changed_runs: dict[RunId, RunInfo] = {}
        self._inserted: Counter[TerminalId] = Counter()
        self._arrivals: dict[FactId, int] = {}
        self._ends: dict[RunId, tuple[int, FactId | None]] = {}
        for row in self._connection.execute(_RUNS, (self._festival,)):
            info = _info(row)
            self._runs[info.run] = info
            self._by_terminal[info.terminal].append(info.run)

    def _run_row(self, info: RunInfo) -> tuple[object, ...]:
        """Return a run as its row; one that is new was opened by the newest record."""
        head = (info.head_number, info.head_id)
        who = (info.terminal, info.role, info.name, info.key.raw)
        return (self._festival, info.run, *who, *head, self._arrived)

    def _end(self, run: RunId) -> tuple[int, FactId | None]:
        """Return the highest number of a run (-1 for none) and its record, if there is only one."""
        end = self._ends.get(run)
        if end is None:
            rows = self._connection.execute(
                "SELECT number, id FROM record WHERE festival = ? AND run = ?"
                " ORDER BY number DESC LIMIT 2",
                (self._festival, run),
            ).fetchall()
            if not rows:
                end = (-1, None)
            else:
                alone = len(rows) == 1 or rows[1][0] != rows[0][0]
                end = (rows[0][0], FactId(rows[0][1]) if alone else None)
            self._ends[run] = end
        return end


def _info(row: tuple[bytes, bytes, int, str, bytes, int, bytes]) -> RunInfo:
    run, terminal, role, name, key, head_number, head_id = row
    return RunInfo(
        RunId(run),
        TerminalId(terminal),
        Role(role),
        name,
        PublicKey(key),
        head_number,
        FactId(head_id),
    )
