"""An online gate judges by the festival's own clock on the wall, also in the night it goes back."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sync.facts import Admitted
from sync.history import standing
from tests.cloud.access.scanning import TYPE, code, says, scanning

AT_NIGHT = TYPE | {"window": [120, 180]}  # from 02:00 to 03:00
DAILY = TYPE | {"daily_limit": 1, "exit_required": False}


def unix_ms(hour: int, minute: int, day: int = 25) -> int:
    """Return a time of October 2026 in UTC; Paris goes from +2 to +1 on the 25th at 01:00 UTC."""
    return int(datetime(2026, 10, day, hour, minute, tzinfo=UTC).timestamp()) * 1_000


@pytest.mark.parametrize(
    "hour,minute,said",
    [
        (23, 58, "refuse outside_daily_window"),  # 01:58, of the evening before
        (0, 1, "admit"),
        (0, 58, "admit"),  # 02:58, and then it is 02:00 again
        (1, 1, "admit"),
        (1, 58, "admit"),
        (2, 1, "refuse outside_daily_window"),
    ],
)
async def test_a_window_is_open_in_both_hours_that_the_clock_shows_twice(
    tmp_path: Path, hour: int, minute: int, said: str
) -> None:
    async with scanning(tmp_path, AT_NIGHT) as (office, phone):
        office.now_ms = unix_ms(hour, minute, 24 if hour == 23 else 25)
        assert says(await phone.admit(code(1))) == said


async def test_a_festival_day_ends_at_six_on_the_wall_that_morning_too(tmp_path: Path) -> None:
    async with scanning(tmp_path, DAILY) as (office, phone):
        told = []
        for hour, minute in ((0, 30), (4, 59), (5, 0)):
            office.now_ms = unix_ms(hour, minute)
            told.append(says(await phone.admit(code(1))))
        assert told == ["admit", "refuse limit_reached", "admit"]
        known = await office.do(lambda o: standing(o.cells, 1))
        assert [row.day for row in known.admissions] == [20261024, 20261025]
        assert all(row.kind == Admitted.KIND for row in known.admissions)
