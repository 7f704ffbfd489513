"""The gate's screen: draws what the stage says, and leads keys and fingers to it.

Everything that the gate does happens behind it, in the keeper's threads; they only post messages
here. A verdict is painted as soon as its message arrives, and the screen re-arms by itself.
"""

import threading
from collections.abc import Callable
from typing import ClassVar, Final

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.events import Key, Resize
from textual.markup import escape
from textual.message import Message

from edge.eyes import Eyes
from edge.gate.keeper import GateKeeper
from edge.gate.outside import GateOptions
from edge.gate.screen.keys import QUIT_KEY, key_lines
from edge.gate.screen.lines import head_halves
from edge.gate.screen.stage import Stage
from edge.gate.screen.style import CSS
from edge.gate.screen.words import word
from edge.gate.telling import Answer
from edge.screen import lines
from edge.screen.key_wedge import KeyWedge, Typed
from edge.screen.widgets import Line, PanelView, Preview
from hardware.ports import Heard
from hardware.view import Hint
from hardware.wall_clock import SystemClock
from sync.limits import CODE_PREFIX

_TICK_S: Final = 0.25
_LOOK_TICKS: Final = 4
_WEDGE_S: Final = 0.04
_ALIVE: Final = "◐◓◑◒"
_KEYBOARD: Final = "keyboard"
_PLACES: Final = "#head, #panel, #camera, #last, #status, #keys"


class Posted(Message):
    """Something that another thread wants done here."""

    def __init__(self, job: Callable[[], None]) -> None:
        """Carry a job."""
        super().__init__()
        self.job = job


