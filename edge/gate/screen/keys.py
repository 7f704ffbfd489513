"""The keys that always mean the same on the gate's screen, and the line that names them."""

from typing import Final

from edge.gate.screen.words import word
from edge.screen.keys import LANGUAGE_KEY, key_rows
from edge.screen.panel import Choice

_ALWAYS: Final = (
    ("i", "key_in"),
    ("o", "key_out"),
    ("p", "key_peek"),
    ("u", "key_undo"),
    ("s", "key_supervisor"),
    ("t", "key_type"),
    ("l", "key_log"),
    (LANGUAGE_KEY, "key_language"),
)
_MORE: Final = (
    ("w", "key_wristband"),
    ("k", "key_clock"),
    ("r", "key_rehearse"),
    ("c", "key_camera"),
    ("x", "key_leave"),
)
AUTOMATIC_KEY: Final = "a"


def key_lines(language: str, *, has_automatic: bool) -> str:
    """Return two lines of markup that name every key; each can be pressed with a finger."""
    first = [Choice(key, word(name, language)) for key, name in _ALWAYS]
    second = [Choice(key, word(name, language)) for key, name in _MORE]
    if has_automatic:
        second.insert(0, Choice(AUTOMATIC_KEY, word("key_automatic", language)))
    return key_rows((first, second))
