"""The accounts' routes over HTTP, in a real house with a festival and everybody in it."""

import asyncio
import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from cloud.accounts.access import Scope
from cloud.accounts.commands import SUPERADMIN_LINK_PATH, bearer_of
from cloud.accounts.models import ScopeName
from cloud.accounts.pages import CSRF_HEADER, cookie_name, csrf_of
from cloud.accounts.signing_in import Attempt, sign_in_page
from cloud.limits import TRIES_OF_ACCOUNT_FREE
from tests.cloud.accounts.people import good
from tests.cloud.api.matrix_world import PASSWORD, account, open_world

API = "/api/v1"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def test_somebody_registers_signs_in_refreshes_and_signs_out(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        row = account("anna") | {"organiser": "Anna's", "language": "fr"}
        await world.done("POST", f"{API}/auth/register", json=row)
        login = {"email": "ANNA@example.org", "password": PASSWORD}
        first = await world.done("POST", f"{API}/auth/login", json=login)
        assert first["token_type"] == "Bearer"
        assert first["expires_in"] == 900
        world.shown["anna"] = first["access_token"]
        me = await world.done("GET", f"{API}/auth/me", "anna")
        assert (me["email"], me["name"], me["language"]) == ("anna@example.org", "anna", "fr")
        assert me["role"] == "organiser"
        assert me["memberships"][0]["name"] == "Anna's"
        renewal = {"refresh_token": first["refresh_token"]}
        second = await world.done("POST", f"{API}/auth/refresh", json=renewal)
        world.shown["anna"] = second["access_token"]
        await world.done("POST", f"{API}/auth/logout", "anna")
        status, told = await world.ask("GET", f"{API}/auth/me", "anna")
        assert (status, told["code"]) == (401, "invalid_credential")


async def test_a_reused_refresh_token_ends_the_session(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        first = await world.register("anna")
        renewal = {"refresh_token": first["refresh_token"]}
        second = await world.done("POST", f"{API}/auth/refresh", json=renewal)
        status, told = await world.ask("POST", f"{API}/auth/refresh", json=renewal)
        assert (status, told["code"]) == (401, "refresh_reused")
        world.shown["anna"] = second["access_token"]
        assert (await world.ask("GET", f"{API}/auth/me", "anna"))[0] == 401


async def test_many_wrong_passwords_are_told_to_wait(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        wrong = {"email": "guest@example.org", "password": "wrong password"}
        for _ in range(TRIES_OF_ACCOUNT_FREE):
            status, told = await world.ask("POST", f"{API}/auth/login", json=wrong)
            assert (status, told["code"]) == (401, "wrong_credentials")
        url = f"{world.url}{API}/auth/login"
        async with world.session.post(url, json=wrong) as answer:
            assert answer.status == 429
            assert int(answer.headers["Retry-After"]) >= 1
            assert (await answer.json())["code"] == "too_many_tries"


async def test_the_tenant_is_never_taken_from_what_is_asked(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        other = await world.done("GET", f"{API}/auth/me", "other organiser")
        body = {"role": "agent", "organiser": other["organiser"]}
        status, _ = await world.ask("POST", f"{API}/invitations", "organiser", json=body)
        assert status == 422
        named = {"role": "agent", "festivals": [world.festival]}
        status, told = await world.ask("POST", f"{API}/invitations", "other organiser", json=named)
        assert (status, told["code"]) == (422, "festival_unknown")


async def test_an_organiser_sees_and_changes_members(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        first = await world.done("GET", f"{API}/members?limit=3", "organiser")
        rest = await world.done("GET", f"{API}/members?after={first['next']}", "organiser")
        everybody = first["items"] + rest["items"]
        assert rest["next"] is None
        assert {one["role"] for one in everybody} == {
            "organiser", "cashier", "agent", "technician"
        }  # fmt: skip
        cashier = next(one["user"] for one in everybody if one["role"] == "cashier")
        path = f"{API}/members/{cashier}"
        changed = {"role": "technician", "festivals": [world.festival]}
        await world.done("PUT", path, "organiser", json=changed)
        me = await world.done("GET", f"{API}/auth/me", "cashier")
        assert (me["role"], me["festivals"]) == ("technician", [world.festival])
        assert (await world.ask("DELETE", path, "other organiser"))[0] == 404
        await world.done("DELETE", path, "organiser")
        assert (await world.ask("GET", f"{API}/auth/me", "cashier"))[0] == 401
        assert (await world.ask("DELETE", path, "organiser"))[0] == 404


async def test_a_key_is_told_once_and_revoked_at_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        new = {"name": "shop", "scopes": ["accounts:read"], "festivals": [world.festival]}
        made = await world.done("POST", f"{API}/keys", "organiser", json=new)
        world.shown["shop"] = made["secret"]
        me = await world.done("GET", f"{API}/auth/me", "shop")
        assert (me["kind"], me["id"], me["scopes"]) == ("key", made["key"], ["accounts:read"])
        assert (me["role"], me["email"]) == (None, None)
        assert (await world.ask("GET", f"{API}/keys", "shop"))[0] == 403, "limited to a festival"
        listed = await world.done("GET", f"{API}/keys", "organiser")
        shop = next(key for key in listed["items"] if key["key"] == made["key"])
        assert shop["used_ms"] > 0
        assert made["secret"] not in json.dumps(listed)
        assert (await world.ask("POST", f"{API}/auth/logout", "shop"))[0] == 403
        await world.done("DELETE", f"{API}/keys/{made['key']}", "organiser")
        assert (await world.ask("GET", f"{API}/auth/me", "shop"))[0] == 401


async def test_a_client_gets_access_at_the_token_endpoint(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        new = {"name": "shop", "scopes": ["accounts:read", "tickets:read"]}
        made = await world.done("POST", f"{API}/clients", "organiser", json=new)
        pair = f"{made['client_id']}:{made['client_secret']}".encode()
        basic = {"Authorization": f"Basic {b64encode(pair).decode()}"}
        form = {"grant_type": "client_credentials", "scope": "accounts:read"}
        url = f"{world.url}/oauth/token"
        async with world.session.post(url, data=form, headers=basic) as answer:
            assert answer.status == 200
            assert answer.headers["Cache-Control"] == "no-store"
            world.shown["shop"] = (await answer.json())["access_token"]
        listed = await world.done("GET", f"{API}/clients", "shop")
        assert [one["client_id"] for one in listed["items"]] == [made["client_id"]]
        assert (await world.ask("POST", f"{API}/keys", "shop", json=new))[0] == 403
        await world.done("DELETE", f"{API}/clients/{made['client']}", "organiser")
        assert (await world.ask("GET", f"{API}/clients", "shop"))[0] == 401
        async with world.session.post(url, data=form, headers=basic) as answer:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"].startswith("Basic")
            assert await answer.json() == {"error": "invalid_client"}


@pytest.mark.parametrize(
    "content",
    [b"", b"grant_type", b"grant_type=a&grant_type=b", b"\xff\xff=1", b"a=%ff&grant_type=b",
     b"&".join(b"a%d=1" % number for number in range(100))],
)  # fmt: skip
async def test_a_form_that_cannot_be_read_is_an_invalid_request(
    tmp_path: Path, content: bytes
) -> None:
    async with open_world(tmp_path) as world:
        status, told = await world.ask("POST", "/oauth/token", data=content, headers=FORM)
        assert (status, told["error"]) == (400, "invalid_request")


async def test_whoever_runs_the_house_suspends_an_organiser(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        listed = await world.done("GET", f"{API}/organisers?limit=1", "superadmin")
        more = await world.done("GET", f"{API}/organisers?after={listed['next']}", "superadmin")
        assert len(listed["items"]) == 1
        assert len(more["items"]) == 2
        me = await world.done("GET", f"{API}/auth/me", "organiser")
        path = f"{API}/organisers/{me['organiser']}/suspension"
        await world.done("PUT", path, "superadmin", json={"suspended": True})
        for who in ("organiser", "agent", "key"):
            status, told = await world.ask("GET", f"{API}/auth/me", who)
            assert (status, told["code"]) == (403, "organiser_suspended")
        await world.done("PUT", path, "superadmin", json={"suspended": False})
        await world.done("GET", f"{API}/auth/me", "key")
        status, _ = await world.ask("GET", f"{API}/organisers?after=%00", "superadmin")
        assert status == 422


@pytest.mark.parametrize("name", ["x", "a" * 31, "A" * 32, "g" * 32, "a" * 32])
async def test_what_names_no_organiser_and_nobody_is_not_found(tmp_path: Path, name: str) -> None:
    async with open_world(tmp_path) as world:
        for method, path, body in (
            ("POST", f"organisers/{name}/invitations", None),
            ("PUT", f"organisers/{name}/suspension", {"suspended": True}),
            ("PUT", f"users/{name}/disabling", {"disabled": True}),
            ("DELETE", f"users/{name}", None),
        ):
            status, told = await world.ask(method, f"{API}/{path}", "superadmin", json=body)
            assert (status, told.get("code")) in {(404, "not_found"), (404, "unknown")}, path


async def test_whoever_runs_the_house_shuts_somebody_out_and_erases_them(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        guest = (await world.done("GET", f"{API}/auth/me", "guest"))["id"]
        path = f"{API}/users/{guest}/disabling"
        await world.done("PUT", path, "superadmin", json={"disabled": True})
        assert (await world.ask("GET", f"{API}/auth/me", "guest"))[0] == 401
        await world.done("DELETE", f"{API}/users/{guest}", "superadmin")
        assert (await world.ask("DELETE", f"{API}/users/{guest}", "superadmin"))[0] == 404


async def test_people_change_their_password_and_erase_themselves(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        wanted = "another horse battery"
        change = {"password": PASSWORD, "new_password": wanted}
        await world.done("POST", f"{API}/auth/password", "guest", json=change)
        wrong = {"password": PASSWORD}
        assert (await world.ask("POST", f"{API}/auth/erase", "guest", json=wrong))[0] == 401
        await world.done("POST", f"{API}/auth/erase", "guest", json={"password": wanted})
        assert (await world.ask("GET", f"{API}/auth/me", "guest"))[0] == 401
        right = {"password": PASSWORD}
        status, told = await world.ask("POST", f"{API}/auth/erase", "organiser", json=right)
        assert (status, told["code"]) == (409, "last_organiser")


async def test_an_account_founds_another_organiser_and_joins_a_third(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        await world.done("POST", f"{API}/organisers", "guest", json={"name": "New"})
        row = {"role": "cashier"}
        invited = await world.done("POST", f"{API}/invitations", "organiser", json=row)
        secret = {"secret": invited["secret"]}
        joined = await world.done("POST", f"{API}/invitations/join", "guest", json=secret)
        login = {"email": "guest@example.org", "password": PASSWORD} | joined
        found = await world.done("POST", f"{API}/auth/login", json=login)
        assert found["role"] == "cashier"
        again = await world.ask("POST", f"{API}/invitations/join", "guest", json=secret)
        assert again[0] == 404


async def test_a_page_does_nothing_without_its_own_secret(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        attempt = Attempt("guest@example.org", PASSWORD, "192.0.2.1")
        page = good(await sign_in_page(world.accounts, attempt))
        cookie = page.cookie.show()
        sent = {"Cookie": f"{cookie_name(is_secure=False)}={cookie}"}
        me = await world.done("GET", f"{API}/auth/me", headers=sent)
        assert me["email"] == "guest@example.org"
        change = {"name": "Other", "language": "en"}
        path = f"{API}/auth/me"
        for secret in ({}, {CSRF_HEADER: "0" * 64}, {CSRF_HEADER: csrf_of(
            world.accounts.marks, cookie + "x")}):  # fmt: skip
            status, told = await world.ask("PUT", path, headers=sent | secret, json=change)
            assert (status, told["code"]) == (403, "csrf")
        secret = {CSRF_HEADER: csrf_of(world.accounts.marks, cookie)}
        await world.done("PUT", path, headers=sent | secret, json=change)
        await world.done("POST", f"{API}/auth/logout", headers=sent | secret)
        assert (await world.ask("GET", f"{API}/auth/me", headers=sent))[0] == 401


async def test_an_old_cookie_does_not_keep_anybody_from_signing_in(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        sent = {"Cookie": f"{cookie_name(is_secure=False)}=gs_old"}
        login = {"email": "guest@example.org", "password": PASSWORD}
        await world.done("POST", f"{API}/auth/login", json=login, headers=sent)


async def test_only_this_machine_makes_a_superadmin_link_while_the_office_runs(
    tmp_path: Path,
) -> None:
    async with open_world(tmp_path) as world:
        path = SUPERADMIN_LINK_PATH
        assert (await world.ask("POST", path))[0] == 401
        assert (await world.ask("POST", path, "superadmin"))[0] == 401
        bearer = {"Authorization": f"Bearer {bearer_of(world.accounts.marks)}"}
        made = await world.done("POST", path, headers=bearer)
        joining = {"secret": made["secret"]}
        await world.done("POST", f"{API}/superadmin/join", "guest", json=joining)
        assert (await world.ask("GET", f"{API}/organisers", "guest"))[0] == 200


@pytest.mark.parametrize(
    "change",
    [
        {"name": "a\u0000b"},
        {"name": ""},
        {"name": 5},
        {"email": "no address"},
        {"email": "a\u0000@b"},
        {"password": "short"},
        {"password": None},
        {"language": "de"},
        {"organiser": "\u0007"},
        {"role": "superadmin"},
        {"is_superadmin": True},
    ],
)
async def test_a_malformed_account_is_refused_without_being_repeated(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    async with open_world(tmp_path) as world:
        status, told = await world.ask(
            "POST", f"{API}/auth/register", json=account("anna") | change
        )
        assert status == 422
        assert PASSWORD not in json.dumps(told)


async def test_requests_at_once_with_one_credential_are_all_known(tmp_path: Path) -> None:
    async with open_world(tmp_path) as world:
        asked = [world.ask("GET", f"{API}/auth/me", "key") for _ in range(50)]
        assert {status for status, _ in await asyncio.gather(*asked)} == {200}


def test_the_description_lists_every_scope() -> None:
    assert set(ScopeName.__args__) == {scope.value for scope in Scope}  # type: ignore[attr-defined]
