"""Why a code was judged as it was: what the box knows of the ticket, from its own journal."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge.store.store import Store, look_into
from edge.timekeeper import offset_minutes
from provisioning import manifest as manifests
from provisioning.manifest import Manifest
from sync import catalogue
from sync.admission import Direction, Question, judge
from sync.clock import TRUSTED_CLOCK, Moment
from sync.codes import Ticket, open_code
from sync.facts import Refused
from sync.history import facts_of
from sync.history_effects import ADMITTED, LEFT, MOVED, Seen
from sync.keys import digest

_WORDS = {ADMITTED: "admitted", LEFT: "left", MOVED: "moved"}


def explain(folder: Path, code: str, now_ms: int) -> dict[str, Any]:
    """Return what the folder's box knows of a code and what it would say at this Unix time in ms.

    The box may be running; nothing is changed. Raises `BadManifest` or `StoreTrouble`.
    """
    manifest = manifests.load(folder)
    store = look_into(folder)
    try:
        return _explain(manifest, store, code, now_ms)
    finally:
        store.connection.close()


def _explain(manifest: Manifest, store: Store, code: str, now_ms: int) -> dict[str, Any]:
    cells = store.shelf.cells
    ticket = open_code(code, catalogue.issuing_keys(cells), manifest.festival)
    question = Question(
        ticket=ticket,
        text_digest=digest(code.encode())[:8],
        terminal=manifest.terminal_id,
        direction=Direction.IN,
        moment=Moment(now_ms, TRUSTED_CLOCK),
        utc_offset_minutes=offset_minutes(manifest.time_zone, now_ms),
        alone_ms=0,
    )
    verdict = judge(cells, question)
    told: dict[str, Any] = {
        "verdict_now": type(verdict).__name__.lower(),
        "reason": verdict.reason,
        "sentence": verdict.sentence(manifest.language),
        "office_facts_known": catalogue.office_version(cells),
    }
    if not isinstance(ticket, Ticket):
        return {**told, "history": [], "refusals": _refusals(store, question.text_digest)}
    status = catalogue.status(cells, ticket.serial)
    rules = catalogue.ticket_type(cells, ticket.type)
    names = catalogue.terminal_names(cells)
    return {
        **told,
        "serial": ticket.serial,
        "type": ticket.type if rules is None else f"{ticket.type} {rules.name}",
        "status": "nothing heard" if status is None else status.word.name.lower(),
        "history": [_row(seen, names) for seen in facts_of(cells, ticket.serial)],
        "refusals": _refusals(store, question.text_digest),
    }


def _row(seen: Seen, names: dict[bytes, str]) -> dict[str, Any]:
    return {
        "what": _WORDS.get(seen.kind, "undone"),
        "gate": names.get(seen.terminal, seen.terminal.hex()),
        "at": _time(seen.stamp_ms),
        "guests": seen.guests,
        "zone": seen.zone,
        "knew_of": len(seen.after),
        "fact": seen.fact.hex(),
    }


def _refusals(store: Store, text_digest: bytes) -> list[dict[str, Any]]:
    """Return every refusal of this very code that the box holds, the newest first."""
    found = []
    for record in store.records_with(text_digest):
        body = record.body
        if isinstance(body, Refused) and body.code_digest == text_digest:
            when = _time(record.stamp.physical_ms)
            found.append({"reason": body.reason, "at": when, "fact": record.id.hex()})
    return found


def _time(time_ms: int) -> str:
    return datetime.fromtimestamp(time_ms // 1000, UTC).isoformat()
