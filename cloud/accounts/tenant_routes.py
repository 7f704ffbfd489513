"""Routes for who rules an organiser, or the house: members, invitations, keys, organisers."""

import re
from typing import Final

from cloud.accounts import invitations, keys, members, oneself, organisers
from cloud.accounts.access import (
    OrganiserId,
    Role,
    UserId,
    read_scopes,
    signed_in,
    superadmins,
)
from cloud.accounts.access import organisers as for_organisers
from cloud.accounts.asking import accounts_of, done, nothing, paged, tenant_of
from cloud.accounts.models import (
    ChangeRole,
    ClientGiven,
    Disabling,
    InvitationGiven,
    Invite,
    Invited,
    Joined,
    KeyGiven,
    MemberGiven,
    NewClientGiven,
    NewKeyGiven,
    NewMachine,
    NewOrganiser,
    OrganiserGiven,
    RoleGiven,
    Suspension,
)
from cloud.accounts.registering import found_organiser
from cloud.accounts.shown import (
    client_of,
    invitation_of,
    invited_of,
    key_of,
    member_of,
    new_client_of,
    new_key_of,
    organiser_of,
    role_of,
)
from cloud.api.call import Call
from cloud.api.models import Page, PageQuery
from cloud.api.problems import Problem
from cloud.api.routes import API, Routes
from cloud.store.accounts_machines import MachineKind

ROUTES: Final = Routes("accounts")
_IDS: Final = re.compile(r"[0-9a-f]{0,32}")
_READ: Final = for_organisers("accounts:read")
_WRITE: Final = for_organisers("accounts:write")


@ROUTES.get(f"{API}/members", may=_READ)
async def list_members(call: Call, query: PageQuery) -> Page[MemberGiven]:
    """See who works for your organiser."""
    found = await members.members(accounts_of(call), tenant_of(call))
    return paged([member_of(member) for member in found], lambda member: member.user, query)


@ROUTES.put(f"{API}/members/{{user}}", may=_WRITE)
async def change_member(call: Call, body: ChangeRole) -> RoleGiven:
    """Give a member another role or other festivals; it counts from their next request on."""
    user, role = UserId(call.places["user"]), Role(body.role)
    festivals = _festivals(body.festivals)
    found = await members.change_role(accounts_of(call), call.who, user, role, festivals)
    return role_of(done(found))


@ROUTES.delete(f"{API}/members/{{user}}", may=_WRITE)
async def remove_member(call: Call) -> None:
    """Take somebody's role away; the sessions that they had in it end at once."""
    user = UserId(call.places["user"])
    done(await members.remove_member(accounts_of(call), call.who, user))


@ROUTES.get(f"{API}/invitations", may=_READ)
async def list_invitations(call: Call, query: PageQuery) -> Page[InvitationGiven]:
    """See which invitations can still be accepted."""
    found = await invitations.open_invitations(accounts_of(call), tenant_of(call))
    shown = [invitation_of(invitation) for invitation in found]
    return paged(shown, lambda invitation: invitation.invitation, query)


@ROUTES.post(f"{API}/invitations", may=_WRITE, status=201)
async def invite(call: Call, body: Invite) -> Invited:
    """Offer a role to whoever brings the secret, which is told only now and good for seven days."""
    role, festivals = Role(body.role), _festivals(body.festivals)
    made = await invitations.invite(accounts_of(call), call.who, role, festivals)
    invitation, secret = done(made)
    return invited_of(invitation, secret.show())


@ROUTES.delete(f"{API}/invitations/{{invitation}}", may=_WRITE)
async def revoke_invitation(call: Call) -> None:
    """End an invitation before it is used."""
    name = call.places["invitation"]
    nothing(await invitations.revoke_invitation(accounts_of(call), tenant_of(call), name))


@ROUTES.get(f"{API}/keys", may=_READ)
async def list_keys(call: Call, query: PageQuery) -> Page[KeyGiven]:
    """See your organiser's API keys; their secrets are kept nowhere."""
    found = await keys.machines(accounts_of(call), tenant_of(call), MachineKind.KEY)
    return paged([key_of(machine) for machine in found], lambda key: key.key, query)


