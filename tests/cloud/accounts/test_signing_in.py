"""Registering and signing in, and what somebody who guesses meets."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloud.accounts import passwords, tries
from cloud.accounts.access import Role
from cloud.accounts.access_tokens import Claims
from cloud.accounts.oneself import change_password, oneself, rename, set_disabled
from cloud.accounts.organisers import set_suspended
from cloud.accounts.passwords import Passwords
from cloud.accounts.registering import found_organiser, register
from cloud.accounts.sessions import SignedIn
from cloud.accounts.signing_in import Attempt, prove, still_there
from cloud.accounts.troubles import Trouble, Wait
from cloud.limits import (
    TRIES_OF_ACCOUNT_FREE,
    TRIES_OF_ACCOUNT_WAIT_S_MAX,
    TRIES_OF_ADDRESS_FREE,
    TRIES_WAIT_FIRST_S,
    TRY_OF_ADDRESS_FORGIVEN_EVERY_S,
)
from cloud.store.accounts_sessions import Tries, TryKind
from cloud.writer import Busy
from tests.cloud.accounts.people import (
    ADDRESS,
    PASSWORD,
    TestPeople,
    good,
    new,
    open_people,
    organiser_of,
)


async def test_whoever_founds_an_organiser_rules_it(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        found = await people.organiser()
        assert found.principal.role is Role.ORGANISER
        assert found.principal.organiser is not None
        assert found.principal.festivals is None
        assert await people.who(found.access) == found.principal


async def test_whoever_founds_nothing_is_a_guest(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        found = await people.guest()
        assert found.principal.role is Role.GUEST
        assert found.principal.organiser is None
        assert found.principal.scopes == frozenset()


@pytest.mark.parametrize("again", ["anna@example.org", "ANNA@Example.ORG", " anna@example.org "])
async def test_an_address_has_one_account_however_it_is_written(tmp_path: Path, again: str) -> None:
    async with open_people(tmp_path) as people:
        await people.organiser("anna@example.org")
        assert await register(people.accounts, new(again), None) is Trouble.EMAIL_TAKEN
        assert isinstance(await people.login(again), SignedIn)


@pytest.mark.parametrize(
    "email", ["", "anna", "anna@", "@b", "a b@c", "a@b@c", "a@b\nc", "a" * 260]
)
async def test_what_can_be_no_address_is_refused(tmp_path: Path, email: str) -> None:
    async with open_people(tmp_path) as people:
        assert await register(people.accounts, new(email), None) is Trouble.EMAIL_MALFORMED


@pytest.mark.parametrize(
    "password,trouble",
    [
        ("short", Trouble.PASSWORD_LENGTH),
        ("x" * 201, Trouble.PASSWORD_LENGTH),
        ("aaaaaaaaaaaa", Trouble.PASSWORD_EASY),
        ("Anna@Example.org", Trouble.PASSWORD_EASY),
    ],
)
async def test_a_bad_password_is_refused(tmp_path: Path, password: str, trouble: Trouble) -> None:
    async with open_people(tmp_path) as people:
        wanted = new("anna@example.org", password=password)
        assert await register(people.accounts, wanted, None) is trouble


async def test_a_wrong_password_and_an_unknown_address_are_answered_alike(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        await people.guest("guest@example.org")
        wrong = await people.login("guest@example.org", "wrong password")
        unknown = await people.login("nobody@example.org", "wrong password")
        assert wrong is unknown is Trouble.WRONG_CREDENTIALS


async def test_an_unknown_address_costs_a_comparison_like_a_known_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Held by construction: both ways lead through exactly one verification of argon2."""
    async with open_people(tmp_path) as people:
        await people.guest("guest@example.org")
        await people.login("warm@example.org")
        compared: list[str] = []
        hasher = people.accounts.passwords._hasher

        def verify(kept: str, password: Any) -> bool:
            compared.append(kept.split("$")[3])
            return type(hasher).verify(hasher, kept, password)

        monkeypatch.setattr(people.accounts.passwords, "_hasher", Verifying(hasher, verify))
        await people.login("guest@example.org", "wrong password")
        await people.login("nobody@example.org", "wrong password")
        assert len(compared) == 2
        assert compared[0] == compared[1]


class Verifying:
    """A hasher whose comparisons are seen."""

    def __init__(self, hasher: Any, verify: Any) -> None:
        self._hasher = hasher
        self.verify = verify

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hasher, name)


