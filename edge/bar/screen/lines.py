"""The lines around the middle of the till's screen: who sells, what was last, what keys do."""

from typing import Any, Final

from textual.markup import escape

from edge.bar.screen.rows import fit, key_name, wide
from edge.bar.screen.words import word
from edge.screen import lines
from edge.screen.keys import LANGUAGE_KEY

_BETWEEN: Final = " · "
_KEYS: Final = (
    ("plus", "key_plus"),
    ("minus", "key_minus"),
    ("up", "key_up"),
    ("down", "key_down"),
    ("delete", "key_delete"),
    ("V", "key_void"),
    (LANGUAGE_KEY, "key_language"),
)


def head_left(name: str, staff: str, shift: dict[str, Any] | None, language: str) -> str:
    """Return the left half of the first line."""
    parts = [name.upper()]
    if shift is not None:
        parts.append(word("shift", language, shift["shift"]))
    return _BETWEEN.join([*parts, staff] if staff else parts)


def head_right(health: dict[str, Any], offset_minutes: int, parked: int, language: str) -> str:
    """Return the right half of the first line: the time, and how many baskets wait."""
    waiting = word("waiting", language, parked) + _BETWEEN if parked else ""
    alone = _BETWEEN + word("alone", language) if health["alone"] else ""
    return f"{waiting}{lines.face(health['now_ms'], offset_minutes)}{alone}"


def status(health: dict[str, Any], language: str, offset_minutes: int, columns: int) -> str:
    """Return the status line in so many cells; what is least urgent is left out first."""
    parts = lines.status(health, language, offset_minutes).split(_BETWEEN)
    while len(parts) > 1 and wide(_BETWEEN.join(parts)) > columns:
        parts.pop()
    return fit(_BETWEEN.join(parts), columns).rstrip()


def key_line(language: str) -> str:
    """Return a line of markup that names keys; each can be pressed with a finger."""
    return " ".join(
        f"[@click=app.press('{key}')][reverse] {key_name(key)} [/reverse]"
        f" {escape(word(name, language))}[/]"
        for key, name in _KEYS
    )
