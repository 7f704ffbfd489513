"""What a ticket type is offered for: read here by everybody who sells or issues tickets."""

from typing import Any, Final

from cloud.festivals.catalogue_models import Visibility
from cloud.festivals.sight import Sight

_UNSAID: Final = {
    "description": "",
    "price": 0,
    "vat": 0,
    "visibility": Visibility.INTERNAL.value,
    "on_sale_from_ms": None,
    "on_sale_until_ms": None,
    "per_order_max": 10,
    "valid_from": 0,
    "valid_until": 0,
}
"""Of a type that was stated by a command: it has no price, so it is not offered."""


def offer_words(sight: Sight, number: int) -> dict[str, Any]:
    """Return description, price, VAT, visibility, when it is sold and when its codes are good."""
    return _UNSAID | dict(sight.words("type", number))
