"""Puts the office's rooms together into one web application."""

from typing import Final

from aiohttp import web

from cloud.cashless import routes as cashless_routes
from cloud.clock_and_chance import monotonic_ms
from cloud.dashboard import api, health, pages
from cloud.dashboard.board import Board
from cloud.desk import DESK, Desk
from cloud.exchange import routes as exchange_routes
from cloud.festivals import routes as festival_routes
from cloud.limits import ADMIN_BYTES_MAX
from cloud.middleware import add_safe_headers, watch
from cloud.snapshots import routes as snapshot_routes
from cloud.terminals import routes as terminal_routes
from cloud.terminals.service import Enrolment
from sync.limits import MESSAGE_BYTES_MAX

REQUEST_BYTES_MAX: Final = max(MESSAGE_BYTES_MAX, ADMIN_BYTES_MAX)


def make_app(desk: Desk, enrolment: Enrolment) -> web.Application:
    """Return the application; its writer starts and stops with it."""
    app = web.Application(middlewares=[watch], client_max_size=REQUEST_BYTES_MAX)
    app[DESK] = desk
    health.add_routes(app)
    exchange_routes.add_routes(app)
    cashless_routes.add_routes(app)
    snapshot_routes.add_routes(app)
    terminal_routes.add_routes(app, enrolment)
    festival_routes.add_routes(app)
    api.add_routes(app)
    pages.add_routes(app, Board(desk, monotonic_ms))
    app.on_response_prepare.append(add_safe_headers)
    app.on_startup.append(_start_writer)
    app.on_cleanup.append(_stop_writer)
    return app


async def _start_writer(app: web.Application) -> None:
    app[DESK].writer.start()


async def _stop_writer(app: web.Application) -> None:
    await app[DESK].writer.stop()