async def test_a_password_typed_on_another_keyboard_is_the_same(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        typed = new("anna@example.org", password="caf\u00e9 au lait")
        good(await register(people.accounts, typed, None))
        assert isinstance(await people.login("anna@example.org", "cafe\u0301 au lait"), SignedIn)


async def test_wrong_tries_must_wait_longer_and_longer(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        await people.guest()
        for _ in range(TRIES_OF_ACCOUNT_FREE):
            wrong = await people.login("guest@example.org", "wrong password")
            assert wrong is Trouble.WRONG_CREDENTIALS
        waits = []
        for _ in range(4):
            told = await people.login("guest@example.org")
            assert isinstance(told, Wait)
            waits.append(told.seconds)
            people.pass_ms(told.seconds * 1_000)
            wrong = await people.login("guest@example.org", "wrong password")
            assert wrong is Trouble.WRONG_CREDENTIALS
        assert waits == [1, 2, 4, 8]
        people.pass_ms(16_000)
        assert isinstance(await people.login("guest@example.org"), SignedIn)
        wrong = await people.login("guest@example.org", "wrong password")
        assert wrong is Trouble.WRONG_CREDENTIALS, "a right one begins the count anew"


async def test_an_unknown_account_makes_one_wait_like_a_known_one(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        for _ in range(TRIES_OF_ACCOUNT_FREE):
            await people.login("nobody@example.org")
        assert await people.login("NOBODY@example.org") == Wait(1)


async def test_many_tries_at_once_count_too(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        await people.guest()
        attempts = [people.login("guest@example.org", f"wrong {n} password") for n in range(20)]
        answers = await asyncio.gather(*attempts)
        wrong = [answer for answer in answers if answer is Trouble.WRONG_CREDENTIALS]
        assert len(wrong) == TRIES_OF_ACCOUNT_FREE
        assert isinstance(await people.login("guest@example.org"), Wait)


async def test_one_address_that_tries_many_accounts_must_wait(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        await people.guest()
        for number in range(TRIES_OF_ADDRESS_FREE):
            await people.login(f"a{number}@example.org")
        told = await people.login("guest@example.org")
        assert told == Wait(TRIES_WAIT_FIRST_S)
        elsewhere = await people.login("guest@example.org", address="198.51.100.1")
        assert isinstance(elsewhere, SignedIn)


async def test_a_whole_staff_signs_in_from_one_address(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        await people.guest()
        for _ in range(TRIES_OF_ADDRESS_FREE * 2):
            assert isinstance(await people.login("guest@example.org"), SignedIn)


async def test_neighbours_in_one_network_of_ipv6_count_as_one(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        marks = people.accounts.marks
        one = tries.by_address(marks, "2001:db8::1")
        assert one == tries.by_address(marks, "2001:db8::2:3")
        assert one != tries.by_address(marks, "2001:db8:0:1::1")
        assert tries.by_address(marks, "::ffff:192.0.2.7") == tries.by_address(marks, ADDRESS)


async def test_a_network_of_guests_who_mistype_now_and_then_does_not_wait(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        for number in range(TRIES_OF_ADDRESS_FREE * 3):
            told = await people.login(f"a{number}@example.org")
            assert told is Trouble.WRONG_CREDENTIALS
            people.pass_ms(TRY_OF_ADDRESS_FORGIVEN_EVERY_S * 1_000)


async def test_any_number_of_guests_register_from_one_address(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        for number in range(TRIES_OF_ADDRESS_FREE * 2):
            await people.guest(f"a{number}@example.org")


async def test_whoever_asks_which_addresses_have_an_account_must_wait(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        await people.guest()
        for _ in range(TRIES_OF_ADDRESS_FREE):
            told = await register(people.accounts, new("guest@example.org"), None)
            assert told is Trouble.EMAIL_TAKEN
        told = await register(people.accounts, new("other@example.org"), None)
        assert told == Wait(TRIES_WAIT_FIRST_S)


@given(st.sampled_from(TryKind), st.integers(0, 10_000))
def test_waits_never_shrink_with_more_tries_and_have_an_end(kind: TryKind, count: int) -> None:
    wait = tries.wait_s(kind, count)
    assert 0 <= wait <= tries.wait_s(kind, count + 1) <= TRIES_OF_ACCOUNT_WAIT_S_MAX


@given(st.lists(st.integers(0, 60_000), max_size=60))
def test_an_address_is_forgiven_as_much_however_often_one_looks(steps: list[int]) -> None:
    known, now_ms = Tries(40, 0, 0), 0
    for step in steps:
        now_ms += step
        known = tries.eased(TryKind.ADDRESS, known, now_ms)
        at_once = tries.eased(TryKind.ADDRESS, Tries(40, 0, 0), now_ms)
        assert known.count == at_once.count


async def test_who_was_shut_out_is_answered_like_a_stranger(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        found = await people.guest()
        user = found.principal.user
        assert user is not None
        assert await set_disabled(people.accounts, user, is_disabled=True) is None
        assert await people.login("guest@example.org") is Trouble.WRONG_CREDENTIALS
        assert not await _is_known(people, found)
        assert await set_disabled(people.accounts, user, is_disabled=False) is None
        assert isinstance(await people.login("guest@example.org"), SignedIn)


async def test_whoever_works_for_two_signs_in_for_the_one_they_name(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        found = await people.organiser()
        user = found.principal.user
        assert user is not None
        people.pass_ms(1)
        second = good(await found_organiser(people.accounts, user, "Second"))
        first = good(await people.login("anna@example.org"))
        assert first.principal.organiser == organiser_of(found)
        other = good(await people.login("anna@example.org", organiser=second))
        assert other.principal.organiser == second


async def test_nobody_signs_in_for_an_organiser_that_they_do_not_work_for(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        await people.guest()
        told = await people.login("guest@example.org", organiser=organiser_of(anna))
        assert told is Trouble.NOT_A_MEMBER


async def test_a_suspended_organisers_people_do_not_sign_in(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        good(await set_suspended(people.accounts, organiser_of(anna), is_suspended=True))
        assert await people.login("anna@example.org") is Trouble.ORGANISER_SUSPENDED
        good(await set_suspended(people.accounts, organiser_of(anna), is_suspended=False))
        assert isinstance(await people.login("anna@example.org"), SignedIn)


async def test_a_changed_password_ends_all_other_sessions(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        await people.guest()
        other = good(await people.login("guest@example.org"))
        mine = good(await people.login("guest@example.org"))
        assert await _is_known(people, other), "and it is remembered"
        wanted = "another horse battery"
        changed = await change_password(people.accounts, mine.principal, PASSWORD, wanted)
        assert changed is None
        assert await _is_known(people, mine)
        assert not await _is_known(people, other)
        assert await people.login("guest@example.org") is Trouble.WRONG_CREDENTIALS
        assert isinstance(await people.login("guest@example.org", wanted), SignedIn)


async def test_a_password_that_was_changed_while_it_was_compared_signs_nobody_in(
    tmp_path: Path,
) -> None:
    async with open_people(tmp_path) as people:
        accounts, mine = people.accounts, await people.guest()
        proved = good(await prove(accounts, Attempt("guest@example.org", PASSWORD, ADDRESS)))
        assert await accounts.do(lambda books: still_there(books, proved)) is not None
        wanted = "another horse battery"
        assert await change_password(accounts, mine.principal, PASSWORD, wanted) is None
        assert await accounts.do(lambda books: still_there(books, proved)) is None


async def test_a_password_is_not_changed_by_who_does_not_know_it(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        mine = await people.guest()
        for _ in range(TRIES_OF_ACCOUNT_FREE):
            told = await change_password(people.accounts, mine.principal, "wrong", "a new password")
            assert told is Trouble.WRONG_CREDENTIALS
        told = await change_password(people.accounts, mine.principal, "wrong", "a new password")
        assert isinstance(told, Wait)


async def test_people_see_and_change_their_name(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        found = await people.organiser()
        user = found.principal.user
        assert user is not None
        assert await rename(people.accounts, user, "Zoé", "fr") is None
        seen = good(await oneself(people.accounts, user))
        assert (seen.profile.name, seen.profile.email) == ("Zoé", "anna@example.org")
        assert seen.language == "fr"
        assert [name for _, name in seen.memberships] == ["Anna's Fairs"]


async def test_a_password_kept_with_lower_costs_is_hashed_anew(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        found = await people.guest()
        dearer = Passwords(people.accounts.draw, memory_kib=16, passes=1)
        kept = await _kept(people, found)
        assert dearer.is_outdated(kept)
        object.__setattr__(people.accounts, "passwords", dearer)
        assert isinstance(await people.login("guest@example.org"), SignedIn)
        assert not dearer.is_outdated(await _kept(people, found))


async def test_when_too_many_wait_to_be_compared_one_is_told_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passwords, "PASSWORDS_WAITING_MAX", 2)
    cheap = Passwords(bytes, memory_kib=8, passes=1)
    answers = await asyncio.gather(
        *(cheap.hashed(PASSWORD) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(answer, Busy) for answer in answers) == 3


async def test_the_real_costs_are_those_that_the_limits_name() -> None:
    kept = await Passwords(bytes).hashed(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=2,p=1$")


async def test_a_jwt_says_who_for_whom_as_what(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        found = await people.organiser()
        claims = people.accounts.tokens.read(found.access.show(), people.accounts.now_s())
        assert isinstance(claims, Claims)
        assert claims.subject == found.principal.id
        assert claims.organiser == found.principal.organiser
        assert claims.role == "organiser"
        assert "accounts:write" in claims.scopes


async def _kept(people: TestPeople, found: SignedIn) -> str:
    user = found.principal.user
    assert user is not None
    person = await people.accounts.look(lambda books: books.people.find(user))
    assert person is not None
    return people.accounts.personal.password(person)


async def _is_known(people: TestPeople, found: SignedIn) -> bool:
    return await people.who(found.access) == found.principal
