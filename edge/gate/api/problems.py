"""How the scan API says no: a problem in JSON (RFC 9457), with the id under which it is logged."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from edge.connections import Connections
from edge.limits import API_RETRY_AFTER_S
from provisioning.chance import random_bytes

REQUEST_ID: Final = web.RequestKey("request_id", str)
CONNECTIONS: Final = web.AppKey("connections", Connections)
PROBLEM_TYPE: Final = "application/problem+json"
_CLOSE: Final = {"Connection": "close", "Cache-Control": "no-store"}
AGAIN: Final = {"Retry-After": str(API_RETRY_AFTER_S)}
CANNOT_RECORD: Final = (
    "This gate cannot record now, so it lets nobody in. It starts again by itself; if that does not"
    " help, call the technician."
)


class Refusal(Exception):
    """A request that is answered with a problem; the sentence holds nothing of the input."""

    def __init__(
        self, status: int, sentence: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """Refuse with an HTTP status, a sentence for people, and further headers."""
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.headers = headers


def problem(
    status: int, sentence: str, request_id: str, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Return a refusal as the answer of a request."""
    row: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence,
        "id": request_id,
    }
    body = json.dumps(row).encode()
    return web.Response(status=status, body=body, content_type=PROBLEM_TYPE, headers=headers)


def unreadable(status: int) -> web.Response:
    """Return what is said to what is no request at all."""
    sentence = "This is not a request that can be read."
    return problem(status, sentence, random_bytes(8).hex(), _CLOSE)


def cannot_record() -> Refusal:
    """Return what is said while the lane takes nothing."""
    return Refusal(503, CANNOT_RECORD, AGAIN)


def is_busy() -> Refusal:
    """Return what is said while more is asked than the gate can do."""
    sentence = "The gate is busy. Ask again in a moment; a confirmation may be repeated as it is."
    return Refusal(503, sentence, AGAIN)
