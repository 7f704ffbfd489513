"""The figures for programs: `/api/v1/…`, each answer read from one committed state."""

from typing import Any, Final

from aiohttp import web

from cloud.cashless.queries import wallet
from cloud.dashboard.guard import for_organisers
from cloud.dashboard.queries import conflicts, hashes, summary
from cloud.desk import DESK
from cloud.problems import problem
from cloud.store.look import Look
from cloud.terminals.hearing import unheard
from sync.limits import U64_MAX

_DIGITS_MAX: Final = len(str(U64_MAX))


def add_routes(app: web.Application) -> None:
    """Open the routes in an application."""
    app.router.add_get("/api/v1/summary", show_summary)
    app.router.add_get("/api/v1/hashes", show_hashes)
    app.router.add_get("/api/v1/conflicts", show_conflicts)
    app.router.add_get("/api/v1/wallets/{wallet}", show_wallet)


@for_organisers
async def show_summary(request: web.Request) -> web.StreamResponse:
    """Answer everything that the live page shows, and the state hashes."""
    desk = request.app[DESK]
    now_ms = desk.now_ms()
    return web.json_response(
        await desk.look(lambda seen: summary(seen, desk.folder.settings, now_ms))
    )


@for_organisers
async def show_hashes(request: web.Request) -> web.StreamResponse:
    """Answer the state hash of each area."""
    return web.json_response(await request.app[DESK].look(hashes))


@for_organisers
async def show_conflicts(request: web.Request) -> web.StreamResponse:
    """Answer every open conflict."""
    desk = request.app[DESK]
    return web.json_response(await desk.look(lambda seen: conflicts(seen, desk.folder.settings)))


@for_organisers
async def show_wallet(request: web.Request) -> web.StreamResponse:
    """Answer what a wallet holds, in minor units; a wallet never heard of holds nothing."""
    desk = request.app[DESK]
    text = request.match_info["wallet"]
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS_MAX:
        return problem(request, 404, "A wallet is a whole number of at most 64 bits.")
    number, now_ms = int(text), desk.now_ms()
    if number > U64_MAX:
        return problem(request, 404, "A wallet is a whole number of at most 64 bits.")

    def see(seen: Look) -> dict[str, Any]:
        tills = unheard(seen.cells, seen.level_ms(), now_ms)
        return {"wallet": number} | wallet(seen.cells, number, tills)

    return web.json_response(await desk.look(see))
