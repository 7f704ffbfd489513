"""The scan API as a thread beside the lane: it listens, answers, and ends without dropping anybody.

aiohttp and the metrics are imported only when it starts: a gate without it does not pay for them.
"""

import asyncio
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from edge.gate.api.address import ApiTrouble, listen, read_address
from edge.gate.api.keys import BadKeys, KeyRing
from edge.gate.api.teller import Teller
from edge.gate.desk import GateDesk
from edge.limits import (
    API_ANSWER_MS_MAX,
    API_BODY_MS_MAX,
    API_DRAIN_MS,
    API_SILENT_MS_MAX,
    API_START_MS_MAX,
)
from edge.terminal import Terminal
from edge.uplink import Uplink
from sync.telling import Answer

if TYPE_CHECKING:
    from aiohttp import web

_JOIN_S: Final = 4 * API_DRAIN_MS / 1000

__all__ = ["ApiTrouble", "Patience", "ScanApi"]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the scan API waits, in milliseconds: for a silent client, a body, the lane."""

    silent_ms_max: int = API_SILENT_MS_MAX
    body_ms_max: int = API_BODY_MS_MAX
    answer_ms_max: int = API_ANSWER_MS_MAX


class ScanApi:
    """Lets others scan at one gate; `start` and `stop` once each, from any thread but the lane."""

    def __init__(
        self,
        terminal: Terminal,
        uplink: Uplink,
        desk: GateDesk,
        address: str,
        listener: Callable[[Answer], object] | None = None,
        *,
        allow_lan: bool = False,
        patience: Patience | None = None,
    ) -> None:
        """Ask this desk, on an address like ``127.0.0.1:8471``; port 0 lets the system choose.

        `listener` hears each new verdict that was asked for here, after its commit, in a thread of
        its own: confirmations, one-step scans, and what a first step refuses or asks. Raises
        `ApiTrouble` if the address is none, or is not this machine's own without `allow_lan`.
        """
        self._address = read_address(address, allow_lan=allow_lan)
        self._terminal = terminal
        self._uplink = uplink
        self._desk = desk
        self._patience = patience or Patience()
        self._teller = Teller(listener)
        self._count: Callable[[Answer], object] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._started = threading.Event()
        self._ending = asyncio.Event()
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Return where it answers, without a slash at the end; its true port once it has begun."""
        return self._address.url

    def start(self) -> None:
        """Listen, and answer from now on; `ApiTrouble` says what is in the way."""
        keys = self._keys()
        door, self._address = listen(self._address)
        app = self._app(keys)
        self._teller.start()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(app, door)), name="scan-api", daemon=True
        )
        self._thread.start()
        if not self._started.wait(API_START_MS_MAX / 1000):
            message = "the scan API did not begin: start the gate again, and see its log"
            raise ApiTrouble(message)

    def stop(self) -> None:
        """Take nothing new, finish what was begun as far as that is quick, and end."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None:
            return
        with suppress(RuntimeError):  # the loop has ended by itself
            loop.call_soon_threadsafe(self._ending.set)
        thread.join(_JOIN_S)
        if self._count in self._desk.listeners:
            self._desk.listeners.remove(self._count)
        self._teller.stop()

    def _keys(self) -> KeyRing:
        folder = self._terminal.folder
        try:
            keys = KeyRing(folder)
        except BadKeys as trouble:
            raise ApiTrouble(str(trouble)) from trouble
        except OSError as trouble:
            message = f"{trouble.filename} cannot be read: {trouble.strerror}"
            raise ApiTrouble(message) from trouble
        if not len(keys):
            message = (
                "nobody has a key for the scan API of this gate; make one with"
                f' ./guichet gate-key {folder} --name "Kiosk 1"'
            )
            raise ApiTrouble(message)
        return keys

    def _app(self, keys: KeyRing) -> "web.Application":
        from edge.gate.api.app import make_app
        from edge.gate.api.brain import Brain
        from edge.gate.api.guard import Guard
        from edge.gate.api.metrics import Metrics

        patience = self._patience
        brain = Brain(
            self._terminal, self._uplink, self._desk, self._teller, patience.answer_ms_max
        )
        metrics = Metrics()
        self._count = metrics.count
        self._desk.listeners.append(metrics.count)
        guard = Guard(self._address, keys, self._terminal.timekeeper)
        return make_app(brain, guard, metrics, patience.silent_ms_max, patience.body_ms_max)

    async def _serve(self, app: "web.Application", door: socket.socket) -> None:
        from edge.gate.api.app import serve

        self._loop = asyncio.get_running_loop()
        await serve(app, door, self._ending, self._started.set)
