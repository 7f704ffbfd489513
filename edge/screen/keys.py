"""The keys that mean the same on every screen, and how a screen names its keys."""

from collections.abc import Iterable
from typing import Final

from edge.screen.panel import Choice
from edge.screen.widgets import choice_markup

LANGUAGE_KEY: Final = "f1"
QUIT_KEY: Final = "ctrl+q"


def key_rows(rows: Iterable[Iterable[Choice]]) -> str:
    """Return lines of markup that name keys; each can be pressed with a finger."""
    return "\n".join(" ".join(choice_markup(one) for one in row) for row in rows)
