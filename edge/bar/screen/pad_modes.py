"""Typing an amount, a number or some words, by keys or fingers; choosing from a list."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Final

from edge.bar.screen.till_mode import Face, Screen, TillMode, back
from edge.screen.modes import pad, typed
from edge.screen.panel import Choice, Panel, Tone
from edge.wanted import USUAL

AMOUNT_DIGITS_MAX: Final = 8
QUICK_KEYS: Final = "qwertyui"
_NOUGHTS: Final = "o"
_TEXT_CHARS_MAX: Final = 40
_PAGE_ROWS: Final = 10
_MASK: Final = "●"


class AmountPad(TillMode):
    """Typing an amount: digits come in from the right, as on every till, so 1 2 5 0 is 12.50."""

    def __init__(
        self,
        name: str,
        then: Callable[[int], None],
        *,
        quick: Sequence[int] = (),
        usual: int | None = None,
        lines: tuple[str, ...] = (),
    ) -> None:
        """Ask by a word of ours; `then` gets the amount.

        `quick` are amounts that one key gives; Enter with nothing typed gives `usual`.
        """
        self._name, self._then, self._lines = name, then, lines
        self._quick = dict(zip(QUICK_KEYS, quick, strict=False))
        self._usual = usual
        self.entry = ""

    def panel(self, screen: Screen) -> Panel:
        """Show what was typed so far, and the quick amounts."""
        quick = tuple(Choice(k, screen.plain_money(a)) for k, a in self._quick.items())
        minor = int(self.entry) if self.entry else self._usual
        entry = "" if minor is None else screen.plain_money(minor)
        choices = (*pad(screen.language), Choice(_NOUGHTS, "00"), *quick)
        lines = (screen.word(self._name), *self._lines)
        return Panel(Tone.READY, "", lines, choices, entry)

    def key(self, screen: Screen, key: str) -> bool:
        """Take digits, a quick amount, and go on at Enter."""
        if key == "escape":
            screen.ready()
        elif key in self._quick:
            self._then(self._quick[key])
        elif key == _NOUGHTS:
            self.entry = typed(typed(self.entry, "0", AMOUNT_DIGITS_MAX), "0", AMOUNT_DIGITS_MAX)
        elif key == "enter":
            self._enter()
        else:
            self.entry = typed(self.entry, key, AMOUNT_DIGITS_MAX)
        return True

    def _enter(self) -> None:
        if self.entry:
            self._then(int(self.entry))
        elif self._usual is not None:
            self._then(self._usual)


class CountPad(TillMode):
    """Typing how many."""

    def __init__(
        self,
        name: str,
        then: Callable[[int], None],
        digits_max: int = 3,
        lines: tuple[str, ...] = (),
    ) -> None:
        """Ask by a word of ours; `then` gets the number."""
        self._name, self._then, self._digits_max = name, then, digits_max
        self._lines = lines
        self.entry = ""

    def panel(self, screen: Screen) -> Panel:
        """Show what was typed so far."""
        lines = (screen.word(self._name), *self._lines)
        return Panel(Tone.READY, "", lines, pad(screen.language), self.entry)

    def key(self, screen: Screen, key: str) -> bool:
        """Take digits, and go on at Enter."""
        if key == "escape":
            screen.ready()
        elif key == "enter":
            if self.entry:
                self._then(int(self.entry))
        else:
            self.entry = typed(self.entry, key, self._digits_max)
        return True


class SecretPad(TillMode):
    """Typing digits of a guest: their PIN, their claim code; shown only where that is harmless."""

    takes_all_keys = True
    face = Face.FULL

    def __init__(
        self, name: str, then: Callable[[str], None], digits_max: int, *, is_secret: bool = True
    ) -> None:
        """Ask by a word of ours; `then` gets the digits."""
        self._name, self._then, self._digits_max = name, then, digits_max
        self._is_secret = is_secret
        self.entry = ""

    def panel(self, screen: Screen) -> Panel:
        """Show how many digits were typed."""
        entry = _MASK * len(self.entry) if self._is_secret else self.entry
        lines = (screen.word(self._name),)
        return Panel(Tone.CLOSED, screen.word("check"), lines, pad(screen.language), entry)

    def key(self, screen: Screen, key: str) -> bool:
        """Take digits, and go on at Enter."""
        if key == "escape":
            screen.ready()
        elif key == "enter":
            if self.entry:
                self._then(self.entry)
        else:
            self.entry = typed(self.entry, key, self._digits_max)
        return True


class TextPad(TillMode):
    """Typing some words, such as what a card reader printed."""

    takes_all_keys = True

    def __init__(self, name: str, then: Callable[[str], None]) -> None:
        """Ask by a word of ours; `then` gets the text, which may be empty."""
        self._name, self._then = name, then
        self.entry = ""

    def panel(self, screen: Screen) -> Panel:
        """Show what was typed so far."""
        choices = (Choice("enter", screen.word("enter")), back(screen))
        return Panel(Tone.READY, "", (screen.word(self._name),), choices, self.entry)

    def key(self, screen: Screen, key: str) -> bool:
        """Take letters, and go on at Enter."""
        if key == "escape":
            screen.ready()
        elif key == "enter":
            self._then(self.entry.strip())
        elif key == "backspace":
            self.entry = self.entry[:-1]
        elif len(self.entry) < _TEXT_CHARS_MAX:
            char = {"space": " ", "minus": "-", "full_stop": ".", "slash": "/"}.get(key, key)
            self.entry += char if len(char) == 1 and char.isprintable() else ""
        return True


class Listing(TillMode):
    """A list through which a cursor goes; whoever derives says what its rows are."""

    expects = USUAL

    def __init__(self) -> None:
        """Begin at the top."""
        self.cursor = 0

    @abstractmethod
    def count(self) -> int:
        """Return how many rows there are."""

    def move(self, key: str) -> bool:
        """Take a key that moves the cursor."""
        steps = {"up": -1, "down": 1, "pageup": -_PAGE_ROWS, "pagedown": _PAGE_ROWS}.get(key)
        if steps is not None:
            self.cursor = max(0, min(self.cursor + steps, self.count() - 1))
        return steps is not None

    def shown(self, rows: Sequence[str]) -> tuple[str, ...]:
        """Return the rows from a little above the cursor on, the cursor's marked."""
        first = max(0, min(self.cursor - _PAGE_ROWS // 2, len(rows) - _PAGE_ROWS))
        return tuple(
            f"{'▸' if at == self.cursor else ' '} {row}"
            for at, row in enumerate(rows)
            if at >= first
        )
