"""An office that scans for phones, and how tests speak to it: jobs on a real store."""

import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cloud.access.opening import SeenKeys, show
from cloud.access.service import Confirmation, Known, OnlineScans, Scan
from cloud.api.problems import Problem
from cloud.office import Office
from cloud.settings import OfficeFolder
from sync import allotments, history
from sync.admission import Direction
from sync.certificates import Certificate, Subject, certify
from sync.codes import CodeKind, Ticket, issue
from sync.facts import CertificateIssued
from sync.keys import SecretKey
from sync.lending import read
from sync.names import FactId, Role
from sync.online_gates import online_gate_id
from tests.cloud.offices import FESTIVAL, TestOffice, open_office

KEY_ID = 9
ISSUING_KEY = SecretKey(b"\x09" * 32)
AGENT = "a" * 32
ZONE = {"kind": "zone", "zone": 1, "name": "Field"}
TYPE = {"kind": "type", "type": 1, "name": "Day"}
PHONES = {"kind": "online_gate", "online": 1, "name": "Phones", "zone": 1}
PLACES = allotments.zone_resource(1)
GATE = online_gate_id(FESTIVAL, 1)


def ticket(serial: int = 5, **fields: int) -> Ticket:
    kind = CodeKind(fields.pop("kind", int(CodeKind.TICKET)))
    festival = fields.pop("festival", FESTIVAL)
    rest = [int(fields.pop(name, 0)) for name in ("valid_from", "valid_until", "flags")]
    return Ticket(kind, KEY_ID, festival, serial, fields.pop("type", 1), *rest)


def code(serial: int = 5, **fields: int) -> str:
    return issue(ticket(serial, **fields), ISSUING_KEY)


@dataclass
class Phone:
    """Somebody's phone, which scans for an online gate of an office."""

    office: TestOffice
    principal: str = AGENT
    gate: int | None = 1
    known: Known = field(default_factory=Known)
    keys: SeenKeys = field(default_factory=SeenKeys)
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(f"{self.principal}{self.gate}")

    def scan(self, text: str | None, **more: Any) -> Scan:
        festival = self.office.folder.festival
        shown = None if text is None else show(text, self.keys, festival)
        made = Scan(self.principal, self.chance.randbytes(16), shown, gate=self.gate)
        return replace(made, **more)

    async def raw(self, text: str | None, **more: Any) -> bytes | Problem:
        scan = self.scan(text, **more)
        return await self.office.do(lambda o: self.in_job(o).request(scan))

    async def request(self, text: str | None, **more: Any) -> dict[str, Any]:
        """Scan in two steps, of which this is the first."""
        return read_answer(await self.raw(text, **more))

    async def admit(self, text: str | None, **more: Any) -> dict[str, Any]:
        """Scan in one step."""
        return await self.request(text, is_one_step=True, **more)

    async def leave(self, text: str, **more: Any) -> dict[str, Any]:
        return await self.admit(text, direction=Direction.OUT, **more)

    async def confirm_raw(self, session: str, **more: Any) -> bytes:
        drawn = self.chance.randbytes(16)
        asked = replace(Confirmation(self.principal, bytes.fromhex(session), drawn), **more)
        return await self.office.do(lambda o: self.in_job(o).confirm(asked))

    async def confirm(self, session: str, **more: Any) -> dict[str, Any]:
        return read_answer(await self.confirm_raw(session, **more))

    async def undo(self, fact: str, serial: int | None = None) -> dict[str, Any] | Problem:
        target = FactId(bytes.fromhex(fact))
        found = await self.office.do(lambda o: self.in_job(o).undo(target, serial))
        return found if isinstance(found, Problem) else read_answer(found)

    def in_job(self, office: Office) -> OnlineScans:
        return OnlineScans(office, self.principal, self.keys, self.known)


def read_answer(answer: bytes | Problem) -> dict[str, Any]:
    assert not isinstance(answer, Problem), answer.title
    found = json.loads(answer)
    assert isinstance(found, dict)
    return found


def says(answer: dict[str, Any]) -> str:
    """Return a verdict as one word and its reason."""
    return f"{answer['verdict']} {answer['reason']}".strip()


async def inside(office: TestOffice, zone: int = 1) -> int:
    return await office.do(lambda o: history.inside_count(o.cells, zone))


async def free(office: TestOffice) -> int:
    def job(o: Office) -> int:
        quota = read(o.cells, PLACES)
        assert quota is not None
        return quota.free

    return await office.do(job)


def certificate(folder: OfficeFolder) -> CertificateIssued:
    """Return the statement that makes the tests' issuing key known."""
    key = ISSUING_KEY.public
    mine = Certificate(
        folder.festival, Subject.ISSUING_KEY, Role.OFFICE, bytes([KEY_ID]), key, "codes", 0, 0
    )
    return CertificateIssued(certify(mine, folder.key))


@asynccontextmanager
async def scanning(path: Path, *rows: dict[str, object]) -> AsyncIterator[tuple[TestOffice, Phone]]:
    """Serve an office with a zone, a type, an online gate and an issuing key, and a phone."""
    first = [row for row in rows if row["kind"] == "zone"] or [ZONE]
    rest = [row for row in rows if row["kind"] != "zone"]
    async with open_office(path, *first, TYPE, PHONES, *rest) as office:
        await office.say(certificate(office.folder))
        yield office, Phone(office)
