"""The line to the office: a thread that converses whenever there is something to say or to hear.

It only carries bytes. What is said and what an answer means is worked out in the lane, in one
transaction with the records that came; so a line that breaks at any byte changes nothing. While
the office cannot be reached it tries again, ever less often, with some chance in it so that a
hundred boxes do not come back in the same instant.

This is one of the two doorways to `requests`.
"""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import requests

from edge.lane import LaneStopped
from edge.limits import (
    RETRY_AFTER_S_MAX,
    UPLINK_ANSWER_MS_MAX,
    UPLINK_FULL_BYTES_MIN,
    UPLINK_GATHER_MS,
    UPLINK_QUIET_MS,
    UPLINK_RETRY_MS_MAX,
    UPLINK_RETRY_MS_MIN,
    UPLINK_TIMEOUT_S,
)
from edge.store.log import TerminalLog
from edge.terminal import Terminal
from provisioning.chance import random_bytes
from provisioning.request_signing import (
    NONCE_HEADER,
    TERMINAL_HEADER,
    check_answer,
    sign_request,
)
from sync.conversation import BadMessage, Conversation, Heard, Node, PartnerMemory
from sync.limits import MESSAGE_BYTES_MAX

PATH: Final = "/sync/v1/conversation"
OFFICE: Final = "office"
REFUSED: Final = "the office refuses this box: it may have been revoked. Ask the organiser."
_HEADERS: Final = {"Content-Type": "application/cbor", "Accept-Encoding": "identity"}
_PIECE_BYTES: Final = 1 << 16
_CONNECT_S: Final = 3
_GOOD: Final = 200
_UNAUTHORISED: Final = 401
_FORBIDDEN: Final = 403
_BUSY: Final = frozenset({429, 503})

_log = logging.getLogger(__name__)


class LineTrouble(Exception):
    """The office could not be reached or gave no usable answer; `wait_ms` is what it asked for."""

    def __init__(self, message: str, wait_ms: int = 0) -> None:
        """Say what went wrong, for the status line."""
        super().__init__(message)
        self.wait_ms = wait_ms


