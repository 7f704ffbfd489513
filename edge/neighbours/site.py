"""The neighbours of one box: a thread with a loop beside the lane, which carries what they say.

It meets whoever is found, listed or knocks; tells admissions at once, exchanges what is new with
the few partners of the view, and with one of them when nothing happens. What it carries is worked
out in the lane (`talk`), whom it carries it to by `rounds`. Whatever fails here, the lane goes on.
"""

import asyncio
import logging
import socket
import threading
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from edge.lane import LaneFull, LaneStopped
from edge.limits import LAN_START_MS_MAX
from edge.neighbours.lan import Lan, LanTrouble, Place, door_at
from edge.neighbours.talk import NeighbourTalk
from edge.terminal import Terminal
from sync.names import Role, TerminalId

if TYPE_CHECKING:
    from edge.neighbours.carrier import Carrier

_log = logging.getLogger(__name__)
_JOIN_S: Final = 5
_AGAIN_S: Final = 2


class Neighbours:
    """Keeps one terminal and those around it level; `start` and `stop` once, from any thread."""

    def __init__(self, terminal: Terminal, lan: Lan) -> None:
        """Speak for this terminal on this LAN."""
        self._terminal = terminal
        self._lan = lan
        self.talk = NeighbourTalk(terminal)
        self._started = threading.Event()
        self._stopped = threading.Event()
        self._carrier: Carrier | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self.port = 0
        terminal.lan = self.figures

    def start(self) -> None:
        """Listen and look from now on; `LanTrouble` says what is in the way."""
        door = door_at(self._lan.listen)
        self.port = int(door.getsockname()[1])
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._run(door)), name="neighbours", daemon=True
        )
        self._thread.start()
        if not self._started.wait(LAN_START_MS_MAX / 1000):
            message = "neighbours cannot be met: start the box again, and see its log"
            raise LanTrouble(message)

    def stop(self) -> None:
        """Finish what was begun, for a bounded time, and end."""
        self._stopped.set()
        loop, carrier, thread = self._loop, self._carrier, self._thread
        if loop is not None and carrier is not None:
            with suppress(RuntimeError):  # the loop has ended by itself
                loop.call_soon_threadsafe(carrier.ending.set)
        if thread is not None:
            thread.join(_JOIN_S)

    def found(self, terminal: TerminalId, role: Role, place: Place) -> None:
        """Take where a terminal is said to be, from whoever says so; from any thread."""
        loop, carrier = self._loop, self._carrier
        if loop is not None and carrier is not None:
            with suppress(RuntimeError):  # the loop has ended by itself
                loop.call_soon_threadsafe(carrier.found, terminal, role, [place])

    def figures(self) -> dict[str, int]:
        """Return how many neighbours answered last, requests and bytes so far, and refusals."""
        carrier = self._carrier
        if carrier is None:
            return {"neighbours": 0}
        return {"neighbours": len(carrier.rounds.heard), **carrier.figures()}

    def ask(self, partner: TerminalId, path: str, body: bytes, wait_ms: int) -> bytes | None:
        """Return what a neighbour answers on a path within a time, else None; from any thread."""
        loop, carrier = self._loop, self._carrier
        if loop is None or carrier is None:
            return None
        future: Future[bytes | None] = asyncio.run_coroutine_threadsafe(
            carrier.ask(partner, path, body), loop
        )
        try:
            return future.result(wait_ms / 1000)
        except TimeoutError:
            future.cancel()
            return None
        except (RuntimeError, asyncio.CancelledError):
            return None

    async def _run(self, door: socket.socket) -> None:
        """Carry until the end; after a failure of ours begin anew, the box goes on meanwhile."""
        from edge.neighbours.carrier import Carrier

        self._loop = asyncio.get_running_loop()
        while not self._stopped.is_set():
            carrier = Carrier(self._terminal, self.talk, self._lan, self.port)
            self._carrier = carrier
            try:
                await carrier.run(door, self._started.set)
                return
            except (LaneStopped, LaneFull):
                return
            except Exception:
                _log.exception("the neighbours failed")
            if self._terminal.lane.broken is not None:
                return
            await asyncio.sleep(_AGAIN_S)
            with suppress(LanTrouble):
                door = door_at((self._lan.listen[0], self.port))
