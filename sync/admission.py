"""Admission: what a gate says about a code, as a pure question and answer.

Guards run in the order in which a steward would explain them; the first that fails names the
reason. Nothing is changed here: a verdict brings the fact that its caller must commit before it
shows anything. An exit is never refused for time or rules, because people must get out.

What depends on a clock is judged for the earliest and for the latest moment that it can truly be.
If the two disagree the clock is in doubt and a human is asked; the default answer is to admit, and
the fact says that it was provisional.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sync import catalogue, lending
from sync.admission_guards import (
    Guard,
    Place,
    festival_day,
    guards_of,
    may_reenter,
    open_entries,
    right_type,
)
from sync.cells import Cells
from sync.clock import Moment
from sync.codes import CodeFlag, CodeRefusal, Ticket
from sync.facts import Admitted, Body, Left, Moved, NotEntered, Provisional, Refused
from sync.history import Standing, standing
from sync.names import FactId
from sync.quarantine import is_quarantined
from sync.sentences import sentence_of

__all__ = [
    "Admit",
    "Ask",
    "Direction",
    "Question",
    "Refuse",
    "Verdict",
    "expired",
    "festival_day",
    "judge",
    "not_entered",
    "unsure",
]

STALE_MS: Final = 60_000
DIGEST_BYTES: Final = 8


class Direction(StrEnum):
    """Which way a guest goes; the gate or its agent says it."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that a verdict depends on beside the facts.

    `ticket` is what the code opened to, `text_digest` the first 8 bytes of SHA-256 of its text.
    `alone_ms` is for how long no partner was heard. `guests` answers how many of a group come in;
    `is_confirmed` says that a human has answered yes to what was asked. `supervisor` overrides
    statuses, times, places and histories, but neither the code's proof nor a zone's capacity;
    `override` says why (`OverrideReason`). `is_typed` says that somebody typed the number and no
    code was read. A rehearsal lets test tickets in and no others. `is_online`: the office judges
    for an online gate, whose id `terminal` is; it takes places from what nobody was lent, and
    only while it `may_lend`.
    """

    ticket: Ticket | CodeRefusal
    text_digest: bytes
    terminal: bytes
    direction: Direction
    moment: Moment
    utc_offset_minutes: int
    alone_ms: int
    guests: int | None = None
    is_confirmed: bool = False
    session: bytes | None = None
    supervisor: int | None = None
    override: int | None = None
    is_rehearsal: bool = False
    is_typed: bool = False
    is_online: bool = False
    may_lend: bool = False

    @property
    def gate(self) -> bytes | None:
        """What a fact must name because its writer is not the gate; None if it is."""
        return self.terminal if self.is_online else None


@dataclass(frozen=True, slots=True)
class Admit:
    """Let them through; `fact` must be committed first."""

    fact: Body
    reason: str = ""
    details: tuple[str, ...] = ()

    def sentence(self, language: str) -> str:
        """Return what a steward can read out, in ``en`` or ``fr``."""
        return sentence_of("admit", self.reason, language, self.details)


@dataclass(frozen=True, slots=True)
class Ask:
    """A human must answer; `if_yes` is the fact to commit then, None if nothing can be recorded.

    `guests_max` is how many of a group may come in at most, 0 if that is not the question.
    """

    reason: str
    if_yes: Body | None
    guests_max: int = 0
    details: tuple[str, ...] = ()
    fact: None = None

    def sentence(self, language: str) -> str:
        """Return the question, in ``en`` or ``fr``."""
        return sentence_of("ask", self.reason, language, self.details)


@dataclass(frozen=True, slots=True)
class Refuse:
    """Do not let them in; `fact` must be committed too, if there is one."""

    reason: str
    fact: Body | None
    details: tuple[str, ...] = ()

    def sentence(self, language: str) -> str:
        """Return why, in ``en`` or ``fr``."""
        return sentence_of("refuse", self.reason, language, self.details)


Verdict = Admit | Ask | Refuse


def judge(cells: Cells, question: Question) -> Verdict:
    """Return what the gate says; the same question over the same facts has the same answer."""
    ticket = question.ticket
    is_in = question.direction is Direction.IN
    if is_in and catalogue.is_revoked(cells, question.terminal):
        return Refuse("gate_revoked", None)
    if isinstance(ticket, CodeRefusal):
        return _refuse(cells, question, ticket.value)
    place = Place.of(cells, question.terminal)
    known = standing(cells, ticket.serial)
    if question.direction is Direction.OUT:
        return _let_out(cells, question, ticket, place, known)
    guard = Guard(cells, ticket, place, known, question.utc_offset_minutes, question.is_rehearsal)
    if question.is_typed and question.supervisor is None and not _is_heard_of(cells, known, ticket):
        return _refuse(cells, question, "unknown_serial")
    if question.supervisor is None:
        failed, doubt = guards_of(guard, question.moment)
    else:
        failed, doubt = right_type(guard), False
    if failed is not None:
        return _refuse(cells, question, failed.reason, *failed.details)
    return _let_in(cells, question, ticket, place, known, doubt=doubt)


def unsure(_: Question) -> Ask:
    """Return the answer of a box that lost its store: it knows nothing and records nothing."""
    return Ask("store", None)


def expired(cells: Cells, question: Question) -> Refuse:
    """Return the answer to a confirmation that came too late or was never asked for."""
    return _refuse(cells, question, "session_expired")


def not_entered(cells: Cells, serial: int, target: FactId, guests: int) -> NotEntered:
    """Return the fact that so many guests did not pass the turnstile opened for `target`."""
    return NotEntered(serial, target, guests, standing(cells, serial).heads)


def _is_heard_of(cells: Cells, known: Standing, ticket: Ticket) -> bool:
    return bool(known.heads) or catalogue.status(cells, ticket.serial) is not None


def _refuse(cells: Cells, question: Question, reason: str, *details: str) -> Refuse:
    ticket = question.ticket if isinstance(question.ticket, Ticket) else None
    fact = Refused(
        serial=None if ticket is None else ticket.serial,
        code_digest=question.text_digest[:DIGEST_BYTES],
        reason=reason,
        zone=Place.of(cells, question.terminal).zone,
        type=None if ticket is None else ticket.type,
        gate=question.gate,
    )
    return Refuse(reason, fact, details)


def _let_out(
    cells: Cells, question: Question, ticket: Ticket, place: Place, known: Standing
) -> Admit:
    """Record an exit: of the entry into this zone if one is open, else of an unknown one."""
    here = [entry for entry, _ in known.inside if entry.zone == place.zone]
    newest = max(here, key=lambda entry: entry.order, default=None)
    fact = Left(
        serial=ticket.serial,
        zone=place.zone,
        day=_day(cells, question),
        after=known.heads,
        admission=None if newest is None else newest.fact,
        gate=question.gate,
    )
    return Admit(fact, "out" if newest is not None else "out_unknown")


def _let_in(
    cells: Cells, question: Question, ticket: Ticket, place: Place, known: Standing, *, doubt: bool
) -> Verdict:
    """All guards have passed: what is left is the capacity, the connection, and what to ask."""
    entries = open_entries(cells, known, question.moment, question.utc_offset_minutes)
    elsewhere = [entry for entry, _ in entries if entry.zone != place.zone]
    is_single = _group_max(cells, ticket) <= 1
    is_move = bool(elsewhere) and is_single and question.supervisor is None
    room = lending.room(
        cells,
        place.zone,
        question.terminal,
        is_online=question.is_online,
        may_lend=question.may_lend,
    )
    guests = question.guests or 1
    left_of_group = _left_of_group(cells, ticket, known, sum(count for _, count in entries))
    if room is not None and room < guests:
        return _refuse(cells, question, "capacity_full")
    stale_s = catalogue.policy(cells).stale_after_seconds
    is_stale = stale_s >= 0 and question.alone_ms > 1000 * stale_s
    if is_stale and question.supervisor is None:
        return _refuse(cells, question, "stale_data")
    guests_max = left_of_group if room is None else min(left_of_group, room)
    fact: Body
    if is_move:
        day = _day(cells, question)
        zone_from = elsewhere[-1].zone
        fact = Moved(ticket.serial, zone_from, place.zone, day, known.heads, question.gate)
    else:
        again = bool(known.inside) and is_single
        flags = _flags(question, doubt=doubt, again=again)
        fact = _admitted(cells, question, ticket, place, known, min(guests, guests_max), flags)
    if not is_single and question.guests is None:
        return Ask("group", fact, guests_max, (str(guests_max),))
    if not is_single and guests > guests_max:
        return Ask("group", None, guests_max, (str(guests_max),))
    if not question.is_confirmed and question.supervisor is None:
        reason, details = _to_ask(cells, question, ticket, known, doubt=doubt)
        if reason:
            return Ask(reason, fact, details=details)
    return Admit(fact, "provisional" if question.alone_ms > STALE_MS else "")


def _to_ask(
    cells: Cells, question: Question, ticket: Ticket, known: Standing, *, doubt: bool
) -> tuple[str, tuple[str, ...]]:
    """Return the one question that a human must answer, and what its sentence needs; "" if none."""
    rules = catalogue.ticket_type(cells, ticket.type)
    note = (rules.note if rules is not None else None) or ""
    age = (rules.age if rules is not None else None) or 0
    is_checked = bool(ticket.flags & CodeFlag.ADULT_CHECKED) or bool(known.uses)
    if question.is_typed:
        return "typed", ()
    if ticket.flags & CodeFlag.ATTENTION:
        both = age and not is_checked
        return ("attention_age", (str(age), note)) if both else ("attention", (note,))
    if age and not is_checked:
        return "age", (str(age),)
    if doubt:
        return "clock", ()
    is_copied = not question.is_rehearsal and is_quarantined(cells, question.terminal)
    return ("copied", ()) if is_copied else ("", ())


def _admitted(
    cells: Cells,
    question: Question,
    ticket: Ticket,
    place: Place,
    known: Standing,
    guests: int,
    flags: int,
) -> Admitted:
    return Admitted(
        serial=ticket.serial,
        type=ticket.type,
        zone=place.zone,
        day=_day(cells, question),
        count=guests,
        after=known.heads,
        provisional=flags,
        office_version=catalogue.office_version(cells),
        session=question.session,
        supervisor=question.supervisor,
        override=question.override if question.supervisor is not None else None,
        gate=question.gate,
    )


def _flags(question: Question, *, doubt: bool, again: bool) -> int:
    flags = 0
    if doubt:
        flags |= Provisional.CLOCK_IN_DOUBT
    if question.alone_ms > STALE_MS:
        flags |= Provisional.DATA_STALE
    if again:
        flags |= Provisional.REENTERED
    if question.is_typed:
        flags |= Provisional.TYPED
    return int(flags)


def _group_max(cells: Cells, ticket: Ticket) -> int:
    rules = catalogue.ticket_type(cells, ticket.type)
    return 1 if rules is None else max(1, rules.group_max)


def _left_of_group(cells: Cells, ticket: Ticket, known: Standing, inside: int) -> int:
    """Return how many of a group may still come in: those who are not inside, or never were."""
    if not may_reenter(catalogue.ticket_type(cells, ticket.type), ticket):
        inside = sum(row.guests for row in known.admissions)
    return max(1, _group_max(cells, ticket) - inside)


def _day(cells: Cells, question: Question) -> int:
    boundary = catalogue.policy(cells).day_boundary_minutes
    return festival_day(question.moment.now_ms, question.utc_offset_minutes, boundary)
