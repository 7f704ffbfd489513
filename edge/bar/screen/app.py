"""The till's screen: grid and basket side by side, or one question, or green over everything."""

from typing import Any, ClassVar, Final

from textual.app import ComposeResult
from textual.markup import escape

from edge.bar.keeper import BarKeeper
from edge.bar.outside import BarOptions
from edge.bar.screen import lines
from edge.bar.screen.basket_view import Said, basket_rows
from edge.bar.screen.grid_view import grid_rows
from edge.bar.screen.panel_view import panel_rows
from edge.bar.screen.rows import Row, beside, fit, wide
from edge.bar.screen.stage import TillStage
from edge.bar.screen.stock_modes import PickProduct
from edge.bar.screen.style import CSS
from edge.bar.screen.till_mode import Face, TillMode, face_of
from edge.bar.screen.widgets import Cells
from edge.headless import Answer
from edge.screen.app import ALIVE, BoxScreen
from edge.screen.panel import Tone
from edge.screen.widgets import Line
from sync.limits import CODE_PREFIX

_BASKET_COLUMNS: Final = 30
_BASKET_COLUMNS_WIDE: Final = 40
_WIDE_COLUMNS: Final = 100
_COLOURED: Final = ("#head", "#last", "#keys")
_LOUD: Final = (Tone.ADMIT, Tone.REFUSE)


class BarScreen(BoxScreen[TillStage]):
    """The whole screen of one till; `run()` returns when somebody stops it."""

    CSS = CSS
    CODES_BEGIN: ClassVar[str] = CODE_PREFIX[0]

    def __init__(self, options: BarOptions, keep: Any = BarKeeper) -> None:
        """Open the hardware; `BadManifest`, `BadWiring` or `CameraTrouble` say what is wrong.

        `keep` makes what works behind the screen.
        """
        super().__init__(has_camera=options.camera is not None)
        self.keeper = keep(options, self.told, self.eyes.look)
        self.stage = TillStage(self.keeper, self.clock.monotonic_ms, self.post, self.leave)

    def compose(self) -> ComposeResult:
        """Lay the screen out; nothing moves afterwards."""
        yield Line(id="head")
        yield Cells(self.action_press, id="panel")
        yield Line(id="last")
        yield Line(id="status")
        yield Line(id="keys")

    def paint_mode(self) -> None:
        """Draw the middle: what the mode says, and the basket where there is room for it."""
        cells = self.query_one("#panel", Cells)
        columns, rows = cells.size.width, cells.size.height
        if columns and rows:
            cells.show(self._middle(columns, rows))

    def _middle(self, columns: int, rows: int) -> list[Row]:
        stage = self.stage
        face = face_of(stage.mode)
        if face is Face.FULL:
            return panel_rows(stage.mode.panel(stage), columns, rows)
        right = _BASKET_COLUMNS_WIDE if columns >= _WIDE_COLUMNS else _BASKET_COLUMNS
        left = columns - right
        if face is Face.GRID:
            drawn = grid_rows(stage.grid, stage.place, stage.hand, stage.language, left, rows)
        else:
            drawn = panel_rows(stage.mode.panel(stage), left, rows)
        basket = basket_rows(
            stage.hand,
            self._below(),
            stage.language,
            stage.currency,
            right,
            rows,
            can_pay=stage.mode.is_rest and face is Face.GRID,
        )
        return beside(drawn, basket, left)

    def _below(self) -> Said:
        """Return what stands below the total."""
        stage = self.stage
        if stage.is_paying:
            return Said(stage.word("asking"), is_urgent=True)
        if stage.noted:
            return Said(stage.noted, is_urgent=True)
        if isinstance(stage.mode, PickProduct):
            return Said(stage.word("pick_product"), is_urgent=True)
        if not (isinstance(stage.mode, TillMode) and stage.mode.takes_band):
            return Said("")
        return Said(stage.word("tap" if stage.hand.cart else "look_band"))

    def notes(self) -> list[str]:
        """Say after everything else that a scanner or reader is not there."""
        sources = self.keeper.outside.wiring.sources
        is_lost = any(source.trouble for source in sources)
        return super().notes() + ([self.stage.word("reader_lost")] if is_lost else [])

    def paint_own(self) -> None:
        """Draw who sells, what was last, and the keys."""
        stage = self.stage
        self._paint_head()
        self._paint_last()
        self.query_one("#keys", Line).say(lines.key_line(stage.language))
        tone = stage.mode.panel(stage).tone if face_of(stage.mode) is Face.FULL else Tone.READY
        for place in _COLOURED:
            line = self.query_one(place)
            for loud in _LOUD:
                line.set_class(tone is loud, loud.value)

    def _paint_head(self) -> None:
        stage = self.stage
        name = self.keeper.manifest.name
        counters, health = stage.counters, stage.health
        if counters is None or health is None:
            self.query_one("#head", Line).say(escape(name.upper()))
            return
        left = lines.head_left(name, counters["staff"] or "", stage.shift, stage.language)
        right = lines.head_right(
            health, stage.utc_offset_minutes, stage.carts().parked, stage.language
        )
        room = max(1, self.size.width - 3 - wide(right))
        self.query_one("#head", Line).say(escape(f"{fit(left, room)} {right}"))

    def _paint_last(self) -> None:
        """Draw a mark that lives, what was last, and the first note at the right."""
        stage = self.stage
        notes = self.notes()
        room = self.size.width - 2
        note = fit(notes[0], min(wide(notes[0]), room - 2)) if notes else ""
        alive = ALIVE[self._ticks % len(ALIVE)]
        left = f"{alive} {stage.word('last', stage.said)}" if stage.said else alive
        said = fit(left, max(1, room - wide(note)))
        self.query_one("#last", Line).say(f"{escape(said)}[b]{escape(note)}[/b]")

    def status(self, health: Answer) -> str:
        """Return the status line in the room that there is."""
        stage = self.stage
        room = max(1, self.size.width - 2)
        return lines.status(health, stage.language, stage.utc_offset_minutes, room)
