"""The office's store: one writer in each process, its own transactions.

Guarantees. What a transaction did is on the disk when it returned (on SQLite WAL, synchronous=FULL)
or not there at all: records, what was folded from them, and how far each partner has been read go
together. Looks beside the writer see committed states only.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, cast

from cloud.limits import CELL_BYTES_MAX
from cloud.store.asked import AskedBook
from cloud.store.connection import StoreTrouble
from cloud.store.database import Database, database_of
from cloud.store.heard import HeardBook, HeardHere, HeardTogether
from cloud.store.idempotency import AnswerBook, AnswersOfTurn
from cloud.store.log import OfficeLog
from cloud.store.recovery import RecoveryBook
from cloud.store.shelf import StoreShelf
from cloud.store.sql import ENGINE_TROUBLE, Connection, Contended
from cloud.store.turns import Alone, Together, Turns, Writing
from cloud.verifier import SignatureChecks, Verifier
from sync.codec import decode, encode
from sync.journal import Record
from sync.keys import PublicKey
from sync.names import FestivalId, Role, TerminalId
from sync.replica import Replica

_PUT_PARTNER: Final = (
    "INSERT INTO partner (festival, terminal, memory, heard_ms, level_ms) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (festival, terminal) DO UPDATE SET memory = excluded.memory,"
    " heard_ms = excluded.heard_ms, level_ms = excluded.level_ms"
)

_PUT_FESTIVAL: Final = (
    "INSERT INTO festival (festival, store_id, arrived, recovering_since_ms)"
    " VALUES (?, ?, 0, 0) ON CONFLICT DO NOTHING"
)


class StoreBroken(StoreTrouble):
    """The disk failed or is full; nothing may be answered, and the process must start again."""


class StoreContended(StoreTrouble):
    """Other processes were in the way too often: nothing happened, and it may be asked again."""


class Store:
    """One festival's records, cells and partners, open for writing; used by one thread."""

    def __init__(
        self,
        connection: Connection,
        festival: FestivalId,
        festival_key: PublicKey,
        database: Database,
        verifier: Verifier | None = None,
    ) -> None:
        """Stand on an open, migrated database that has the festival's row."""
        self.connection: Connection = connection
        """For the books of business areas; what they write belongs to the open transaction."""
        self._connection = connection
        self._festival = festival
        self._failed: BaseException | None = None
        self._has_partners: bool | None = None
        self._turns: Turns
        self.heard: HeardBook
        """Which terminals have spoken to an office that would know if this store were old."""
        if database.is_shared:
            together = Together(cast("Writing", connection), festival)
            self._turns, self.shelf = together, together.shelf
            self.heard = HeardTogether(connection, festival, database.life)
        else:
            self.shelf = StoreShelf(connection, festival)
            self._turns = Alone(connection, festival, self.shelf, database)
            self.heard = HeardHere()
        self._checks = None if verifier is None else SignatureChecks(verifier)
        self.replica = Replica(
            festival,
            festival_key,
            self.shelf,
            Role.OFFICE,
            before_take=self._expect,
            verifies=None if self._checks is None else self._checks.verifies,
        )
        self.log = OfficeLog(connection, festival, self.shelf, self.replica)
        self.asked = AskedBook(connection, festival)
        self._answered = AnswersOfTurn()
        self._later: dict[str, list[tuple[object, ...]]] = {}
        self.answers = AnswerBook(connection, festival, self._answered)
        self.recovery = RecoveryBook(connection, festival)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything inside durable, or nothing of it.

        `StoreBroken` if the database failed: then no further transaction is taken, and nobody may
        say what has become of this one. `StoreContended` if another process was in the way. Any
        other error that comes out of the inside leaves the store as it was before, and usable.
        """
        if self._failed is not None:
            message = f"the store failed before ({self._failed}): start the office again"
            raise StoreBroken(message)
        is_committed = False
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._forget_turn()
            self._turns.begin()
            yield
            self.answers.write()
            for sql, rows in self._later.items():
                self._connection.executemany(sql, rows)
            self._turns.end()
            self._connection.execute("COMMIT")
            is_committed = True
        except Contended as trouble:
            self._undo()
            message = f"the store is busy ({trouble})"
            raise StoreContended(message) from trouble
        except ENGINE_TROUBLE as trouble:
            raise self._broken(trouble) from trouble
        except BaseException:
            self._undo()
            raise
        finally:
            if self._checks is not None:
                self._checks.end()
            self.heard.ended(is_committed=is_committed)
        self._turns.committed()

    def later(self, sql: str, row: tuple[object, ...]) -> None:
        """Execute a statement with this row at the end of the transaction, with others like it.

        For what nobody reads before the commit.
        """
        self._later.setdefault(sql, []).append(row)

    def _expect(self, records: Sequence[Record]) -> None:
        if self._checks is not None:
            self._checks.expect(records, self.shelf.run)
        self.shelf.expect(records)

    def _undo(self) -> None:
        """Go back to what was before; `StoreBroken` if not even that can be read."""
        try:
            self._connection.execute("ROLLBACK")
            self._forget_turn()
            self._turns.undone()
        except ENGINE_TROUBLE as trouble:
            raise self._broken(trouble) from trouble

    def _forget_turn(self) -> None:
        """Read anew what was read once for a transaction."""
        self.recovery.forget()
        self._answered.clear()
        self._later.clear()
        self._has_partners = None

    def _broken(self, trouble: BaseException) -> StoreBroken:
        """Take no more work, and return what to say of it."""
        self._failed = trouble
        with suppress(*ENGINE_TROUBLE):
            self._connection.execute("ROLLBACK")
        return StoreBroken(f"the store cannot record ({trouble}): look at the disk")

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
        self._has_partners = True
        level_ms = heard_ms if is_level else 0
        row = (self._festival, terminal, encode(memory), heard_ms, level_ms)
        self._connection.execute(_PUT_PARTNER, row)
        self.heard.keep(terminal)

    def level_ms(self) -> dict[bytes, int]:
        """Return when each partner was heard last if it held nothing back then (Unix ms), or 0."""
        rows = self._connection.execute(
            "SELECT terminal, level_ms FROM partner WHERE festival = ?", (self._festival,)
        )
        return dict(rows.fetchall())

    def has_partners(self) -> bool:
        """Tell whether any terminal was ever heard; read once in a transaction."""
        if self._has_partners is None:
            found = self._connection.execute(
                "SELECT 1 FROM partner WHERE festival = ? LIMIT 1", (self._festival,)
            )
            self._has_partners = found.fetchone() is not None
        return self._has_partners

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
        """Close the database."""
        self._connection.close()


def open_store(
    folder: Path,
    festival: FestivalId,
    festival_key: PublicKey,
    store_id: bytes,
    verifier: Verifier | None = None,
) -> Store:
    """Open the store of an office's folder for writing; a new one is made, known by `store_id`.

    With a `verifier` the signatures of many records are checked beside the store. The folder's
    database must have been claimed.
    """
    database = database_of(folder)
    try:
        connection = database.open()
        connection.execute(_PUT_FESTIVAL, (festival, store_id))
        return Store(connection, festival, festival_key, database, verifier)
    except ENGINE_TROUBLE as trouble:
        message = f"the store in {folder} cannot be opened ({trouble}): look at the disk"
        raise StoreBroken(message) from trouble
