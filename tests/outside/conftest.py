"""What every outside-in test may ask for."""

import random
from collections.abc import Iterator

import pytest

from tests.outside.fair import Fair, open_fair
from tests.outside.lab import Lab
from tests.outside.namespaces import NoNamespaces
from tests.outside.needs import need

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


@pytest.fixture(scope="session")
def open_ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fair]:
    """A festival on this machine whose office serves as long as there are tests."""
    with open_fair(tmp_path_factory.mktemp("fair")) as one:
        yield one


@pytest.fixture
def fair(open_ground: Fair) -> Iterator[Fair]:
    """The festival on this machine, for a test that adds boxes of its own."""
    yield open_ground
    open_ground.stop_boxes()


def new_lab(*names: str) -> Lab:
    """Return a lab with these hosts, or skip and say what this machine lacks for it."""
    need("ip", "tc", "nft", root=True, why="make networks that can be cut")
    try:
        lab = Lab(*names)
    except NoNamespaces as trouble:
        pytest.skip(f"no network can be made here: {trouble}")
    try:
        lab.heal()  # the packet filter's turn to say no
    except NoNamespaces as trouble:
        lab.close()
        pytest.skip(f"no network can be cut here: {trouble}")
    return lab
