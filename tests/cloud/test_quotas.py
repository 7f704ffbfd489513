"""What an operator says of quotas, sees of them, and takes back from a terminal that is lost."""

import json
from pathlib import Path
from typing import Any

import pytest

from cloud.festivals.statements import BadStatement
from cloud.limits import SILENT_AFTER_S
from cloud.settings import open_office as reopen
from cloud.store.look import look
from sync import allotments, catalogue
from sync.conflicts import ConflictKind, conflicts
from sync.facts import QuotaSet
from sync.names import Area
from tests.cloud.cashless.asking import ask
from tests.cloud.facts import admitted, left, sold
from tests.cloud.offices import TestOffice, open_office
from tests.cloud.test_commands import folder, run, serving
from tests.cloud.test_parts import wants

__all__ = ["folder"]

BEER = (4, 1)
ZONE = {"kind": "zone", "zone": 1, "name": "Field", "capacity": 80}
PRODUCT = {"kind": "product", "product": 1, "name": "Beer", "price": 300}
QUOTA = {"kind": "quota", "product": 1, "capacity": 40}


async def row(office: TestOffice, word: str) -> dict[str, Any]:
    """Return how a quota is shown to programs."""
    summary = await office.get("/api/v1/summary")
    (found,) = [one for one in summary["quotas"] if one["resource"] == word]
    return dict(found)


async def refused(office: TestOffice, statement: dict[str, Any]) -> str:
    """Return why a statement is not made."""
    try:
        result = await office.state(statement)
    except BadStatement as trouble:
        return str(trouble)
    assert isinstance(result, BadStatement)
    return str(result)


async def test_a_quota_is_stated_for_what_is_known_and_counts_up(tmp_path: Path) -> None:
    types = {"kind": "type", "type": 2, "name": "Day"}
    vouchers = {"kind": "voucher", "voucher": 7, "name": "Meal"}
    async with open_office(tmp_path, PRODUCT, types, vouchers, QUOTA) as office:
        await office.state(
            QUOTA | {"capacity": 50},
            {"kind": "quota", "ticket_type": 2, "capacity": 9},
            {"kind": "quota", "voucher": 7, "capacity": None},
        )
        assert await office.do(lambda o: catalogue.quotas(o.cells)) == [
            QuotaSet(2, 2, 1, 9), QuotaSet(3, 7, 1, None), QuotaSet(4, 1, 2, 50),
        ]  # fmt: skip


@pytest.mark.parametrize(
    "statement, word",
    [({"product": 1}, "capacity"),
     ({"capacity": 5}, "name one"),
     ({"capacity": 5, "product": 1, "voucher": 7}, "name one"),
     ({"capacity": 5, "product": 2}, "no product 2"),
     ({"capacity": 5, "voucher": 2}, "no voucher 2"),
     ({"capacity": 5, "ticket_type": 2}, "no ticket type 2"),
     ({"capacity": -1, "product": 1}, "capacity"),
     ({"capacity": "5", "product": 1}, "capacity"),
     ({"capacity": 5, "product": "1"}, "product"),
     ({"capacity": 5, "zone": 1}, "zone")],
)  # fmt: skip
async def test_a_quota_that_makes_no_sense_is_refused(
    tmp_path: Path, statement: dict[str, Any], word: str
) -> None:
    async with open_office(tmp_path, PRODUCT) as office:
        assert word in await refused(office, {"kind": "quota"} | statement)


async def test_programs_see_capacity_use_what_is_lent_and_what_is_out_of_reach(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path, ZONE, PRODUCT) as office:
        till, other = await office.bar(), await office.bar("Far", seed=22)
        gate = await office.gate()
        await office.state(QUOTA)
        await office.level(till, other, gate)
        till.say(sold(5, 300, quantity=2))
        gate.say(admitted(1))
        await office.level(till, gate)
        assert await row(office, "product") == {
            "resource": "product", "number": 1, "name": "Beer", "capacity": 40, "used": 2,
            "lent": 10, "locked": 0, "part": 4,
        }  # fmt: skip
        places = await row(office, "zone")
        assert (places["name"], places["used"], places["lent"]) == ("Field", 1, 40)
        office.now_ms += (SILENT_AFTER_S + 1) * 1_000
        await office.level(till)
        assert (await row(office, "product"))["locked"] == 5
        assert (await row(office, "zone"))["locked"] == 39


async def test_the_page_shows_quotas_in_both_languages(tmp_path: Path) -> None:
    async with open_office(tmp_path, PRODUCT | {"name": "<Beer>"}, QUOTA) as office:
        for language, word in (("en", "Out of reach"), ("fr", "Hors d’atteinte")):
            url = f"{office.url}/?lang={language}"
            async with office.session.get(url, headers=office.bearer) as answer:
                page = await answer.text()
            assert word in page
            assert "&lt;Beer&gt;" in page


