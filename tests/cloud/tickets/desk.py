"""An office with two ticket types and its issuing key stated, and short ways to its tickets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cloud.clock_and_chance import random_bytes
from cloud.office import Office
from cloud.settings import make_issuing_key, make_office
from cloud.store.look import look
from cloud.store.tickets import TicketRow
from cloud.tickets import queries, service
from cloud.tickets.codes import KeyRing
from cloud.tickets.queries import Ticketed
from cloud.tickets.refusals import Refusal
from cloud.tickets.service import Ask
from sync import catalogue
from sync.codes import CodeRefusal, Ticket, open_code
from tests.cloud.engines import current
from tests.cloud.offices import FESTIVAL, TestOffice, serving, settings

DAY, PASS = 1, 2
TYPES: tuple[dict[str, object], ...] = (
    {"kind": "zone", "zone": 1, "name": "Field"},
    {"kind": "type", "type": DAY, "name": "Day"},
    {"kind": "type", "type": PASS, "name": "Three days", "zones": [1], "group_max": 2},
)
BATCH = bytes(range(16))


@asynccontextmanager
async def open_desk(path: Path, *rows: dict[str, object]) -> AsyncIterator[TestOffice]:
    """Serve a new office that can issue tickets."""
    folder, certificate = make_office(path / "office", settings(), random_bytes)
    current().furnish(folder.path)
    key: dict[str, object] = {"kind": "certificate", "certificate": certificate.hex()}
    async with serving(folder, (key, *TYPES, *rows)) as office:
        yield office


async def add_key(office: TestOffice, key_id: int) -> None:
    """Make a further issuing key and state it."""
    certificate = make_issuing_key(office.folder, key_id, random_bytes)
    await office.state({"kind": "certificate", "certificate": certificate.hex()})


async def issue(office: TestOffice, count: int = 1, **how: Any) -> list[TicketRow]:
    made = await try_issue(office, count, **how)
    assert isinstance(made, list), made
    return made


async def try_issue(office: TestOffice, count: int = 1, **how: Any) -> list[TicketRow] | Refusal:
    asked: dict[str, Any] = {"type": DAY, "count": count, "batch": BATCH} | how
    ask = Ask(**asked)
    return await office.do(lambda o: service.issue(o, ask, random_bytes))


async def change(office: TestOffice, deed: Any, *serials: int) -> list[TicketRow]:
    """Do one of the service's deeds, which must succeed."""
    done = await try_change(office, deed, *serials)
    assert isinstance(done, list), done
    return done


async def try_change(office: TestOffice, deed: Any, *serials: int) -> list[TicketRow] | Refusal:
    def job(inside: Office) -> Any:
        is_reissue = deed is service.reissue
        return deed(inside, serials, random_bytes) if is_reissue else deed(inside, serials)

    result: list[TicketRow] | Refusal = await office.do(job)
    return result


def shown(office: TestOffice, serial: int) -> str:
    """Return the word for a ticket."""
    return ticket(office, serial).shown.value


def ticket(office: TestOffice, serial: int) -> Ticketed:
    with look(office.folder.path, office.folder.festival) as seen:
        found = queries.one(seen, serial)
    assert found is not None
    return found


def opened(office: TestOffice, row: TicketRow) -> Ticket | CodeRefusal:
    """Read a ticket's code as a gate does that has heard everything."""
    code = KeyRing(office.folder).code(row)
    assert code is not None
    with look(office.folder.path, office.folder.festival) as seen:
        keys = catalogue.issuing_keys(seen.cells)
    return open_code(code, keys, FESTIVAL)
