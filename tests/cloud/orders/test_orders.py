"""Orders at the office: what is reserved, paid, cancelled, refunded, and what lapses."""

from dataclasses import replace
from pathlib import Path

import pytest

from cloud.cashless.online import ONLINE_BAR, Paid
from cloud.limits import EXPIRED_AT_ONCE_MAX, RESERVED_MS, TICKETS_OF_ORDER_MAX
from cloud.office import Office
from cloud.orders.refusals import Refusal, Why
from cloud.orders.service import How, Payment, order_book
from cloud.store.details import DetailsBook
from cloud.store.orders import Order, OrderState
from cloud.store.tickets import SaleState
from cloud.tickets import service as tickets
from sync import catalogue, handover, ledger
from sync.conflicts import conflicts
from sync.facts import LineKind, Method, Sold, TicketStatus
from sync.names import Area, Role
from tests.cloud.offices import serving
from tests.cloud.orders.shop import (
    BY_CARD,
    DAY,
    NIGHT,
    OFFERS,
    Shop,
    order_id,
    shop,
    why,
)

DAY_REVENUE, DAY_VAT = f"revenue:{ONLINE_BAR}:550", "vat:550"


async def no_conflicts(selling: Shop) -> bool:
    return not await selling.office.do(
        lambda o: [one for area in Area for one in conflicts(o.cells, area)]
    )


