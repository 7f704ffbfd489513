"""Runs each test of the office on both engines; those marked `one_engine` on SQLite alone."""

from collections.abc import Iterator

import pytest

from cloud.store.database import DATABASE_VARIABLE
from tests.cloud.engines import ENGINES, Engine, PostgresEngine, SqliteEngine, use
from tests.cloud.postgres_server import PostgresServer, running


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test both engines, unless it is about SQLite's file or no store at all."""
    wanted: tuple[str, ...] = ENGINES
    if metafunc.definition.get_closest_marker("one_engine") is not None:
        wanted = ENGINES[:1]
    elif metafunc.definition.get_closest_marker("postgres_only") is not None:
        wanted = ENGINES[1:]
    metafunc.parametrize("engine", wanted, indirect=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL of this test process; a test that needs it skips, saying why, without it."""
    try:
        server = running()
        found = server.__enter__()
    except Exception as trouble:  # noqa: BLE001 - whatever keeps the wheel from running here
        pytest.skip(f"PostgreSQL does not run here, so nothing is tested on it: {trouble!r}")
    yield found
    server.__exit__(None, None, None)


@pytest.fixture(autouse=True)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The engine on which the offices of this test keep their stores."""
    monkeypatch.delenv(DATABASE_VARIABLE, raising=False)
    if request.param == "sqlite":
        found: Engine = SqliteEngine()
    else:
        found = PostgresEngine(request.getfixturevalue("postgres_server"))
    with use(found):
        yield found
