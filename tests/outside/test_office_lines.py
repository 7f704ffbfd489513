"""Office, gates and tills on a bad network: whatever it does, in the end all know the same."""

from collections.abc import Iterator

import pytest

from tests.outside.conftest import new_lab
from tests.outside.fair import OFFICE, Fair, open_fair, sale_of, scans, until
from tests.outside.lab import Lab

BOXES = {"gate-1": "gate", "gate-2": "gate", "till": "bar"}
BATCH = 20
LOSS_PERCENT = 30
SLOW_KBIT = 1_000
LONG_WAIT_S = 100


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fair]:
    """An office, two gates and a till, each on a host of its own."""
    with (
        new_lab(OFFICE, *BOXES) as lab,
        open_fair(tmp_path_factory.mktemp("town"), lab) as fair,
    ):
        for name, role in BOXES.items():
            fair.opened(name, role)
        fair.level()
        yield fair


@pytest.fixture
def lab(town: Fair) -> Iterator[Lab]:
    """The network of the town, whole before and after each test."""
    assert town.lab is not None
    yield town.lab
    town.lab.heal()


def evening(town: Fair) -> int:
    """Let every box work for a moment, all at once; return how many facts were shown as done."""
    asked = {
        name: list(scans(town.boxes[name], town.tickets(BATCH))) for name in ("gate-1", "gate-2")
    }
    till = town.boxes["till"]
    asked["till"] = [till.send(sale_of(town.sale())) for _ in range(BATCH)]
    answers = [town.boxes[name].answer(one) for name, numbers in asked.items() for one in numbers]
    return len({one["fact"] for one in answers if one["event"] == "paid" or one["verdict"]})


def test_what_was_done_while_the_office_was_cut_off_arrives_afterwards(
    town: Fair, lab: Lab
) -> None:
    before = town.summary()["facts"]
    lab.cut(OFFICE)
    done = evening(town)
    assert all(box.ask("status")["only_here"] for box in town.boxes.values())
    lab.heal()
    after = town.level()
    assert after["facts"] == before + done
    assert after["conflicts"] == []


def test_what_the_office_heard_and_could_not_answer_is_taken_once(town: Fair, lab: Lab) -> None:
    before = town.summary()["facts"]
    for name in BOXES:
        lab.one_way(OFFICE, name)
    done = evening(town)
    until(lambda: town.summary()["facts"] > before, "facts that the office heard")
    assert all(box.ask("status")["only_here"] for box in town.boxes.values())
    lab.heal()
    assert town.level()["facts"] == before + done


def test_what_the_office_could_not_hear_although_it_was_heard_comes_later(
    town: Fair, lab: Lab
) -> None:
    before = town.summary()["facts"]
    for name in BOXES:
        lab.one_way(name, OFFICE)
    done = evening(town)
    assert all(box.ask("status")["only_here"] for box in town.boxes.values())
    assert town.summary()["facts"] == before
    lab.heal()
    assert town.level()["facts"] == before + done


def test_facts_arrive_through_a_line_that_loses_every_third_packet(town: Fair, lab: Lab) -> None:
    before = town.summary()["facts"]
    for name in BOXES:
        lab.lose(name, LOSS_PERCENT)
    done = evening(town)
    assert town.level(wait_s=LONG_WAIT_S)["facts"] == before + done


def test_facts_arrive_through_a_thin_line(town: Fair, lab: Lab) -> None:
    before = town.summary()["facts"]
    lab.slow(OFFICE, SLOW_KBIT)
    done = evening(town)
    assert town.level()["facts"] == before + done
