"""What somebody may give away: never more than they have themselves."""

from collections.abc import Iterable

from cloud.accounts.access import STAFF, OrganiserId, Principal, Role, Scope, implied
from cloud.accounts.troubles import Trouble
from cloud.store.accounts import Books
from cloud.store.accounts_organisers import Festivals


def trouble_with_giving(
    principal: Principal, scopes: Iterable[Scope], festivals: Festivals
) -> Trouble | None:
    """Say why these scopes over these festivals (None: all) are not this one's to give or take."""
    if not principal.scopes.issuperset(scopes):
        return Trouble.MORE_THAN_ONE_HAS
    if principal.festivals is None:
        return None
    is_within = festivals is not None and festivals <= principal.festivals
    return None if is_within else Trouble.MORE_THAN_ONE_HAS


def giver_of_role(principal: Principal, role: Role, festivals: Festivals) -> OrganiserId | Trouble:
    """Return for whom somebody gives a role over these festivals (None: all), or why not."""
    if principal.organiser is None:
        return Trouble.ORGANISER_NEEDED
    if role not in STAFF:
        return Trouble.ROLE_UNFIT
    return trouble_with_giving(principal, implied(role), festivals) or principal.organiser


def trouble_with_festivals(
    books: Books, organiser: OrganiserId, festivals: Festivals
) -> Trouble | None:
    """Say whether one of these festivals is not this organiser's."""
    if festivals is None:
        return None
    own = {entry.festival for entry in books.festivals.of(organiser)}
    return None if festivals <= own else Trouble.FESTIVAL_UNKNOWN
