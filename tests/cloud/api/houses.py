"""A house with festivals in real folders, and a client for tests of the API's ground."""

import random
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cloud.accounts.access import OrganiserId
from cloud.api.routes import Operation
from cloud.settings import Settings, make_office
from cloud.store.accounts import Books
from cloud.store.accounts_organisers import IndexedFestival
from tests.cloud.engines import current
from tests.cloud.houses import METRICS_KEY, MINE, Served, open_session, serving
from tests.cloud.houses import THEIRS as OTHERS

__all__ = ["METRICS_KEY", "MINE", "OTHERS", "open_session"]


class TestHouse:
    """The house under test and its address."""

    __test__ = False

    def __init__(self, served: Served) -> None:
        self.house = served.house
        self.register = served.register
        self.url = served.url
        self.session = served.session

    async def ask(
        self, method: str, path: str, role: str = "organiser", **how: Any
    ) -> tuple[int, Mapping[str, str], Any]:
        headers = {"Authorization": f"Bearer {role}"} if role else {}
        headers |= how.pop("headers", {})
        async with self.session.request(method, self.url + path, headers=headers, **how) as answer:
            is_json = answer.content_type.endswith("json")
            body = await answer.json() if is_json else await answer.text()
            return answer.status, answer.headers, body

    async def index(self, owners: Mapping[int, OrganiserId]) -> None:
        """Let festivals be these organisers'."""

        def job(books: Books) -> None:
            for number, organiser in owners.items():
                books.festivals.add_as(IndexedFestival(number, organiser, f"Fair {number}", 0, 0))
            books.raise_generation()

        await self.register.accounts.do(job)


def festival_folder(path: Path, number: int) -> Path:
    settings = Settings(number, f"Fair {number}", "EUR", "Europe/Paris", "en", 360, "", "")
    make_office(path, settings, random.Random(number).randbytes)
    current().furnish(path)
    return path


@asynccontextmanager
async def open_house(
    path: Path,
    owners: Mapping[int, OrganiserId],
    operations: Iterable[Operation] = (),
    proxies: frozenset[str] = frozenset(),
) -> AsyncIterator[TestHouse]:
    """Serve a house with these festivals; the first one's folder is the house's own."""
    folders = []
    for place, number in enumerate(owners):
        folder = path / "festivals" / str(number) if place else path
        folders.append(festival_folder(folder, number))
    if not folders:
        current().furnish(path)
    async with serving(path, operations, proxies) as served:
        house = TestHouse(served)
        await house.index(owners)
        for folder in folders:
            await house.house.open(folder)
        yield house
