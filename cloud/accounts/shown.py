"""Turns what is known of accounts into what their routes answer."""

from typing import Any

from cloud.accounts.access import Principal, Role
from cloud.accounts.keys import client_id_of
from cloud.accounts.members import Member
from cloud.accounts.models import (
    ClientGiven,
    InvitationGiven,
    Invited,
    KeyGiven,
    Me,
    MemberGiven,
    MembershipGiven,
    NewClientGiven,
    NewKeyGiven,
    OrganiserGiven,
    RoleGiven,
    Tokens,
)
from cloud.accounts.oneself import Oneself
from cloud.accounts.sessions import SignedIn
from cloud.store.accounts_machines import Machine
from cloud.store.accounts_organisers import Invitation, Membership, Organiser


def tokens_of(found: SignedIn) -> Tokens:
    """Return what a program is told when it signed in or refreshed."""
    return Tokens(
        access_token=found.access.show(),
        refresh_token=found.refresh.show(),
        token_type="Bearer",  # noqa: S106 - the name of a kind
        expires_in=found.access_s,
        user=found.principal.id,
        role=(found.principal.role or Role.GUEST).value,
        organiser=found.principal.organiser,
    )


def me_of(who: Principal, oneself: Oneself | None) -> Me:
    """Return what somebody is told about themselves; None for keys and clients."""
    memberships = [] if oneself is None else oneself.memberships
    return Me(
        kind=who.kind.value,
        id=who.id,
        role=None if who.role is None else who.role.value,
        organiser=who.organiser,
        festivals=listed(who.festivals),
        scopes=sorted(who.scopes),
        email=None if oneself is None else oneself.profile.email,
        name=None if oneself is None else oneself.profile.name,
        language=None if oneself is None else oneself.language,
        memberships=[_membership(member, name) for member, name in memberships],
    )


def organiser_of(found: Organiser) -> OrganiserGiven:
    """Return an organiser as it is shown."""
    return OrganiserGiven(
        organiser=found.organiser,
        name=found.name,
        made_ms=found.made_ms,
        suspended=bool(found.suspended_ms),
    )


def invitation_of(found: Invitation) -> InvitationGiven:
    """Return an invitation as it is shown."""
    return InvitationGiven(**_invitation(found))


def invited_of(found: Invitation, secret: str) -> Invited:
    """Return a new invitation with its secret."""
    return Invited(**_invitation(found), secret=secret)


def member_of(found: Member) -> MemberGiven:
    """Return a member as they are shown."""
    return MemberGiven(
        user=found.member.user,
        email=found.profile.email,
        name=found.profile.name,
        role=found.member.role.value,
        festivals=listed(found.member.festivals),
        made_ms=found.member.made_ms,
    )


def role_of(found: Membership) -> RoleGiven:
    """Return a member's role as it is shown."""
    festivals = listed(found.festivals)
    return RoleGiven(user=found.user, role=found.role.value, festivals=festivals)


def key_of(found: Machine) -> KeyGiven:
    """Return a key as it is shown."""
    return KeyGiven(key=found.id, used_ms=found.used_ms, **_machine(found))


def new_key_of(found: Machine, secret: str) -> NewKeyGiven:
    """Return a new key with its secret."""
    return NewKeyGiven(key=found.id, used_ms=0, secret=secret, **_machine(found))


def client_of(found: Machine) -> ClientGiven:
    """Return a client as it is shown."""
    return ClientGiven(client=found.id, client_id=client_id_of(found), **_machine(found))


def new_client_of(found: Machine, secret: str) -> NewClientGiven:
    """Return a new client with its secret."""
    row = _machine(found)
    client_id = client_id_of(found)
    return NewClientGiven(client=found.id, client_id=client_id, client_secret=secret, **row)


def listed(festivals: frozenset[int] | None) -> list[int] | None:
    """Return festivals in order; None stays None."""
    return None if festivals is None else sorted(festivals)


def _membership(member: Membership, name: str) -> MembershipGiven:
    return MembershipGiven(
        organiser=member.organiser,
        name=name,
        role=member.role.value,
        festivals=listed(member.festivals),
    )


def _invitation(found: Invitation) -> dict[str, Any]:
    return {
        "invitation": found.invitation,
        "role": found.role.value,
        "festivals": listed(found.festivals),
        "made_by": found.made_by,
        "made_ms": found.made_ms,
        "ends_ms": found.ends_ms,
    }


def _machine(found: Machine) -> dict[str, Any]:
    return {
        "name": found.name,
        "scopes": sorted(found.scopes),
        "festivals": listed(found.festivals),
        "made_by": found.made_by,
        "made_ms": found.made_ms,
    }
