"""The live page: served whole, then kept fresh by a stream of events; it works without scripts."""

import asyncio
from pathlib import Path
from typing import Final

import aiohttp_jinja2
from aiohttp import web
from aiohttp_sse import sse_response

from cloud.dashboard.board import Board, words_for
from cloud.dashboard.guard import COOKIE, for_organisers, may_see
from cloud.dashboard.words import LANGUAGES
from cloud.desk import DESK
from cloud.languages import language_asked
from cloud.limits import LIVE_EVERY_MS, LIVE_PAGES_MAX, RETRY_AFTER_S
from cloud.problems import problem

BOARD: Final = web.AppKey("board", Board)
ENDING: Final = web.AppKey("ending", asyncio.Event)
_WATCHERS: Final = web.AppKey("watchers", set[web.StreamResponse])
STATIC: Final = Path(__file__).with_name("static")


def add_routes(app: web.Application, board: Board) -> None:
    """Open the page, its events and its files in an application."""
    app[BOARD] = board
    app[ENDING] = asyncio.Event()
    app[_WATCHERS] = set()
    app[aiohttp_jinja2.APP_KEY] = board.templates
    app.router.add_get("/", show_page)
    app.router.add_get("/live/events", stream)
    app.router.add_static("/static/", STATIC)
    app.on_shutdown.append(_end_streams)


async def show_page(request: web.Request) -> web.StreamResponse:
    """Show the figures; a link with the admin key lets the browser in and forgets the key."""
    desk = request.app[DESK]
    if not request.path.endswith("/"):  # everything on the page is found beside it
        place = f"{request.path}/?{request.query_string}"
        return web.Response(status=308, headers={"Location": place})
    if "key" in request.query:
        return _let_in(request)
    language = language_of(request)
    settings = desk.folder.settings
    shown = {"festival": settings.name, **words_for(language, settings.currency)}
    if not may_see(request):
        response = aiohttp_jinja2.render_template("locked.html", request, shown)
        response.set_status(401)
        return response
    shown["figures"] = await request.app[BOARD].fragment(language)
    return aiohttp_jinja2.render_template("page.html", request, shown)


@for_organisers
async def stream(request: web.Request) -> web.StreamResponse:
    """Send the figures whenever they have changed, until the page is closed or the office ends."""
    watchers = request.app[_WATCHERS]
    if len(watchers) >= LIVE_PAGES_MAX:
        wait = {"Retry-After": str(RETRY_AFTER_S)}
        return problem(request, 503, "Too many pages are open at once.", wait)
    board, language, ending = request.app[BOARD], language_of(request), request.app[ENDING]
    async with sse_response(request) as response:
        watchers.add(response)
        try:
            last = ""
            while response.is_connected() and not ending.is_set():
                fragment = await board.fragment(language)
                if fragment != last:
                    await response.send(fragment, event="figures")
                    last = fragment
                await _pause(ending)
        except ConnectionResetError:
            pass  # the page was closed
        finally:
            watchers.discard(response)
    return response


def language_of(request: web.Request) -> str:
    """Return the language that was chosen, else the browser's, else the festival's."""
    chosen = request.query.get("lang", "")
    if chosen in LANGUAGES:
        return chosen
    return language_asked(request, LANGUAGES) or request.app[DESK].folder.settings.language


def _let_in(request: web.Request) -> web.StreamResponse:
    """Give the cookie for the key and send the browser to the address without it."""
    desk = request.app[DESK]
    chosen = request.query.get("lang", "")
    place = f"{request.path}?lang={chosen}" if chosen in LANGUAGES else request.path
    response: web.StreamResponse = web.Response(status=303, headers={"Location": place})
    if desk.admin_key.opens(request.query["key"]):
        response.set_cookie(
            COOKIE,
            desk.admin_key.cookie,
            httponly=True,
            samesite="Strict",
            secure=request.secure,
            path=request.path,
        )
    return response


async def _pause(ending: asyncio.Event) -> None:
    """Wait until the figures may have changed, or the office ends."""
    try:
        await asyncio.wait_for(ending.wait(), LIVE_EVERY_MS / 1_000)
    except TimeoutError:
        return


async def _end_streams(app: web.Application) -> None:
    app[ENDING].set()
