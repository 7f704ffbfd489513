"""What the store asks of a database: a connection that executes SQL, whichever engine answers.

Statements are written once, with `?` for values, in what SQLite and PostgreSQL have in common:
`ON CONFLICT … DO UPDATE` and not `INSERT OR REPLACE`, no functions of one engine only. Where the
two differ without a word:
 * whole numbers are signed with 64 bits; what is larger, as serials are, is kept as 8 bytes;
 * PostgreSQL takes a text for a text, a whole number for a whole number and bytes for bytes only,
   and no text with a NUL in it; a condition is a comparison there and never a bare number;
 * PostgreSQL wants to know what a value is: `? IS NULL` alone does not say it;
 * in `DO UPDATE SET held = held + …` the column is written with its table, `writer.held`;
 * `LIMIT` with a number below zero means all of it on SQLite only;
 * a statement that fails ends the whole transaction; nothing may be tried and caught inside one.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Protocol


class DatabaseFailed(Exception):
    """The database cannot be reached, has ended the conversation, or refuses a statement.

    What was done since the last `BEGIN` is not kept, but for a `COMMIT` of which nobody heard the
    answer: then nobody knows, and nothing may be answered as done.
    """


class Contended(DatabaseFailed):
    """Another process was in the way: nothing of the transaction happened; it may be repeated."""


CHANNEL: Final = "guichet"
"""Where PostgreSQL tells every process which festival was written to."""
ENGINE_TROUBLE: Final = (sqlite3.Error, DatabaseFailed)
"""What an engine raises when it cannot do its work."""


class Rows(Protocol):
    """What a statement found: rows as tuples, in the order of the statement."""

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed."""

    def fetchone(self) -> Any:
        """Return the next row, or None."""

    def fetchall(self) -> list[Any]:
        """Return every row that is left."""

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """One conversation with the database, used by one thread at a time."""

    def execute(self, sql: str, values: Sequence[Any] = (), /) -> Rows:
        """Execute one statement."""

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Rows:
        """Execute one statement with each of many rows of values."""

    def close(self) -> None:
        """End the conversation."""
