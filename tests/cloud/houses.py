"""A real house of festivals on a loopback port; people are named, so that none need sign in."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from multidict import CIMultiDictProxy

from cloud.accounts.access import SCOPES_OF, STAFF, Kind, OrganiserId, Principal, Role, Scope
from cloud.accounts.asking import ACCOUNTS
from cloud.accounts.front import Front
from cloud.accounts.service import Accounts, open_service
from cloud.api.problems import Problem
from cloud.api.routes import Operation
from cloud.api.serving import add_operations
from cloud.app import make_house_app
from cloud.clock_and_chance import monotonic_ms, now_ms, random_bytes
from cloud.forwarding import PROXIES
from cloud.house import House, OpenFestival, open_festivals
from cloud.metrics import Metrics
from sync.body import Body
from sync.facts import BarSet, CertificateIssued, GateSet
from sync.names import Role as Writes
from tests.cloud.box import Box
from tests.cloud.engines import current

MINE = OrganiserId("a" * 32)
THEIRS = OrganiserId("b" * 32)
METRICS_KEY = "figures"


def person(role: Role, organiser: OrganiserId | None = MINE, *festivals: int) -> Principal:
    """A person who is signed in, with what the role implies."""
    limits = frozenset(festivals) if festivals else None
    name = f"{role.value}-{organiser}"
    return Principal(Kind.PERSON, name, role, organiser, limits, SCOPES_OF[role])


def key(*scopes: Scope, organiser: OrganiserId = MINE) -> Principal:
    """An API key."""
    return Principal(Kind.KEY, "key", None, organiser, None, frozenset(scopes))


PEOPLE = {
    "other": person(Role.ORGANISER, THEIRS),
    "guest": person(Role.GUEST, None),
    "superadmin": person(Role.SUPERADMIN, None),
}
PEOPLE |= {role.value: person(role) for role in STAFF}
PEOPLE |= {f"{role.value} of others": person(role, THEIRS) for role in STAFF}


class NamedPeople(Front):
    """The real accounts, but for who asks: bearer words name people, so that none signs in."""

    def __init__(self, accounts: Accounts) -> None:
        super().__init__(accounts, monotonic_ms)
        self.people = dict(PEOPLE)

    async def who_asks(self, request: web.Request) -> Principal | Problem | None:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not shown:
            return None
        return self.people.get(shown) or Problem(401, "This is no credential.", "not_signed_in")


@dataclass
class Answered:
    """What came back: the status, the JSON, the headers."""

    status: int
    body: Any
    headers: CIMultiDictProxy[str]

    @property
    def wrong(self) -> list[str]:
        """The fields that a refusal names."""
        return [fault["where"] for fault in self.body.get("errors", [])]


@dataclass
class Served:
    """A house that answers, who is known there, and a client."""

    house: House
    register: NamedPeople
    url: str
    session: aiohttp.ClientSession


class TestHouse:
    """The house under test, and somebody who asks it."""

    __test__ = False

    def __init__(self, served: Served) -> None:
        self.house = served.house
        self.register = served.register
        self.session = served.session
        self.url = served.url
        self.festival = 0

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        by: str = "organiser",
        festival: int | None = None,
        **headers: str,
    ) -> Answered:
        """Ask for a path below the festival, or for a whole one that begins with /api."""
        number = self.festival if festival is None else festival
        where = path if path.startswith("/api") else f"/api/v1/festivals/{number}{path}"
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if by:
            sent["Authorization"] = f"Bearer {by}"
        async with self.session.request(
            method, self.url + where, json=body, headers=sent
        ) as answer:
            shown = None if answer.status == 204 else await answer.json(content_type=None)
            return Answered(answer.status, shown, answer.headers)

    async def get(self, path: str, **how: Any) -> Any:
        answered = await self.ask("GET", path, **how)
        assert answered.status == 200, answered.body
        return answered.body

    async def put(self, path: str, body: Any, **how: Any) -> Any:
        answered = await self.ask("PUT", path, body, **how)
        assert answered.status == 200, answered.body
        return answered.body

    async def post(self, path: str, body: Any = None, **how: Any) -> Any:
        answered = await self.ask("POST", path, body, **how)
        assert answered.status in {200, 201}, answered.body
        return answered.body

    def opened(self, festival: int | None = None) -> OpenFestival:
        return self.house.festivals[self.festival if festival is None else festival]

    async def found(self, title: str = "Été", by: str = "organiser", **fields: Any) -> int:
        """Make a festival over the API and be at it from now on."""
        made = await self.post("/api/v1/festivals", {"title": title} | fields, by=by)
        self.festival = int(made["number"])
        return self.festival

    def box(self, role: Writes, name: str, seed: int) -> Box:
        """Make a terminal of the festival that the office has certified but not yet placed."""
        folder = self.opened().desk.folder
        keys = (folder.festival_key, folder.certificate, folder.key)
        return Box(folder.festival, *keys, role, name, seed)

    async def gate(self, name: str = "North", zone: int = 1, seed: int = 11) -> Box:
        box = self.box(Writes.GATE, name, seed)
        return await self._placed(box, GateSet(box.terminal, 1, name, zone, ()))

    async def till(self, name: str = "Till", bar: int = 1, seed: int = 21) -> Box:
        box = self.box(Writes.BAR, name, seed)
        return await self._placed(box, BarSet(box.terminal, 1, name, bar))

    async def hub(self, name: str = "Hub") -> Box:
        return await self._placed(self.box(Writes.HUB, name, 41))

    async def _placed(self, box: Box, *places: Body) -> Box:
        await self.opened().desk.say(CertificateIssued(box.certificate), *places)
        return box

    @property
    def doors(self) -> str:
        """Where the festival's terminals find the office."""
        return f"{self.url}/festivals/{self.festival}"

    async def level(self, *boxes: Box, rounds: int = 2) -> None:
        """Let boxes exchange with the festival until each holds what the others said."""
        for _ in range(rounds):
            for box in boxes:
                await box.level(self.session, self.doors)


def open_session() -> aiohttp.ClientSession:
    """Return a client that keeps cookies of an address of numbers too."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


@asynccontextmanager
async def serving(
    path: Path, operations: Iterable[Operation] = (), proxies: frozenset[str] = frozenset()
) -> AsyncIterator[Served]:
    """Serve a furnished folder with these operations besides; no festival is opened yet."""
    accounts = open_service(path, now_ms, random_bytes, lambda: None)
    accounts.start()
    register = NamedPeople(accounts)
    broken: list[str] = []
    house = House(path, register, lambda: broken.append("the store failed"))
    app = make_house_app(house, Metrics(METRICS_KEY))
    app[ACCOUNTS] = accounts
    app[PROXIES] = proxies
    add_operations(app, operations)
    async with TestServer(app) as server, open_session() as session:
        yield Served(house, register, f"http://127.0.0.1:{server.port}", session)
    house.close()
    await accounts.stop()
    assert not broken


@asynccontextmanager
async def open_house(path: Path) -> AsyncIterator[TestHouse]:
    """Serve a house: as often as is wanted, for its folder keeps everything."""
    if not path.exists() or not any(path.iterdir()):
        path.mkdir(parents=True, exist_ok=True)
        current().furnish(path)
    async with serving(path) as served:
        await open_festivals(served.house, served.register.accounts)
        yield TestHouse(served)
