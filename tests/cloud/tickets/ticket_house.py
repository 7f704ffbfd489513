"""A house with festivals of two organisers, and short ways to its routes of tickets."""

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from cloud.clock_and_chance import random_bytes
from cloud.festivals.service import state
from cloud.office import Office
from cloud.settings import make_issuing_key, open_office
from cloud.store.look import look
from hardware.code_reader import CodeReader, read_all
from sync import catalogue
from sync.codes import open_code
from sync.facts import CertificateIssued
from tests.cloud.api.houses import MINE, OTHERS, TestHouse, open_house
from tests.cloud.tickets.desk import DAY, TYPES

MY, THEIR = 7, 8
BASE = f"/api/v1/festivals/{MY}"
TICKETS = f"{BASE}/tickets"
LINKS = f"{BASE}/ticket-links"
CSV = {"Content-Type": "text/csv"}


class Stating:
    """A job that states rows."""

    def __init__(self, rows: tuple[dict[str, object], ...]) -> None:
        self.rows = rows

    def __call__(self, office: Office) -> Any:
        return state(office, self.rows)


@asynccontextmanager
async def open_tickets(path: Path, *rows: dict[str, object]) -> AsyncIterator[TestHouse]:
    async with open_house(path / "house", {MY: MINE, THEIR: OTHERS}) as house:
        for number, desk in ((one, house.house.desk(one)) for one in (MY, THEIR)):
            assert desk is not None
            certificate = make_issuing_key(open_office(desk.path), 2, random_bytes)
            await desk.say(CertificateIssued(certificate))
            await desk.writer.do(Stating((*TYPES, *rows) if number == MY else TYPES))
        yield house


async def good(house: TestHouse, method: str, path: str, **how: Any) -> Any:
    status, _, body = await house.ask(method, path, **how)
    assert status in {200, 201}, body
    return body


async def bad(house: TestHouse, method: str, path: str, **how: Any) -> tuple[int, str]:
    status, _, body = await house.ask(method, path, **how)
    assert status >= 400, body
    return status, body["code"]


async def issue(house: TestHouse, key: str = "one", **how: Any) -> Any:
    body = {"type": DAY, "count": 1} | how
    return await good(house, "post", TICKETS, json=body, headers={"Idempotency-Key": key})


async def raw(
    house: TestHouse, path: str, role: str = "organiser", **how: Any
) -> tuple[Any, bytes]:
    headers = {"Authorization": f"Bearer {role}"} if role else {}
    method = how.pop("method", "get")
    async with house.session.request(method, house.url + path, headers=headers, **how) as answer:
        assert answer.status == 200, await answer.text()
        return answer.headers, await answer.read()


def opened(house: TestHouse, code: str) -> Any:
    desk = house.house.desk(MY)
    assert desk is not None
    with look(desk.path, desk.folder.festival) as seen:
        return open_code(code, catalogue.issuing_keys(seen.cells), MY)


def texts_in(png: bytes) -> tuple[str, ...]:
    picture = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
    return read_all(picture, CodeReader()).texts
