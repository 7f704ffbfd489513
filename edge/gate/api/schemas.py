"""The shapes of what the scan API takes and gives, as JSON Schema 2020-12.

Requests may hold nothing else; answers may grow. A test checks every answer against these.
"""

from typing import Any, Final

from edge.limits import LOG_ROWS_MAX, SCANNED_CHARS_MAX
from sync.limits import GROUP_GUESTS_MAX, TEXT_CHARS_MAX, U64_MAX
from sync.names import FACT_ID_BYTES, ID_BYTES

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_MAYBE_TEXT: Final[Schema] = {"type": ["string", "null"]}
_YES_NO: Final[Schema] = {"type": "boolean"}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_MAYBE_COUNT: Final[Schema] = {"type": ["integer", "null"], "minimum": 0}
_TIME_MS: Final[Schema] = {"type": "integer", "description": "Unix time in milliseconds."}
_MAYBE_TIME_MS: Final[Schema] = _TIME_MS | {"type": ["integer", "null"]}
_SPAN_MS: Final[Schema] = {"type": "integer", "minimum": 0, "description": "Milliseconds."}
_SERIAL: Final[Schema] = {"type": "integer", "minimum": 0, "maximum": U64_MAX}
_MAYBE_SERIAL: Final[Schema] = _SERIAL | {"type": ["integer", "null"]}
_DIRECTION: Final[Schema] = {"type": "string", "enum": ["in", "out"]}
_WAY_IN: Final[Schema] = _DIRECTION | {"default": "in"}
SENTENCES: Final[Schema] = {
    "type": "object",
    "required": ["en", "fr"],
    "properties": {"en": _TEXT, "fr": _TEXT},
}


def _hex(count: int) -> Schema:
    return {"type": "string", "pattern": f"^[0-9a-f]{{{2 * count}}}$"}


_SESSION: Final[Schema] = _hex(ID_BYTES)
_FACT: Final[Schema] = _hex(FACT_ID_BYTES)
_MAYBE_FACT: Final[Schema] = _FACT | {
    "type": ["string", "null"],
    "description": "The id of what was recorded; null: nothing was.",
}


def _whole(required: str, properties: dict[str, Schema], words: str = "") -> Schema:
    """Return an answer's shape: it has at least these members."""
    schema: Schema = {"type": "object", "required": required.split(), "properties": properties}
    return schema | ({"description": words} if words else {})


def _closed(required: str, properties: dict[str, Schema]) -> Schema:
    """Return a request's shape: it has no other members."""
    return _whole(required, properties) | {"additionalProperties": False}


_REQUESTS: Final[dict[str, Schema]] = {
    "ScanRequest": _closed(
        "",
        {
            "text": {
                "type": "string",
                "maxLength": SCANNED_CHARS_MAX,
                "description": "What a reader read.",
            },
            "serial": _SERIAL | {"description": "A ticket's number that somebody typed."},
            "direction": _WAY_IN,
            "one_step": _YES_NO
            | {
                "default": False,
                "description": "Record at once what needs no answer. Not safe to repeat.",
            },
        },
    )
    | {"oneOf": [{"required": ["text"]}, {"required": ["serial"]}]},
    "ScanConfirm": _closed(
        "session",
        {
            "session": _hex(ID_BYTES) | {"pattern": f"^[0-9A-Fa-f]{{{2 * ID_BYTES}}}$"},
            "direction": _DIRECTION | {"description": "If given, that of the request."},
            "guests": {"type": ["integer", "null"], "minimum": 1, "maximum": GROUP_GUESTS_MAX},
            "yes": _YES_NO
            | {"default": True, "description": "false: nobody came in, leave no trace."},
        },
    ),
    "ScanUndo": _closed(
        "serial fact",
        {"serial": _SERIAL, "fact": _FACT | {"pattern": f"^[0-9A-Fa-f]{{{2 * FACT_ID_BYTES}}}$"}},
    ),
}

