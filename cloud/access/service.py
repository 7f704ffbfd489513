"""Online scans: what a connected phone or terminal is told of a code, judged and recorded here.

The same kernel as a gate's, over all that the office knows, with the office's clock and never
stale. A scan is one step or two. In two steps the first opens a session that dies after the
policy's seconds; the second is judged again from what is known by then, so two sessions for one
ticket admit once, and a repeat is given the bytes that were kept. A session is bound to who asked,
the gate, the ticket and the direction.

Places. An online gate is lent nothing. Whom it lets in takes from what nobody was lent, inside the
office's transaction, and is counted there at once; so used + lent never exceeds a zone's capacity.
While the office may not lend (a hub is the authority, or the office waits for its terminals) it
lets nobody into a zone that has a capacity.

Everything here is a job: it runs inside a transaction and may run twice.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from cloud.access.opening import SeenKeys, Shown, opened_now, text_digest
from cloud.api.problems import Problem
from cloud.office import Office
from cloud.orders.counter import cannot_lend
from cloud.store.scans import NOTE, Asked, ScanBook, Session, is_answered
from provisioning.local_time import offset_minutes
from sync import catalogue, wristbands
from sync.admission import Admit, Ask, Direction, Question, Verdict, expired, judge
from sync.body import Body
from sync.clock import TRUSTED_CLOCK, Moment
from sync.codes import CodeKind, CodeRefusal, Ticket
from sync.facts import Admitted, GateSet
from sync.history import facts_of
from sync.history_effects import ADMITTED
from sync.names import FactId
from sync.online_gates import online_gate_id
from sync.telling import Answer, tell, tell_of
from sync.undoing import undo

_S: Final = 1_000


@dataclass(frozen=True, slots=True)
class Known:
    """Where the office looks up tickets of which a code says nothing: seams for the book of them.

    `by_text`: a code of another system. `by_serial`: a number that somebody typed.
    """

    by_text: Callable[[Office, str], Ticket | None] = lambda _office, _text: None
    by_serial: Callable[[Office, int], Ticket | None] = lambda _office, _serial: None


@dataclass(frozen=True, slots=True)
class Scan:
    """A first step: who scans where and which way, what was shown or (`serial`) typed.

    The gate is an online gate's number or, if there is one only, the zone into which it lets.
    `session` is drawn for whoever must wait: 16 bytes. `guests` of a group may be said at once.
    """

    principal: str
    session: bytes
    shown: Shown | None
    serial: int | None = None
    gate: int | None = None
    zone: int | None = None
    direction: Direction = Direction.IN
    guests: int | None = None
    is_one_step: bool = False
    is_peek: bool = False


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A second step; `next_session` is drawn for a question that follows. None is not said."""

    principal: str
    session: bytes
    next_session: bytes
    direction: Direction | None = None
    gate: int | None = None
    guests: int | None = None
    is_yes: bool = True


