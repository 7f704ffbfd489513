"""SQLite as the place of a store: one file in the office's folder, one process that writes."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from cloud.limits import QUICK_CHECK_BYTES_MAX, STORE_BUSY_MS
from cloud.store.callbacks import Callback, Callbacks
from cloud.store.connection import (
    STORE_FILE,
    OfficeLock,
    StoreTrouble,
    open_reader,
    open_writer,
)
from cloud.store.migrations import migrate
from cloud.store.sql import Connection
from cloud.store.tables.enrolment import CODES

ENROLMENT_FILE: Final = "enrolment.db"
_PRIVATE_MODE: Final = 0o600


class SqliteDatabase:
    """The files in one office's folder; see `cloud.store.database.Database` for what each does."""

    is_shared: Final = False

    def __init__(self, folder: Path) -> None:
        """Open nothing yet."""
        self._folder = folder
        self._callbacks = Callbacks()

    def claim(self) -> OfficeLock:
        """Take the folder's lock, or raise `StoreBusy` at once."""
        return OfficeLock(self._folder)

    def open(self) -> Connection:
        """Open the file for its only writer, after a look whether it is sound."""
        try:
            connection = open_writer(self._folder / STORE_FILE)
            self._check(connection)
            migrate(connection)
        except sqlite3.Error as trouble:
            message = f"the store in {self._folder} cannot be opened ({trouble}): look at the disk"
            raise StoreTrouble(message) from trouble
        return connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open the file to read, in one transaction."""
        try:
            with closing(open_reader(self._folder / STORE_FILE)) as connection:
                connection.execute("BEGIN")
                yield connection
        except sqlite3.Error as trouble:
            message = f"the store in {self._folder} cannot be read ({trouble})"
            raise StoreTrouble(message) from trouble

    @contextmanager
    def enrolling(self) -> Iterator[Connection]:
        """Open the small file of codes for one transaction; whoever is beside us is waited for.

        It is apart from the store so that `terminal-code` may write while the office runs.
        """
        try:
            with self._codes() as connection:
                yield connection
        except sqlite3.Error as trouble:
            message = (
                f"the codes in {self._folder} cannot be used ({trouble}): ask again in a moment,"
                " and then look at the disk"
            )
            raise StoreTrouble(message) from trouble

    def life(self) -> int:
        """Return nothing of use: nobody else writes, so nobody asks who lives."""
        return 0

    def when_changed(self, festival: int, callback: Callback) -> Callable[[], None]:
        """Have `callback` called in the writer's thread after each commit."""
        return self._callbacks.add(festival, callback)

    def wrote(self, festival: int) -> None:
        """Call whoever waits for this festival."""
        self._callbacks.call(festival)

    @contextmanager
    def _codes(self) -> Iterator[Connection]:
        """Give one transaction on the file of codes."""
        path = self._folder / ENROLMENT_FILE
        path.touch(mode=_PRIVATE_MODE, exist_ok=True)
        timeout_s = STORE_BUSY_MS / 1000
        with closing(sqlite3.connect(path, timeout=timeout_s, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.execute(CODES)
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def _check(self, connection: sqlite3.Connection) -> None:
        """Refuse a damaged file before anything is built on it; a large one would take too long."""
        if (self._folder / STORE_FILE).stat().st_size > QUICK_CHECK_BYTES_MAX:
            return
        (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if answer != "ok":
            connection.close()
            message = (
                f"the store in {self._folder} is damaged ({answer}). Move it away, put back a copy."
            )
            raise StoreTrouble(message)
