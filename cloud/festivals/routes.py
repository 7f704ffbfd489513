"""`POST /admin/v1/facts`: the folder's owner has the running office state something."""

import json
from typing import Any, Final

from aiohttp import web

from cloud.dashboard.guard import for_this_machine
from cloud.desk import DESK
from cloud.festivals.service import state
from cloud.festivals.statements import BadStatement
from cloud.limits import ADMIN_BYTES_MAX
from cloud.office import Office
from cloud.problems import problem

ADMIN_FACTS_PATH: Final = "/admin/v1/facts"


def add_routes(app: web.Application) -> None:
    """Open the route in an application."""
    app.router.add_post(ADMIN_FACTS_PATH, state_facts)


@for_this_machine
async def state_facts(request: web.Request) -> web.StreamResponse:
    """State what the body asks for, `{"facts": [{"kind": …}, …]}`: all of it or nothing."""
    content = await request.read()
    rows = _rows_of(content)
    if rows is None:
        return problem(request, 400, 'The body must be {"facts": [{"kind": …}, …]} in JSON.')

    def job(office: Office) -> dict[str, int] | BadStatement:
        return state(office, rows)

    try:
        result = await request.app[DESK].writer.do(job)
    except BadStatement as trouble:
        result = trouble
    if isinstance(result, BadStatement):
        return problem(request, 422, str(result))
    return web.json_response(result)


def _rows_of(content: bytes) -> list[Any] | None:
    if len(content) > ADMIN_BYTES_MAX:
        return None
    try:
        body = json.loads(content)
    except (ValueError, RecursionError):
        return None
    rows = body.get("facts") if isinstance(body, dict) else None
    return rows if isinstance(rows, list) else None
