"""A real office is put back to an older copy under real boxes: they give everything back to it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.edge.real_boxes import CASH, Boxes, is_level, until
from tests.rehearsal.boxes import Box, BoxTrouble, Office

CAPACITY = 40
GATES, TILLS = ("office", "access"), ("office", "money")


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    one = Office(tmp_path / "office", 7, "Fair", "EUR")
    one.do("type", "--type", "1", "--name", "Day")
    one.do("zone", "--zone", "1", "--name", "Field", "--capacity", str(CAPACITY))
    one.do("product", "--product", "1", "--name", "Beer", "--price", "5.00")
    one.serve()
    yield one
    one.stop()


@pytest.fixture
def boxes(office: Office, tmp_path: Path) -> Iterator[Boxes]:
    (tmp_path / "boxes").mkdir()
    every = Boxes(office, tmp_path / "boxes")
    yield every
    every.stop()


def level(*boxes: Box) -> None:
    for box in boxes:
        until(lambda one=box: is_level(one))  # type: ignore[misc]


def admitted(gate: Box, codes: list[str]) -> None:
    for code in codes:
        until(lambda text=code: gate.ask("scan", text=text)["verdict"] == "admit")  # type: ignore[misc]


def assert_inside(office: Office, guests: int) -> None:
    found = office.ask("/api/v1/summary")
    assert (found["conflicts"], found["inside"]) == ([], {"1": guests})


def test_a_restored_office_waits_for_its_boxes_gets_all_back_and_goes_on(
    office: Office, boxes: Boxes, tmp_path: Path
) -> None:
    port, backup = office.port, tmp_path / "backup"
    lines = office.do("issue", "--kind", "ticket", "--type", "1", "--count", "30").splitlines()
    codes = [line.split("\t")[1] for line in lines]
    north, till = boxes.start("gate", "north", port), boxes.start("bar", "main", port)
    admitted(north, codes[:3])
    level(north, till)
    office.stop()
    shutil.copytree(office.folder, backup)

    office.serve(port)
    south = boxes.start("gate", "south", port)  # the copy has never heard of it
    for price in ("5.20", "5.40", "5.60"):
        office.do("product", "--product", "1", "--price", price)
    admitted(north, codes[3:6])
    admitted(south, codes[6:9])
    for number in range(5):
        assert till.ask("sell", sale=f"{number:032x}", **CASH)["event"] == "paid"
    level(north, south, till)
    before = office.ask("/api/v1/summary")
    till.stop()
    office.stop()
    shutil.rmtree(office.folder)
    shutil.copytree(backup, office.folder)

    office.serve(port)
    (name,) = until(lambda: waits_for_one(office))
    assert name.endswith("main")
    with pytest.raises(BoxTrouble, match="put back to an older copy"):
        office.do("product", "--product", "1", "--price", "9.00")
    assert "main" in office.do("recovery")
    till.start()
    until(lambda: not office.ask("/api/v1/summary")["recovering"])
    level(north, south, till)
    after = office.ask("/api/v1/summary")
    assert after["conflicts"] == []
    assert after["hashes"]["money"] == before["hashes"]["money"]
    assert after["inside"] == before["inside"] == {"1": 9}
    assert after["bars"] == before["bars"]

    office.do("product", "--product", "1", "--price", "6.00")
    admitted(north, codes[9:20])
    admitted(south, codes[20:28])  # lending goes on
    level(north, south, till)
    assert_inside(office, 28)
    for box, areas in ((north, GATES), (south, GATES), (till, TILLS)):
        until(lambda one=box, shared=areas: agrees(one, office, shared))  # type: ignore[misc]
    assert till.ask("grid")["products"][0]["price"] == 600


def agrees(box: Box, office: Office, areas: tuple[str, ...]) -> bool:
    mine, whole = box.ask("hashes"), office.ask("/api/v1/summary")["hashes"]
    return all(mine[area] == whole[area] for area in areas)


def waits_for_one(office: Office) -> list[str]:
    found = office.ask("/api/v1/summary")
    names: list[str] = found["waits_for"]
    return names if found["recovering"] and len(names) == 1 else []
