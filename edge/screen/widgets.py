"""What a screen is made of: lines, the panel in the middle and the camera's small picture."""

from typing import Final

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.markup import escape
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from edge.screen import letters
from edge.screen.panel import Choice, Panel, Tone

_GAP_COLUMNS: Final = 1
_UPPER_HALF: Final = "▀"
_KEY_NAMES: Final = {
    "enter": "⏎",
    "escape": "Esc",
    "backspace": "←",
    "up": "↑",
    "down": "↓",
    "f1": "F1",
}


class Line(Static):
    """Some text that is painted only when it has changed: the processor has other work."""

    _told: str | None = None

    def say(self, markup: str) -> None:
        """Show this markup from now on."""
        if markup != self._told:
            self._told = markup
            self.update(markup)


class PanelView(Static):
    """Draws one panel: a colour, a sign, a large word, then the lines."""

    _shown: tuple[Panel, Size] | None = None

    def show(self, panel: Panel) -> None:
        """Show this panel from now on; what is shown already costs nothing."""
        if (panel, self.size) == self._shown:
            return
        self._shown = (panel, self.size)
        self.set_classes(f"tone-{panel.tone.value}")
        columns, rows = max(1, self.size.width), max(1, self.size.height)
        self.update("\n".join(panel_lines(panel, columns, rows)))


def panel_lines(panel: Panel, columns: int, rows: int) -> list[str]:
    """Return a panel as lines of markup that fit into so many columns and rows."""
    body = [escape(line) for line in panel.lines]
    if panel.lines and panel.tone is not Tone.READY:
        body[0] = f"[b]{body[0]}[/b]"
    if panel.entry is not None:
        body.append(f"[b]▸ {escape(panel.entry)}▏[/b]")
    foot = _choices(panel.choices, columns)
    wrapped = sum(1 + len(line) // max(1, columns) for line in panel.lines)
    left = rows - wrapped - len(foot) - 4
    body += [escape(row[:columns]) for row in panel.rows[: max(1, left)]]
    head = _headline(panel, columns, left) if panel.word else []
    parts = [part for part in (head, body, foot) if part]
    lines: list[str] = []
    for part in parts:
        lines += ["", *part] if lines or len(head) > 1 else part
    return lines


def choice_markup(choice: Choice) -> str:
    """Return a choice that a finger can press as well as a key."""
    name = _KEY_NAMES.get(choice.key, choice.key.upper())
    label = "" if choice.label in {choice.key, name} else f" {escape(choice.label)}"
    return f"[@click=app.press('{choice.key}')][reverse] {name} [/reverse]{label}[/]"


def _sign(tone: Tone) -> str:
    return {
        Tone.ADMIT: "✔",
        Tone.ASK: "?",
        Tone.REFUSE: "✘",
        Tone.TROUBLE: "!",
        Tone.CLOSED: "■",
        Tone.READY: "●",
    }[tone]


def _headline(panel: Panel, columns: int, rows: int) -> list[str]:
    """Return sign and word as rows of blocks, as large as there is room for."""
    sign = letters.SIGNS[panel.tone.value]
    gap = " " * _GAP_COLUMNS
    pairs = zip(sign, letters.large(panel.word), strict=True)
    together = [f"{left}{gap}{right}" for left, right in pairs]
    width = len(together[0])
    if width > columns or len(together) > rows:
        return [f"[b]{_sign(panel.tone)}  {escape(panel.word)}[/b]"]
    if 2 * width > columns:
        return [row.rstrip() for row in together]
    high = 2 if 2 * len(together) <= rows else 1
    wide = ["".join(2 * cell for cell in row).rstrip() for row in together]
    return [row for row in wide for _ in range(high)]


def _choices(choices: tuple[Choice, ...], columns: int) -> list[str]:
    """Return the choices in as few lines as they need."""
    lines: list[str] = []
    room = 0
    for choice in choices:
        name = _KEY_NAMES.get(choice.key, choice.key)
        wide = len(name) + 2 + (0 if choice.label == choice.key else len(choice.label) + 1)
        if not lines or room < wide + 2:
            lines.append(choice_markup(choice))
            room = columns - wide
        else:
            lines[-1] += f"  {choice_markup(choice)}"
            room -= wide + 2
    return lines


class Preview(Widget):
    """The camera's picture in half blocks: two pixels a cell."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - textual's own word
        """Start dark."""
        super().__init__(id=id)
        self._pixels: tuple[bytes, ...] = ()
        self._words = ""

    @property
    def pixels(self) -> tuple[int, int]:
        """How many columns and rows of pixels fit."""
        return max(1, self.size.width), max(2, 2 * self.size.height)

    def show(self, pixels: tuple[bytes, ...]) -> None:
        """Show rows of RGB bytes."""
        self._pixels = pixels
        self._words = ""
        self.refresh()

    def say(self, words: str) -> None:
        """Show words in place of a picture."""
        if words == self._words:
            return
        self._pixels = ()
        self._words = words
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - textual's form
        """Take the height that is there."""
        return container.height

    def render_line(self, y: int) -> Strip:
        """Draw one line of cells."""
        width = self.size.width
        if 2 * y + 1 >= len(self._pixels):
            middle = (
                self._words[:width].center(width) if y == self.size.height // 2 else " " * width
            )
            return Strip([Segment(middle, Style(color="grey70", bgcolor="grey11"))])
        upper, lower = self._pixels[2 * y], self._pixels[2 * y + 1]
        cells = [
            Segment(_UPPER_HALF, Style(color=_rgb(upper, x), bgcolor=_rgb(lower, x)))
            for x in range(min(width, len(upper) // 3))
        ]
        return Strip(cells).adjust_cell_length(width, Style(bgcolor="grey11"))


def _rgb(row: bytes, at: int) -> str:
    return f"#{row[3 * at : 3 * at + 3].hex()}"
