"""The panel in the middle: a sign for each tone, words as large as there is room for."""

import pytest

from edge.screen import letters
from edge.screen.panel import Choice, Panel, Tone
from edge.screen.widgets import panel_lines


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
