"""Every screen's words: both languages, its own where it must, letters for each large word."""

from importlib import import_module

import pytest

from edge.screen import letters
from edge.screen.panel import Panel, Tone
from edge.screen.widgets import panel_lines
from edge.screen.words import OWN, Words
from hardware.view import Hint
from tests.tidy.sources import product_sources

LARGE = ("check", "stop", "ready", "closed", "trouble")
COMMON_FILE = "edge/screen/words.py"
PANEL_COLUMNS = 48


def tables() -> dict[str, Words]:
    """Return the words of every screen that there is, by the file in which they stand."""
    files = [s.path for s in product_sources() if s.path.endswith("/screen/words.py")]
    return {path: import_module(path[:-3].replace("/", ".")).word for path in files}


TABLES = tables()
SCREENS = sorted(TABLES.keys() - {COMMON_FILE})
NAMES = [(path, name) for path, word in TABLES.items() for name in word.names()]


def test_the_gates_words_are_among_those_that_are_looked_at() -> None:
    assert "edge/gate/screen/words.py" in SCREENS
    assert COMMON_FILE in TABLES


@pytest.mark.parametrize("path,name", NAMES)
def test_every_word_is_there_in_both_languages(path: str, name: str) -> None:
    for language in ("en", "fr"):
        said = TABLES[path](name, language, "a", "b")
        assert said
        assert "{" not in said


@pytest.mark.parametrize("path", SCREENS)
def test_every_screen_words_for_itself_what_the_common_modes_say_of_the_place(path: str) -> None:
    word = TABLES[path]
    assert set(OWN) <= set(word.names())
    assert sum(map(len, word.tables)) == len(word.names()), "a word stands in two tables"


def drawn_beside_its_sign(said: str) -> bool:
    """Whether a large word is drawn whole on the panel of a small screen."""
    rows = panel_lines(Panel(Tone.ASK, said, ("Why?",)), PANEL_COLUMNS, 18)
    drawn = letters.large(said)
    is_whole = all(letter in letters.DRAWN for letter in said)
    is_even = len(drawn) == letters.HEIGHT and len({len(row) for row in drawn}) == 1
    return is_whole and is_even and rows[1].startswith("  ██████")


@pytest.mark.parametrize("name", LARGE)
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("path", SCREENS)
def test_every_common_large_word_is_drawn_whole_beside_its_sign(
    path: str, language: str, name: str
) -> None:
    assert drawn_beside_its_sign(TABLES[path](name, language))


@pytest.mark.parametrize("hint", [one for one in Hint if one is not Hint.FINE])
@pytest.mark.parametrize("path", SCREENS)
def test_every_hint_of_the_camera_has_words(path: str, hint: Hint) -> None:
    word = TABLES[path]
    assert word(f"hint_{hint.value}", "en") != word(f"hint_{hint.value}", "fr")
