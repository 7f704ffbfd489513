"""Where a screen's modes play: it leads keys and answers to them and knows what to show around.

It knows no widgets. Everything here runs in the screen's one thread; answers that come from
elsewhere are posted to it. A gate and a till each add what only they do.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

from edge.keeper import Keeper
from edge.screen.keys import LANGUAGE_KEY, QUIT_KEY
from edge.screen.modes import SAID_MS, Answer, Broken, Mode, Quit, Said, Several, Then
from edge.screen.panel import Tone
from edge.screen.staff_modes import Clock, Closed
from edge.screen.words import Words
from hardware.ports import Signal
from provisioning.local_time import offset_minutes

Post = Callable[[Callable[[], None]], object]
KeeperT = TypeVar("KeeperT", bound=Keeper[Any, Any])


class Stage(ABC, Generic[KeeperT]):
    """The state of one screen; see `modes.AnyScreen` for what modes may ask of it.

    `counters` hold at least `staff` (a call sign or None) and `staff_needed` (nobody is signed in
    and somebody must be). `health` is what the status line shows. Both are None until they are
    known.
    """

    def __init__(
        self,
        keeper: KeeperT,
        words: Words,
        now_ms: Callable[[], int],
        post: Post,
        leave: Callable[[], None],
    ) -> None:
        """`now_ms` is steady; `post` runs something in the screen's thread, `leave` ends it."""
        self.keeper = keeper
        self._words = words
        self._now_ms = now_ms
        self._post = post
        self._leave = leave
        self.language = "fr" if keeper.manifest.language == "fr" else "en"
        self.utc_offset_minutes = 0
        self.broken: str | None = ""  # why nothing can be recorded; empty while the box starts
        self.mode: Mode[Any] = Broken("")
        self._since_ms = now_ms()
        self.counters: dict[str, Any] | None = None
        self.health: dict[str, Any] | None = None
        self.troubles: list[str] = []
        self.shows_picture = True
        self.camera_state = ""
        self._is_waiting = False

    @abstractmethod
    def rest(self) -> Mode[Any]:
        """Return the mode in which the next code is waited for."""

    @abstractmethod
    def happened(self, answer: Answer) -> None:
        """Take what was told and is not the same on every screen."""

    @abstractmethod
    def hot_key(self, key: str) -> None:
        """Take a key that means the same whatever is shown."""

    def glanced(self, answer: Answer) -> None:
        """Take what else the keeper's look brought."""

    # --- what modes ask ---

    def word(self, name: str, *details: object) -> str:
        """Return one of this screen's words in its language."""
        return self._words(name, self.language, *details)

    def do(self, then: Then, what: str, **command: Any) -> None:
        """Have the desk do a command; `then` is called here with its answer."""
        command["language"] = self.language
        self.keeper.do(what, command).add_done_callback(
            lambda future: self._post(lambda: then(_result(future)))
        )

    def enter(self, mode: Mode[Any]) -> None:
        """Go over to another mode."""
        self.mode = mode
        self._since_ms = self._now_ms()
        self.keeper.expect(mode.expects)

    def ready(self) -> None:
        """Wait for the next code, or for a badge if nobody is signed in."""
        if self.broken is not None:
            self.enter(Broken(self.broken))
            return
        self.enter(Closed() if self.is_closed else self.rest())
        self._signal(Signal.READY)

    def anew(self) -> None:
        """Look again at who is signed in and what is known, then be ready."""
        self.look_again(then=self.ready)

    def say(self, name: str) -> None:
        """Show a word of ours for a moment and be ready."""
        self.enter(Said(name))

    def sentence(self, text: str) -> None:
        """Show somebody else's sentence for a moment and be ready."""
        self.enter(Said(text=text, tone=Tone.ASK))

    # --- what comes from outside ---

    def told(self, answer: Answer) -> None:
        """Take what the box told: a code read, a camera lost, a store that failed."""
        match answer["event"]:
            case "badge" | "wristband" | "closed":
                if not self.mode.told(self, answer) and answer["event"] == "closed":
                    self.anew()
            case "several":
                self.enter(Several(answer["codes"]))
            case "camera":
                self.camera_state = answer["state"]
            case "broken":
                self.health = self.counters = None
                self.broken = answer["sentence"]
                self.ready()
            case "opened":
                self._opened()
            case _:
                self.happened(answer)

    def _opened(self) -> None:
        """Be ready; what could not be recorded stays to be read for a moment."""
        was_broken, self.broken = self.broken, None
        if was_broken:
            self.mode = Broken(was_broken, lives_ms=SAID_MS)
            self._since_ms = self._now_ms()
            self.look_again()
        else:
            self.anew()

    def key(self, key: str) -> None:
        """Take one key by its name."""
        name = key if len(key) > 1 else key.lower()
        if name == LANGUAGE_KEY:
            self.language = "en" if self.language == "fr" else "fr"
        elif name == QUIT_KEY:
            self.enter(Quit(self._leave))
        elif self.mode.key(self, key if self._is_raw else name):
            return
        elif not self.mode.takes_all_keys and not isinstance(self.mode, Broken | Closed):
            self.hot_key(name)

    @property
    def _is_raw(self) -> bool:
        return self.mode.takes_all_keys or self.mode.hears_capitals

    def tick(self) -> None:
        """Let time pass: what was said gives way after its moment."""
        lives_ms = self.mode.lives_ms
        is_over = lives_ms is not None and self._now_ms() - self._since_ms >= lives_ms
        is_other = self.mode.is_rest if self.is_closed else isinstance(self.mode, Closed)
        if is_over or is_other:
            self.ready()

    @property
    def is_closed(self) -> bool:
        """Whether somebody must sign in first."""
        return self.counters is not None and bool(self.counters["staff_needed"])

    def look_again(self, then: Callable[[], None] | None = None) -> None:
        """Fetch counters and health; an answer that is still under way is waited for."""
        if self._is_waiting and then is None:
            return
        future = self.keeper.look()
        if future is None:
            return
        self._is_waiting = True
        future.add_done_callback(lambda done: self._post(lambda: self._looked(_result(done), then)))

    def _looked(self, answer: Answer, then: Callable[[], None] | None) -> None:
        self._is_waiting = False
        if answer["event"] == "look":
            self.counters, self.health = answer["counters"], answer["health"]
            self.troubles = answer["troubles"]
            zone = self.keeper.manifest.time_zone
            self.utc_offset_minutes = offset_minutes(zone, answer["health"]["now_ms"])
            self.glanced(answer)
        if then is not None:
            then()

    def _signal(self, signal: Signal) -> None:
        for output in self.keeper.outside.wiring.signals:
            output.show(signal)

    # --- what keys do on every screen ---

    def confirm_clock(self) -> None:
        """Let a supervisor say what time it is."""
        if self.health is not None:
            self.enter(Clock(self.health["now_ms"]))

    def sign_out(self) -> None:
        """Let whoever is signed in go."""
        self.do(lambda _: self.anew(), "sign_out")

    def turn_picture(self) -> None:
        """Show the camera's picture, or no longer."""
        self.shows_picture = not self.shows_picture


def _result(future: "Future[Answer]") -> Answer:
    """Return what a command brought; a lane that stopped meanwhile is trouble, not an end."""
    trouble = future.exception()
    return future.result() if trouble is None else {"event": "trouble", "sentence": str(trouble)}
