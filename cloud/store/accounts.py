"""The store of accounts: one for the house, with its own file beside the festivals'.

One thread writes and others look beside it, as with a festival. Each change that takes something
away from somebody raises the `generation` in the same transaction: whoever remembers what a
credential may do compares it first, so nothing revoked is let in because it was remembered.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Any, Final, TypeVar

from cloud.accounts.access import OrganiserId
from cloud.limits import CONTENDED_TRIES_MAX
from cloud.store.accounts_machines import MachinesBook
from cloud.store.accounts_organisers import FestivalIndex, MembersBook, OrganisersBook
from cloud.store.accounts_people import PeopleBook
from cloud.store.accounts_sessions import SessionsBook, SuperadminLinks, TriesBook
from cloud.store.connection import StoreTrouble, open_reader, open_writer
from cloud.store.database import Claim, database_of
from cloud.store.migrations import ACCOUNTS_STEPS, migrate
from cloud.store.sql import ENGINE_TROUBLE, Connection, Contended
from cloud.store.store import StoreBroken, StoreContended

T = TypeVar("T")
ACCOUNTS_FILE: Final = "accounts.db"
_HOUSE: Final = 1
_LOCK: Final = "SELECT generation FROM house WHERE house = ? FOR UPDATE"


class Books:
    """Every book of the accounts, on one connection; a job or a look is handed this."""

    def __init__(self, connection: Connection) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection
        self.people = PeopleBook(connection)
        self.organisers = OrganisersBook(connection)
        self.festivals = FestivalIndex(connection)
        self.members = MembersBook(connection)
        self.sessions = SessionsBook(connection)
        self.machines = MachinesBook(connection)
        self.tries = TriesBook(connection)
        self.links = SuperadminLinks(connection)

    @property
    def generation(self) -> int:
        """How often anything was taken away from anybody."""
        row = self._connection.execute(
            "SELECT generation FROM house WHERE house = ?", (_HOUSE,)
        ).fetchone()
        return int(row[0])

    def raise_generation(self) -> None:
        """Note that somebody may do less than before, or something else; inside a transaction."""
        self._connection.execute(
            "UPDATE house SET generation = generation + 1 WHERE house = ?", (_HOUSE,)
        )


AccountsJob = Callable[[Books], Any]
"""Work inside a transaction; it may be done again from the start if the transaction failed."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What each request needs of the accounts: the generation, and whose each festival is."""

    generation: int
    owners: Mapping[int, OrganiserId]


class AccountsStore:
    """The accounts, open for writing; `transact` is used by one thread, looks by any."""

    def __init__(
        self,
        connection: Connection,
        open_look: Callable[[], AbstractContextManager[Connection]],
        claim: Claim | None = None,
    ) -> None:
        """`open_look` lends a connection on one committed state, for one look.

        `claim` is given back at the end. With one, other processes write too: each transaction then
        locks the house's row first, so that jobs see what the last one left and may count on it.
        """
        self._claim = claim
        self._connection = connection
        self._open_look = open_look
        self._books = Books(connection)
        self._failed: BaseException | None = None
        self._taking = Lock()
        self.standing = _standing(self._books)
        """The newest that this process knows; replaced whole, so that any thread may read it."""

    def transact(self, jobs: Sequence[AccountsJob]) -> list[Any]:
        """Do jobs in one transaction and return their results, in order, once they are durable.

        If one raises, nothing has happened and its error comes out, or `StoreBroken`.
        `StoreContended` if other processes were in the way again and again.
        """
        for _ in range(CONTENDED_TRIES_MAX - 1):
            with suppress(Contended):
                return self._transact(jobs)
        try:
            return self._transact(jobs)
        except Contended as trouble:
            message = f"the accounts are busy ({trouble})"
            raise StoreContended(message) from trouble

    def _transact(self, jobs: Sequence[AccountsJob]) -> list[Any]:
        if self._failed is not None:
            message = f"the accounts failed before ({self._failed}): start the office again"
            raise StoreBroken(message)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            if self._claim is not None:
                self._connection.execute(_LOCK, (_HOUSE,))
            results = [job(self._books) for job in jobs]
            self._connection.execute("COMMIT")
        except Contended:
            self._connection.execute("ROLLBACK")
            raise
        except ENGINE_TROUBLE as trouble:
            self._failed = trouble
            with suppress(*ENGINE_TROUBLE):
                self._connection.execute("ROLLBACK")
            message = f"the accounts cannot be recorded ({trouble}): look at the disk"
            raise StoreBroken(message) from trouble
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._take(self._books)
        return results

    def look(self, see: Callable[[Books], T]) -> T:
        """Return what is seen in one committed state; `StoreTrouble` if it cannot be read."""
        with self._open_look() as connection:
            return see(Books(connection))

    def refresh(self) -> Standing:
        """Read the standing anew, for another process may have changed it, and return it."""
        return self.look(self._take)

    def close(self) -> None:
        """Close the store."""
        self._connection.close()
        if self._claim is not None:
            self._claim.release()

    def _take(self, books: Books) -> Standing:
        """Keep the standing of a committed state, unless a newer one is known."""
        if books.generation > self.standing.generation:
            found = _standing(books)
            with self._taking:  # the writer's thread and a look may come at the same time
                if found.generation > self.standing.generation:
                    self.standing = found
        return self.standing


