"""What a ticket type is offered for: kept with its texts here, and in the book that orders read.

The book of offers counts where it has a line; what orders set there is shown here. A type that is
internal, or was deleted, has no line.
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
    seen = Visibility.PUBLIC if offer.is_visible else Visibility.HIDDEN
    return words | {
        "price": offer.price,
        "vat": offer.vat,
        "visibility": seen.value,
        "on_sale_from_ms": offer.from_ms or None,
        "on_sale_until_ms": offer.until_ms or None,
        "per_order_max": offer.per_order_max,
    }


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


def _book(sight: Sight) -> OfferBook:
    return OfferBook(sight.connection, sight.festival)