class OnlineScans:
    """The online gates of one festival inside one job."""

    def __init__(self, office: Office, principal: str, keys: SeenKeys, known: Known) -> None:
        """Judge for this principal."""
        self._office = office
        self._cells = office.cells
        self._principal = principal
        self._keys = keys
        self._known = known
        self._festival = office.folder.festival
        self._language = office.folder.settings.language
        self._book = ScanBook(office.store.connection, self._festival)

    def request(self, scan: Scan) -> bytes | Problem:
        """First of two steps, or both at once: the verdict as JSON, or why nothing was judged."""
        gate = online_gate(office=self._office, number=scan.gate, zone=scan.zone)
        if isinstance(gate, Problem):
            return gate
        question = self._question(scan, gate)
        verdict = judge(self._cells, question)
        if scan.is_peek:
            return _spelled(self._told(question, verdict, None))
        is_waited_for = not scan.is_one_step and scan.serial is None
        if isinstance(verdict, Admit) and is_waited_for:
            told = self._told(question, verdict, None)
            return _spelled(told | self._wait(question, scan.session))
        return _spelled(self._settle(question, verdict, scan.session))

    def confirm(self, asked: Confirmation) -> bytes:
        """Second step: judge again with the human's answer, and record; exactly once."""
        waiting = self._book.session(asked.session, self._principal)
        if waiting is None:
            return _spelled(tell_of("refuse", "session_expired", self._language))
        if asked.is_yes and waiting.answer == _DISMISSED:
            return _spelled(tell_of("refuse", "session_expired", self._language))
        if is_answered(waiting):
            return waiting.answer
        answer = _spelled(self._confirmed(waiting, asked))
        self._book.answer(asked.session, answer)
        return answer

    def undo(self, fact: FactId, serial: int | None) -> bytes | Problem:
        """Take back what an online gate recorded by mistake, as long as the policy allows."""
        found = self._book.made_online(fact)
        if found is None:
            return _cannot_undo()
        record, gate = found
        own = getattr(record.body, "serial", None)
        if own is None or serial not in {None, own}:
            return _cannot_undo()
        lends = self._may_lend
        moment = self._moment()
        body = undo(self._cells, own, fact, gate, moment, is_online=True, may_lend=lends)
        if body is None:
            return _cannot_undo()
        return _spelled({"event": "done", "fact": self._record(body, gate).hex()})

    # --- what is asked ---

    def _question(self, scan: Scan, gate: GateSet) -> Question:
        shown, digest = self._shown(scan)
        if isinstance(shown, Ticket):
            shown = wristbands.stands_for(self._cells, shown)
        moment = self._moment()
        return Question(
            ticket=shown,
            text_digest=digest,
            terminal=gate.terminal,
            direction=scan.direction,
            moment=moment,
            utc_offset_minutes=self._offset_minutes(moment),
            alone_ms=0,
            guests=scan.guests,
            is_typed=scan.serial is not None,
            is_online=True,
            may_lend=self._may_lend,
        )

    def _shown(self, scan: Scan) -> tuple[Ticket | CodeRefusal, bytes]:
        """Return what was shown or typed, and the digest of its text."""
        if scan.serial is not None:
            given = wristbands.ticket_of(self._cells, scan.serial)
            serial = scan.serial if given is None else given[0]
            return self._typed(serial), text_digest(f"{serial} typed")
        if scan.shown is None:
            message = "a scan shows a text, or a number that was typed"
            raise ValueError(message)
        opened = opened_now(self._cells, scan.shown, self._keys, self._festival)
        if opened is CodeRefusal.NOT_A_CODE:
            opened = self._known.by_text(self._office, scan.shown.text) or opened
        return opened, scan.shown.digest

    def _typed(self, serial: int) -> Ticket:
        """Return what is known of a ticket by its number; its type is 0 if nothing is."""
        known = self._known.by_serial(self._office, serial)
        if known is not None:
            return known
        number = 0
        for row in facts_of(self._cells, serial):
            record = self._book.find(row.fact) if row.kind == ADMITTED else None
            if record is not None and isinstance(record.body, Admitted):
                number = record.body.type
        return Ticket(CodeKind.TICKET, 0, self._festival, serial, number, 0, 0, 0)

    def _again(self, asked: Asked) -> Question:
        """Return a waiting question, asked now."""
        moment = self._moment()
        return Question(
            ticket=asked.ticket,
            text_digest=asked.text_digest,
            terminal=asked.gate,
            direction=asked.direction,
            moment=moment,
            utc_offset_minutes=self._offset_minutes(moment),
            alone_ms=0,
            guests=asked.guests,
            is_typed=asked.is_typed,
            is_online=True,
            may_lend=self._may_lend,
        )

    @property
    def _may_lend(self) -> bool:
        return cannot_lend(self._office) is None

    def _moment(self) -> Moment:
        return Moment(self._office.now_ms(), TRUSTED_CLOCK)

    def _offset_minutes(self, moment: Moment) -> int:
        return offset_minutes(self._office.folder.settings.time_zone, moment.now_ms)

    # --- what is answered ---

    def _confirmed(self, waiting: Session, asked: Confirmation) -> Answer:
        if not asked.is_yes:
            return _NOTHING_DONE
        question = self._again(waiting.asked)
        is_other_way = asked.direction not in {None, question.direction}
        gate = None if asked.gate is None else online_gate_id(self._festival, asked.gate)
        is_late = question.moment.now_ms > waiting.ends_ms
        if is_late or is_other_way or gate not in {None, question.terminal}:
            verdict: Verdict = expired(self._cells, question)
        else:
            question = replace(
                question,
                guests=question.guests if asked.guests is None else asked.guests,
                is_confirmed=waiting.reason != "group",
                session=asked.session,
            )
            verdict = judge(self._cells, question)
        return self._settle(question, verdict, asked.next_session)

    def _settle(self, question: Question, verdict: Verdict, session: bytes) -> Answer:
        """Record what the verdict brings, then tell it; whoever must be asked first waits."""
        fact = None if verdict.fact is None else self._record(verdict.fact, question.terminal)
        told = self._told(question, verdict, fact)
        if isinstance(verdict, Ask) and (verdict.if_yes is not None or verdict.guests_max):
            waiting = self._wait(question, session, verdict.reason)
            return told | waiting | {"guests_max": verdict.guests_max}
        return told

    def _record(self, body: Body, gate: bytes) -> bytes:
        (record,) = self._office.say(body)
        store = self._office.store
        arrival = store.shelf.arrival_of(record.id)
        store.later(NOTE, self._book.row_of_note(arrival, gate, self._principal))
        return record.id

    def _told(self, question: Question, verdict: Verdict, fact: bytes | None) -> Answer:
        return tell(self._cells, question, verdict, fact, self._language)

    def _wait(self, question: Question, session: bytes, reason: str = "") -> Answer:
        """Open a session for a scan that a human must confirm."""
        if not isinstance(question.ticket, Ticket):
            message = "only a ticket can be waited for"
            raise TypeError(message)
        asked = Asked(
            question.ticket,
            question.text_digest,
            question.terminal,
            question.direction,
            question.guests,
            question.is_typed,
        )
        session_ms = _S * catalogue.policy(self._cells).session_seconds
        now_ms = question.moment.now_ms
        waiting = Session(self._principal, asked, reason, now_ms + session_ms, b"")
        self._book.open_session(session, waiting, now_ms)
        return {"session": session.hex(), "session_ms": session_ms}


