"""The status line says how the box is; times are said in words."""

import pytest

from edge.screen import lines
from tests.edge.screen.bench import HEALTH


def test_the_status_line_says_everything_in_its_place() -> None:
    assert lines.status(HEALTH, "en", 60) == (
        "connected · 2 neighbours · 37 only here · data 4 min · clock ±2 s · disk 4 GB"
    )
    alone = HEALTH | {"alone": True, "alone_since_ms": 13 * 3_600_000, "clock": "coarse"}
    assert lines.status(alone, "fr", 60).startswith("SEUL depuis 14:00 · 2 voisins")
    never = HEALTH | {"alone": True, "heard": False, "data_age_ms": 10**12, "clock": "unknown"}
    told = lines.status(never, "en", 0)
    assert "ALONE, never heard the office" in told
    assert "data never" in told
    assert "clock unknown!" in told


def test_the_status_line_fits_a_small_screen_in_both_languages() -> None:
    worst = HEALTH | {
        "alone": True,
        "alone_since_ms": 0,
        "only_here": 99_999,
        "data_age_ms": 3 * 86_400_000,
        "clock": "coarse",
        "uncertainty_ms": 300_000,
    }
    for language in ("en", "fr"):
        assert len(lines.status(worst, language, 0)) <= 2 * 78
        assert len(lines.status(HEALTH, language, 0)) <= 78


@pytest.mark.parametrize(
    "time_ms,said", [(0, "0 s"), (59_999, "59 s"), (60_000, "1 min"), (7_200_000, "2 h")]
)
def test_a_span_is_said_in_its_largest_unit(time_ms: int, said: str) -> None:
    assert lines.span(time_ms, "en") == said


def test_days_are_said_in_each_language() -> None:
    assert lines.span(2 * 86_400_000, "en") == "2 d"
    assert lines.span(2 * 86_400_000, "fr") == "2 j"


def test_a_time_outside_of_any_calendar_is_a_question_mark() -> None:
    assert lines.day_and_time(1 << 60, 0) == "?"
    assert lines.day_and_time(0, 60) == "1970-01-01 01:00"