def open_accounts(folder: Path, key_mark: bytes) -> AccountsStore:
    """Open the house's accounts for writing; new ones are made, and belong to this house key.

    They lie in a file of the folder, or where the folder's festivals are if several processes may
    write there. `key_mark` is a digest of the key. `StoreTrouble` if they belong to another one:
    what is sealed would not open, and nobody could sign in.
    """
    database = database_of(folder)
    if not database.is_shared:
        return _open_file(folder / ACCOUNTS_FILE, key_mark)
    claim = database.claim()
    try:
        connection = database.open()
        _keep_mark(connection, key_mark, "the database")
    except BaseException:
        claim.release()
        raise
    return AccountsStore(connection, database.reading, claim)


def has_accounts(folder: Path) -> bool:
    """Tell whether the house has accounts already, wherever they lie."""
    database = database_of(folder)
    if not database.is_shared:
        return (folder / ACCOUNTS_FILE).exists()
    connection = database.open()
    try:
        return connection.execute("SELECT 1 FROM house").fetchone() is not None
    finally:
        connection.close()


def _open_file(path: Path, key_mark: bytes) -> AccountsStore:
    try:
        connection = open_writer(path)
        # What is erased is overwritten, and not only forgotten.
        connection.execute("PRAGMA secure_delete = ON")
        migrate(connection, ACCOUNTS_STEPS, "accounts")
        _keep_mark(connection, key_mark, str(path))
        return AccountsStore(connection, partial(_look, path))
    except sqlite3.Error as trouble:
        message = f"{path} cannot be opened ({trouble}): look at the disk"
        raise StoreBroken(message) from trouble


def _keep_mark(connection: Connection, key_mark: bytes, where: str) -> None:
    """Let the accounts belong to a house key; `StoreTrouble` if they are another one's."""
    connection.execute(
        "INSERT INTO house VALUES (?, ?, 0) ON CONFLICT (house) DO NOTHING", (_HOUSE, key_mark)
    )
    (kept,) = connection.execute("SELECT key_mark FROM house").fetchone()
    if kept != key_mark:
        connection.close()
        message = f"{where} was made with another house.key: bring back the one it was made with"
        raise StoreTrouble(message)


@contextmanager
def _look(path: Path) -> Iterator[Connection]:
    """Lend a reading connection for one look."""
    try:
        with closing(open_reader(path)) as connection:
            connection.execute("BEGIN")
            yield connection
    except sqlite3.Error as trouble:
        message = f"{path} cannot be read ({trouble})"
        raise StoreTrouble(message) from trouble


def _standing(books: Books) -> Standing:
    return Standing(books.generation, MappingProxyType(books.festivals.owners()))
