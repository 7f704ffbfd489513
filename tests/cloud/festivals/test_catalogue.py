"""Zones, gates, ticket types, bars, products and vouchers over the API, and what terminals hear."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cloud.cashless.online import ONLINE_PRODUCTS_FROM
from cloud.office import Office
from cloud.orders.counter import take_places
from cloud.store.orders import Offer, OfferBook
from sync import catalogue
from sync.facts import ResourceKind
from tests.cloud.houses import TestHouse, open_house

BODIES: dict[str, dict[str, Any]] = {
    "zones": {"name": "Field", "capacity": 6000, "description": "The whole site"},
    "gates": {"name": "North", "zone": 1},
    "ticket-types": {"name": "Weekend", "price": 8900, "vat": 550, "quota": 500},
    "bars": {"name": "Main bar"},
    "products": {"name": "Beer", "price": 480, "vat": 2000, "deposit": 200, "category": "Beer"},
    "vouchers": {"name": "Crew drink", "worth": 0, "quota": 300},
}
SORTS = list(BODIES)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[TestHouse]:
    async with open_house(tmp_path) as house:
        await house.found()
        await house.put("/zones/1", {"name": "Site"})
        await house.put("/bars/1", {"name": "Bar one"})
        yield house


@pytest.mark.parametrize("sort", SORTS)
async def test_what_was_put_is_shown_and_listed(house: TestHouse, sort: str) -> None:
    put = await house.put(f"/{sort}/7", BODIES[sort])
    assert put["number"] == 7
    assert {name: put[name] for name in BODIES[sort]} == BODIES[sort]
    assert await house.get(f"/{sort}/7") == put
    listed = await house.get(f"/{sort}")
    assert put in listed["items"]
    assert listed["next"] is None


@pytest.mark.parametrize("sort", SORTS)
async def test_what_is_made_without_a_number_gets_the_next_free_one(
    house: TestHouse, sort: str
) -> None:
    await house.put(f"/{sort}/40", BODIES[sort] | {"name": "Forty"})
    made = await house.ask("POST", f"/{sort}", BODIES[sort] | {"name": "Next"})
    assert made.status == 201
    assert made.body["number"] == 41
    assert (await house.ask("DELETE", f"/{sort}/41")).status == 204
    assert (await house.post(f"/{sort}", BODIES[sort] | {"name": "After"}))["number"] == 42


@pytest.mark.parametrize("sort", SORTS)
async def test_what_was_deleted_is_hidden_and_comes_back_as_it_was(
    house: TestHouse, sort: str
) -> None:
    put = await house.put(f"/{sort}/7", BODIES[sort])
    assert (await house.ask("DELETE", f"/{sort}/7")).status == 204
    assert (await house.ask("GET", f"/{sort}/7")).status == 404
    assert (await house.ask("DELETE", f"/{sort}/7")).status == 404
    assert 7 not in [one["number"] for one in (await house.get(f"/{sort}"))["items"]]
    gone = (await house.get(f"/{sort}?deleted=true"))["items"]
    assert [one["number"] for one in gone] == [7]
    refused = await house.ask("PUT", f"/{sort}/7", BODIES[sort])
    assert (refused.status, refused.body["code"]) == (409, "deleted")
    assert await house.post(f"/{sort}/7/restore") == put
    assert await house.get(f"/{sort}/7") == put
    again = await house.ask("POST", f"/{sort}/7/restore")
    assert (again.status, again.body["code"]) == (409, "not_deleted")
    assert (await house.ask("POST", f"/{sort}/8/restore")).status == 404


@pytest.mark.parametrize("sort", SORTS)
async def test_a_change_against_an_older_reading_is_refused(house: TestHouse, sort: str) -> None:
    await house.put(f"/{sort}/7", BODIES[sort])
    tag = (await house.ask("GET", f"/{sort}/7")).headers["ETag"]
    renamed = BODIES[sort] | {"name": "Renamed"}
    await house.put(f"/{sort}/7", renamed, If_Match=tag)
    for method in ("PUT", "DELETE"):
        body = BODIES[sort] if method == "PUT" else None
        stale = await house.ask(method, f"/{sort}/7", body, If_Match=tag)
        assert (stale.status, stale.body["code"]) == (412, "changed_meanwhile")
    assert (await house.get(f"/{sort}/7"))["name"] == "Renamed"
    new = await house.ask("PUT", f"/{sort}/7", BODIES[sort], If_None_Match="*")
    assert (new.status, new.body["code"]) == (412, "exists_already")
    assert (await house.ask("PUT", f"/{sort}/8", renamed, If_Match=tag)).status == 412
    fresh = (await house.ask("GET", f"/{sort}/7")).headers["ETag"]
    assert (await house.ask("DELETE", f"/{sort}/7", If_Match=fresh)).status == 204


@pytest.mark.parametrize("sort", SORTS)
async def test_another_festival_s_numbers_are_untouched(house: TestHouse, sort: str) -> None:
    first = house.festival
    await house.put(f"/{sort}/7", BODIES[sort])
    second = await house.found("Winter")
    await house.put("/zones/1", {"name": "Hall"})
    await house.put(f"/{sort}/7", BODIES[sort] | {"name": "Other"})
    assert (await house.get(f"/{sort}/7", festival=first))["name"] == BODIES[sort]["name"]
    assert (await house.ask("DELETE", f"/{sort}/7", festival=second)).status == 204
    assert (await house.get(f"/{sort}/7", festival=first))["name"] == BODIES[sort]["name"]


@pytest.mark.parametrize("sort", SORTS)
async def test_nobody_else_reaches_it_and_only_organisers_change_it(
    house: TestHouse, sort: str
) -> None:
    await house.put(f"/{sort}/7", BODIES[sort])
    for by, status in {"": 401, "nobody": 401, "other": 404, "guest": 403}.items():
        assert (await house.ask("GET", f"/{sort}/7", by=by)).status == status
        assert (await house.ask("PUT", f"/{sort}/7", BODIES[sort], by=by)).status == status
    for by in ("agent", "cashier", "technician"):
        assert (await house.ask("GET", f"/{sort}/7", by=by)).status == 200
        for method in ("PUT", "DELETE"):
            body = BODIES[sort] if method == "PUT" else None
            assert (await house.ask(method, f"/{sort}/7", body, by=by)).status == 403


WRONG = [
    ("zones", "capacity", 1.5),
    ("zones", "capacity", -1),
    ("zones", "capacity", 10**6 + 1),
    ("zones", "capacity", "10"),
    ("zones", "name", ""),
    ("zones", "name", "x" * 81),
    ("zones", "colour", "red"),
    ("ticket-types", "price", 89.0),
    ("ticket-types", "price", -1),
    ("ticket-types", "price", 10**12 + 1),
    ("ticket-types", "price", 1 << 70),
    ("ticket-types", "price", "8900"),
    ("ticket-types", "price", True),
    ("ticket-types", "vat", 10_000),
    ("ticket-types", "quota", -1),
    ("ticket-types", "usage_limit", 65_536),
    ("ticket-types", "group_max", 0),
    ("ticket-types", "zones", [99]),
    ("ticket-types", "zones.0", [-1]),
    ("ticket-types", "visibility", "secret"),
    ("ticket-types", "window.from_minute", {"from_minute": 1441, "until_minute": 3}),
    ("ticket-types", "note", "x" * 121),
    ("products", "price", 4.8),
    ("products", "price", -480),
    ("products", "deposit", 10**12 + 1),
    ("products", "half", -1),
    ("products", "bars", [99]),
    ("products", "ticket_type", 99),
    ("products", "windows.0.price", [{"from_minute": 0, "until_minute": 9, "price": -1}]),
    ("vouchers", "worth", 0.5),
    ("vouchers", "products", [99]),
    ("gates", "zone", 99),
    ("gates", "types", [99]),
    ("bars", "name", 7),
]


@pytest.mark.parametrize("sort,where,value", WRONG)
async def test_a_wrong_field_is_named_and_nothing_happens(
    house: TestHouse, sort: str, where: str, value: object
) -> None:
    body = BODIES[sort] | {where.partition(".")[0]: value}
    refused = await house.ask("PUT", f"/{sort}/7", body)
    assert (refused.status, refused.wrong) == (422, [where])
    assert (await house.ask("GET", f"/{sort}/7")).status == 404


async def test_a_gate_hears_of_zones_and_ticket_types_with_its_next_exchange(
    house: TestHouse,
) -> None:
    gate = await house.gate()
    await house.put("/zones/2", {"name": "Backstage", "capacity": 200})
    rules = {"daily_limit": 4, "zones": [2, 1, 2], "age": 16, "note": "Check the ID"}
    window = {"from_minute": 600, "until_minute": 120}
    await house.put("/ticket-types/3", BODIES["ticket-types"] | rules | {"window": window})
    await house.level(gate)
    cells = gate.shelf.cells
    zone, heard = catalogue.zone(cells, 2), catalogue.ticket_type(cells, 3)
    assert zone is not None
    assert (zone.name, zone.capacity) == ("Backstage", 200)
    assert heard is not None
    assert (heard.name, heard.zones, heard.window) == ("Weekend", (1, 2), (600, 120))
    assert (heard.daily_limit, heard.age, heard.note) == (4, 16, "Check the ID")
    quota = catalogue.quota(cells, int(ResourceKind.TICKET_TYPE), 3)
    assert quota is not None
    assert quota.capacity == 500


async def test_a_till_hears_of_products_and_sells_no_deleted_one(house: TestHouse) -> None:
    till = await house.till()
    windows = [{"from_minute": 1020, "until_minute": 1140, "price": 400}]
    body = BODIES["products"] | {"windows": windows, "bars": [1], "half": 280, "stock": 900}
    await house.put("/products/1", body)
    await house.put("/vouchers/1", BODIES["vouchers"] | {"products": [1]})
    await house.level(till)
    beer = catalogue.product(till.shelf.cells, 1)
    assert beer is not None
    assert (beer.price, beer.windows, beer.bars) == (480, ((1020, 1140, 400),), (1,))
    assert (beer.half, beer.double, beer.on_sale) == (280, None, True)
    stock = catalogue.quota(till.shelf.cells, int(ResourceKind.STOCK), 1)
    assert stock is not None
    assert stock.capacity == 900
    assert (await house.ask("DELETE", "/products/1")).status == 409
    assert (await house.ask("DELETE", "/vouchers/1")).status == 204
    assert (await house.ask("DELETE", "/products/1")).status == 204
    await house.level(till)
    beer = catalogue.product(till.shelf.cells, 1)
    assert beer is not None
    assert not beer.on_sale
    vouchers = catalogue.quota(till.shelf.cells, int(ResourceKind.VOUCHER), 1)
    assert vouchers is not None
    assert vouchers.capacity == 0
    await house.post("/products/1/restore")
    await house.post("/vouchers/1/restore")
    await house.level(till)
    beer = catalogue.product(till.shelf.cells, 1)
    vouchers = catalogue.quota(till.shelf.cells, int(ResourceKind.VOUCHER), 1)
    assert beer is not None
    assert beer.on_sale
    assert vouchers is not None
    assert vouchers.capacity == 300


async def test_a_product_that_was_not_on_sale_is_not_on_sale_when_it_is_restored(
    house: TestHouse,
) -> None:
    await house.put("/products/1", BODIES["products"] | {"on_sale": False})
    assert (await house.ask("DELETE", "/products/1")).status == 204
    assert (await house.post("/products/1/restore"))["on_sale"] is False


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
    from cloud.festivals.service import state

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
    from cloud.festivals.sight import sight_in

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


async def test_what_orders_set_for_a_ticket_type_is_shown(house: TestHouse) -> None:
    await house.put("/ticket-types/1", {"name": "Weekend", "visibility": "internal"})

    def job(office: Office) -> None:
        OfferBook(office.store.connection, house.festival).put(Offer(1, 500, 0, 0, 0, 2))

    await house.opened().desk.writer.do(job)
    shown = await house.get("/ticket-types/1")
    assert (shown["price"], shown["visibility"], shown["per_order_max"]) == (500, "public", 2)


async def test_a_ticket_type_stays_while_tickets_of_it_are_out(house: TestHouse) -> None:
    await house.put("/ticket-types/1", {"name": "Weekend", "quota": 10})
    taken = await house.opened().desk.writer.do(lambda office: take_places(office, 1, 3))
    assert taken is None
    refused = await house.ask("DELETE", "/ticket-types/1")
    assert refused.status == 409
    assert "3 tickets of it were handed out" in refused.body["title"]
    below = await house.put("/ticket-types/1", {"name": "Weekend", "quota": 2})
    assert "3 are used or lent" in below["notice"]


async def test_numbers_that_the_office_books_under_itself_are_nobody_s(house: TestHouse) -> None:
    for path in ("/bars/0", f"/products/{ONLINE_PRODUCTS_FROM}"):
        sort = path.split("/")[1]
        refused = await house.ask("PUT", path, BODIES[sort])
        assert (refused.status, refused.body["code"]) == (422, "invalid")
    await house.put("/products/4294901759", BODIES["products"])
    assert (await house.post("/products", BODIES["products"]))["number"] == 1
