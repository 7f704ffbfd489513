"""What this process hears from the others on one PostgreSQL database, and how they know it lives.

One line of its own, in a thread: it listens for what was committed, and it holds a lock whose
number was drawn for it, which ends with the line. So a mark with that number in a table is good
exactly while this process has been connected without a break: in a database that was put back from
a copy every mark is dead, whatever it says.
"""

import asyncio
import threading
from collections.abc import Callable
from typing import Any, Final

import asyncpg

from cloud.clock_and_chance import random_bytes
from cloud.limits import LINE_OPEN_S_MAX, WATCH_AGAIN_S, WATCH_PING_S, WATCH_READY_S_MAX
from cloud.store.callbacks import Callback, Callbacks
from cloud.store.sql import CHANNEL, DatabaseFailed

_NUMBER_BYTES: Final = 7
_LOST: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class Watch:
    """Listens in a thread from `start` to `stop`."""

    def __init__(self, url: str) -> None:
        """Prepare to connect; the URL is never shown."""
        self._url = url
        self._callbacks = Callbacks()
        self._is_ready = threading.Event()
        self._life = 0
        self._loop = asyncio.new_event_loop()
        self._is_ended = False
        self._stirred = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="office-watch", daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def stop(self) -> None:
        """Hang up and wait for the thread."""
        self._loop.call_soon_threadsafe(self._end)
        self._thread.join()

    def life(self) -> int:
        """Return the number whose lock is held now; `DatabaseFailed` if there is no line."""
        if not self._is_ready.wait(WATCH_READY_S_MAX):
            message = "the database cannot be listened to"
            raise DatabaseFailed(message)
        return self._life

    def when_changed(self, festival: int, callback: Callback) -> Callable[[], None]:
        """Have `callback` called, in the watch's thread, after any process wrote to a festival.

        It is called once too often rather than once too little: also after a time without a line.
        Returns what undoes this.
        """
        return self._callbacks.add(festival, callback)

    def _end(self) -> None:
        self._is_ended = True
        self._stirred.set()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._watch())
        finally:
            self._loop.close()

    async def _watch(self) -> None:
        while not self._is_ended:
            try:
                await self._listen()
            except _LOST:
                await self._pause(WATCH_AGAIN_S)
            finally:
                self._is_ready.clear()

    async def _listen(self) -> None:
        """Connect, take a new number, and listen until the line is lost or this has ended."""
        connection = await asyncpg.connect(
            self._url, timeout=LINE_OPEN_S_MAX, command_timeout=LINE_OPEN_S_MAX
        )
        connection.add_termination_listener(lambda _: self._stirred.set())
        try:
            await connection.add_listener(CHANNEL, self._hear)
            life = int.from_bytes(random_bytes(_NUMBER_BYTES), "big") + 1
            await connection.execute("SELECT pg_advisory_lock($1)", life)
            self._life = life
            self._is_ready.set()
            self._callbacks.call(None)
            while not self._is_ended:
                await self._pause(WATCH_PING_S)
                await connection.execute("SELECT 1")
        finally:
            self._is_ready.clear()
            connection.terminate()
            await asyncio.sleep(0)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stirred.wait(), seconds)
        except TimeoutError:
            return
        self._stirred.clear()

    def _hear(self, _connection: Any, _pid: int, _channel: str, said: object) -> None:
        if isinstance(said, str) and said.isdecimal():
            self._callbacks.call(int(said))
