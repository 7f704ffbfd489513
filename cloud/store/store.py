"""The office's store: one file, one writer, its own transactions.

Guarantees. What a transaction did is on the disk when it returned (WAL, synchronous=FULL) or not
there at all: records, what was folded from them, and how far each partner has been read go
together. Looks beside the writer see committed states only.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from cloud.limits import CELL_BYTES_MAX, QUICK_CHECK_BYTES_MAX
from cloud.store.asked import AskedBook
from cloud.store.connection import STORE_FILE, StoreTrouble, open_writer
from cloud.store.log import OfficeLog
from cloud.store.migrations import migrate
from cloud.store.recovery import RecoveryBook
from cloud.store.shelf import SqliteShelf
from cloud.store.sql import Connection
from sync.codec import decode, encode
from sync.keys import PublicKey
from sync.names import FestivalId, Role, TerminalId
from sync.replica import Replica

_PUT_PARTNER: Final = (
    "INSERT INTO partner (festival, terminal, memory, heard_ms, level_ms) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (festival, terminal) DO UPDATE SET memory = excluded.memory,"
    " heard_ms = excluded.heard_ms, level_ms = excluded.level_ms"
)

_PUT_FESTIVAL: Final = (
    "INSERT OR IGNORE INTO festival (festival, store_id, arrived, recovering_since_ms)"
    " VALUES (?, ?, 0, 0)"
)


class StoreBroken(StoreTrouble):
    """The disk failed or is full; nothing may be answered, and the process must start again."""


class Store:
    """One festival's records, cells and partners, open for writing; used by one thread."""

    def __init__(
        self, connection: sqlite3.Connection, festival: FestivalId, festival_key: PublicKey
    ) -> None:
        """Stand on an open, migrated file that has the festival's row."""
        self.connection: Connection = connection
        """For the books of business areas; what they write belongs to the open transaction."""
        self._connection = connection
        self._festival = festival
        self._failed: BaseException | None = None
        self.shelf = SqliteShelf(connection, festival)
        self.replica = Replica(festival, festival_key, self.shelf, Role.OFFICE)
        self.log = OfficeLog(connection, festival, self.shelf, self.replica)
        self.asked = AskedBook(connection, festival)
        self.recovery = RecoveryBook(connection, festival)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside durable, or nothing of it.

        `StoreBroken` if the file failed: then no further transaction is taken. Any other error
        that comes out of the inside leaves the store as it was before, and usable.
        """
        if self._failed is not None:
            message = f"the store failed before ({self._failed}): start the office again"
            raise StoreBroken(message)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self.shelf.write_changes()
            self._connection.execute("COMMIT")
        except sqlite3.Error as trouble:
            self._failed = trouble
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
            message = f"the store cannot record ({trouble}): look at the disk"
            raise StoreBroken(message) from trouble
        except BaseException:
            self._connection.execute("ROLLBACK")
            self.shelf.forget()
            raise
        self.shelf.changes_written()

    def partner(self, terminal: TerminalId) -> Any:
        """Return what is remembered of a partner (values of the codec), or None."""
        row = self._connection.execute(
            "SELECT memory FROM partner WHERE festival = ? AND terminal = ?",
            (self._festival, terminal),
        ).fetchone()
        return None if row is None else decode(row[0], CELL_BYTES_MAX)

    def put_partner(
        self, terminal: TerminalId, memory: Any, heard_ms: int, *, is_level: bool
    ) -> None:
        """Remember a partner and when it was heard (Unix ms), inside a transaction.

        `is_level`: everything that it had when it spoke is here.
        """
        level_ms = heard_ms if is_level else 0
        row = (self._festival, terminal, encode(memory), heard_ms, level_ms)
        self._connection.execute(_PUT_PARTNER, row)

    def level_ms(self) -> dict[bytes, int]:
        """Return when each partner was heard last if it held nothing back then (Unix ms), or 0."""
        rows = self._connection.execute(
            "SELECT terminal, level_ms FROM partner WHERE festival = ?", (self._festival,)
        )
        return dict(rows.fetchall())

    def has_partners(self) -> bool:
        """Tell whether any terminal was ever heard."""
        found = self._connection.execute(
            "SELECT 1 FROM partner WHERE festival = ? LIMIT 1", (self._festival,)
        )
        return found.fetchone() is not None

    @property
    def authority_read(self) -> int:
        """The highest version of the authority whose giver was then read here to its end."""
        (version,) = self._connection.execute(
            "SELECT authority_read FROM festival WHERE festival = ?", (self._festival,)
        ).fetchone()
        return int(version)

    def set_authority_read(self, version: int) -> None:
        """Note that whoever handed over with this version was read to its end."""
        self._connection.execute(
            "UPDATE festival SET authority_read = ? WHERE festival = ?", (version, self._festival)
        )

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def open_store(
    folder: Path, festival: FestivalId, festival_key: PublicKey, store_id: bytes
) -> Store:
    """Open the folder's store for writing; a new one is made and known by `store_id`."""
    try:
        connection = open_writer(folder / STORE_FILE)
        _check(connection, folder)
        migrate(connection)
        connection.execute(_PUT_FESTIVAL, (festival, store_id))
        return Store(connection, festival, festival_key)
    except sqlite3.Error as trouble:
        message = f"the store in {folder} cannot be opened ({trouble}): look at the disk"
        raise StoreBroken(message) from trouble


def _check(connection: sqlite3.Connection, folder: Path) -> None:
    """Refuse a damaged file before anything is built on it; a large one would take too long."""
    if (folder / STORE_FILE).stat().st_size > QUICK_CHECK_BYTES_MAX:
        return
    (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if answer != "ok":
        connection.close()
        message = f"the store in {folder} is damaged ({answer}). Move it away, put back a copy."
        raise StoreBroken(message)
