"""What is asked of the house itself: is it well, what can it do, how much has it done."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import jinja2
from aiohttp import web

from cloud.accounts.access import public
from cloud.api.call import Call
from cloud.api.models import Given
from cloud.api.openapi import describe
from cloud.api.problems import Problem
from cloud.api.routes import API, Operation, Routes
from cloud.api.serving import tagged
from cloud.api.spelling import tag_of
from cloud.limits import RETRY_AFTER_S
from cloud.metrics import METRICS, METRICS_TYPE
from cloud.office import SOFTWARE
from cloud.store.connection import StoreTrouble
from cloud.store.look import Look

ROUTES: Final = Routes("house")
OPERATIONS: Final = web.AppKey("operations", tuple[Operation, ...])
DESCRIPTION: Final = f"{API}/openapi.json"
TITLE: Final = "Guichet's office"
_TEMPLATES: Final = Path(__file__).with_name("templates")
_RETRY: Final = {"Retry-After": str(RETRY_AFTER_S)}


class Health(Given):
    """Whether this process works."""

    status: str


@ROUTES.get("/health/live", may=public())
async def live(_: Call) -> Health:
    """Tell that the process answers."""
    return Health(status="live")


@ROUTES.get("/health/ready", may=public())
async def ready(call: Call) -> Health:
    """Tell whether facts can be taken in: every store can be read and every writer works."""
    try:
        await call.house.register.check()
        for one in call.house.festivals.values():
            if not one.desk.writer.is_open:
                raise Problem(503, "A festival's writer has ended.", "not_ready", headers=_RETRY)
            await one.desk.look(Look.facts)
    except StoreTrouble as trouble:
        raise Problem(503, "A store cannot be read.", "not_ready", headers=_RETRY) from trouble
    return Health(status="ready")


@ROUTES.get("/metrics", may=public(), gives="text/plain")
async def metrics(call: Call) -> web.Response:
    """Give the process's figures to Prometheus, which shows the house's key for figures.

    `./guichet cloud metrics-key DIR` prints the key.
    """
    figures, house = call.request.app[METRICS], call.house
    if not figures.opens(call.request):
        raise Problem(401, "Show the key for figures.", headers={"WWW-Authenticate": "Bearer"})
    desks = [one.desk for one in house.festivals.values()]
    waiting = sum(desk.writer.jobs_waiting for desk in desks)
    body = figures.page(len(desks), sum(desk.writer.is_open for desk in desks), waiting)
    return web.Response(body=body, headers={"Content-Type": METRICS_TYPE})


@ROUTES.get(DESCRIPTION, may=public())
async def openapi(call: Call) -> web.Response:
    """Give this description of the API (OpenAPI 3.1)."""
    body, tag = _spelled(call.request.app[OPERATIONS])
    return tagged(call.request, body, tag, "public, max-age=60")


@ROUTES.get(f"{API}/docs", may=public(), gives="text/html")
async def docs(call: Call) -> web.Response:
    """Show the description of the API as a page to read."""
    html = _page(call.request.app[OPERATIONS])
    return web.Response(text=html, content_type="text/html")


@ROUTES.get(f"{API}/docs.css", may=public(), gives="text/css")
async def docs_style(_: Call) -> web.Response:
    """Give the style of that page."""
    return web.Response(text=(_TEMPLATES / "docs.css").read_text(), content_type="text/css")


@cache
def _document(operations: tuple[Operation, ...]) -> dict[str, Any]:
    return describe(operations, TITLE, SOFTWARE.rpartition(" ")[2])


@cache
def _spelled(operations: tuple[Operation, ...]) -> tuple[bytes, str]:
    body = json.dumps(_document(operations), ensure_ascii=False, sort_keys=True).encode()
    return body, tag_of(body)


@cache
def _page(operations: tuple[Operation, ...]) -> str:
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    document = _document(operations)
    areas: dict[str, list[Any]] = {}
    for path, methods in document["paths"].items():
        for method, row in methods.items():
            areas.setdefault(row["tags"][0], []).append((method.upper(), path, row))
    return templates.get_template("docs.html").render(
        document=document, areas=sorted(areas.items()), refer=_referred
    )


def _referred(schema: dict[str, Any]) -> str:
    """Return the name of the schema that a part refers to, or its type as a word."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " or ".join(_referred(part) for part in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_referred(schema.get('items', {}))}"
    return str(schema.get("type", "anything"))
