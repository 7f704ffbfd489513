"""A screen of a box: draws what its stage says, and leads keys and fingers to it.

Everything that the box does happens behind it, in the keeper's threads; they only post messages
here. What was told is painted as soon as its message arrives. A gate and a till each lay out their
own middle.
"""

import threading
from collections.abc import Callable
from typing import Any, ClassVar, Final, Generic, TypeVar

from textual.app import App
from textual.events import Key, Resize
from textual.markup import escape
from textual.message import Message

from edge.eyes import Eyes
from edge.headless import Answer
from edge.screen import lines
from edge.screen.key_wedge import KeyWedge, Typed
from edge.screen.keys import QUIT_KEY
from edge.screen.stage import Stage
from edge.screen.widgets import Line, PanelView, Preview
from hardware.ports import Heard
from hardware.view import Hint
from hardware.wall_clock import SystemClock
from sync.limits import CODE_PREFIX

StageT = TypeVar("StageT", bound=Stage[Any])
ALIVE: Final = "◐◓◑◒"
_TICK_S: Final = 0.25
_LOOK_TICKS: Final = 4
_WEDGE_S: Final = 0.04
_KEYBOARD: Final = "keyboard"


class Posted(Message):
    """Something that another thread wants done here."""

    def __init__(self, job: Callable[[], None]) -> None:
        """Carry a job."""
        super().__init__()
        self.job = job


