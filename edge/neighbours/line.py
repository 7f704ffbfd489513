"""The line to one neighbour: signed requests over TLS, answers that it signed, or trouble.

Who answers is known from the TLS handshake before anything is sent; a request is signed for that
terminal alone. Only bytes are carried here, with a bound on everything.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import aiohttp

from edge.limits import (
    LAN_ANSWER_MS_MAX,
    LAN_CONNECT_MS_MAX,
)
from edge.neighbours.judging import Refused
from edge.neighbours.lan import Place
from edge.neighbours.tls import FestivalCheck
from edge.terminal import Terminal
from provisioning.request_signing import NONCE_HEADER, check_answer, sign_request
from sync.certificates import Certificate
from sync.limits import MESSAGE_BYTES_MAX

PORT_HEADER: Final = "Guichet-Lan-Port"
CONVERSATION_PATH: Final = "/sync/v1/conversation"
_SKIPPED: Final = frozenset({"User-Agent", "Accept", "Accept-Encoding"})
_GOOD: Final = 200
_UNAUTHORISED: Final = 401
_FORBIDDEN: Final = 403
_TIMEOUT: Final = aiohttp.ClientTimeout(
    total=LAN_ANSWER_MS_MAX / 1000, sock_connect=LAN_CONNECT_MS_MAX / 1000
)


class NeighbourTrouble(Exception):
    """A neighbour could not be reached or gave no usable answer; `why` if it was not believed."""

    def __init__(self, message: str, why: Refused | None = None) -> None:
        """Say what went wrong."""
        super().__init__(message)
        self.why = why


@dataclass(frozen=True, slots=True)
class NeighbourAnswer:
    """An answer that the neighbour signed, and when it was asked for and came (steady ms)."""

    body: bytes
    asked_ms: int
    answered_ms: int


class NeighbourLine:
    """Requests to one place, from the loop of the neighbours only."""

    def __init__(
        self, terminal: Terminal, session: aiohttp.ClientSession, place: Place, own_port: int
    ) -> None:
        """Speak for this terminal to whoever listens at a place."""
        manifest = terminal.manifest
        self.place = place
        self._terminal = terminal
        self._session = session
        self._own_port = own_port
        self._check = FestivalCheck(manifest.festival_public_key, manifest.festival)
        self._nonce = ""
        self.requests = 0
        self.sent_bytes = 0
        self.heard_bytes = 0

    async def greet(self) -> Certificate:
        """Return who is there, as the festival certified it; `NeighbourTrouble` if nobody."""
        await self._once(CONVERSATION_PATH, b"", {})
        return self._seen()

    async def ask(self, path: str, body: bytes) -> NeighbourAnswer:
        """Send a message and return the answer if the neighbour signed it; `NeighbourTrouble`."""
        if not self._nonce:
            await self.greet()
        status, headers, content, sent, times = await self._signed(path, body)
        if status == _UNAUTHORISED:  # the nonce was too old; this answer brought a new one
            status, headers, content, sent, times = await self._signed(path, body)
        if status != _GOOD:
            why = Refused.REVOKED if status == _FORBIDDEN else None
            message = f"the neighbour answers with status {status}"
            raise NeighbourTrouble(message, why)
        if check_answer(self._seen().key, sent, content, headers) is None:
            message = "the answer was not signed by the neighbour"
            raise NeighbourTrouble(message, Refused.BAD_SIGNATURE)
        return NeighbourAnswer(content, *times)

    def _seen(self) -> Certificate:
        if self._check.seen is None:
            message = "nobody of this festival listens there"
            raise NeighbourTrouble(message, Refused.STRANGER)
        return self._check.seen

    async def _signed(
        self, path: str, body: bytes
    ) -> tuple[int, Mapping[str, str], bytes, Mapping[str, str], tuple[int, int]]:
        terminal = self._terminal
        sent = sign_request(
            terminal.identity,
            "POST",
            path,
            body,
            self._seen().holder,
            self._nonce,
            terminal.manifest.terminal_id,
        )
        asked_ms = terminal.timekeeper.monotonic_ms()
        status, headers, content = await self._once(path, body, sent)
        return status, headers, content, sent, (asked_ms, terminal.timekeeper.monotonic_ms())

    async def _once(
        self, path: str, body: bytes, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        host, port = self.place
        where = f"[{host}]" if ":" in host else host
        whole = {**headers, PORT_HEADER: str(self._own_port)}
        self.requests += 1
        self.sent_bytes += len(body) + sum(len(name) + len(one) for name, one in whole.items())
        try:
            async with self._session.post(
                f"https://{where}:{port}{path}",
                data=body,
                headers=whole,
                skip_auto_headers=_SKIPPED,
                timeout=_TIMEOUT,
                allow_redirects=False,
                ssl=self._check,
            ) as answer:
                content = await _bounded(answer)
                self._nonce = answer.headers.get(NONCE_HEADER, self._nonce)
                self.heard_bytes += len(content)
                return answer.status, answer.headers, content
        except aiohttp.ServerFingerprintMismatch as trouble:
            message = "who listens there is not of this festival"
            raise NeighbourTrouble(message, Refused.STRANGER) from trouble
        except (aiohttp.ClientError, TimeoutError, OSError, asyncio.IncompleteReadError) as trouble:
            self._nonce = ""  # the same bytes under it could be answered by an answer that was kept
            message = f"the neighbour cannot be reached ({type(trouble).__name__})"
            raise NeighbourTrouble(message) from trouble


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    """Return the body, or raise before more of it is read than a message may have."""
    content = bytearray()
    async for piece in answer.content.iter_any():
        content += piece
        if len(content) > MESSAGE_BYTES_MAX:
            message = "the neighbour's answer is too long"
            raise NeighbourTrouble(message, Refused.TOO_LONG)
    return bytes(content)
