"""Where the gate's modes play: what a verdict does to its screen, and what its keys do.

What it shares with every screen (modes, badges, a store that failed) stands in `edge/screen`.
"""

from collections import deque
from collections.abc import Callable
from typing import Final

from edge.gate.front import AUTOMATIC
from edge.gate.keeper import GateKeeper
from edge.gate.screen.keys import AUTOMATIC_KEY
from edge.gate.screen.log_mode import Log
from edge.gate.screen.modes import (
    GateMode,
    Peeking,
    Ready,
    TypedNumber,
    Verdict,
    may_override,
    mode_of,
)
from edge.gate.screen.staff_modes import GiveWristband, WhyOverride
from edge.gate.screen.words import word
from edge.screen.modes import Answer, Broken
from edge.screen.staff_modes import Supervisor
from edge.screen.stage import Post, Stage

MARKS_KEPT: Final = 20
_MARK_OF: Final = {"admit": "✔", "ask": "?", "refuse": "✘", "trouble": "!"}


class GateStage(Stage[GateKeeper]):
    """The state of one gate's screen; see `modes.Screen` for what modes may ask of it."""

    def __init__(
        self,
        keeper: GateKeeper,
        now_ms: Callable[[], int],
        post: Post,
        leave: Callable[[], None],
    ) -> None:
        """`now_ms` is steady; `post` runs something in the screen's thread, `leave` ends it."""
        super().__init__(keeper, word, now_ms, post, leave)
        self.last: Answer | None = None
        self.marks: deque[str] = deque(maxlen=MARKS_KEPT)

    @property
    def direction(self) -> str:
        """The way: `in`, `out` or `automatic`."""
        return self.keeper.intent.direction

    @property
    def is_rehearsal(self) -> bool:
        """Whether nothing that happens now is real."""
        return self.counters is not None and bool(self.counters["rehearsal"])

    def rest(self) -> GateMode:
        """Wait for the next guest."""
        return Ready()

    # --- what comes from outside ---

    def happened(self, answer: Answer) -> None:
        """Take a verdict, or that nobody passed."""
        match answer["event"]:
            case "verdict":
                self._verdict(answer)
            case "not_entered":
                self._not_entered(answer)
            case _:
                pass

    def _verdict(self, answer: Answer) -> None:
        if answer["verdict"] == "trouble":
            self.marks.append(_MARK_OF["trouble"])
            self.enter(Broken(self.broken or answer["sentence"]))
            return
        if answer.get("elsewhere"):  # a handheld's guest stands somewhere else
            self.look_again()
            return
        self.last = answer
        if not answer.get("peek"):
            self.marks.append(_MARK_OF[answer["verdict"]])
        self.enter(mode_of(answer))
        self.look_again()

    def _not_entered(self, answer: Answer) -> None:
        """Say that nobody passed, unless the next guest is on the screen already."""
        self.marks.append("↶")
        is_same = self.last is not None and self.last["fact"] == answer["fact"]
        if is_same and isinstance(self.mode, Ready | Verdict):
            self.say("not_entered")
        self.look_again()

    # --- keys that always mean the same ---

    def hot_key(self, key: str) -> None:
        """Do what the key line says."""
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
            "k": self.confirm_clock,
            "r": self._rehearse,
            "c": self.turn_picture,
            "x": self.sign_out,
            "escape": self.ready,
        }
        action = actions.get(key)
        if action is not None:
            action()

    def _turn(self, direction: str) -> None:
        if direction != AUTOMATIC or self.keeper.outside.tells_direction:
            self.keeper.intent.direction = direction
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

    def _rehearse(self) -> None:
        """Begin or end a rehearsal; where staff is known only a supervisor may."""
        begin = not self.is_rehearsal

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
