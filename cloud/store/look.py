"""Looks at what was committed, beside the writer: each look sees one state of everything."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from cloud.store.asked import AskedBook
from cloud.store.cells import StoreCells
from cloud.store.database import database_of
from cloud.store.recovery import RecoveryBook
from cloud.store.sql import Connection
from cloud.store.tables.records import IS_SHIFT
from cloud.store.walking import WHOLE_MAX, walk_records
from sync.journal import Record, read_record
from sync.keys import PublicKey
from sync.names import NO_PREVIOUS, FactId, FestivalId, Role, RunId, TerminalId
from sync.replica import RunInfo

_RECORD_HEADER_BYTES: Final = 3
_RUNS: Final = (
    "SELECT run, terminal, role, name, key, head_number, head_id FROM run"
    " WHERE festival = ?{} ORDER BY opened, run"
)


class Look:
    """One committed state of a festival; it does not change while it is looked at."""

    def __init__(self, connection: Connection, festival: FestivalId) -> None:
        """Stand on a reading transaction."""
        self.connection: Connection = connection
        """For the books of business areas, to read only."""
        self.festival = festival
        self._connection = connection
        self._festival = festival
        self.cells = StoreCells(connection, festival)
        self.asked = AskedBook(connection, festival)
        self.recovery = RecoveryBook(connection, festival)

    def facts(self) -> int:
        """Return how many records are held."""
        return int(self._festival_value("arrived"))

    def store_id(self) -> bytes:
        """Return the id of the store: 16 bytes."""
        row = self._connection.execute(
            "SELECT store_id FROM festival WHERE festival = ?", (self._festival,)
        ).fetchone()
        return b"" if row is None else bytes(row[0])

    def position(self) -> tuple[int, bytes]:
        """Return the newest arrival and the id of the record there; zeros if there is none."""
        number = self.facts()
        return number, self.id_at(number) or NO_PREVIOUS

    def id_at(self, arrival: int) -> FactId | None:
        """Return the id of the record with this arrival number."""
        row = self._connection.execute(
            "SELECT id FROM record WHERE festival = ? AND arrival = ?", (self._festival, arrival)
        ).fetchone()
        return None if row is None else FactId(row[0])

    def beyond(self, info: RunInfo) -> list[FactId]:
        """Return the ids of a run's records that lie behind its first gap."""
        rows = self._connection.execute(
            "SELECT id FROM record WHERE festival = ? AND run = ? AND number > ?"
            " ORDER BY number, id",
            (self._festival, info.run, info.head_number),
        )
        return [FactId(fact) for (fact,) in rows]

    def raw_stretch(
        self, run: RunId, low: int, high: int, count_max: int, bytes_max: int
    ) -> list[bytes]:
        """Return a run's records with these numbers, both included, as many as fit, by number."""
        found: list[bytes] = []
        for (raw,) in self._connection.execute(
            "SELECT raw FROM record WHERE festival = ? AND run = ? AND number BETWEEN ? AND ?"
            " ORDER BY number, arrival LIMIT ?",
            (self._festival, run, low, high, count_max),
        ):
            bytes_max -= len(raw) + _RECORD_HEADER_BYTES
            if bytes_max < 0:
                break
            found.append(raw)
        return found

    def record(self, fact: FactId) -> Record | None:
        """Return a kept record by its id."""
        row = self._connection.execute(
            "SELECT raw FROM record WHERE festival = ? AND id = ?", (self._festival, fact)
        ).fetchone()
        return None if row is None else read_record(row[0])

    def records(self) -> Iterator[bytes]:
        """Walk over every record that is held, in the order of arrival."""
        for raw, _ in walk_records(self._connection, self._festival):
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

    def openings(self, terminal: TerminalId, count_max: int = WHOLE_MAX) -> list[Record]:
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
        whose = ""
        values: tuple[object, ...] = (self._festival,)
        if terminal is not None:
            whose, values = " AND terminal = ?", (self._festival, terminal)
        rows = self._connection.execute(_RUNS.format(whose), values)
        return [_run_info(row) for row in rows]

    def run(self, run: RunId) -> RunInfo | None:
        """Return what is known of a run."""
        row = self._connection.execute(
            "SELECT run, terminal, role, name, key, head_number, head_id FROM run"
            " WHERE festival = ? AND run = ?",
            (self._festival, run),
        ).fetchone()
        return None if row is None else _run_info(row)

    def _festival_value(self, column: str) -> int:
        row = self._connection.execute(
            f"SELECT {column} FROM festival WHERE festival = ?",  # noqa: S608 - named in this file
            (self._festival,),
        ).fetchone()
        return 0 if row is None else int(row[0])


def _run_info(row: tuple[bytes, bytes, int, str, bytes, int, bytes]) -> RunInfo:
    run, terminal, role, name, key, number, fact = row
    head = (number, FactId(fact))
    return RunInfo(RunId(run), TerminalId(terminal), Role(role), name, PublicKey(key), *head)


@contextmanager
def look(folder: Path, festival: FestivalId) -> Iterator[Look]:
    """Open a look at the store of an office's folder; `StoreTrouble` if it cannot be read."""
    with database_of(folder).reading() as connection:
        yield Look(connection, festival)
