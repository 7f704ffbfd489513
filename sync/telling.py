"""What is told of a verdict: one flat object that gates, the office and handhelds share.

It is made after the verdict was recorded and holds everything that a steward may want to see: the
sentence in both languages, the ticket's type, its first admission, what to look at.
"""

from typing import Any, Final

from sync import catalogue
from sync.admission import Admit, Ask, Question, Refuse, Verdict
from sync.admission_guards import local_time
from sync.cells import Cells
from sync.clock import ClockState
from sync.codes import CodeFlag, Ticket
from sync.facts import Admitted, Body, Left, Moved, NotEntered, Refused, Undone, WristbandGiven
from sync.history import standing
from sync.history_effects import Seen
from sync.sentences import LANGUAGES, sentence_of

Answer = dict[str, Any]
_WORD: Final = {Admit: "admit", Ask: "ask", Refuse: "refuse"}
OUTCOMES: Final[dict[type[Body], str]] = {
    Admitted: "admitted",
    Left: "left",
    Moved: "moved",
    Undone: "undone",
    NotEntered: "not_entered",
    Refused: "refused",
    WristbandGiven: "wristband",
}
"""What the logs of gates and of the office call what happened to guests."""


def word_of(verdict: Verdict) -> str:
    """Return ``admit``, ``ask`` or ``refuse``."""
    return _WORD[type(verdict)]


def tell(
    cells: Cells, question: Question, verdict: Verdict, fact: bytes | None, language: str
) -> Answer:
    """Return what is said of a verdict; `fact` is the id of what was recorded, if anything was."""
    sentences = {one: verdict.sentence(one) for one in LANGUAGES}
    told: Answer = {
        "event": "verdict",
        "verdict": word_of(verdict),
        "reason": verdict.reason,
        "sentence": sentences.get(language, sentences["en"]),
        "sentences": sentences,
        "direction": question.direction.value,
        "fact": None if fact is None else fact.hex(),
        "rehearsal": question.is_rehearsal,
        "guests": _guests(verdict),
    }
    ticket = question.ticket
    return told | (_about(cells, question, ticket) if isinstance(ticket, Ticket) else _NOBODY)


def tell_of(word: str, reason: str, language: str, **more: Any) -> Answer:
    """Return what is said where no question was judged: a session's answer, a box that cannot."""
    sentences = {one: sentence_of(word, reason, one) for one in LANGUAGES}
    said = {"verdict": word, "reason": reason, "sentence": sentences.get(language, sentences["en"])}
    common = {"sentences": sentences, "direction": "in", "fact": None, "rehearsal": False}
    common |= {"guests": None}
    return {"event": "verdict"} | said | common | _NOBODY | more


def _guests(verdict: Verdict) -> int | None:
    """Return how many guests a verdict let through, None if it was none."""
    if not isinstance(verdict, Admit):
        return None
    return verdict.fact.count if isinstance(verdict.fact, Admitted) else 1


_NOBODY: Final[Answer] = {
    "serial": None,
    "type": None,
    "type_name": None,
    "first": None,
    "group": None,
    "note": None,
    "age": None,
    "age_checked": False,
    "attention": False,
}


def _about(cells: Cells, question: Question, ticket: Ticket) -> Answer:
    """Return what is known of the ticket, as it stands after what was just recorded."""
    rules = catalogue.ticket_type(cells, ticket.type)
    known = standing(cells, ticket.serial)
    is_group = rules is not None and rules.group_max > 1
    inside = sum(count for _, count in known.inside)
    return {
        "serial": ticket.serial,
        "type": ticket.type,
        "type_name": None if rules is None else rules.name,
        "first": None if known.first is None else _first(cells, known.first, question),
        "group": [inside, rules.group_max] if rules is not None and is_group else None,
        "note": None if rules is None else rules.note,
        "age": None if rules is None else rules.age or None,
        "age_checked": bool(ticket.flags & CodeFlag.ADULT_CHECKED),
        "attention": bool(ticket.flags & CodeFlag.ATTENTION),
    }


def _first(cells: Cells, first: Seen, question: Question) -> Answer:
    place = catalogue.gate_of(cells, first.terminal)
    names = catalogue.terminal_names(cells) if place is None else {}
    name = names.get(first.terminal, first.terminal.hex()[:8]) if place is None else place.name
    is_known = first.clock != ClockState.UNKNOWN
    at = local_time(first.stamp_ms, question.utc_offset_minutes) if is_known else None
    return {"gate": name, "at": at, "at_ms": first.stamp_ms if is_known else None}


def admitted_words(body: Admitted, fact: bytes, language: str) -> Answer:
    """Return what is said of an admission found in the journal by its session."""
    what = {"serial": body.serial, "type": body.type, "fact": fact.hex(), "again": True}
    return tell_of("admit", "", language, **what)
