"""PostgreSQL as the store's database: lines that are shared, and a connection that borrows them.

A transaction holds one line from its `BEGIN` to its end; a statement outside of any takes one for a
moment. So many festivals need no more lines than work at once.

Every line must lead to the same server since its same start, and to the same database. Whatever
this process remembers was true there; a server that was started again may have been put back to an
older image, and then only a fresh process can be right.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

from cloud.limits import LINE_WAIT_S_MAX, LINES_IDLE_MAX, LINES_MAX
from cloud.store.postgres_line import Line
from cloud.store.postgres_seen import Seen
from cloud.store.sql import Contended, DatabaseFailed

_INCARNATION: Final = (
    "SELECT oid::text || ' ' || pg_postmaster_start_time()::text FROM pg_database"
    " WHERE datname = current_database()"
)
_BEGIN_LOOK: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"


class PostgresRows:
    """What a statement found; everything of it has come already."""

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        """Hold rows, and how many the statement found or changed."""
        self._rows = rows
        self._at = 0
        self.rowcount = rowcount

    def fetchone(self) -> Any:
        """Return the next row, or None."""
        if self._at >= len(self._rows):
            return None
        self._at += 1
        return self._rows[self._at - 1]

    def fetchall(self) -> list[Any]:
        """Return every row that is left."""
        rows, self._at = self._rows[self._at :], len(self._rows)
        return rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchall())


class Lines:
    """The lines of this process to one database; lines that nobody uses are kept for the next."""

    def __init__(self, url: str) -> None:
        """Open nothing yet. The URL may hold a password: it is never shown."""
        self.url: Final = url
        self._incarnation = ""
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(LINES_MAX)
        self._idle: list[Line] = []
        self._holders = 0

    def __repr__(self) -> str:
        """Show nothing of the URL."""
        return "Lines()"

    def hold(self) -> None:
        """Keep lines open for the next question, until `let_go` was called as often."""
        with self._lock:
            self._holders += 1

    def let_go(self) -> None:
        """Hang up, if nobody else wants lines to be kept."""
        with self._lock:
            self._holders -= 1
            idle, self._idle = ([], self._idle) if self._holders else (self._idle, [])
            if not self._holders:
                self._incarnation = ""
        for line in idle:
            line.close()

    def take(self) -> Line:
        """Return a line that nobody else uses; `DatabaseFailed` if there is none for long."""
        if not self._room.acquire(timeout=LINE_WAIT_S_MAX):
            message = f"all {LINES_MAX} lines to the database are in use"
            raise Contended(message)
        try:
            with self._lock:
                line = self._idle.pop() if self._idle else None
            if line is None:
                return self._open()
            line.is_fresh = False
            return line
        except BaseException:
            self._room.release()
            raise

    def give_back(self, line: Line) -> None:
        """Let others have the line; one that was lost, or that is one too many, is closed."""
        self._room.release()
        with self._lock:
            has_room = self._holders > 0 and len(self._idle) < LINES_IDLE_MAX
            is_kept = has_room and not line.is_lost
            if is_kept:
                self._idle.append(line)
        if not is_kept:
            line.close()

    def begun(self, command: str) -> Line:
        """Return a line on which a transaction was begun.

        A line that was lost while nobody used it is replaced: nothing had been said on it.
        """
        while True:
            line = self.take()
            is_fresh = line.is_fresh
            try:
                line.command(command)
            except DatabaseFailed:
                is_lost = line.is_lost
                self.give_back(line)
                if is_fresh or not is_lost:
                    raise
            except BaseException:
                self.give_back(line)
                raise
            else:
                return line

    def undo(self, line: Line) -> None:
        """Undo what was begun on a line, and let others have it; a lost one's server does so."""
        try:
            if not line.is_lost:
                line.command("ROLLBACK")
        except DatabaseFailed:
            line.drop()
        finally:
            self.give_back(line)

    def _open(self) -> Line:
        line = Line(self.url)
        try:
            ((found,),), _ = line.fetch(_INCARNATION, ())
            self._compare(found)
        except BaseException:
            line.close()
            raise
        return line

    def _compare(self, found: str) -> None:
        """Refuse another server than the one that the first line led to."""
        with self._lock:
            self._incarnation = self._incarnation or found
            is_same = self._incarnation == found
        if not is_same:
            message = "the database was started again meanwhile: start the office again"
            raise DatabaseFailed(message)