async def test_a_reserved_order_holds_its_places_and_moves_no_money(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        order = await selling.reserve(1, day=3, night=2)
        assert isinstance(order, Order)
        assert (order.total, order.state) == (12_000, OrderState.RESERVED)
        assert order == await selling.order(1)
        assert (await selling.left(DAY), await selling.left(NIGHT)) == (7, 3)
        assert await selling.booked() == {}
        assert await selling.tickets(1) == []


async def test_a_paid_order_has_its_tickets_and_every_cent_is_booked(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        await selling.reserve(1, day=3, night=2)
        order = await selling.pay(1)
        assert isinstance(order, Order)
        assert order == await selling.order(1)
        assert (order.method, order.reference) == ("card", "terminal 7")
        rows = await selling.tickets(1)
        assert sorted(row.type for row in rows) == [DAY, DAY, DAY, NIGHT, NIGHT]
        assert {row.state for row in rows} == {SaleState.PAID}
        assert await selling.booked() == {
            "card:card": -12_000, DAY_REVENUE: 11_374, DAY_VAT: 626,
        }  # fmt: skip
        assert await selling.left() == 7
        assert await no_conflicts(selling)


async def test_buying_does_both_at_once(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        order = await selling.buy(1, Payment(How.CASH), day=2)
        assert isinstance(order, Order)
        assert order == await selling.order(1)
        assert len(await selling.tickets(1)) == 2
        assert (await selling.booked())["drawer"] == -8_000
        assert await selling.left() == 8


async def test_a_transfer_is_booked_with_the_cards_and_says_so(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        await selling.buy(1, Payment(How.TRANSFER, "RF18 5390"), day=1)
        sale = await selling.office.do(lambda o: ledger.sale(o.cells, order_id(1)))
        assert sale.baskets[0].payments == ((int(Method.CARD), 4_000, None, "transfer RF18 5390"),)


async def test_what_costs_nothing_is_free_however_it_is_paid(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        for number, payment in enumerate((BY_CARD, Payment(How.FREE)), 1):
            order = await selling.buy(number, payment, night=1)
            assert isinstance(order, Order)
            assert order.method == "free"
        assert await selling.booked() == {}
        assert why(await selling.buy(3, Payment(How.FREE), day=1)) is Why.NOT_FREE
        assert await selling.left() == 10


async def test_the_last_places_are_sold_once_and_the_rest_hears_why(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        assert isinstance(await selling.buy(1, day=8), Order)
        refusal = await selling.buy(2, day=3)
        assert refusal == Refusal(Why.SOLD_OUT, "type 2: 2 left")
        assert await selling.tickets(2) == []
        assert isinstance(await selling.buy(3, day=2), Order)
        assert await selling.left() == 0


async def test_an_order_of_several_types_takes_all_or_nothing(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        assert why(await selling.reserve(1, day=2, night=6)) is Why.SOLD_OUT
        assert (await selling.left(DAY), await selling.left(NIGHT)) == (10, 5)


async def test_a_cancelled_order_gives_its_places_back_and_is_not_paid(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        await selling.reserve(1, day=3)
        order = await selling.cancel(1)
        assert isinstance(order, Order)
        assert order.state is OrderState.CANCELLED
        assert await selling.left() == 10
        assert why(await selling.pay(1)) is Why.CANCELLED
        assert why(await selling.cancel(1)) is Why.CANCELLED
        assert await selling.left() == 10


async def test_an_order_that_nobody_paid_lapses(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        await selling.reserve(1, day=3)
        assert await selling.expire() == 0
        selling.office.now_ms += RESERVED_MS
        assert why(await selling.pay(1)) is Why.EXPIRED
        assert await selling.expire() == 1
        assert await selling.expire() == 0
        assert (await selling.order(1)).state is OrderState.EXPIRED
        assert await selling.left() == 10
        assert why(await selling.pay(1)) is Why.EXPIRED
        assert why(await selling.cancel(1)) is Why.EXPIRED


async def test_places_that_lapsed_are_there_for_the_next_at_once(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        await selling.reserve(1, day=10)
        assert why(await selling.buy(2, day=1)) is Why.SOLD_OUT
        selling.office.now_ms += RESERVED_MS
        assert isinstance(await selling.buy(2, day=1), Order)
        assert await selling.left() == 9


async def test_an_order_is_paid_once(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        await selling.reserve(1, day=1)
        assert isinstance(await selling.pay(1), Order)
        assert why(await selling.pay(1)) is Why.ALREADY_PAID
        assert why(await selling.cancel(1)) is Why.ALREADY_PAID
        assert len(await selling.tickets(1)) == 1


async def test_codes_are_good_when_their_type_says_so(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:

        def say(office: Office) -> None:
            book = DetailsBook(office.store.connection, office.folder.festival)
            book.put("type", str(DAY), {"valid_from": 1_000, "valid_until": 2_000}, now_ms=1)

        await selling.office.do(say)
        await selling.buy(1, day=1, night=1)
        good = {row.type: (row.valid_from, row.valid_until) for row in await selling.tickets(1)}
        assert good == {DAY: (1_000, 2_000), NIGHT: (0, 0)}


async def test_an_order_id_is_used_once(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        await selling.reserve(1, day=1)
        assert why(await selling.reserve(1, day=1)) is Why.ALREADY_DONE
        assert why(await selling.buy(1, day=1)) is Why.ALREADY_DONE
        assert await selling.left() == 9


async def test_a_refund_gives_back_the_money_the_places_and_the_right_to_come_in(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as selling:
        await selling.buy(1, day=3, night=1)
        order = await selling.refund(1)
        assert isinstance(order, Order)
        assert (order.state, order.refunded) == (OrderState.REFUNDED, 12_000)
        assert await selling.booked() == {}
        assert (await selling.left(DAY), await selling.left(NIGHT)) == (10, 5)
        for row in await selling.tickets(1):
            status = await selling.office.do(
                lambda o, s=row.serial: catalogue.status(o.cells, s)  # type: ignore[misc]
            )
            assert status is not None
            assert status.word is TicketStatus.REFUNDED
        assert why(await selling.refund(1)) is Why.ALREADY_REFUNDED
        assert await no_conflicts(selling)


async def test_tickets_are_refunded_one_by_one_down_to_nothing(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        await selling.offer(replace(OFFERS[0], price=333))
        await selling.buy(1, day=3)
        first, second, third = [row.serial for row in await selling.tickets(1)]
        order = await selling.refund(1, first)
        assert isinstance(order, Order)
        assert (order.state, order.refunded) == (OrderState.PAID, 333)
        assert (await selling.booked())["card:card"] == -666
        assert why(await selling.refund(1, first)) is Why.ALREADY_REFUNDED
        assert await selling.left() == 8
        order = await selling.refund(1, second, third, third)
        assert isinstance(order, Order)
        assert (order.state, order.refunded) == (OrderState.REFUNDED, 999)
        assert await selling.booked() == {}
        assert await no_conflicts(selling)


async def test_only_an_orders_own_tickets_are_refunded_with_it(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        await selling.buy(1, day=1)
        await selling.buy(2, day=1)
        (other,) = await selling.tickets(2)
        assert why(await selling.refund(1, other.serial)) is Why.NOT_OF_ORDER
        assert why(await selling.refund(3)) is Why.UNKNOWN_ORDER
        await selling.reserve(4, day=1)
        assert why(await selling.refund(4)) is Why.NOT_PAID


async def test_a_ticket_that_was_made_anew_is_refunded_in_the_place_of_the_old_one(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as selling:
        await selling.buy(1, day=1)
        (old,) = await selling.tickets(1)
        (new,) = await selling.office.do(  # type: ignore[misc]
            lambda o: tickets.reissue(o, [old.serial], selling.draw)
        )
        assert why(await selling.refund(1, old.serial)) is Why.NOT_OF_ORDER
        assert isinstance(await selling.refund(1, new.serial), Order)
        assert await selling.left() == 10
        assert await selling.booked() == {}


async def test_a_cancelled_tickets_money_goes_back_and_its_place_only_once(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        await selling.buy(1, day=2)
        first = (await selling.tickets(1))[0]
        await selling.office.do(lambda o: tickets.cancel(o, [first.serial]))
        assert await selling.left() == 9
        assert isinstance(await selling.refund(1), Order)
        assert await selling.left() == 10
        assert await selling.booked() == {}


async def test_another_process_refunds_what_one_sold(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        await selling.buy(1, Payment(How.CASH), day=3)
        folder = selling.office.folder
    async with serving(folder, seed=2) as office:
        again = Shop(office)
        assert isinstance(await again.refund(1), Order)
        assert await again.booked() == {}
        assert await again.left() == 10
        assert await no_conflicts(again)


@pytest.mark.parametrize("count", [0, -1, TICKETS_OF_ORDER_MAX + 1])
async def test_an_order_has_a_sensible_number_of_tickets(tmp_path: Path, count: int) -> None:
    async with shop(tmp_path) as selling:
        assert why(await selling.reserve(1, day=count)) is Why.TOO_MANY_TICKETS
        assert why(await selling.reserve(1)) is Why.TOO_MANY_TICKETS


async def test_orders_are_listed_in_parts_by_when_they_were_made(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        for number in range(5):
            await selling.reserve(number, day=1)
        await selling.cancel(3)

        def read(office: Office) -> list[int]:
            book, found, place = order_book(office), list[Order](), None
            while part := book.listed(place, 2, state="reserved"):
                found += part
                place = (part[-1].made_ms, part[-1].id)
            return [int.from_bytes(order.id, "big") for order in found]

        assert await selling.office.do(read) == [0, 1, 2, 4]


async def test_while_a_hub_lends_what_is_reserved_can_be_paid_and_nothing_new_reserved(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as selling:
        await selling.reserve(1, day=1)
        await selling.reserve(2, day=1)
        hub = selling.office.box(Role.HUB, "Hub", 31)
        await selling.office.do(lambda o: o.say(handover.hand_over(o.cells, hub.terminal)))
        assert why(await selling.reserve(3, day=1)) is Why.NOT_AUTHORITY
        assert isinstance(await selling.pay(1), Order)
        assert isinstance(await selling.cancel(2), Order)
        assert await selling.left() == 9


async def test_while_the_office_recovers_nothing_happens_to_orders(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        await selling.reserve(1, day=1)
        till = await selling.office.bar()
        await selling.office.level(till)
        await selling.office.do(Office.begin_recovery)
        results = [
            await selling.reserve(2, day=1), await selling.buy(3, day=1), await selling.pay(1),
            await selling.cancel(1), await selling.refund(1),
        ]  # fmt: skip
        assert {why(result) for result in results} == {Why.RECOVERING}
        selling.office.now_ms += RESERVED_MS
        assert await selling.expire() == 0


async def test_a_sale_that_the_ledger_knows_is_not_made_again_when_the_book_is_older(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as selling:
        line = (1, 1, 4_000, 550, int(LineKind.ITEM), None)
        paid = ((int(Method.CARD), 4_000, None, None),)
        await selling.office.say(Sold(order_id(1), 1, 0, 0, (line,), paid, 1, "order", 0))
        assert why(await selling.buy(1, day=1)) is Why.ALREADY_DONE
        assert why(await selling.reserve(1, day=1)) is Why.ALREADY_DONE
        assert await selling.left() == 10


async def test_places_of_a_refund_come_back_while_a_hub_lends(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        await selling.buy(1, day=3)
        first = (await selling.tickets(1))[0]
        hub = selling.office.box(Role.HUB, "Hub", 31)
        await selling.office.do(lambda o: o.say(handover.hand_over(o.cells, hub.terminal)))
        assert isinstance(await selling.refund(1, first.serial), Order)
        assert await selling.left() == 8
        assert await no_conflicts(selling)


async def test_lapsed_orders_of_another_type_keep_no_place_from_anybody(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        await selling.office.state({"kind": "quota", "ticket_type": DAY, "capacity": 1_000})
        for number in range(EXPIRED_AT_ONCE_MAX):
            await selling.reserve(number, day=1)
        await selling.reserve(1_000, night=5)
        selling.office.now_ms += RESERVED_MS
        assert isinstance(await selling.buy(1_001, night=5), Order)


async def test_an_order_that_was_paid_before_an_older_copy_was_put_back_does_not_lapse(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as selling:
        await selling.reserve(1, day=1)
        line = (1, 1, 4_000, 550, int(LineKind.ITEM), None)
        paid = ((int(Method.CARD), 4_000, None, None),)
        await selling.office.say(Sold(order_id(1), 1, 0, 0, (line,), paid, 1, "order", 0))
        assert why(await selling.pay(1)) is Why.ALREADY_PAID
        selling.office.now_ms += RESERVED_MS
        assert await selling.expire() == 1
        assert (await selling.order(1)).state is OrderState.PAID
        assert await selling.left() == 9


async def test_without_an_issuing_key_no_order_is_paid(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        await selling.reserve(1, day=1)
        await selling.office.state({"kind": "retire", "key_id": 1})
        refusal = await selling.pay(1)
        assert why(refusal) is Why.NO_TICKETS
        assert isinstance(refusal, Refusal)
        assert refusal.sentence.endswith("no issuing key whose codes gates take: make one).")
        assert why(await selling.buy(2, day=1)) is Why.NO_TICKETS
        assert await selling.booked() == {}
        assert await selling.left() == 9


def test_every_refusal_has_its_sentence() -> None:
    for word in Why:
        assert word.sentence.endswith(".")
        assert word.status in {404, 409, 422, 503}
    assert {how.value for how in How} - {"free"} <= {paid.value for paid in Paid}
    assert Refusal(Why.SOLD_OUT, "2 left").sentence.endswith("(2 left).")
