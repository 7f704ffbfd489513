"""Every operation, fuzzed from its own description: whatever comes in, nothing breaks.

A real house answers over HTTP. The organiser asks, so that most of it is allowed; what goes wrong
must be a problem that the description promises, and never a mistake of ours.
"""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from cloud.api.house_routes import DESCRIPTION
from cloud.api.routes import Operation
from cloud.app import operations
from tests.cloud.api.matrix_world import World, open_world
from tests.cloud.engines import PostgresEngine


def takes_anything(operation: Operation) -> bool:
    """Tell whether anything comes in that could be wrong."""
    comes_in = (operation.places, operation.query, operation.body, operation.is_idempotent)
    return any(comes_in)


pytestmark = pytest.mark.one_engine
EXAMPLES = 3
EXAMPLES_LONG = 100
CASES = [
    pytest.param(one.name, mode, id=f"{one.name}-{mode}")
    for one in operations()
    for mode in GenerationMode
    if one.path != DESCRIPTION and (mode is GenerationMode.POSITIVE or takes_anything(one))
]
"""The description itself is not asked for: the client reads it first."""
NOT_AS_ORGANISER = {"accounts_logout", "accounts_erase", "accounts_password", "house_metrics"}
"""What would sign the organiser out, so that everything after it would only say 401."""


@pytest.fixture(scope="module", params=["file", pytest.param("postgres", marks=pytest.mark.long)])
def world(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Serve a house from a thread of its own, for requests that block."""
    folder = tmp_path_factory.mktemp("fuzz")
    if request.param == "postgres":
        engine = PostgresEngine(request.getfixturevalue("postgres_server"))
        engine.furnish(folder)
        yield from _served(folder)
        engine.drop()
    else:
        yield from _served(folder)


def _served(folder: Path) -> Iterator[World]:
    ready, found, end = threading.Event(), [], asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve(path: Path) -> None:
        async with open_world(path) as world:
            found.append(world)
            ready.set()
            await end.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(folder),))
    thread.start()
    assert ready.wait(30)
    yield found[0]
    loop.call_soon_threadsafe(end.set)
    thread.join(30)
    loop.close()


@pytest.fixture(scope="module")
def described(world: World) -> dict[str, Any]:
    """Return the operations that the description names."""
    schema = schemathesis.openapi.from_url(f"{world.url}/api/v1/openapi.json")
    every = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    return {one.definition.raw["operationId"]: one for one in every}


@pytest.mark.parametrize("name, mode", CASES)
def test_no_operation_breaks_whatever_comes_in(
    request: pytest.FixtureRequest,
    world: World,
    described: dict[str, Any],
    name: str,
    mode: GenerationMode,
) -> None:
    count = EXAMPLES_LONG if request.config.getoption("--long") else EXAMPLES
    shown = "" if name in NOT_AS_ORGANISER else world.shown["organiser"]
    headers = {"Authorization": f"Bearer {shown}"} if shown else {}
    _fuzz(described[name], mode, headers, count)


def _fuzz(operation: Any, mode: GenerationMode, headers: dict[str, str], count: int) -> None:
    @settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        response = case.call(headers=headers)
        assert response.status_code < 500, (case.as_curl_command(), response.text)
        described = operation.definition.raw["responses"]
        assert str(response.status_code) in described, (response.status_code, response.text)

    run()
