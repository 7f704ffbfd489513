"""The terminal's store: one file, one writer, its own transactions, and what survives a crash.

Guarantees. After `commit` returned, the record is on the disk (WAL, synchronous=FULL). A process
that dies at any point leaves each record whole or absent. Cells, run heads and the till's book may
lag behind the journal by at most `TAIL_FACTS_MAX` own records; opening the store folds these again,
so what is read is always the fold of every record. Records from others are written together with
what was folded from them and with how far their sender has been read.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from edge.limits import CELL_BYTES_MAX, TAIL_FACTS_MAX
from edge.store.cells import sweep
from edge.store.connection import (
    RECOUNT_FILE,
    STORE_FILE,
    StoreTrouble,
    open_reader,
    open_writer,
)
from edge.store.migrations import migrate
from edge.store.shelf import SqliteShelf
from edge.store.standing import Standing, Standings
from edge.store.till_book import Entry, TillBook
from sync import fold
from sync.authority import may_sign
from sync.cells import Cells
from sync.codec import decode, encode
from sync.journal import Record, read_record
from sync.names import FactId, Role, TerminalId
from sync.replica import RunInfo, report_fork

_FOLDED: Final = "folded_up_to"
_STORE_ID: Final = "store_id"

Book = Callable[[Cells, Record], tuple[list[Entry], int]]
"""What an own record means for the till: its movements and the festival day it belongs to.