class BoxScreen(App[int], Generic[StageT]):
    """The whole screen of one box; `run()` returns when somebody stops it.

    Whoever derives from it lays out its `PLACES` and sets `stage`, whose keeper tells `told`
    and shows each frame to `eyes`. `CODES_BEGIN` are the characters with which a typed code begins,
    where every other key is to act at once.
    """

    PLACES: ClassVar[str] = "#head, #panel, #last, #status, #keys"
    CODES_BEGIN: ClassVar[str] = ""
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = False
    stage: StageT

    def __init__(self, *, has_camera: bool) -> None:
        """Be a screen; nothing is opened yet."""
        super().__init__()
        self.clock = SystemClock()
        self.eyes = Eyes(
            lambda pixels: self.post(lambda: self._picture(pixels)),
            lambda hint: self.post(lambda: self._hinted(hint)),
        )
        self._has_camera = has_camera
        self._wedge = KeyWedge(self.CODES_BEGIN)
        self._hint = Hint.FINE
        self._ticks = 0

    def heard(self, answer: Answer) -> None:
        """Take what the box told, in the screen's thread."""
        self.stage.told(answer)

    def paint_own(self) -> None:
        """Draw what only this screen has; everything is laid out."""

    def notes(self) -> list[str]:
        """Return what is to be known just now, the most urgent first."""
        stage = self.stage
        notes = []
        if stage.health is not None and stage.health["revoked"]:
            notes.append(stage.word("revoked"))
        elif stage.health is not None and stage.health["refused"]:
            notes.append(stage.word("office_refuses"))
        if stage.health is not None and stage.health["copied"]:
            notes.append(stage.word("copied"))
        if stage.camera_state in {"unplugged", "ended"}:
            notes.append(stage.word(f"camera_{stage.camera_state}"))
        elif self._hint is not Hint.FINE:
            notes.append(stage.word(f"hint_{self._hint.value}"))
        return notes + stage.troubles

    # --- what the library calls ---

    def on_mount(self) -> None:
        """Start the box behind the screen."""
        self.set_interval(_TICK_S, self._tick)
        self.set_interval(_WEDGE_S, self._key_is_due)
        self.paint()
        self.stage.keeper.start()

    def on_unmount(self) -> None:
        """Stop the box in order."""
        self.stage.keeper.stop()

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
        """Ask before the box is stopped, whatever key the library has for it."""
        self.action_press(QUIT_KEY)

    def action_help_quit(self) -> None:
        """Ask before the box is stopped, for those who press Ctrl-C."""
        self.action_press(QUIT_KEY)

    def action_press(self, key: str) -> None:
        """Take a finger on a choice as its key."""
        self.stage.key(key)
        self.paint()

    # --- painting ---

    def paint(self) -> None:
        """Draw everything as it is now; while the screen is being taken down there is nothing."""
        if not self._is_laid_out:
            return
        self.paint_mode()
        self.paint_own()
        health = self.stage.health
        bar = self.query_one("#status", Line)
        bar.say("" if health is None else escape(self.status(health)))
        bar.set_class(health is not None and health["alone"], "alone")
        self._paint_camera()

    def paint_mode(self) -> None:
        """Draw what the mode says."""
        self.query_one("#panel", PanelView).show(self.stage.mode.panel(self.stage))

    def status(self, health: Answer) -> str:
        """Return the status line."""
        return lines.status(health, self.stage.language, self.stage.utc_offset_minutes)

    @property
    def _is_laid_out(self) -> bool:
        return bool(self.screen_stack) and len(self.query(self.PLACES)) == self.PLACES.count("#")

    def paint_halves(self, left: str, right: str) -> None:
        """Draw the first line with its two halves at their ends."""
        room = max(1, self.size.width - 2 - len(left) - len(right))
        self.query_one("#head", Line).say(escape(f"{left}{' ' * room}{right}"))

    def paint_last(self, said: str) -> None:
        """Draw the line above the status: a mark that lives, what was last, the first note."""
        alive = ALIVE[self._ticks % len(ALIVE)]
        notes = self.notes()
        note = f"  {notes[0]}" if notes else ""
        self.query_one("#last", Line).say(f"{escape(f'{alive} {said}')}[b]{escape(note)}[/b]")

    def _paint_camera(self) -> None:
        shows = self._has_camera and self.stage.shows_picture
        size = None
        for preview in self.query(Preview):
            if shows:
                size = preview.pixels
            else:
                preview.say(self.stage.word("camera_off" if self._has_camera else "camera_none"))
        self.eyes.size = size

    def _picture(self, pixels: tuple[bytes, ...]) -> None:
        if self.stage.shows_picture and self._is_laid_out:
            for preview in self.query(Preview):
                preview.show(pixels)

    def _hinted(self, hint: Hint) -> None:
        self._hint = hint

    # --- what comes from elsewhere ---

    def told(self, answer: Answer) -> None:
        """Take what the box told, in whichever thread it was told."""
        self.post(lambda: self.heard(answer))

    def post(self, job: Callable[[], None]) -> None:
        """Have something done in the screen's thread."""
        self.post_message(Posted(job))

    def leave(self) -> None:
        """End the screen, and with it the box."""
        self.exit(0)

    def abandon(self) -> None:
        """Stop the box without the screen, which cannot end because its terminal is gone."""
        self.stage.keeper.stop()

    def _tick(self) -> None:
        self._ticks += 1
        self.stage.tick()
        if self._ticks % _LOOK_TICKS == 0:
            self.stage.look_again()
        self.paint()

    def _key_is_due(self) -> None:
        self._typed(self._wedge.due(self.clock.monotonic_ms()))

    def _typed(self, typed: Typed | None) -> None:
        if typed is None:
            return
        keys = typed.keys
        if typed.is_burst and not self.stage.mode.takes_all_keys:
            return  # a foreign code that a scanner types is no order
        if typed.code and self.stage.mode.takes_all_keys and not typed.code.startswith(CODE_PREFIX):
            keys = (*typed.code, "enter")  # a number or a PIN from a keypad that types fast
        for key in keys:
            self.stage.key(key)
        if typed.code and not keys:
            heard = Heard(typed.code, None, _KEYBOARD)
            hear = self.stage.keeper.outside.hear
            threading.Thread(target=hear, args=(heard,), name="keyboard", daemon=True).start()
        self.paint()
