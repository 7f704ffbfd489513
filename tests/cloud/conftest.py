"""Runs each test of the office on both engines; those marked `one_engine` on SQLite alone.

The daily run leaves out most of the tests on PostgreSQL in which the store is only underneath: of
those every fourth runs, always the same ones. `--long` runs all of them.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from cloud.store.database import DATABASE_VARIABLE
from tests.cloud.engines import ENGINES, Engine, PostgresEngine, SqliteEngine, use

_HERE: Final = Path(__file__).parent
_WHOLE: Final = frozenset(
    {"store", "test_office.py", "test_exchange.py", "test_taking_in.py", "test_once.py"}
)
"""What is about the store itself: all of it on PostgreSQL."""
_ONE_OF: Final = 4


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the daily run does not need to see twice, and say how much that is."""
    if config.getoption("--long"):
        return
    left_out = [item for item in items if _is_left_out(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not _is_left_out(item)]


def _is_left_out(item: pytest.Item) -> bool:
    """Tell whether a test on PostgreSQL may wait for the long run."""
    if not item.path.is_relative_to(_HERE) or "[postgres" not in item.name:
        return False
    place = item.path.relative_to(_HERE).parts
    if place[0] in _WHOLE or item.get_closest_marker("postgres_only"):
        return False
    return zlib.crc32(item.nodeid.encode()) % _ONE_OF != 0


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test both engines, unless it is about SQLite's file or no store at all."""
    wanted: tuple[str, ...] = ENGINES
    if metafunc.definition.get_closest_marker("one_engine") is not None:
        wanted = ENGINES[:1]
    elif metafunc.definition.get_closest_marker("postgres_only") is not None:
        wanted = ENGINES[1:]
    metafunc.parametrize("engine", wanted, indirect=True)


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
