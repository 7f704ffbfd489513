"""A real office on a loopback port, in a real folder, with a clock that tests may set."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from aiohttp.test_utils import TestServer

from cloud.app import make_app
from cloud.desk import Desk
from cloud.festivals.service import state
from cloud.office import Office
from cloud.settings import OfficeFolder, Settings, make_office, read_admin_key
from cloud.store.enrolment_codes import EnrolmentCodes
from cloud.terminals.service import Enrolment
from cloud.writer import OfficeWriter
from provisioning.request_signing import NonceMint
from sync.body import Body
from sync.clock import TRUSTED_CLOCK, Moment
from sync.facts import BarSet, CertificateIssued, GateSet
from sync.names import Role
from tests.cloud.box import Box
from tests.cloud.engines import current

FESTIVAL = 7
START_MS = 1_795_000_000_000
T = TypeVar("T")


def settings(name: str = "Été", language: str = "en") -> Settings:
    return Settings(FESTIVAL, name, "EUR", "Europe/Paris", language, 360, "", "")


class TestOffice:
    """The office under test, its address, and what a test does to it."""

    __test__ = False

    def __init__(self, folder: OfficeFolder, seed: int = 1) -> None:
        self.folder = folder
        self.now_ms = START_MS
        self.url = ""
        self.session: aiohttp.ClientSession
        self.broken = 0
        self._chance = random.Random(f"{folder.path}{seed}")
        self.office = Office(folder, self._moment, self._chance.randbytes)
        self.writer = OfficeWriter(self.office, self._break)
        self.admin_key = read_admin_key(folder.path)
        mint = NonceMint(self._chance.randbytes(32))
        self.desk = Desk(folder, self.writer, self.admin_key, mint, lambda: self.now_ms)
        codes = EnrolmentCodes(folder.path, folder.festival)
        self.enrolment = Enrolment(codes, self.desk, lambda: self.now_ms // 1_000)

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.admin_key.text}"}

    def box(self, role: Role, name: str, seed: int) -> Box:
        """Make a terminal that the office has certified but not yet placed."""
        folder = self.folder
        return Box(FESTIVAL, folder.festival_key, folder.certificate, folder.key, role, name, seed)

    async def gate(self, name: str = "North", zone: int = 1, seed: int = 11) -> Box:
        box = self.box(Role.GATE, name, seed)
        place = GateSet(box.terminal, 1, name, zone, ())
        await self.say(CertificateIssued(box.certificate), place)
        return box

    async def bar(self, name: str = "Main", bar: int = 1, seed: int = 21) -> Box:
        box = self.box(Role.BAR, name, seed)
        await self.say(CertificateIssued(box.certificate), BarSet(box.terminal, 1, name, bar))
        return box

    async def say(self, *bodies: Body) -> None:
        await self.desk.say(*bodies)

    async def do(self, job: Callable[[Office], T]) -> T:
        return await self.writer.do(job)

    async def state(self, *rows: dict[str, object]) -> Any:
        return await self.do(lambda office: state(office, rows))

    async def get(self, path: str) -> Any:
        async with self.session.get(self.url + path, headers=self.bearer) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def level(self, *boxes: Box, rounds: int = 2) -> None:
        """Let boxes exchange until each holds what the others said."""
        for _ in range(rounds):
            for box in boxes:
                await box.level(self.session, self.url)

    def _moment(self) -> Moment:
        self.now_ms += 1
        return Moment(self.now_ms, TRUSTED_CLOCK)

    def _break(self) -> None:
        self.broken += 1


def new_folder(path: Path, seed: int = 5) -> OfficeFolder:
    """Make an office's folder whose issuing key is not stated yet."""
    folder = make_office(path, settings(), random.Random(seed).randbytes)[0]
    current().furnish(path)
    return folder


@asynccontextmanager
async def serving(
    folder: OfficeFolder, rows: Sequence[dict[str, object]] = (), seed: int = 1
) -> AsyncIterator[TestOffice]:
    """Serve a folder on loopback, after stating some rows."""
    office = TestOffice(folder, seed)
    app = make_app(office.desk, office.enrolment)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        office.url = f"http://127.0.0.1:{server.port}"
        office.session = session
        try:
            if rows:
                result = await office.state(*rows)
                assert isinstance(result, dict), result
            yield office
        finally:
            await session.close()
    office.office.close()
    await asyncio.sleep(0)


@asynccontextmanager
async def open_office(path: Path, *rows: dict[str, object]) -> AsyncIterator[TestOffice]:
    """Make and serve a new office in a folder."""
    async with serving(new_folder(path / "office"), rows) as office:
        yield office
