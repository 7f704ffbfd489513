"""Wall clocks that are wrong by years, and step: money, order and who is inside stay the same."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.wall_clock import SystemClock
from tests.outside.fair import PRICE_MINOR, Fair, Ticket, is_well, open_fair, sale_of
from tests.outside.faults import NoFault, ShiftedClock
from tests.outside.needs import need
from tests.rehearsal.boxes import Box

HOUR_S = 3_600
TOPPED_UP_MINOR = 4_000
SHIFTS = ["+10y", "-10y", "+1d", "-1d", "+0"]


@pytest.fixture
def fair(tmp_path: Path) -> Iterator[Fair]:
    """A festival of its own: its second admission is no other test's conflict."""
    with open_fair(tmp_path) as one:
        yield one


@pytest.fixture
def clocks(tmp_path: Path) -> dict[str, ShiftedClock]:
    """Three clocks: ten years ahead, ten years behind, and one that will step."""
    need("faketime", why="shift a box's clock")
    shifts = {"gate-ahead": "+10y", "gate-behind": "-10y", "till-steps": "+0"}
    found = {}
    for name, shift in shifts.items():
        place = tmp_path / f"clock-of-{name}"
        place.mkdir()
        try:
            found[name] = ShiftedClock(place, shift)
        except NoFault as trouble:
            pytest.skip(f"faketime is needed to shift a box's clock: {trouble}")
    return found


def windowed(fair: Fair, count: int) -> list[Ticket]:
    """Return tickets that are valid for the two hours around now."""
    now_s = SystemClock().now_ms() // 1000
    window = ("--valid-from", str(now_s - HOUR_S), "--valid-until", str(now_s + HOUR_S))
    return fair.issue("ticket", count, *window)


def judged(gate: Box, ticket: Ticket, **how: str) -> str:
    """Return the verdict of a scan, and the reason of one that did not admit."""
    answer = gate.ask("scan", text=ticket[1], **how)
    verdict: str = answer["verdict"]
    return verdict if verdict == "admit" else f"{verdict}: {answer['reason']}"


def sold_under_steps(fair: Fair, till: Box, clock: ShiftedClock) -> None:
    """Top up and sell while the till's clock steps; the same sale once more stays the same."""
    band = fair.wristbands[-1]
    paid = till.ask(
        "top_up",
        operation=fair.sale(),
        wristband=band,
        amount_minor=TOPPED_UP_MINOR,
        method="card",
    )
    assert paid["event"] == "done"
    first = sale_of(fair.sale())
    facts = {till.answer(till.send(first))["fact"]}
    for shift in SHIFTS:
        clock.set(shift)
        assert till.answer(till.send(sale_of(fair.sale(), band)))["event"] == "paid"
        facts.add(till.answer(till.send(first))["fact"])  # the same sale once more
    assert len(facts) == 1
    left = TOPPED_UP_MINOR - len(SHIFTS) * PRICE_MINOR
    assert till.ask("balance", wristband=band)["balance_minor"] == left


def test_clocks_that_are_wrong_by_ten_years_change_no_money_and_not_who_is_inside(
    fair: Fair, clocks: dict[str, ShiftedClock]
) -> None:
    boxes = {}
    for name, clock in clocks.items():
        role = "bar" if name.startswith("till") else "gate"
        boxes[name] = fair.opened(name, role, surroundings=clock.surroundings)
    ahead, behind, till = boxes["gate-ahead"], boxes["gate-behind"], boxes["till-steps"]
    fair.level(*boxes)
    before = fair.summary()
    for box in boxes.values():
        box.stop()
    fair.office.stop()
    fair.start(*boxes)  # with nobody to tell them the time
    assert {box.ask("status")["clock"]["state"] for box in boxes.values()} == {"unknown"}

    only_ahead, only_behind, twice, left = fair.tickets(4)
    today = windowed(fair, 3)
    for gate, ticket in zip((ahead, behind), today, strict=False):
        assert judged(gate, ticket) == "ask: clock"
        assert judged(gate, twice) == "admit"
    assert judged(ahead, only_ahead) == "admit"
    assert judged(behind, only_behind) == "admit"
    assert judged(ahead, only_ahead) == "refuse: already_inside"
    assert judged(behind, left) == "admit"
    clocks["gate-behind"].set("-20y")  # the exit has an older time than the admission
    assert judged(behind, left, direction="out") == "admit"

    sold_under_steps(fair, till, clocks["till-steps"])

    fair.serve()
    after = fair.level(*boxes)
    assert {box.ask("status")["clock"]["state"] for box in boxes.values()} == {"trusted"}
    assert judged(ahead, today[2]) == "admit"
    # The copied ticket let two people in, one at each gate.
    assert after["inside"]["1"] - before["inside"]["1"] == 4
    assert after["bars"]["till-steps"]["sales"] == 1 + len(SHIFTS)
    assert after["money_sum_minor"] == 0
    assert [one["kind"] for one in after["conflicts"]] == ["second_admission"]
    assert all(is_well(box) for box in boxes.values())
