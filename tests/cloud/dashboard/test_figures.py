"""A festival's figures over the API: the same as the live page's, for whoever may see them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sync.facts import ShiftClosed, ShiftOpened
from tests.cloud.box import Box
from tests.cloud.facts import admitted, sold, topped_up
from tests.cloud.houses import TestHouse, open_house

WALLET = (1 << 63) + 5


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[TestHouse]:
    async with open_house(tmp_path) as house:
        await house.found()
        await house.put("/zones/1", {"name": "Site", "capacity": 400})
        await house.put("/bars/1", {"name": "Bar"})
        await house.put("/products/1", {"name": "Beer", "price": 480, "stock": 100})
        yield house


async def a_day(house: TestHouse) -> tuple[Box, Box]:
    """Let a gate admit and a till sell, one ticket twice and one wallet too far."""
    north, till = await house.gate(), await house.till()
    south = await house.gate("South", seed=12)
    north.say(admitted(1 << 60), admitted(2))
    south.say(admitted(1 << 60))
    till.say(ShiftOpened(1, 1, (1 << 63) + 9, 10_000))
    till.say(topped_up(WALLET, 1_000), sold(WALLET, 480, 2), sold(WALLET, 480, 1, sale=2))
    till.say(ShiftClosed(1, 1, 77, 11_000, till.pen.next_number - 1, None, 11_000))
    await house.level(north, south, till)
    return north, till


async def test_the_summary_shows_what_the_live_page_shows(house: TestHouse) -> None:
    north, _ = await a_day(house)
    shown = await house.get("/summary")
    assert shown["inside"] == {"1": 3}
    assert shown["gates"]["North"] == {"admitted": 2, "left": 0, "refused": {}}
    assert shown["bars"]["Till"]["sold_minor"] == 3 * 480
    assert shown["money_sum_minor"] == 0
    assert shown["overspend_minor"] == 440
    assert shown["wallets"] == {"count": 1, "total_minor": -440}
    assert {one["resource"] for one in shown["quotas"]} == {"zone", "product"}
    assert shown["authority"]["name"] == "the office"
    assert shown["hashes"] == await house.get("/hashes")
    await house.level(north)
    terminals = {one["name"]: one for one in shown["terminals"]}
    assert terminals["North"]["state"] == "heard"


async def test_conflicts_are_listed_with_a_sentence_in_both_languages(house: TestHouse) -> None:
    await a_day(house)
    shown = await house.get("/conflicts")
    kinds = {one["kind"] for one in shown["items"]}
    assert {"second_admission", "overspent_wallet"} <= kinds
    assert all(one["sentence_en"] and one["sentence_fr"] for one in shown["items"])
    assert len(shown["items"]) == (await house.get("/summary"))["conflicts_count"]
    first = await house.get("/conflicts?limit=1")
    rest = await house.get(f"/conflicts?after={first['next']}")
    assert first["items"] + rest["items"] == shown["items"]


async def test_a_shift_is_shown_with_what_it_comes_to(house: TestHouse) -> None:
    _, till = await a_day(house)
    (row,) = (await house.get("/shifts"))["items"]
    assert (row["complete"], row["difference_minor"]) == (True, 0)
    assert row["opened_by"] == str((1 << 63) + 9)
    shown = await house.get(f"/shifts/{till.terminal.hex()}/1")
    assert {name: value for name, value in shown.items() if name != "totals"} == row
    totals = shown["totals"]
    assert (totals["sales"], totals["top_ups"], totals["gross_minor"]) == (2, 1, 1_440)
    assert totals["by_vat"] == [
        {"vat": 2000, "gross_minor": 1_440, "net_minor": 1_200, "vat_minor": 240}
    ]
    assert totals["by_method"] == [{"method": "wallet", "minor": 1_440}]
    assert totals["topped_up"] == [{"method": "cash", "minor": 1_000}]
    assert totals["expected_minor"] == 11_000
    assert (await house.ask("GET", f"/shifts/{till.terminal.hex()}/2")).status == 404
    assert (await house.ask("GET", "/shifts/x/1")).status == 404


async def test_a_wallet_is_shown_by_its_number_of_64_bits(house: TestHouse) -> None:
    await a_day(house)
    shown = await house.get(f"/wallets/{WALLET}", by="cashier")
    assert (shown["wallet"], shown["balance_minor"]) == (str(WALLET), -440)
    assert (await house.get("/wallets/9"))["balance_minor"] == 0
    for wrong in ("-1", "1.5", "x", str(1 << 64)):
        assert (await house.ask("GET", f"/wallets/{wrong}")).status == 404


async def test_only_who_may_sees_figures(house: TestHouse) -> None:
    paths = ["/summary", "/hashes", "/conflicts", "/shifts", f"/shifts/{'0' * 32}/1"]
    for path in paths:
        for by, status in {"": 401, "other": 404, "agent": 403, "guest": 403}.items():
            assert (await house.ask("GET", path, by=by)).status == status
    assert (await house.ask("GET", "/wallets/1", by="agent")).status == 403
    assert (await house.ask("GET", "/wallets/1", by="other")).status == 404
