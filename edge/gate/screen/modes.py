"""What the agent is doing, one mode at a time: each says what to show and what its keys do.

Modes know neither the terminal nor how anything is drawn. They ask the `Desk` behind the screen to
do commands and are told the answers, so every path can be walked in a test without a screen.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final, Protocol

from edge.gate.screen.words import word
from edge.screen.panel import Choice, Panel, Tone
from edge.wanted import PEEK, USUAL
from sync.sentences import sentence_of

Answer = dict[str, Any]
Then = Callable[[Answer], None]
VERDICT_MS: Final = 3_000
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


class Screen(Protocol):
    """What a mode may ask of the screen that it is shown on."""

    language: str
    last: Answer | None
    utc_offset_minutes: int

    @property
    def direction(self) -> str:
        """The way: `in`, `out` or `automatic`."""

    def do(self, then: Then, what: str, **command: Any) -> None:
        """Have the desk do a command; `then` is called with its answer."""

    def enter(self, mode: "Mode") -> None:
        """Go over to another mode."""

    def ready(self) -> None:
        """Go back to waiting for the next code."""

    def anew(self) -> None:
        """Look again at who is signed in and what is known, then be ready."""

    def say(self, name: str) -> None:
        """Show a word of ours for a moment and be ready."""

    def sentence(self, text: str) -> None:
        """Show somebody else's sentence for a moment and be ready."""


class Mode(ABC):
    """One thing that the agent does."""

    expects: str = USUAL
    lives_ms: int | None = None
    takes_all_keys: bool = False

    @abstractmethod
    def panel(self, screen: Screen) -> Panel:
        """Return what to show now."""

    def key(self, screen: Screen, key: str) -> bool:  # noqa: ARG002 - what most modes need not
        """Take a key by its name; False if it means nothing here."""
        return False

    def told(self, screen: Screen, answer: Answer) -> bool:  # noqa: ARG002 - as `key`
        """Take what a code brought; False if this mode has no use for it."""
        return False


class Ready(Mode):
    """Waiting for the next guest."""

    def panel(self, screen: Screen) -> Panel:
        """Say what to do."""
        hint = word(f"ready_{screen.direction}", screen.language)
        return Panel(Tone.READY, word("ready", screen.language), (hint,))


class Said(Mode):
    """A sentence that stays for a moment: what was done, or why not."""

    lives_ms = VERDICT_MS

    def __init__(self, name: str = "", text: str = "", tone: Tone = Tone.READY) -> None:
        """Say a word of ours by its name, or somebody's sentence."""
        self._name, self._text, self._tone = name, text, tone

    def panel(self, screen: Screen) -> Panel:
        """Say it."""
        said = word(self._name, screen.language) if self._name else self._text
        large = {Tone.ASK: "check", Tone.REFUSE: "stop"}.get(self._tone, "ready")
        return Panel(self._tone, word(large, screen.language), (said,))


class Several(Mode):
    """Several codes came into view at once, and nobody was judged."""

    lives_ms = VERDICT_MS

    def __init__(self, codes: int) -> None:
        """So many codes."""
        self._codes = codes

    def panel(self, screen: Screen) -> Panel:
        """Ask for one at a time."""
        said = word("several", screen.language, self._codes)
        return Panel(Tone.ASK, word("check", screen.language), (said,))


class Verdict(Mode):
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


class Asked(Mode):
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


class Peeking(Mode):
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


class TypedNumber(Mode):
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


class Broken(Mode):
    """The store cannot record, or is just being opened; the keeper tries again by itself."""

    def __init__(self, sentence: str, lives_ms: int | None = None) -> None:
        """Say what is wrong; nothing while the gate is only starting."""
        self._sentence = sentence
        self.lives_ms = lives_ms

    def panel(self, screen: Screen) -> Panel:
        """Say that nobody may be let in."""
        language = screen.language
        if not self._sentence:
            return Panel(Tone.CLOSED, word("closed", language), (word("starting", language),))
        lines = (sentence_of("trouble", "cannot_record", language), self._sentence)
        return Panel(Tone.TROUBLE, word("trouble", language), lines)


class Quit(Mode):
    """Asking whether the gate is to be stopped."""

    def __init__(self, leave: Callable[[], None]) -> None:
        """`leave` stops the gate."""
        self._leave = leave

    def panel(self, screen: Screen) -> Panel:
        """Ask."""
        language = screen.language
        choices = (Choice("y", word("yes", language)), Choice("n", word("no", language)))
        lines = (word("quit_question", language),)
        return Panel(Tone.CLOSED, word("check", language), lines, choices)

    def key(self, screen: Screen, key: str) -> bool:
        """Stop, or go on."""
        if key == "y":
            self._leave()
        elif key in {"n", "escape"}:
            screen.ready()
        return key in {"y", "n", "escape"}


def digits(first: int = 0, last: int = _ONE_DIGIT_MAX) -> tuple[Choice, ...]:
    """Return the digits from one to another as choices, so that a finger can type."""
    return tuple(Choice(str(one), str(one)) for one in range(first, last + 1))


def pad(language: str) -> tuple[Choice, ...]:
    """Return everything that a finger needs to type a number: digits, back, done, leave."""
    return (
        *digits(),
        Choice("backspace", "←"),
        Choice("enter", word("enter", language)),
        Choice("escape", word("back", language)),
    )


def typed(entry: str, key: str, keys_max: int) -> str:
    """Return what stands there after one more key: digits and backspace count."""
    if key == "backspace":
        return entry[:-1]
    is_digit = len(key) == 1 and key in "0123456789"
    return entry + key if is_digit and len(entry) < keys_max else entry


def mode_of(answer: Answer) -> Mode:
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
