"""Turns declared routes into handlers: who asks, may they, is it well formed, then the area's work.

Guards stand in this order: the path, the credential, the pace, the access, the query, the body. A
page's cookie does nothing that changes anything without the page's own secret beside it.
"""

from collections.abc import Iterable
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel, ValidationError

from cloud.accounts.access import Door, Principal, Refusal, decide
from cloud.api.call import DEED_KEY, DEED_MARK, Answer, Call, refused
from cloud.api.openapi import IDEMPOTENCY_HEADER
from cloud.api.pace import Pace
from cloud.api.places import read_places
from cloud.api.problems import Problem, misread
from cloud.api.routes import JSON_TYPE, Operation
from cloud.api.spelling import names_tag, spell, tag_of
from cloud.clock_and_chance import monotonic_ms
from cloud.forwarding import network_of
from cloud.house import HOUSE
from cloud.limits import MESSAGE_READ_S_MAX
from cloud.once import is_key, mark_of
from cloud.problems import OPERATION
from cloud.reading import TooLong, read_body

PACE: Final = web.AppKey("pace_of_requests", Pace)
_SAFE: Final = frozenset({"get"})
_NO_CONTENT: Final = 204


def add_operations(app: web.Application, operations: Iterable[Operation]) -> None:
    """Open declared routes in an application; two of one name or place are a mistake of ours."""
    names: set[str] = set()
    for operation in operations:
        if operation.name in names:
            message = f"two operations are called {operation.name}"
            raise ValueError(message)
        names.add(operation.name)
        app.router.add_route(operation.method, operation.path, _handler(operation))
    app.setdefault(PACE, Pace(monotonic_ms))


def _handler(operation: Operation) -> Any:
    async def handle(request: web.Request) -> web.StreamResponse:
        request[OPERATION] = operation.name
        call = await _let_in(operation, request)
        values: list[Any] = [call]
        if operation.is_idempotent:
            _name_deed(request)
        if operation.body is not None:
            values.append(await _body_of(operation, request))
        if operation.query is not None:
            values.append(_query_of(operation.query, request))
        return _answered(operation, request, await operation.handler(*values))

    return handle


async def _let_in(operation: Operation, request: web.Request) -> Call:
    """Return the call if who asks may ask; a `Problem` says why not."""
    house, pace = request.app[HOUSE], request.app[PACE]
    places = read_places(request.match_info)
    shown = await house.who_asks(request)
    pace.admit(_pace_key(request, shown if isinstance(shown, Principal) else None))
    if isinstance(shown, Problem):
        if operation.access.door is not Door.PUBLIC:
            raise shown
        shown = None
    festival = places.get("festival")
    owner = None if festival is None else house.organiser_of(festival)
    decided = decide(shown, operation.access, owner, festival)
    if isinstance(decided, Refusal):
        raise refused(decided)
    if operation.method not in _SAFE:
        house.register.check_page(request)
    return Call(request, house, decided.principal, places, operation.status)


def _pace_key(request: web.Request, principal: Principal | None) -> tuple[str, str]:
    if principal is None:
        return ("address", network_of(request.remote or "").hex())
    return ("principal", principal.id)


async def _body_of(operation: Operation, request: web.Request) -> Any:
    """Return the body as its model, or its bytes where it is no JSON."""
    if request.content_type != operation.takes:
        raise Problem(415, f"The body must be {operation.takes}.", "unsupported_media_type")
    try:
        content = await read_body(request, operation.body_bytes_max, MESSAGE_READ_S_MAX)
    except TooLong as trouble:
        title = f"The body has more than {operation.body_bytes_max} bytes."
        raise Problem(413, title, "too_long") from trouble
    except TimeoutError as trouble:
        raise Problem(408, f"The body must arrive within {MESSAGE_READ_S_MAX} s.") from trouble
    model = operation.body
    if model is None or not issubclass(model, BaseModel):
        _mark_deed(operation, request, content.hex())
        return content
    try:
        read = model.model_validate_json(content)
    except ValidationError as trouble:
        raise misread(trouble, "body") from trouble
    _mark_deed(operation, request, read.model_dump(mode="json"))
    return read


def _name_deed(request: web.Request) -> None:
    """Take the name of what is to be done once; a deed without a body is marked by its path."""
    key = request.headers.get(IDEMPOTENCY_HEADER, "")
    if not is_key(key):
        title = f"Send an {IDEMPOTENCY_HEADER}: 1 to 255 visible characters, drawn by you."
        raise Problem(400, title, "idempotency_key_needed")
    request[DEED_KEY] = key
    request[DEED_MARK] = mark_of(request.path, None)


def _mark_deed(operation: Operation, request: web.Request, content: Any) -> None:
    if operation.is_idempotent:
        request[DEED_MARK] = mark_of(request.path, content)


def _query_of(model: type[BaseModel], request: web.Request) -> BaseModel:
    values: dict[str, str] = {}
    for name, value in request.query.items():
        if name in values:
            raise Problem(422, f"The query has {name[:40]!r} more than once.", "invalid")
        values[name] = value
    try:
        return model.model_validate(values)
    except ValidationError as trouble:
        raise misread(trouble, "query") from trouble


def _answered(operation: Operation, request: web.Request, result: Any) -> web.StreamResponse:
    """Spell what a handler returned; what is read carries its tag, so it need not be sent twice."""
    if isinstance(result, web.StreamResponse):
        return result
    if result is None:
        return web.Response(status=_NO_CONTENT)
    if isinstance(result, Answer):
        return web.Response(status=result.status, body=result.body, content_type=result.type)
    body = spell(result)
    if operation.method in _SAFE:
        return tagged(request, body, tag_of(body), "private, no-cache", operation.status)
    return web.Response(status=operation.status, body=body, content_type=JSON_TYPE)


def tagged(
    request: web.Request, body: bytes, tag: str, cache_control: str, status: int = 200
) -> web.Response:
    """Answer JSON with its tag, or only that whoever asks has it already."""
    headers = {"ETag": tag, "Cache-Control": cache_control}
    if names_tag(request.headers.getall("If-None-Match", ()), tag, weak_too=True):
        return web.Response(status=304, headers=headers)
    return web.Response(status=status, body=body, content_type=JSON_TYPE, headers=headers)


def check_match(request: web.Request, present: BaseModel) -> None:
    """Refuse a change that was made against something else than what is there now.

    Without `If-Match` whoever speaks last is heard.
    """
    wanted = request.headers.getall("If-Match", ())
    if any(wanted) and not names_tag(wanted, tag_of(spell(present)), weak_too=False):
        title = "Somebody changed this meanwhile. Read it again, then change it."
        raise Problem(412, title, "changed_meanwhile")
