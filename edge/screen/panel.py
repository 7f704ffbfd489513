"""What the middle of a screen says, before anybody draws it: tone, word, lines, choices."""

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a panel looks: each has a colour, a sign and a frame of its own, never colour alone."""

    READY = "ready"
    ADMIT = "admit"
    ASK = "ask"
    REFUSE = "refuse"
    TROUBLE = "trouble"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a key or a finger can choose now; `key` is the key's name."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One answer or one question. `lines` go from the most important on; `entry` is what is typed.

    `rows` are lines of a list in place of a large word.
    """

    tone: Tone
    word: str
    lines: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    entry: str | None = None
    rows: tuple[str, ...] = ()
