"""Boxes of which there are two: everybody who holds both branches says so, whatever came first."""

import itertools
import random

import pytest
from hypothesis import given, settings

from sync import accounts, allotments, history, lending
from sync.admission import Direction
from sync.conflicts import ConflictKind, conflicts
from sync.facts import Allotted
from sync.names import AREAS_OF_ROLE, Area, Role
from sync.quarantine import is_quarantined
from tests.sync.builder import (
    Box,
    Pen,
    admitted,
    bar,
    box_with,
    folded_anew,
    gate,
    gate_place,
    office,
    shuffled,
    sold,
    ticket,
    ticket_type,
    topped_up,
    zone,
)
from tests.sync.gates import Site, says
from tests.sync.worlds import seeds, world

PLACES = (1, 1)


@pytest.mark.parametrize("role", [Role.GATE, Role.BAR, Role.HUB, Role.OFFICE])
def test_a_writer_of_any_role_is_under_quarantine_once_both_branches_are_here(role: Role) -> None:
    one, other, stranger = Pen(role, 41), Pen(role, 41, run=1), Pen(role, 42)
    for machine in (Role.OFFICE, role):
        box = Box(machine)
        box.take(one.first, stranger.first)
        assert not is_quarantined(box.cells, one.terminal)
        box.take(other.first)
        assert is_quarantined(box.cells, one.terminal)
        assert not is_quarantined(box.cells, stranger.terminal)
        box.replica.rebuild()
        assert is_quarantined(box.cells, one.terminal)


def test_a_fork_that_a_machine_does_not_keep_is_not_its_business() -> None:
    one, other = bar(), Pen(Role.BAR, 11, run=1)
    box = box_with([one.first, other.first], Role.GATE)
    assert not is_quarantined(box.cells, one.terminal)


