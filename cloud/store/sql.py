"""What the store asks of a database: a connection that executes SQL, whichever engine answers.

Statements are written once, with `?` for values, in what SQLite and PostgreSQL have in common:
`ON CONFLICT … DO UPDATE` and not `INSERT OR REPLACE`, no named indexes, no functions of one engine
only. Whole numbers are signed with 64 bits; what is larger, as serials are, is kept as 8 bytes.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol


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
