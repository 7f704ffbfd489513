"""Why an order or a payment is refused: one word for programs, one sentence for people."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Why(StrEnum):
    """The words; each has a sentence and an HTTP status."""

    RECOVERING = "recovering"
    NOT_AUTHORITY = "not_authority"
    CATCHING_UP = "catching_up"
    SOLD_OUT = "sold_out"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal: why, and what else there is to say (such as which ticket type)."""

    why: Why
    detail: str = ""

    @property
    def sentence(self) -> str:
        """What people are told."""
        return SENTENCES[self.why]

    @property
    def status(self) -> int:
        """The HTTP status that says the same."""
        return STATUS[self.why]


SENTENCES: Final = {
    Why.RECOVERING: "The office was put back to an older copy and sells nothing until it has heard"
    " every terminal.",
    Why.NOT_AUTHORITY: "A hub on the site lends places and money now; the office must wait until"
    " it hands back.",
    Why.CATCHING_UP: "The office has not read everything yet from the hub that handed back.",
    Why.SOLD_OUT: "There are not so many places left.",
}
STATUS: Final = {
    Why.RECOVERING: 503,
    Why.NOT_AUTHORITY: 409,
    Why.CATCHING_UP: 503,
    Why.SOLD_OUT: 409,
}