@dataclass(frozen=True, slots=True)
class _Answer:
    """An answer, the headers that were sent for it, and when by the steady clock in ms."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    sent: Mapping[str, str]
    asked_ms: int
    answered_ms: int


class Uplink:
    """Keeps one terminal and its office level; `start` and `stop` from any thread."""

    def __init__(self, terminal: Terminal) -> None:
        """Converse for this terminal."""
        manifest = terminal.manifest
        self._terminal = terminal
        self._log = TerminalLog(terminal.store, terminal.replica)
        self._node = Node(manifest.terminal_id, manifest.chain, terminal.role)
        self._nonce = ""
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="uplink", daemon=True)
        self._is_level = False
        self._is_read = False
        self._was_full = False
        self.trouble = "the office was not heard yet"

    def start(self) -> None:
        """Begin to converse."""
        self._thread.start()

    def stop(self) -> None:
        """End after the exchange that is under way."""
        self._stopped.set()
        self._terminal.news.set()
        if self._thread.is_alive():
            self._thread.join(2 * UPLINK_TIMEOUT_S)

    @property
    def is_level(self) -> bool:
        """Tell whether the last exchange left nothing to be read or said."""
        return self._is_level and not self.trouble

    @property
    def is_office_store_read(self) -> bool:
        """Tell whether everything was read that the office had when it was last heard."""
        return self._is_read

    @property
    def is_connected(self) -> bool:
        """Tell whether the last exchange succeeded."""
        return not self.trouble

    @property
    def is_refused(self) -> bool:
        """Tell whether the office answered that it will not hear this box."""
        return self.trouble == REFUSED

    def _run(self) -> None:
        failures = 0
        with requests.Session() as session:
            # A box talks to its office and to nobody else, whatever proxy the environment names.
            session.trust_env = False
            while not self._stopped.is_set() and not self._terminal.ended.is_set():
                self._terminal.news.clear()
                try:
                    heard = self._exchange(session)
                except LineTrouble as trouble:
                    self.trouble = str(trouble)
                    failures += 1
                    self._stopped.wait(max(trouble.wait_ms, _back_off_ms(failures)) / 1000)
                except LaneStopped as trouble:
                    self.trouble = str(trouble)
                    return
                except Exception as trouble:
                    # Our mistake, or a library's: the box goes on without a line and tries again.
                    self.trouble = f"{type(trouble).__name__}: {trouble}"
                    _log.exception("the uplink failed")
                    if self._terminal.lane.broken is not None:
                        return
                    failures += 1
                    self._stopped.wait(_back_off_ms(failures) / 1000)
                else:
                    self.trouble = ""
                    failures = 0
                    self._is_level = not heard.more
                    self._rest(heard)

    def _rest(self, heard: Heard) -> None:
        """Wait for something new, and a moment longer so that what comes together goes together.

        While whole messages are full there is a backlog, and nothing is gained by waiting.
        """
        if heard.more and self._was_full:
            return
        if heard.more or self._terminal.news.wait(UPLINK_QUIET_MS / 1000):
            self._stopped.wait(UPLINK_GATHER_MS / 1000)

    def _exchange(self, session: requests.Session) -> Heard:
        lane = self._terminal.lane
        body = lane.run(self._say)
        answer = self._post(session, body)
        self._was_full = max(len(body), len(answer.body)) >= UPLINK_FULL_BYTES_MIN
        heard = lane.run(lambda: self._hear(answer))
        if isinstance(heard, BadMessage):
            message = f"the office's answer means nothing here: {heard}"
            raise LineTrouble(message)
        return heard

    def _conversation(self) -> Conversation:
        row = self._terminal.store.partner(OFFICE)
        memory = PartnerMemory() if row is None else PartnerMemory.of(row)
        return Conversation(self._node, None, memory, self._log)

    def _say(self) -> bytes:
        return self._conversation().say()

    def _hear(self, answer: _Answer) -> Heard | BadMessage:
        """Take an answer in one transaction: records, memory, what is acknowledged, the time.

        An answer that is none is returned as trouble: raised here, it would stop the lane.
        """
        terminal = self._terminal
        conversation = self._conversation()
        try:
            message = conversation.read(answer.body)
        except BadMessage as trouble:
            return trouble
        office_ms = self._office_ms(answer)
        if office_ms is not None:
            terminal.timekeeper.hear_office(office_ms, answer.asked_ms, answer.answered_ms)
        before = conversation.memory
        is_back = False
        with terminal.store.transaction():
            heard = conversation.take(message)
            memory = conversation.memory
            if memory != before:
                terminal.store.set_partner(OFFICE, memory.row())
            terminal.acknowledge(heard.acknowledged)
            self._is_read = memory.read is not None and memory.read[0] >= message.end_number
            self._is_read = self._is_read and not memory.gaps
            is_back = terminal.is_recovering and self._is_read and not heard.more
            if is_back:
                terminal.give_back()
            if self._is_read:
                terminal.heard(terminal.moment())
        if is_back:
            terminal.open_run()
        return heard

    def _post(self, session: requests.Session, body: bytes) -> _Answer:
        """Send a message and return the answer if the office signed it; `LineTrouble` if not."""
        answer = self._once(session, body)
        if answer.status == _UNAUTHORISED:  # the nonce was too old; this answer brought a new one
            answer = self._once(session, body)
        if answer.status != _GOOD:
            raise LineTrouble(_why(answer.status), _asked_wait_ms(answer.headers))
        if self._office_ms(answer) is None:
            message = "the answer was not signed by the office: somebody may stand in between"
            raise LineTrouble(message)
        return answer

    def _office_ms(self, answer: _Answer) -> int | None:
        """Return the time that the office's signature over this answer covers, None without it."""
        key = self._terminal.manifest.office_key
        return check_answer(key, answer.sent, answer.body, answer.headers)

    def _once(self, session: requests.Session, body: bytes) -> _Answer:
        manifest, clock = self._terminal.manifest, self._terminal.timekeeper
        signed = sign_request(
            self._terminal.identity, "POST", PATH, body, manifest.office_id, self._nonce
        )
        sent = {**signed, TERMINAL_HEADER: manifest.terminal}
        asked_ms = clock.monotonic_ms()
        try:
            with session.post(
                manifest.office + PATH,
                data=body,
                headers={**sent, **_HEADERS},
                timeout=(_CONNECT_S, UPLINK_TIMEOUT_S),
                allow_redirects=False,
                stream=True,
            ) as answer:
                content = b""
                for piece in answer.iter_content(_PIECE_BYTES):
                    content += piece
                    if len(content) > MESSAGE_BYTES_MAX:
                        raise LineTrouble("the office's answer is too long")
                    if clock.monotonic_ms() - asked_ms > UPLINK_ANSWER_MS_MAX:
                        raise LineTrouble("the office's answer comes too slowly")
                self._nonce = answer.headers.get(NONCE_HEADER, self._nonce)
                return _Answer(
                    status=answer.status_code,
                    headers=answer.headers,
                    body=content,
                    sent=sent,
                    asked_ms=asked_ms,
                    answered_ms=clock.monotonic_ms(),
                )
        except requests.RequestException as trouble:
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


def _back_off_ms(failures: int) -> int:
    """Return how long to wait after so many failures: doubling, bounded, half of it by chance."""
    most = min(UPLINK_RETRY_MS_MAX, UPLINK_RETRY_MS_MIN << min(failures, 10))
    return most // 2 + most * random_bytes(1)[0] // 510
