"""Why a code was judged as it was: which rule, which facts, how old, which clock.

Everything is read from the box's own store. What is said of now is judged by the same kernel that
judges a scan; what was said before is what the journal holds, with the rule that it names.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from edge.gate.rules import basis, rule_of
from edge.store.store import Store, look_into
from provisioning import manifest as manifests
from provisioning.local_time import offset_minutes
from provisioning.manifest import Manifest
from sync import catalogue, wristbands
from sync.admission import DIGEST_BYTES, Direction, Question, judge
from sync.clock import TRUSTED_CLOCK, UNKNOWN_CLOCK, Moment
from sync.codes import CodeKind, Ticket, open_code
from sync.facts import Admitted, Provisional, Refused
from sync.history import facts_of
from sync.history_effects import ADMITTED, LEFT, MOVED, NOT_ENTERED, UNDONE, Seen
from sync.journal import Record
from sync.keys import digest
from sync.limits import U64_MAX
from sync.names import FactId
from sync.sentences import LANGUAGES

_WORDS: Final = {
    ADMITTED: "admitted",
    LEFT: "left",
    MOVED: "moved",
    UNDONE: "undone",
    NOT_ENTERED: "not_entered",
}
_HEARD: Final = "last_heard_ms"


def explain(folder: Path, code: str, now_ms: int, *, is_synchronised: bool) -> dict[str, Any]:
    """Return what the folder's box knows of a code and what it would say at this Unix time in ms.

    `code` may also be a ticket's number. The box may be running; nothing is changed. Raises
    `BadManifest` or `StoreTrouble`.
    """
    manifest = manifests.load(folder)
    store = look_into(folder)
    try:
        return _explain(manifest, store, code, now_ms, is_synchronised=is_synchronised)
    finally:
        store.connection.close()


def _explain(
    manifest: Manifest, store: Store, code: str, now_ms: int, *, is_synchronised: bool
) -> dict[str, Any]:
    cells = store.shelf.cells
    question = _question(manifest, store, code, now_ms, is_synchronised=is_synchronised)
    verdict = judge(cells, question)
    told: dict[str, Any] = {
        "verdict_now": type(verdict).__name__.lower(),
        "reason": verdict.reason,
        "sentence": verdict.sentence(manifest.language),
        "sentences": {language: verdict.sentence(language) for language in LANGUAGES},
        "rule": rule_of(verdict.reason),
        "rests_on": basis(cells, question, verdict.reason),
        "judged_at": _time(now_ms),
        "clock": question.moment.quality.state.name.lower(),
        "data_age_s": question.alone_ms // 1000 if store.meta(_HEARD) is not None else None,
        "office_facts_known": catalogue.office_version(cells),
    }
    said = [_said(store, record) for record in store.records_with(question.text_digest)]
    refusals = [row for row in said if row is not None]
    ticket = question.ticket
    if not isinstance(ticket, Ticket):
        return {**told, "history": [], "refusals": refusals}
    status = catalogue.status(cells, ticket.serial)
    rules = catalogue.ticket_type(cells, ticket.type)
    names = catalogue.terminal_names(cells)
    return {
        **told,
        "serial": ticket.serial,
        "type": ticket.type if rules is None else f"{ticket.type} {rules.name}",
        "status": "nothing heard" if status is None else status.word.name.lower(),
        "history": [_row(store, seen, names) for seen in facts_of(cells, ticket.serial)],
        "refusals": refusals,
    }


def _question(
    manifest: Manifest, store: Store, code: str, now_ms: int, *, is_synchronised: bool
) -> Question:
    """Return what the gate would ask itself now, with the clock that this machine has."""
    cells = store.shelf.cells
    heard_ms = store.meta(_HEARD)
    ticket = _typed(manifest, store, code)
    shown = ticket or open_code(code, catalogue.issuing_keys(cells), manifest.festival)
    return Question(
        ticket=wristbands.stands_for(cells, shown) if isinstance(shown, Ticket) else shown,
        text_digest=digest(code.encode("utf-8", "surrogatepass"))[:DIGEST_BYTES],
        terminal=manifest.terminal_id,
        direction=Direction.IN,
        moment=Moment(now_ms, TRUSTED_CLOCK if is_synchronised else UNKNOWN_CLOCK),
        utc_offset_minutes=offset_minutes(manifest.time_zone, now_ms),
        alone_ms=0 if heard_ms is None else max(0, now_ms - heard_ms),
        is_typed=ticket is not None,
    )


def _typed(manifest: Manifest, store: Store, code: str) -> Ticket | None:
    """Return the ticket that a bare number names, as far as it is known here."""
    if not (code.isascii() and code.isdigit()) or int(code) > U64_MAX:
        return None
    number = 0
    for row in facts_of(store.shelf.cells, int(code)):
        record = store.record(FactId(row.fact))
        if record is not None and isinstance(record.body, Admitted):
            number = record.body.type
    return Ticket(CodeKind.TICKET, 0, manifest.festival, int(code), number, 0, 0, 0)


def _row(store: Store, seen: Seen, names: dict[bytes, str]) -> dict[str, Any]:
    record = store.record(FactId(seen.fact))
    row: dict[str, Any] = {
        "what": _WORDS[seen.kind],
        "gate": names.get(seen.terminal, seen.terminal.hex()),
        "at": _time(seen.stamp_ms),
        "guests": seen.guests,
        "zone": seen.zone,
        "knew_of": len(seen.after),
        "fact": seen.fact.hex(),
    }
    return row if record is None else row | _circumstances(record)


def _circumstances(record: Record) -> dict[str, Any]:
    """Return the clock of a record's box, and with which reservations it admitted."""
    told: dict[str, Any] = {
        "clock": record.clock.state.name.lower(),
        "uncertainty_ms": record.clock.uncertainty_ms,
    }
    body = record.body
    if isinstance(body, Admitted):
        flags = [one.name.lower() for one in Provisional if one and body.provisional & one]
        told |= {"provisional": flags, "office_facts_known": body.office_version}
        if body.supervisor is not None:
            told |= {"supervisor": body.supervisor, "override": body.override}
    return told


def _said(store: Store, record: Record) -> dict[str, Any] | None:
    """Return a refusal of this very code as the journal holds it, None for any other record."""
    body = record.body
    if not isinstance(body, Refused):
        return None
    names = catalogue.terminal_names(store.shelf.cells)
    return {
        "reason": body.reason,
        "rule": rule_of(body.reason),
        "gate": names.get(record.terminal, record.terminal.hex()),
        "at": _time(record.stamp.physical_ms),
        "clock": record.clock.state.name.lower(),
        "uncertainty_ms": record.clock.uncertainty_ms,
        "fact": record.id.hex(),
    }


def _time(time_ms: int) -> str:
    try:
        return datetime.fromtimestamp(time_ms // 1000, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return f"{time_ms} ms"
