"""Why an order or a payment is refused."""

from dataclasses import dataclass

from cloud.refusing import Refused, Word


class Why(Word):
    """The words; each has a sentence, and an HTTP status (409 unless another one is said)."""

    RECOVERING = (
        "recovering",
        (
            "The office was put back to an older copy and sells nothing until it has heard every"
            " terminal."
        ),
        503,
    )
    NOT_AUTHORITY = (
        "not_authority",
        "A hub on the site lends places and money now; the office must wait until it hands back.",
    )
    CATCHING_UP = (
        "catching_up",
        "The office has not read everything yet from the hub that handed back.",
        503,
    )
    NOBODY_HEARD = (
        "nobody_heard",
        "No terminal has spoken to the office since it started; ask again soon.",
        503,
    )
    SOLD_OUT = "sold_out", "There are not so many places left."
    UNKNOWN_ORDER = "not_found", "There is no such order.", 404
    NOT_FOR_SALE = "not_for_sale", "This ticket type is not for sale.", 422
    NOT_ON_SALE_NOW = "not_on_sale_now", "This ticket type is not on sale at this time."
    TOO_MANY_TICKETS = "too_many_tickets", "One order cannot have so many of these tickets.", 422
    TOO_MANY_OPEN = (
        "too_many_open_orders",
        "You have too many orders that are not paid yet: pay or cancel one.",
    )
    TOO_MUCH_MONEY = "too_much_money", "The amount is larger than any till holds.", 422
    NOTHING_TO_PAY = "nothing_to_pay", "There is nothing to pay.", 422
    EXPIRED = "expired", "The order was not paid in time and its places went back: order anew."
    CANCELLED = "cancelled", "The order was cancelled."
    ALREADY_PAID = "already_paid", "The order is paid already: to give it up, refund it."
    NOT_PAID = "not_paid", "The order is not paid: cancel it instead."
    NOT_FREE = "not_free", "The order is not free: say how it was paid.", 422
    ALREADY_REFUNDED = "already_refunded", "The order or ticket was refunded already."
    NOT_OF_ORDER = "not_of_this_order", "This ticket does not belong to the order.", 422
    NO_TICKETS = "no_tickets", "The tickets cannot be made."
    ALREADY_DONE = (
        "already_done",
        "This was done before under the same key; its answer is no longer kept.",
    )
    BLOCKED = "blocked", "No wristband spends from this wallet: it is blocked."
    BALANCE = "insufficient_balance", "There is not so much money in the wallet."
    SAFE_BALANCE = (
        "safe_balance",
        (
            "Tills that were not heard lately may have sold from this wallet, so that much is not"
            " certainly left."
        ),
    )
    BALANCE_MAX = "balance_max", "The wallet would hold more than the organiser allows."
    UNKNOWN_PRODUCT = "unknown_product", "There is no such product on sale here.", 422
    AGE = (
        "age_must_be_seen",
        "Somebody must see that the guest is old enough for this product.",
        422,
    )


@dataclass(frozen=True, slots=True)
class Refusal(Refused):
    """A refusal of an order or a payment."""

    why: Why
