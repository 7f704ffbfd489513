"""What happens to every request: an id, a line in the log, safe headers, and no error unnamed."""

import json
import logging
import traceback
from collections.abc import Awaitable, Callable
from pathlib import PurePath
from typing import Final

from aiohttp import web

from cloud.api.problems import Problem
from cloud.clock_and_chance import monotonic_ms, random_bytes
from cloud.forwarding import as_asked
from cloud.limits import RETRY_AFTER_S
from cloud.metrics import METRICS
from cloud.problems import OPERATION, REQUEST_ID, phrase, problem
from cloud.store.connection import StoreTrouble
from cloud.writer import Busy, Stopped

LOG: Final = logging.getLogger("guichet.office")
_ID_BYTES: Final = 8
_RETRY: Final = {"Retry-After": str(RETRY_AFTER_S)}
SAFE_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
        " img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_SERVER_ERRORS: Final = 500
_CLIENT_ERRORS: Final = 400

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def watch(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request an id, answer every error as a problem, and write one line about it.

    The line holds no query, header or body, and of the path only which route it was: keys, codes
    and the secrets of links travel there.
    """
    request[REQUEST_ID] = random_bytes(_ID_BYTES).hex()
    request = as_asked(request)
    started_ms = monotonic_ms()
    response = await _answered(request, handler)
    took_ms = monotonic_ms() - started_ms
    metrics = request.app.get(METRICS)
    if metrics is not None:
        metrics.count(request.get(OPERATION, ""), response.status, took_ms)
    level = logging.DEBUG
    if response.status >= _SERVER_ERRORS:
        level = logging.ERROR
    elif response.status >= _CLIENT_ERRORS:
        level = logging.INFO
    row = {
        "id": request[REQUEST_ID],
        "method": request.method,
        "path": _route(request),
        "status": response.status,
        "milliseconds": took_ms,
    }
    LOG.log(level, "request", extra={"row": row})
    return response


def _route(request: web.Request) -> str:
    """Return the path as it was declared, with names in the place of what they stand for."""
    resource = request.match_info.route.resource
    return "(unknown)" if resource is None else resource.canonical


async def add_safe_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put on every answer what keeps a browser from running or showing anything of others."""
    for name, value in SAFE_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["Guichet-Request"] = request.get(REQUEST_ID, "")


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as refusal:
        if refusal.status < _CLIENT_ERRORS:
            raise
        allowed = refusal.headers.get("Allow")
        headers = {"Allow": allowed} if allowed else None
        return problem(request, refusal.status, phrase(refusal.status), headers)
    except Problem as trouble:
        return problem(
            request,
            trouble.status,
            trouble.title,
            trouble.headers,
            code=trouble.code,
            faults=trouble.faults,
        )
    except Busy:
        return problem(request, 503, "The office is busy. Ask again in a moment.", _RETRY)
    except (Stopped, StoreTrouble) as trouble:
        return problem(request, 503, f"The office cannot work now: {trouble}", _RETRY)
    except Exception as trouble:
        # Where it broke and what kind it is; never the values, which may be secret.
        frames = traceback.extract_tb(trouble.__traceback__)
        where = [f"{PurePath(f.filename).name}:{f.lineno} {f.name}" for f in frames[-8:]]
        row = {"id": request[REQUEST_ID], "error": type(trouble).__name__, "where": where}
        LOG.error("broken", extra={"row": row})  # noqa: TRY400 - values stay out of the log
        return problem(request, 500, "The office made a mistake; its log names it by the id.")


class JsonLines(logging.Formatter):
    """Writes each event as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        row = {
            "time": self.formatTime(record),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        row |= getattr(record, "row", {})
        return json.dumps(row, ensure_ascii=False)
