"""What columns of tickets are called elsewhere, and what their words for a ticket's state mean.

Names are compared without case, accents and signs. Where two columns of a table mean the same, the
one that stands first here counts: who holds the ticket goes before who bought it.
"""

import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Final


class Column(StrEnum):
    """What a column of an import can hold."""

    CODE = "code"
    TYPE = "type"
    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    EMAIL = "email"
    REFERENCE = "reference"
    STATUS = "status"
    QUANTITY = "quantity"


_NAMES: Final[dict[Column, tuple[str, ...]]] = {
    Column.CODE: (
        "code", "ticket code", "ticket secret", "secret", "barcode", "barcode #", "bar code",
        "qr code", "ticket barcode", "external code", "code barres", "code barre", "code à barres",
        "code billet", "code du billet", "code secret", "secret du billet",
        "code secret du billet", "code externe", "n° de billet", "n° du billet", "n° billet",
        "no de billet", "numéro de billet", "numéro du billet", "numéro billet", "ticket number",
        "ticket no", "ticket id", "attendee #",
    ),
    Column.TYPE: (
        "type", "ticket type", "ticket", "product", "item", "ticket name", "category",
        "type de billet", "type billet", "produit", "article", "billet", "tarif",
        "nom du tarif", "catégorie", "formule", "pass",
    ),
    Column.NAME: (
        "name", "holder", "attendee name", "attendee", "full name", "guest", "guest name",
        "participant", "participant name", "nom du participant", "nom complet", "titulaire",
        "nom du titulaire", "porteur", "nom et prénom", "prénom et nom", "invité", "buyer name",
        "customer name", "nom de l'acheteur", "nom du client",
    ),
    Column.FIRST_NAME: (
        "first name", "given name", "attendee first name", "attendee name given name", "firstname",
        "prénom", "prénom participant", "prénom du participant", "prénom acheteur",
        "prénom payeur",
    ),
    Column.LAST_NAME: (
        "last name", "surname", "family name", "attendee last name",
        "attendee name family name", "lastname", "nom", "nom de famille", "nom participant",
        "nom acheteur", "nom payeur",
    ),
    Column.EMAIL: (
        "attendee email", "attendee e mail", "email du participant", "e mail du participant",
        "email participant", "email", "e mail", "mail", "email address", "e mail address",
        "courriel", "adresse email", "adresse e mail", "adresse mail", "buyer email",
        "customer email", "email acheteur", "e mail acheteur", "email payeur",
    ),
    Column.REFERENCE: (
        "reference", "order code", "order", "order #", "order id", "order no", "order number",
        "booking", "booking reference", "référence", "réf", "code de commande", "commande",
        "n° de commande", "n° commande", "no de commande", "numéro de commande", "id commande",
        "référence commande", "référence de commande", "réservation", "n° de réservation",
    ),
    Column.STATUS: (
        "ticket status", "attendee status", "status", "state", "order status", "statut du billet",
        "statut du participant", "statut", "état", "statut de la commande", "état de la commande",
        "statut commande", "état commande",
    ),
    Column.QUANTITY: ("quantity", "qty", "tickets", "quantité", "qté", "nombre de billets"),
}  # fmt: skip

_GOOD: Final = (
    "paid", "p", "valid", "confirmed", "completed", "complete", "active", "approved", "attending",
    "checked in", "issued", "ok", "yes", "payé", "payée", "validé", "validée", "valide",
    "confirmé", "confirmée", "terminé", "terminée", "actif", "active", "présent", "présente",
    "participe", "émis", "oui",
)  # fmt: skip
_WITHDRAWN: Final = (
    "canceled", "cancelled", "c", "refunded", "expired", "e", "deleted", "void", "invalid",
    "not attending", "transferred", "rejected", "denied", "annulé", "annulée", "remboursé",
    "remboursée", "expiré", "expirée", "supprimé", "supprimée", "invalide", "refusé", "refusée",
    "ne participe pas", "transféré",
)  # fmt: skip
_UNPAID: Final = (
    "pending", "n", "unpaid", "open", "reserved", "awaiting payment", "payment pending", "draft",
    "not paid", "no", "en attente", "en attente de paiement", "paiement en attente", "impayé",
    "impayée", "non payé", "non payée", "réservé", "réservée", "brouillon", "ouverte", "non",
)  # fmt: skip


class Sold(StrEnum):
    """What another system says of a ticket."""

    GOOD = "good"
    WITHDRAWN = "withdrawn"
    UNPAID = "unpaid"


def plain(text: str) -> str:
    """Return a name as it is compared: no case, no accents, single spaces in place of signs.

    A name of signs alone is compared as it is, or all such names would be one.
    """
    letters = unicodedata.normalize("NFKD", text.replace("#", " no ")).casefold()
    kept = (c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join("".join(kept).split()) or text.strip()


def column_of(name: str) -> Column | None:
    """Return what a column with this name holds, None if the name says nothing to us."""
    found = _RANKED.get(plain(name))
    return None if found is None else found[1]


def columns_in(header: Sequence[str]) -> dict[Column, int]:
    """Return where each column that is known stands in a header, from 0."""
    found: dict[Column, tuple[int, int]] = {}
    for place, name in enumerate(header):
        ranked = _RANKED.get(plain(name))
        if ranked is not None:
            rank, column = ranked
            found[column] = min(found.get(column, (rank, place)), (rank, place))
    return {column: place for column, (_, place) in found.items()}


def sold_as(word: str) -> Sold | None:
    """Return what another system's word for a ticket's state means, None if it is not known."""
    return _SOLD.get(plain(word))


_RANKED: Final = {
    plain(name): (rank, column)
    for column, names in _NAMES.items()
    for rank, name in reversed(list(enumerate(names)))
}
_SOLD: Final = {
    plain(word): sold
    for sold, words in ((Sold.GOOD, _GOOD), (Sold.WITHDRAWN, _WITHDRAWN), (Sold.UNPAID, _UNPAID))
    for word in words
}
