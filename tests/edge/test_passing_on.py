"""Gates that hold each other's facts: the office hears each about once, and never not at all."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge import relay
from edge.limits import RELAY_ALL_MS, RELAY_ENDS_OF_RUN_MAX, RELAY_HELD_MS
from sync.names import Role
from sync.replica import Outcome
from tests.edge.site import Site, is_opening, some_facts
from tests.sync.builder import admitted, zone

Making = Callable[..., Site]
GATES = 8
SOON_MS = 5_000


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Making]:
    made: list[Site] = []

    def make(gates: int, **options: bool | int) -> Site:
        one = Site(tmp_path, gates, **options)  # type: ignore[arg-type]
        made.append(one)
        one.settle()
        return one

    yield make
    for one in made:
        one.close()


def test_the_office_hears_each_fact_once_from_eight_gates_that_all_hold_it(site: Making) -> None:
    fair = site(GATES)
    facts = some_facts(fair, fair.boxes, 3, 200)
    fair.settle()
    copies = fair.copies(facts)
    assert len(copies) == len(facts)
    assert sum(copies.values()) <= 1.2 * len(facts)


def test_without_the_relay_it_would_hear_each_fact_from_every_gate(site: Making) -> None:
    fair = site(GATES, whole=True)
    facts = some_facts(fair, fair.boxes, 1, 200)
    fair.settle()
    assert sum(fair.copies(facts).values()) > (GATES - 2) * len(facts)


@pytest.mark.parametrize("gates", [2, GATES])
def test_a_gate_that_never_reaches_the_office_is_heard_through_another_within_seconds(
    site: Making, gates: int
) -> None:
    fair = site(gates)
    alone = fair.boxes[0]
    alone.reaches_office = False
    for serial in range(5):
        fact = alone.record(admitted(serial))
        assert fact.id not in fair.office.held
        fair.pass_time(SOON_MS)
        assert fact.id in fair.office.held


def test_many_facts_of_a_gate_without_a_line_come_about_once_each(site: Making) -> None:
    fair = site(GATES)
    fair.boxes[0].reaches_office = False
    facts = some_facts(fair, fair.boxes[:1], 30, 200)
    fair.settle()
    copies = fair.copies(facts)
    assert len(copies) == len(facts)
    assert sum(copies.values()) <= 2 * len(facts)


def test_one_gate_then_another_reaches_the_office_and_nothing_is_missing(site: Making) -> None:
    fair = site(4)
    for reaching in (fair.boxes[1], fair.boxes[3], fair.boxes[0]):
        for box in fair.boxes:
            box.reaches_office = box is reaching
        some_facts(fair, fair.boxes, 2, 100)
        fair.settle()
        assert fair.office_lacks() == set()


def test_after_an_outage_the_writers_come_first_and_nothing_comes_from_all(site: Making) -> None:
    fair = site(GATES)
    for box in fair.boxes:
        box.reaches_office = False
    fair.pass_time(40_000)
    facts = some_facts(fair, fair.boxes, 4, 500)
    fair.pass_time(10_000)
    for box in fair.boxes:
        box.reaches_office = True
    fair.settle()
    copies = fair.copies(facts)
    assert len(copies) == len(facts)
    assert sum(copies.values()) <= 1.2 * len(facts)


def test_a_box_that_restarts_between_hearing_and_passing_on_loses_nothing(site: Making) -> None:
    fair = site(2)
    alone, other = fair.boxes
    alone.reaches_office = False
    fact = alone.record(admitted(1))
    fair.pass_time(RELAY_HELD_MS // 2)
    other.restart()
    alone.lan_holds = False
    assert fact.id not in fair.office.held
    fair.settle()
    assert fact.id in fair.office.held


def test_a_box_that_holds_too_much_for_others_forgets_it_and_loses_nothing(
    site: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "RELAY_FACTS_MAX", 7)
    fair = site(2)
    alone, _ = fair.boxes
    alone.reaches_office = False
    facts = some_facts(fair, [alone], 10, 10)
    fair.settle()
    assert {fact.id for fact in facts} <= fair.office.held


def test_more_runs_than_one_message_offers_are_offered_in_turn(
    site: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "OFFERS_MAX", RELAY_ENDS_OF_RUN_MAX + 1)
    fair = site(2)
    alone, other = fair.boxes
    alone.reaches_office = other.reaches_office = False
    for _ in range(40):
        alone.restart()
        alone.record(admitted(alone.number))
    alone.gossip(other)
    other.restart()
    other.reaches_office = True
    fair.settle()
    assert fair.office_lacks() == set()


@pytest.mark.parametrize("kept", [1, 10, 20])
def test_an_office_put_back_to_an_older_image_has_everything_back_soon(
    site: Making, kept: int
) -> None:
    fair = site(3)
    gone = fair.boxes[0]
    fair.office.writes(*fair.office.pen(zone(1), zone(2)))
    some_facts(fair, fair.boxes, 4, 300)
    fair.settle()
    whole = set(fair.office.held)
    gone.reaches_office = gone.lan_holds = False
    image = [record for record, _ in fair.office.box.shelf.records][:kept]
    fair.office.box = type(fair.office.box)(Role.OFFICE, fair.office.box.store)
    fair.office.box.take(*image)
    fair.settle()
    assert fair.office.held >= whole


def test_what_was_forgotten_without_a_trace_is_found_within_a_quarter_of_an_hour(
    site: Making,
) -> None:
    fair = site(2)
    alone, other = fair.boxes
    alone.reaches_office = False
    fact = alone.record(admitted(1))
    other.terminal.relay._held.clear()
    fair.settle()
    assert fact.id not in fair.office.held
    fair.clock.move(RELAY_ALL_MS)
    fair.settle()
    assert fact.id in fair.office.held


def test_a_position_passes_over_many_facts_of_others_in_steps_and_the_own_come_soon(
    site: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.store.log.RECORDS_WALKED_MAX", 4)
    fair = site(2)
    busy, slow = fair.boxes
    slow.reaches_office = False
    facts = some_facts(fair, [busy], 30, 10)
    own = slow.record(admitted(1))
    fair.pass_time(2_000)
    before = len(fair.said)
    slow.reaches_office = True
    fair.settle()
    assert own.id in fair.office.held
    mine = [message for box, message in fair.said[before:] if box is slow]
    assert max(message.reached[0] - message.start for message in mine) == 4
    assert set(fair.copies(facts).values()) == {1}


def test_what_the_office_only_set_free_here_it_may_not_have(site: Making) -> None:
    """A fact was told before its journal was known; the office then brings the journal's start."""
    fair = site(2)
    alone, other = fair.boxes
    other.reaches_office = alone.lan_holds = False
    alone.restart()
    fair.pass_time(3_000)  # the office knows the new run, the other gate does not
    alone.reaches_office = False
    opening = alone.terminal.opening
    assert opening is not None
    assert is_opening(opening.raw)
    assert opening.id in fair.office.held
    fact = alone.terminal.record(admitted(1))
    told = alone.lan.tell(other.name, [fact])
    message = other.lan._conversation(alone.name).read(told)
    bare = [raw for raw in message.records if raw != opening.raw]
    with other.terminal.store.transaction():
        outcomes = [one.outcome for one in other.terminal.replica.take(bare)]
    assert outcomes == [Outcome.WAITING]
    other.reaches_office = True
    fair.settle()
    assert fact.id in fair.office.held
