"""What a gate does with a code: open it, judge it, record it, and only then say it.

Where a human must answer first, the scan waits as a session that dies after the policy's seconds.
Its confirmation is judged again from what is known by then, so two sessions for one ticket admit
once; a repeated confirmation is answered with what was recorded.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from edge.headless import Answer, BadCommand, Command, raw_id, text, whole
from edge.limits import VERDICTS_KEPT_MAX
from edge.terminal import Terminal
from provisioning.chance import random_bytes
from sync import catalogue
from sync.admission import (
    DIGEST_BYTES,
    Ask,
    Direction,
    Question,
    Verdict,
    expired,
    judge,
    undo,
    unsure,
)
from sync.codes import Ticket, open_code
from sync.facts import Admitted
from sync.keys import PublicKey, digest
from sync.limits import GROUP_GUESTS_MAX, U64_MAX
from sync.names import FACT_ID_BYTES, ID_BYTES, FactId
from sync.sentences import sentence_of

SCANNED_CHARS_MAX: Final = 8_000
_VERDICT: Final = {"Admit": "admit", "Ask": "ask", "Refuse": "refuse"}


@dataclass(slots=True)
class _Waiting:
    """A scan that waits for a human: the question, until when, and the answer once it is given."""

    question: Question
    ends_ms: int
    answer: Answer | None = None


class GateDesk:
    """A gate's scans; in the lane only."""

    def __init__(self, terminal: Terminal) -> None:
        """Judge for this terminal."""
        self._terminal = terminal
        self._keys: tuple[int, dict[int, PublicKey]] = (-1, {})
        self._waiting: OrderedDict[bytes, _Waiting] = OrderedDict()

    def commands(self) -> dict[str, Callable[[Command], Answer]]:
        """Return what a gate can be told."""
        return {
            "scan": self._scan,
            "peek": self._peek,
            "request": self._request,
            "confirm": self._confirm,
            "undo": self._undo,
        }

    def greeting(self) -> Answer:
        """Return nothing more: what a gate said before it died is in its journal."""
        return {}

    def scan(self, code: str, direction: Direction) -> Answer:
        """Judge what a camera or scanner read, record the verdict and return it."""
        question = self._question(code, direction)
        return self._settle(question, self._judge(question))

    def _scan(self, command: Command) -> Answer:
        return self.scan(text(command, "text", SCANNED_CHARS_MAX), _direction(command))

    def _peek(self, command: Command) -> Answer:
        """Say what would happen, and record nothing."""
        question = self._question(text(command, "text", SCANNED_CHARS_MAX), _direction(command))
        return _told(self._terminal, question, self._judge(question), None)

    def _request(self, command: Command) -> Answer:
        """First of two steps: say what would happen and wait; only a refusal is recorded."""
        code = text(command, "text", SCANNED_CHARS_MAX)
        question = self._question(code, _direction(command))
        verdict = self._judge(question)
        if verdict.fact is not None and _VERDICT[type(verdict).__name__] == "admit":
            return {**_told(self._terminal, question, verdict, None), **self._wait(question)}
        return self._settle(question, verdict)

    def _confirm(self, command: Command) -> Answer:
        """Second step: judge again with the human's answer, and record."""
        session = raw_id(command, "session", ID_BYTES)
        waiting = self._waiting.get(session)
        now_ms = self._terminal.timekeeper.monotonic_ms()
        if waiting is not None and waiting.answer is not None:
            return {**waiting.answer, "again": True}
        if waiting is None:
            return self._recorded(session)
        if command.get("yes") is False:  # the human said no: nobody came in, nothing happened
            del self._waiting[session]
            return {"event": "done", "fact": None}
        question = waiting.question
        if now_ms > waiting.ends_ms:
            cells = self._terminal.store.shelf.cells
            waiting.answer = self._settle(question, expired(cells, question))
            return waiting.answer
        guests = question.guests
        if command.get("guests") is not None:
            guests = whole(command, "guests", 1, GROUP_GUESTS_MAX)
        moment = self._terminal.moment()
        alone_ms = self._terminal.alone_ms()
        question = replace(
            question,
            moment=moment,
            alone_ms=alone_ms,
            guests=guests,
            is_confirmed=True,
            session=session,
        )
        waiting.answer = self._settle(question, self._judge(question))
        return waiting.answer

    def _recorded(self, session: bytes) -> Answer:
        """Answer a session that this process does not know: from the journal, or as expired."""
        terminal = self._terminal
        language = terminal.manifest.language
        told: Answer = {"event": "verdict", "direction": Direction.IN.value}
        newest = terminal.store.newest_of(terminal.manifest.terminal_id, VERDICTS_KEPT_MAX)
        for record in newest:
            body = record.body
            if isinstance(body, Admitted) and body.session == session:
                what = {"verdict": "admit", "reason": "", "serial": body.serial, "type": body.type}
                sentence = sentence_of("admit", "", language)
                fact = record.id.hex()
                return {**told, **what, "sentence": sentence, "fact": fact, "again": True}
        reason = "session_expired"
        sentence = sentence_of("refuse", reason, language)
        what = {"verdict": "refuse", "reason": reason, "serial": None, "type": None}
        return {**told, **what, "sentence": sentence, "fact": None}

    def _undo(self, command: Command) -> Answer:
        """Take back what this gate recorded by mistake, for as long as the policy allows."""
        serial = whole(command, "serial", 0, U64_MAX)
        target = FactId(raw_id(command, "fact", FACT_ID_BYTES))
        terminal = self._terminal
        moment = terminal.moment()
        body = undo(
            terminal.store.shelf.cells, serial, target, terminal.manifest.terminal_id, moment
        )
        if body is None or terminal.is_recovering:
            message = "this cannot be taken back here: too late, undone already, or another gate's"
            raise BadCommand(message)
        return {"event": "done", "fact": terminal.record(body, moment).id.hex()}

    def _question(self, code: str, direction: Direction) -> Question:
        terminal = self._terminal
        moment = terminal.moment()
        return Question(
            ticket=open_code(code, self._issuing_keys(), terminal.manifest.festival),
            text_digest=digest(code.encode("utf-8", "surrogatepass"))[:DIGEST_BYTES],
            terminal=terminal.manifest.terminal_id,
            direction=direction,
            moment=moment,
            utc_offset_minutes=terminal.utc_offset_minutes(moment.now_ms),
            alone_ms=terminal.alone_ms(),
        )

    def _issuing_keys(self) -> dict[int, PublicKey]:
        """Return the keys whose codes are taken, read anew when the office has said something."""
        cells = self._terminal.store.shelf.cells
        version = catalogue.office_version(cells)
        if self._keys[0] != version:
            self._keys = (version, catalogue.issuing_keys(cells))
        return self._keys[1]

    def _judge(self, question: Question) -> Verdict:
        if self._terminal.is_recovering and isinstance(question.ticket, Ticket):
            return unsure(question)
        return judge(self._terminal.store.shelf.cells, question)

    def _settle(self, question: Question, verdict: Verdict) -> Answer:
        """Record what the verdict brings, then tell it."""
        fact = None
        if verdict.fact is not None and not self._terminal.is_recovering:
            fact = self._terminal.record(verdict.fact, question.moment).id.hex()
        told = _told(self._terminal, question, verdict, fact)
        if isinstance(verdict, Ask) and verdict.if_yes is not None:
            return {**told, **self._wait(question), "guests_max": verdict.guests_max}
        return told

    def _wait(self, question: Question) -> Answer:
        """Open a session for a scan that a human must confirm."""
        session = random_bytes(ID_BYTES)
        limits = catalogue.policy(self._terminal.store.shelf.cells)
        ends_ms = self._terminal.timekeeper.monotonic_ms() + 1000 * limits.session_seconds
        self._waiting[session] = _Waiting(question, ends_ms)
        if len(self._waiting) > VERDICTS_KEPT_MAX:
            self._waiting.popitem(last=False)
        return {"session": session.hex()}


def _told(terminal: Terminal, question: Question, verdict: Verdict, fact: str | None) -> Answer:
    ticket = question.ticket if isinstance(question.ticket, Ticket) else None
    told: dict[str, Any] = {
        "event": "verdict",
        "verdict": _VERDICT[type(verdict).__name__],
        "reason": verdict.reason,
        "sentence": verdict.sentence(terminal.manifest.language),
        "serial": None if ticket is None else ticket.serial,
        "type": None if ticket is None else ticket.type,
        "direction": question.direction.value,
        "fact": fact,
    }
    return told


def _direction(command: Command) -> Direction:
    try:
        return Direction(command.get("direction", "in"))
    except ValueError:
        message = "direction must be in or out"
        raise BadCommand(message) from None
