"""What this machine's administrator asks of a running office: a new superadmin link.

Only one process writes to the accounts, so a command asks the one that does. It proves that it may
read `house.key`, and comes from this machine.
"""

import hmac
from typing import Final

from aiohttp import web

from cloud.accounts.asking import ACCOUNTS
from cloud.accounts.service import Marks
from cloud.accounts.superadmin import make_link
from cloud.dashboard.guard import is_loopback
from cloud.problems import problem

SUPERADMIN_LINK_PATH: Final = "/admin/v1/superadmin-link"
_PURPOSE: Final = "commands of this machine"
_BEARER: Final = "Bearer "


def bearer_of(marks: Marks) -> str:
    """Return what a command shows: it follows from the house key."""
    return marks.of(_PURPOSE).hex()


def add_routes(app: web.Application) -> None:
    """Open the door for commands."""
    app.router.add_post(SUPERADMIN_LINK_PATH, _superadmin_link)


async def _superadmin_link(request: web.Request) -> web.Response:
    """Make a new superadmin link for whoever may read the house's key."""
    accounts = request.app[ACCOUNTS]
    shown = request.headers.get("Authorization", "").removeprefix(_BEARER)
    wanted = bearer_of(accounts.marks)
    if not hmac.compare_digest(wanted.encode(), shown.encode(errors="replace")):
        return problem(request, 401, "Show what follows from the house's key.")
    if not is_loopback(request.remote):
        return problem(request, 403, "This is only answered on the office's own machine.")
    secret = await make_link(accounts)
    return web.json_response({"secret": secret.show()})
