"""The routes of the scan API: each reads its request, asks the brain, and passes the answer on."""

import asyncio
import json
from typing import Any, Final

from aiohttp import web

from edge.gate.api.brain import Brain
from edge.gate.api.metrics import CONTENT_TYPE, Metrics
from edge.gate.api.openapi import DOCUMENT, members_of
from edge.gate.api.problems import Refusal
from edge.headless import Command
from edge.limits import API_BODY_BYTES_MAX
from hardware.wall_clock import monotonic_us
from sync.telling import Answer

BRAIN: Final = web.AppKey("brain", Brain)
METRICS: Final = web.AppKey("metrics", Metrics)
BODY_MS: Final = web.AppKey("body_ms_max", int)
_JSON: Final = "application/json"
_UNAVAILABLE: Final = 503
_DIGITS_MAX: Final = 6


def add_routes(app: web.Application) -> None:
    """Open the routes in an application."""
    router = app.router
    router.add_post("/api/v1/scan/request", request_scan)
    router.add_post("/api/v1/scan/confirm", confirm_scan)
    router.add_post("/api/v1/scan/undo", undo_scan)
    router.add_get("/api/v1/scan/log", show_log, allow_head=False)
    router.add_get("/api/v1/status", show_status, allow_head=False)
    router.add_get("/api/v1/openapi.json", show_openapi, allow_head=False)
    router.add_get("/metrics", show_metrics, allow_head=False)


async def request_scan(request: web.Request) -> web.StreamResponse:
    """Judge a code or a typed number: first of two steps, or both at once."""
    command = await _command(request, "ScanRequest")
    if ("text" in command) == ("serial" in command):
        raise Refusal(400, "say either text (what a reader read) or serial (a typed number)")
    is_one_step = _flag(command, "one_step", default=False)
    if "serial" in command:
        return await _scanned(request, "typed", command)
    return await _scanned(request, "scan" if is_one_step else "request", command)


async def confirm_scan(request: web.Request) -> web.StreamResponse:
    """Take the human's answer: judge again and record, exactly once for each session."""
    command = await _command(request, "ScanConfirm")
    _flag(command, "yes", default=True)
    return await _scanned(request, "confirm", command)


async def undo_scan(request: web.Request) -> web.StreamResponse:
    """Take back what this gate recorded by mistake."""
    command = await _command(request, "ScanUndo")
    return web.json_response(await request.app[BRAIN].scan("undo", command))


async def show_log(request: web.Request) -> web.StreamResponse:
    """Answer what this gate recorded, the newest first."""
    command: Command = {}
    for name, value in request.query.items():
        if name not in {"search", "rows"} or name in command:
            raise Refusal(400, "the log is asked with search and rows, each once at most")
        is_number = name == "rows" and value.isascii() and value.isdigit()
        command[name] = int(value) if is_number and len(value) <= _DIGITS_MAX else value
    return web.json_response(await request.app[BRAIN].look(command))


async def show_status(request: web.Request) -> web.StreamResponse:
    """Answer how the gate is."""
    return web.json_response(await request.app[BRAIN].status())


async def show_openapi(_: web.Request) -> web.StreamResponse:
    """Answer the description of all this."""
    return web.json_response(DOCUMENT)


async def show_metrics(request: web.Request) -> web.StreamResponse:
    """Answer the figures for Prometheus, also when the gate itself cannot answer."""
    brain = request.app[BRAIN]
    status: Answer | None = None
    try:
        status = await brain.status()
    except Refusal as refusal:
        if refusal.status != _UNAVAILABLE:
            raise
    page = request.app[METRICS].page(status, brain.waiting)
    return web.Response(body=page, headers={"Content-Type": CONTENT_TYPE})


async def _scanned(request: web.Request, what: str, command: Command) -> web.StreamResponse:
    began_us = monotonic_us()
    answer = await request.app[BRAIN].scan(what, command)
    request.app[METRICS].decided(monotonic_us() - began_us)
    return web.json_response(answer)


async def _command(request: web.Request, schema: str) -> Command:
    """Return the JSON object of a request, which holds only what the schema names; `Refusal`."""
    if request.content_type != _JSON or "Content-Encoding" in request.headers:
        raise Refusal(415, "send JSON, as it is: Content-Type: application/json")
    try:
        async with asyncio.timeout(request.app[BODY_MS] / 1000):
            body = await _body(request)
    except TimeoutError:
        raise Refusal(408, "the request came too slowly", {"Connection": "close"}) from None
    try:
        command = json.loads(body.decode(), object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        command = None
    if not isinstance(command, dict):
        raise Refusal(400, "send one JSON object that names each of its members once")
    members = members_of(schema)
    if not command.keys() <= members:
        raise Refusal(400, f"the members known here are {', '.join(sorted(members))}")
    return command


async def _body(request: web.Request) -> bytes:
    """Return the body; `Refusal` as soon as it is too long."""
    body = b""
    is_long = (request.content_length or 0) > API_BODY_BYTES_MAX
    while not is_long and (piece := await request.content.readany()):
        body += piece
        is_long = len(body) > API_BODY_BYTES_MAX
    if is_long:
        sentence = f"a request has at most {API_BODY_BYTES_MAX} bytes"
        raise Refusal(413, sentence, {"Connection": "close"})
    return body


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        message = "a member is named twice"
        raise ValueError(message)
    return row


def _flag(command: Command, name: str, *, default: bool) -> bool:
    value = command.get(name, default)
    if not isinstance(value, bool):
        raise Refusal(400, f"{name} must be true or false")
    return value
