"""Why something is not done with tickets: a word for programs, a sentence, and HTTP's number."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Why(StrEnum):
    """The words; each has a sentence and an HTTP status."""

    RECOVERING = "recovering"
    NOT_AUTHORITY = "not_authority"
    CATCHING_UP = "catching_up"
    NO_PLACES = "sold_out"
    NO_KEY = "no_issuing_key"
    UNKNOWN_KEY = "unknown_issuing_key"
    UNKNOWN_TYPE = "unknown_type"
    BAD_WINDOW = "ends_before_it_begins"
    NOT_FOUND = "not_found"
    WITHDRAWN = "withdrawn"
    NOT_BLOCKED = "not_blocked"
    NOT_CANCELLED = "not_cancelled"
    OF_AN_ORDER = "of_an_order"
    NO_CODE = "key_is_gone"
    NO_LINK = "no_such_link"
    BAD_END = "bad_end"
    TOO_MANY = "too_many_tickets"
    BAD_TABLE = "bad_table"
    BAD_ROWS = "bad_rows"
    ALREADY_DONE = "already_done"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal: why, and what else there is to say, such as which type or ticket."""

    why: Why
    detail: str = ""

    @property
    def sentence(self) -> str:
        """What people are told."""
        sentence = SENTENCES[self.why]
        return f"{sentence[:-1]}: {self.detail}." if self.detail else sentence

    @property
    def status(self) -> int:
        """The HTTP status that says the same."""
        return STATUS.get(self.why, 409)


SENTENCES: Final = {
    Why.RECOVERING: "The office was put back to an older copy and issues nothing until it has heard"
    " every terminal.",
    Why.NOT_AUTHORITY: "A hub on the site lends places now; the office must wait until it hands"
    " back.",
    Why.CATCHING_UP: "The office has not read everything yet from the hub that handed back.",
    Why.NO_PLACES: "There are not so many places left.",
    Why.NO_KEY: "There is no issuing key whose codes gates take.",
    Why.UNKNOWN_KEY: "There is no such issuing key here, or it was retired.",
    Why.UNKNOWN_TYPE: "There is no such ticket type.",
    Why.BAD_WINDOW: "The tickets would end before they begin.",
    Why.NOT_FOUND: "There is no such ticket.",
    Why.WITHDRAWN: "The ticket was cancelled, refunded or replaced, which is final.",
    Why.NOT_BLOCKED: "The ticket is not blocked.",
    Why.NOT_CANCELLED: "Only a cancelled ticket is noted as refunded: cancel it first.",
    Why.OF_AN_ORDER: "The ticket was bought: refund it with its order, which pays the money back.",
    Why.NO_CODE: "The key that signed this ticket is no longer in the office's folder: issue the"
    " ticket anew.",
    Why.NO_LINK: "This link does not hold, or holds no longer.",
    Why.BAD_END: "The link must end after now, and not too far away.",
    Why.TOO_MANY: "These are too many tickets at once.",
    Why.BAD_TABLE: "The table cannot be read.",
    Why.BAD_ROWS: "Some rows are wrong, so nothing was imported.",
    Why.ALREADY_DONE: "This was done before under the same key; its answer is no longer kept. Look"
    " for the tickets in the list.",
}
STATUS: Final = {
    Why.RECOVERING: 503,
    Why.CATCHING_UP: 503,
    Why.NOT_FOUND: 404,
    Why.NO_LINK: 404,
    Why.BAD_END: 422,
    Why.UNKNOWN_TYPE: 422,
    Why.UNKNOWN_KEY: 422,
    Why.BAD_WINDOW: 422,
    Why.BAD_TABLE: 422,
    Why.BAD_ROWS: 422,
    Why.TOO_MANY: 422,
}
