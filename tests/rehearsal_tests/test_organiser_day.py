"""A whole festival through nothing but the described API, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cloud.postgres_server import running
from tests.rehearsal.house import serving
from tests.rehearsal.organiser_day import play

STEPS = [
    "sign_up", "make", "import_and_issue", "enrol", "sell_out", "scan", "pay_online",
    "sell_at_the_bar", "cancel", "rotate", "settle",
]  # fmt: skip


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The URL of an empty PostgreSQL database; skips, saying why, where none can run."""
    try:
        server = running()
        found = server.__enter__()
    except Exception as trouble:  # noqa: BLE001 - whatever keeps the wheel from running here
        pytest.skip(f"PostgreSQL does not run here: {trouble!r}")
    yield found.new_empty()[1]
    server.__exit__(None, None, None)


def test_an_organiser_plays_a_whole_festival_over_the_api(tmp_path: Path) -> None:
    with serving(tmp_path / "house") as offices:
        assert play(offices, tmp_path).told == STEPS


def test_the_same_festival_goes_well_with_two_processes_on_postgresql(
    tmp_path: Path, database: str
) -> None:
    with serving(tmp_path / "house", database=database, processes=2) as offices:
        assert play(offices, tmp_path).told == STEPS
