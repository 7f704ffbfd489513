"""What the tests of all screens put before them: a screen that takes notes, and a box's health."""

from collections.abc import Callable
from typing import Any, Final

from edge.screen.modes import Answer, AnyScreen, Mode, Said, Then
from edge.screen.panel import Panel, Tone
from edge.screen.words import COMMON, OWN, Words

SOME_WORDS: Final = Words(COMMON, {name: (f"own {name}", f"propre {name}") for name in OWN})
HEALTH = {
    "connected": True,
    "line": "",
    "refused": False,
    "alone": False,
    "alone_since_ms": None,
    "heard": True,
    "data_age_ms": 240_000,
    "neighbours": 2,
    "only_here": 37,
    "clock": "trusted",
    "uncertainty_ms": 2_000,
    "disk_free_mib": 5_000,
}


class Rest(Mode[AnyScreen]):
    """Waiting, on a screen that is neither a gate's nor a till's."""

    is_rest = True

    def panel(self, screen: AnyScreen) -> Panel:
        """Say that it waits."""
        return Panel(Tone.READY, screen.word("ready"), ("Waiting.",))


class NotedScreen:
    """A screen that takes notes: what was asked of the desk, and which mode was entered."""

    def __init__(
        self,
        words: Words = SOME_WORDS,
        rest: Callable[[], Mode[Any]] = Rest,
        answers: dict[str, Answer] | None = None,
    ) -> None:
        """Say these words, go back to such a mode, and answer commands by their names."""
        self.language = "en"
        self.utc_offset_minutes = 60
        self.mode = rest()
        self.done: list[tuple[str, dict[str, Any]]] = []
        self._words = words
        self._rest = rest
        self._answers = answers or {}

    def word(self, name: str, *details: object) -> str:
        """Return one of this screen's words in its language."""
        return self._words(name, self.language, *details)

    def do(self, then: Then, what: str, **command: Any) -> None:
        """Note a command and answer it at once."""
        self.done.append((what, command))
        then(self._answers.get(what, {"event": "done"}))

    def enter(self, mode: Mode[Any]) -> None:
        """Note the mode."""
        self.mode = mode

    def ready(self) -> None:
        """Wait."""
        self.mode = self._rest()

    def anew(self) -> None:
        """Wait."""
        self.ready()

    def say(self, name: str) -> None:
        """Say a word."""
        self.mode = Said(name)

    def sentence(self, text: str) -> None:
        """Say a sentence."""
        self.mode = Said(text=text, tone=Tone.ASK)

    def keys(self, text: str) -> None:
        """Press keys, named with spaces between them."""
        for key in text.split():
            self.mode.key(self, key)

    def lines(self) -> str:
        """Return what the mode says now, a line each."""
        return "\n".join(self.mode.panel(self).lines)
