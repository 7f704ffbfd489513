"""Every operation, fuzzed from its own description: whatever comes in, nothing breaks.

A real house answers over HTTP. Who may ask asks, about things that are there, so that most of it is
allowed; what goes wrong must be a problem that the description promises, and never a mistake of
ours. At least one well formed request of each operation must come past the door.
"""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok

from cloud.accounts.access import Door
from cloud.api.house_routes import DESCRIPTION
from cloud.api.routes import Operation
from cloud.app import operations
from tests.cloud.api.furnishing import Furnished, furnish
from tests.cloud.api.houses import METRICS_KEY
from tests.cloud.api.matrix_world import World, open_world
from tests.cloud.engines import PostgresEngine


def takes_anything(operation: Operation) -> bool:
    """Tell whether anything comes in that could be wrong; bytes of any kind cannot."""
    is_body_read = operation.body is not None and issubclass(operation.body, BaseModel)
    return any((operation.places, operation.query, is_body_read, operation.is_idempotent))


pytestmark = pytest.mark.one_engine
EXAMPLES = 3
TRIES = 15
EXAMPLES_LONG = 100
BY_NAME = {one.name: one for one in operations()}
NAMES = list(BY_NAME)
CASES = [
    pytest.param(one.name, mode, id=f"{one.name}-{mode}")
    for one in operations()
    for mode in GenerationMode
    if one.path != DESCRIPTION and (mode is GenerationMode.POSITIVE or takes_anything(one))
]
"""The description itself is not asked for: the client reads it first."""
NAMED_IN_WHAT_COMES_IN = [
    one.name
    for one in operations()
    for comes_in in (one.body, one.query)
    if one.access.door is Door.SCOPED and "festival" in getattr(comes_in, "model_fields", ())
]
ENDS_ITS_SESSION = {"accounts_logout", "accounts_erase", "accounts_password"}
"""What is asked by somebody new each time, because the next request would only hear 401."""
TURNED_AWAY = {401, 403, 404}
STAYS_OUTSIDE = {"accounts_join_superadmins"}
"""What nothing lets in: there is one superadmin link at a time, and another operation takes it."""


@dataclass
class Fair:
    """A house that answers from a thread of its own, for requests that block."""

    world: World
    furnished: Furnished
    loop: asyncio.AbstractEventLoop
    guests: int = 0

    def headers(self, operation: Operation, who: str = "") -> dict[str, str]:
        """Return what this one shows, or somebody who may ask."""
        if who:
            return {"Authorization": f"Bearer {self.world.shown[who]}"}
        who = "superadmin" if operation.access.door is Door.SUPERADMIN else "organiser"
        if operation.name == "house_metrics":
            return {"Authorization": f"Bearer {METRICS_KEY}"}
        if operation.name in ENDS_ITS_SESSION:
            self.guests += 1
            who = f"guest {self.guests}"
            asyncio.run_coroutine_threadsafe(self.world.register(who), self.loop).result(30)
        return {"Authorization": f"Bearer {self.world.shown[who]}"}


@pytest.fixture(scope="module", params=["file", pytest.param("postgres", marks=pytest.mark.long)])
def fair(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fair]:
    """Serve a house with a furnished festival."""
    folder = tmp_path_factory.mktemp("fuzz")
    if request.param == "postgres":
        engine = PostgresEngine(request.getfixturevalue("postgres_server"))
        engine.furnish(folder)
        yield from _served(folder)
        engine.drop()
    else:
        yield from _served(folder)


def _served(folder: Path) -> Iterator[Fair]:
    ready, found, end = threading.Event(), [], asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve(path: Path) -> None:
        try:
            async with open_world(path) as world:
                found.append(Fair(world, await furnish(world), loop))
                ready.set()
                await end.wait()
        finally:
            ready.set()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(folder),))
    thread.start()
    assert ready.wait(60)
    assert found, "the fair could not be furnished"
    yield found[0]
    loop.call_soon_threadsafe(end.set)
    thread.join(30)
    loop.close()


