"""Who works for an organiser, in which role; changed by who may give that role.

Every change is heard at once: sessions of who was removed end, and what others remember of a
changed role is compared with the store before it is believed.
"""

from dataclasses import dataclass, field

from cloud.accounts.access import OrganiserId, Principal, Role, UserId, implied
from cloud.accounts.giving import giver_of_role, trouble_with_festivals, trouble_with_giving
from cloud.accounts.personal import Profile
from cloud.accounts.service import LOG, Accounts
from cloud.accounts.troubles import Trouble
from cloud.store.accounts import Books
from cloud.store.accounts_organisers import Festivals, Membership


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works for an organiser, with who they are."""

    member: Membership
    profile: Profile = field(repr=False)


async def members(accounts: Accounts, organiser: OrganiserId) -> list[Member]:
    """Return who works for an organiser, the longest first."""

    def see(books: Books) -> list[Member]:
        found = [
            (one, books.people.find(one.user)) for one in books.members.of_organiser(organiser)
        ]
        return [
            Member(member, accounts.personal.profile(person))
            for member, person in found
            if person is not None
        ]

    return await accounts.look(see)


async def change_role(
    accounts: Accounts, principal: Principal, user: UserId, role: Role, festivals: Festivals
) -> Membership | Trouble:
    """Give a member another role or other festivals."""
    organiser = giver_of_role(principal, role, festivals)
    if isinstance(organiser, Trouble):
        return organiser

    def job(books: Books) -> Membership | Trouble:
        member = _to_change(books, principal, organiser, user)
        if isinstance(member, Trouble):
            return member
        trouble = trouble_with_festivals(books, organiser, festivals)
        if trouble is not None:
            return trouble
        still_rules = role is Role.ORGANISER and festivals is None
        if not still_rules and books.members.rulers(organiser) == {user}:
            return Trouble.LAST_ORGANISER
        changed = Membership(organiser, user, role, festivals, member.made_ms)
        books.members.put(changed)
        books.raise_generation()
        return changed

    return _logged(await accounts.do(job), "role changed", principal, user)


async def remove_member(
    accounts: Accounts, principal: Principal, user: UserId
) -> Membership | Trouble:
    """Take somebody's role away and end the sessions that they had in it."""
    organiser = principal.organiser
    if organiser is None:
        return Trouble.ORGANISER_NEEDED

    def job(books: Books) -> Membership | Trouble:
        member = _to_change(books, principal, organiser, user)
        if isinstance(member, Trouble):
            return member
        if books.members.rulers(organiser) == {user}:
            return Trouble.LAST_ORGANISER
        books.members.remove(organiser, user)
        books.sessions.remove_of_member(organiser, user)
        books.raise_generation()
        return member

    return _logged(await accounts.do(job), "member removed", principal, user)


def _to_change(
    books: Books, principal: Principal, organiser: OrganiserId, user: UserId
) -> Membership | Trouble:
    """Return the member who is to be changed; nobody changes who has more than they have.

    Other transactions are kept off this organiser's members until this one ends.
    """
    books.organisers.hold(organiser)
    member = books.members.find(organiser, user)
    if member is None:
        return Trouble.UNKNOWN
    trouble = trouble_with_giving(principal, implied(member.role), member.festivals)
    return member if trouble is None else trouble


def _logged(
    result: Membership | Trouble, what: str, principal: Principal, user: UserId
) -> Membership | Trouble:
    if isinstance(result, Membership):
        row = {"organiser": result.organiser, "user": user, "by": principal.id}
        LOG.info(what, extra={"row": row})
    return result
