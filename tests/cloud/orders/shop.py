"""A festival that sells tickets over the network, and what tests do at its counter."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cloud.orders import service
from cloud.orders.counter import places_left
from cloud.orders.refusals import Refusal, Why
from cloud.orders.service import How, Payment, Wanted, offer_book, order_book
from cloud.settings import make_office
from cloud.store.orders import Offer, Order
from cloud.store.tickets import TicketRow
from cloud.tickets.service import book_of
from sync import accounts
from tests.cloud.engines import current
from tests.cloud.offices import TestOffice, serving, settings

DAY, NIGHT = 2, 3
ROWS: list[dict[str, object]] = [
    {"kind": "type", "type": DAY, "name": "Day"},
    {"kind": "type", "type": NIGHT, "name": "Night"},
    {"kind": "quota", "ticket_type": DAY, "capacity": 10},
    {"kind": "quota", "ticket_type": NIGHT, "capacity": 5},
]
OFFERS = (Offer(DAY, 4_000, 550), Offer(NIGHT, 0))
BY_CARD = Payment(How.CARD, "terminal 7")
Result = Order | Refusal


@dataclass
class Shop:
    """The office and its orders, each named by a small number."""

    office: TestOffice
    chance: random.Random = field(default_factory=lambda: random.Random(1))

    def draw(self, count: int) -> bytes:
        return self.chance.randbytes(count)

    async def reserve(
        self, number: int, *, buyer: str = "", staff: bool = True, **counts: int
    ) -> Result:
        wanted = Wanted(order_id(number), buyer, _types(counts), staff)
        return await self.office.do(lambda o: service.reserve(o, wanted))

    async def buy(self, number: int, payment: Payment = BY_CARD, **counts: int) -> Result:
        wanted = Wanted(order_id(number), "", _types(counts), is_staff=True)
        return await self.office.do(lambda o: service.buy(o, wanted, payment, self.draw))

    async def pay(self, number: int, payment: Payment = BY_CARD) -> Result:
        return await self.office.do(lambda o: service.pay(o, order_id(number), payment, self.draw))

    async def cancel(self, number: int) -> Result:
        return await self.office.do(lambda o: service.cancel(o, order_id(number)))

    async def refund(self, number: int, *serials: int) -> Result:
        chosen = list(serials) or None
        return await self.office.do(lambda o: service.refund(o, order_id(number), chosen))

    async def expire(self) -> int:
        return await self.office.do(service.expire_due)

    async def order(self, number: int) -> Order:
        found = await self.office.do(lambda o: order_book(o).one(order_id(number)))
        assert found is not None
        return found

    async def tickets(self, number: int) -> list[TicketRow]:
        return await self.office.do(lambda o: book_of(o).of_order(order_id(number)))

    async def left(self, number: int = DAY) -> int | None:
        return await self.office.do(lambda o: places_left(o.cells, number))

    async def offer(self, offer: Offer) -> None:
        await self.office.do(lambda o: offer_book(o).put(offer))

    async def booked(self) -> dict[str, int]:
        """Return every account that is not empty; a drawer of the office as just that."""
        found = await self.office.do(lambda o: list(accounts.accounts(o.cells)))
        return {name.split(":")[0] if name[:6] == "drawer" else name: n for name, _, n in found}


def order_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def why(result: object) -> Why:
    assert isinstance(result, Refusal), result
    assert result.sentence
    return result.why


@asynccontextmanager
async def shop(path: Path, *rows: dict[str, object]) -> AsyncIterator[Shop]:
    """Open an office that can sign codes and has tickets to sell."""
    folder, certificate = make_office(path / "office", settings(), random.Random(5).randbytes)
    current().furnish(folder.path)
    key: dict[str, object] = {"kind": "certificate", "certificate": certificate.hex()}
    stated = [*ROWS, *rows, key]
    async with serving(folder, stated) as office:
        selling = Shop(office)
        for offer in OFFERS:
            await selling.offer(offer)
        yield selling


def _types(counts: dict[str, int]) -> dict[int, int]:
    return {{"day": DAY, "night": NIGHT}[name]: count for name, count in counts.items()}
