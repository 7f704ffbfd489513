"""Why something is not done with tickets."""

from dataclasses import dataclass

from cloud.refusing import Refused, Word


class Why(Word):
    """The words; each has a sentence, and an HTTP status (409 unless another one is said)."""

    RECOVERING = (
        "recovering",
        (
            "The office was put back to an older copy and issues nothing until it has heard every"
            " terminal."
        ),
        503,
    )
    NOT_AUTHORITY = (
        "not_authority",
        "A hub on the site lends places now; the office must wait until it hands back.",
    )
    CATCHING_UP = (
        "catching_up",
        "The office has not read everything yet from the hub that handed back.",
        503,
    )
    NO_PLACES = "sold_out", "There are not so many places left."
    NO_KEY = "no_issuing_key", "There is no issuing key whose codes gates take: make one."
    UNKNOWN_KEY = (
        "unknown_issuing_key",
        "There is no such issuing key here, or it was retired.",
        422,
    )
    UNKNOWN_TYPE = "unknown_type", "There is no such ticket type.", 422
    BAD_WINDOW = "ends_before_it_begins", "The tickets would end before they begin.", 422
    NOT_FOUND = "not_found", "There is no such ticket.", 404
    WITHDRAWN = "withdrawn", "The ticket was cancelled, refunded or replaced, which is final."
    NOT_BLOCKED = "not_blocked", "The ticket is not blocked."
    NOT_CANCELLED = (
        "not_cancelled",
        "Only a cancelled ticket is noted as refunded: cancel it first.",
    )
    OF_AN_ORDER = (
        "of_an_order",
        "The ticket was bought: refund it with its order, which pays the money back.",
    )
    NO_CODE = (
        "key_is_gone",
        (
            "The key that signed this ticket is no longer in the office's folder: issue the"
            " ticket anew."
        ),
    )
    NO_LINK = "no_such_link", "This link does not hold, or holds no longer.", 404
    BAD_END = "bad_end", "The link must end after now, and not too far away.", 422
    BAD_ROWS = (
        "bad_rows",
        "Some rows are wrong, so nothing was imported: mend them or skip them.",
        422,
    )
    ALREADY_DONE = (
        "already_done",
        (
            "This was done before under the same key; its answer is no longer kept. Look for the"
            " tickets in the list."
        ),
    )


@dataclass(frozen=True, slots=True)
class Refusal(Refused):
    """A refusal of what was to be done with tickets."""

    why: Why
