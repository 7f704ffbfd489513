"""Looks at what was committed, beside the writer: each look sees one state of everything."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from cloud.store.asked import AskedBook
from cloud.store.cells import SqliteCells
from cloud.store.connection import STORE_FILE, StoreTrouble, open_reader
from cloud.store.migrations import IS_SHIFT
from sync.journal import Record, read_record
from sync.keys import PublicKey
from sync.names import FactId, FestivalId, Role, RunId, TerminalId
from sync.replica import RunInfo


class Look:
    """One committed state of a festival; it does not change while it is looked at."""

    def __init__(self, connection: sqlite3.Connection, festival: FestivalId) -> None:
        """Stand on a reading transaction."""
        self._connection = connection
        self._festival = festival
        self.cells = SqliteCells(connection, festival)
        self.asked = AskedBook(connection, festival)

    def facts(self) -> int:
        """Return how many records are held."""
        return int(self._festival_value("arrived"))

    def recovering_since_ms(self) -> int:
        """Return since when the store is known to be older than what partners read, or 0."""
        return int(self._festival_value("recovering_since_ms"))

    def record(self, fact: FactId) -> Record | None:
        """Return a kept record by its id."""
        row = self._connection.execute(
            "SELECT raw FROM record WHERE festival = ? AND id = ?", (self._festival, fact)
        ).fetchone()
        return None if row is None else read_record(row[0])

    def records(self) -> Iterator[bytes]:
        """Walk over every record that is held, in the order of arrival."""
        rows = self._connection.execute(
            "SELECT raw FROM record WHERE festival = ? ORDER BY arrival", (self._festival,)
        )
        for (raw,) in rows:
            yield raw

    def shift_records(self, terminal: TerminalId) -> list[Record]:
        """Return a writer's records that open or close shifts, and maybe others, as they came."""
        rows = self._connection.execute(
            f"SELECT raw FROM record INDEXED BY record_shift"  # noqa: S608 - named in the migrations
            f" WHERE festival = ? AND terminal = ? AND {IS_SHIFT} ORDER BY arrival",
            (self._festival, terminal),
        )
        return [read_record(raw) for (raw,) in rows]

    def stretch(self, run: RunId, low: int, high: int) -> Iterator[Record]:
        """Walk over a run's records with these numbers, both included, ordered by number."""
        rows = self._connection.execute(
            "SELECT raw FROM record WHERE festival = ? AND run = ? AND number BETWEEN ? AND ?"
            " ORDER BY number, arrival",
            (self._festival, run, low, high),
        )
        for (raw,) in rows:
            yield read_record(raw)

    def numbers_held(self, run: RunId, low: int, high: int) -> int:
        """Return how many of a run's numbers are held in this range, both ends included."""
        (count,) = self._connection.execute(
            "SELECT count(DISTINCT number) FROM record"
            " WHERE festival = ? AND run = ? AND number BETWEEN ? AND ?",
            (self._festival, run, low, high),
        ).fetchone()
        return int(count)

    def last_number(self, run: RunId) -> int:
        """Return the highest number that is held of a run, -1 if nothing is."""
        (number,) = self._connection.execute(
            "SELECT max(number) FROM record WHERE festival = ? AND run = ?", (self._festival, run)
        ).fetchone()
        return -1 if number is None else int(number)

    def held(self) -> dict[bytes, int]:
        """Return how many records of each writer are held."""
        rows = self._connection.execute(
            "SELECT terminal, held FROM writer WHERE festival = ?", (self._festival,)
        )
        return dict(rows.fetchall())

    def heard_ms(self) -> dict[bytes, int]:
        """Return when each partner was heard last, in Unix milliseconds."""
        rows = self._connection.execute(
            "SELECT terminal, heard_ms FROM partner WHERE festival = ?", (self._festival,)
        )
        return dict(rows.fetchall())

    def level_ms(self) -> dict[bytes, int]:
        """Return when each partner was heard last if it held nothing back then (Unix ms), or 0."""
        rows = self._connection.execute(
            "SELECT terminal, level_ms FROM partner WHERE festival = ?", (self._festival,)
        )
        return dict(rows.fetchall())

    def openings(self, terminal: TerminalId, count_max: int = -1) -> list[Record]:
        """Return the records that opened a writer's runs, the one that came last first.

        `count_max` of them, or all.
        """
        rows = self._connection.execute(
            "SELECT record.raw FROM run CROSS JOIN record INDEXED BY record_place"
            " ON record.festival = run.festival AND record.run = run.run"
            " WHERE run.festival = ? AND run.terminal = ? AND record.number = 0"
            " ORDER BY record.arrival DESC LIMIT ?",
            (self._festival, terminal, count_max),
        )
        return [read_record(raw) for (raw,) in rows]

    def runs(self, terminal: TerminalId | None = None) -> Sequence[RunInfo]:
        """Return the runs of one writer or of all, in the order in which they were opened."""
        rows = self._connection.execute(
            "SELECT run, terminal, role, name, key, head_number, head_id FROM run"
            " WHERE festival = ?1 AND (?2 IS NULL OR terminal = ?2) ORDER BY opened, run",
            (self._festival, terminal),
        )
        return [
            RunInfo(RunId(r[0]), TerminalId(r[1]), Role(r[2]), r[3], PublicKey(r[4]), r[5], r[6])
            for r in rows
        ]

    def _festival_value(self, column: str) -> int:
        row = self._connection.execute(
            f"SELECT {column} FROM festival WHERE festival = ?",  # noqa: S608 - named in this file
            (self._festival,),
        ).fetchone()
        return 0 if row is None else int(row[0])


@contextmanager
def look(folder: Path, festival: FestivalId) -> Iterator[Look]:
    """Open a look at the folder's store; `StoreTrouble` if it cannot be read."""
    try:
        connection = open_reader(folder / STORE_FILE)
    except sqlite3.Error as trouble:
        message = f"the store in {folder} cannot be read ({trouble})"
        raise StoreTrouble(message) from trouble
    try:
        connection.execute("BEGIN")
        yield Look(connection, festival)
    except sqlite3.Error as trouble:
        message = f"the store in {folder} cannot be read ({trouble})"
        raise StoreTrouble(message) from trouble
    finally:
        connection.close()
