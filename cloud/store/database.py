"""Where a festival's store is: SQLite in the office's folder, or PostgreSQL by its URL.

The URL stands in a private file of the folder, or of the house in which the festival's folder lies;
the environment's GUICHET_DATABASE goes before both. It may hold a password: it is never shown.

SQLite has one writing process, by a lock in the folder. PostgreSQL has as many as there are.
"""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

from cloud.store.connection import StoreTrouble
from cloud.store.sql import Connection
from provisioning.files import others_may_read, write_private

DATABASE_FILE: Final = "database.url"
DATABASE_VARIABLE: Final = "GUICHET_DATABASE"
_FESTIVALS: Final = "festivals"
_SCHEMES: Final = ("postgresql", "postgres")
_DATABASES_MAX: Final = 4_096
Callback = Callable[[], object]
Undo = Callable[[], None]


class BadDatabase(StoreTrouble):
    """What should say where the database is does not; the message says what to do."""


class Claim(Protocol):
    """The right to write to a store."""

    def release(self) -> None:
        """Give it back."""


class Database(Protocol):
    """One place where stores are kept."""

    @property
    def is_shared(self) -> bool:
        """Tell whether several processes may write at the same time."""

    def claim(self) -> Claim:
        """Take the right to write; `StoreBusy` if only one may and another has it."""

    def open(self) -> Connection:
        """Open for writing, checked, with every table; `StoreTrouble` says why not."""

    def reading(self) -> AbstractContextManager[Connection]:
        """Give one committed state to read; `StoreTrouble` says why not."""

    def enrolling(self) -> AbstractContextManager[Connection]:
        """Give one transaction on the table of enrolment codes, with nobody else at it."""

    def life(self) -> int:
        """Return a number that is locked in the database for as long as this process is there.

        Only where several processes write; inside a transaction.
        """

    def when_changed(self, festival: int, callback: Callback) -> Undo:
        """Have `callback` called, in some thread, after anybody wrote to a festival.

        It must return at once. With PostgreSQL it is called for what other processes wrote too.
        Returns what undoes this.
        """

    def wrote(self, festival: int) -> None:
        """Tell who waits in this process that it wrote, if the database does not do so itself."""


def database_of(folder: Path) -> Database:
    """Return where the store of an office's folder is; `BadDatabase` says why it is not known."""
    url = _url_of(folder)
    return _sqlite(folder) if url is None else _postgres(url)


def keep_url(folder: Path, url: str) -> None:
    """Write down, readable by the owner only, where the store of a folder is.

    `BadDatabase` if it is no URL of a PostgreSQL database.
    """
    trouble = trouble_with(url)
    if trouble:
        raise BadDatabase(trouble)
    write_private(folder / DATABASE_FILE, f"{url}\n".encode())


def trouble_with(url: str) -> str:
    """Return what is wrong with a database's URL, or an empty text; it does not repeat it."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return _shape("is no URL")
    if parts.scheme not in _SCHEMES:
        return _shape("does not begin with postgresql://")
    return "" if parts.path.strip("/") else _shape("names no database")


def _shape(what: str) -> str:
    return f"the database's address {what}. Example: postgresql://guichet:SECRET@host/guichet"


def _url_of(folder: Path) -> str | None:
    url = os.environ.get(DATABASE_VARIABLE)
    if url:
        trouble = trouble_with(url)
        if trouble:
            raise BadDatabase(f"{DATABASE_VARIABLE}: {trouble}")
        return url
    places = [folder, folder.parent.parent] if folder.parent.name == _FESTIVALS else [folder]
    for place in places:
        path = place / DATABASE_FILE
        if path.exists():
            return _read(path)
    return None


def _read(path: Path) -> str:
    try:
        url = path.read_text().strip()
        is_open = others_may_read(path)
    except (OSError, UnicodeError) as trouble:
        message = f"{path} cannot be read. Bring it back: it says where the store is."
        raise BadDatabase(message) from trouble
    if is_open:
        message = f"{path} can be read by others. Close it: chmod 600 {path}"
        raise BadDatabase(message)
    trouble_found = trouble_with(url)
    if trouble_found:
        message = f"{path}: {trouble_found}"
        raise BadDatabase(message)
    return url


@lru_cache(_DATABASES_MAX)
def _sqlite(folder: Path) -> Database:
    from cloud.store.database_sqlite import SqliteDatabase

    return SqliteDatabase(folder)


@lru_cache(_DATABASES_MAX)
def _postgres(url: str) -> Database:
    from cloud.store.database_postgres import PostgresDatabase  # asyncpg takes a while to import

    return PostgresDatabase(url)
