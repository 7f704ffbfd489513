"""The screen's words: both languages, letters for each large word, lines that fit."""

import pytest

from edge.gate.screen import letters, lines
from edge.gate.screen.panel import Choice, Panel, Tone
from edge.gate.screen.widgets import panel_lines
from edge.gate.screen.words import names, word
from hardware.view import Hint

LARGE = ("come_in", "go_out", "check", "stop", "ready", "closed", "trouble", "peek")
PANEL_COLUMNS = 48
HEALTH = {
    "connected": True,
    "line": "",
    "refused": False,
    "alone": False,
    "alone_since_ms": None,
    "heard": True,
    "data_age_ms": 240_000,
    "neighbours": 2,
    "only_here": 37,
    "clock": "trusted",
    "uncertainty_ms": 2_000,
    "disk_free_mib": 5_000,
}


@pytest.mark.parametrize("name", names())
def test_every_word_is_there_in_both_languages(name: str) -> None:
    for language in ("en", "fr"):
        said = word(name, language, "a", "b")
        assert said
        assert "{" not in said


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_large_word_is_drawn_whole_beside_its_sign(name: str, language: str) -> None:
    said = word(name, language)
    drawn = letters.large(said)
    assert len(drawn) == letters.HEIGHT
    assert all(letter in letters.DRAWN for letter in said)
    assert len({len(row) for row in drawn}) == 1
    rows = panel_lines(Panel(Tone.ASK, said, ("Why?",)), PANEL_COLUMNS, 18)
    assert rows[1].startswith("  ██████")


@pytest.mark.parametrize("tone", Tone)
def test_every_tone_has_a_sign_of_its_own(tone: Tone) -> None:
    others = {letters.SIGNS[one.value] for one in Tone if one is not tone}
    assert letters.SIGNS[tone.value] not in others


def test_a_small_panel_keeps_the_words_and_gives_up_their_size() -> None:
    rows = panel_lines(Panel(Tone.REFUSE, "STOP", ("Why.",)), 20, 5)
    assert "✘" in rows[0]
    assert "STOP" in rows[0]


def test_a_large_panel_has_larger_letters() -> None:
    small = panel_lines(Panel(Tone.ADMIT, "COME IN", ()), 48, 18)
    large = panel_lines(Panel(Tone.ADMIT, "COME IN", ()), 110, 30)
    assert len(large) == 2 * len(small) - 1
    assert max(map(len, large)) >= 2 * max(map(len, small)) - 2


def test_what_somebody_else_wrote_cannot_be_markup() -> None:
    nasty = "[red]x[/red][@click=app.press('y')]go[/]"
    rows = panel_lines(Panel(Tone.ASK, "CHECK", (nasty,), (Choice("y", nasty),), nasty), 40, 20)
    assert all("[red]" not in row.replace("\\[red]", "") for row in rows)


@pytest.mark.parametrize("hint", [one for one in Hint if one is not Hint.FINE])
def test_every_hint_of_the_camera_has_words(hint: Hint) -> None:
    assert word(f"hint_{hint.value}", "en") != word(f"hint_{hint.value}", "fr")


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
