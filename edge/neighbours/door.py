"""Where neighbours knock: signed messages in, signed messages out, everybody else refused.

The cheap questions come first: who says it is, is the nonce ours and fresh. Only then is the
message read, its sender's certificate found in it, and the signature checked; what it means is for
the lane.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

from aiohttp import web

from edge.connections import Connections
from edge.limits import (
    LAN_BODY_MS_MAX,
    LAN_CONNECTIONS_MAX,
    LAN_DRAIN_MS,
    LAN_HANDSHAKE_S_MAX,
    LAN_KNOWN_MAX,
    LAN_REQUESTS_MAX,
    LAN_REQUESTS_OF_ONE_MAX,
    LAN_SILENT_MS_MAX,
)
from edge.neighbours.judging import SENTENCES, Refusals, Refused, judge
from edge.neighbours.line import PORT_HEADER
from edge.neighbours.tls import server_context
from edge.neighbours.x509 import show
from edge.terminal import Terminal
from provisioning.chance import random_bytes
from provisioning.request_signing import (
    NONCE_HEADER,
    NonceMint,
    RequestRefusal,
    check_request,
    sign_answer,
    terminal_of,
)
from sync.certificates import Certificate
from sync.conversation import speaker
from sync.keys import SEED_BYTES
from sync.limits import MESSAGE_BYTES_MAX
from sync.names import TerminalId

CBOR_TYPE: Final = "application/cbor"
_SECRET_BYTES: Final = 32
_STATUS: Final = {
    Refused.NO_MESSAGE: 400,
    Refused.BAD_SIGNATURE: 401,
    Refused.TOO_LONG: 413,
    Refused.TOO_SLOW: 408,
    Refused.TOO_MANY: 503,
}
_FORBIDDEN: Final = 403

Hear = Callable[[Certificate, bytes], Awaitable[bytes | Refused]]
"""Takes a proved neighbour's message and returns the answer, or why there is none."""
Met = Callable[[Certificate, str, int], object]
"""Hears of a proved neighbour: who, from which address, listening at which port."""


