"""How the office says no: a problem in JSON (RFC 9457), with the id under which it is logged."""

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from aiohttp import web

REQUEST_ID: Final = web.RequestKey("request_id", str)
OPERATION: Final = web.RequestKey("operation", str)
PROBLEM_TYPE: Final = "application/problem+json"


def problem(
    request: web.Request,
    status: int,
    title: str,
    headers: Mapping[str, str] | None = None,
    *,
    code: str = "",
    faults: Sequence[Mapping[str, str]] = (),
) -> web.Response:
    """Return a refusal with a sentence that says what is wrong; nothing of the input is in it.

    `code` is a word for programs, `faults` name the fields that are wrong.
    """
    return web.Response(
        status=status,
        body=problem_bytes(request, status, title, code, faults),
        content_type=PROBLEM_TYPE,
        headers=headers,
    )


def problem_bytes(
    request: web.Request,
    status: int,
    title: str,
    code: str = "",
    faults: Sequence[Mapping[str, str]] = (),
) -> bytes:
    """Return a refusal as JSON, with the id of the request."""
    row: dict[str, object] = {
        "type": f"urn:guichet:problem:{code}" if code else "about:blank",
        "title": title,
        "status": status,
        "id": request.get(REQUEST_ID, ""),
    }
    if code:
        row["code"] = code
    if faults:
        row["errors"] = list(faults)
    return json.dumps(row, ensure_ascii=False).encode()


def phrase(status: int) -> str:
    """Return what HTTP itself calls a status."""
    return HTTPStatus(status).phrase
