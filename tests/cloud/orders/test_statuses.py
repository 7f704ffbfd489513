"""The one word for a bought ticket and its money, after each thing that can happen to it."""

from pathlib import Path

from cloud.store.orders import Order, OrderState
from cloud.tickets import service as tickets
from sync import history
from tests.cloud.facts import admitted, left
from tests.cloud.orders.shop import Shop, shop
from tests.cloud.tickets.desk import shown, ticket


async def bought(selling: Shop, number: int) -> int:
    await selling.buy(number, day=1)
    (row,) = await selling.tickets(number)
    return row.serial


async def test_a_bought_ticket_is_paid_inside_outside_and_inside_again(tmp_path: Path) -> None:
    async with shop(tmp_path) as selling:
        office = selling.office
        gate = await office.gate()
        serial = await bought(selling, 1)
        assert shown(office, serial) == "paid"
        gate.say(admitted(serial))
        await office.level(gate)
        assert shown(office, serial) == "inside"
        (fact,) = [one.fact for one in history.facts_of(office.office.cells, serial)]
        gate.say(left(serial, fact))
        await office.level(gate)
        assert shown(office, serial) == "outside"
        gate.say(admitted(serial))
        await office.level(gate)
        assert shown(office, serial) == "inside"


async def test_a_ticket_whose_guest_is_inside_is_refunded_to_the_cent_and_says_both(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as selling:
        office = selling.office
        gate = await office.gate()
        serial, other = await bought(selling, 1), await bought(selling, 2)
        gate.say(admitted(serial))
        await office.level(gate)
        order = await selling.refund(1, serial)
        assert isinstance(order, Order)
        assert (order.state, order.refunded) == (OrderState.REFUNDED, 4_000)
        assert (await selling.booked())["card:card"] == -4_000
        assert await selling.left() == 9
        assert shown(office, serial) == "refunded"
        assert ticket(office, serial).presence.guests_inside == 1
        (fact,) = [one.fact for one in history.facts_of(office.office.cells, serial)]
        gate.say(left(serial, fact))
        await office.level(gate)
        assert shown(office, serial) == "refunded"
        assert shown(office, other) == "paid"


async def test_a_ticket_issued_anew_inside_is_inside_and_is_the_one_that_is_refunded(
    tmp_path: Path,
) -> None:
    async with shop(tmp_path) as selling:
        office = selling.office
        gate = await office.gate()
        serial = await bought(selling, 1)
        gate.say(admitted(serial))
        await office.level(gate)
        made = await office.do(lambda o: tickets.reissue(o, [serial], selling.draw))
        assert isinstance(made, list)
        (new,) = made
        assert (shown(office, serial), shown(office, new.serial)) == ("invalid", "inside")
        await office.do(lambda o: tickets.cancel(o, [new.serial]))
        assert shown(office, new.serial) == "invalid"
        assert await selling.left() == 10
        assert isinstance(await selling.refund(1), Order)
        assert (shown(office, serial), shown(office, new.serial)) == ("invalid", "refunded")
        assert await selling.booked() == {}
        assert await selling.left() == 10
