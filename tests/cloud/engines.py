"""The two engines on which an office's store may stand, as tests furnish folders with them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from cloud.store.connection import STORE_FILE
from cloud.store.database import DATABASE_FILE, keep_url
from cloud.store.database_postgres import PostgresDatabase
from tests.cloud.postgres_server import PostgresServer

ENGINES = ("sqlite", "postgres")


class Engine(Protocol):
    """Where the stores of a test are."""

    @property
    def name(self) -> str:
        """Its name."""

    def words(self) -> tuple[str, ...]:
        """Return what `cloud init` must be told for a new store."""

    def furnish(self, folder: Path) -> None:
        """Let a folder that exists have a new store."""

    def lose(self, folder: Path) -> None:
        """Let a folder have lost its store, and have an empty one."""

    def copy(self, folder: Path, to: Path) -> None:
        """Copy a folder with its store, which nobody has open."""


class SqliteEngine:
    """A file in the folder."""

    name = "sqlite"

    def words(self) -> tuple[str, ...]:
        return ()

    def furnish(self, folder: Path) -> None:
        pass

    def lose(self, folder: Path) -> None:
        for path in folder.glob(f"{STORE_FILE}*"):
            path.unlink()

    def copy(self, folder: Path, to: Path) -> None:
        shutil.copytree(folder, to)


class PostgresEngine:
    """A database of the tests' own server; all of them are dropped at the end of the test."""

    name = "postgres"

    def __init__(self, server: PostgresServer) -> None:
        self.server = server
        self._names: list[str] = []

    def url(self) -> str:
        """Make a database and return its URL."""
        name, url = self.server.new(self._migrate)
        self._names.append(name)
        return url

    def words(self) -> tuple[str, ...]:
        return ("--database", self.url())

    def furnish(self, folder: Path) -> None:
        keep_url(folder, self.url())

    def lose(self, folder: Path) -> None:
        self.furnish(folder)

    def copy(self, folder: Path, to: Path) -> None:
        shutil.copytree(folder, to)
        source = (folder / DATABASE_FILE).read_text().partition("?")[0].rpartition("/")[2]
        name, url = self.server.new_copy(source)
        self._names.append(name)
        keep_url(to, url)

    def drop(self) -> None:
        """Drop what this test made."""
        names, self._names = self._names, []
        if names:
            self.server.ask(*(f"DROP DATABASE {name} WITH (FORCE)" for name in names))

    def _migrate(self, url: str) -> None:
        database = PostgresDatabase(url)
        claim = database.claim()
        database.open().close()
        claim.release()


_USED: list[Engine] = [SqliteEngine()]


def current() -> Engine:
    """Return the engine of the test that runs."""
    return _USED[-1]


@contextmanager
def use(engine: Engine) -> Iterator[None]:
    """Let folders be furnished with this engine."""
    _USED.append(engine)
    try:
        yield
    finally:
        _USED.pop()
        if isinstance(engine, PostgresEngine):
            engine.drop()