class Door:
    """One box's server on the LAN; in the loop of the neighbours only."""

    def __init__(self, terminal: Terminal, hear: dict[str, Hear], met: Met) -> None:
        """Answer for this terminal: `hear` has what takes the messages of each path."""
        self._terminal = terminal
        self._hear = hear
        self._met = met
        self._mint = NonceMint(random_bytes(_SECRET_BYTES))
        self._known: dict[TerminalId, Certificate] = {}
        self._at_work: Counter[bytes] = Counter()
        self._connections = Connections(
            LAN_CONNECTIONS_MAX, LAN_SILENT_MS_MAX, _unreadable, handshake_s=LAN_HANDSHAKE_S_MAX
        )
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None
        self._sweeper: asyncio.Task[None] | None = None
        self.refusals = Refusals()
        self.requests = 0
        self.bytes_in = 0

    async def open(self, door: socket.socket) -> None:
        """Listen."""
        terminal = self._terminal
        app = web.Application(client_max_size=MESSAGE_BYTES_MAX)
        for path in self._hear:
            app.router.add_post(path, self._answer)
        shown = show(terminal.identity, terminal.manifest.chain, random_bytes(SEED_BYTES))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=LAN_DRAIN_MS / 1000)
        await runner.setup()
        server, loop = runner.server, asyncio.get_running_loop()
        if server is None:
            message = "the runner has no server"
            raise RuntimeError(message)
        self._listener = await loop.create_server(
            lambda: self._connections.new(server),
            sock=door,
            ssl=server_context(shown),
            ssl_handshake_timeout=LAN_HANDSHAKE_S_MAX,
        )
        self._sweeper = asyncio.create_task(self._connections.end_silent(server))
        self._runner = runner

    async def close(self) -> None:
        """Finish what was begun, for a bounded time, and listen no more."""
        runner = self._runner
        if runner is None or runner.server is None:
            return
        if self._sweeper is not None:
            self._sweeper.cancel()
        if self._listener is not None:
            self._listener.close()
        await self._connections.shake_hands(LAN_DRAIN_MS / 1000)
        lines = [handler.transport for handler in runner.server.connections]
        with suppress(asyncio.CancelledError):
            await runner.cleanup()
        for line in lines:  # who does not say goodbye is not waited for
            if line is not None:
                line.abort()

    async def _answer(self, request: web.Request) -> web.Response:
        self.requests += 1
        nonce = {NONCE_HEADER: self._mint.give(self._now_s())}
        terminal = terminal_of(request.headers)
        if terminal is None or not self._mint.good(
            request.headers.get(NONCE_HEADER, ""), self._now_s()
        ):
            return web.Response(status=401, text="Sign with this nonce.\n", headers=nonce)
        at_work = self._at_work
        if at_work.total() >= LAN_REQUESTS_MAX or at_work[terminal] >= LAN_REQUESTS_OF_ONE_MAX:
            return self._refuse(Refused.TOO_MANY, nonce)
        at_work[terminal] += 1
        try:
            with self._connections.busy(request.protocol):
                return await self._proved(request, TerminalId(terminal), nonce)
        finally:
            at_work[terminal] -= 1
            if not at_work[terminal]:
                del at_work[terminal]

    async def _proved(
        self, request: web.Request, terminal: TerminalId, nonce: dict[str, str]
    ) -> web.Response:
        """Check who speaks, let the message be heard, and sign what is answered."""
        content = await self._body(request)
        if isinstance(content, Refused):
            return self._refuse(content, nonce)
        certificate = self._speaker(content, terminal)
        if isinstance(certificate, Refused):
            return self._refuse(certificate, nonce)
        if not self._is_signed(request, certificate, content):
            return self._refuse(Refused.BAD_SIGNATURE, nonce)
        own = self._terminal
        why = judge(certificate, own.manifest.terminal_id, own.moment())
        if why is not None:
            return self._refuse(why, nonce)
        answer = await self._hear[request.path](certificate, content)
        if isinstance(answer, Refused):
            return self._refuse(answer, nonce)
        self._note(request, certificate)
        proof = sign_answer(own.identity, request.headers, answer, own.moment().now_ms)
        return web.Response(body=answer, content_type=CBOR_TYPE, headers={**proof, **nonce})

    def _speaker(self, content: bytes, terminal: TerminalId) -> Certificate | Refused:
        """Return whom the message's certificates prove, or who was proved here before."""
        manifest = self._terminal.manifest
        found = speaker(content, manifest.festival_public_key, manifest.festival)
        if found is None:
            found = self._known.get(terminal)
        if found is None or found.holder != terminal:
            return Refused.STRANGER
        if terminal in self._known or len(self._known) < LAN_KNOWN_MAX:
            self._known[terminal] = found
        return found

    def _is_signed(self, request: web.Request, certificate: Certificate, content: bytes) -> bool:
        why: RequestRefusal | None = check_request(
            certificate.key,
            request.method,
            request.path,
            content,
            self._terminal.manifest.terminal_id,
            request.headers,
            self._mint,
            self._now_s(),
        )
        return why is None

    async def _body(self, request: web.Request) -> bytes | Refused:
        if (request.content_length or 0) > MESSAGE_BYTES_MAX:
            return Refused.TOO_LONG
        content = bytearray()
        try:
            async with asyncio.timeout(LAN_BODY_MS_MAX / 1000):
                while not request.content.at_eof():
                    content += await request.content.read(1 << 16)
                    if len(content) > MESSAGE_BYTES_MAX:
                        return Refused.TOO_LONG
        except TimeoutError:
            return Refused.TOO_SLOW
        self.bytes_in += len(content)
        return bytes(content)

    def _note(self, request: web.Request, certificate: Certificate) -> None:
        """Let it be known who spoke and where it listens: so one that lists us is met too."""
        port = request.headers.get(PORT_HEADER, "")
        peer = request.transport.get_extra_info("peername") if request.transport else None
        if peer is not None and port.isascii() and port.isdigit() and len(port) <= 5:  # noqa: PLR2004
            self._met(certificate, str(peer[0]), int(port))

    def _refuse(self, why: Refused, nonce: dict[str, str]) -> web.Response:
        self.refusals.count(why)
        status = _STATUS.get(why, _FORBIDDEN)
        return web.Response(status=status, text=SENTENCES[why] + "\n", headers=nonce)

    def _now_s(self) -> int:
        """Return seconds of the steady clock: nonces are ours alone, whatever the time is."""
        return self._terminal.timekeeper.monotonic_ms() // 1000


def _unreadable(status: int) -> web.Response:
    return web.Response(status=status, text=SENTENCES[Refused.NO_MESSAGE] + "\n")