@settings(max_examples=20, derandomize=True, deadline=None)
@given(seeds)
def test_who_is_under_quarantine_does_not_depend_on_what_came_first(seed: int) -> None:
    drawn = world(seed, honest=False)
    writers = {record.terminal for record in drawn.records}
    orders = [drawn.records, shuffled(drawn.records, seed), drawn.records[::-1]]
    found = set()
    for order in orders:
        box = box_with([*order, *order[: len(order) // 2]])
        found.add(frozenset(one for one in writers if is_quarantined(box.cells, one)))
    assert len(found) == 1


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seeds)
def test_branches_that_share_ids_are_all_kept_all_counted_and_prove_the_fork(seed: int) -> None:
    """Only the fact id is unique: copies of a box write the same numbers after the same record."""
    chance = random.Random(seed)
    till = bar()
    till(topped_up(10_000), *(sold(n) for n in range(chance.randint(1, 4))))
    parent = chance.choice(till.records)
    branches = [Pen(Role.BAR, 11, parent=parent, run=run) for run in range(1, chance.randint(3, 5))]
    sales = len(till.records) - 2
    for number, branch in enumerate(branches):
        for n in range(chance.randint(0, 4)):
            branch.write(sold(100 * (number + 1) + n))
            sales += 1
    records = [*till.records, *(record for branch in branches for record in branch.records)]
    places = [(record.run, record.number) for record in records]
    assert len({record.previous for record in records}) < len(records)
    hashes = set()
    for order in (records, shuffled(records, seed), records[::-1]):
        box = box_with(order)
        assert len(box.shelf.records) == len(places)
        assert is_quarantined(box.cells, till.terminal)
        assert accounts.wallet_balance(box.cells, 99) == 10_000 - 600 * sales
        assert sum(amount for _, _, amount in accounts.accounts(box.cells)) == 0
        assert folded_anew(box) == box.hashes()
        hashes.add(str(box.hashes()))
    assert len(hashes) == 1


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seeds)
def test_a_box_that_took_back_what_it_had_lost_before_it_went_on_forks_nothing(seed: int) -> None:
    """The next run names the end of the journal, however much of it had to come from others."""
    chance = random.Random(seed)
    records = list(gate(21).records)
    pen = gate(21)
    for run in range(1, 5):
        pen(*(admitted(10 * run + n) for n in range(chance.randint(0, 3))))
        records += [record for record in pen.records if record not in records]
        kept = box_with(records[: chance.randint(1, len(records))], Role.GATE)
        kept.take(*records)  # what was lost comes back, before the next run is opened
        ends = [r for r in records if not kept.shelf.following(pen.terminal, r.id)]
        (end,) = ends
        pen = Pen(Role.GATE, 21, parent=end, run=run)
        records.append(pen.first)
    box = box_with(shuffled(records, seed))
    assert not is_quarantined(box.cells, pen.terminal)


def copied_gate(places: int, image: int, after: int) -> tuple[Pen, Pen, Pen]:
    """Return the office and two copies of a gate that was lent places and used some before."""
    centre, north = office(), gate(21)
    centre(zone(1, capacity=50), ticket_type(), gate_place(north, "North"))
    centre(Allotted(PLACES, north.terminal, places))
    north(*(admitted(serial) for serial in range(image)))
    copies = [Pen(Role.GATE, 21, parent=north.records[-1], run=run) for run in (1, 2)]
    for number, copy in enumerate(copies):
        copy(*(admitted(100 * (number + 1) + n) for n in range(after)))
    one, two = copies
    one.records[:0] = north.records
    return centre, one, two


def test_places_that_both_copies_of_a_gate_spent_are_found_and_counted() -> None:
    centre, one, two = copied_gate(places=10, image=2, after=8)
    for order in itertools.permutations([centre.records, one.records, two.records]):
        box = box_with([record for part in order for record in part])
        kinds = {found.kind: found for found in conflicts(box.cells, Area.ACCESS)}
        assert set(kinds) == {ConflictKind.FORKED_JOURNAL, ConflictKind.ALLOTMENT_SPENT_TWICE}
        assert kinds[ConflictKind.ALLOTMENT_SPENT_TWICE].details == (8,)
        assert allotments.holding(box.cells, PLACES, one.terminal).used == 18
        assert history.inside_count(box.cells, 1) == 18
        assert lending.committed(box.cells, PLACES) == 18  # what is left for others is 50 - 18


def test_copies_that_spent_less_than_they_were_lent_are_told_apart_by_the_fork_alone() -> None:
    centre, one, two = copied_gate(places=10, image=2, after=4)
    box = box_with([*centre.records, *one.records, *two.records])
    found = {one.kind for one in conflicts(box.cells, Area.ACCESS)}
    assert found == {ConflictKind.FORKED_JOURNAL}
    assert lending.committed(box.cells, PLACES) == 10


def site_with_a_copy() -> Site:
    site = Site()
    site.box.take(Pen(Role.GATE, 21, run=1).first)
    return site


def test_a_gate_that_was_copied_asks_and_a_yes_is_recorded() -> None:
    site = site_with_a_copy()
    assert says(site.ask()) == "ask copied"
    assert says(site.ask(is_confirmed=True)) == "admit"
    assert says(site.ask(pen=site.south)) == "admit"
    assert says(site.ask(code=ticket(7), is_rehearsal=True)).startswith("refuse wrong_type")


def test_a_gate_that_was_copied_holds_no_places_and_lets_everybody_out() -> None:
    site = Site()
    site.decree(zone(1, capacity=9, version=2), Allotted(PLACES, site.north.terminal, 5))
    assert says(site.scan()) == "admit"
    site.box.take(Pen(Role.GATE, 21, run=1).first)
    assert says(site.ask(code=ticket(7))) == "refuse capacity_full"
    assert says(site.ask(code=ticket(7), supervisor=1)) == "refuse capacity_full"
    assert says(site.ask(way=Direction.OUT)) == "admit out"


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_the_area_in_which_its_own_fork_is_found(role: Role) -> None:
    one, other = Pen(role, 41), Pen(role, 41, run=1)
    box = box_with([one.first, other.first], role)
    found = [area for area in Area if conflicts(box.cells, area)]
    assert len(found) == 1
    assert found[0] in AREAS_OF_ROLE[role]