async def test_what_a_lost_terminal_holds_is_taken_back_for_others(tmp_path: Path) -> None:
    async with open_office(tmp_path, ZONE, PRODUCT) as office:
        till, _ = await office.bar("Lost"), await office.bar("Main", seed=22)
        await office.state(QUOTA)
        await office.gate("Lost gate")
        await office.level(till)
        asked = {"kind": "write_off", "terminal": "Lost"}
        assert "holds nothing of zone 1" in await refused(office, asked | {"zone": 1})
        assert "holds nothing of voucher 7" in await refused(office, asked | {"voucher": 7})
        assert "name one" in await refused(office, asked | {"voucher": 7, "product": 1})
        result = await office.state(asked | {"product": 1})
        assert (result["units_written_off"], result["minor_written_off"]) == (5, 0)
        held = await office.do(lambda o: allotments.holding(o.cells, BEER, till.terminal))
        assert (held.allotted, held.held) == (5, 0)
        part = await ask(office, till, wants(BEER, 1))
        assert part.granted == 1
        assert "no terminal" in await refused(office, asked | {"terminal": "Nobody"})


async def test_a_terminal_that_spends_what_was_taken_back_is_found(tmp_path: Path) -> None:
    async with open_office(tmp_path, PRODUCT) as office:
        till, _ = await office.bar("Lost"), await office.bar("Main", seed=22)
        await office.state(QUOTA)
        await office.level(till)
        await office.state({"kind": "write_off", "terminal": "Lost", "product": 1})
        till.say(sold(5, 300, quantity=5))
        await office.level(till)
        found = await office.do(lambda o: conflicts(o.cells, Area.MONEY))
        assert ConflictKind.ALLOTMENT_SPENT_TWICE in {one.kind for one in found}
        told = (await office.get("/api/v1/summary"))["conflicts"]
        sentences = [one["sentence_en"] for one in told if "twice" in one["kind"]]
        assert any("more of product 1" in sentence for sentence in sentences)


async def test_a_place_freed_at_a_gate_that_was_revoked_and_written_off_is_lent_anew(
    tmp_path: Path,
) -> None:
    async with open_office(tmp_path, ZONE | {"capacity": 8}) as office:
        north, south = await office.gate(), await office.gate("South", seed=12)
        await office.level(north, south)
        admission = north.say(admitted(1))[0]
        await office.level(north, south)
        await office.state({"kind": "revoke", "terminal": "North", "write_off": True})
        before = await row(office, "zone")
        south.say(left(1, admission.id))
        await office.level(south)
        after = await row(office, "zone")
        assert (before["used"], after["used"], after["locked"]) == (1, 0, 0)


# --- commands ---


def quotas_of(office: Path) -> list[QuotaSet]:
    with look(office, reopen(office).festival) as seen:
        return catalogue.quotas(seen.cells)


def test_quotas_are_stated_by_command_alone_and_through_the_office_that_runs(folder: Path) -> None:
    run("product", folder, "--product", "1", "--name", "Beer", "--ticket-type", "2")
    run("voucher", folder, "--voucher", "7")
    assert run("quota", folder, "--voucher", "7", "--capacity", "500").stdout == "stated\n"
    with serving(folder):
        run("quota", folder, "--product", "1", "--capacity", "40")
        run("quota", folder, "--voucher", "7", "--no-capacity")
    assert quotas_of(folder) == [QuotaSet(3, 7, 2, None), QuotaSet(4, 1, 1, 40)]
    run("product", folder, "--product", "1", "--no-ticket-type")
    with look(folder, reopen(folder).festival) as seen:
        beer = catalogue.product(seen.cells, 1)
    assert beer is not None
    assert beer.ticket_type is None


def test_a_write_off_says_how_much_it_took_back(folder: Path, tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    lines.write_text(json.dumps(ZONE) + "\n" + json.dumps(PRODUCT))
    run("say", folder, lines)
    done = run("write-off", folder, "--terminal", "North", check=False)
    assert done.returncode == 1
    assert "no terminal is called 'North'" in done.stderr


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "words",
    [("quota", "--product", "1"),
     ("quota", "--capacity", "5"),
     ("quota", "--product", "1", "--voucher", "7", "--capacity", "5"),
     ("quota", "--product", "1", "--capacity", "5", "--no-capacity"),
     ("write-off", "--terminal", "North", "--zone", "1", "--product", "1")],
)  # fmt: skip
def test_words_that_make_no_sense_are_refused(folder: Path, words: tuple[str, ...]) -> None:
    done = run(words[0], folder, *words[1:], check=False)
    assert done.returncode == 2
    assert done.stderr
