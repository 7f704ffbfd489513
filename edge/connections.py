"""The connections of a box's server: only so many, and none that stays silent for long.

A client that sends its request a byte a minute, or never reads its answer, would keep a place for
ever. So each connection on which nothing of ours is being done has a deadline: from its opening
to its first whole head, and from one answer to the next head. A body has a deadline of its own.
"""

import asyncio
import logging
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from aiohttp import web

_LOOK_S: Final = 1
_TURN_S: Final = 0.01
Unreadable = Callable[[int], web.Response]
"""Returns what is answered, with this HTTP status, to what is no HTTP."""
_NO_ROOM: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
    b"Cache-Control: no-store\r\nConnection: close\r\n\r\n"
)
# What aiohttp itself would log of a broken request holds its bytes: a key, a code.
_SILENT: Final = logging.getLogger("guichet.broken_requests")
_SILENT.disabled = True


class _Door(web.RequestHandler):
    """One connection, whose unreadable requests are answered as problems too, and never logged."""

    is_over = False
    unreadable: Unreadable
    began_s = 0.0
    is_made = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; over TLS that is after the handshake."""
        self.is_made = True
        super().connection_made(transport)

    def is_there(self, now_s: float, handshake_s: float) -> bool:
        """Tell whether the connection takes a place; a handshake that failed tells nobody."""
        if self.is_over:
            return False
        return self.is_made or now_s - self.began_s <= handshake_s

    def connection_lost(self, exc: BaseException | None) -> None:
        """Make room for another."""
        self.is_over = True
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer what is no HTTP, and end the connection; what was read of it stays untold."""
        del exc, message  # they hold what was sent
        if request.writer.output_size > 0:
            raise ConnectionError("the answer has begun already")
        answer = self.unreadable(status)
        answer.force_close()
        return answer


class _NoRoom(asyncio.Protocol):
    """A connection too many: it is told so, and ended."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say that there is no room."""
        if isinstance(transport, asyncio.WriteTransport):
            transport.write(_NO_ROOM)
            transport.close()


class Connections:
    """All connections of one server; in its loop only."""

    def __init__(
        self,
        count_max: int,
        silent_ms_max: int,
        unreadable: Unreadable,
        *,
        handshake_s: float = 1,
    ) -> None:
        """Allow so many connections, each to be silent for so many milliseconds.

        `handshake_s` is how long TLS may take, in seconds.
        """
        self._handshake_s = handshake_s
        self._count_max = count_max
        self._unreadable = unreadable
        self._silent_s = silent_ms_max / 1000
        self._busy: set[object] = set()
        self._since_s: dict[object, float] = {}
        self._doors: weakref.WeakSet[_Door] = weakref.WeakSet()

    @contextmanager
    def busy(self, connection: object) -> Iterator[None]:
        """Note that a request of this connection is being answered."""
        self._busy.add(connection)
        try:
            yield
        finally:
            self._busy.discard(connection)
            self._since_s[connection] = asyncio.get_running_loop().time()

    def new(self, server: web.Server) -> asyncio.Protocol:
        """Return who speaks on a connection that was just accepted.

        The server itself learns of it a little later, too late to count a crowd that comes at once.
        """
        now_s = asyncio.get_running_loop().time()
        if sum(one.is_there(now_s, self._handshake_s) for one in self._doors) >= self._count_max:
            return _NoRoom()
        door = _Door(
            server,
            loop=asyncio.get_running_loop(),
            access_log=_SILENT,
            logger=_SILENT,
            keepalive_timeout=self._silent_s,
            lingering_time=1.0,
            auto_decompress=False,
        )
        door.unreadable = self._unreadable
        door.began_s = now_s
        self._doors.add(door)
        return door

    async def shake_hands(self, within_s: float) -> None:
        """Wait, so many seconds at most, until nobody is in the middle of a TLS handshake.

        Who is, has no transport yet that could be ended: a server that goes first leaves it open.
        """
        for _ in range(int(within_s / _TURN_S)):
            if not any(self._is_shaking(one) for one in self._doors):
                return
            await asyncio.sleep(_TURN_S)

    def _is_shaking(self, door: _Door) -> bool:
        now_s = asyncio.get_running_loop().time()
        return not door.is_made and door.is_there(now_s, self._handshake_s)

    async def end_silent(self, server: web.Server) -> None:
        """End whoever is silent for too long, until cancelled."""
        while True:
            await asyncio.sleep(min(_LOOK_S, self._silent_s / 2))
            now_s = asyncio.get_running_loop().time()
            known = server.connections
            self._since_s = {one: self._since_s.get(one, now_s) for one in known}
            for one in known:
                is_late = now_s - self._since_s[one] > self._silent_s
                if is_late and one not in self._busy and one.transport is not None:
                    one.transport.abort()
