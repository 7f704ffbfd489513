"""What happens to every request: an id, a line in the log, safe headers, and no error unnamed.

It is the fourth place that may catch everything: whatever we did wrong, a handheld hears that this
request failed and nothing of how, and the gate's own work goes on.
"""

import logging
import traceback
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import PurePath
from typing import Final

from aiohttp import web

from edge.gate.api.problems import CONNECTIONS, REQUEST_ID, Refusal, problem
from hardware.wall_clock import monotonic_us
from provisioning.chance import random_bytes

LOG: Final = logging.getLogger("guichet.gate.api")
KEY_NAME: Final = web.RequestKey("key_name", str)
SAFE_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Server": "guichet",
    "X-Content-Type-Options": "nosniff",
}
_ID_BYTES: Final = 8
_SERVER_ERRORS: Final = 500
_CLIENT_ERRORS: Final = 400
_FRAMES_SHOWN: Final = 8
_SENTENCES: Final = {
    404: "There is nothing here. What there is stands in /api/v1/openapi.json.",
    405: "This is asked another way: see the Allow header.",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request an id, answer every error as a problem, and write one line about it.

    The line holds no query, header or body, and no path that we do not know: keys and codes may
    be in any of them.
    """
    request[REQUEST_ID] = new_id()
    started_us = monotonic_us()
    with request.app[CONNECTIONS].busy(request.protocol):
        response = await _answered(request, handler)
    level = logging.ERROR if response.status >= _SERVER_ERRORS else logging.DEBUG
    resource = request.match_info.route.resource
    LOG.log(
        level,
        "%s %s %s %s, %d ms, key %s",
        request[REQUEST_ID],
        request.method,
        "?" if resource is None else resource.canonical,
        response.status,
        (monotonic_us() - started_us) // 1_000,
        request.get(KEY_NAME, "none"),
    )
    return response


def new_id() -> str:
    """Return an id for one request, by which its line in the log is found."""
    return random_bytes(_ID_BYTES).hex()


async def add_safe_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put on every answer what keeps it out of caches and pages, and its id."""
    response.headers.update(SAFE_HEADERS)
    response.headers["Guichet-Request"] = request.get(REQUEST_ID, "")


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    request_id = request[REQUEST_ID]
    try:
        return await handler(request)
    except Refusal as refusal:
        return problem(refusal.status, refusal.sentence, request_id, refusal.headers)
    except web.HTTPException as refusal:
        allowed = refusal.headers.get("Allow")
        sentence = _SENTENCES.get(refusal.status, HTTPStatus(refusal.status).phrase)
        headers = {"Allow": allowed} if allowed else None
        return problem(refusal.status, sentence, request_id, headers)
    except Exception as trouble:
        # Where it broke and what kind it is; never the values, which may be codes or keys.
        frames = traceback.extract_tb(trouble.__traceback__)[-_FRAMES_SHOWN:]
        where = ", ".join(f"{PurePath(f.filename).name}:{f.lineno} {f.name}" for f in frames)
        LOG.error("%s broke: %s at %s", request_id, type(trouble).__name__, where)  # noqa: TRY400
        sentence = "The gate made a mistake with this request; its log names it by the id."
        return problem(500, sentence, request_id)
