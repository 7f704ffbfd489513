"""Nobody reaches what is not theirs: every operation, asked by everybody (promise P12).

The list of operations is the API's own, so a route that is new is in the matrix at once. What is
asked is never well formed, so nothing that would be allowed happens.
"""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cloud.accounts.access import Door, Role
from cloud.api.places import place_of
from cloud.api.routes import Operation
from cloud.app import operations
from tests.cloud.api.matrix_world import World, open_world

PEOPLE = {
    "guest": Role.GUEST,
    "agent": Role.AGENT,
    "technician": Role.TECHNICIAN,
    "cashier": Role.CASHIER,
    "organiser": Role.ORGANISER,
    "superadmin": Role.SUPERADMIN,
}
TOO_MANY = 429
OWN_CREDENTIAL = {"house_metrics", "accounts_token"}
"""Public by declaration, because they take a credential of another kind than the rest."""


def path_of(operation: Operation, festival: int) -> str:
    """Return a path that the operation takes, about things that are not there."""
    path = operation.path
    for name in operation.places:
        pattern = place_of(name).pattern
        value = next(one for one in ("200", "ab" * 16, "ab") if pattern.fullmatch(one))
        path = path.replace(f"{{{name}}}", str(festival) if name == "festival" else value)
    return path


def asked(operation: Operation) -> dict[str, Any]:
    """Return a body that no operation takes."""
    if operation.body is None:
        return {}
    return {
        "data": b'{"nonsense": true}',
        "headers": {"Content-Type": operation.takes, "Idempotency-Key": "k"},
    }


def expected(operation: Operation, who: str) -> Iterator[int]:
    """Return the statuses with which somebody must be refused; none if they may ask."""
    access = operation.access
    if access.door is Door.PUBLIC:
        return
    has_festival = "festival" in operation.places
    if who in {"", "revoked"}:
        yield 401
    elif access.door is Door.SUPERADMIN:
        if who != "superadmin":
            yield 403
    elif who == "other organiser":
        if has_festival:
            yield 404
    elif who == "key":
        if access.scope is not None and access.scope != "figures:read":
            yield 403
    elif access.door is Door.SCOPED and PEOPLE[who] not in access.roles:
        yield 403


def is_harmless(operation: Operation) -> bool:
    """Tell whether asking does nothing: it reads, or what is asked cannot be read."""
    return operation.method == "get" or operation.body is not None


async def test_everybody_is_refused_at_every_route_that_is_not_theirs(tmp_path: Path) -> None:
    wrong: list[str] = []
    async with open_world(tmp_path) as world:
        for operation in operations():
            for who in ("", "revoked", "other organiser", "key", *PEOPLE):
                wrong += [fault async for fault in _faults(world, operation, who)]
    assert wrong == []


async def _faults(world: World, operation: Operation, who: str) -> Any:
    wanted = set(expected(operation, who))
    if not wanted and not is_harmless(operation):
        return
    path = path_of(operation, world.festival)
    method = operation.method.upper()
    status, body = await world.ask(method, path, who, **asked(operation))
    while status == TOO_MANY:  # strangers may not ask so fast
        await asyncio.sleep(1)
        status, body = await world.ask(method, path, who, **asked(operation))
    place = f"{operation.name} as {who or 'nobody'}: {status}"
    if wanted and status not in wanted:
        yield f"{place}, not {sorted(wanted)}"
    elif not wanted and status in {401, 403} and not _is_told_why(operation, body):
        yield f"{place}, although it may ask ({body})"
    elif status >= 500 and operation.name != "house_ready":
        yield place


def _is_told_why(operation: Operation, body: Any) -> bool:
    """Tell whether somebody who may ask is refused for what they are: no person, of nobody."""
    return operation.name in OWN_CREDENTIAL or body["code"] in {"organiser_needed", "person_needed"}


def test_every_operation_stands_once_in_the_api() -> None:
    names = [operation.name for operation in operations()]
    places = [(one.method, re.sub(r"\{\w+\}", "{}", one.path)) for one in operations()]
    assert len(set(names)) == len(names)
    assert len(set(places)) == len(places)