@ROUTES.post(f"{API}/keys", may=_WRITE, status=201)
async def make_key(call: Call, body: NewMachine) -> NewKeyGiven:
    """Make an API key with scopes that you have yourself; its secret is told only now."""
    scopes, festivals = read_scopes(body.scopes), _festivals(body.festivals)
    made = await keys.make_machine(
        accounts_of(call), call.who, MachineKind.KEY, body.name, scopes, festivals
    )
    machine, secret = done(made)
    return new_key_of(machine, secret.show())


@ROUTES.delete(f"{API}/keys/{{key}}", may=_WRITE)
async def revoke_key(call: Call) -> None:
    """End an API key; it is refused from now on."""
    name = call.places["key"]
    nothing(await keys.revoke_machine(accounts_of(call), call.who, MachineKind.KEY, name))


@ROUTES.get(f"{API}/clients", may=_READ)
async def list_clients(call: Call, query: PageQuery) -> Page[ClientGiven]:
    """See your organiser's OAuth clients; their secrets are kept nowhere."""
    found = await keys.machines(accounts_of(call), tenant_of(call), MachineKind.CLIENT)
    return paged([client_of(machine) for machine in found], lambda client: client.client, query)


@ROUTES.post(f"{API}/clients", may=_WRITE, status=201)
async def make_client(call: Call, body: NewMachine) -> NewClientGiven:
    """Make an OAuth client with scopes that you have yourself; its secret is told only now."""
    scopes, festivals = read_scopes(body.scopes), _festivals(body.festivals)
    made = await keys.make_machine(
        accounts_of(call), call.who, MachineKind.CLIENT, body.name, scopes, festivals
    )
    machine, secret = done(made)
    return new_client_of(machine, secret.show())


@ROUTES.delete(f"{API}/clients/{{client}}", may=_WRITE)
async def revoke_client(call: Call) -> None:
    """End an OAuth client; the access that it got is refused from now on."""
    name = call.places["client"]
    nothing(await keys.revoke_machine(accounts_of(call), call.who, MachineKind.CLIENT, name))


@ROUTES.post(f"{API}/organisers", may=signed_in(), status=201)
async def found(call: Call, body: NewOrganiser) -> Joined:
    """Found another organiser and rule it; sign in for it next."""
    made = await found_organiser(accounts_of(call), call.user, body.name)
    return Joined(organiser=done(made))


@ROUTES.get(f"{API}/organisers", may=superadmins())
async def list_organisers(call: Call, query: PageQuery) -> Page[OrganiserGiven]:
    """See the organisers of this house."""
    after = query.after or ""
    if not _IDS.fullmatch(after):
        raise Problem(422, "`after` is the id of an organiser.", "invalid")
    seen = await organisers.organisers(accounts_of(call), after, query.limit + 1)
    shown = [organiser_of(one) for one in seen[: query.limit]]
    is_more = len(seen) > len(shown)
    return Page(items=shown, next=shown[-1].organiser if is_more else None)


@ROUTES.put(f"{API}/organisers/{{organiser}}/suspension", may=superadmins())
async def suspend_organiser(call: Call, body: Suspension) -> OrganiserGiven:
    """Keep an organiser's people, keys and clients out, or let them in again.

    Gates and bars go on: their guests have done nothing wrong.
    """
    organiser = OrganiserId(call.places["organiser"])
    seen = await organisers.set_suspended(accounts_of(call), organiser, is_suspended=body.suspended)
    return organiser_of(done(seen))


@ROUTES.post(f"{API}/organisers/{{organiser}}/invitations", may=superadmins(), status=201)
async def invite_ruler(call: Call) -> Invited:
    """Invite somebody to rule an organiser; the secret is told only now."""
    organiser = OrganiserId(call.places["organiser"])
    made = await invitations.invite_ruler(accounts_of(call), call.who, organiser)
    invitation, secret = done(made)
    return invited_of(invitation, secret.show())


@ROUTES.put(f"{API}/users/{{user}}/disabling", may=superadmins())
async def disable_user(call: Call, body: Disabling) -> None:
    """Keep somebody out of the whole house and end their sessions, or let them in again."""
    user = UserId(call.places["user"])
    nothing(await oneself.set_disabled(accounts_of(call), user, is_disabled=body.disabled))


@ROUTES.delete(f"{API}/users/{{user}}", may=superadmins())
async def erase_user(call: Call) -> None:
    """Erase somebody's account for them; nothing brings it back."""
    nothing(await oneself.erase_user(accounts_of(call), UserId(call.places["user"])))


def _festivals(named: list[int] | None) -> frozenset[int] | None:
    return None if named is None else frozenset(named)
