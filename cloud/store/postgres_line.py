"""One line to PostgreSQL: asyncpg in a small event loop of its own, for whoever waits for answers.

The office's work on its store is synchronous, in threads. A loop that only carries one question at
a time costs some twenty microseconds beside the server's own; a thread between would cost more.
Statements are prepared once on each line, by their text.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, Final, TypeVar

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from cloud.limits import LINE_ANSWER_S_MAX, LINE_OPEN_S_MAX, ROWS_SENT_MAX, STATEMENTS_PREPARED_MAX
from cloud.store.postgres_sql import Insertion, insertion, translate
from cloud.store.sql import Contended, DatabaseFailed

T = TypeVar("T")
_CONTENDED: Final = {"40001", "40P01", "55P03", "53300"}
"""A serialization failure, a deadlock, a lock that was waited for too long, no room for a line."""
_NUL_IN_TEXT: Final = "22021"
_SETTINGS: Final = {
    "application_name": "guichet",
    "timezone": "UTC",
    # Every question has its index. A plan that was made while a table was small stays for hours.
    "enable_seqscan": "off",
    "jit": "off",
    "lock_timeout": "20s",
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
_DURABLE: Final = (
    "SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') = 'off'"
)


class Line:
    """One line; it is used by one thread at a time, whichever that is."""

    def __init__(self, url: str) -> None:
        """Connect, or raise `DatabaseFailed`; its message never holds the URL."""
        self._loop = asyncio.new_event_loop()
        self._prepared: dict[str, PreparedStatement[Any]] = {}
        self._types: dict[str, tuple[str, ...]] = {}
        self.is_fresh = True
        """Whether it was opened for whoever uses it now."""
        self.has_written = False
        """Whether anything but questions was said since this was last set to False."""
        self._connection: asyncpg.Connection[Any] | None = None
        try:
            self._connection = self.run(_connect(url))
        except BaseException:
            self.close()
            raise

    @property
    def is_lost(self) -> bool:
        """Tell whether the conversation has ended, whoever ended it."""
        return self._connection is None or self._connection.is_closed()

    def fetch(self, sql: str, values: Sequence[Any]) -> tuple[list[Any], int]:
        """Execute one statement; return its rows as tuples and how many it found or changed."""
        if not sql.startswith("SELECT"):
            self.has_written = True
        return self.run(self._fetch(translate(sql), values))

    def command(self, sql: str) -> str:
        """Execute a statement without values or rows, and return what the server says of it."""
        return self.run(self._open.execute(sql))

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> int:
        """Execute one statement with each of many rows; return how many rows were handed in."""
        whole = insertion(sql)
        waiting = rows if isinstance(rows, list) else list(rows)
        if not waiting:
            return 0
        self.has_written = True
        if whole is None or len(waiting) == 1:
            self.run(self._each(translate(sql), waiting))
        else:
            self.run(self._insert(whole, waiting))
        return len(waiting)

    def drop(self) -> None:
        """Hang up without a word, so that it counts as lost."""
        self._hang_up()
        self.run(asyncio.sleep(0))  # so that its loop lets go of the socket

    def close(self) -> None:
        """Hang up; the server undoes what was not committed."""
        try:
            if not self.is_lost:
                self.run(self._open.close(timeout=LINE_OPEN_S_MAX))
        except DatabaseFailed:
            self.drop()
        finally:
            self.run(_let_go())
            self._loop.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for some work in this line's loop; `DatabaseFailed` says what went wrong.

        A thread that runs a loop of its own cannot run another one: then a thread is started to
        wait. That is slow, and right.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return self._wait(work)
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(self._wait, work).result()

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return self._loop.run_until_complete(work)
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as trouble:
            raise _meaning(trouble) from trouble
        except (asyncpg.InternalClientError, OSError, TimeoutError) as trouble:
            self._hang_up()
            message = f"the database does not answer ({type(trouble).__name__})"
            raise DatabaseFailed(message) from trouble
        except BaseException:
            self._hang_up()  # in the middle of an answer: what comes next would belong to it
            raise

    @property
    def _open(self) -> "asyncpg.Connection[Any]":
        if self._connection is None:
            message = "the line was never open"
            raise DatabaseFailed(message)
        return self._connection

    def _hang_up(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            self._connection.terminate()

    async def _statement(self, sql: str) -> "PreparedStatement[Any]":
        found = self._prepared.get(sql)
        if found is None:
            if len(self._prepared) >= STATEMENTS_PREPARED_MAX:
                del self._prepared[next(iter(self._prepared))]
            found = self._prepared[sql] = await self._open.prepare(sql)
        return found

    async def _fetch(self, sql: str, values: Sequence[Any]) -> tuple[list[Any], int]:
        statement = await self._statement(sql)
        rows = [tuple(row) for row in await statement.fetch(*values)]
        _, _, count = (statement.get_statusmsg() or "").rpartition(" ")
        return rows, int(count) if count.isdigit() else -1

    async def _each(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        await (await self._statement(sql)).executemany(rows)

    async def _insert(self, whole: Insertion, rows: list[Sequence[Any]]) -> None:
        types = self._types.get(whole.single)
        if types is None:
            single = await self._statement(whole.single)
            types = tuple(found.name for found in single.get_parameters())
            self._types[whole.single] = types
        statement = await self._statement(whole.of_many(types))
        for part in _parts(rows, whole.key):
            await statement.fetch(*zip(*part, strict=True))


def _parts(
    rows: Iterable[Sequence[Any]], key: tuple[int, ...] | None
) -> Iterable[list[Sequence[Any]]]:
    """Cut rows into parts that one statement may bring: not too many, and no key twice."""
    if key is None:
        left = iter(rows)
        while some := list(islice(left, ROWS_SENT_MAX)):
            yield some
        return
    part: list[Sequence[Any]] = []
    seen: set[tuple[Any, ...]] = set()
    for row in rows:
        name = tuple(row[at] for at in key)
        if name in seen or len(part) >= ROWS_SENT_MAX:
            yield part
            part, seen = [], set()
        part.append(row)
        seen.add(name)
    yield part


async def _let_go() -> None:
    """Give up what still runs in this loop, and let it close the socket of a line that was lost."""
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    await asyncio.sleep(0)


async def _connect(url: str) -> "asyncpg.Connection[Any]":
    connection = await asyncpg.connect(
        url,
        timeout=LINE_OPEN_S_MAX,
        command_timeout=LINE_ANSWER_S_MAX,
        statement_cache_size=0,
        server_settings=_SETTINGS,
    )
    try:
        await connection.fetch(_DURABLE)
        # Sums of whole numbers come as `numeric`; with us they are whole.
        await connection.set_type_codec(
            "numeric", schema="pg_catalog", encoder=str, decoder=int, format="text"
        )
    except BaseException:
        connection.terminate()
        raise
    return connection


def _meaning(trouble: Exception) -> Exception:
    """Return what an error of the library means to the store.

    A value that no column can hold is a mistake of whoever gave it, and hurts nobody else. Values
    stay out of the words: they may be secret.
    """
    state = getattr(trouble, "sqlstate", None)
    is_own = isinstance(trouble, asyncpg.DataError) and getattr(trouble, "severity", None) is None
    if is_own or state == _NUL_IN_TEXT:
        return ValueError(f"a value does not fit its column ({type(trouble).__name__})")
    if state in _CONTENDED:
        return Contended(f"another office process was in the way ({state})")
    said = getattr(trouble, "message", None) or "it has hung up"
    return DatabaseFailed(f"PostgreSQL: {said} ({type(trouble).__name__})")