def online_gate(office: Office, number: int | None, zone: int | None) -> GateSet | Problem:
    """Return the online gate that is meant: by its number, or the only one (into a zone)."""
    if number is not None:
        found = catalogue.gate_of(office.cells, online_gate_id(office.folder.festival, number))
        is_meant = found is not None and zone in {None, found.zone}
        if found is None or not is_meant:
            return Problem(404, f"There is no online gate {number} there.", "no_online_gate")
        return found
    gates = catalogue.gates(office.cells, online=True)
    meant = [gate for gate in gates if zone in {None, gate.zone}]
    if not meant:
        return Problem(404, "There is no online gate: make one first.", "no_online_gate")
    if len(meant) > 1:
        return Problem(409, "There are several online gates: say which.", "gate_needed")
    return meant[0]


def _cannot_undo() -> Problem:
    title = "This cannot be taken back: too late, undone, another gate's, or its place is gone."
    return Problem(409, title, "cannot_undo")


def _spelled(answer: Answer) -> bytes:
    """Return an answer as JSON bytes, its serial as a text; what is kept is given again so."""
    serial = answer.get("serial")
    shown = answer if serial is None else answer | {"serial": str(serial)}
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":")).encode()


_NOTHING_DONE: Final[Answer] = {"event": "done", "fact": None}
_DISMISSED: Final = _spelled(_NOTHING_DONE)
