"""Who shows what: what is good, what is not, and how soon a revocation is heard."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from cloud.accounts import credentials
from cloud.accounts.access import Principal, Role, Scope
from cloud.accounts.access_tokens import AccessTokens, BadProof, Claims
from cloud.accounts.credentials import Unproved
from cloud.accounts.house_key import HouseKey
from cloud.accounts.keys import make_machine, revoke_machine
from cloud.accounts.members import change_role, remove_member
from cloud.accounts.oneself import erase_user, set_disabled
from cloud.accounts.organisers import (
    add_festival,
    adopt_festival,
    set_festival_deleted,
    set_suspended,
)
from cloud.accounts.pages import csrf_of, is_own_page
from cloud.accounts.sessions import SignedIn
from cloud.accounts.signing_in import Attempt, PageSignedIn, sign_in_page
from cloud.limits import ACCESS_JWT_S, PAGE_SESSION_H
from cloud.store.accounts_machines import MachineKind
from tests.cloud.accounts.people import (
    ADDRESS,
    PASSWORD,
    TestPeople,
    good,
    open_people,
    organiser_of,
)

TOKENS = AccessTokens(HouseKey(bytes(range(32))))
CLAIMS = Claims("1" * 32, "2" * 32, "3" * 32, "organiser", (1, 2), ("tickets:read",))
NOW_S = 1_795_000_000


async def test_nothing_shown_is_nobody(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        assert await people.credentials.principal(None, None) is None


@pytest.mark.parametrize(
    "shown", ["", "Bearer", "Bearer ", "Basic abc", "Bearer x", "Bearer a.b.c", "Bearer gk_x",
              "Bearer é", "gk_", "Bearer " + "x" * 10_000]
)  # fmt: skip
async def test_nonsense_is_refused_and_never_taken_for_nobody(tmp_path: Path, shown: str) -> None:
    async with open_people(tmp_path) as people:
        assert await people.credentials.principal(shown, None) is Unproved.INVALID


async def test_an_access_token_ends_after_a_quarter_of_an_hour(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        found = await people.guest()
        people.pass_ms((ACCESS_JWT_S - 1) * 1_000)
        assert await people.who(found.access) == found.principal
        people.pass_ms(10_000)
        assert await people.who(found.access) is Unproved.EXPIRED


async def test_what_is_remembered_ends_with_the_token_itself(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        found = await people.guest()
        people.pass_ms((ACCESS_JWT_S - 1) * 1_000)
        assert await people.who(found.access) == found.principal
        people.now_ms += 7_000
        assert await people.who(found.access) is Unproved.EXPIRED


async def test_a_refresh_token_or_a_cookie_is_no_bearer(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        found = await people.guest()
        page = await _page(people, "guest@example.org")
        assert await people.who(found.refresh) is Unproved.INVALID
        assert await people.who(page.cookie) is Unproved.INVALID
        shown = await people.credentials.principal(None, found.access.show())
        assert shown is Unproved.INVALID


async def test_a_page_session_is_known_by_its_cookie_until_it_ends(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        await people.organiser()
        page = await _page(people, "anna@example.org")
        cookie = page.cookie.show()
        assert await people.credentials.principal(None, cookie) == page.principal
        people.pass_ms(PAGE_SESSION_H * 3_600_000)
        assert await people.credentials.principal(None, cookie) is Unproved.INVALID


async def test_a_header_goes_before_a_cookie(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        await people.organiser()
        guest = await people.guest()
        page = await _page(people, "anna@example.org")
        header = f"Bearer {guest.access.show()}"
        shown = await people.credentials.principal(header, page.cookie.show())
        assert shown == guest.principal
        assert await people.credentials.principal("Bearer x", page.cookie.show()) is (
            Unproved.INVALID
        )


async def test_a_pages_secret_fits_its_own_cookie_only(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        await people.guest()
        one, other = await _page(people), await _page(people)
        marks = people.accounts.marks
        secret = csrf_of(marks, one.cookie.show())
        assert is_own_page(marks, one.cookie.show(), secret)
        assert not is_own_page(marks, other.cookie.show(), secret)
        assert not is_own_page(marks, one.cookie.show(), "")
        assert secret not in one.cookie.show()


async def test_whatever_is_taken_away_is_refused_at_the_next_request(tmp_path: Path) -> None:
    """Each way to lose access, with everything remembered before and no time passing."""
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        carl = await people.member(anna.principal, Role.CASHIER, "carl@example.org")
        zoe = await people.member(anna.principal, Role.AGENT, "zoe@example.org")
        accounts, by = people.accounts, anna.principal
        scopes = frozenset({Scope.TICKETS_READ})
        key, secret = good(await make_machine(accounts, by, MachineKind.KEY, "till", scopes, None))
        assert carl.principal.user is not None
        assert zoe.principal.user is not None

        async def remember() -> None:
            """Ask as everybody: what is remembered ends with each loss, whoever's it is."""
            for one in (anna, carl, zoe):
                assert isinstance(await people.who(one.access), Principal | Unproved)

        assert isinstance(await people.who(secret), Principal)
        assert await people.who(carl.access) == carl.principal
        assert await people.who(zoe.access) == zoe.principal
        assert await revoke_machine(accounts, by, MachineKind.KEY, key.id) is None
        assert await people.who(secret) is Unproved.INVALID
        await remember()
        good(await change_role(accounts, by, carl.principal.user, Role.TECHNICIAN, None))
        changed = await people.who(carl.access)
        assert not isinstance(changed, Unproved | None)
        assert changed.role is Role.TECHNICIAN
        await remember()
        good(await remove_member(accounts, by, carl.principal.user))
        assert await people.who(carl.access) is Unproved.INVALID
        await remember()
        assert await erase_user(accounts, zoe.principal.user) is None
        assert await people.who(zoe.access) is Unproved.INVALID
        guest = await people.guest()
        assert guest.principal.user is not None
        assert await people.who(guest.access) == guest.principal
        assert await set_disabled(accounts, guest.principal.user, is_disabled=True) is None
        assert await people.who(guest.access) is Unproved.INVALID
        await remember()
        good(await set_suspended(accounts, organiser_of(anna), is_suspended=True))
        assert await people.who(anna.access) is Unproved.SUSPENDED


