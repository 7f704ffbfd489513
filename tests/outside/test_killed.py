"""Processes are killed at any moment of their work; what was answered is there, and only once."""

import os
import random
import signal
from typing import Any

from tests.outside.fair import (
    PRICE_MINOR,
    Fair,
    holds,
    is_well,
    sale_of,
    scans,
    shown_as_done,
    some_answers,
    until,
)

BATCH = 24


def test_a_gate_that_is_killed_again_and_again_keeps_every_answer_and_doubles_none(
    fair: Fair, rounds: int, rng: random.Random
) -> None:
    gate = fair.opened("gate-killed", "gate")
    fair.level("gate-killed")
    shown: set[str] = set()
    tickets = 0
    for _ in range(rounds):
        batch = fair.tickets(BATCH)
        tickets += BATCH
        asked = scans(gate, batch)
        answers = some_answers(gate, list(asked), rng.randrange(BATCH))
        answers += gate.die()
        admitted = {asked[one["id"]] for one in answers if one.get("verdict") == "admit"}
        shown |= shown_as_done(answers)
        fair.start("gate-killed")
        assert holds(gate.folder, shown) == set()
        for serial, text in batch:
            again = gate.ask("scan", text=text)
            # What was not answered may have been recorded all the same: never twice, though.
            known = again["verdict"] == "refuse" and again["reason"] == "already_inside"
            assert known or (again["verdict"] == "admit" and serial not in admitted), again
            shown |= shown_as_done([again])
    assert is_well(gate)
    office = fair.level("gate-killed")
    assert office["gates"]["gate-killed"]["admitted"] == tickets
    assert office["conflicts"] == []


def test_a_till_that_is_killed_again_and_again_keeps_every_sale_and_charges_once(
    fair: Fair, rounds: int, rng: random.Random
) -> None:
    till = fair.opened("till-killed", "bar")
    band = fair.wristbands[0]
    topped_up = 100_000
    fair.office.do("policy", "--set", "balance_max=none", "--set", "alone_limit=none")
    fair.level("till-killed")
    top_up = {"wristband": band, "amount_minor": topped_up, "method": "card"}
    till.ask("top_up", operation=fair.sale(), **top_up)
    shown: set[str] = set()
    sales = 0
    for _ in range(rounds):
        batch = [sale_of(fair.sale(), (None, band)[at % 2]) for at in range(BATCH)]
        sales += BATCH
        numbers = [till.send(command) for command in batch]
        answers = some_answers(till, numbers, rng.randrange(BATCH))
        answers += till.die()
        shown |= shown_as_done(answers)
        facts = {one["sale"]: one["fact"] for one in answers if one["event"] == "paid"}
        fair.start("till-killed")
        assert holds(till.folder, shown) == set()
        for command in batch:
            again = paid(till.answer(till.send(command)))
            assert facts.get(again["sale"], again["fact"]) == again["fact"]
    balance = till.ask("balance", wristband=band)["balance_minor"]
    assert balance == topped_up - rounds * BATCH // 2 * PRICE_MINOR
    assert is_well(till)
    office = fair.level("till-killed")
    assert office["bars"]["till-killed"]["sales"] == sales
    assert (office["money_sum_minor"], office["conflicts"]) == (0, [])


def test_an_office_that_is_killed_keeps_what_it_acknowledged_and_takes_nothing_twice(
    fair: Fair, rounds: int
) -> None:
    gate, till = fair.opened("gate-on", "gate"), fair.opened("till-on", "bar")
    fair.level("gate-on", "till-on")
    tickets = 0
    for _ in range(rounds):
        asked = list(scans(gate, fair.tickets(BATCH)))
        tickets += BATCH
        numbers = [till.send(sale_of(fair.sale())) for _ in range(BATCH)]
        some_answers(gate, asked, BATCH // 2)
        os.kill(fair.office.pid, signal.SIGKILL)
        fair.office.stop()
        for number in asked[BATCH // 2 :]:
            assert gate.answer(number)["verdict"] == "admit"
        assert [paid(till.answer(number))["event"] for number in numbers] == ["paid"] * BATCH
        fair.serve()
        until(lambda: gate.ask("status")["connected"], "the gate to hear the office again")
    office = fair.level("gate-on", "till-on")
    assert office["gates"]["gate-on"]["admitted"] == tickets
    assert office["bars"]["till-on"]["sales"] == tickets
    assert (office["recovering"], office["conflicts"]) == (False, [])


def paid(answer: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a sale, which must have been paid."""
    assert answer["event"] == "paid", answer
    return answer
