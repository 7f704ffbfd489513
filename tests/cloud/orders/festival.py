"""A house with one festival that sells tickets, over real HTTP; who asks is told by their role."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from cloud.desk import Desk
from cloud.festivals.service import state
from cloud.settings import make_issuing_key
from tests.cloud.api.houses import MINE, TestHouse, open_house

FESTIVAL, DAY, NIGHT = 7, 2, 3


@dataclass
class Fair:
    """The festival, and what people do there."""

    house: TestHouse
    keys: Iterator[int] = field(default_factory=count)

    festival: int = FESTIVAL

    @property
    def desk(self) -> Desk:
        desk = self.house.house.desk(self.festival)
        assert desk is not None
        return desk

    async def ask(self, method: str, path: str, who: str, **how: Any) -> tuple[int, Any]:
        status, _, body = await self.house.ask(method, f"/api/v1/{path}", who, **how)
        return status, body

    async def post(
        self, path: str, who: str, row: dict[str, Any], key: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Post under a new key, or under this one."""
        headers = {"Idempotency-Key": key or f"key-{next(self.keys)}"}
        whole = {"festival": self.festival} | row
        return await self.ask("POST", path, who, json=whole, headers=headers)

    async def done(self, path: str, who: str, row: dict[str, Any]) -> dict[str, Any]:
        status, body = await self.post(path, who, row)
        assert status < 300, (status, body)
        return body

    async def refused(self, path: str, who: str, row: dict[str, Any]) -> tuple[int, str]:
        """Return the status and the word with which something is refused."""
        status, body = await self.post(path, who, row)
        assert status >= 400, body
        assert body["title"]
        return status, body["code"]

    async def get(self, path: str, who: str) -> Any:
        status, body = await self.ask("GET", path, who)
        assert status == 200, body
        return body

    async def left(self, number: int = DAY) -> int | None:
        found = await self.get(f"festivals/{self.festival}/offers", "")
        (left,) = [one["places_left"] for one in found["offers"] if one["type"] == number]
        return None if left is None else int(left)


@asynccontextmanager
async def open_fair(path: Path, capacity: int = 10) -> AsyncIterator[Fair]:
    """Open the house; day tickets cost 40.00, night tickets nothing."""
    async with open_house(path, {FESTIVAL: MINE}) as house:
        fair = Fair(house)
        certificate = make_issuing_key(fair.desk.folder, 9, bytes)
        rows: list[dict[str, object]] = [
            {"kind": "type", "type": DAY, "name": "Day"},
            {"kind": "type", "type": NIGHT, "name": "Night"},
            {"kind": "quota", "ticket_type": DAY, "capacity": capacity},
            {"kind": "certificate", "certificate": certificate.hex()},
        ]
        await fair.desk.writer.do(lambda office: state(office, rows))
        for number, price in ((DAY, 4_000), (NIGHT, 0)):
            offer = {"price_minor": price, "vat_basis_points": 550}
            place = f"festivals/{fair.festival}/offers/{number}"
            status, body = await fair.ask("PUT", place, "organiser", json=offer)
            assert status == 200, body
        yield fair


def tickets(**counts: int) -> dict[str, Any]:
    numbers = {"day": DAY, "night": NIGHT}
    rows = [{"type": numbers[name], "count": count} for name, count in counts.items()]
    return {"tickets": rows}
