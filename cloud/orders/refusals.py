"""Why an order or a payment is refused: one word for programs, one sentence for people."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Why(StrEnum):
    """The words; each has a sentence, and an HTTP status (409 unless another one is said)."""

    RECOVERING = "recovering"
    NOT_AUTHORITY = "not_authority"
    CATCHING_UP = "catching_up"
    NOBODY_HEARD = "nobody_heard"
    SOLD_OUT = "sold_out"
    UNKNOWN_ORDER = "not_found"
    NOT_FOR_SALE = "not_for_sale"
    NOT_ON_SALE_NOW = "not_on_sale_now"
    TOO_MANY_TICKETS = "too_many_tickets"
    TOO_MANY_OPEN = "too_many_open_orders"
    TOO_MUCH_MONEY = "too_much_money"
    NOTHING_TO_PAY = "nothing_to_pay"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    ALREADY_PAID = "already_paid"
    NOT_PAID = "not_paid"
    NOT_FREE = "not_free"
    ALREADY_REFUNDED = "already_refunded"
    NOT_OF_ORDER = "not_of_this_order"
    NO_TICKETS = "no_tickets"
    ALREADY_DONE = "already_done"
    BLOCKED = "blocked"
    BALANCE = "insufficient_balance"
    SAFE_BALANCE = "safe_balance"
    BALANCE_MAX = "balance_max"
    UNKNOWN_PRODUCT = "unknown_product"
    AGE = "age_must_be_seen"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal: why, and what else there is to say (such as which ticket type)."""

    why: Why
    detail: str = ""

    @property
    def sentence(self) -> str:
        """What people are told."""
        sentence = SENTENCES[self.why]
        return f"{sentence[:-1]} ({self.detail})." if self.detail else sentence

    @property
    def status(self) -> int:
        """The HTTP status that says the same."""
        return STATUS.get(self.why, 409)


SENTENCES: Final = {
    Why.RECOVERING: "The office was put back to an older copy and sells nothing until it has heard"
    " every terminal.",
    Why.NOT_AUTHORITY: "A hub on the site lends places and money now; the office must wait until"
    " it hands back.",
    Why.CATCHING_UP: "The office has not read everything yet from the hub that handed back.",
    Why.NOBODY_HEARD: "No terminal has spoken to the office since it started; ask again soon.",
    Why.SOLD_OUT: "There are not so many places left.",
    Why.UNKNOWN_ORDER: "There is no such order.",
    Why.NOT_FOR_SALE: "This ticket type is not for sale.",
    Why.NOT_ON_SALE_NOW: "This ticket type is not on sale at this time.",
    Why.TOO_MANY_TICKETS: "One order cannot have so many of these tickets.",
    Why.TOO_MANY_OPEN: "You have too many orders that are not paid yet.",
    Why.TOO_MUCH_MONEY: "The amount is larger than any till holds.",
    Why.NOTHING_TO_PAY: "There is nothing to pay.",
    Why.EXPIRED: "The order was not paid in time and its places went back.",
    Why.CANCELLED: "The order was cancelled.",
    Why.ALREADY_PAID: "The order is paid already.",
    Why.NOT_PAID: "The order is not paid.",
    Why.NOT_FREE: "The order is not free: say how it was paid.",
    Why.ALREADY_REFUNDED: "The order or ticket was refunded already.",
    Why.NOT_OF_ORDER: "This ticket does not belong to the order.",
    Why.NO_TICKETS: "The tickets cannot be made.",
    Why.ALREADY_DONE: "This was done before under the same key; its answer is no longer kept.",
    Why.BLOCKED: "No wristband spends from this wallet: it is blocked.",
    Why.BALANCE: "There is not so much money in the wallet.",
    Why.SAFE_BALANCE: "Tills that were not heard lately may have sold from this wallet, so that"
    " much is not certainly left.",
    Why.BALANCE_MAX: "The wallet would hold more than the organiser allows.",
    Why.UNKNOWN_PRODUCT: "There is no such product on sale here.",
    Why.AGE: "Somebody must see that the guest is old enough for this product.",
}
STATUS: Final = {
    Why.RECOVERING: 503,
    Why.CATCHING_UP: 503,
    Why.NOBODY_HEARD: 503,
    Why.UNKNOWN_ORDER: 404,
    Why.NOT_FOR_SALE: 422,
    Why.TOO_MANY_TICKETS: 422,
    Why.TOO_MUCH_MONEY: 422,
    Why.NOTHING_TO_PAY: 422,
    Why.NOT_OF_ORDER: 422,
    Why.NOT_FREE: 422,
    Why.UNKNOWN_PRODUCT: 422,
    Why.AGE: 422,
}
