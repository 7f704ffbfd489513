"""The gate's screen: the panel with the verdict, the camera's picture beside it, who is inside."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.markup import escape

from edge.gate.keeper import GateKeeper
from edge.gate.outside import GateOptions
from edge.gate.screen.keys import key_lines
from edge.gate.screen.lines import head_halves
from edge.gate.screen.stage import GateStage
from edge.gate.screen.style import CSS
from edge.headless import Answer
from edge.screen.app import BoxScreen
from edge.screen.widgets import Line, PanelView, Preview


class GateScreen(BoxScreen[GateStage]):
    """The whole screen of one gate; `run()` returns when somebody stops it."""

    CSS = CSS
    PLACES: ClassVar[str] = f"{BoxScreen.PLACES}, #camera"

    def __init__(self, options: GateOptions, keep: Callable[..., GateKeeper] = GateKeeper) -> None:
        """Open the hardware; `BadManifest`, `BadWiring` or `CameraTrouble` say what is wrong.

        `keep` makes what works behind the screen.
        """
        super().__init__(has_camera=options.camera is not None)
        self.keeper = keep(options, self.told, self.eyes.look)
        self.stage = GateStage(self.keeper, self.clock.monotonic_ms, self.post, self.leave)

    def compose(self) -> ComposeResult:
        """Lay the screen out; nothing moves afterwards."""
        yield Line(id="head")
        with Horizontal(id="middle"):
            yield PanelView(id="panel")
            yield Preview(id="camera")
        yield Line(id="last")
        yield Line(id="status")
        yield Line(id="keys")

    def heard(self, answer: Answer) -> None:
        """Take what the gate told; without lamp and sound, ring for who may not come in."""
        super().heard(answer)
        is_silent = not self.keeper.outside.wiring.signals
        if is_silent and answer["event"] == "verdict" and answer["verdict"] != "admit":
            self.bell()

    def notes(self) -> list[str]:
        """Say before everything else that nothing is real."""
        rehearsal = [self.stage.word("rehearsal")] if self.stage.is_rehearsal else []
        return rehearsal + super().notes()

    def paint_own(self) -> None:
        """Draw who is inside, the latest verdicts, and the keys."""
        stage = self.stage
        self._paint_head()
        self.paint_last("".join(stage.marks))
        has_automatic = self.keeper.outside.tells_direction
        self.query_one("#keys", Line).say(key_lines(stage.language, has_automatic=has_automatic))

    def _paint_head(self) -> None:
        stage = self.stage
        name = self.keeper.manifest.name
        head = self.query_one("#head", Line)
        if stage.counters is None:
            head.say(escape(name.upper()))
            return
        left, right = head_halves(name, stage.counters, stage.language)
        way = {"in": "▶", "out": "◀", "automatic": "◀▶"}[stage.direction]
        self.paint_halves(f"{way} {left}", right)
        head.set_class(stage.is_rehearsal, "rehearsal")
