"""Invitations: an organiser offers somebody a role, by a secret that is good once, for seven days.

An invitation names no person: whoever brings its secret takes the place. It is made by who may
give that role, and judged again when it is accepted: it ends with what its maker could give. It can
be revoked until it is used.
"""

from collections.abc import Callable
from typing import Final

from cloud.accounts import tries
from cloud.accounts.access import OrganiserId, Principal, Role, Scope, UserId, implied
from cloud.accounts.giving import giver_of_role, trouble_with_festivals, trouble_with_giving
from cloud.accounts.keys import principal_of
from cloud.accounts.registering import NewPerson, prepared, tried_by
from cloud.accounts.seats import Seat
from cloud.accounts.secret_texts import INVITATION, SECRET_BYTES, SHORT_ID_BYTES, SecretText, fits
from cloud.accounts.service import LOG, Accounts, NotDone
from cloud.accounts.sessions import SignedIn, keep_session, new_session, signed_in
from cloud.accounts.troubles import Trouble, Wait
from cloud.limits import INVITATION_DAYS, INVITATIONS_MAX, MEMBERS_MAX
from cloud.store.accounts import Books
from cloud.store.accounts_machines import MachineKind
from cloud.store.accounts_organisers import Festivals, Invitation, Membership
from cloud.store.accounts_sessions import SessionKind

_LIFE_MS: Final = INVITATION_DAYS * 24 * 3_600_000
_PURPOSE: Final = "invitation"


async def invite(
    accounts: Accounts, principal: Principal, role: Role, festivals: Festivals
) -> tuple[Invitation, SecretText] | Trouble:
    """Offer a role for the organiser of who asks; the secret is told this once."""
    organiser = giver_of_role(principal, role, festivals)
    if isinstance(organiser, Trouble):
        return organiser
    return await _offer(accounts, organiser, principal.id, role, festivals)


async def invite_ruler(
    accounts: Accounts, principal: Principal, organiser: OrganiserId
) -> tuple[Invitation, SecretText] | Trouble:
    """Let whoever runs the house invite somebody who rules an organiser."""
    if not principal.is_superadmin:
        return Trouble.MORE_THAN_ONE_HAS
    return await _offer(accounts, organiser, principal.id, Role.ORGANISER, None)


async def open_invitations(accounts: Accounts, organiser: OrganiserId) -> list[Invitation]:
    """Return what can still be accepted, the oldest first."""
    now_ms = accounts.now_ms()
    return await accounts.look(lambda books: _open(books, organiser, now_ms))


async def revoke_invitation(
    accounts: Accounts, organiser: OrganiserId, name: str
) -> Trouble | None:
    """End an invitation before it is used."""
    is_taken = await accounts.do(lambda books: books.members.take_invitation(organiser, name))
    return None if is_taken else Trouble.UNKNOWN


async def accept_as_new(
    accounts: Accounts, shown: str, new: NewPerson
) -> SignedIn | Trouble | Wait:
    """Take the place with a new account, and sign in with it."""
    find = _finder(accounts, shown)
    if find is None or await accounts.look(find) is None:
        return Trouble.INVITATION_INVALID
    person = await prepared(accounts, new)
    if isinstance(person, Trouble | Wait):
        return person
    session = new_session(accounts, person.user, SessionKind.API)

    def job(books: Books) -> Seat | Trouble:
        invitation = find(books)
        if invitation is None:
            return Trouble.INVITATION_INVALID
        seat = _take_place(books, invitation, person.user, person.made_ms)
        if isinstance(seat, Seat):
            if not books.people.add(person):
                raise NotDone(Trouble.EMAIL_TAKEN)
            tries.was_right(books, tried_by(accounts, new))
            keep_session(books, session, seat)
        return seat

    seat = await accounts.do_whole(job)
    if isinstance(seat, Trouble):
        return seat
    return signed_in(accounts, person, seat, session)


async def join(accounts: Accounts, shown: str, principal: Principal) -> OrganiserId | Trouble:
    """Take the place as somebody who is signed in; their session stays as it is."""
    user, find, now_ms = principal.user, _finder(accounts, shown), accounts.now_ms()
    if user is None:
        return Trouble.PERSON_NEEDED
    if find is None:
        return Trouble.INVITATION_INVALID

    def job(books: Books) -> OrganiserId | Trouble:
        invitation = find(books)
        if invitation is None:
            return Trouble.INVITATION_INVALID
        seat = _take_place(books, invitation, user, now_ms)
        return seat if isinstance(seat, Trouble) else invitation.organiser

    return await accounts.do(job)


