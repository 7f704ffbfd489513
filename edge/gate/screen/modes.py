"""What an agent at a gate is doing: waiting, reading a verdict, answering a question, looking."""

from typing import Final, Protocol

from edge.gate.screen.words import word
from edge.screen.modes import SAID_MS, Answer, AnyScreen, Mode, digits, pad, typed
from edge.screen.panel import Choice, Panel, Tone
from edge.wanted import PEEK

VERDICT_MS: Final = SAID_MS
_TONES: Final = {
    "admit": Tone.ADMIT,
    "ask": Tone.ASK,
    "refuse": Tone.REFUSE,
    "trouble": Tone.TROUBLE,
}
_ENTRY_KEYS_MAX: Final = 20
_ONE_DIGIT_MAX: Final = 9
_FINAL_REASONS: Final = frozenset(
    {"wrong_type", "capacity_full", "gate_revoked", "session_expired"}
)


class Screen(AnyScreen, Protocol):
    """What a mode may ask of the gate's screen that it is shown on."""

    last: Answer | None

    @property
    def direction(self) -> str:
        """The way: `in`, `out` or `automatic`."""

    def enter(self, mode: "Mode[Screen]") -> None:
        """Go over to another mode, of the gate or of any screen."""


GateMode = Mode[Screen]


class Ready(GateMode):
    """Waiting for the next guest."""

    is_rest = True

    def panel(self, screen: Screen) -> Panel:
        """Say what to do."""
        hint = word(f"ready_{screen.direction}", screen.language)
        return Panel(Tone.READY, word("ready", screen.language), (hint,))


class Verdict(GateMode):
    """Green or red, until the next code or for three seconds."""

    lives_ms = VERDICT_MS

    def __init__(self, answer: Answer) -> None:
        """Show this verdict."""
        self.answer = answer

    def panel(self, screen: Screen) -> Panel:
        """Say what was decided and why."""
        answer, language = self.answer, screen.language
        lines = [answer["sentences"][language if language == "fr" else "en"]]
        lines += about(answer, language)
        if may_override(answer):
            lines.append(word("call_supervisor", language))
        tone = _TONES[answer["verdict"]]
        return Panel(tone, word(_large(answer), language), tuple(lines))


class Asked(GateMode):
    """A human must answer: yes or no, or how many of a group."""

    def __init__(self, answer: Answer) -> None:
        """Put this question; it dies with its session."""
        self.answer = answer
        self.lives_ms = answer.get("session_ms", VERDICT_MS)
        self.entry = "" if answer.get("guests_max") else None

    def panel(self, screen: Screen) -> Panel:
        """Put the question with its two answers."""
        language, answer = screen.language, self.answer
        lines = [answer["sentences"][language if language == "fr" else "en"]]
        lines += about(answer, language)
        choices: tuple[Choice, ...] = ()
        if self.entry is not None:
            most = answer["guests_max"]
            is_few = most <= _ONE_DIGIT_MAX
            lines.append(word("how_many_few" if is_few else "how_many", language, most))
            choices = (
                digits(1, most) if is_few else (*digits(), Choice("enter", word("enter", language)))
            )
        elif "session" in answer:
            choices = (Choice("y", word("yes", language)),)
        if choices:
            choices += (
                Choice("n", word("no", language)),
                Choice("s", word("supervisor", language)),
            )
        large = word("check", language)
        return Panel(Tone.ASK, large, tuple(lines), choices, self.entry)

    def key(self, screen: Screen, key: str) -> bool:
        """Take yes, no, or a digit of how many."""
        if "session" not in self.answer:
            return False
        if key in {"n", "escape"}:
            screen.do(lambda _: screen.ready(), "confirm", session=self._session, yes=False)
        elif self.entry is None and key in {"y", "enter"}:
            self._confirm(screen)
        elif self.entry is not None and key.isdigit() and len(key) == 1:
            self._digit(screen, key)
        elif self.entry is not None and key == "backspace":
            self.entry = self.entry[:-1]
        elif self.entry and key == "enter":
            self._confirm(screen, guests=int(self.entry))
        else:
            return False
        return True

    def _digit(self, screen: Screen, key: str) -> None:
        """Take a digit; where no second one can follow, it is the answer."""
        most: int = self.answer["guests_max"]
        entry = (self.entry or "") + key
        if not 1 <= int(entry) <= most:
            return
        self.entry = entry
        if int(entry) * 10 > most:
            self._confirm(screen, guests=int(entry))

    @property
    def _session(self) -> str:
        return str(self.answer["session"])

    def _confirm(self, screen: Screen, **more: int) -> None:
        screen.do(lambda answer: shown(screen, answer), "confirm", session=self._session, **more)


