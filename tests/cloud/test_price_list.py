import json
from pathlib import Path
from typing import Any

import pytest

from cloud.festivals.statements import BadStatement
from cloud.settings import open_office as reopen
from cloud.store.look import look
from sync import catalogue
from sync.codes import CodeKind, Ticket, open_code
from sync.facts import ProductSet, VoucherSet
from sync.short_number import read_short_number
from tests.cloud.offices import TestOffice, open_office
from tests.cloud.test_commands import run

PINT: dict[str, object] = {"kind": "product", "product": 1, "name": "Pint", "price": 500}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "office"
    run("init", place, "--festival", "7", "--name", "Été", "--time-zone", "Europe/Paris")
    return place


def product_in(folder: Path, number: int = 1) -> ProductSet:
    with look(folder, reopen(folder).festival) as seen:
        found = catalogue.product(seen.cells, number)
    assert found is not None
    return found


async def refusal(office: TestOffice, *rows: dict[str, object]) -> str:
    """Return the sentence with which the office refuses rows, having stated none of them."""
    before = await office.do(lambda o: catalogue.office_version(o.cells))
    try:
        result: Any = await office.state(*rows)
    except BadStatement as trouble:
        result = trouble
    assert isinstance(result, BadStatement)
    assert await office.do(lambda o: catalogue.office_version(o.cells)) == before
    return str(result)


def test_a_product_gets_measures_windows_and_bars_and_loses_them_again(folder: Path) -> None:
    words = ["product", str(folder), "--product", "1"]
    run(*words, "--name", "Pint", "--price", "5.00", "--deposit", "1.00")
    run(*words, "--half", "2.60", "--double", "9.00", "--mixer", "1.50", "--bars", "1,2")
    run(*words, "--window", "17:00-19:00=4.00", "--window", "23:00-01:30=6.00")
    found = product_in(folder)
    assert (found.price, found.half, found.double, found.mixer) == (500, 260, 900, 150)
    assert (found.windows, found.bars) == (((1020, 1140, 400), (1380, 90, 600)), (1, 2))
    run(*words, "--no-half", "--no-double", "--no-mixer", "--no-windows", "--every-bar")
    found = product_in(folder)
    assert found == ProductSet(1, 4, "Pint", "", 500, 0, 100, 0, on_sale=True)


def test_a_voucher_says_what_it_pays_and_its_codes_name_it(folder: Path) -> None:
    run("voucher", folder, "--voucher", "3", "--name", "Crew meal", "--worth", "9.00")
    run("voucher", folder, "--voucher", "3", "--products", "4,5")
    line = run("issue", folder, "--kind", "voucher", "--type", "3").stdout
    with look(folder, reopen(folder).festival) as seen:
        found = catalogue.voucher(seen.cells, 3)
        keys = catalogue.issuing_keys(seen.cells)
    assert found == VoucherSet(3, 2, "Crew meal", 900, (4, 5))
    ticket = open_code(line.strip().split("\t")[1], keys, 7)
    assert isinstance(ticket, Ticket)
    assert (ticket.kind, ticket.type) == (CodeKind.VOUCHER, 3)


def test_wristbands_are_issued_with_the_number_that_people_type(folder: Path) -> None:
    words = ("issue", folder, "--kind", "wristband", "--count", "20", "--short-numbers")
    for line in run(*words).stdout.splitlines():
        serial, _, number = line.split("\t")
        assert read_short_number(number) == int(serial) >> 31
    done = run("issue", folder, "--kind", "ticket", "--short-numbers", check=False)
    assert (done.returncode, "only wristbands" in done.stderr) == (2, True)


