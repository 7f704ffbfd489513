"""The rules of admission in a technician's words, and what each rested on just now."""

from typing import Any, Final

from sync import allotments, catalogue, history
from sync.admission import Question
from sync.admission_guards import Place
from sync.cells import Cells
from sync.codes import Ticket
from sync.history import standing

_RULES: Final = {
    "": "no rule speaks against it",
    "provisional": "no rule speaks against it; the gate is alone, so it is marked as provisional",
    "not_a_code": "a ticket's text begins with GU1: and is base45",
    "unknown_format": "a code's array has the eight fields of a known kind",
    "unknown_key": "a code is signed with an issuing key that the office named and did not retire",
    "bad_signature": "a code's signature fits its issuing key",
    "wrong_festival": "a code is of this festival",
    "cancelled": "the status last heard: the ticket was cancelled",
    "refunded": "the status last heard: the ticket was refunded",
    "replaced": "the status last heard: another ticket stands in its place",
    "unpaid": "the status last heard: the ticket is not paid",
    "blocked": "the status last heard: the ticket is blocked",
    "too_early": "the code's valid_from, for the earliest and the latest time that it can be",
    "too_late": "the code's valid_until, for the earliest and the latest time that it can be",
    "outside_daily_window": "the ticket type's daily window, with the clock's uncertainty",
    "wrong_zone": "the ticket type's zones",
    "wrong_gate": "the types that this gate takes",
    "wrong_type": "only tickets and staff badges enter; test tickets in a rehearsal only",
    "unknown_serial": "a typed number needs a status or a passage that was heard",
    "already_inside": "an entry on this ticket is open and the type does not allow another",
    "already_used": "the type lets in once and the ticket was used",
    "no_reentry": "the type does not let in again after an exit",
    "limit_reached": "the type's usage_limit or daily_limit",
    "cooldown": "the type's cooldown_minutes since the last admission",
    "capacity_full": "the places of the zone that this gate was lent",
    "stale_data": "the policy's stale_after_seconds",
    "gate_revoked": "the office withdrew this gate",
    "session_expired": "a confirmation comes within the policy's session_seconds",
    "attention": "the code's attention flag",
    "attention_age": "the code's attention flag and the type's age",
    "age": "the type's age, until it was checked once",
    "group": "the type's group_max",
    "clock": "a time rule depends on how late it truly is, and the clock is not sure enough",
    "typed": "a typed number proves less than a code",
    "copied": "two branches of this gate's journal are known, so there are two of it",
    "store": "this box lost its store and waits for its journal",
}
_STATUS: Final = frozenset({"cancelled", "refunded", "replaced", "unpaid", "blocked"})
_HISTORY: Final = frozenset(
    {"already_inside", "already_used", "no_reentry", "limit_reached", "cooldown"}
)
_TYPE: Final = frozenset({"outside_daily_window", "wrong_zone", "attention", "age", "group"})


def rule_of(reason: str) -> str:
    """Return the rule that a reason stands for; an unknown reason speaks for itself."""
    return _RULES.get(reason, reason)


def reasons() -> frozenset[str]:
    """Return every reason that has a rule here."""
    return frozenset(_RULES)


def basis(cells: Cells, question: Question, reason: str) -> dict[str, Any]:
    """Return the facts and figures on which a verdict rested, by what they are."""
    ticket = question.ticket
    if not isinstance(ticket, Ticket):
        return {"issuing_keys": sorted(catalogue.issuing_keys(cells))}
    if reason in _STATUS:
        return _status(cells, ticket)
    if reason in _HISTORY:
        return _passages(cells, ticket) | _rules(cells, ticket)
    if reason == "capacity_full":
        return _places(cells, question)
    if reason in {"too_early", "too_late", "clock"}:
        return {
            "valid_from": ticket.valid_from,
            "valid_until": ticket.valid_until,
            "now_ms": question.moment.now_ms,
            "earliest_ms": question.moment.earliest_ms,
            "latest_ms": question.moment.latest_ms,
        } | _rules(cells, ticket)
    if reason in {"stale_data", "provisional"}:
        limit = catalogue.policy(cells).stale_after_seconds
        return {"alone_s": question.alone_ms // 1000, "stale_after_seconds": limit}
    if reason == "wrong_gate":
        return {"types_of_this_gate": list(Place.of(cells, question.terminal).types)}
    return _rules(cells, ticket) if reason in _TYPE else {}


def _status(cells: Cells, ticket: Ticket) -> dict[str, Any]:
    known = catalogue.status(cells, ticket.serial)
    if known is None:
        return {}
    return {
        "status": known.word.name.lower(),
        "version": known.version,
        "since_ms": known.stamp_ms,
        "replaced_by": known.replaced_by,
    }


def _passages(cells: Cells, ticket: Ticket) -> dict[str, Any]:
    known = standing(cells, ticket.serial)
    return {
        "open_entries": [entry.fact.hex() for entry, _ in known.inside],
        "admissions": [row.fact.hex() for row in known.admissions],
        "last_left": None if known.last_left is None else known.last_left.fact.hex(),
    }


def _places(cells: Cells, question: Question) -> dict[str, Any]:
    zone = Place.of(cells, question.terminal).zone
    known = catalogue.zone(cells, zone)
    return {
        "zone": zone,
        "capacity": None if known is None else known.capacity,
        "inside": history.inside_count(cells, zone),
        "left_of_this_gates_part": allotments.held(
            cells, allotments.zone_resource(zone), question.terminal
        ),
    }


def _rules(cells: Cells, ticket: Ticket) -> dict[str, Any]:
    rules = catalogue.ticket_type(cells, ticket.type)
    if rules is None:
        return {"type": f"{ticket.type}: no rules were heard, so it lets in once"}
    names = (
        "version allow_reentry usage_limit daily_limit cooldown_minutes exit_required zones window"
        " group_max age"
    ).split()
    return {"type_rules": {name: getattr(rules, name) for name in names}}
