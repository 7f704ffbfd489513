"""What a ticket type is offered for: kept with its texts here, and in the book that orders read.

Whoever changes an offer, as a ticket type or as an offer, changes the words and the line of the
book together, so the words' versions are the whole history of a price. A type that is internal, or
was deleted, has no line.
"""

from collections.abc import Mapping
from typing import Any, Final

from cloud.festivals.catalogue_models import Visibility
from cloud.festivals.sight import Sight
from cloud.store.orders import Offer, OfferBook

_UNSAID: Final = {
    "description": "",
    "price": 0,
    "vat": 0,
    "visibility": Visibility.INTERNAL.value,
    "on_sale_from_ms": None,
    "on_sale_until_ms": None,
    "per_order_max": 0,
    "valid_from": 0,
    "valid_until": 0,
}
"""Of a type that was stated by a command: it has no price, so it is not offered."""


def offer_words(sight: Sight, number: int) -> dict[str, Any]:
    """Return description, price, VAT, visibility, when it is sold and when its codes are good."""
    words = _UNSAID | dict(sight.words("type", number))
    if sight.is_deleted("type", number):
        return words
    offer = _book(sight).one(number)
    if offer is None:
        return words | {"visibility": Visibility.INTERNAL.value}
    return words | _words_of(offer)


def keep_offer(sight: Sight, offer: Offer, said_by: str, now_ms: int) -> None:
    """Sell a type as an offer says, and keep it with the type's words (Unix ms)."""
    words = offer_words(sight, offer.type) | _words_of(offer)
    _keep(sight, offer.type, words, said_by, now_ms)


def withdraw_offer(sight: Sight, number: int, said_by: str, now_ms: int) -> None:
    """Make a type internal, and keep what else was said of it (Unix ms)."""
    words = offer_words(sight, number) | {"visibility": Visibility.INTERNAL.value}
    _keep(sight, number, words, said_by, now_ms)


def put_offer(sight: Sight, number: int, words: Mapping[str, Any]) -> None:
    """Let orders sell a type as the words say, or not at all if it is internal."""
    if words["visibility"] == Visibility.INTERNAL:
        end_offer(sight, number)
        return
    _book(sight).put(
        Offer(
            type=number,
            price=words["price"],
            vat=words["vat"],
            from_ms=words["on_sale_from_ms"] or 0,
            until_ms=words["on_sale_until_ms"] or 0,
            per_order_max=words["per_order_max"],
            is_visible=words["visibility"] == Visibility.PUBLIC,
        )
    )


def end_offer(sight: Sight, number: int) -> None:
    """Let orders sell a type no longer."""
    _book(sight).take_away(number)


def _words_of(offer: Offer) -> dict[str, Any]:
    """Return what an offer says, in the words of a ticket type."""
    seen = Visibility.PUBLIC if offer.is_visible else Visibility.HIDDEN
    return {
        "price": offer.price,
        "vat": offer.vat,
        "visibility": seen.value,
        "on_sale_from_ms": offer.from_ms or None,
        "on_sale_until_ms": offer.until_ms or None,
        "per_order_max": offer.per_order_max,
    }


def _keep(sight: Sight, number: int, words: dict[str, Any], said_by: str, now_ms: int) -> None:
    sight.details.put("type", str(number), words, said_by=said_by, now_ms=now_ms)
    put_offer(sight, number, words)


def _book(sight: Sight) -> OfferBook:
    return OfferBook(sight.connection, sight.festival)
