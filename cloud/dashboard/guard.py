"""Who may see a festival's figures: whoever shows the admin key, or the cookie given for it."""

from functools import wraps
from ipaddress import ip_address
from typing import Final

from aiohttp import web

from cloud.desk import DESK, Handler
from cloud.problems import problem

COOKIE: Final = "guichet"
_BEARER: Final = "Bearer "
_WHO: Final = {"WWW-Authenticate": "Bearer"}


def shows_key(request: web.Request) -> bool:
    """Tell whether the request brings the admin key in its header."""
    shown = request.headers.get("Authorization", "")
    if not shown.startswith(_BEARER):
        return False
    return request.app[DESK].admin_key.opens(shown.removeprefix(_BEARER))


def may_see(request: web.Request) -> bool:
    """Tell whether the request may see figures: by the key, or by the cookie of the page."""
    shown = request.cookies.get(COOKIE, "")
    return shows_key(request) or request.app[DESK].admin_key.opens_by_cookie(shown)


def for_organisers(handler: Handler) -> Handler:
    """Let a handler answer only those who may see figures."""

    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        if not may_see(request):
            return problem(request, 401, "Show the office's admin key as a bearer token.", _WHO)
        return await handler(request)

    return guarded


def for_this_machine(handler: Handler) -> Handler:
    """Let a handler answer only this machine's own administrator: loopback and the key."""

    @wraps(handler)
    async def guarded(request: web.Request) -> web.StreamResponse:
        if not is_loopback(request.remote):
            return problem(request, 403, "This is only answered on the office's own machine.")
        if not shows_key(request):
            return problem(request, 401, "Show the office's admin key as a bearer token.", _WHO)
        return await handler(request)

    return guarded


def is_loopback(address: str | None) -> bool:
    """Tell whether a network address is this machine's own."""
    try:
        return ip_address(address or "").is_loopback
    except ValueError:
        return False
