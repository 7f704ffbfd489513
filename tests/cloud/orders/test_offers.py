"""What tickets are offered for: who may order them, when, how many, and at which price."""

from dataclasses import replace
from pathlib import Path

from cloud.limits import OPEN_ORDERS_OF_BUYER_MAX, RESERVED_MS
from cloud.orders.refusals import Why
from cloud.orders.service import offer_book, order_book
from cloud.store.orders import Offer, Order
from sync.limits import MONEY_MINOR_MAX
from tests.cloud.orders.shop import DAY, OFFERS, shop, why


async def test_an_offer_says_who_may_buy_when_and_how_many(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        now = selling.office.now_ms
        await selling.offer(replace(OFFERS[0], from_ms=now + 1_000, until_ms=now + 2_000))
        assert why(await selling.reserve(1, day=1)) is Why.NOT_ON_SALE_NOW
        selling.office.now_ms = now + 1_000
        assert isinstance(await selling.reserve(1, day=1), Order)
        selling.office.now_ms = now + 2_000
        assert why(await selling.reserve(2, day=1)) is Why.NOT_ON_SALE_NOW
        await selling.offer(replace(OFFERS[0], per_order_max=2))
        assert why(await selling.reserve(2, day=3)) is Why.TOO_MANY_TICKETS
        await selling.offer(replace(OFFERS[0], is_visible=False))
        assert why(await selling.reserve(2, staff=False, day=1)) is Why.NOT_FOR_SALE
        assert isinstance(await selling.reserve(2, day=1), Order)
        await selling.office.do(lambda o: offer_book(o).take_away(DAY))
        assert why(await selling.reserve(3, day=1)) is Why.NOT_FOR_SALE


async def test_the_price_is_that_of_the_moment_when_it_was_reserved(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        await selling.reserve(1, day=1)
        await selling.offer(replace(OFFERS[0], price=9_900))
        order = await selling.pay(1)
        assert isinstance(order, Order)
        assert order.total == 4_000


async def test_no_order_is_worth_more_than_money_goes(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        await selling.offer(Offer(DAY, MONEY_MINOR_MAX))
        assert why(await selling.buy(1, day=2)) is Why.TOO_MUCH_MONEY
        assert isinstance(await selling.buy(1, day=1), Order)


async def test_a_guest_holds_only_so_many_orders_open(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        for number in range(OPEN_ORDERS_OF_BUYER_MAX):
            result = await selling.reserve(number, buyer="ada", staff=False, day=1)
            assert isinstance(result, Order)
        refused = await selling.reserve(90, buyer="ada", staff=False, day=1)
        assert why(refused) is Why.TOO_MANY_OPEN
        assert isinstance(await selling.reserve(91, buyer="bob", staff=False, day=1), Order)
        await selling.pay(0)
        again = await selling.reserve(92, buyer="ada", staff=False, day=1)
        assert isinstance(again, Order)
        assert why(await selling.reserve(93, buyer="ada", staff=False, night=1)) is (
            Why.TOO_MANY_OPEN
        )
        selling.office.now_ms += RESERVED_MS  # what lapsed is open no more, whoever looked
        assert isinstance(await selling.reserve(94, buyer="ada", staff=False, night=1), Order)
        found = await selling.office.do(lambda o: order_book(o).listed(None, 10, buyer="ada"))
        assert len(found) == OPEN_ORDERS_OF_BUYER_MAX + 2
