"""These tests are about PostgreSQL unless they say otherwise."""

import pytest

from tests.cloud.engines import Engine, PostgresEngine


@pytest.fixture
def postgres(engine: Engine) -> PostgresEngine:
    """The engine, where a test is marked `postgres_only`."""
    assert isinstance(engine, PostgresEngine)
    return engine
