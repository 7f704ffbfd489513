"""Paints rows of cells, and only those that changed; a finger on a cell presses its key."""

from collections.abc import Callable
from typing import Final

from rich.segment import Segment
from textual.events import MouseDown, MouseScrollDown, MouseScrollUp
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.widget import Widget

from edge.bar.screen.rows import EMPTY, Row, key_at
from edge.bar.screen.style import LOOKS

_GROUND: Final = LOOKS["plain"]


class Cells(Widget):
    """The middle of the till's screen; `press` gets the key that a finger touched."""

    def __init__(self, press: Callable[[str], object], *, id: str) -> None:  # noqa: A002 - textual's own word
        """Start dark."""
        super().__init__(id=id)
        self._press = press
        self._rows: list[Row] = []
        self.painted = 0

    def show(self, rows: list[Row]) -> None:
        """Show these rows from now on; what stands there already costs nothing."""
        before, self._rows = self._rows, rows
        for y, row in enumerate(rows):
            if y >= len(before) or before[y] != row:
                self.painted += 1
                self.refresh(Region(0, y, self.size.width, 1))
        if len(before) > len(rows):
            self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - textual's form
        """Take the height that is there."""
        return container.height

    def render_line(self, y: int) -> Strip:
        """Draw one row."""
        row = self._rows[y] if y < len(self._rows) else EMPTY
        cells = [Segment(bit.text, LOOKS[bit.look]) for bit in row]
        return Strip(cells).adjust_cell_length(self.size.width, _GROUND)

    def on_mouse_down(self, event: MouseDown) -> None:
        """Take a finger as the key that lies under it."""
        key = key_at(self._rows[event.y], event.x) if event.y < len(self._rows) else ""
        if key:
            event.stop()
            self._press(key)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """Turn the list."""
        event.stop()
        self._press("down")

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """Turn the list back."""
        event.stop()
        self._press("up")