async def test_another_process_hears_of_a_revocation_within_a_second(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people, open_people(tmp_path, seed=2) as other:
        anna = await people.organiser()
        made = await make_machine(
            people.accounts, anna.principal, MachineKind.KEY, "x", frozenset(Scope), None
        )
        key, secret = good(made)
        other.now_ms = people.now_ms
        known = await other.who(secret)
        assert not isinstance(known, Unproved | None)
        await revoke_machine(people.accounts, anna.principal, MachineKind.KEY, key.id)
        other.pass_ms(1_000)
        assert await other.who(secret) is Unproved.INVALID


async def test_a_revocation_during_a_look_is_not_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was seen before a revocation, and comes back after it, is not believed again."""
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        made = await make_machine(
            people.accounts, anna.principal, MachineKind.KEY, "x", frozenset(Scope), None
        )
        key, secret = good(made)
        look = type(people.accounts).look

        async def slow_look(accounts: Any, see: Any) -> Any:
            seen = await look(accounts, see)
            await asyncio.sleep(0.2)
            return seen

        monkeypatch.setattr(type(people.accounts), "look", slow_look)
        asking = asyncio.create_task(people.who(secret))
        await asyncio.sleep(0.1)
        monkeypatch.undo()
        await revoke_machine(people.accounts, anna.principal, MachineKind.KEY, key.id)
        await asking
        assert await people.who(secret) is Unproved.INVALID


async def test_only_so_many_credentials_are_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "CREDENTIALS_CACHED_MAX", 2)
    async with open_people(tmp_path) as people:
        for number in range(3):
            found = await people.guest(f"guest{number}@example.org")
            assert await people.who(found.access) == found.principal
        assert len(people.credentials._remembered) == 2


async def test_the_use_of_a_key_is_noted_now_and_then(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        made = await make_machine(
            people.accounts, anna.principal, MachineKind.KEY, "x", frozenset(Scope), None
        )
        key, secret = good(made)
        people.pass_ms(5)
        await people.who(secret)
        found = await people.accounts.look(
            lambda books: books.machines.find(key.organiser, MachineKind.KEY, key.id)
        )
        assert found == replace(key, used_ms=people.now_ms)


async def test_whose_a_festival_is_is_known_at_once(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        own = people.credentials.organiser_of
        number = await add_festival(people.accounts, organiser_of(anna), "Été")
        assert own(number) == organiser_of(anna)
        assert await set_festival_deleted(people.accounts, number, is_deleted=True) is None
        assert own(number) is None
        second = await add_festival(people.accounts, organiser_of(anna), "Next")
        assert second == number + 1, "a number is never given out again"


async def test_a_festival_that_was_here_before_the_accounts_gets_an_organiser(
    tmp_path: Path,
) -> None:
    async with open_people(tmp_path) as people:
        adopted = await adopt_festival(people.accounts, 7, "Fair")
        assert await adopt_festival(people.accounts, 7, "Fair") == adopted
        assert people.credentials.organiser_of(7) == adopted
        anna = await people.organiser()
        assert await add_festival(people.accounts, organiser_of(anna), "Été") == 8


async def test_the_last_number_there_is_does_not_end_the_numbers(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        await adopt_festival(people.accounts, (1 << 32) - 1, "Last")
        anna = await people.organiser()
        assert await add_festival(people.accounts, organiser_of(anna), "One") == 1
        assert await add_festival(people.accounts, organiser_of(anna), "Two") == 2


@given(st.integers(0, 600), st.characters())
def test_a_changed_jwt_proves_nothing(place: int, letter: str) -> None:
    text = TOKENS.make(CLAIMS, NOW_S)
    place %= len(text)
    changed = text[:place] + letter + text[place + 1 :]
    if changed != text:
        assert TOKENS.read(changed, NOW_S) is BadProof.INVALID


def test_a_jwt_of_our_own_is_read_as_it_was_made() -> None:
    text = TOKENS.make(CLAIMS, NOW_S)
    assert TOKENS.read(text, NOW_S) == replace(CLAIMS, ends_s=NOW_S + ACCESS_JWT_S)


def _forged(header: dict[str, Any] | None = None, key: Any = None, **changes: Any) -> str:
    """A JWT as ours, with something else in it."""
    row = {
        "iss": TOKENS._issuer, "aud": "guichet-api", "iat": NOW_S, "nbf": NOW_S,
        "exp": NOW_S + 900, "sub": "1", "sid": "2", "org": "3", "role": "organiser", "fst": None,
        "scope": "",
    }  # fmt: skip
    row = {name: value for name, value in (row | changes).items() if value != "missing"}
    with_header = dict(TOKENS._header) | (header or {})
    algorithms = [with_header["alg"]]
    return jwt.encode(with_header, row, key or TOKENS._key, algorithms=algorithms)


def test_a_jwt_made_in_this_way_would_be_good() -> None:
    assert isinstance(TOKENS.read(_forged(), NOW_S), Claims)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "guichet:other"},
        {"aud": "other"},
        {"aud": ["other"]},
        {"nbf": NOW_S + 60},
        {"iat": NOW_S + 60},
        {"exp": "missing"},
        {"nbf": "missing"},
        {"aud": "missing"},
        {"iss": "missing"},
        {"exp": "tomorrow"},
        {"exp": None},
        {"sub": 5},
        {"sid": "missing"},
        {"fst": "7"},
        {"fst": [True]},
    ],
)
def test_a_jwt_with_another_claim_proves_nothing(changes: dict[str, Any]) -> None:
    assert TOKENS.read(_forged(**changes), NOW_S) is BadProof.INVALID


@pytest.mark.parametrize(
    "header",
    [{"alg": "HS512"}, {"alg": "HS384"}, {"typ": "JWT"}, {"kid": "other"}, {"cty": "JWT"}],
)
def test_a_jwt_with_another_header_proves_nothing(header: dict[str, Any]) -> None:
    assert TOKENS.read(_forged(header), NOW_S) is BadProof.INVALID


def test_a_jwt_of_another_algorithm_or_key_proves_nothing() -> None:
    other = OctKey.import_key(bytes(32))
    assert TOKENS.read(_forged(key=other), NOW_S) is BadProof.INVALID
    pair = OKPKey.generate_key("Ed25519")
    assert TOKENS.read(_forged({"alg": "Ed25519"}, pair), NOW_S) is BadProof.INVALID
    head, body, _ = _forged().split(".")
    for nothing in (f"{head}.{body}.", "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0." + body + "."):
        assert TOKENS.read(nothing, NOW_S) is BadProof.INVALID


def test_a_jwt_of_another_house_proves_nothing() -> None:
    text = AccessTokens(HouseKey(bytes(32))).make(CLAIMS, NOW_S)
    assert TOKENS.read(text, NOW_S) is BadProof.INVALID


async def _page(people: TestPeople, email: str = "guest@example.org") -> PageSignedIn:
    attempt = Attempt(email, PASSWORD, ADDRESS)
    return good(await sign_in_page(people.accounts, attempt))


def test_nothing_of_a_signed_in_answer_is_printed(tmp_path: Path) -> None:
    async def look() -> SignedIn:
        async with open_people(tmp_path) as people:
            return await people.organiser()

    found = asyncio.run(look())
    assert found.access.show() not in repr(found)
    assert found.refresh.show() not in f"{found} {found.refresh}"
