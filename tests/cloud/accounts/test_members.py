"""Invitations, members and keys: nobody gives or takes more than they have."""

import asyncio
from pathlib import Path

import pytest

from cloud.accounts import invitations, keys, registering
from cloud.accounts.access import Kind, Principal, Role, Scope, implied
from cloud.accounts.invitations import (
    accept_as_new,
    invite,
    invite_ruler,
    join,
    open_invitations,
    revoke_invitation,
)
from cloud.accounts.keys import machines, make_machine, revoke_machine
from cloud.accounts.members import change_role, members, remove_member
from cloud.accounts.oneself import erase_user, set_disabled
from cloud.accounts.organisers import add_festival, organisers, set_suspended
from cloud.accounts.registering import found_organiser
from cloud.accounts.sessions import SignedIn, refresh
from cloud.accounts.superadmin import accept_link, accept_link_as, first_link, make_link
from cloud.accounts.troubles import Trouble
from cloud.limits import INVITATION_DAYS, SUPERADMIN_LINK_H
from cloud.store.accounts_machines import MachineKind
from tests.cloud.accounts.people import good, new, open_people, organiser_of

_DAY_MS = 24 * 3_600_000


async def test_whoever_is_invited_gets_the_role_that_was_offered(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        number = await add_festival(people.accounts, organiser_of(anna), "Été")
        carl = await people.member(
            anna.principal, Role.CASHIER, "carl@example.org", frozenset({number})
        )
        assert carl.principal.role is Role.CASHIER
        assert carl.principal.organiser == organiser_of(anna)
        assert carl.principal.festivals == frozenset({number})
        assert await people.who(carl.access) == carl.principal
        found = await members(people.accounts, organiser_of(anna))
        emails = {member.profile.email for member in found}
        assert emails == {"anna@example.org", "carl@example.org"}


async def test_an_invitation_is_good_once(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        _, secret = good(await invite(people.accounts, anna.principal, Role.AGENT, None))
        answers = await asyncio.gather(
            *(
                accept_as_new(people.accounts, secret.show(), new(f"p{number}@example.org"))
                for number in range(4)
            )
        )
        assert sum(isinstance(answer, SignedIn) for answer in answers) == 1
        assert answers.count(Trouble.INVITATION_INVALID) == 3
        assert await open_invitations(people.accounts, organiser_of(anna)) == []


async def test_an_invitation_ends_after_a_week_or_when_it_is_revoked(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        accounts, by = people.accounts, anna.principal
        invitation, revoked = good(await invite(accounts, by, Role.AGENT, None))
        _, late = good(await invite(accounts, by, Role.AGENT, None))
        name = invitation.invitation
        assert await revoke_invitation(accounts, organiser_of(anna), name) is None
        assert await revoke_invitation(accounts, organiser_of(anna), name) is Trouble.UNKNOWN
        told = await accept_as_new(accounts, revoked.show(), new("a@example.org"))
        assert told is Trouble.INVITATION_INVALID
        people.pass_ms(INVITATION_DAYS * _DAY_MS)
        told = await accept_as_new(accounts, late.show(), new("a@example.org"))
        assert told is Trouble.INVITATION_INVALID


async def test_somebody_with_an_account_joins_with_it(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        guest = await people.guest()
        _, secret = good(await invite(people.accounts, anna.principal, Role.AGENT, None))
        told = await accept_as_new(people.accounts, secret.show(), new("guest@example.org"))
        assert told is Trouble.EMAIL_TAKEN, "and the invitation is not used up"
        joined = await join(people.accounts, secret.show(), guest.principal)
        assert joined == organiser_of(anna)
        again = good(await people.login("guest@example.org"))
        assert again.principal.role is Role.AGENT


async def test_a_member_does_not_change_their_own_role_by_an_invitation(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        _, secret = good(await invite(people.accounts, anna.principal, Role.AGENT, None))
        told = await join(people.accounts, secret.show(), anna.principal)
        assert told is Trouble.ALREADY_MEMBER


@pytest.mark.parametrize("loss", ["removed", "lowered", "erased", "shut out", "revoked"])
async def test_an_invitation_ends_with_what_its_maker_could_give(tmp_path: Path, loss: str) -> None:
    async with open_people(tmp_path) as people:
        anna, accounts = await people.organiser(), people.accounts
        two = await people.member(anna.principal, Role.ORGANISER, "two@example.org")
        maker, user = two.principal, two.principal.user
        assert user is not None
        kind, every = MachineKind.KEY, implied(Role.ORGANISER)
        key, shown = good(await make_machine(accounts, maker, kind, "k", every, None))
        if loss == "revoked":
            found = await people.who(shown)
            assert isinstance(found, Principal)
            maker = found
        _, first = good(await invite(accounts, maker, Role.ORGANISER, None))
        _, secret = good(await invite(accounts, maker, Role.AGENT, None))
        good(await accept_as_new(accounts, first.show(), new("three@example.org")))
        match loss:
            case "removed":
                good(await remove_member(accounts, anna.principal, user))
            case "lowered":
                good(await change_role(accounts, anna.principal, user, Role.AGENT, None))
            case "erased":
                assert await erase_user(accounts, user) is None
            case "shut out":
                assert await set_disabled(accounts, user, is_disabled=True) is None
            case "revoked":
                assert await revoke_machine(accounts, maker, kind, key.id) is None
        assert await open_invitations(accounts, organiser_of(anna)) == []
        accepted = await accept_as_new(accounts, secret.show(), new("four@example.org"))
        assert accepted is Trouble.INVITATION_INVALID
        guest = await people.guest()
        joined = await join(accounts, secret.show(), guest.principal)
        assert joined is Trouble.INVITATION_INVALID


@pytest.mark.parametrize("role", [Role.GUEST, Role.SUPERADMIN])
async def test_nobody_is_invited_as_guest_or_superadmin(tmp_path: Path, role: Role) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        told = await invite(people.accounts, anna.principal, role, None)
        assert told is Trouble.ROLE_UNFIT


async def test_nobody_gives_what_they_do_not_have(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        number = await add_festival(people.accounts, organiser_of(anna), "Été")
        few = frozenset({Scope.ACCOUNTS_WRITE, Scope.TICKETS_READ})
        key = Principal(Kind.KEY, "1" * 16, None, organiser_of(anna), None, few)
        limited = Principal(
            Kind.PERSON, anna.principal.id, Role.ORGANISER, organiser_of(anna),
            frozenset({number}), implied(Role.ORGANISER), "s",
        )  # fmt: skip
        accounts = people.accounts
        more = Trouble.MORE_THAN_ONE_HAS
        assert await invite(accounts, key, Role.ORGANISER, None) is more
        assert await invite(accounts, limited, Role.AGENT, None) is more
        assert not isinstance(
            await invite(accounts, limited, Role.AGENT, frozenset({number})), Trouble
        )
        kind, wide = MachineKind.KEY, frozenset({Scope.TICKETS_WRITE})
        assert await make_machine(accounts, key, kind, "x", wide, None) is more
        assert await make_machine(accounts, limited, kind, "x", wide, None) is more
        user = anna.principal.user
        assert user is not None
        assert await remove_member(accounts, key, user) is more
        assert await change_role(accounts, key, user, Role.AGENT, None) is more


async def test_festivals_of_others_cannot_be_named(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        eve = await people.organiser("eve@example.org", "Eve's")
        number = await add_festival(people.accounts, organiser_of(anna), "Été")
        named = frozenset({number})
        told = await invite(people.accounts, eve.principal, Role.AGENT, named)
        assert told is Trouble.FESTIVAL_UNKNOWN
        scopes = frozenset({Scope.TICKETS_READ})
        made = await make_machine(
            people.accounts, eve.principal, MachineKind.KEY, "x", scopes, named
        )
        assert made is Trouble.FESTIVAL_UNKNOWN


async def test_members_keys_and_invitations_of_others_are_out_of_reach(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        eve = await people.organiser("eve@example.org", "Eve's")
        accounts = people.accounts
        carl = await people.member(anna.principal, Role.CASHIER, "carl@example.org")
        scopes = frozenset({Scope.TICKETS_READ})
        key, _ = good(
            await make_machine(accounts, anna.principal, MachineKind.KEY, "x", scopes, None)
        )
        invitation, _ = good(await invite(accounts, anna.principal, Role.AGENT, None))
        assert carl.principal.user is not None
        told = await remove_member(accounts, eve.principal, carl.principal.user)
        assert told is Trouble.UNKNOWN
        kept = await revoke_machine(accounts, eve.principal, MachineKind.KEY, key.id)
        assert kept is Trouble.UNKNOWN
        name = invitation.invitation
        assert await revoke_invitation(accounts, organiser_of(eve), name) is Trouble.UNKNOWN
        assert await machines(accounts, organiser_of(eve), MachineKind.KEY) == []


async def test_the_last_who_rules_an_organiser_stays(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        user = anna.principal.user
        assert user is not None
        number = await add_festival(people.accounts, organiser_of(anna), "Été")
        accounts, by, last = people.accounts, anna.principal, Trouble.LAST_ORGANISER
        await people.member(by, Role.ORGANISER, "half@example.org", frozenset({number}))
        assert await remove_member(accounts, by, user) is last
        assert await change_role(accounts, by, user, Role.CASHIER, None) is last
        limited = await change_role(accounts, by, user, Role.ORGANISER, frozenset({number}))
        assert limited is last
        assert await erase_user(accounts, user) is last
        await people.member(by, Role.ORGANISER, "two@example.org")
        assert await erase_user(accounts, user) is None


async def test_two_who_remove_each_other_at_once_leave_one(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        two = await people.member(anna.principal, Role.ORGANISER, "two@example.org")
        assert anna.principal.user is not None
        assert two.principal.user is not None
        answers = await asyncio.gather(
            remove_member(people.accounts, anna.principal, two.principal.user),
            remove_member(people.accounts, two.principal, anna.principal.user),
        )
        assert answers.count(Trouble.LAST_ORGANISER) == 1
        assert len(await members(people.accounts, organiser_of(anna))) == 1


async def test_whoever_was_removed_signs_in_as_a_guest(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        carl = await people.member(anna.principal, Role.CASHIER, "carl@example.org")
        assert carl.principal.user is not None
        good(await remove_member(people.accounts, anna.principal, carl.principal.user))
        found = good(await people.login("carl@example.org"))
        assert found.principal.role is Role.GUEST


async def test_what_was_signed_in_before_a_removal_is_good_no_more_after_a_return(
    tmp_path: Path,
) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        carl = await people.member(anna.principal, Role.CASHIER, "carl@example.org")
        assert carl.principal.user is not None
        good(await remove_member(people.accounts, anna.principal, carl.principal.user))
        again = good(await people.login("carl@example.org"))
        _, secret = good(await invite(people.accounts, anna.principal, Role.ORGANISER, None))
        good(await join(people.accounts, secret.show(), again.principal))
        assert await people.who(carl.access) == "invalid_credential"
        assert await refresh(people.accounts, carl.refresh.show()) is Trouble.REFRESH_INVALID


async def test_nobody_begins_to_work_for_an_organiser_that_is_suspended(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna, guest = await people.organiser(), await people.guest()
        accounts, organiser = people.accounts, organiser_of(anna)
        _, secret = good(await invite(accounts, anna.principal, Role.AGENT, None))
        good(await set_suspended(accounts, organiser, is_suspended=True))
        kept_out = Trouble.ORGANISER_SUSPENDED
        assert await join(accounts, secret.show(), guest.principal) is kept_out
        assert await accept_as_new(accounts, secret.show(), new("a@example.org")) is kept_out
        good(await set_suspended(accounts, organiser, is_suspended=False))
        assert await join(accounts, secret.show(), guest.principal) == organiser


async def test_what_one_organiser_or_person_may_have_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_people(tmp_path) as people:
        anna, accounts = await people.organiser(), people.accounts
        by, too_many = anna.principal, Trouble.TOO_MANY
        assert by.user is not None
        offers = [good(await invite(accounts, by, Role.AGENT, None)) for _ in range(2)]
        monkeypatch.setattr(invitations, "INVITATIONS_MAX", 2)
        assert await invite(accounts, by, Role.AGENT, None) is too_many
        monkeypatch.setattr(invitations, "MEMBERS_MAX", 2)
        first, second = (secret.show() for _, secret in offers)
        good(await accept_as_new(accounts, first, new("one@example.org")))
        assert await accept_as_new(accounts, second, new("two@example.org")) is too_many
        assert len(await open_invitations(accounts, organiser_of(anna))) == 1, "it is not used up"
        monkeypatch.setattr(registering, "ORGANISERS_OF_USER_MAX", 2)
        good(await found_organiser(accounts, by.user, "Second"))
        assert await found_organiser(accounts, by.user, "Third") is too_many
        some = frozenset({Scope.TICKETS_READ})
        for kind in MachineKind:
            monkeypatch.setitem(keys._MAX, kind, 1)
            good(await make_machine(accounts, by, kind, "x", some, None))
            assert await make_machine(accounts, by, kind, "y", some, None) is too_many


async def test_a_key_needs_a_scope_and_an_organiser(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna, guest = await people.organiser(), await people.guest()
        kind, some = MachineKind.KEY, frozenset({Scope.TICKETS_READ})
        made = await make_machine(people.accounts, anna.principal, kind, "x", frozenset(), None)
        assert made is Trouble.SCOPES_EMPTY
        made = await make_machine(people.accounts, guest.principal, kind, "x", some, None)
        assert made is Trouble.ORGANISER_NEEDED


async def test_a_key_does_what_it_was_given_in_its_festivals(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        number = await add_festival(people.accounts, organiser_of(anna), "Été")
        scopes = frozenset({Scope.TICKETS_READ})
        kind = MachineKind.KEY
        key, secret = good(
            await make_machine(
                people.accounts, anna.principal, kind, "x", scopes, frozenset({number})
            )
        )
        assert await people.who(secret) == Principal(
            Kind.KEY, key.id, None, organiser_of(anna), frozenset({number}), scopes
        )
        assert secret.show().startswith("gk_")


# --- whoever runs the house ---


async def test_the_first_start_gives_a_link_and_later_ones_too_until_it_is_used(
    tmp_path: Path,
) -> None:
    async with open_people(tmp_path) as people:
        first = await first_link(people.accounts)
        second = await first_link(people.accounts)
        assert first is not None
        assert second is not None
        told = await accept_link(people.accounts, first.show(), new("root@example.org"))
        assert told is Trouble.LINK_INVALID, "a new link ends the one before"
        root = good(await accept_link(people.accounts, second.show(), new("root@example.org")))
        assert root.principal.role is Role.SUPERADMIN
        assert root.principal.is_superadmin
        assert await people.who(root.access) == root.principal
        assert await first_link(people.accounts) is None


async def test_the_superadmin_link_is_good_once_and_for_a_day(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        link = await make_link(people.accounts)
        answers = await asyncio.gather(
            *(
                accept_link(people.accounts, link.show(), new(f"r{number}@example.org"))
                for number in range(4)
            )
        )
        assert sum(isinstance(answer, SignedIn) for answer in answers) == 1
        assert answers.count(Trouble.LINK_INVALID) == 3
        late = await make_link(people.accounts)
        people.pass_ms(SUPERADMIN_LINK_H * 3_600_000)
        told = await accept_link(people.accounts, late.show(), new("late@example.org"))
        assert told is Trouble.LINK_INVALID


async def test_a_taken_address_does_not_use_the_superadmin_link_up(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        guest = await people.guest()
        link = await make_link(people.accounts)
        told = await accept_link(people.accounts, link.show(), new("guest@example.org"))
        assert told is Trouble.EMAIL_TAKEN
        assert await accept_link_as(people.accounts, link.show(), guest.principal) is None
        anna = await people.organiser()
        again = await accept_link_as(people.accounts, link.show(), anna.principal)
        assert again is Trouble.LINK_INVALID, "it is good once"
        root = good(await people.login("guest@example.org"))
        assert root.principal.is_superadmin


@pytest.mark.parametrize("text", ["", "gl_", "gl_AAAA", "gk_" + "A" * 43, "é"])
async def test_what_is_no_superadmin_link_is_refused(tmp_path: Path, text: str) -> None:
    async with open_people(tmp_path) as people:
        await make_link(people.accounts)
        told = await accept_link(people.accounts, text, new("root@example.org"))
        assert told is Trouble.LINK_INVALID


async def test_only_the_superadmin_invites_for_any_organiser(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna, root = await people.organiser(), await people.superadmin()
        made = await invite_ruler(people.accounts, anna.principal, organiser_of(anna))
        assert made is Trouble.MORE_THAN_ONE_HAS
        _, secret = good(await invite_ruler(people.accounts, root.principal, organiser_of(anna)))
        two = good(await accept_as_new(people.accounts, secret.show(), new("two@example.org")))
        assert two.principal.role is Role.ORGANISER
        assert [one.name for one in await organisers(people.accounts, "", 10)] == ["Anna's Fairs"]
