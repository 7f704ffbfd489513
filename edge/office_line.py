"""The line to the office: one signed request, one answer that the office signed, or trouble.

It only carries bytes, with a bound on everything, and knows nothing of what they mean. This is one
of the two doorways to `requests`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import requests

from edge.limits import RETRY_AFTER_S_MAX
from edge.terminal import Terminal
from provisioning.request_signing import (
    NONCE_HEADER,
    TERMINAL_HEADER,
    check_answer,
    sign_request,
)
from sync.limits import MESSAGE_BYTES_MAX

REFUSED: Final = "the office refuses this box: it may have been revoked. Ask the organiser."
_HEADERS: Final = {"Content-Type": "application/cbor", "Accept-Encoding": "identity"}
_PIECE_BYTES: Final = 1 << 16
_GOOD: Final = 200
_UNAUTHORISED: Final = 401
_FORBIDDEN: Final = 403
_BUSY: Final = frozenset({429, 503})


class LineTrouble(Exception):
    """The office could not be reached or gave no usable answer; `wait_ms` is what it asked for."""

    def __init__(self, message: str, wait_ms: int = 0) -> None:
        """Say what went wrong, for the status line."""
        super().__init__(message)
        self.wait_ms = wait_ms


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited: for a connection, for each piece, and for the whole answer."""

    connect_s: float
    piece_s: float
    answer_ms: int


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """An answer, the headers that were sent for it, and when by the steady clock in ms."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: Mapping[str, str]
    asked_ms: int
    answered_ms: int


class OfficeLine:
    """Requests of one terminal to its office, one after the other; used by one thread."""

    def __init__(self, terminal: Terminal, patience: Patience) -> None:
        """Speak for this terminal, for as long as its patience lasts."""
        self._terminal = terminal
        self._patience = patience
        self._nonce = ""
        self._session = requests.Session()
        # A box talks to its office and to nobody else, whatever proxy the environment names.
        self._session.trust_env = False

    def post(self, path: str, body: bytes) -> LineAnswer:
        """Send a message and return the answer if the office signed it; `LineTrouble` if not."""
        answer = self._once(path, body)
        if answer.status == _UNAUTHORISED:  # the nonce was too old; this answer brought a new one
            answer = self._once(path, body)
        if answer.status != _GOOD:
            raise LineTrouble(_why(answer.status), _asked_wait_ms(answer.headers))
        if self.office_ms(answer) is None:
            message = "the answer was not signed by the office: somebody may stand in between"
            raise LineTrouble(message)
        return answer

    def office_ms(self, answer: LineAnswer) -> int | None:
        """Return the time that the office's signature over this answer covers, None without it."""
        key = self._terminal.manifest.office_key
        return check_answer(key, answer.sent, answer.body, answer.headers)

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()

    def _once(self, path: str, body: bytes) -> LineAnswer:
        manifest, clock = self._terminal.manifest, self._terminal.timekeeper
        full_path = urlsplit(manifest.office).path + path
        signed = sign_request(
            self._terminal.identity, "POST", full_path, body, manifest.office_id, self._nonce
        )
        sent = {**signed, TERMINAL_HEADER: manifest.terminal}
        asked_ms = clock.monotonic_ms()
        patience = self._patience
        try:
            with self._session.post(
                manifest.office + path,
                data=body,
                headers={**sent, **_HEADERS},
                timeout=(patience.connect_s, patience.piece_s),
                allow_redirects=False,
                stream=True,
            ) as answer:
                content = b""
                for piece in answer.iter_content(_PIECE_BYTES):
                    content += piece
                    if len(content) > MESSAGE_BYTES_MAX:
                        raise LineTrouble("the office's answer is too long")
                    if clock.monotonic_ms() - asked_ms > patience.answer_ms:
                        raise LineTrouble("the office's answer comes too slowly")
                self._nonce = answer.headers.get(NONCE_HEADER, self._nonce)
                return LineAnswer(
                    status=answer.status_code,
                    headers=answer.headers,
                    body=content,
                    sent=sent,
                    asked_ms=asked_ms,
                    answered_ms=clock.monotonic_ms(),
                )
        except requests.RequestException as trouble:
            # The same bytes under the same nonce could be answered by an answer that was kept.
            self._nonce = ""
            message = f"the office cannot be reached ({type(trouble).__name__})"
            raise LineTrouble(message) from trouble


def _why(status: int) -> str:
    if status == _FORBIDDEN:
        return REFUSED
    if status in _BUSY:
        return "the office is busy"
    return f"the office answers with status {status}"


def _asked_wait_ms(headers: Mapping[str, str]) -> int:
    """Return how long the office asks to wait, within reason."""
    text = headers.get("Retry-After", "")
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0  # noqa: PLR2004
    return 1000 * min(seconds, RETRY_AFTER_S_MAX)
