"""Where the gate's modes play: it leads keys and verdicts to them and knows what to show around.

It knows no widgets. Everything here runs in the screen's one thread; answers that come from
elsewhere are posted to it.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final

from edge.gate.front import AUTOMATIC
from edge.gate.keeper import GateKeeper
from edge.gate.screen.keys import AUTOMATIC_KEY, LANGUAGE_KEY, QUIT_KEY
from edge.gate.screen.log_mode import Log
from edge.gate.screen.modes import (
    VERDICT_MS,
    Answer,
    Broken,
    Mode,
    Peeking,
    Quit,
    Ready,
    Said,
    Several,
    Then,
    TypedNumber,
    Verdict,
    may_override,
    mode_of,
)
from edge.gate.screen.staff_modes import Clock, Closed, GiveWristband, Supervisor, WhyOverride
from edge.screen.panel import Tone
from edge.timekeeper import offset_minutes
from hardware.ports import Signal

Post = Callable[[Callable[[], None]], object]
MARKS_KEPT: Final = 20
_MARK_OF: Final = {"admit": "✔", "ask": "?", "refuse": "✘", "trouble": "!"}


class Stage:
    """The state of one gate's screen; see `modes.Screen` for what modes may ask of it."""

    def __init__(
        self,
        keeper: GateKeeper,
        now_ms: Callable[[], int],
        post: Post,
        leave: Callable[[], None],
    ) -> None:
        """`now_ms` is steady; `post` runs something in the screen's thread, `leave` ends it."""
        self._keeper = keeper
        self._now_ms = now_ms
        self._post = post
        self._leave = leave
        self.language = "fr" if keeper.manifest.language == "fr" else "en"
        self.last: Answer | None = None
        self.utc_offset_minutes = 0
        self._broken: str | None = ""
        self.mode: Mode = Broken("")
        self._since_ms = now_ms()
        self.counters: dict[str, Any] | None = None
        self.health: dict[str, Any] | None = None
        self.troubles: list[str] = []
        self.marks: deque[str] = deque(maxlen=MARKS_KEPT)
        self.shows_picture = True
        self.camera_state = ""
        self._is_waiting = False

    @property
    def direction(self) -> str:
        """The way: `in`, `out` or `automatic`."""
        return self._keeper.intent.direction

    # --- what modes ask ---

    def do(self, then: Then, what: str, **command: Any) -> None:
        """Have the desk do a command; `then` is called here with its answer."""
        command["language"] = self.language
        self._keeper.do(what, command).add_done_callback(
            lambda future: self._post(lambda: then(_result(future)))
        )

    def enter(self, mode: Mode) -> None:
        """Go over to another mode."""
        self.mode = mode
        self._since_ms = self._now_ms()
        self._keeper.expect(mode.expects)

    def ready(self) -> None:
        """Wait for the next code, or for a badge if nobody is signed in."""
        if self._broken is not None:
            self.enter(Broken(self._broken))
            return
        self.enter(Closed() if self._is_closed else Ready())
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
        """Take what the gate told: a verdict, a badge, a camera lost, a store that failed."""
        match answer["event"]:
            case "verdict":
                self._verdict(answer)
            case "badge" | "wristband" | "closed":
                if not self.mode.told(self, answer) and answer["event"] == "closed":
                    self.anew()
            case "several":
                self.enter(Several(answer["codes"]))
            case "not_entered":
                self._not_entered(answer)
            case "camera":
                self.camera_state = answer["state"]
            case "broken":
                self.health = self.counters = None
                self._broken = answer["sentence"]
                self.ready()
            case "opened":
                self._opened()
            case _:
                pass

    def _not_entered(self, answer: Answer) -> None:
        """Say that nobody passed, unless the next guest is on the screen already."""
        self.marks.append("↶")
        is_same = self.last is not None and self.last["fact"] == answer["fact"]
        if is_same and isinstance(self.mode, Ready | Verdict):
            self.say("not_entered")
        self.look_again()

    def _opened(self) -> None:
        """Be ready; what could not be recorded stays to be read for a moment."""
        was_broken, self._broken = self._broken, None
        if was_broken:
            self.mode = Broken(was_broken, lives_ms=VERDICT_MS)
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
        elif self.mode.key(self, key if self.mode.takes_all_keys else name):
            return
        elif not self.mode.takes_all_keys and not isinstance(self.mode, Broken | Closed):
            self._hot_key(name)

    def tick(self) -> None:
        """Let time pass: a verdict gives way after its moment."""
        lives_ms = self.mode.lives_ms
        is_over = lives_ms is not None and self._now_ms() - self._since_ms >= lives_ms
        is_other = isinstance(self.mode, Ready if self._is_closed else Closed)
        if is_over or is_other:
            self.ready()

    @property
    def _is_closed(self) -> bool:
        return self.counters is not None and bool(self.counters["staff_needed"])

    def look_again(self, then: Callable[[], None] | None = None) -> None:
        """Fetch counters and health; an answer that is still under way is waited for."""
        if self._is_waiting and then is None:
            return
        future = self._keeper.look()
        if future is None:
            return
        self._is_waiting = True
        future.add_done_callback(lambda done: self._post(lambda: self._looked(_result(done), then)))

    def _looked(self, answer: Answer, then: Callable[[], None] | None) -> None:
        self._is_waiting = False
        if answer["event"] == "look":
            self.counters, self.health = answer["counters"], answer["health"]
            self.troubles = answer["troubles"]
            zone = self._keeper.manifest.time_zone
            self.utc_offset_minutes = offset_minutes(zone, answer["health"]["now_ms"])
        if then is not None:
            then()

    def _verdict(self, answer: Answer) -> None:
        if answer["verdict"] == "trouble":
            self.marks.append(_MARK_OF["trouble"])
            self.enter(Broken(self._broken or answer["sentence"]))
            return
        if answer.get("elsewhere"):  # a handheld's guest stands somewhere else
            self.look_again()
            return
        self.last = answer
        if not answer.get("peek"):
            self.marks.append(_MARK_OF[answer["verdict"]])
        self.enter(mode_of(answer))
        self.look_again()

    def _signal(self, signal: Signal) -> None:
        for output in self._keeper.outside.wiring.signals:
            output.show(signal)

    # --- keys that always mean the same ---

    def _hot_key(self, key: str) -> None:
        actions: dict[str, Callable[[], None]] = {
            "i": lambda: self._turn("in"),
            "o": lambda: self._turn("out"),
            AUTOMATIC_KEY: lambda: self._turn(AUTOMATIC),
            "p": lambda: self.enter(Peeking()),
            "u": self._undo,
            "s": self._override,
            "t": lambda: self.enter(TypedNumber()),
            "w": self._wristband,
            "l": lambda: Log().open(self),
            "k": self._clock,
            "r": self._rehearse,
            "c": self._picture,
            "x": lambda: self.do(self._signed_out, "sign_out"),
            "escape": self.ready,
        }
        action = actions.get(key)
        if action is not None:
            action()

    def _turn(self, direction: str) -> None:
        if direction != AUTOMATIC or self._keeper.outside.tells_direction:
            self._keeper.intent.direction = direction
            self.ready()

    def _undo(self) -> None:
        last = self.last
        if last is None or last["verdict"] != "admit" or not last["fact"]:
            self.say("nothing_to_undo")
            return

        def then(answer: Answer) -> None:
            if answer["event"] == "done":
                self.marks.append("↶")
                self.say("undone")
                self.look_again()
            else:
                self.sentence(str(answer.get("sentence", "")))

        self.do(then, "undo", serial=last["serial"], fact=last["fact"])

    def _override(self) -> None:
        last = self.last
        if last is None or not may_override(last):
            self.say("no_refusal")
        else:
            self.enter(WhyOverride(last))

    def _wristband(self) -> None:
        last = self.last
        if last is None or last["verdict"] != "admit" or not last["fact"]:
            self.say("no_admission")
        else:
            self.enter(GiveWristband(last["fact"]))

    def _clock(self) -> None:
        if self.health is not None:
            self.enter(Clock(self.health["now_ms"]))

    def _rehearse(self) -> None:
        """Begin or end a rehearsal; where staff is known only a supervisor may."""
        begin = not (self.counters is not None and self.counters["rehearsal"])

        def go(_: Answer) -> None:
            self.do(lambda _: self.anew(), "rehearse", begin=begin)

        def checked(answer: Answer) -> None:
            if answer["event"] == "done":
                go(answer)
            else:
                self.sentence(str(answer.get("sentence", "")))

        if self.counters is not None and self.counters["staff"]:
            self.enter(Supervisor(lambda b, p: self.do(checked, "supervisor", badge=b, pin=p)))
        else:
            go({})

    def _picture(self) -> None:
        self.shows_picture = not self.shows_picture

    def _signed_out(self, _: Answer) -> None:
        self.anew()


def _result(future: "Future[Answer]") -> Answer:
    """Return what a command brought; a lane that stopped meanwhile is trouble, not an end."""
    trouble = future.exception()
    return future.result() if trouble is None else {"event": "trouble", "sentence": str(trouble)}
