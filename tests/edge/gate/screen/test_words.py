"""The gate's own large words are drawn whole."""

import pytest

from edge.gate.screen.words import word
from tests.edge.screen.test_words import drawn_beside_its_sign


@pytest.mark.parametrize("name", ["come_in", "go_out", "peek"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_large_word_is_drawn_whole_beside_its_sign(name: str, language: str) -> None:
    assert drawn_beside_its_sign(word(name, language))