class Peeking(GateMode):
    """Looking at a ticket or wristband; nothing is recorded."""

    expects = PEEK

    def panel(self, screen: Screen) -> Panel:
        """Say what to show."""
        language = screen.language
        back = (Choice("escape", word("back", language)),)
        return Panel(Tone.READY, word("peek", language), (word("peek_hint", language),), back)

    def key(self, screen: Screen, key: str) -> bool:
        """Go back."""
        if key == "escape":
            screen.ready()
        return key == "escape"


class TypedNumber(GateMode):
    """Typing the number that is printed below the code."""

    takes_all_keys = True

    def __init__(self) -> None:
        """Begin with nothing."""
        self.entry = ""

    def panel(self, screen: Screen) -> Panel:
        """Show what was typed."""
        language = screen.language
        lines = (word("serial", language),)
        return Panel(Tone.READY, word("ready", language), lines, pad(language), self.entry)

    def key(self, screen: Screen, key: str) -> bool:
        """Take digits, and judge at Enter."""
        if key == "escape":
            screen.ready()
        elif key == "enter" and self.entry:
            way = "out" if screen.direction == "out" else "in"
            screen.do(
                lambda answer: shown(screen, answer),
                "typed",
                serial=int(self.entry),
                direction=way,
            )
        else:
            self.entry = typed(self.entry, key, _ENTRY_KEYS_MAX)
        return True


def mode_of(answer: Answer) -> GateMode:
    """Return the mode that shows a verdict: a question waits for its answer."""
    is_open = "session" in answer and not answer.get("peek")
    if is_open and (answer["verdict"] == "ask" or answer["verdict"] == "admit"):
        return Asked(answer)
    return Verdict(answer)


def about(answer: Answer, language: str) -> list[str]:
    """Return what is to be known of the ticket, a line each: type, group, note, first admission."""
    lines = []
    notes = [answer["type_name"]] if answer.get("type_name") else []
    if answer.get("age"):
        notes.append(word("from_age", language, answer["age"]))
    if answer.get("age_checked"):
        notes.append(word("adult_checked", language))
    if answer["verdict"] == "admit" and (answer.get("guests") or 1) > 1:
        notes.append(word("guests", language, answer["guests"]))
    if notes:
        lines.append(" · ".join(notes))
    if answer.get("group"):
        lines.append(word("group", language, *answer["group"]))
    if answer.get("note") and answer["note"] not in answer["sentence"]:
        lines.append(answer["note"])
    first = answer.get("first")
    is_told = first is not None and first["gate"] in answer["sentence"]
    if first is not None and not is_told and answer["verdict"] == "refuse":
        name = "first" if first["at"] else "first_no_time"
        lines.append(word(name, language, first["gate"], first["at"]))
    return lines


def may_override(answer: Answer) -> bool:
    """Tell whether a supervisor can let in whom this verdict did not."""
    is_open = answer["verdict"] in {"refuse", "ask"} and "session" in answer
    return is_open and not answer.get("peek") and answer["reason"] not in _FINAL_REASONS


def _large(answer: Answer) -> str:
    if answer.get("peek"):
        return "peek"
    if answer["verdict"] == "admit":
        return "go_out" if answer["direction"] == "out" else "come_in"
    return {"refuse": "stop", "trouble": "trouble"}.get(answer["verdict"], "check")


def shown(screen: Screen, answer: Answer) -> None:
    """Show what a command brought: a verdict, or why it was not done."""
    if answer["event"] == "verdict":
        screen.last = answer
        screen.enter(mode_of(answer))
    else:
        screen.sentence(str(answer.get("sentence", "")))
