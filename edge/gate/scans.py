"""What a gate does with a code: open it, judge it, record it, and only then say it.

Where a human must answer first, the scan waits as a session that dies after the policy's seconds.
Its confirmation is judged again from what is known by then, so two sessions for one ticket admit
once; a repeated confirmation is answered with what was recorded. A session is bound to the agent
who was signed in, to the ticket and to the direction.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

from edge.gate.ground import Ground, JournalGround
from edge.limits import VERDICTS_KEPT_MAX
from edge.staff import Staff
from edge.terminal import Terminal
from provisioning.chance import random_bytes
from sync import admission, catalogue, wristbands
from sync.admission import (
    DIGEST_BYTES,
    Ask,
    Direction,
    Question,
    Refuse,
    Verdict,
    expired,
    judge,
    unsure,
)
from sync.codes import CodeKind, CodeRefusal, Ticket, open_code
from sync.facts import Admitted, NotEntered, OverrideReason, WristbandGiven
from sync.history import facts_of
from sync.keys import PublicKey, digest
from sync.names import ID_BYTES, FactId
from sync.telling import Answer, admitted_words, tell, tell_of, word_of
from sync.undoing import undo

_REVIEWED_S: Final = 60


IMPOSSIBLE: Final = {
    "override": (
        "This scan cannot be overridden any more: scan the ticket again.",
        "Trop tard pour forcer ce scan : scannez de nouveau le billet.",
    ),
    "undo": (
        "This cannot be taken back here: too late, undone, another gate's, or its place is gone.",
        "Impossible d'annuler ici : trop tard, déjà annulé, à une autre porte, ou place reprise.",
    ),
    "no_wristband": (
        "This is not a wristband of this festival.",
        "Ce n'est pas un bracelet de ce festival.",
    ),
    "no_admission": (
        "Scan the guest's ticket first; then give the wristband.",
        "Scannez d'abord le billet ; puis donnez le bracelet.",
    ),
    "wristband_taken": (
        "This wristband was given to somebody else already.",
        "Ce bracelet a déjà été donné à quelqu'un d'autre.",
    ),
    "recovering": (
        "This gate lost its records and records nothing until the office has given them back.",
        "Cette porte a perdu ses données et n'enregistre rien avant de les avoir reçues du bureau.",
    ),
}


class NotPossible(Exception):
    """What was asked for cannot be done, and nothing changed; `reason` is one of `IMPOSSIBLE`."""

    def __init__(self, reason: str) -> None:
        """Name the reason."""
        super().__init__(reason)
        self.reason = reason

    def sentence(self, language: str) -> str:
        """Return why, in ``en`` or ``fr``."""
        english, french = IMPOSSIBLE[self.reason]
        return french if language == "fr" else english


@dataclass(slots=True)
class _Waiting:
    """A scan that waits for a human: the question, for whom, until when, what was asked."""

    question: Question
    since_ms: int
    ends_ms: int
    agent: int | None
    asked: str = ""
    answer: Answer | None = None


class Scans:
    """A gate's judgements; in the lane only."""

    def __init__(self, terminal: Terminal, staff: Staff, ground: Ground | None = None) -> None:
        """Judge for this terminal, on its journal if nothing else is given."""
        self._terminal = terminal
        self._staff = staff
        self.ground: Ground = ground or JournalGround(terminal)
        self._keys: tuple[int, dict[int, PublicKey]] = (-1, {})
        self._waiting: OrderedDict[bytes, _Waiting] = OrderedDict()

    def scan(self, code: str, direction: Direction) -> Answer:
        """Judge what a camera or scanner read, record the verdict and return it: one step."""
        question = self.question(code, direction)
        return self._settle(question, self._judge(question))

    def peek(self, code: str, direction: Direction) -> Answer:
        """Say what would happen, and record nothing."""
        question = self.question(code, direction)
        return self._told(question, self._judge(question), None)

    def request(self, code: str, direction: Direction) -> Answer:
        """First of two steps: say what would happen and wait; only a refusal is recorded."""
        question = self.question(code, direction)
        verdict = self._judge(question)
        if verdict.fact is not None and word_of(verdict) == "admit":
            return self._told(question, verdict, None) | self._wait(question)
        return self._settle(question, verdict)

    def typed(self, serial: int, direction: Direction) -> Answer:
        """Judge the number of a ticket, or of a wristband, that somebody typed."""
        given = wristbands.ticket_of(self.ground.cells, serial)
        if given is not None:  # the number of a wristband, which stands for its ticket
            serial = given[0]
        text = f"{serial} typed"
        question = self.question(text, direction, self._typed_ticket(serial))
        question = replace(question, is_typed=True)
        return self._settle(question, self._judge(question))

    def confirm(
        self, session: bytes, direction: Direction | None = None, guests: int | None = None
    ) -> Answer:
        """Second step: judge again with the human's answer, and record; exactly once."""
        waiting = self._waiting.get(session)
        if waiting is not None and waiting.answer is not None:
            return waiting.answer | {"again": True}
        if waiting is None or waiting.asked == "refuse":
            return self._recorded(session)
        question = waiting.question
        is_other = direction not in {None, question.direction}
        if self._is_over(waiting) or is_other or waiting.agent != self._staff.signed_in:
            verdict = expired(self.ground.cells, question)
            waiting.answer = self._settle(question, verdict)
            return waiting.answer
        question = self._renewed(question)
        question = replace(
            question,
            guests=question.guests if guests is None else guests,
            is_confirmed=waiting.asked != "group",
            session=session,
        )
        waiting.answer = self._settle(question, self._judge(question))
        return waiting.answer

    def dismiss(self, session: bytes) -> None:
        """Note that the human said no: nobody came in, nothing happened."""
        self._waiting.pop(session, None)

    def override(self, session: bytes, supervisor: int, reason: OverrideReason) -> Answer:
        """Let somebody in whom a scan refused or asked about; `NotPossible` if it is not here.

        The caller has checked badge and PIN. Capacity and the code's own proof stay as they are.
        """
        waiting = self._waiting.get(session)
        if waiting is None or waiting.answer is not None or self._is_forgotten(waiting):
            raise NotPossible("override")
        question = replace(
            self._renewed(waiting.question),
            supervisor=supervisor,
            override=int(reason),
            session=session,
        )
        waiting.answer = self._settle(question, self._judge(question))
        return waiting.answer

    def take_back(self, serial: int, target: FactId) -> bytes:
        """Undo what this gate recorded by mistake and return the fact's id; else `NotPossible`."""
        terminal = self._terminal
        moment = terminal.moment()
        body = undo(self.ground.cells, serial, target, terminal.manifest.terminal_id, moment)
        if body is None or self._is_silent:
            raise NotPossible("undo")
        return self.ground.record(body, moment).id

    def did_not_pass(self, serial: int, target: FactId, guests: int) -> NotEntered:
        """Record that so many guests did not go through the turnstile opened for `target`."""
        fact = admission.not_entered(self.ground.cells, serial, target, guests)
        self.ground.record(fact, self._terminal.moment())
        return fact

    def give_wristband(self, fact: FactId, code: str) -> Answer:
        """Let a wristband stand for the ticket that `fact` admitted; `NotPossible` says why not."""
        if self._is_silent:
            raise NotPossible("recovering")
        record = self.ground.find(fact)
        band = self.opened(code)
        if not isinstance(band, Ticket) or band.kind is not CodeKind.WRISTBAND:
            raise NotPossible("no_wristband")
        if record is None or not isinstance(record.body, Admitted):
            raise NotPossible("no_admission")
        given = wristbands.ticket_of(self.ground.cells, band.serial)
        if given is not None and given[0] != record.body.serial:
            raise NotPossible("wristband_taken")
        body = WristbandGiven(record.body.serial, record.body.type, band.serial)
        if given is None:
            self.ground.record(body, self._terminal.moment())
        return {"event": "done", "serial": body.serial, "wristband": body.wristband}

    def opened(self, code: str) -> Ticket | CodeRefusal:
        """Return what a text opens to with the festival's keys."""
        return open_code(code, self._issuing_keys(), self._terminal.manifest.festival)

    def question(
        self, code: str, direction: Direction, ticket: Ticket | CodeRefusal | None = None
    ) -> Question:
        """Return the question that a text asks now; a wristband asks for its ticket."""
        terminal, cells = self._terminal, self.ground.cells
        moment = terminal.moment()
        shown = self.opened(code) if ticket is None else ticket
        if isinstance(shown, Ticket):
            shown = wristbands.stands_for(cells, shown)
        return Question(
            ticket=shown,
            text_digest=digest(code.encode("utf-8", "surrogatepass"))[:DIGEST_BYTES],
            terminal=terminal.manifest.terminal_id,
            direction=direction,
            moment=moment,
            utc_offset_minutes=terminal.utc_offset_minutes(moment.now_ms),
            alone_ms=terminal.alone_ms(),
            is_rehearsal=self.ground.is_rehearsal,
        )

    @property
    def _is_silent(self) -> bool:
        """A box that lost its store records nothing real."""
        return self._terminal.is_recovering and not self.ground.is_rehearsal

    def _renewed(self, question: Question) -> Question:
        """Return the same question, asked now."""
        terminal = self._terminal
        return replace(question, moment=terminal.moment(), alone_ms=terminal.alone_ms())

    def _typed_ticket(self, serial: int) -> Ticket:
        """Return what is known of a ticket by its number; its type is 0 if none was heard."""
        number = 0
        for row in facts_of(self.ground.cells, serial):
            record = self.ground.find(FactId(row.fact))
            if record is not None and isinstance(record.body, Admitted):
                number = record.body.type
        festival = self._terminal.manifest.festival
        return Ticket(CodeKind.TICKET, 0, festival, serial, number, 0, 0, 0)

    def _is_over(self, waiting: _Waiting) -> bool:
        return self._terminal.timekeeper.monotonic_ms() > waiting.ends_ms

    def _is_forgotten(self, waiting: _Waiting) -> bool:
        """Tell whether a supervisor has taken too long: a badge and a PIN need their time."""
        return self._terminal.timekeeper.monotonic_ms() > waiting.since_ms + 1000 * _REVIEWED_S

    def _recorded(self, session: bytes) -> Answer:
        """Answer a session that this process does not know: from the journal, or as expired."""
        language = self._terminal.manifest.language
        for record in self.ground.newest(VERDICTS_KEPT_MAX):
            body = record.body
            if isinstance(body, Admitted) and body.session == session:
                return admitted_words(body, record.id, language)
        return tell_of("refuse", "session_expired", language)

    def _issuing_keys(self) -> dict[int, PublicKey]:
        """Return the keys whose codes are taken, read anew when the office has said something."""
        cells = self._terminal.store.shelf.cells
        version = catalogue.office_version(cells)
        if self._keys[0] != version:
            self._keys = (version, catalogue.issuing_keys(cells))
        return self._keys[1]

    def _judge(self, question: Question) -> Verdict:
        ticket = question.ticket
        is_possible = isinstance(ticket, Ticket) or ticket is CodeRefusal.UNKNOWN_KEY
        if self._is_silent and is_possible:  # the issuing keys were lost with the store
            return unsure(question)
        return judge(self.ground.cells, question)

    def _settle(self, question: Question, verdict: Verdict) -> Answer:
        """Record what the verdict brings, then tell it; whoever may still be let in waits."""
        fact = None
        if verdict.fact is not None and not self._is_silent:
            fact = self.ground.record(verdict.fact, question.moment).id
        told = self._told(question, verdict, fact)
        if isinstance(verdict, Ask) and (verdict.if_yes is not None or verdict.guests_max):
            return told | self._wait(question, verdict.reason) | {"guests_max": verdict.guests_max}
        if isinstance(verdict, Refuse) and isinstance(question.ticket, Ticket):
            return told | self._wait(question, "refuse")
        return told

    def _told(self, question: Question, verdict: Verdict, fact: bytes | None) -> Answer:
        language = self._terminal.manifest.language
        return tell(self.ground.cells, question, verdict, fact, language)

    def _wait(self, question: Question, asked: str = "") -> Answer:
        """Open a session for a scan that a human must confirm, or a supervisor may override."""
        session = random_bytes(ID_BYTES)
        limits = catalogue.policy(self.ground.cells)
        seconds = _REVIEWED_S if asked == "refuse" else limits.session_seconds
        now_ms = self._terminal.timekeeper.monotonic_ms()
        ends_ms = now_ms + 1000 * seconds
        agent = self._staff.signed_in
        self._waiting[session] = _Waiting(question, now_ms, ends_ms, agent, asked)
        if len(self._waiting) > VERDICTS_KEPT_MAX:
            self._waiting.popitem(last=False)
        return {"session": session.hex(), "session_ms": 1000 * seconds}
