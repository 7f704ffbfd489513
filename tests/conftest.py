"""What every test may ask for: the long run, and the folder of real data beside the checkout."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.real_data import real_data

if TYPE_CHECKING:
    from tests.cloud.postgres_server import PostgresServer

CHECKOUT = Path(__file__).resolve().parent.parent

# Boxes of several tests run on one machine; only those meet that a test brings together.
os.environ["GUICHET_NEIGHBOURS"] = "off"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--long`, which runs the tests that take longer than the daily run allows."""
    parser.addoption("--long", action="store_true", help="run the tests marked `long` as well")


def pytest_configure(config: pytest.Config) -> None:
    """Draw the same examples in every daily run, so that it fails for a change and not by chance.

    The long run draws new ones each time: what it finds becomes a test with a name.
    """
    settings.register_profile("daily", derandomize=True, deadline=None, database=None)
    settings.register_profile("long", deadline=None, print_blob=True)
    settings.load_profile("long" if config.getoption("--long") else "daily")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the long tests, saying so, unless they were asked for."""
    if config.getoption("--long"):
        # Long tests bring their own patience; the limit of a daily test would cut them off.
        for item in items:
            if item.get_closest_marker("long") and not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(3_600))
        return
    skipped = pytest.mark.skip(reason="takes long: `./guichet test --long` runs it")
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(skipped)


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder that holds `guichet`, the product and its tests."""
    return CHECKOUT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real till records and photographs; a test that needs it skips without it.

    It is `../shared/data` beside the checkout, or what GUICHET_DATA names. A folder that somebody
    named and that is not there is a mistake, and no reason to skip.
    """
    folder = real_data()
    if not folder.is_dir():
        if "GUICHET_DATA" in os.environ:
            pytest.fail(f"GUICHET_DATA names {folder}, which is no folder")
        pytest.skip(f"no real data at {folder}: set GUICHET_DATA to the folder that holds it")
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> "Iterator[PostgresServer]":
    """A PostgreSQL of this test process; without a wheel of it, a test that needs it skips."""
    from tests.cloud.postgres_server import running_here

    with running_here() as server:
        yield server
