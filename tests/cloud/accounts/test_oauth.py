"""OAuth 2 as RFC 6749 has it: grants, ways to prove a client, and its words for errors."""

from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest

from cloud.accounts.access import Kind, Principal, Scope
from cloud.accounts.credentials import Unproved
from cloud.accounts.keys import client_id_of, make_machine, revoke_machine
from cloud.accounts.oauth import OAuthAnswer, token_answer
from cloud.accounts.organisers import set_suspended
from cloud.accounts.sessions import SignedIn
from cloud.store.accounts_machines import Machine, MachineKind
from tests.cloud.accounts.people import TestPeople, good, open_people, organiser_of

SCOPES = frozenset({Scope.TICKETS_READ, Scope.FIGURES_READ})
GRANT = {"grant_type": "client_credentials"}


class Client:
    """A client of Anna's and what it shows."""

    def __init__(self, anna: SignedIn, machine: Machine, secret: str) -> None:
        self.anna = anna
        self.machine = machine
        self.secret = secret
        self.client_id = client_id_of(machine)

    @property
    def form(self) -> dict[str, str]:
        return {"client_id": self.client_id, "client_secret": self.secret}

    @property
    def basic(self) -> str:
        return "Basic " + b64encode(f"{self.client_id}:{self.secret}".encode()).decode()


async def client_of(people: TestPeople) -> Client:
    anna = await people.organiser()
    made = await make_machine(
        people.accounts, anna.principal, MachineKind.CLIENT, "shop", SCOPES, None
    )
    machine, secret = good(made)
    return Client(anna, machine, secret.show())


async def ask(people: TestPeople, form: dict[str, str], header: str | None = None) -> OAuthAnswer:
    return await token_answer(people.accounts, form, header)


async def test_a_client_gets_access_with_its_scopes(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        client = await client_of(people)
        for form, header in ((GRANT | client.form, None), (GRANT, client.basic)):
            answer = await ask(people, form, header)
            assert answer.status == 200
            assert answer.body["token_type"] == "Bearer"
            assert answer.body["expires_in"] == 900
            assert answer.body["scope"] == "figures:read tickets:read"
            assert "refresh_token" not in answer.body
            assert await people.who(answer.body["access_token"]) == Principal(
                Kind.CLIENT, client.machine.id, None, organiser_of(client.anna), None, SCOPES
            )


async def test_a_client_may_ask_for_less(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        client = await client_of(people)
        answer = await ask(people, GRANT | client.form | {"scope": "tickets:read"})
        found = await people.who(answer.body["access_token"])
        assert isinstance(found, Principal)
        assert found.scopes == {Scope.TICKETS_READ}


@pytest.mark.parametrize("scope", ["tickets:write", "tickets:read tickets:write", "nonsense"])
async def test_a_client_does_not_get_more(tmp_path: Path, scope: str) -> None:
    async with open_people(tmp_path) as people:
        client = await client_of(people)
        answer = await ask(people, GRANT | client.form | {"scope": scope})
        assert (answer.status, answer.body) == (400, {"error": "invalid_scope"})


async def test_a_wrong_client_is_refused_whatever_is_wrong_with_it(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        client = await client_of(people)
        wrong: list[tuple[dict[str, str], str | None]] = [
            (GRANT, None),
            (GRANT | client.form | {"client_secret": "gx_" + "A" * 43}, None),
            (GRANT | client.form | {"client_id": "gc_" + "A" * 32}, None),
            (GRANT | {"client_id": client.client_id}, None),
            (GRANT, "Basic ???"),
            (GRANT, "Bearer abc"),
            (GRANT, "Basic " + b64encode(b"\xff\xff").decode()),
            (GRANT, "Basic " + b64encode(b"nothing").decode()),
        ]
        for form, header in wrong:
            answer = await ask(people, form, header)
            assert (answer.status, answer.body) == (401, {"error": "invalid_client"})


async def test_a_client_proves_itself_in_one_way_only(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        client = await client_of(people)
        answer = await ask(people, GRANT | client.form, client.basic)
        assert (answer.status, answer.body) == (400, {"error": "invalid_request"})


async def test_a_revoked_client_loses_the_access_that_it_had(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        client = await client_of(people)
        answer = await ask(people, GRANT | client.form)
        access: Any = answer.body["access_token"]
        assert isinstance(await people.who(access), Principal)
        by, name = client.anna.principal, client.machine.id
        assert await revoke_machine(people.accounts, by, MachineKind.CLIENT, name) is None
        assert await people.who(access) is Unproved.INVALID
        assert (await ask(people, GRANT | client.form)).status == 401


async def test_a_suspended_organisers_client_is_none(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        client = await client_of(people)
        access = (await ask(people, GRANT | client.form)).body["access_token"]
        organiser = organiser_of(client.anna)
        good(await set_suspended(people.accounts, organiser, is_suspended=True))
        assert await people.who(access) is Unproved.SUSPENDED
        assert (await ask(people, GRANT | client.form)).status == 401


async def test_a_persons_refresh_token_is_good_here_too(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        anna = await people.organiser()
        form = {"grant_type": "refresh_token", "refresh_token": anna.refresh.show()}
        answer = await ask(people, form)
        assert answer.status == 200
        assert await people.who(answer.body["access_token"]) == anna.principal
        again = await ask(people, form)
        assert (again.status, again.body["error"]) == (400, "invalid_grant")
        after = await ask(people, form | {"refresh_token": answer.body["refresh_token"]})
        assert after.body["error"] == "invalid_grant", "the reuse ended the session"


async def test_a_client_does_not_use_a_persons_refresh_token(tmp_path: Path) -> None:
    async with open_people(tmp_path) as people:
        client = await client_of(people)
        shown = {"grant_type": "refresh_token", "refresh_token": client.anna.refresh.show()}
        answer = await ask(people, shown | client.form)
        assert answer.body["error"] == "unauthorized_client"
        assert (await ask(people, shown)).status == 200, "and it is not used up"


@pytest.mark.parametrize(
    "form,error",
    [
        ({}, "invalid_request"),
        ({"grant_type": ""}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "x", "scope": "a"}, "invalid_scope"),
    ],
)
async def test_other_requests_are_refused_in_the_words_of_the_rfc(
    tmp_path: Path, form: dict[str, str], error: str
) -> None:
    async with open_people(tmp_path) as people:
        answer = await ask(people, form)
        assert (answer.status, answer.body["error"]) == (400, error)
