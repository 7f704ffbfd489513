"""Puts the office's rooms together: each festival's doors and page, and the API over all."""

from typing import Final

from aiohttp import web

from cloud.access import routes as access_routes
from cloud.accounts import commands as account_commands
from cloud.accounts import routes as account_routes
from cloud.accounts import superadmin_page, tenant_routes
from cloud.api import house_routes
from cloud.api.routes import Operation
from cloud.api.serving import add_operations
from cloud.cashless import routes as cashless_routes
from cloud.cashless import wallet_routes
from cloud.clock_and_chance import monotonic_ms
from cloud.dashboard import api, health, pages
from cloud.dashboard.board import Board
from cloud.desk import DESK, Desk
from cloud.exchange import routes as exchange_routes
from cloud.festivals import areas as festival_areas
from cloud.festivals import routes as festival_routes
from cloud.house import HOUSE, House, OpenFestival
from cloud.limits import ADMIN_BYTES_MAX
from cloud.metrics import METRICS, Metrics
from cloud.middleware import add_safe_headers, watch
from cloud.mounting import FESTIVALS_PREFIX, Mounted, start
from cloud.orders import routes as order_routes
from cloud.orders import upkeep as order_upkeep
from cloud.snapshots import routes as snapshot_routes
from cloud.terminals import routes as terminal_routes
from cloud.terminals.service import Enrolment
from cloud.tickets import routes as ticket_routes
from cloud.tickets import routes_bands, routes_import, routes_links
from sync.limits import MESSAGE_BYTES_MAX

REQUEST_BYTES_MAX: Final = max(MESSAGE_BYTES_MAX, ADMIN_BYTES_MAX)
AREAS: Final = (
    house_routes.ROUTES,
    account_routes.ROUTES,
    superadmin_page.ROUTES,
    tenant_routes.ROUTES,
    access_routes.ROUTES,
    ticket_routes.ROUTES,
    routes_import.ROUTES,
    routes_links.ROUTES,
    routes_bands.ROUTES,
    *festival_areas.AREAS,
    order_routes.ROUTES,
    wallet_routes.ROUTES,
)
_APPS: Final = web.AppKey("apps_of_festivals", list[web.Application])


def make_app(desk: Desk, enrolment: Enrolment) -> web.Application:
    """Return one festival's application alone; its writer starts and stops with it."""
    app = web.Application(middlewares=[watch], client_max_size=REQUEST_BYTES_MAX)
    app.on_response_prepare.append(add_safe_headers)
    _add_doors(app, desk, enrolment)
    return app


def make_house_app(house: House, metrics: Metrics) -> web.Application:
    """Return the application of a house; festivals are mounted in it as they are opened.

    The house's own festival answers at the root as well.
    """
    app = web.Application(middlewares=[watch], client_max_size=REQUEST_BYTES_MAX)
    app.on_response_prepare.append(add_safe_headers)
    app[HOUSE] = house
    app[METRICS] = metrics
    every = operations()
    app[house_routes.OPERATIONS] = every
    app[_APPS] = []
    add_operations(app, every)
    account_commands.add_routes(app)
    below, root = Mounted(FESTIVALS_PREFIX), Mounted("/")
    app.router.register_resource(below)
    app.router.register_resource(root)

    async def mount(one: OpenFestival) -> None:
        own = web.Application(client_max_size=REQUEST_BYTES_MAX)
        _add_doors(own, one.desk, one.enrolment)
        await start(own)
        app[_APPS].append(own)
        below.mount(str(one.desk.festival), own)
        if one.desk.path == house.path:
            root.mount("", own)

    house.when_opened = mount
    app.on_shutdown.append(_end_streams)
    app.on_cleanup.append(_stop_festivals)
    return app


def operations() -> tuple[Operation, ...]:
    """Return every operation of the API."""
    return tuple(operation for area in AREAS for operation in area.operations)


def _add_doors(app: web.Application, desk: Desk, enrolment: Enrolment) -> None:
    """Open what a festival answers itself: its terminals' doors, its owner's routes, its page."""
    app[DESK] = desk
    health.add_routes(app)
    exchange_routes.add_routes(app)
    cashless_routes.add_routes(app)
    snapshot_routes.add_routes(app)
    terminal_routes.add_routes(app, enrolment)
    festival_routes.add_routes(app)
    api.add_routes(app)
    pages.add_routes(app, Board(desk, monotonic_ms))
    order_upkeep.add_upkeep(app)
    app.on_startup.append(_start_writer)
    app.on_cleanup.append(_stop_writer)


async def _end_streams(house_app: web.Application) -> None:
    """End what would never end by itself; requests that are at work are waited for after this."""
    for app in house_app[_APPS]:
        await app.shutdown()


async def _stop_festivals(house_app: web.Application) -> None:
    """Stop every festival's writer, when no request is at work any more."""
    for app in house_app[_APPS]:
        await app.cleanup()


async def _start_writer(app: web.Application) -> None:
    app[DESK].writer.start()


async def _stop_writer(app: web.Application) -> None:
    await app[DESK].writer.stop()