async def _offer(
    accounts: Accounts, organiser: OrganiserId, made_by: str, role: Role, festivals: Festivals
) -> tuple[Invitation, SecretText] | Trouble:
    name, secret = accounts.draw(SHORT_ID_BYTES), accounts.draw(SECRET_BYTES)
    shown = INVITATION.spell(name, bytes.fromhex(organiser), secret)
    now_ms = accounts.now_ms()
    invitation = Invitation(
        organiser=organiser,
        invitation=name.hex(),
        mark=accounts.marks.of(_PURPOSE, secret),
        role=role,
        festivals=festivals,
        made_by=made_by,
        made_ms=now_ms,
        ends_ms=now_ms + _LIFE_MS,
    )

    def job(books: Books) -> Trouble | None:
        if books.organisers.find(organiser) is None:
            return Trouble.UNKNOWN
        if len(_open(books, organiser, now_ms)) >= INVITATIONS_MAX:
            return Trouble.TOO_MANY
        trouble = trouble_with_festivals(books, organiser, festivals)
        if trouble is None:
            books.members.invite(invitation)
        return trouble

    trouble = await accounts.do(job)
    if trouble is not None:
        return trouble
    row = {"organiser": organiser, "invitation": invitation.invitation, "by": made_by}
    LOG.info("invited", extra={"row": row})
    return invitation, shown


def _finder(accounts: Accounts, shown: str) -> Callable[[Books], Invitation | None] | None:
    """Return how to find what a secret offers now; None if the text is no invitation's at all."""
    parts = INVITATION.read(shown)
    if parts is None:
        return None
    name, organiser, secret = parts
    mark, now_ms = accounts.marks.of(_PURPOSE, secret), accounts.now_ms()

    def find(books: Books) -> Invitation | None:
        found = books.members.invitation(OrganiserId(organiser.hex()), name.hex())
        if found is None or not fits(found.mark, mark) or found.ends_ms <= now_ms:
            return None
        maker = _maker(books, found.organiser, found.made_by)
        return found if _may_make(maker, found) else None

    return find


def _open(books: Books, organiser: OrganiserId, now_ms: int) -> list[Invitation]:
    """Return an organiser's invitations that can still be accepted, the oldest first."""
    found = books.members.invitations(organiser, now_ms)
    names = {invitation.made_by for invitation in found}
    makers = {name: _maker(books, organiser, name) for name in names}
    return [one for one in found if _may_make(makers[one.made_by], one)]


def _may_make(maker: Principal | None, invitation: Invitation) -> bool:
    """Tell whether who made an invitation could make it as they are now (None: nobody any more)."""
    if maker is None or Scope.ACCOUNTS_WRITE not in maker.scopes:
        return False
    return trouble_with_giving(maker, implied(invitation.role), invitation.festivals) is None


def _maker(books: Books, organiser: OrganiserId, name: str) -> Principal | None:
    """Return who made invitations as they are now, None if they are nobody here any more."""
    person = books.people.find(UserId(name))
    if person is not None:
        member = books.members.find(organiser, person.user)
        seat = None if member is None else Seat(member.role, organiser, member.festivals)
        if person.is_superadmin:
            seat = Seat(Role.SUPERADMIN, None)
        return None if seat is None or not person.is_active else seat.principal(person, "")
    for kind in MachineKind:
        machine = books.machines.find(organiser, kind, name)
        if machine is not None:
            found = principal_of(books, machine)
            return None if isinstance(found, Trouble) else found
    return None


def _take_place(books: Books, invitation: Invitation, user: UserId, now_ms: int) -> Seat | Trouble:
    """Use an invitation up and make somebody a member; nothing is written if that cannot be."""
    organiser = invitation.organiser
    found = books.organisers.find(organiser)
    if found is None or found.suspended_ms:
        return Trouble.ORGANISER_SUSPENDED
    if books.members.find(organiser, user) is not None:
        return Trouble.ALREADY_MEMBER
    if len(books.members.of_organiser(organiser)) >= MEMBERS_MAX:
        return Trouble.TOO_MANY
    if not books.members.take_invitation(organiser, invitation.invitation):
        return Trouble.INVITATION_INVALID
    member = Membership(organiser, user, invitation.role, invitation.festivals, now_ms)
    books.members.put(member)
    return Seat(invitation.role, organiser, invitation.festivals)
