"""What this gate did, for its agents: their own gate's verdicts and nobody else's, refusals too."""

from typing import Any

from edge.gate.ground import Ground
from edge.limits import LOG_FACTS_READ_MAX, LOG_ROWS_MAX
from sync import catalogue
from sync.body import Body
from sync.facts import (
    ClockConfirmed,
    PinRefused,
    Refused,
    SignedIn,
    SignedOut,
)
from sync.journal import Record
from sync.sentences import LANGUAGES, bare_sentence
from sync.telling import OUTCOMES

_WHAT = OUTCOMES | {
    SignedIn: "signed_in",
    SignedOut: "signed_out",
    PinRefused: "pin_refused",
    ClockConfirmed: "clock",
}


def log(ground: Ground, search: str = "", rows_max: int = LOG_ROWS_MAX) -> list[dict[str, Any]]:
    """Return what this gate recorded, the newest first, as far as `search` is found in it.

    `search` is looked for in the serial, the reason, the type's name and what happened.
    """
    found: list[dict[str, Any]] = []
    wanted = search.strip().casefold()
    for record in ground.newest(LOG_FACTS_READ_MAX if wanted else 2 * rows_max):
        row = _row(ground, record)
        if row is not None and wanted in _haystack(row):
            found.append(row)
        if len(found) >= rows_max:
            break
    return found


def _haystack(row: dict[str, Any]) -> str:
    parts = (row["serial"], row["reason"], row["type_name"], row["what"], row["wristband"])
    return " ".join(str(part) for part in parts if part is not None).casefold()


def _row(ground: Ground, record: Record) -> dict[str, Any] | None:
    body = record.body
    if body is None or type(body) not in _WHAT:
        return None
    number = getattr(body, "type", None)
    rules = None if number is None else catalogue.ticket_type(ground.cells, number)
    reason = body.reason if isinstance(body, Refused) else ""
    return {
        "what": _WHAT[type(body)],
        "at_ms": record.stamp.physical_ms,
        "clock": record.clock.state.name.lower(),
        "serial": getattr(body, "serial", None),
        "type_name": None if rules is None else rules.name,
        "reason": reason,
        "sentences": {one: bare_sentence(reason, one) for one in LANGUAGES},
        "guests": getattr(body, "count", None) or getattr(body, "guests", None),
        "supervisor": _supervisor(ground, body),
        "wristband": getattr(body, "wristband", None),
        "fact": record.id.hex(),
    }


def _supervisor(ground: Ground, body: Body) -> str | None:
    """Return the call sign of who overrode, confirmed or signed in, or their badge."""
    badge = getattr(body, "supervisor", None) or getattr(body, "badge", None)
    if badge is None:
        return None
    one = catalogue.staff(ground.cells, badge)
    return str(badge) if one is None else one.label