class PostgresConnection:
    """The connection that writes, as `cloud.store.sql.Connection`; used by one thread at a time."""

    def __init__(self, lines: Lines) -> None:
        """Borrow from these lines."""
        self._lines = lines
        self._line: Line | None = None
        self._deferred: list[Sequence[Any]] = []
        self._deferring = ""
        self._seen = Seen()

    @property
    def has_written(self) -> bool:
        """Tell whether the open transaction changed anything so far."""
        return self._line is not None and (self._line.has_written or bool(self._deferred))

    @property
    def in_transaction(self) -> bool:
        """Tell whether a transaction is open."""
        return self._line is not None

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> PostgresRows:
        """Execute one statement; `BEGIN IMMEDIATE`, `COMMIT` and `ROLLBACK` as SQLite knows them.

        Raises `DatabaseFailed` or `Contended`; `ValueError` for a value that no column can hold.
        """
        match sql:
            case "BEGIN IMMEDIATE":
                self._begin()
            case "COMMIT":
                self._commit()
            case "ROLLBACK":
                self._roll_back()
            case _:
                return self._fetch(sql, values)
        return PostgresRows([], 0)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> PostgresRows:
        """Execute one statement with each of many rows of values."""
        if self._line is not None:
            self._flush()
            self._seen.forget(sql)
            return PostgresRows([], self._line.many(sql, rows))
        with self._borrowed() as line:
            return PostgresRows([], line.many(sql, rows))

    def defer(self, sql: str, values: Sequence[Any]) -> None:
        """Execute one statement `INSERT INTO table VALUES …` before it can be missed.

        That is before anything else mentions the table, and before the commit; then all rows that
        wait go at once. Only one such statement may be used in a transaction.
        """
        if not self._deferred:  # later ones find nothing: whoever asks has them sent first
            self._seen.forget(sql)
        self._deferring = sql
        self._deferred.append(values)

    def close(self) -> None:
        """Undo what was not committed."""
        self._roll_back()

    def _fetch(self, sql: str, values: Sequence[Any]) -> PostgresRows:
        if self._line is not None:
            if self._deferred and _table_of(self._deferring) in sql:
                self._flush()
            found = self._seen.find(sql, values)
            if found is None:
                found = self._line.fetch(sql, values)
                self._seen.note(sql, values, found)
            return PostgresRows(*found)
        with self._borrowed() as line:
            return PostgresRows(*line.fetch(sql, values))

    def _begin(self) -> None:
        if self._line is not None:
            message = "a transaction is open already"
            raise DatabaseFailed(message)
        self._seen.clear()
        self._line = self._lines.begun("BEGIN")
        self._line.has_written = False

    def _commit(self) -> None:
        """Commit; a transaction in which a statement had failed is undone, and that is said."""
        self._flush()
        line = self._held()
        try:
            said = line.command("COMMIT")
        finally:
            self._line = None
            self._lines.give_back(line)
        if said != "COMMIT":
            message = "a statement had failed: the transaction was undone"
            raise DatabaseFailed(message)

    def _roll_back(self) -> None:
        """Undo, if there is anything to undo."""
        line, self._line = self._line, None
        self._deferred = []
        if line is not None:
            self._lines.undo(line)

    def _flush(self) -> None:
        """Execute what was deferred."""
        rows, self._deferred = self._deferred, []
        if rows:
            self._held().many(self._deferring, rows)

    def _held(self) -> Line:
        if self._line is None:
            message = "no transaction is open"
            raise DatabaseFailed(message)
        return self._line

    @contextmanager
    def _borrowed(self) -> Iterator[Line]:
        line = self._lines.take()
        try:
            yield line
        finally:
            self._lines.give_back(line)


@lru_cache
def _table_of(insertion: str) -> str:
    return insertion.split()[2]


class LookConnection:
    """One transaction that only reads: everything that is asked belongs to one state."""

    def __init__(self, line: Line) -> None:
        """Stand on a line whose transaction was begun."""
        self._line = line

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> PostgresRows:
        """Execute one question."""
        return PostgresRows(*self._line.fetch(sql, values))

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> PostgresRows:
        """Execute one statement with each of many rows of values; the server refuses to write."""
        return PostgresRows([], self._line.many(sql, rows))

    def close(self) -> None:
        """Nothing: whoever began the transaction ends it."""


@contextmanager
def looking(lines: Lines) -> Iterator[LookConnection]:
    """Give a connection on which one committed state can be read."""
    line = lines.begun(_BEGIN_LOOK)
    try:
        yield LookConnection(line)
    finally:
        lines.undo(line)
