"""A real house on a loopback port with festivals in real folders, for tests of the API's ground.

Who asks is told by a register of the test: the accounts have tests of their own.
"""

import random
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from cloud.accounts.access import OrganiserId, Principal, Role
from cloud.api.problems import Problem
from cloud.api.routes import Operation
from cloud.api.serving import add_operations
from cloud.app import make_house_app
from cloud.forwarding import PROXIES
from cloud.house import House
from cloud.metrics import Metrics
from cloud.settings import Settings, make_office
from tests.cloud.engines import current
from tests.cloud.houses import MINE, RegisterDouble, person
from tests.cloud.houses import THEIRS as OTHERS

__all__ = ["MINE", "OTHERS"]

METRICS_KEY = "figures"


class TestRegister(RegisterDouble):
    """Believes whatever role a request names: "Bearer organiser", "Bearer agent of others"."""

    __test__ = False

    def __init__(self, owners: dict[int, OrganiserId]) -> None:
        super().__init__()
        self.owners = owners

    async def who_asks(self, request: web.Request) -> Principal | Problem | None:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if not shown:
            return None
        role, _, other = shown.partition(" of ")
        if role not in set(Role):
            return Problem(401, "This is no credential.", "not_signed_in")
        if role in {Role.GUEST, Role.SUPERADMIN}:
            return person(Role(role), None)
        return person(Role(role), OTHERS if other else MINE)


class TestHouse:
    """The house under test and its address."""

    __test__ = False

    def __init__(self, house: House, url: str, session: aiohttp.ClientSession) -> None:
        self.house = house
        self.url = url
        self.session = session

    async def ask(
        self, method: str, path: str, role: str = "organiser", **how: Any
    ) -> tuple[int, Mapping[str, str], Any]:
        headers = {"Authorization": f"Bearer {role}"} if role else {}
        headers |= how.pop("headers", {})
        async with self.session.request(method, self.url + path, headers=headers, **how) as answer:
            is_json = answer.content_type.endswith("json")
            body = await answer.json() if is_json else await answer.text()
            return answer.status, answer.headers, body


def festival_folder(path: Path, number: int) -> Path:
    settings = Settings(number, f"Fair {number}", "EUR", "Europe/Paris", "en", 360, "", "")
    make_office(path, settings, random.Random(number).randbytes)
    current().furnish(path)
    return path


def open_session() -> aiohttp.ClientSession:
    """Return a client that keeps cookies of an address of numbers too."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


@asynccontextmanager
async def open_house(
    path: Path,
    owners: dict[int, OrganiserId],
    operations: Iterable[Operation] = (),
    proxies: frozenset[str] = frozenset(),
) -> AsyncIterator[TestHouse]:
    """Serve a house with these festivals; the first one's folder is the house's own."""
    house = House(path, TestRegister(owners), lambda: None)
    app = make_house_app(house, Metrics(METRICS_KEY))
    app[PROXIES] = proxies
    if operations:
        add_operations(app, operations)
    async with TestServer(app) as server, open_session() as session:
        for place, number in enumerate(owners):
            folder = path if place == 0 else path / "festivals" / str(number)
            await house.open(festival_folder(folder, number))
        yield TestHouse(house, f"http://127.0.0.1:{server.port}", session)
    house.close()
