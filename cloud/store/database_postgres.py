"""PostgreSQL as the place of stores: one database of all festivals, any number of processes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from cloud.store.connection import StoreTrouble
from cloud.store.migrations import migrate_postgres
from cloud.store.postgres import Lines, PostgresConnection, looking
from cloud.store.postgres_watch import Watch
from cloud.store.sql import Connection, DatabaseFailed

_ENROLMENT_LOCK: Final = 0x6775_6963_6865_0001
"""An advisory lock: codes are few, and so one transaction at a time is enough."""
Callback = Callable[[], object]


class PostgresDatabase:
    """One database, by its URL; see `cloud.store.database.Database` for what each method does."""

    is_shared: Final = True

    def __init__(self, url: str) -> None:
        """Open nothing yet. Lines for writing and for looking are apart: neither waits for both."""
        self._url = url
        self._writing = Lines(url)
        self._looking = Lines(url)
        self._lock = threading.Lock()
        self._watch: Watch | None = None
        self._claims = 0
        self._is_migrated = False

    def __repr__(self) -> str:
        """Show nothing of the URL."""
        return "PostgresDatabase()"

    def claim(self) -> "_Claim":
        """Keep lines open; everybody may write."""
        with self._lock:
            self._claims += 1
        self._writing.hold()
        self._looking.hold()
        return _Claim(self)

    def open(self) -> Connection:
        """Return a connection that borrows a line for each transaction."""
        with _told():
            connection = PostgresConnection(self._writing)
            self._migrate(connection)
        return connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection in one transaction that only reads."""
        with _told(), looking(self._looking) as connection:
            yield connection

    @contextmanager
    def enrolling(self) -> Iterator[Connection]:
        """Give a transaction that holds the lock of the codes."""
        with _told():
            connection = PostgresConnection(self._writing)
            self._migrate(connection)
            connection.execute("BEGIN IMMEDIATE")
            try:
                connection.execute("SELECT pg_advisory_xact_lock(?)", (_ENROLMENT_LOCK,))
                yield connection
                connection.execute("COMMIT")
            finally:
                connection.close()

    def life(self) -> int:
        """Return the number that this process holds a lock of; `DatabaseFailed` without a line."""
        return self._watching().life()

    def when_changed(self, festival: int, callback: Callback) -> Callable[[], None]:
        """Have `callback` called in the watch's thread; an office must have claimed the store."""
        return self._watching().when_changed(festival, callback)

    def wrote(self, festival: int) -> None:
        """Nothing: the database tells everybody, this process too."""

    def let_go(self) -> None:
        """Hang up if this was the last claim."""
        self._writing.let_go()
        self._looking.let_go()
        with self._lock:
            self._claims -= 1
            watch, self._watch = (self._watch, None) if not self._claims else (None, self._watch)
        if watch is not None:
            watch.stop()

    def _watching(self) -> Watch:
        """Return the watch; it begins when it is first asked for anything."""
        with self._lock:
            if not self._claims:
                message = "no office of this process has claimed the store"
                raise RuntimeError(message)
            if self._watch is None:
                self._watch = Watch(self._url)
                self._watch.start()
            return self._watch

    def _migrate(self, connection: PostgresConnection) -> None:
        """Bring the tables to this version, once in a process: nobody takes them back."""
        if not self._is_migrated:
            migrate_postgres(connection)
            self._is_migrated = True


class _Claim:
    """One office's share in the lines of this process."""

    def __init__(self, database: PostgresDatabase) -> None:
        self._database: PostgresDatabase | None = database

    def release(self) -> None:
        """Hang up if nobody else in this process needs the lines."""
        database, self._database = self._database, None
        if database is not None:
            database.let_go()


@contextmanager
def _told() -> Iterator[None]:
    """Say in the store's words that the database does not work."""
    try:
        yield
    except DatabaseFailed as trouble:
        message = f"the store's database cannot be used: {trouble}"
        raise StoreTrouble(message) from trouble
