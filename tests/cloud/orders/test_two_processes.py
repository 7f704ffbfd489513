"""Two office processes that sell the same places out of one database."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cloud.office import Office
from cloud.once import REUSED, Deed, Kept, answered_once, mark_of
from cloud.orders import service
from cloud.orders.refusals import Refusal, Why
from cloud.orders.service import Wanted, offer_book
from cloud.store.orders import Order, OrderState
from sync.conflicts import conflicts
from sync.names import Area
from tests.cloud.offices import serving
from tests.cloud.orders.shop import BY_CARD, DAY, OFFERS, Shop, order_id, shop

pytestmark = pytest.mark.postgres_only  # one process writes a file


@asynccontextmanager
async def two_shops(path: Path) -> AsyncIterator[tuple[Shop, Shop]]:
    """Open one festival in two processes' offices."""
    async with shop(path) as first, serving(first.office.folder, seed=2) as office:
        yield first, Shop(office, random.Random(2))


async def test_two_processes_never_sell_more_than_there_is(tmp_path: Path) -> None:
    async with two_shops(tmp_path) as shops:
        results = await asyncio.gather(*(shops[n % 2].buy(n, day=1) for n in range(40)))
        assert sum(isinstance(one, Order) for one in results) == 10
        refusals = {one.why for one in results if isinstance(one, Refusal)}
        assert refusals == {Why.SOLD_OUT}
        for selling in shops:
            assert await selling.left() == 0
            assert not await selling.office.do(lambda o: conflicts(o.cells, Area.MONEY))


async def test_what_one_reserved_the_other_is_paid_for_and_pays_back(tmp_path: Path) -> None:
    async with two_shops(tmp_path) as (first, second):
        await first.reserve(1, day=4)
        assert isinstance(await second.pay(1), Order)
        assert isinstance(await first.refund(1), Order)
        assert await second.left() == 10
        assert await second.booked() == {}


async def test_a_key_that_comes_to_both_at_once_is_done_once(tmp_path: Path) -> None:
    async with two_shops(tmp_path) as shops:
        deed = Deed("ada", "orders_buy", "one", mark_of("/buy", {"day": 1}))

        def make(office: Office) -> Kept:
            wanted = Wanted(deed.operation, "", {DAY: 1}, is_staff=True)
            bought = service.buy(office, wanted, BY_CARD, random.randbytes)
            return Kept(201, repr(bought).encode())

        answers = await asyncio.gather(
            *(shops[n % 2].office.do(lambda o: answered_once(o, deed, make)) for n in range(20))
        )
        assert len({one.body for one in answers if one is not REUSED}) == 1
        assert await shops[0].left() == 9


async def test_an_order_lapses_once_whoever_looks(tmp_path: Path) -> None:
    async with two_shops(tmp_path) as (first, second):
        for number in range(4):
            await first.reserve(number, day=1)
        first.office.now_ms += 3_600_000
        second.office.now_ms = first.office.now_ms
        lapsed = await asyncio.gather(*(one.expire() for one in (first, second) * 3))
        assert sum(lapsed) == 4
        assert await second.left() == 10
        assert (await second.order(0)).id == order_id(0)
        assert await second.office.do(lambda o: offer_book(o).one(DAY)) == OFFERS[0]


async def test_paying_and_lapsing_at_the_same_moment_is_one_of_both(tmp_path: Path) -> None:
    async with two_shops(tmp_path) as (first, second):
        numbers = range(8)
        for number in numbers:
            await first.reserve(number, day=1)
        order = await first.order(7)
        first.office.now_ms = order.expires_ms - 60_000  # its clock is behind
        second.office.now_ms = order.expires_ms + 60_000
        await asyncio.gather(*(first.pay(n) for n in numbers), second.expire())
        orders = [await second.order(number) for number in numbers]
        paid = [one for one in orders if one.state is OrderState.PAID]
        assert {one.state for one in orders} <= {OrderState.PAID, OrderState.EXPIRED}
        for number, one in zip(numbers, orders, strict=True):
            assert len(await second.tickets(number)) == (one in paid)
        assert await second.left() == 10 - len(paid)
        booked = await second.booked()
        assert booked.get("card:card", 0) == -4_000 * len(paid)
        assert not await second.office.do(lambda o: conflicts(o.cells, Area.MONEY))
