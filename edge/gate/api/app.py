"""Puts the scan API together, and runs it on a listening socket until it is told to end."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

from aiohttp import web

from edge.connections import Connections
from edge.gate.api.brain import Brain
from edge.gate.api.guard import GUARD, Guard, guarded
from edge.gate.api.metrics import Metrics
from edge.gate.api.middleware import add_safe_headers, watch
from edge.gate.api.problems import CONNECTIONS, unreadable
from edge.gate.api.routes import BODY_MS, BRAIN, METRICS, add_routes
from edge.limits import API_BODY_BYTES_MAX, API_CONNECTIONS_MAX, API_DRAIN_MS


def make_app(
    brain: Brain, guard: Guard, metrics: Metrics, silent_ms_max: int, body_ms_max: int
) -> web.Application:
    """Return the application; waits are in milliseconds."""
    app = web.Application(middlewares=[watch, guarded], client_max_size=API_BODY_BYTES_MAX)
    app[BRAIN] = brain
    app[GUARD] = guard
    app[METRICS] = metrics
    app[CONNECTIONS] = Connections(API_CONNECTIONS_MAX, silent_ms_max, unreadable)
    app[BODY_MS] = body_ms_max
    add_routes(app)
    app.on_response_prepare.append(add_safe_headers)
    return app


async def serve(
    app: web.Application,
    door: socket.socket,
    ending: asyncio.Event,
    when_ready: Callable[[], object],
) -> None:
    """Answer until the event is set, then let what was begun finish, for a bounded time."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=API_DRAIN_MS / 1000)
    await runner.setup()
    server, connections = runner.server, app[CONNECTIONS]
    if server is None:
        message = "the runner has no server"
        raise RuntimeError(message)
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(lambda: connections.new(server), sock=door)
    sweeper = asyncio.create_task(connections.end_silent(server))
    try:
        when_ready()
        await ending.wait()
    finally:
        listener.close()
        sweeper.cancel()
        with suppress(asyncio.CancelledError):
            await sweeper
        await runner.cleanup()
