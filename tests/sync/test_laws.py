"""Laws that hold in every world: order, repeats and splits cannot be seen in the folded state."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings

from sync import accounts, history
from sync.cells import MemoryCells
from sync.conflicts import Conflict, conflicts
from sync.names import INTEREST_OF_ROLE, Area, Role
from sync.replica import differing_cells, refold
from tests.sync.builder import Box, box_with, folded_anew, shuffled
from tests.sync.worlds import World, honest_worlds, seeds, world, worlds

LAW = settings(max_examples=40, derandomize=True, deadline=None)


def found(box: Box) -> list[Conflict]:
    return [one for area in Area for one in conflicts(box.cells, area)]


@LAW
@given(worlds)
def test_no_order_and_no_repeat_can_be_seen(drawn: World) -> None:
    told = box_with(drawn.records)
    for seed in range(3):
        twice = shuffled(drawn.records * 2, seed)
        other = box_with(twice)
        assert other.hashes() == told.hashes()
        assert found(other) == found(told)


@LAW
@given(worlds)
def test_what_is_kept_is_what_a_fold_from_nothing_gives(drawn: World) -> None:
    box = box_with(shuffled(drawn.records, 1))
    kept = box.hashes()
    assert folded_anew(box) == kept
    empty = MemoryCells()
    refold(box.shelf, empty)
    assert differing_cells(box.shelf, empty, Area) == []
    box.replica.rebuild()
    assert box.hashes() == kept


@LAW
@given(worlds)
def test_machines_that_heard_in_parts_agree_in_the_areas_that_they_share(drawn: World) -> None:
    office = box_with(drawn.records)
    for seed, role in enumerate((Role.GATE, Role.BAR, Role.HUB)):
        wanted = [
            r for r in shuffled(drawn.records, seed) if _role(r.terminal) in INTEREST_OF_ROLE[role]
        ]
        box = Box(role)
        chance = random.Random(seed)
        cuts = sorted(chance.choices(range(len(wanted) + 1), k=4))
        for start, end in pairwise([0, *cuts, len(wanted)]):
            box.take(*wanted[start:end])
        shared = box.own_hashes()
        assert shared == {area: office.hashes()[area] for area in shared}


def _role(terminal: bytes) -> Role:
    tens = {1: Role.BAR, 2: Role.GATE, 3: Role.OFFICE, 4: Role.HUB}
    return tens[terminal[0] // 10]


@LAW
@given(worlds)
def test_postings_sum_to_nothing_after_every_single_fact(drawn: World) -> None:
    box = Box()
    for record in shuffled(drawn.records, 2):
        box.take(record)
        assert not any(accounts.postings_sum(box.cells).values())


@LAW
@given(seeds)
def test_wrong_clocks_change_no_balance_and_not_who_is_inside(seed: int) -> None:
    told = [world(seed, clocks=clocks, honest=True) for clocks in (None, 1, 2)]
    boxes = [box_with(drawn.records) for drawn in told]
    for box in boxes[1:]:
        assert list(accounts.accounts(box.cells)) == list(accounts.accounts(boxes[0].cells))
        assert history.inside_counts(box.cells) == history.inside_counts(boxes[0].cells)
        for cells in (box.cells, boxes[0].cells):
            assert all(count >= 0 for count in history.inside_counts(cells).values())
        mine, first = history.gate_counts(box.cells), history.gate_counts(boxes[0].cells)
        assert mine == first


@LAW
@given(honest_worlds)
def test_as_many_are_inside_as_the_tickets_one_by_one_say(drawn: World) -> None:
    box = box_with(drawn.records)
    inside: dict[int, int] = {}
    seen = set()
    for serial in (5, 6, 7, 8):
        for entry, count in history.standing(box.cells, serial).inside:
            if entry.fact not in seen:
                inside[entry.zone] = inside.get(entry.zone, 0) + count
            seen.add(entry.fact)
    assert inside == history.inside_counts(box.cells)


@LAW
@given(honest_worlds)
def test_boxes_that_keep_to_their_work_prove_no_fork_and_overstep_nothing(drawn: World) -> None:
    kinds = {one.kind for one in found(box_with(drawn.records))}
    assert "forked_journal" not in kinds


@pytest.mark.long
@settings(max_examples=600, deadline=None)
@given(worlds)
def test_no_order_can_be_seen_in_many_worlds(drawn: World) -> None:
    told = box_with(drawn.records)
    other = box_with(shuffled(drawn.records, 7))
    assert other.hashes() == told.hashes()
    assert folded_anew(other) == told.hashes()
