"""A real HTTP office that only enrols: what the tests of both sides talk to."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from cloud.store.enrolment_codes import EnrolmentCodes
from cloud.terminals.routes import add_routes
from cloud.terminals.service import Enrolment, give_out
from provisioning.chance import random_bytes
from provisioning.enrol import NotEnrolled, enrol
from provisioning.manifest import ROLES, Manifest
from sync.body import Body
from sync.certificates import Certificate, Subject, certify
from sync.facts import BarSet, GateSet
from sync.keys import PublicKey, SecretKey
from sync.names import Role
from tests.cloud.engines import current

FESTIVAL = 7
START_S = 1_795_000_000


class Desk:
    """An office's desk that remembers what was stated."""

    festival = FESTIVAL

    def __init__(self, festival_seed: bytes = bytes([1]) * 32) -> None:
        root = SecretKey(festival_seed)
        self.key = SecretKey(bytes([2]) * 32)
        self.festival_key: PublicKey = root.public
        office = Certificate(
            FESTIVAL, Subject.OFFICE, Role.OFFICE, b"office", self.key.public, "Office", 0, 0
        )
        self.certificate = certify(office, root)
        self.said: list[Body] = []

    def manifest_settings(self) -> dict[str, object]:
        return {
            "festival_name": "Été",
            "currency": "EUR",
            "time_zone": "Europe/Paris",
            "language": "fr",
            "day_boundary_minutes": 360,
        }

    def is_recovering(self) -> bool:
        return False

    async def take_in(self, terminal: bytes, *bodies: Body) -> None:
        await asyncio.sleep(0.01)
        placed = [fact for fact in self.said if isinstance(fact, GateSet | BarSet)]
        if terminal not in {fact.terminal for fact in placed}:
            self.said += bodies


class Office:
    """The desk, its codes, its clock, and the address at which it answers."""

    def __init__(self, folder: Path, desk: Desk) -> None:
        self.desk = desk
        current().furnish(folder)
        self.codes = EnrolmentCodes(folder, FESTIVAL)
        self.now_s = START_S
        self.address = ""
        self.enrolment = Enrolment(self.codes, desk, lambda: self.now_s)

    def code(self, role: str = "gate", name: str = "North", place: int = 3) -> str:
        key = self.desk.festival_key
        where = ROLES[role]
        made = give_out(self.codes, key, where, name, place, self.now_s, random_bytes)
        return made.text


Middleware = Callable[[web.Request, Callable[[web.Request], object]], object]


@asynccontextmanager
async def open_office(
    folder: Path, *, desk: Desk | None = None, drop_answers: int = 0
) -> AsyncIterator[Office]:
    """Serve an office on loopback; the first `drop_answers` POST answers are lost on the way."""
    left = drop_answers

    @web.middleware
    async def lossy(request: web.Request, handler: Callable[..., object]) -> web.StreamResponse:
        nonlocal left
        response: web.StreamResponse = await handler(request)  # type: ignore[misc]
        if request.method == "POST" and left > 0:
            left -= 1
            if request.transport is not None:
                request.transport.abort()
        return response

    office = Office(folder, desk or Desk())
    app = web.Application(middlewares=[lossy])
    add_routes(app, office.enrolment)
    async with TestServer(app) as server:
        office.address = f"http://127.0.0.1:{server.port}"
        yield office


async def enrol_box(
    folder: Path, office: str, code: str, *, again: bool = False
) -> Manifest | NotEnrolled:
    """Enrol a box from another thread, as a box elsewhere would, without waiting long."""

    def wait(_: int) -> None:
        return

    return await asyncio.to_thread(
        enrol, folder, office, code, random_bytes, again=again, wait=wait
    )


async def enrolled(folder: Path, office: Office, code: str, *, again: bool = False) -> Manifest:
    """Enrol a box that must be taken in."""
    result = await enrol_box(folder, office.address, code, again=again)
    assert isinstance(result, Manifest), result
    return result


async def refused(folder: Path, office: str, code: str) -> str:
    """Return the sentence with which a box must be refused."""
    result = await enrol_box(folder, office, code)
    assert isinstance(result, NotEnrolled), result
    return result.sentence
