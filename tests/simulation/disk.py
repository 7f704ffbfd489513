"""Disks that fail: power that goes out at a commit, writes that never arrive, no room left.

A box's real files lie in memory; only what SQLite's connection answers is bent. A power cut copies
the files as they are in that moment, and the box starts again from the copy: what was in a process
is gone.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import cloud.store.connection
import edge.store.connection

_LOST_WITH_POWER = ("-shm",)
_COMMIT = "COMMIT"
_PAGES_MAX = 1 << 30


class PowerCut(BaseException):
    """The power went out: nothing of this process goes on."""


class SimConnection(sqlite3.Connection):
    """SQLite as it is, but for the next commit, which may be made to fail."""

    fault = ""
    _lies = False
    _is_dead = False
    at_commit: Callable[[], None] | None = None

    def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
        if self._is_dead and sql == "ROLLBACK" and not self.in_transaction:
            return super().execute("SELECT 1")  # whoever tidies up is not there any more
        if sql != _COMMIT or not (self.fault or self._lies):
            return super().execute(sql, *rest)
        fault, self.fault = self.fault, ""
        if (
            self._lies
        ):  # the kernel has forgotten what it could not write, and says that all is well
            return super().execute("ROLLBACK" if self.in_transaction else "SELECT 1")
        return self._fail(fault)

    def _fail(self, fault: str) -> sqlite3.Cursor:
        if fault.endswith("kept"):
            super().execute(_COMMIT)
        elif fault == "eio_lost":
            if self.in_transaction:
                super().execute("ROLLBACK")
            self._lies = True
        if fault.startswith("power"):
            if self.at_commit is not None:
                self.at_commit()
            self._is_dead = True
            raise PowerCut(fault)
        message = "disk I/O error"
        raise sqlite3.OperationalError(message)


class Disks:
    """Hands out connections that can fail; `full` names the folders that have no room left."""

    def __init__(self) -> None:
        self.full: set[Path] = set()

    def connect(self, database: Any, **options: Any) -> sqlite3.Connection:
        connection = sqlite3.connect(database, factory=SimConnection, **options)
        if isinstance(database, Path) and database.parent in self.full:
            fill(connection)
        return connection

    def __getattr__(self, name: str) -> Any:
        return getattr(sqlite3, name)


def fill(connection: sqlite3.Connection) -> None:
    """Leave no room for a further page, as on a full disk."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")


def make_room(connection: sqlite3.Connection) -> None:
    """Let there be room again."""
    connection.execute(f"PRAGMA max_page_count = {_PAGES_MAX}")


@contextmanager
def simulated_disks() -> Iterator[Disks]:
    """Let terminals and offices open their stores through connections that can fail."""
    disks = Disks()
    with (
        mock.patch.object(edge.store.connection, "sqlite3", disks),
        mock.patch.object(cloud.store.connection, "sqlite3", disks),
    ):
        yield disks


def copy_image(folder: Path, to: Path) -> None:
    """Copy what is on a folder's disk in this very moment, whoever has it open."""
    to.mkdir(mode=0o700)
    for path in folder.iterdir():
        if not path.name.endswith(_LOST_WITH_POWER):
            shutil.copy2(path, to / path.name)


def put_image(image: Path, folder: Path) -> None:
    """Let a folder hold what an image holds and nothing else."""
    shutil.rmtree(folder)
    image.rename(folder)
