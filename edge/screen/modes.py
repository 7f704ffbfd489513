"""What the agent is doing, one mode at a time: each says what to show and what its keys do.

Modes know neither the terminal nor how anything is drawn. They ask the desk behind the screen to do
commands and are told the answers, so every path can be walked in a test without a screen. Here
stands what every screen has; a gate and a till each add their own.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final, Generic, Protocol, TypeVar

from edge.screen.panel import Choice, Panel, Tone
from edge.screen.words import word
from edge.wanted import USUAL

Answer = dict[str, Any]
Then = Callable[[Answer], None]
SAID_MS: Final = 3_000
_ONE_DIGIT_MAX: Final = 9


class AnyScreen(Protocol):
    """What a mode may ask of whichever screen it is shown on."""

    language: str
    utc_offset_minutes: int

    def word(self, name: str, *details: object) -> str:
        """Return one of this screen's words in its language."""

    def do(self, then: Then, what: str, **command: Any) -> None:
        """Have the desk do a command; `then` is called with its answer."""

    def enter(self, mode: "Mode[AnyScreen]") -> None:
        """Go over to another mode."""

    def ready(self) -> None:
        """Go back to waiting for the next code."""

    def anew(self) -> None:
        """Look again at who is signed in and what is known, then be ready."""

    def say(self, name: str) -> None:
        """Show a word of ours for a moment and be ready."""

    def sentence(self, text: str) -> None:
        """Show somebody else's sentence for a moment and be ready."""


ScreenT_contra = TypeVar("ScreenT_contra", bound=AnyScreen, contravariant=True)


class Mode(ABC, Generic[ScreenT_contra]):
    """One thing that the agent does, on a screen that can do what the mode asks.

    `expects` says what a code is wanted for, `lives_ms` how long the mode stays (None: until it is
    left), `is_rest` that the agent does nothing that would be lost, `hears_capitals` that a capital
    letter means something else than a small one.
    """

    expects: str = USUAL
    lives_ms: int | None = None
    takes_all_keys: bool = False
    hears_capitals: bool = False
    is_rest: bool = False

    @abstractmethod
    def panel(self, screen: ScreenT_contra) -> Panel:
        """Return what to show now."""

    def key(self, screen: ScreenT_contra, key: str) -> bool:  # noqa: ARG002 - what most modes need not
        """Take a key by its name; False if it means nothing here."""
        return False

    def told(self, screen: ScreenT_contra, answer: Answer) -> bool:  # noqa: ARG002 - as `key`
        """Take what a code brought; False if this mode has no use for it."""
        return False


class Said(Mode[AnyScreen]):
    """A sentence that stays for a moment: what was done, or why not."""

    lives_ms = SAID_MS

    def __init__(self, name: str = "", text: str = "", tone: Tone = Tone.READY) -> None:
        """Say a word of ours by its name, or somebody's sentence."""
        self._name, self._text, self._tone = name, text, tone

    def panel(self, screen: AnyScreen) -> Panel:
        """Say it."""
        said = screen.word(self._name) if self._name else self._text
        large = {Tone.ASK: "check", Tone.REFUSE: "stop"}.get(self._tone, "ready")
        return Panel(self._tone, screen.word(large), (said,))


class Several(Mode[AnyScreen]):
    """Several codes came into view at once, and none was taken."""

    lives_ms = SAID_MS

    def __init__(self, codes: int) -> None:
        """So many codes."""
        self._codes = codes

    def panel(self, screen: AnyScreen) -> Panel:
        """Ask for one at a time."""
        return Panel(Tone.ASK, screen.word("check"), (screen.word("several", self._codes),))


class Broken(Mode[AnyScreen]):
    """The store cannot record, or is just being opened; the keeper tries again by itself."""

    def __init__(self, sentence: str, lives_ms: int | None = None) -> None:
        """Say what is wrong; nothing while the box is only starting."""
        self._sentence = sentence
        self.lives_ms = lives_ms

    def panel(self, screen: AnyScreen) -> Panel:
        """Say that nothing may be done here."""
        if not self._sentence:
            return Panel(Tone.CLOSED, screen.word("closed"), (screen.word("starting"),))
        lines = (screen.word("cannot_record"), self._sentence)
        return Panel(Tone.TROUBLE, screen.word("trouble"), lines)


class Quit(Mode[AnyScreen]):
    """Asking whether the box is to be stopped."""

    def __init__(self, leave: Callable[[], None]) -> None:
        """`leave` stops the box."""
        self._leave = leave

    def panel(self, screen: AnyScreen) -> Panel:
        """Ask."""
        choices = (Choice("y", screen.word("yes")), Choice("n", screen.word("no")))
        return Panel(Tone.CLOSED, screen.word("check"), (screen.word("quit_question"),), choices)

    def key(self, screen: AnyScreen, key: str) -> bool:
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
