"""What a box remembers while it stands on a snapshot: what that stands for, and how it came here.

Guarantees. A snapshot is put in whole, with its runs and the position from which the conversation
goes on, in one transaction, or not at all. From then on a row in the store says so until the cells
are the fold of every record that is kept. Whatever happens in between, a start finds either a box
that stands on a snapshot and goes on looking back, or one that does not.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from edge.limits import CELL_BYTES_MAX
from edge.store.cells import insert_cells
from edge.store.connection import StoreTrouble
from sync.cells import CellKey
from sync.codec import decode, encode
from sync.journal import Record
from sync.limits import SNAPSHOT_HEAD_BYTES_MAX
from sync.names import FactId, RunId
from sync.snapshot import BadSnapshot, RunRow

OFFICE: Final = "office"
"""The name under which a box remembers how far it has read its office."""

_STANDING: Final = "snapshot"
_FETCHED: Final = "snapshot_fetched"
_DISTRUSTED: Final = "snapshot_distrusted"
_DIFFERED: Final = "snapshot_differed"
_PUT_RUN: Final = (
    "INSERT INTO runs (run, terminal, role, name, key, head_number, head_id)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a snapshot stands for: runs up to (number, id), and records beyond their gaps.

    `digest` is what the office signed over its cells, `made_at_ms` when (Unix time).
    """

    digest: bytes
    made_at_ms: int
    runs: dict[RunId, tuple[int, FactId]]
    beyond: frozenset[FactId]

    def covers(self, record: Record) -> bool:
        """Tell whether the snapshot's cells have this record in them already."""
        return self.covers_place(record.run, record.number, record.id)

    def covers_place(self, run: bytes, number: int, fact: bytes) -> bool:
        """Tell the same of a record by its run, number and id."""
        head = self.runs.get(RunId(run))
        return (head is not None and number <= head[0]) or fact in self.beyond


class Standings:
    """The rows in which a box keeps on what it stands; used with the connection of its store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read and write through this connection."""
        self._connection = connection

    def read(self) -> Standing | None:
        """Return on what the box stands, None if its cells are the fold of its records."""
        content = self._meta(_STANDING)
        if content is None:
            return None
        digest, made_at_ms, runs, beyond = decode(content, CELL_BYTES_MAX)
        heads = {RunId(run): (number, FactId(fact)) for run, number, fact in runs}
        return Standing(digest, made_at_ms, heads, frozenset(beyond))

    def put(
        self,
        standing: Standing,
        runs: Iterable[RunRow],
        cells: Iterator[tuple[CellKey, bytes]],
        memory: bytes,
        finish: Callable[[], None],
    ) -> None:
        """Put a snapshot into an empty store, whole or not at all.

        What raises while the cells are walked comes out, and then nothing has happened.
        `memory` is what is remembered of the office; `finish` checks at the end that it was whole.
        """
        connection = self._connection
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(_PUT_RUN, [_columns(run) for run in runs])
            insert_cells(connection, cells)
            connection.execute("INSERT OR REPLACE INTO partners VALUES (?, ?)", (OFFICE, memory))
            self._set(_STANDING, _spelled(standing))
            finish()
            connection.execute("COMMIT")
        except sqlite3.IntegrityError as trouble:
            self._undo()
            raise BadSnapshot("a run or a cell is there twice") from trouble
        except sqlite3.Error as trouble:
            self._undo()
            message = f"the store cannot take a snapshot ({trouble}): look at the disk"
            raise StoreTrouble(message) from trouble
        except BaseException:
            self._undo()
            raise

    def fetched(self) -> tuple[bytes, int]:
        """Return how far the covered records were fetched: the run, and its next number."""
        content = self._meta(_FETCHED)
        if content is None:
            return b"", 0
        run, number = decode(content, SNAPSHOT_HEAD_BYTES_MAX)
        return run, number

    def set_fetched(self, run: bytes, number: int) -> None:
        """Note how far they were fetched, inside the transaction of the records."""
        self._set(_FETCHED, encode([run, number]))

    def forget(self) -> None:
        """Note that the box stands on its own records, inside a transaction."""
        self._connection.execute(
            "DELETE FROM meta WHERE name IN (?, ?, ?)", (_STANDING, _FETCHED, _DISTRUSTED)
        )

    def distrust(self) -> None:
        """Note that the snapshot was proved false, in a transaction; the next start gives it up."""
        self._set(_DISTRUSTED, 1)

    @property
    def is_distrusted(self) -> bool:
        """Tell whether the snapshot was proved false."""
        return bool(self._meta(_DISTRUSTED))

    def set_differed(self, made_at_ms: int) -> None:
        """Note for people that a snapshot was not what its records say, inside a transaction."""
        self._set(_DIFFERED, made_at_ms)

    @property
    def differed_ms(self) -> int:
        """When the snapshot was made that was not what its records say (Unix ms), or 0."""
        return int(self._meta(_DIFFERED) or 0)

    def give_up(self) -> None:
        """Let go of a snapshot: know of runs only what is kept, and of the office nothing.

        Inside a transaction; the cells must be made again from the records after it. The
        conversation then asks for everything that is missing, as with any new box.
        """
        connection = self._connection
        for (run,) in connection.execute("SELECT run FROM runs").fetchall():
            head = self._whole_up_to(run)
            if head is None:
                connection.execute("DELETE FROM runs WHERE run = ?", (run,))
            else:
                connection.execute(
                    "UPDATE runs SET head_number = ?, head_id = ? WHERE run = ?", (*head, run)
                )
        connection.execute("DELETE FROM partners WHERE partner = ?", (OFFICE,))
        self.forget()

    def _whole_up_to(self, run: bytes) -> tuple[int, bytes] | None:
        head = None
        for number, fact in self._connection.execute(
            "SELECT number, id FROM journal WHERE run = ? ORDER BY number, arrival DESC", (run,)
        ):
            if number > (-1 if head is None else head[0]) + 1:
                break
            head = (number, fact)
        return head

    def _meta(self, name: str) -> Any:
        row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return None if row is None else row[0]

    def _set(self, name: str, value: bytes | int) -> None:
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def _undo(self) -> None:
        if self._connection.in_transaction:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")


def _spelled(standing: Standing) -> bytes:
    runs = [[run, *head] for run, head in sorted(standing.runs.items())]
    return encode([standing.digest, standing.made_at_ms, runs, sorted(standing.beyond)])


def _columns(run: RunRow) -> tuple[object, ...]:
    return (
        run.run,
        run.terminal,
        run.role,
        run.name,
        run.key,
        run.head_number,
        run.head_id,
    )