@pytest.fixture(scope="module")
def described(fair: Fair) -> dict[str, Any]:
    """Return the operations that the description names."""
    schema = schemathesis.openapi.from_url(f"{fair.world.url}/api/v1/openapi.json")
    every = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    return {one.definition.raw["operationId"]: one for one in every}


@pytest.mark.parametrize("name, mode", CASES)
def test_no_operation_breaks_whatever_comes_in(
    request: pytest.FixtureRequest,
    fair: Fair,
    described: dict[str, Any],
    name: str,
    mode: GenerationMode,
) -> None:
    count = EXAMPLES_LONG if request.config.getoption("--long") else EXAMPLES
    statuses = _fuzz(fair, described[name], BY_NAME[name], mode, count)
    if mode is GenerationMode.POSITIVE and name not in STAYS_OUTSIDE:
        assert not statuses <= TURNED_AWAY, "nothing that was asked came past the door"


@pytest.mark.parametrize("name", NAMED_IN_WHAT_COMES_IN)
def test_no_other_organiser_reaches_a_festival_that_a_body_or_query_names(
    fair: Fair, described: dict[str, Any], name: str
) -> None:
    operation, mode = BY_NAME[name], GenerationMode.POSITIVE
    statuses = _fuzz(fair, described[name], operation, mode, TRIES, "other organiser")
    assert statuses & TURNED_AWAY
    assert statuses <= TURNED_AWAY | {422}, "what fits the description may still make no sense"


def _fuzz(
    fair: Fair,
    described: Any,
    operation: Operation,
    mode: GenerationMode,
    count: int,
    who: str = "",
) -> set[int]:
    """Ask again and again; every third time or so about things that are nowhere."""
    statuses = set()

    @settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(case=described.as_strategy(generation_mode=mode), chance=st.integers(0, 2))
    def run(case: Any, chance: int) -> None:
        aim(case, fair.furnished, operation, is_there=chance < 2)
        response = case.call(headers=fair.headers(operation, who))
        statuses.add(response.status_code)
        assert response.status_code < 500, (case.as_curl_command(), response.text)
        promised = described.definition.raw["responses"]
        assert str(response.status_code) in promised, (response.status_code, response.text)

    run()
    return statuses


def aim(case: Any, furnished: Furnished, operation: Operation, *, is_there: bool) -> None:
    """Put what is there in the place of what was made up; what is wrong on purpose stays wrong."""
    known = furnished.known(operation.name, NAMES.index(operation.name), is_there=is_there)
    path = case.meta.components.get(ParameterLocation.PATH)
    if path is not None and path.mode is GenerationMode.POSITIVE:
        case.path_parameters |= {
            name: known.places[name] for name in operation.places if name in known.places
        }
    if (
        operation.name in NAMED_IN_WHAT_COMES_IN
        and case.meta.generation.mode is GenerationMode.POSITIVE
    ):
        comes_in = case.body if isinstance(case.body, dict) else case.query
        comes_in.setdefault("festival", furnished.festival)
    case.body = replaced(case.body, known.fields)
    case.query = replaced(case.query, known.fields)


def replaced(given: Any, known: dict[str, Any]) -> Any:
    """Return a body in which the fields that have a known value of the same type have it."""
    if isinstance(given, list):
        return [replaced(one, known) for one in given]
    if not isinstance(given, dict):
        return given
    return {name: _named(name, value, known) for name, value in given.items()}


def _named(name: Any, value: Any, known: dict[str, Any]) -> Any:
    is_as_it_must_be = name in known and _is_alike(value, known[name])
    return known[name] if is_as_it_must_be else replaced(value, known)


def _is_alike(value: Any, known: Any) -> bool:
    """Tell whether two are of one type; to a description 5.0 is a whole number too."""
    kinds = {float: int}
    return kinds.get(type(value), type(value)) is type(known)
