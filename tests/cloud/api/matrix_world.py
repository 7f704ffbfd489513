"""A whole house with real accounts: a person of every role, and another organiser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import TestServer

from cloud.accounts.access import OrganiserId
from cloud.accounts.asking import ACCOUNTS
from cloud.accounts.front import Front
from cloud.accounts.passwords import Passwords
from cloud.accounts.service import Accounts, open_service
from cloud.accounts.superadmin import make_link
from cloud.app import make_house_app
from cloud.clock_and_chance import monotonic_ms, now_ms, random_bytes
from cloud.house import House, open_festivals
from cloud.metrics import Metrics
from cloud.store.accounts import Books
from cloud.store.database import DATABASE_FILE
from tests.cloud.api.houses import METRICS_KEY, festival_folder, open_session
from tests.cloud.engines import current

PASSWORD = "correct horse battery"
STAFF = ("organiser", "cashier", "agent", "technician")


@dataclass
class World:
    """The house, its address, and what each kind of person shows."""

    house: House
    accounts: Accounts
    url: str
    session: aiohttp.ClientSession
    festival: int = 0
    shown: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, who: str = "", **how: Any) -> tuple[int, Any]:
        """Ask as one of the people and return the status and the answer."""
        headers = dict(how.pop("headers", {}))
        if who:
            headers["Authorization"] = f"Bearer {self.shown[who]}"
        async with self.session.request(method, self.url + path, headers=headers, **how) as answer:
            is_json = answer.content_type.endswith("json")
            return answer.status, await (answer.json() if is_json else answer.read())

    async def done(self, method: str, path: str, who: str = "", **how: Any) -> Any:
        """Ask for what must be allowed, and return the answer."""
        status, body = await self.ask(method, path, who, **how)
        assert status < 300, (method, path, who, status, body)
        return body

    async def register(self, name: str, organiser: str | None = None) -> dict[str, Any]:
        """Make an account; its access is known by this name from then on."""
        row = account(name) | ({"organiser": organiser} if organiser else {})
        found: dict[str, Any] = await self.done("POST", "/api/v1/auth/register", json=row)
        self.shown[name] = found["access_token"]
        return found


def account(name: str) -> dict[str, str]:
    return {"email": f"{name.replace(' ', '.')}@example.org", "password": PASSWORD, "name": name}


@asynccontextmanager
async def open_world(path: Path) -> AsyncIterator[World]:
    """Serve a house with one festival of one organiser, and everybody who may be asked for."""
    if not (path / DATABASE_FILE).exists():
        current().furnish(path)
    cheap = Passwords(random_bytes, memory_kib=8, passes=1)
    accounts = open_service(path, now_ms, random_bytes, lambda: None, cheap)
    accounts.start()
    house = House(path, Front(accounts, monotonic_ms), lambda: None)
    app = make_house_app(house, Metrics(METRICS_KEY))
    app[ACCOUNTS] = accounts
    async with TestServer(app) as server, open_session() as session:
        await open_festivals(house, accounts)
        world = World(house, accounts, f"http://127.0.0.1:{server.port}", session)
        await _people(world, path)
        yield world
    house.close()
    await accounts.stop()


async def _people(world: World, path: Path) -> None:
    accounts = world.accounts
    mine = await world.register("organiser", "Mine")
    organiser, now = OrganiserId(mine["organiser"]), accounts.now_ms()

    def job(books: Books) -> int:
        books.raise_generation()
        return books.festivals.add(organiser, "Fair", now)

    world.festival = await accounts.do(job)
    folder = path / "festivals" / str(world.festival)
    await world.house.open(festival_folder(folder, world.festival))
    await world.register("other organiser", "Theirs")
    await world.register("guest")
    for role in STAFF[1:]:
        invited = await world.done("POST", "/api/v1/invitations", "organiser", json={"role": role})
        accepted = account(role) | {"secret": invited["secret"]}
        found = await world.done("POST", "/api/v1/invitations/accept", json=accepted)
        world.shown[role] = found["access_token"]
    await world.register("revoked", "Gone")
    await world.done("POST", "/api/v1/auth/logout", "revoked")
    secret = (await make_link(accounts)).show()
    found = await world.done(
        "POST", "/api/v1/superadmin/accept", json=account("superadmin") | {"secret": secret}
    )
    world.shown["superadmin"] = found["access_token"]
    key = {"name": "a key that may do nothing here", "scopes": ["figures:read"]}
    made = await world.done("POST", "/api/v1/keys", "organiser", json=key)
    world.shown["key"] = made["secret"]
