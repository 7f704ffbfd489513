"""What holds between the things of a catalogue: names, quotas, offers, and who needs whom."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cloud.cashless.online import ONLINE_PRODUCTS_FROM
from cloud.festivals.service import state
from cloud.festivals.sight import sight_in
from cloud.office import Office
from cloud.orders.counter import take_all
from cloud.store.orders import Offer, OfferBook
from tests.cloud.festivals.test_catalogue import BODIES, SORTS
from tests.cloud.houses import TestHouse, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[TestHouse]:
    async with open_house(tmp_path) as house:
        await house.found()
        await house.put("/zones/1", {"name": "Site"})
        await house.put("/bars/1", {"name": "Bar one"})
        yield house


async def test_two_ticket_types_never_share_a_name_whatever_its_case(house: TestHouse) -> None:
    await house.put("/ticket-types/1", {"name": "Straße Été"})
    for name in ("STRASSE ÉTÉ", "  straße   e\u0301te\u0301 "):
        refused = await house.ask("POST", "/ticket-types", {"name": name})
        assert (refused.status, refused.body["code"]) == (409, "name_taken")
    await house.put("/ticket-types/1", {"name": "STRASSE été"})
    assert (await house.ask("DELETE", "/ticket-types/1")).status == 204
    await house.put("/ticket-types/2", {"name": "strasse été"})
    back = await house.ask("POST", "/ticket-types/1/restore")
    assert (back.status, back.body["code"]) == (409, "name_taken")


async def test_what_something_else_needs_is_not_deleted_and_the_sentence_says_what(
    house: TestHouse,
) -> None:
    await house.put("/ticket-types/1", {"name": "Weekend", "zones": [1]})
    await house.put("/products/1", BODIES["products"] | {"bars": [1], "ticket_type": 1})
    expected = {
        "/zones/1": "Zone 1 is still needed: ticket type Weekend opens it.",
        "/ticket-types/1": "Ticket type 1 is still needed: product Beer hands it out.",
        "/bars/1": "Bar 1 is still needed: product Beer is sold there.",
    }
    for path, sentence in expected.items():
        refused = await house.ask("DELETE", path)
        assert (refused.status, refused.body["title"]) == (409, sentence)
    for path in ("/products/1", "/ticket-types/1", "/bars/1", "/zones/1"):
        assert (await house.ask("DELETE", path)).status == 204


async def test_places_are_needed_by_the_terminals_that_stand_there(house: TestHouse) -> None:
    await house.gate()
    await house.till()
    zone = await house.ask("DELETE", "/zones/1")
    bar = await house.ask("DELETE", "/bars/1")
    assert zone.body["title"] == "Zone 1 is still needed: gate North lets into it."
    assert bar.body["title"] == "Bar 1 is still needed: till Till stands there."


async def test_a_ticket_type_says_what_the_festival_says_about_re_entry(house: TestHouse) -> None:
    assert (await house.post("/ticket-types", {"name": "A"}))["allow_reentry"] is True
    changed = await house.ask("PATCH", "", {"allow_reentry": False})
    assert changed.status == 200
    assert (await house.post("/ticket-types", {"name": "B"}))["allow_reentry"] is False
    given = await house.post("/ticket-types", {"name": "C", "allow_reentry": True})
    assert given["allow_reentry"] is True


async def test_putting_the_same_again_states_no_new_fact(house: TestHouse) -> None:
    for sort in SORTS:
        await house.put(f"/{sort}/7", BODIES[sort])
    look = house.opened().desk.look
    before = await look(lambda seen: seen.facts())
    for sort in SORTS:
        await house.put(f"/{sort}/7", BODIES[sort])
        shown = await house.get(f"/{sort}/7")
        await house.put(f"/{sort}/7", {k: v for k, v in shown.items() if k not in GIVEN_ONLY})
    assert await look(lambda seen: seen.facts()) == before


GIVEN_ONLY = {"number", "notice"}


async def test_a_quota_below_what_is_lent_takes_nothing_away_and_says_so(house: TestHouse) -> None:
    till = await house.till()
    first = await house.put("/products/1", BODIES["products"] | {"stock": 800})
    assert first["notice"] == ""
    await house.level(till)
    answered = await house.put("/products/1", BODIES["products"] | {"stock": 3})
    assert answered["stock"] == 3
    assert "Nothing is taken away" in answered["notice"]
    shown = await house.get("/products/1")
    assert shown["notice"] == ""


async def test_windows_of_a_product_that_overlap_are_refused(house: TestHouse) -> None:
    windows = [
        {"from_minute": 600, "until_minute": 700, "price": 400},
        {"from_minute": 650, "until_minute": 720, "price": 300},
    ]
    refused = await house.ask("PUT", "/products/1", BODIES["products"] | {"windows": windows})
    assert refused.status == 422
    assert "overlap" in refused.body["title"]


async def test_an_eleventh_category_is_refused_and_nothing_of_it_stays(house: TestHouse) -> None:
    for number in range(10):
        body = BODIES["products"] | {"category": f"C{number}"}
        await house.put(f"/products/{number + 1}", body)
    refused = await house.ask("PUT", "/products/11", BODIES["products"] | {"category": "More"})
    assert (refused.status, refused.body["code"]) == (422, "invalid")
    assert (await house.ask("GET", "/products/11")).status == 404


async def test_a_long_list_is_read_page_by_page(house: TestHouse) -> None:
    for number in range(2, 8):
        await house.put(f"/zones/{number}", {"name": f"Zone {number}"})
    seen, after = [], ""
    while True:
        page = await house.get(f"/zones?limit=3{after}")
        seen += [one["number"] for one in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == [1, 2, 3, 4, 5, 6, 7]
    assert (await house.ask("GET", "/zones?after=x")).status == 422
    assert (await house.ask("GET", "/zones?limit=0")).wrong == ["limit"]
    assert (await house.ask("GET", "/zones?colour=red")).wrong == ["colour"]


async def test_things_that_commands_stated_are_shown_and_can_be_changed(house: TestHouse) -> None:
    rows: list[dict[str, object]] = [
        {"kind": "zone", "zone": 9, "name": "Old"},
        {"kind": "type", "type": 9, "name": "Old type", "window": [60, 120]},
        {"kind": "product", "product": 9, "price": 100},
        {"kind": "voucher", "voucher": 9},
    ]
    await house.opened().desk.writer.do(lambda office: state(office, rows))
    assert (await house.get("/zones/9"))["name"] == "Old"
    assert (await house.get("/products/9"))["price"] == 100
    shown = await house.get("/ticket-types/9")
    assert (shown["visibility"], shown["price"]) == ("internal", 0)
    assert shown["window"] == {"from_minute": 60, "until_minute": 120}
    for path in ("/zones/9", "/ticket-types/9", "/products/9", "/vouchers/9"):
        assert (await house.ask("DELETE", path)).status == 204
        await house.post(f"{path}/restore")
    assert (await house.get("/ticket-types/9")) == shown


async def test_every_version_of_what_the_office_keeps_says_who_said_it(house: TestHouse) -> None:
    await house.put("/ticket-types/1", {"name": "Weekend", "price": 100})
    await house.put("/ticket-types/1", {"name": "Weekend", "price": 200})
    versions = await house.opened().desk.look(
        lambda seen: sight_in(seen).details.versions("type", "1")
    )
    assert [(one.version, one.words["price"]) for one in versions] == [(2, 200), (1, 100)]
    assert {one.said_by for one in versions} == {f"organiser-{'a' * 32}"}


async def offer_of(house: TestHouse, number: int) -> Offer | None:
    return await house.opened().desk.look(
        lambda seen: OfferBook(seen.connection, seen.festival).one(number)
    )


async def test_orders_sell_a_ticket_type_as_it_says_and_no_deleted_or_internal_one(
    house: TestHouse,
) -> None:
    body = {
        "name": "Weekend", "price": 8_900, "vat": 550, "on_sale_from_ms": 5,
        "on_sale_until_ms": 9, "per_order_max": 4,
    }  # fmt: skip
    put = await house.put("/ticket-types/1", body)
    assert await offer_of(house, 1) == Offer(1, 8_900, 550, 5, 9, 4)
    assert (await house.ask("DELETE", "/ticket-types/1")).status == 204
    assert await offer_of(house, 1) is None
    (gone,) = (await house.get("/ticket-types?deleted=true"))["items"]
    assert gone == put
    assert await house.post("/ticket-types/1/restore") == put
    assert await offer_of(house, 1) == Offer(1, 8_900, 550, 5, 9, 4)
    await house.put("/ticket-types/1", body | {"visibility": "hidden"})
    hidden = await offer_of(house, 1)
    assert hidden is not None
    assert not hidden.is_visible
    internal = await house.put("/ticket-types/1", body | {"visibility": "internal"})
    assert (internal["price"], await offer_of(house, 1)) == (8_900, None)


@pytest.mark.parametrize(
    "times",
    [{"valid_from": 9, "valid_until": 9}, {"valid_from": 9, "valid_until": 8},
     {"on_sale_from_ms": 9, "on_sale_until_ms": 9}],
)  # fmt: skip
async def test_a_ticket_type_that_could_never_be_issued_or_sold_is_refused(
    house: TestHouse, times: dict[str, int]
) -> None:
    refused = await house.ask("PUT", "/ticket-types/1", {"name": "Weekend"} | times)
    assert (refused.status, refused.body["code"]) == (422, "invalid")


async def test_what_orders_set_for_a_ticket_type_is_shown(house: TestHouse) -> None:
    await house.put("/ticket-types/1", {"name": "Weekend", "visibility": "internal"})

    def job(office: Office) -> None:
        OfferBook(office.store.connection, house.festival).put(Offer(1, 500, 0, 0, 0, 2))

    await house.opened().desk.writer.do(job)
    shown = await house.get("/ticket-types/1")
    assert (shown["price"], shown["visibility"], shown["per_order_max"]) == (500, "public", 2)


async def test_a_ticket_type_stays_while_tickets_of_it_are_out(house: TestHouse) -> None:
    await house.put("/ticket-types/1", {"name": "Weekend", "quota": 10})
    taken = await house.opened().desk.writer.do(lambda office: take_all(office, {1: 3}))
    assert taken is None
    refused = await house.ask("DELETE", "/ticket-types/1")
    assert refused.status == 409
    assert "3 tickets of it were handed out" in refused.body["title"]
    below = await house.put("/ticket-types/1", {"name": "Weekend", "quota": 2})
    assert "3 are used or lent" in below["notice"]


async def test_numbers_that_the_office_books_under_itself_are_nobody_s(house: TestHouse) -> None:
    for path in ("/bars/0", "/products/0", f"/products/{ONLINE_PRODUCTS_FROM}"):
        sort = path.split("/")[1]
        refused = await house.ask("PUT", path, BODIES[sort])
        assert (refused.status, refused.body["code"]) == (422, "invalid")
    await house.put("/products/4294901759", BODIES["products"])
    assert (await house.post("/products", BODIES["products"]))["number"] == 1