def test_a_policy_may_lock_tills_by_themselves(folder: Path) -> None:
    run("policy", folder, "--set", "auto_lock_seconds=120")
    with look(folder, reopen(folder).festival) as seen:
        assert catalogue.policy(seen.cells).auto_lock_seconds == 120


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "words,said",
    [
        (["--price", "-1.00"], "less than nothing"),
        (["--half", "-0.01"], "less than nothing"),
        (["--half", "1.00", "--no-half"], "half is given and taken away"),
        (["--bars", "1", "--every-bar"], "bars is given and taken away"),
        (["--window", "17:00=4.00"], "17:00-19:00=4.00"),
        (["--window", "17:00-25:00=4.00"], "17:00-19:00=4.00"),
        (["--window", "17:60-19:00=4.00"], "17:00-19:00=4.00"),
        (["--window", "1700-1900=4.00"], "17:00-19:00=4.00"),
        (["--window", "17:00-19:00=cheap"], "17:00-19:00=4.00"),
        (["--window", "17:00-19:00"], "17:00-19:00=4.00"),
    ],
)
def test_words_that_cannot_be_a_product_are_refused(
    folder: Path, words: list[str], said: str
) -> None:
    done = run("product", folder, "--product", "1", *words, check=False)
    assert (done.returncode, said in done.stderr) == (2, True), done.stderr


def test_a_refusal_of_the_office_is_said_in_one_sentence(folder: Path) -> None:
    windows = ("--window", "17:00-19:00=4.00", "--window", "18:59-20:00=3.00")
    done = run("product", folder, "--product", "1", *windows, check=False)
    assert done.returncode == 1
    assert "product 1: the windows 17:00-19:00 and 18:59-20:00 overlap" in done.stderr
    lines = [json.dumps(PINT), json.dumps(PINT | {"price": 600})]
    done = run("say", folder, "-", text="\n".join(lines), check=False)
    assert (done.returncode, "product 1 is stated more than once" in done.stderr) == (1, True)


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "fields,said",
    [
        ({"half": -1}, "half"),
        ({"windows": [[1020, 1020, 400]]}, "17:00-17:00 is empty"),
        ({"windows": [[1440, 60, 400]]}, "24:00-01:00 is empty"),
        ({"windows": [[1020, 1140, -1]]}, "windows"),
        ({"windows": [[1020, 1140]]}, "windows"),
        ({"windows": "17:00"}, "windows"),
        ({"windows": [[1320, 120, 1], [0, 60, 2]]}, "22:00-02:00 and 00:00-01:00 overlap"),
        ({"windows": [[n * 60, n * 60 + 1, 1] for n in range(9)]}, "at most 8"),
        ({"bars": [70_000]}, "bars"),
        ({"mixer": 1.5}, "mixer"),
        ({"price": None}, "price"),
    ],
)
async def test_what_cannot_be_on_a_price_list_is_named(
    tmp_path: Path, fields: dict[str, object], said: str
) -> None:
    async with open_office(tmp_path) as office:
        assert said in await refusal(office, PINT | fields)


@pytest.mark.one_engine
@pytest.mark.parametrize(
    "fields", [{"worth": -1}, {"products": [-1]}, {"name": "x" * 81}, {"a": 1}]
)
async def test_what_cannot_be_a_voucher_is_named(tmp_path: Path, fields: dict[str, object]) -> None:
    async with open_office(tmp_path) as office:
        said = await refusal(office, {"kind": "voucher", "voucher": 1} | fields)
        assert next(iter(fields)) in said


async def test_windows_that_touch_or_go_over_midnight_are_fine(tmp_path: Path) -> None:
    windows = [[1020, 1140, 400], [1140, 1320, 450], [1320, 1020, 500]]
    async with open_office(tmp_path, PINT | {"windows": windows}) as office:
        found = await office.do(lambda o: catalogue.product(o.cells, 1))
        assert found is not None
        assert found.windows == tuple(map(tuple, windows))
        for name in ("windows", "bars"):
            await office.state(PINT | {name: []})
        found = await office.do(lambda o: catalogue.product(o.cells, 1))
        assert found is not None
        assert (found.windows, found.bars) == (None, None)


async def test_more_categories_than_a_till_has_keys_for_are_refused_whole(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        rows = [
            {"kind": "product", "product": n, "category": f"Kind {n}", "bars": [1 + n // 10]}
            for n in range(20)
        ]
        assert isinstance(await office.state(*rows), dict)
        more: dict[str, object] = {"kind": "product", "product": 99, "category": "Other"}
        assert "11 categories at bar 1" in await refusal(office, more)
        assert isinstance(await office.state(more | {"on_sale": False}), dict)
        crowd = [{"kind": "product", "product": 200 + n, "category": f"{n}"} for n in range(500)]
        assert "categories" in await refusal(office, *crowd)
        assert isinstance(await office.state(PINT | {"category": "Kind 1"}), dict)
