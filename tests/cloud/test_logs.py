"""What an office writes into its log: lines of JSON without anybody's address."""

import json
import logging
from collections.abc import Iterator

import pytest

from cloud.serve import _log_to_stderr

pytestmark = pytest.mark.one_engine
NAMES = ("guichet", "guichet.office", "aiohttp")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Leave the process's loggers as they were."""
    logs = [logging.getLogger(name) for name in NAMES]
    kept = [(log, log.handlers, log.propagate, log.level) for log in logs]
    yield
    for log, handlers, propagate, level in kept:
        log.handlers, log.propagate = handlers, propagate
        log.setLevel(level)


@pytest.mark.parametrize("name", ["guichet.office", "guichet.office.accounts", "guichet.cloud"])
def test_whatever_part_of_the_office_speaks_its_line_is_json_with_its_row(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    _log_to_stderr(verbose=False)
    logging.getLogger(name).warning("it rains", extra={"row": {"why": "clouds"}})
    logging.getLogger(name).debug("nobody asked")
    (line,) = capsys.readouterr().err.splitlines()
    told = json.loads(line)
    assert (told["level"], told["event"], told["why"]) == ("warning", "it rains", "clouds")


def test_whoever_sends_rubbish_is_not_named_by_address(capsys: pytest.CaptureFixture[str]) -> None:
    _log_to_stderr(verbose=False)
    logging.getLogger("aiohttp.server").error("Error handling request from %s", "192.0.2.7")
    told = capsys.readouterr().err
    assert json.loads(told)["level"] == "error"
    assert "192.0.2.7" not in told


def test_who_asks_for_everything_is_told_every_request(capsys: pytest.CaptureFixture[str]) -> None:
    _log_to_stderr(verbose=True)
    logging.getLogger("guichet.office").debug("request", extra={"row": {"status": 200}})
    assert json.loads(capsys.readouterr().err)["status"] == 200
