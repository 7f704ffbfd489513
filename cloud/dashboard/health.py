"""Whether this process lives, and whether it can do its work."""

from aiohttp import web

from cloud.desk import DESK
from cloud.problems import problem
from cloud.store.connection import StoreTrouble
from cloud.store.look import Look


def add_routes(app: web.Application) -> None:
    """Open the routes in an application."""
    app.router.add_get("/health/live", live)
    app.router.add_get("/health/ready", ready)


async def live(_: web.Request) -> web.StreamResponse:
    """Answer that the process answers."""
    return web.json_response({"status": "live"})


async def ready(request: web.Request) -> web.StreamResponse:
    """Answer whether facts can be taken in: the writer works and the store can be read."""
    desk = request.app[DESK]
    if not desk.writer.is_open:
        return problem(
            request, 503, "The office takes nothing in: it is ending, or its disk failed."
        )
    try:
        await desk.look(Look.facts)
    except StoreTrouble as trouble:
        return problem(request, 503, f"The store cannot be read: {trouble}")
    return web.json_response({"status": "ready"})
