"""A box's folder is copied and both copies work: it is noticed, and nothing that they did is lost.

Real folders, real processes, a real office. Both copies are alone while they work; then each
exchanges with the office.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.edge.real_boxes import CASH, Boxes, is_level, until
from tests.rehearsal.boxes import Box, Office
from tests.rehearsal.cable import Cable

CAPACITY = 12
COPIED = "This box was copied"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    one = Office(tmp_path / "office", 7, "Fair", "EUR")
    one.do("type", "--type", "1", "--name", "Day")
    one.do("zone", "--zone", "1", "--name", "Field", "--capacity", str(CAPACITY))
    one.serve()
    yield one
    one.stop()


@pytest.fixture
def cable(office: Office) -> Iterator[Cable]:
    one = Cable(office.port)
    yield one
    one.close()


@pytest.fixture
def boxes(office: Office, tmp_path: Path) -> Iterator[Boxes]:
    every = Boxes(office, tmp_path / "boxes")
    (tmp_path / "boxes").mkdir()
    yield every
    every.stop()


def codes(office: Office, count: int, kind: str = "ticket") -> list[str]:
    lines = office.do("issue", "--kind", kind, "--type", "1", "--count", str(count))
    return [line.split("\t")[1] for line in lines.splitlines()]


def two_of(box: Box, boxes: Boxes, cable: Cable) -> list[Box]:
    """Copy the folder of a box and start both while nobody can be reached."""
    until(lambda: is_level(box))
    box.stop()
    copy = box.folder.with_name(f"{box.folder.name}-copy")
    shutil.copytree(box.folder, copy)
    cable.pull()
    return [boxes.run(folder, box.role) for folder in (box.folder, copy)]


def conflicts(office: Office) -> dict[str, dict[str, Any]]:
    return {one["kind"]: one for one in office.ask("/api/v1/conflicts")}


def until_both_know(copies: list[Box]) -> None:
    for copy in copies:
        until(lambda box=copy: is_level(box) and box.ask("status")["copied"])  # type: ignore[misc]


def test_places_that_an_image_spends_again_are_found_and_no_more_are_lent(
    office: Office, boxes: Boxes, cable: Cable
) -> None:
    gate = boxes.start("gate", "north", cable.port)
    tickets = codes(office, 40)
    until(lambda: gate.ask("peek", text=tickets[0])["verdict"] == "admit")
    one, other = two_of(gate, boxes, cable)
    part = CAPACITY // 2
    reasons = [answer_of(one, code) for code in tickets[:part]]
    reasons += [answer_of(other, code) for code in tickets[20 : 20 + part + 1]]
    assert reasons == 2 * part * ["admit"] + ["capacity_full"]
    other.stop()
    cable.plug()
    for code in tickets[part:CAPACITY]:  # what is left is lent to the one that is heard
        until(lambda text=code: answer_of(one, text) == "admit")  # type: ignore[misc]
    until(lambda: is_level(one))
    assert conflicts(office) == {}
    cable.pull()
    other = boxes.run(other.folder, "gate")
    cable.plug()
    until_both_know([one, other])
    found = conflicts(office)
    assert set(found) == {"forked_journal", "allotment_spent_twice", "capacity_exceeded"}
    assert found["allotment_spent_twice"]["details"] == [part]
    assert "enrol the other again" in found["forked_journal"]["sentence_en"]
    summary = office.ask("/api/v1/summary")
    assert summary["inside"] == {"1": CAPACITY + part}
    (zone,) = summary["zones"]
    assert zone["lent"] == CAPACITY + part  # all were lent, and some were spent again
    (row,) = summary["terminals"]
    assert row["state"] == "copied"
    office.do("zone", "--zone", "1", "--capacity", "100")
    for copy in (one, other):
        until(lambda box=copy: is_level(box))  # type: ignore[misc]
        assert answer_of(copy, tickets[39]) == "capacity_full"
    summary = office.ask("/api/v1/summary")
    assert summary["zones"][0]["lent"] == CAPACITY + part
    until(lambda: is_level(one) and is_level(other))
    whole = office.ask("/api/v1/summary")["hashes"]["access"]
    until(lambda: {box.ask("hashes")["access"] for box in (one, other)} == {whole})


def answer_of(gate: Box, code: str) -> str:
    answer = gate.ask("scan", text=code)
    return str(answer["reason"] or answer["verdict"])


def test_a_copied_gate_of_an_open_zone_asks_until_it_is_enrolled_again(
    office: Office, boxes: Boxes, cable: Cable
) -> None:
    office.do("zone", "--zone", "1", "--no-capacity")
    gate = boxes.start("gate", "north", cable.port)
    tickets = codes(office, 6)
    until(lambda: gate.ask("peek", text=tickets[0])["verdict"] == "admit")
    copies = two_of(gate, boxes, cable)
    for number, copy in enumerate(copies):
        assert copy.ask("scan", text=tickets[number])["verdict"] == "admit"
    cable.plug()
    until_both_know(copies)
    for number, copy in enumerate(copies):
        asked = copy.ask("scan", text=tickets[2 + number])
        assert (asked["verdict"], asked["reason"]) == ("ask", "copied")
        assert COPIED in asked["sentence"]
        yes = copy.ask("confirm", session=asked["session"])
        assert (yes["verdict"], bool(yes["fact"])) == ("admit", True)
        until(lambda box=copy: is_level(box))  # type: ignore[misc]
    assert office.ask("/api/v1/summary")["inside"] == {"1": 4}
    copies[0].stop()
    again = boxes.start("gate", "north again", cable.port)
    until(lambda: is_level(again))
    assert not again.ask("status")["copied"]
    assert again.ask("scan", text=tickets[4])["verdict"] == "admit"
    assert again.ask("scan", text=tickets[0])["reason"] == "already_inside"


def test_everything_that_both_copies_of_a_till_sold_counts_and_it_is_lent_nothing_more(
    office: Office, boxes: Boxes, cable: Cable
) -> None:
    till = boxes.start("bar", "main", cable.port)
    (band,) = codes(office, 1, "wristband")
    top_up = {"operation": "0a" * 16, "wristband": band, "amount_minor": 20_000, "method": "cash"}
    until(lambda: till.ask("top_up", **top_up).get("event") == "done")
    copies = two_of(till, boxes, cable)
    for number, copy in enumerate(copies):
        assert copy.ask("sell", sale=f"{number}1" * 16, **CASH)["event"] == "paid"
        sold = copy.ask("sell", sale=f"{number}2" * 16, lines=LINES, wristband=band)
        assert sold["event"] == "paid"
    cable.plug()
    until_both_know(copies)
    summary = office.ask("/api/v1/summary")
    (bar,) = summary["bars"].values()
    assert (bar["sales"], bar["sold_minor"]) == (4, 2 * 500 + 2 * 700)
    assert summary["wallets"] == {"count": 1, "total_minor": 20_000 - 2 * 700}
    assert summary["money_sum_minor"] == 0
    assert set(conflicts(office)) == {"forked_journal"}
    assert summary["exposure"]["tills_unheard"] == 1  # a copied till is never taken as heard
    for number, copy in enumerate(copies):
        declined = copy.ask("sell", sale=f"{number}3" * 16, lines=LINES, wristband=band)
        assert (declined["event"], declined["rule"]) == ("declined", "copied")
        assert COPIED in declined["sentence"]
        assert copy.ask("sell", sale=f"{number}4" * 16, **CASH)["event"] == "paid"
        assert copy.ask("hashes")["office"] == summary["hashes"]["office"]
    for copy in copies:
        copy.stop()
    errors = copies[0].folder.with_suffix(".log").read_text("utf-8")
    assert "Traceback" not in errors
    copies[0].start()
    assert any(COPIED in notice for notice in copies[0].ready["notices"])
    assert json.dumps(copies[0].ready["last"])


LINES = [[1, 1, 700, 0, 0, None]]
