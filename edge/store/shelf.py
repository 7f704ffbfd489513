"""Where a terminal's replica keeps its records: `sync.replica.Shelf` on SQLite.

Two short memories keep a commit cheap: the highest number of each run, and the newest record of a
journal, which nothing can have named as its predecessor yet. Both follow every record kept here, so
what they answer is what the tables would answer.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

from edge.limits import RUNS_CACHED_MAX
from edge.store.cells import SqliteCells
from sync.journal import Record
from sync.keys import PublicKey, digest
from sync.limits import WAITING_RECORDS_MAX, WAITING_RECORDS_PER_RUN_MAX
from sync.names import FactId, Role, RunId, TerminalId
from sync.replica import RunInfo

_RUN: Final = "SELECT run, terminal, role, name, key, head_number, head_id FROM runs"


class SqliteShelf:
    """Records, runs and cells of one terminal; every method runs inside the lane's transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Stand on a connection whose tables exist."""
        self._connection = connection
        self.cells = SqliteCells(connection)
        self._runs: dict[RunId, RunInfo] = {}
        self._changed_runs: dict[RunId, RunInfo] = {}
        self._ends: dict[RunId, tuple[int, FactId | None]] = {}
        self._tips: dict[TerminalId, FactId] = {}

    def has(self, fact: FactId) -> bool:
        """Tell whether the record with this id is kept."""
        found = self._connection.execute("SELECT 1 FROM journal WHERE id = ?", (fact,))
        return found.fetchone() is not None

    def at(self, run: RunId, number: int) -> Sequence[FactId]:
        """Return the ids of all records with this run and number."""
        last, fact = self._end(run)
        if number > last:
            return ()
        if number == last and fact is not None:
            return (fact,)
        rows = self._connection.execute(
            "SELECT id FROM journal WHERE run = ? AND number = ? ORDER BY arrival", (run, number)
        )
        return [FactId(row[0]) for row in rows]

    def following(self, terminal: TerminalId, previous: FactId) -> Sequence[FactId]:
        """Return the ids of a terminal's records that name this predecessor."""
        if self._tips.get(terminal) == previous:
            return ()
        rows = self._connection.execute(
            "SELECT id FROM journal WHERE previous = ? AND terminal = ?", (previous, terminal)
        )
        return [FactId(row[0]) for row in rows]

    def insert(self, record: Record, role: Role) -> int:
        """Keep a record and return its arrival number, which only ever grows."""
        last, _ = self._end(record.run)
        done = self._connection.execute(
            "INSERT INTO journal (id, terminal, run, number, previous, role, raw)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
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
        if self._tips.get(record.terminal) == record.previous:
            del self._tips[record.terminal]
        return int(done.lastrowid or 0)

    def note_own(self, record: Record) -> None:
        """Note the newest record of the own pen: it was just made, so nothing follows it yet."""
        self._tips[record.terminal] = record.id

    def run(self, run: RunId) -> RunInfo | None:
        """Return what is known of a run."""
        info = self._runs.get(run)
        if info is None:
            row = self._connection.execute(_RUN + " WHERE run = ?", (run,)).fetchone()
            if row is None:
                return None
            info = _info(row)
            self._remember(info)
        return info

    def runs(self) -> list[RunInfo]:
        """Return every run that is known, in the order of their ids."""
        found = {row[0]: _info(row) for row in self._connection.execute(_RUN)}
        found.update(self._changed_runs)
        return [found[run] for run in sorted(found)]

    def runs_of(self, terminal: TerminalId) -> list[RunInfo]:
        """Return the runs of one writer, in the order of their ids."""
        rows = self._connection.execute(_RUN + " WHERE terminal = ?", (terminal,))
        found = {row[0]: _info(row) for row in rows}
        fresh = self._changed_runs.values()
        found.update((info.run, info) for info in fresh if info.terminal == terminal)
        return [found[run] for run in sorted(found)]

    def put_run(self, info: RunInfo) -> None:
        """Remember a run or its new head."""
        self._remember(info)
        self._changed_runs[info.run] = info

    def previous_of(self, fact: FactId) -> FactId:
        """Return the predecessor that a kept record names."""
        rows = self._connection.execute("SELECT previous FROM journal WHERE id = ?", (fact,))
        return FactId(rows.fetchone()[0])

    def wait(self, record: Record) -> bool:
        """Let a record wait for its run; False if the waiting room is full."""
        mark = digest(record.raw)
        known = self._connection.execute("SELECT 1 FROM waiting WHERE mark = ?", (mark,))
        if known.fetchone() is not None:
            return True
        (here,) = self._connection.execute(
            "SELECT count(*) FROM waiting WHERE run = ?", (record.run,)
        ).fetchone()
        (everywhere,) = self._connection.execute("SELECT count(*) FROM waiting").fetchone()
        if here >= WAITING_RECORDS_PER_RUN_MAX or everywhere >= WAITING_RECORDS_MAX:
            return False
        self._connection.execute(
            "INSERT INTO waiting (mark, run, number, raw) VALUES (?, ?, ?, ?)",
            (mark, record.run, record.number, record.raw),
        )
        return True

    def take_waiting(self, run: RunId) -> Sequence[bytes]:
        """Return and forget the records that wait for a run, lowest number first."""
        rows = self._connection.execute(
            "SELECT raw FROM waiting WHERE run = ? ORDER BY number, mark", (run,)
        ).fetchall()
        self._connection.execute("DELETE FROM waiting WHERE run = ?", (run,))
        return [row[0] for row in rows]

    def all_records(self) -> Iterator[tuple[bytes, Role]]:
        """Walk over every kept record and its writer's role, in the order of arrival."""
        for raw, role in self._connection.execute("SELECT raw, role FROM journal ORDER BY arrival"):
            yield raw, Role(role)

    def clear_cells(self) -> None:
        """Forget the folded state, before it is made again from the records."""
        self.cells.clear()

    def write_changes(self) -> None:
        """Put changed cells and runs into their tables, in the transaction that is open."""
        self.cells.write_changes()
        self._connection.executemany(
            "INSERT OR REPLACE INTO runs (run, terminal, role, name, key, head_number, head_id)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (i.run, i.terminal, i.role, i.name, i.key.raw, i.head_number, i.head_id)
                for i in self._changed_runs.values()
            ],
        )

    def changes_written(self) -> None:
        """Note that the transaction with the changes was committed."""
        self.cells.changes_written()
        self._changed_runs.clear()

    def forget(self) -> None:
        """Forget everything in memory, as after a transaction that failed."""
        self.cells.forget()
        self._runs.clear()
        self._changed_runs.clear()
        self._ends.clear()
        self._tips.clear()

    def _end(self, run: RunId) -> tuple[int, FactId | None]:
        """Return the highest number of a run (-1 for none) and its record, if there is only one."""
        end = self._ends.get(run)
        if end is None:
            rows = self._connection.execute(
                "SELECT number, id FROM journal WHERE run = ? ORDER BY number DESC LIMIT 2", (run,)
            ).fetchall()
            if not rows:
                end = (-1, None)
            else:
                alone = len(rows) == 1 or rows[1][0] != rows[0][0]
                end = (rows[0][0], FactId(rows[0][1]) if alone else None)
            if len(self._ends) >= RUNS_CACHED_MAX:
                self._ends.clear()
            self._ends[run] = end
        return end

    def _remember(self, info: RunInfo) -> None:
        if len(self._runs) >= RUNS_CACHED_MAX:
            self._runs.clear()
            self._runs.update(self._changed_runs)
        self._runs[info.run] = info


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
