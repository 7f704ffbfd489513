"""Accounts in a real folder, with a clock that tests may set and passwords that cost little."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from cloud.accounts.access import OrganiserId, Principal, Role
from cloud.accounts.credentials import Credentials, Unproved
from cloud.accounts.invitations import accept_as_new, invite
from cloud.accounts.passwords import Passwords
from cloud.accounts.registering import NewPerson, register
from cloud.accounts.secret_texts import SecretText
from cloud.accounts.service import Accounts, open_service
from cloud.accounts.sessions import SignedIn
from cloud.accounts.signing_in import Attempt, sign_in
from cloud.accounts.superadmin import accept_link, make_link
from cloud.accounts.troubles import Trouble, Wait
from cloud.store.accounts_organisers import Festivals
from cloud.store.database import DATABASE_FILE
from tests.cloud.engines import current

START_MS = 1_795_000_000_000
PASSWORD = "correct horse battery"
ADDRESS = "192.0.2.7"
T = TypeVar("T")


class TestPeople:
    """The accounts of a house and what tests do with them."""

    __test__ = False

    def __init__(self, folder: Path, seed: int = 1) -> None:
        self.now_ms = START_MS
        self.monotonic_ms = 0
        self.broken = 0
        if not (folder / DATABASE_FILE).exists():
            current().furnish(folder)
        draw = random.Random(f"{folder}{seed}").randbytes
        cheap = Passwords(draw, memory_kib=8, passes=1)
        self.accounts: Accounts = open_service(
            folder, lambda: self.now_ms, draw, self._break, cheap
        )
        self.credentials = Credentials(self.accounts, lambda: self.monotonic_ms)

    def _break(self) -> None:
        self.broken += 1

    def pass_ms(self, milliseconds: int) -> None:
        self.now_ms += milliseconds
        self.monotonic_ms += milliseconds

    async def organiser(
        self, email: str = "anna@example.org", organiser: str = "Anna's Fairs"
    ) -> SignedIn:
        return good(await register(self.accounts, new(email), organiser))

    async def guest(self, email: str = "guest@example.org") -> SignedIn:
        return good(await register(self.accounts, new(email), None))

    async def superadmin(self, email: str = "root@example.org") -> SignedIn:
        link = await make_link(self.accounts)
        return good(await accept_link(self.accounts, link.show(), new(email)))

    async def member(
        self, by: Principal, role: Role, email: str, festivals: Festivals = None
    ) -> SignedIn:
        _, secret = good(await invite(self.accounts, by, role, festivals))
        return good(await accept_as_new(self.accounts, secret.show(), new(email)))

    async def login(
        self,
        email: str,
        password: str = PASSWORD,
        organiser: str | None = None,
        address: str = ADDRESS,
    ) -> SignedIn | Trouble | Wait:
        return await sign_in(self.accounts, Attempt(email, password, address), organiser)

    async def who(self, shown: SecretText | str) -> Principal | Unproved | None:
        text = shown if isinstance(shown, str) else shown.show()
        return await self.credentials.principal(f"Bearer {text}", None)


def new(email: str, name: str = "Anna Ötztal", password: str = PASSWORD) -> NewPerson:
    return NewPerson(email, password, name, "en", ADDRESS)


def good(result: T | Trouble | Wait) -> T:
    assert not isinstance(result, Trouble | Wait), result
    return result


def organiser_of(found: SignedIn) -> OrganiserId:
    assert found.principal.organiser is not None
    return found.principal.organiser


def without_session(principal: Principal) -> Principal:
    return replace(principal, session="")


@asynccontextmanager
async def open_people(folder: Path, seed: int = 1) -> AsyncIterator[TestPeople]:
    """Open the accounts of a folder, and end them without leaving anything behind."""
    people = TestPeople(folder, seed)
    people.accounts.start()
    try:
        yield people
    finally:
        await people.accounts.stop()
        await asyncio.sleep(0)