It is asked before the record is folded, because a movement is the difference that the fold makes.
"""


class StoreBroken(StoreTrouble):
    """The disk failed or is full; nothing may be shown, and the process must start again."""


class Store:
    """Everything that a terminal keeps."""

    def __init__(self, connection: sqlite3.Connection, book: Book) -> None:
        """Stand on an open, migrated file; `book` reads own records for the till's book."""
        self._connection = connection
        self._book = book
        self._tail = 0
        self._folded = 0
        self._failed: BaseException | None = None
        self._siblings: Sequence[FactId] = ()
        self.shelf = SqliteShelf(connection)
        self.till = TillBook(connection)
        self.standings = Standings(connection)
        self.standing = self.standings.read()
        self.catch_up()

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection, for the store's other files."""
        return self._connection

    @property
    def store_id(self) -> bytes:
        """The id that partners know this file by: 16 bytes, another after a store was lost."""
        return bytes(self.meta(_STORE_ID))

    def meta(self, name: str) -> Any:
        """Return a value kept under a name, or None."""
        row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def set_meta(self, name: str, value: bytes | int | str) -> None:
        """Keep a value under a name, inside a transaction."""
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def drop_meta(self, name: str) -> None:
        """Forget the value under a name, inside a transaction."""
        self._connection.execute("DELETE FROM meta WHERE name = ?", (name,))

    def keep(self, name: str, value: bytes | None) -> None:
        """Make one small value durable by itself, or forget it; what waits to be written waits on.

        It is for what is in hand and is no fact yet, such as a basket.
        """
        with self._committing():
            if value is None:
                self.drop_meta(name)
            else:
                self.set_meta(name, value)

    def kept(self, prefix: str) -> dict[str, Any]:
        """Return every kept value whose name begins so, by the rest of its name."""
        rows = self._connection.execute(
            "SELECT name, value FROM meta WHERE substr(name, 1, ?) = ? ORDER BY name",
            (len(prefix), prefix),
        )
        return {name[len(prefix) :]: value for name, value in rows}

    def partner(self, name: str) -> Any:
        """Return what is remembered of a partner (values of the codec), or None."""
        row = self._connection.execute(
            "SELECT memory FROM partners WHERE partner = ?", (name,)
        ).fetchone()
        return None if row is None else decode(row[0], CELL_BYTES_MAX)

    def has_met_neighbours(self) -> bool:
        """Tell whether anything is remembered of another terminal, which is named by its id."""
        found = self._connection.execute(
            "SELECT 1 FROM partners WHERE length(partner) = 32 LIMIT 1"
        )
        return found.fetchone() is not None

    def set_partner(self, name: str, memory: Any) -> None:
        """Remember something of a partner, inside the transaction of the facts it goes with."""
        self._connection.execute(
            "INSERT OR REPLACE INTO partners VALUES (?, ?)", (name, encode(memory))
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside durable together with all that was folded, or nothing of it."""
        with self._committing():
            yield
            self._write_changes()
        self._changes_written()

    @contextmanager
    def appending(self, record: Record, role: Role) -> Iterator[None]:
        """Make one further record of the own run durable, before anything is shown.

        `fold_own` must follow at once; after a crash in between, opening the store does its work.
        """
        with self._committing():
            self._siblings = self.shelf.following(record.terminal, record.previous)
            self.shelf.insert(record, role)
            yield
        self.shelf.note_own(record)
        self._tail += 1

    def fold_own(self, record: Record, role: Role) -> None:
        """Take the record that was just appended into the state, which is written now and then."""
        try:
            self._fold_again(record, role, self._siblings)
        except BaseException as trouble:
            self._fail(trouble)
            raise
        if self._tail >= TAIL_FACTS_MAX or self.shelf.cells.is_full:
            self.settle()

    def stand_on(self, standing: Standing) -> None:
        """Note that a snapshot was put into the store: what was read of it before is past."""
        self.standing = standing
        self.shelf.forget()

    def give_up_snapshot(self) -> None:
        """Let go of the snapshot, in a transaction that makes the cells anew."""
        self.standings.give_up()
        self.standing = None
        self.shelf.forget()

    def settle(self) -> None:
        """Write what still waits in memory, when there is time for it."""
        if self._tail:
            with self.transaction():
                pass

    def last_arrival(self) -> int:
        """Return the arrival number of the newest record, 0 if there is none."""
        (last,) = self._connection.execute("SELECT max(arrival) FROM journal").fetchone()
        return int(last or 0)

    def facts(self) -> int:
        """Return how many records are kept."""
        (count,) = self._connection.execute("SELECT count(*) FROM journal").fetchone()
        return int(count)

    def record(self, fact: FactId) -> Record | None:
        """Return a kept record by its id."""
        row = self._connection.execute("SELECT raw FROM journal WHERE id = ?", (fact,)).fetchone()
        return None if row is None else read_record(row[0])

    def records_with(self, part: bytes, terminal: TerminalId | None = None) -> Iterator[Record]:
        """Walk over the records whose bytes hold a part, such as a sale's id, the newest first.

        SQLite looks through the bytes, so only what may be meant is decoded. `terminal` asks for
        one writer's records only.
        """
        rows = self._connection.execute(
            "SELECT raw FROM journal WHERE instr(raw, ?1) AND (?2 IS NULL OR terminal = ?2)"
            " ORDER BY arrival DESC",
            (part, terminal),
        )
        for (raw,) in rows:
            yield read_record(raw)

    def newest_of(self, terminal: TerminalId, count_max: int) -> list[Record]:
        """Return the newest records of a terminal, the newest first."""
        rows = self._connection.execute(
            "SELECT raw FROM journal WHERE terminal = ? ORDER BY arrival DESC LIMIT ?",
            (terminal, count_max),
        ).fetchall()
        return [read_record(raw) for (raw,) in rows]

    def last_of(self, terminal: TerminalId) -> Record | None:
        """Return the end of a terminal's journal: the newest record that no later one names."""
        ends = []
        for info in self.shelf.runs():
            if info.terminal == terminal:
                row = self._connection.execute(
                    "SELECT raw FROM journal WHERE run = ? ORDER BY number DESC LIMIT 1",
                    (info.run,),
                ).fetchone()
                end = read_record(row[0])
                if not self.shelf.following(terminal, end.id):
                    ends.append(end)
        return max(ends, key=lambda end: end.stamp, default=None)

    def catch_up(self) -> None:
        """Fold the own records that were committed after the cells were last written."""
        self._folded = self.meta(_FOLDED) or 0
        rows = self._connection.execute(
            "SELECT raw, role FROM journal WHERE arrival > ? ORDER BY arrival",
            (self._folded,),
        ).fetchall()
        for raw, number in rows:
            record, role = read_record(raw), Role(number)
            following = self.shelf.following(record.terminal, record.previous)
            self._fold_again(record, role, [one for one in following if one != record.id])
        self._tail = len(rows)

    def close(self) -> None:
        """Write what waits, unless the store failed, and close the file; `StoreTrouble`."""
        try:
            if self._failed is None:
                self.settle()
        finally:
            self._connection.close()

    def _fold_again(self, record: Record, role: Role, siblings: Sequence[FactId]) -> None:
        """Fold an own record; siblings name the same predecessor: a copy of this box wrote them."""
        info = self.shelf.run(record.run)
        if info is None:
            message = "the journal names a run that the store does not know: check the store"
            raise StoreTrouble(message)
        if record.number == info.head_number + 1:
            self.shelf.put_run(_with_head(info, record))
        if siblings:
            report_fork(self.shelf.cells, record, role, siblings)
        entries, day = self._book(self.shelf.cells, record)
        body = record.body
        if body is not None and fold.counts(self.shelf.cells, record) and may_sign(role, body):
            fold.fold(self.shelf.cells, record, role)
        self.till.note(entries, day)

    @contextmanager
    def _committing(self) -> Iterator[None]:
        """One transaction; any failure inside leaves the file as before and is passed on."""
        if self._failed is not None:
            message = f"the store failed before ({self._failed}): start the terminal again"
            raise StoreBroken(message)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        except sqlite3.Error as trouble:
            self._fail(trouble)
            message = f"the store cannot record ({trouble}): look at the disk"
            raise StoreBroken(message) from trouble
        except BaseException as trouble:
            self._fail(trouble)
            raise

    def _fail(self, trouble: BaseException) -> None:
        """Roll back and take no further transaction: memory and file may differ from here on."""
        self._failed = trouble
        if self._connection.in_transaction:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")

    def _write_changes(self) -> None:
        self.shelf.write_changes()
        self.till.write_changes()
        last = self.last_arrival()
        if last != self._folded:  # a transaction that changed nothing writes nothing
            self.set_meta(_FOLDED, last)

    def _changes_written(self) -> None:
        self.shelf.changes_written()
        self.till.changes_written()
        self._folded = self.last_arrival()
        self._tail = 0


def open_store(folder: Path, store_id: bytes, book: Book) -> Store:
    """Open the folder's store for writing; a new one is made and known by `store_id`."""
    try:
        connection = open_writer(folder / STORE_FILE)
        migrate(connection)
        sweep(connection)
        (folder / RECOUNT_FILE).unlink(missing_ok=True)
        connection.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (_STORE_ID, store_id))
        return Store(connection, book)
    except sqlite3.OperationalError as trouble:
        message = f"the store in {folder} cannot be opened ({trouble}): look at the disk"
        raise StoreBroken(message) from trouble


def look_into(folder: Path) -> Store:
    """Open the folder's store for reading only, beside a terminal that may be running.

    The look begins before anything is read: a terminal that wrote its cells half-way through would
    else have the records that wait to be folded counted twice.
    """
    connection = open_reader(folder / STORE_FILE)
    connection.execute("BEGIN")
    return Store(connection, _no_book)


def _no_book(_: Cells, __: Record) -> tuple[list[Entry], int]:
    return [], 0


def _with_head(info: RunInfo, record: Record) -> RunInfo:
    return replace(info, head_number=record.number, head_id=record.id)