_VERDICT: Final = _whole(
    "event verdict reason sentence sentences direction fact rehearsal serial type type_name first"
    " group note age age_checked attention",
    {
        "event": {"const": "verdict"},
        "verdict": {"type": "string", "enum": ["admit", "ask", "refuse"]},
        "reason": _TEXT | {"description": "Which rule was broken or asks; empty if none."},
        "sentence": _TEXT | {"description": "To be read out, in the terminal's language."},
        "sentences": SENTENCES,
        "direction": _DIRECTION,
        "fact": _MAYBE_FACT,
        "rehearsal": _YES_NO | {"description": "Nothing of this is real."},
        "guests": _MAYBE_COUNT,
        "serial": _MAYBE_SERIAL,
        "type": _MAYBE_COUNT,
        "type_name": _MAYBE_TEXT,
        "first": {
            "description": "Where and when the ticket was first admitted.",
            "oneOf": [
                {"type": "null"},
                _whole(
                    "gate at at_ms", {"gate": _TEXT, "at": _MAYBE_TEXT, "at_ms": _MAYBE_TIME_MS}
                ),
            ],
        },
        "group": {
            "description": "How many are inside, and of how many.",
            "type": ["array", "null"],
            "items": _COUNT,
            "minItems": 2,
            "maxItems": 2,
        },
        "note": _MAYBE_TEXT,
        "age": _MAYBE_COUNT,
        "age_checked": _YES_NO,
        "attention": _YES_NO,
        "session": _SESSION | {"description": "Confirm with it, before session_ms have passed."},
        "session_ms": _SPAN_MS,
        "guests_max": _COUNT,
        "again": _YES_NO | {"description": "This was answered before; nothing new was recorded."},
    },
    "A verdict. `admit` with a fact: let the guest through. `admit` without one: confirm first.",
)

_LOG: Final = _whole(
    "event rows",
    {
        "event": {"const": "log"},
        "rows": {
            "type": "array",
            "maxItems": LOG_ROWS_MAX,
            "items": _whole(
                "what at_ms clock serial type_name reason sentences guests supervisor wristband"
                " fact",
                {
                    "what": _TEXT,
                    "at_ms": _TIME_MS,
                    "clock": _TEXT,
                    "serial": _MAYBE_SERIAL,
                    "type_name": _MAYBE_TEXT,
                    "reason": _TEXT,
                    "sentences": SENTENCES,
                    "guests": _MAYBE_COUNT,
                    "supervisor": _MAYBE_TEXT,
                    "wristband": _MAYBE_SERIAL,
                    "fact": _FACT,
                },
            ),
        },
    },
)

_COUNTERS: Final = _whole(
    "event zone inside capacity admitted_here left_here refused_here last_minute two_step rehearsal"
    " staff staff_needed",
    {
        "event": {"const": "counters"},
        "zone": _MAYBE_TEXT,
        "inside": {"type": "integer"},
        "capacity": _MAYBE_COUNT,
        "admitted_here": _COUNT,
        "left_here": _COUNT,
        "refused_here": _COUNT,
        "last_minute": _COUNT,
        "two_step": _YES_NO,
        "rehearsal": _YES_NO,
        "staff": _TEXT | {"description": "The call sign of who is signed in; empty: nobody."},
        "staff_needed": _YES_NO | {"description": "The gate is closed until somebody signs in."},
    },
)

_STATUS: Final = _whole(
    "event name festival terminal software connected alone alone_since_ms heard data_age_ms"
    " only_here clock uncertainty_ms now_ms disk_free_mib recovering copied revoked refused"
    " counters",
    {
        "event": {"const": "status"},
        "name": _TEXT,
        "festival": _TEXT,
        "terminal": _hex(ID_BYTES),
        "software": _TEXT,
        "connected": _YES_NO,
        "alone": _YES_NO,
        "alone_since_ms": _MAYBE_TIME_MS,
        "heard": _YES_NO,
        "data_age_ms": _SPAN_MS,
        "neighbours": _COUNT,
        "only_here": _COUNT | {"description": "Own facts that the office has not heard."},
        "clock": {"type": "string", "enum": ["unknown", "coarse", "trusted"]},
        "uncertainty_ms": _SPAN_MS,
        "now_ms": _TIME_MS,
        "disk_free_mib": _COUNT,
        "recovering": _YES_NO,
        "copied": _YES_NO | {"description": "Its journal is forked: there are two of it."},
        "revoked": _YES_NO,
        "refused": _YES_NO,
        "counters": {"$ref": "#/components/schemas/Counters"},
    },
)

_PROBLEM: Final = _whole(
    "type title status detail id",
    {
        "type": {"const": "about:blank"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT | {"description": "A sentence for people."},
        "id": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
    },
    "RFC 9457, with the id under which the gate's log names the request.",
)

_DONE: Final = _whole("event fact", {"event": {"const": "done"}, "fact": _MAYBE_FACT})

SEARCH: Final[Schema] = {"type": "string", "maxLength": TEXT_CHARS_MAX}
ROWS: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": LOG_ROWS_MAX}
SCHEMAS: Final[dict[str, Schema]] = _REQUESTS | {
    "Verdict": _VERDICT,
    "Done": _DONE,
    "Log": _LOG,
    "Counters": _COUNTERS,
    "Status": _STATUS,
    "Problem": _PROBLEM,
}
