"""What every outside-in test may ask for."""

import random
from collections.abc import Iterator

import pytest

from tests.outside.fair import Fair, open_fair

DAILY_ROUNDS = 3
LONG_ROUNDS = 30


@pytest.fixture
def rounds(request: pytest.FixtureRequest) -> int:
    """How often a fault is made: thrice per kind in the daily run, thirty times in the long."""
    return LONG_ROUNDS if request.config.getoption("--long") else DAILY_ROUNDS


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """Chance for the moments of faults: the same in every daily run, other ones in the long."""
    return random.Random() if request.config.getoption("--long") else random.Random(2028)


@pytest.fixture(scope="module")
def fair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fair]:
    """A festival on this machine whose office serves; each test adds boxes of its own."""
    with open_fair(tmp_path_factory.mktemp("fair")) as one:
        yield one
