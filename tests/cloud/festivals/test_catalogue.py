"""Zones, gates, ticket types, bars, products and vouchers over the API, and what terminals hear."""

from typing import Any

import pytest

from sync import catalogue
from sync.facts import ResourceKind
from tests.cloud.houses import TestHouse

BODIES: dict[str, dict[str, Any]] = {
    "zones": {"name": "Field", "capacity": 6000, "description": "The whole site"},
    "gates": {"name": "North", "zone": 1},
    "ticket-types": {"name": "Weekend", "price": 8900, "vat": 550, "quota": 500},
    "bars": {"name": "Main bar"},
    "products": {"name": "Beer", "price": 480, "vat": 2000, "deposit": 200, "category": "Beer"},
    "vouchers": {"name": "Crew drink", "worth": 0, "quota": 300},
}
SORTS = list(BODIES)


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
    ("ticket-types", "window", {"from_minute": 5, "until_minute": 5}),
    ("ticket-types", "window", {"from_minute": 1440, "until_minute": 0}),
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


@pytest.mark.one_engine  # nothing is stored
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
