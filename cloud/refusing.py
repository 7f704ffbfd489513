"""Why something is not done: one word for programs, one sentence for people, HTTP's number.

Each area has its own words, because they change with what it does; how a word is told is one.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

_CONFLICT: Final = 409


class Word(StrEnum):
    """A word with its sentence and its HTTP status (409 unless another one is said)."""

    sentence: str
    status: int

    def __new__(cls, word: str, sentence: str, status: int = _CONFLICT) -> Self:
        """Make a member from its word, its sentence and its status."""
        made = str.__new__(cls, word)
        made._value_ = word
        made.sentence = sentence
        made.status = status
        return made


@dataclass(frozen=True, slots=True)
class Refused:
    """One refusal: why, and what else there is to say, such as which ticket or type."""

    why: Word
    detail: str = ""

    @property
    def sentence(self) -> str:
        """What people are told."""
        sentence = self.why.sentence
        return f"{sentence[:-1]} ({self.detail})." if self.detail else sentence

    @property
    def status(self) -> int:
        """The HTTP status that says the same."""
        return self.why.status
