"""The law of places: sold, reserved and lent together are never more than there are.

A seed draws what guests, cashiers and tills do. Tills sell from what they hold while nobody hears
them; office processes end and others go on; orders lapse. After every step all that exists in
truth is counted, also what the office has not heard.
"""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings

from cloud.limits import RESERVED_MS
from cloud.orders.service import How, Payment, order_book
from cloud.store.orders import Order, OrderState
from sync import accounts, allotments, lending
from sync.conflicts import conflicts
from sync.facts import AllotmentReturned, LineKind, Method, Sold, Voided
from sync.names import Area
from tests.cloud.box import Box
from tests.cloud.orders.shop import DAY, Shop, shop
from tests.sync.worlds import seeds

CAPACITY = 10
PRICE = 4_000
PLACES = (2, DAY)
LAW = settings(max_examples=12, derandomize=True, deadline=None)
WALK_UP: dict[str, object] = {
    "kind": "product", "product": 9, "name": "Day", "price": PRICE, "vat": 550, "ticket_type": DAY,
}  # fmt: skip


class Site:
    """The shop, two tills that sell the same tickets, and what is true of both."""

    def __init__(self, selling: Shop, tills: list[Box], seed: int) -> None:
        self.selling = selling
        self.tills = tills
        self.chance = random.Random(seed)
        self.made = 0
        self.sold_at_tills: dict[bytes, int] = {}
        self.walk_ups = 0

    async def step(self) -> None:
        """Let something happen."""
        chance, selling = self.chance, self.selling
        number, count = chance.randrange(self.made + 1), chance.randint(1, 3)
        till = chance.choice(self.tills)
        match chance.randrange(12):
            case 0 | 1:
                self.made += 1
                await selling.reserve(self.made, day=count)
            case 2:
                self.made += 1
                await selling.buy(self.made, Payment(How.TRANSFER), day=count)
            case 3:
                await selling.pay(number)
            case 4:
                await selling.cancel(number)
            case 5:
                rows = [row.serial for row in await selling.tickets(number)]
                await selling.refund(number, *chance.sample(rows, min(len(rows), count)))
            case 6:
                selling.office.now_ms += chance.choice((60_000, RESERVED_MS))
            case 7:
                await selling.expire()
            case 8:
                await selling.office.level(till)
            case 9:
                selling.office.office._pen = None  # another process of the office goes on
            case _:
                self.at_till(till)

    def at_till(self, till: Box) -> None:
        """Sell, void or give back at a till that hears nothing meanwhile."""
        held = allotments.held(till.shelf.cells, PLACES, till.terminal)
        mine = [sale for sale, one in self.sold_at_tills.items() if one == self.tills.index(till)]
        if mine and self.chance.random() < 0.2:
            sale = mine[0]
            del self.sold_at_tills[sale]
            till.say(Voided(sale, (0,), (), 1, 1, 1))
        elif held > 0 and self.chance.random() < 0.2:
            till.say(AllotmentReturned(PLACES, held))
        elif held > 0:
            self.walk_ups += 1
            sale = (1 << 100 | self.walk_ups).to_bytes(16, "big")
            self.sold_at_tills[sale] = self.tills.index(till)
            line = (9, 1, PRICE, 550, int(LineKind.ITEM), None)
            paid = ((int(Method.CASH), PRICE, None, None),)
            quotas = ((*PLACES, 0),)
            till.say(Sold(sale, 1, 1, 1, (line,), paid, 1, "cash", 0, quotas=quotas))

    async def orders(self) -> list[Order]:
        return await self.selling.office.do(lambda o: order_book(o).listed(None, 1_000))

    async def places_out(self) -> int:
        """Return how many places are sold, reserved, or in the hands of a till, in truth."""
        orders = await self.orders()
        online = sum(
            line.left for one in orders if one.state is OrderState.PAID for line in one.lines
        )
        held = sum(
            line.quantity for one in orders if one.state is OrderState.RESERVED
            for line in one.lines
        )  # fmt: skip
        in_hands = sum(
            max(0, allotments.held(till.shelf.cells, PLACES, till.terminal)) for till in self.tills
        )
        return online + held + in_hands + len(self.sold_at_tills)

    async def check_books(self) -> None:
        """After all have spoken: figures add up, to the place and to the cent."""
        office = self.selling.office
        await office.level(*self.tills)
        await self.selling.expire()
        quota = await office.do(lambda o: lending.read(o.cells, PLACES))
        assert quota is not None
        assert quota.committed <= quota.capacity
        orders = await self.orders()
        reserved = sum(o.places[DAY] for o in orders if o.state is OrderState.RESERVED)
        sold = [one for one in orders if one.state in {OrderState.PAID, OrderState.REFUNDED}]
        assert quota.at_counter == reserved + sum(o.lines[0].left for o in sold)
        assert quota.used - quota.at_counter == len(self.sold_at_tills)
        booked = await office.do(lambda o: dict_of(accounts.accounts(o.cells)))
        taken = sum(one.total - one.refunded for one in sold)
        assert booked.get("card:card", 0) == -taken
        assert sum(booked.values()) == 0
        assert not await office.do(lambda o: conflicts(o.cells, Area.MONEY))


def dict_of(rows: object) -> dict[str, int]:
    return {name: amount for name, _, amount in rows}  # type: ignore[attr-defined]


async def play(path: Path, seed: int, steps: int) -> Site:
    async with shop(path, WALK_UP) as selling:
        office = selling.office
        tills = [await office.bar(f"T{n}", 1, 21 + n) for n in range(2)]
        await office.level(*tills)
        site = Site(selling, tills, seed)
        for _ in range(steps):
            await site.step()
            assert await site.places_out() <= CAPACITY
        await site.check_books()
    return site


@LAW
@given(seed=seeds)
async def test_no_more_places_are_out_than_there_are_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    await play(tmp_path_factory.mktemp("law"), seed, 40)


async def test_the_law_above_is_not_held_by_selling_nothing(tmp_path: Path) -> None:
    site = await play(tmp_path, 5, 80)
    assert site.made > 5
    assert site.walk_ups > 2
