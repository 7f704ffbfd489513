"""The description of the scan API, in OpenAPI 3.1: the one place where it is written down.

It needs a key as everything else does: one rule without an exception, and nothing on a gate that a
stranger may ask for without limit. Whoever writes a client has a key, or the checkout.
"""

from typing import Any, Final

from edge.gate.api.schemas import ROWS, SCHEMAS, SEARCH, Schema
from edge.limits import API_BODY_BYTES_MAX, API_BURST_REQUESTS_MAX, API_REQUESTS_PER_S
from edge.terminal import SOFTWARE

_JSON: Final = "application/json"
_WORDS: Final = f"""\
Handhelds and kiosks ask a gate terminal here, and it answers as it does for its own camera.

Two steps, exactly once: `request` judges and records a refusal only; show the answer, then
`confirm` its session. `confirm` judges again, records, and only then answers. Repeat it as it is
whenever no answer came: it is recorded once, and the first answer comes again with `again: true`.
A one-step request is not safe to repeat: the second would be refused as already inside.
A typed number always asks on the way in, and its way out is recorded at once.

Every request shows a key: `Authorization: Bearer KEY`. A key of scope `look` may only GET. Each
key may ask {API_REQUESTS_PER_S} times a second, {API_BURST_REQUESTS_MAX} at once; a search in the
log counts for many. A request has at most {API_BODY_BYTES_MAX} bytes.

There is no encryption here: stay on the gate's own machine, or on the festival's own closed LAN.
"""
_PROBLEMS: Final = {
    "400": "The request makes no sense; `detail` says what was expected. Nothing changed.",
    "401": "No key, or a wrong one.",
    "403": "The key may only look, or the gate is closed: an agent must sign in at it first.",
    "404": "There is nothing here.",
    "405": "Another method is meant.",
    "408": "The request came too slowly.",
    "413": "The request is too long.",
    "415": "The request is no JSON.",
    "421": "The Host header names something else than the loopback address it listens on.",
    "429": "Too many requests of this key, or wrong keys of this address. See Retry-After.",
    "500": "The gate made a mistake; its log names it by the id.",
    "503": "The gate is busy, or cannot record. See Retry-After.",
}
_ALWAYS: Final = ("401", "403", "421", "429", "500")
_POSTED: Final = ("400", "408", "413", "415", "503")


def members_of(schema: str) -> frozenset[str]:
    """Return the members that a request may have."""
    return frozenset(SCHEMAS[schema]["properties"])


def _ref(schema: str) -> Schema:
    return {"$ref": f"#/components/schemas/{schema}"}


def _answers(schema: Schema, problems: tuple[str, ...], media: str = _JSON) -> Schema:
    """Return an operation's answers: the good one and its problems."""
    good = {"description": "Done.", "content": {media: {"schema": schema}}}
    refused = sorted({*_ALWAYS, *problems})
    return {"200": good} | {one: {"$ref": f"#/components/responses/{one}"} for one in refused}


def _post(name: str, words: str, takes: str, gives: Schema) -> Schema:
    body = {"required": True, "content": {_JSON: {"schema": _ref(takes)}}}
    answers = _answers(gives, _POSTED)
    return {"post": {"operationId": name, "summary": words, "requestBody": body} | _rest(answers)}


def _get(name: str, words: str, answers: Schema, *parameters: Schema) -> Schema:
    query = {"parameters": list(parameters)} if parameters else {}
    return {"get": {"operationId": name, "summary": words} | query | _rest(answers)}


def _rest(answers: Schema) -> Schema:
    return {"responses": answers}


def _parameter(name: str, schema: Schema, words: str) -> Schema:
    return {"name": name, "in": "query", "description": words, "schema": schema}


_PATHS: Final[dict[str, Any]] = {
    "/api/v1/scan/request": _post(
        "requestScan",
        "Judge a code or a typed number: the first of two steps, or both at once.",
        "ScanRequest",
        _ref("Verdict"),
    ),
    "/api/v1/scan/confirm": _post(
        "confirmScan",
        "Judge again with the human's answer and record it, once for each session.",
        "ScanConfirm",
        {"oneOf": [_ref("Verdict"), _ref("Done")]},
    ),
    "/api/v1/scan/undo": _post(
        "undoScan",
        "Take back what this gate recorded by mistake, for as long as the policy allows.",
        "ScanUndo",
        _ref("Done"),
    ),
    "/api/v1/scan/log": _get(
        "showLog",
        "What this gate recorded, the newest first.",
        _answers(_ref("Log"), ("400", "503")),
        _parameter("search", SEARCH, "Found in serial, reason, type or what happened."),
        _parameter("rows", ROWS, "How many at most."),
    ),
    "/api/v1/status": _get("showStatus", "How the gate is.", _answers(_ref("Status"), ("503",))),
    "/api/v1/openapi.json": _get("showOpenapi", "This.", _answers({"type": "object"}, ())),
    "/metrics": _get(
        "showMetrics",
        "Figures for Prometheus, also while the gate cannot answer.",
        _answers({"type": "string"}, (), "text/plain"),
    ),
}

DOCUMENT: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "info": {
        "title": "Guichet scan API",
        "version": SOFTWARE.rpartition(" ")[2],
        "description": _WORDS,
    },
    "security": [{"key": []}],
    "paths": _PATHS,
    "components": {
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        "schemas": SCHEMAS,
        "responses": {
            status: {
                "description": words,
                "content": {"application/problem+json": {"schema": _ref("Problem")}},
            }
            for status, words in _PROBLEMS.items()
        },
    },
}