class GateScreen(App[int]):
    """The whole screen of one gate; `run()` returns when somebody stops it."""

    CSS = CSS
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False

    def __init__(self, options: GateOptions, keep: Callable[..., GateKeeper] = GateKeeper) -> None:
        """Open the hardware; `BadManifest`, `BadWiring` or `CameraTrouble` say what is wrong.

        `keep` makes what works behind the screen.
        """
        super().__init__()
        self._clock = SystemClock()
        self._eyes = Eyes(
            lambda pixels: self._post(lambda: self._picture(pixels)),
            lambda hint: self._post(lambda: self._hinted(hint)),
        )
        self.keeper = keep(options, self._told, self._eyes.look)
        self._has_camera = options.camera is not None
        self.stage = Stage(self.keeper, self._clock.monotonic_ms, self._post, self._leave)
        self._wedge = KeyWedge()
        self._hint = Hint.FINE
        self._ticks = 0

    def compose(self) -> ComposeResult:
        """Lay the screen out; nothing moves afterwards."""
        yield Line(id="head")
        with Horizontal(id="middle"):
            yield PanelView(id="panel")
            yield Preview(id="camera")
        yield Line(id="last")
        yield Line(id="status")
        yield Line(id="keys")

    def on_mount(self) -> None:
        """Start the gate behind the screen."""
        self.set_interval(_TICK_S, self._tick)
        self.set_interval(_WEDGE_S, self._key_is_due)
        self.paint()
        self.keeper.start()

    def on_unmount(self) -> None:
        """Stop the gate in order."""
        self.keeper.stop()

    def on_resize(self, _: Resize) -> None:
        """Draw everything again."""
        self.call_after_refresh(self.paint)

    def on_posted(self, message: Posted) -> None:
        """Do what another thread wanted done here, and paint at once."""
        message.job()
        self.paint()

    def on_key(self, key: Key) -> None:
        """Collect keys: a hand scanner types faster than a person."""
        key.stop()
        key.prevent_default()
        self._typed(self._wedge.press(key.key, key.character, round(1000 * key.time)))

    async def action_quit(self) -> None:
        """Ask before the gate is stopped, whatever key the library has for it."""
        self.action_press(QUIT_KEY)

    def action_help_quit(self) -> None:
        """Ask before the gate is stopped, for those who press Ctrl-C."""
        self.action_press(QUIT_KEY)

    def action_press(self, key: str) -> None:
        """Take a finger on a choice as its key."""
        self.stage.key(key)
        self.paint()

    def paint(self) -> None:
        """Draw everything as it is now; while the screen is being taken down there is nothing."""
        if not self._is_laid_out:
            return
        stage, language = self.stage, self.stage.language
        self.query_one("#panel", PanelView).show(stage.mode.panel(stage))
        self._paint_head()
        self._paint_last()
        health = stage.health
        status = "" if health is None else lines.status(health, language, stage.utc_offset_minutes)
        bar = self.query_one("#status", Line)
        bar.say(escape(status))
        bar.set_class(health is not None and health["alone"], "alone")
        keys = key_lines(language, has_automatic=self.keeper.outside.tells_direction)
        self.query_one("#keys", Line).say(keys)
        self._paint_camera()

    @property
    def _is_laid_out(self) -> bool:
        return bool(self.screen_stack) and len(self.query(_PLACES)) == _PLACES.count("#")

    def _paint_head(self) -> None:
        stage, language = self.stage, self.stage.language
        name = self.keeper.manifest.name
        head = self.query_one("#head", Line)
        if stage.counters is None:
            head.say(escape(name.upper()))
            return
        left, right = head_halves(name, stage.counters, language)
        way = {"in": "▶", "out": "◀", "automatic": "◀▶"}[stage.direction]
        left = f"{way} {left}"
        room = max(1, self.size.width - 2 - len(left) - len(right))
        head.say(escape(f"{left}{' ' * room}{right}"))
        head.set_class(stage.counters["rehearsal"], "rehearsal")

    def _paint_last(self) -> None:
        stage, language = self.stage, self.stage.language
        notes = [word("rehearsal", language)] if _is_rehearsal(stage) else []
        health = stage.health
        if health is not None and health["revoked"]:
            notes.append(word("revoked", language))
        elif health is not None and health["refused"]:
            notes.append(word("office_refuses", language))
        if stage.camera_state in {"unplugged", "ended"}:
            notes.append(word(f"camera_{stage.camera_state}", language))
        elif self._hint is not Hint.FINE:
            notes.append(word(f"hint_{self._hint.value}", language))
        notes += stage.troubles
        alive = _ALIVE[self._ticks % len(_ALIVE)]
        text = f"{alive} {''.join(stage.marks)}"
        said = f"  {notes[0]}" if notes else ""
        self.query_one("#last", Line).say(f"{escape(text)}[b]{escape(said)}[/b]")

    def _paint_camera(self) -> None:
        preview = self.query_one("#camera", Preview)
        language = self.stage.language
        if not self._has_camera:
            preview.say(word("camera_none", language))
        elif not self.stage.shows_picture:
            preview.say(word("camera_off", language))
        shows = self._has_camera and self.stage.shows_picture
        self._eyes.size = preview.pixels if shows else None

    def _picture(self, pixels: tuple[bytes, ...]) -> None:
        if self.stage.shows_picture and self._is_laid_out:
            self.query_one("#camera", Preview).show(pixels)

    def _hinted(self, hint: Hint) -> None:
        self._hint = hint

    def _told(self, answer: Answer) -> None:
        """Take what the gate told, in whichever thread it was told."""
        self._post(lambda: self._heard(answer))

    def _heard(self, answer: Answer) -> None:
        self.stage.told(answer)
        is_silent = not self.keeper.outside.wiring.signals
        if is_silent and answer["event"] == "verdict" and answer["verdict"] != "admit":
            self.bell()

    def _post(self, job: Callable[[], None]) -> None:
        self.post_message(Posted(job))

    def _leave(self) -> None:
        self.exit(0)

    def _tick(self) -> None:
        self._ticks += 1
        self.stage.tick()
        if self._ticks % _LOOK_TICKS == 0:
            self.stage.look_again()
        self.paint()

    def _key_is_due(self) -> None:
        self._typed(self._wedge.due(self._clock.monotonic_ms()))

    def _typed(self, typed: Typed | None) -> None:
        if typed is None:
            return
        keys = typed.keys
        if typed.code and self.stage.mode.takes_all_keys and not typed.code.startswith(CODE_PREFIX):
            keys = (*typed.code, "enter")  # a number or a PIN from a keypad that types fast
        for key in keys:
            self.stage.key(key)
        if typed.code and not keys:
            heard = Heard(typed.code, None, _KEYBOARD)
            hear = self.keeper.outside.hear
            threading.Thread(target=hear, args=(heard,), name="keyboard", daemon=True).start()
        self.paint()


def _is_rehearsal(stage: Stage) -> bool:
    return stage.counters is not None and bool(stage.counters["rehearsal"])
