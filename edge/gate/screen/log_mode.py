"""The gate's log on its screen: what was decided here, searched by number, reason or type."""

from typing import Any, Final

from edge.gate.screen.modes import GateMode, Screen
from edge.gate.screen.words import word
from edge.screen.lines import face
from edge.screen.modes import Answer
from edge.screen.panel import Choice, Panel, Tone

_SEARCH_KEYS_MAX: Final = 30
_ROWS: Final = 60
_PAGE_ROWS: Final = 8
_SIGNS: Final = {
    "admitted": "✔",
    "left": "←",
    "moved": "→",
    "undone": "↶",
    "not_entered": "↶",
    "refused": "✘",
    "wristband": "○",
    "signed_in": "▲",
    "signed_out": "▼",
    "pin_refused": "✘",
    "clock": "◷",
}


class Log(GateMode):
    """Looking through the log; typing searches."""

    takes_all_keys = True

    def __init__(self) -> None:
        """Begin with the newest."""
        self.search = ""
        self._rows: list[Answer] = []
        self._top = 0

    def open(self, screen: Screen) -> None:
        """Fetch what the search finds."""

        def then(answer: Answer) -> None:
            self._rows = list(answer.get("rows", ()))
            self._top = 0
            screen.enter(self)

        screen.do(then, "log", search=self.search, rows=_ROWS)

    def panel(self, screen: Screen) -> Panel:
        """Show a page of rows."""
        language = screen.language
        title = f"{word('log_title', language)} · {word('log_search', language)}:"
        shown = self._rows[self._top :]
        rows = tuple(row_words(row, language, screen.utc_offset_minutes) for row in shown)
        choices = (
            Choice("up", "↑"),
            Choice("down", "↓"),
            Choice("escape", word("back", language)),
        )
        none = (word("log_empty", language),)
        return Panel(Tone.READY, "", (title,), choices, self.search, rows or none)

    def key(self, screen: Screen, key: str) -> bool:
        """Search, turn the page, or go back."""
        if key == "escape":
            screen.ready()
            return True
        if key in {"down", "pagedown", "up", "pageup"}:
            step = _PAGE_ROWS if key in {"down", "pagedown"} else -_PAGE_ROWS
            self._top = max(0, min(self._top + step, len(self._rows) - 1))
            return True
        before = self.search
        if key == "backspace":
            self.search = self.search[:-1]
        elif key == "space":
            self.search += " "
        elif len(key) == 1 and len(self.search) < _SEARCH_KEYS_MAX:
            self.search += key
        if self.search != before:
            self.open(screen)
        return True


def row_words(row: dict[str, Any], language: str, utc_offset_minutes: int) -> str:
    """Return one row as a line: when, what, which ticket, why."""
    parts = [face(row["at_ms"], utc_offset_minutes), _SIGNS.get(row["what"], "·")]
    if row["serial"] is not None:
        parts.append(str(row["serial"]))
    if row["type_name"]:
        parts.append(row["type_name"])
    if row["guests"] and row["guests"] > 1:
        parts.append(f"×{row['guests']}")
    if row["reason"]:
        parts.append(row["sentences"]["fr" if language == "fr" else "en"])
    if row["supervisor"]:
        parts.append(f"({row['supervisor']})")
    return " ".join(parts)
