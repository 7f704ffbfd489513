"""Orders over real HTTP, with people of every kind: what they may, and what they are told."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

from cloud.festivals.sight import sight_in
from cloud.limits import ANSWER_KEPT_MS
from cloud.orders.service import expire_due
from cloud.orders.upkeep import look_after
from sync import catalogue
from sync.codes import Ticket, open_code
from tests.cloud.orders.festival import DAY, FESTIVAL, Fair, open_fair, tickets

PLACE = f"festivals/{FESTIVAL}"
CARD = {"method": "card", "reference": "slip 12"}


async def test_a_guest_reserves_a_cashier_takes_the_money_and_the_guest_has_the_codes(
    tmp_path: Path,
) -> None:
    async with open_fair(tmp_path) as fair:
        order = await fair.done("orders", "guest", tickets(day=2, night=1))
        assert (order["state"], order["total_minor"], order["tickets"]) == ("reserved", 8_000, [])
        assert await fair.left() == 8
        paid = await fair.done(f"orders/{order['order']}/pay", "cashier", CARD)
        assert (paid["state"], len(paid["tickets"])) == ("paid", 3)
        mine = await fair.get(f"tickets/me?festival={fair.festival}", "guest")
        assert {one["serial"] for one in mine["items"]} == {
            one["serial"] for one in paid["tickets"]
        }
        keys = await fair.desk.look(lambda seen: catalogue.issuing_keys(seen.cells))
        for one in mine["items"]:
            ticket = open_code(one["code"], keys, fair.festival)
            assert isinstance(ticket, Ticket)
            assert str(ticket.serial) == one["serial"]
        whole = await fair.get(f"festivals/{fair.festival}/orders/{order['order']}", "cashier")
        assert sorted(one["code"] for one in whole["tickets"]) == sorted(
            one["code"] for one in mine["items"]
        )
        others = await fair.get(f"tickets/me?festival={fair.festival}", "agent")
        assert others["items"] == []


async def test_a_guest_buys_what_is_free_and_nothing_else(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        order = await fair.done("tickets/buy", "guest", tickets(night=2))
        assert (order["state"], order["method"]) == ("paid", "free")
        refused = await fair.refused("tickets/buy", "guest", tickets(day=1))
        assert refused == (422, "not_free")
        refused = await fair.refused("tickets/buy", "guest", tickets(day=1) | CARD)
        assert refused == (403, "forbidden")
        assert await fair.left() == 10


async def test_a_guest_cancels_their_own_order_and_no_other(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        mine = await fair.done("orders", "guest", tickets(day=1))
        other = await fair.done("orders", "cashier", tickets(day=1))
        refused = await fair.refused(f"orders/{other['order']}/cancel", "guest", {})
        assert refused == (404, "not_found")
        done = await fair.done(f"orders/{mine['order']}/cancel", "guest", {})
        assert done["state"] == "cancelled"
        assert await fair.left() == 9


async def test_an_order_is_paid_back_ticket_by_ticket(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        order = await fair.done("tickets/buy", "cashier", tickets(day=3) | CARD)
        place = f"orders/{order['order']}/refund"
        one = order["tickets"][0]["serial"]
        done = await fair.done(place, "cashier", {"serials": [one]})
        assert (done["state"], done["refunded_minor"]) == ("paid", 4_000)
        assert await fair.refused(place, "cashier", {"serials": [one]}) == (
            409, "already_refunded",
        )  # fmt: skip
        done = await fair.done(place, "organiser", {})
        assert (done["state"], done["refunded_minor"]) == ("refunded", 12_000)
        assert await fair.left() == 10


async def test_the_last_fifty_places_go_to_fifty_of_five_hundred(tmp_path: Path) -> None:
    async with open_fair(tmp_path, capacity=50) as fair:
        row = tickets(day=1) | CARD
        answers: list[tuple[int, Any]] = []
        for _ in range(10):  # as many at once as one person may ask in a moment
            answers += await asyncio.gather(
                *(fair.post("tickets/buy", "cashier", row) for _ in range(50))
            )
        told = Counter((status, body.get("code", "")) for status, body in answers)
        assert told == {(201, ""): 50, (409, "sold_out"): 450}
        assert await fair.left() == 0
        bought = [body["tickets"][0]["serial"] for status, body in answers if status == 201]
        assert len(set(bought)) == 50


async def test_the_same_key_is_answered_with_the_same_bytes(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        row = tickets(day=1) | CARD
        twins = await asyncio.gather(
            *(fair.post("tickets/buy", "cashier", row, "one") for _ in range(20))
        )
        assert all(answer == twins[0] for answer in twins)
        assert twins[0][0] == 201
        assert await fair.left() == 9
        status, body = await fair.post("tickets/buy", "cashier", tickets(day=2) | CARD, "one")
        assert (status, body["code"]) == (409, "idempotency_key_reused")
        status, _ = await fair.post("tickets/buy", "organiser", row, "one")
        assert status == 201


async def test_a_key_is_needed_wherever_something_is_ordered_or_paid(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        for path in ("tickets/buy", "orders", f"orders/{'ab' * 16}/pay", "cashless/topup"):
            status, body = await fair.ask("POST", path, "cashier", json={})
            assert (status, body["code"]) == (400, "idempotency_key_needed")


async def test_orders_that_lapse_are_looked_after(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        order = await fair.done("orders", "guest", tickets(day=4))
        assert await look_after(fair.desk) == 0
        writer = fair.desk.writer

        def age(office: Any) -> None:
            office.store.connection.execute("UPDATE order_placed SET expires_ms = made_ms")

        await writer.do(age)
        shown = await fair.get(f"festivals/{fair.festival}/orders/{order['order']}", "cashier")
        assert shown["state"] == "expired"
        assert await look_after(fair.desk) == 1
        assert await writer.do(expire_due) == 0
        assert await fair.left() == 10
        refused = await fair.refused(f"orders/{order['order']}/pay", "cashier", CARD)
        assert refused == (409, "expired")


async def test_answers_are_forgotten_after_two_days_and_no_sooner(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        row = tickets(day=1) | CARD
        await fair.post("tickets/buy", "cashier", row, "one")

        def age(office: Any, by_ms: int) -> None:
            office.store.connection.execute("UPDATE answer_kept SET at_ms = at_ms - ?", (by_ms,))

        await fair.desk.writer.do(lambda office: age(office, ANSWER_KEPT_MS - 60_000))
        await look_after(fair.desk)
        assert (await fair.post("tickets/buy", "cashier", row, "one"))[0] == 201
        await fair.desk.writer.do(lambda office: age(office, 60_000))
        await look_after(fair.desk)
        status, body = await fair.post("tickets/buy", "cashier", row, "one")
        assert (status, body["code"]) == (409, "already_done")
        assert await fair.left() == 9


async def test_a_cursor_that_somebody_made_up_shows_nobody_elses_tickets(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        theirs = await fair.done("tickets/buy", "guest", tickets(night=2))
        place = f"tickets/me?festival={fair.festival}&after={theirs['made_ms']}-{theirs['order']}-0"
        assert len((await fair.get(place, "guest"))["items"]) == 2
        assert (await fair.get(place, "agent"))["items"] == []


async def test_what_a_cashier_sells_belongs_to_nobody(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        sold = await fair.done("tickets/buy", "cashier", tickets(day=1) | CARD)
        held = await fair.done("orders", "cashier", tickets(day=1))
        assert sold["buyer"] == held["buyer"] == ""
        mine = await fair.get(f"tickets/me?festival={fair.festival}", "cashier")
        assert mine["items"] == []


async def test_orders_and_tickets_are_listed_in_pages(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        for _ in range(3):
            await fair.done("tickets/buy", "guest", tickets(night=2))
        await fair.done("orders", "guest", tickets(day=1))
        orders = await listed(fair, f"festivals/{fair.festival}/orders?limit=2", "cashier")
        assert [one["state"] for one in orders] == ["paid"] * 3 + ["reserved"]
        paid = f"festivals/{fair.festival}/orders?limit=1&state=reserved"
        assert len(await listed(fair, paid, "organiser")) == 1
        mine = await listed(fair, f"tickets/me?festival={fair.festival}&limit=1", "guest")
        assert len({one["serial"] for one in mine}) == 6
        for after in ("x", "1-2", f"1-{'ab' * 16}-x", f"{1 << 60}-{'ab' * 16}"):
            place = f"tickets/me?festival={fair.festival}&after={after}"
            status, _ = await fair.ask("GET", place, "guest")
            assert status == 422


async def listed(fair: Fair, path: str, who: str) -> list[Any]:
    """Return every item of a list, page by page."""
    found: list[Any] = []
    after = ""
    while True:
        page = await fair.get(path + (f"&after={after}" if after else ""), who)
        found += page["items"]
        if page["next"] is None:
            return found
        after = page["next"]


async def test_another_organisers_festival_is_not_there(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        order = await fair.done("orders", "guest", tickets(day=1))
        place, who = f"orders/{order['order']}", "organiser of others"
        for path, row in (
            ("orders", tickets(day=1)), ("tickets/buy", tickets(night=1)),
            (f"{place}/pay", CARD), (f"{place}/cancel", {}), (f"{place}/refund", {}),
        ):  # fmt: skip
            assert await fair.refused(path, who, row) == (404, "not_found")
        for row in ({"wallet": "5", "amount_minor": 1, "method": "card"},):
            assert await fair.refused("cashless/topup", who, row) == (404, "not_found")


async def test_a_price_is_whole_minor_units(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        place = f"festivals/{fair.festival}/offers/{DAY}"
        for price in (1.5, -1, "4000", True, 10**12 + 1, None):
            status, _ = await fair.ask("PUT", place, "organiser", json={"price_minor": price})
            assert status == 422, price


async def test_an_offer_is_shown_to_everybody_unless_it_is_hidden(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        place = f"festivals/{fair.festival}/offers"
        hidden = {"price_minor": 1, "is_visible": False}
        await fair.ask("PUT", f"{place}/{DAY}", "organiser", json=hidden)
        seen = {who: await fair.get(place, who) for who in ("", "guest", "cashier")}
        assert [len(one["offers"]) for one in seen.values()] == [1, 1, 2]
        await fair.ask("DELETE", f"{place}/{DAY}", "organiser")
        assert len((await fair.get(place, "cashier"))["offers"]) == 1
        status, _ = await fair.ask("PUT", f"{place}/77", "organiser", json=hidden)
        assert status == 404


async def test_a_type_that_was_deleted_is_not_put_on_sale_again(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        assert (await fair.ask("DELETE", f"{PLACE}/ticket-types/{DAY}", "organiser"))[0] == 204
        status, body = await fair.ask(
            "PUT", f"{PLACE}/offers/{DAY}", "organiser", json={"price_minor": 1}
        )
        assert (status, body["code"]) == (404, "not_found")
        assert await fair.refused("orders", "cashier", tickets(day=1)) == (422, "not_for_sale")


async def test_an_offer_ends_after_it_begins(tmp_path: Path) -> None:
    async with open_fair(tmp_path) as fair:
        for times in ({"from_ms": 9, "until_ms": 9}, {"from_ms": 9, "until_ms": 5}):
            status, body = await fair.ask(
                "PUT", f"{PLACE}/offers/{DAY}", "organiser", json={"price_minor": 1} | times
            )
            assert (status, body["code"]) == (422, "invalid")


async def test_an_offer_and_its_ticket_type_tell_the_same_price_and_who_set_it(
    tmp_path: Path,
) -> None:
    async with open_fair(tmp_path) as fair:
        place = f"{PLACE}/ticket-types/{DAY}"
        await fair.ask("PUT", place, "organiser", json={"name": "Day", "description": "All of it"})
        offer = {"price_minor": 5_000, "vat_basis_points": 550, "until_ms": 1 << 50}
        await fair.ask("PUT", f"{PLACE}/offers/{DAY}", "organiser", json=offer)
        shown = await fair.get(place, "organiser")
        assert (shown["price"], shown["on_sale_until_ms"], shown["visibility"]) == (
            5_000, 1 << 50, "public",
        )  # fmt: skip
        status, _ = await fair.ask("DELETE", f"{PLACE}/offers/{DAY}", "organiser")
        assert status == 200
        ended = await fair.get(place, "organiser")
        assert ended == shown | {"visibility": "internal"}
        versions = await fair.desk.look(lambda seen: sight_in(seen).details.versions("type", "2"))
        assert [(one.words["price"], one.words["visibility"]) for one in versions[:2]] == [
            (5_000, "internal"), (5_000, "public"),
        ]  # fmt: skip
        assert all(one.said_by for one in versions)
        for number in (DAY, 77):
            status, _ = await fair.ask("DELETE", f"{PLACE}/offers/{number}", "organiser")
            assert status == 200
        assert len((await fair.get(f"{PLACE}/ticket-types", "organiser"))["items"]) == 2


async def test_a_ticket_of_an_order_is_paid_back_by_the_order_and_not_by_a_note(
    tmp_path: Path,
) -> None:
    async with open_fair(tmp_path) as fair:
        order = await fair.done("tickets/buy", "cashier", tickets(day=2) | CARD)
        first, second = [one["serial"] for one in order["tickets"]]
        ticket = f"{PLACE}/tickets/{first}"
        for deed in ("cancel", "cancel"):
            assert (await fair.ask("POST", f"{ticket}/{deed}", "organiser"))[0] == 200
        status, body = await fair.ask("POST", f"{ticket}/refund", "organiser")
        assert (status, body["code"]) == (409, "of_an_order")
        change = {"deed": "refund", "serials": [first]}
        status, body = await fair.ask("POST", f"{PLACE}/tickets/changes", "organiser", json=change)
        assert (status, body["code"]) == (409, "of_an_order")
        done = await fair.done(f"orders/{order['order']}/refund", "cashier", {"serials": [first]})
        assert done["refunded_minor"] == 4_000
        shown = await fair.get(ticket, "organiser")
        assert shown["status"] == "refunded"
        assert (await fair.ask("POST", f"{ticket}/refund", "organiser"))[0] == 200
        anew = f"{PLACE}/tickets/{second}/reissue"
        _, made = await fair.ask("POST", anew, "organiser")
        (new,) = made["tickets"]
        done = await fair.done(f"orders/{order['order']}/refund", "cashier", {})
        assert (done["state"], done["refunded_minor"]) == ("refunded", 8_000)
        assert {one["serial"] for one in done["tickets"]} == {first, new["serial"]}
