"""A whole festival through nothing but the described API, on SQLite and on PostgreSQL."""

from pathlib import Path

from tests.cloud.postgres_server import PostgresServer
from tests.rehearsal.house import serving
from tests.rehearsal.organiser_day import play

STEPS = [
    "sign_up", "make", "import_and_issue", "enrol", "sell_out", "scan", "pay_online",
    "sell_at_the_bar", "cancel", "rotate", "settle",
]  # fmt: skip


def test_an_organiser_plays_a_whole_festival_over_the_api(tmp_path: Path) -> None:
    with serving(tmp_path / "house") as offices:
        assert play(offices, tmp_path).told == STEPS


def test_the_same_festival_goes_well_with_two_processes_on_postgresql(
    tmp_path: Path, postgres_server: PostgresServer
) -> None:
    _, database = postgres_server.new_empty()
    with serving(tmp_path / "house", database=database, processes=2) as offices:
        assert play(offices, tmp_path).told == STEPS
