"""Who is inside, read from causes: exits, moves, groups, replacements and facts that came late."""

import itertools
from collections.abc import Sequence

import pytest

from sync import allotments, history
from sync.clock import UNKNOWN_CLOCK
from sync.facts import Body, Left, Refused, TicketStatus
from sync.history_effects import Reading
from sync.journal import Record
from tests.sync.builder import (
    NOW_MS,
    TEN_YEARS_MS,
    Box,
    Pen,
    admitted,
    at,
    box_with,
    folded_anew,
    gate,
    left,
    moved,
    office,
    status,
    undone,
)


def inside(records: Sequence[Record]) -> dict[int, int]:
    """Return who is inside; each order of the records must say the same."""
    told = {}
    for order in itertools.permutations(records):
        box = Box()
        for record in order:
            box.take(record)
            assert all(count > 0 for count in history.inside_counts(box.cells).values())
        told[str(box.hashes())] = history.inside_counts(box.cells)
    assert len(told) == 1
    return next(iter(told.values()))


def of(*pens: Pen) -> list[Record]:
    return [record for pen in pens for record in pen.records]


def test_an_exit_closes_the_admission_that_it_names_once() -> None:
    north, south = gate(21), gate(22)
    one = north.write(admitted(count=1))
    north.write(admitted(6))
    south(left(one.id), left(one.id))
    assert inside(of(north, south)) == {1: 1}


def test_an_exit_may_be_heard_before_its_admission() -> None:
    north, south = gate(21), gate(22)
    one = north.write(admitted())
    out = south.write(left(one.id))
    assert inside([north.first, south.first, one, out]) == {}


def test_an_exit_that_knew_of_nothing_closes_an_entry_that_did_not_know_of_it() -> None:
    north, south = gate(21), gate(22)
    north.write(admitted())
    out = south.write(Left(5, 1, 20261121, (), None))
    assert inside(of(north, south)) == {}
    south.write(admitted(after=(out.id,)))
    assert inside(of(north, south)) == {1: 1}


def test_one_exit_of_a_group_lets_one_of_it_out() -> None:
    north = gate()
    one = north.write(admitted(count=4))
    north(left(one.id), left(one.id))
    assert inside(of(north)) == {1: 2}


def test_a_move_takes_a_guest_along() -> None:
    north, south = gate(21), gate(22)
    one = north.write(admitted())
    over = south.write(moved((one.id,)))
    assert inside(of(north, south)) == {2: 1}
    north.write(left(over.id, number=2))
    assert inside(of(north, south)) == {}


def test_an_admission_that_was_undone_never_was() -> None:
    north = gate()
    one = north.write(admitted(count=3))
    north.write(undone(one.id))
    assert inside(of(north)) == {}
    assert history.standing(box_with(of(north)).cells, 5).uses == 0


def test_an_exit_that_was_undone_leaves_the_guest_inside() -> None:
    north = gate()
    one = north.write(admitted())
    out = north.write(left(one.id))
    north.write(undone(out.id))
    assert inside(of(north)) == {1: 1}


def test_coming_in_again_unseen_counts_out_whoever_was_before() -> None:
    north, south = gate(21), gate(22)
    one = north.write(admitted())
    south.write(admitted(after=(one.id,), flags=4))
    assert inside(of(north, south)) == {1: 1}


WRONG = (-TEN_YEARS_MS, 0, TEN_YEARS_MS)


def test_clocks_do_not_choose_who_moved_and_who_left() -> None:
    """Two came in on one ticket, one of them moved on, and an exit names the first of them."""
    told = set()
    for here, there in itertools.product(WRONG, WRONG):
        north, south, east = gate(21), gate(22), gate(23)
        one = north.write(admitted(), at(NOW_MS + here))
        two = south.write(admitted(), at(NOW_MS + there, UNKNOWN_CLOCK))
        over = east.write(moved((one.id, two.id)))
        out = north.write(left(one.id, after=(over.id,)), at(NOW_MS + here))
        box = box_with([north.first, south.first, east.first, one, two, over, out])
        assert folded_anew(box) == box.hashes()
        told.add(str(history.inside_counts(box.cells)))
    assert len(told) == 1


def test_clocks_do_not_choose_which_of_two_moves_comes_first() -> None:
    """Both moves may have taken the same guest along; the gates, not the clocks, settle it."""
    told = set()
    for here, there in itertools.product(WRONG, WRONG):
        north, south, east, west = gate(22), gate(21), gate(23), gate(24)
        one, two = north.write(admitted()), south.write(admitted())
        other = north.write(admitted(number=2))
        east.write(moved((one.id, two.id)), at(NOW_MS + here))
        west.write(moved((one.id, other.id)), at(NOW_MS + there))
        told.add(str(history.inside_counts(box_with(of(north, south, east, west)).cells)))
    assert len(told) == 1


def test_a_place_goes_back_to_the_gate_that_gave_it() -> None:
    north, south = gate(21), gate(22)
    one = north.write(admitted())
    cells = box_with(of(north, south)).cells
    assert allotments.holding(cells, (1, 1), north.terminal).used == 1
    south.write(left(one.id))
    cells = box_with(of(north, south)).cells
    assert allotments.holdings(cells, (1, 1)) == {}


def test_replacing_a_ticket_joins_histories_and_a_chain_joins_them_all() -> None:
    centre, north = office(), gate()
    north(admitted(5), admitted(6), admitted(8))
    centre(status(5, TicketStatus.REPLACED, new=6), status(6, TicketStatus.REPLACED, new=7))
    cells = box_with(of(centre, north)).cells
    assert [row.serial for row in history.facts_of(cells, 7)] == [5, 6]
    assert history.standing(cells, 5).uses == 2
    assert history.standing(cells, 8).uses == 1


def test_a_ticket_replaced_by_another_word_of_the_office_leaves_the_first_family() -> None:
    centre, north = office(), gate()
    north(admitted(5))
    centre(status(5, TicketStatus.REPLACED, 1, 6), status(5, TicketStatus.REPLACED, 2, 7))
    for order in itertools.permutations(of(centre, north)):
        cells = box_with(order).cells
        assert history.standing(cells, 6).uses == 0
        assert history.standing(cells, 7).uses == 1


@pytest.mark.parametrize("body", [status(5, TicketStatus.REPLACED, new=5),
                                  status(5, TicketStatus.REPLACED)])  # fmt: skip
def test_a_ticket_replaced_by_itself_or_by_nothing_stays_alone(body: Body) -> None:
    centre, north = office(), gate()
    centre(body)
    north(admitted())
    assert inside(of(centre, north)) == {1: 1}


def test_the_first_admission_is_that_of_the_better_clock() -> None:
    north, south = gate(21), gate(22)
    early = north.write(admitted(), at(NOW_MS - TEN_YEARS_MS, UNKNOWN_CLOCK))
    trusted = south.write(admitted())
    first = history.standing(box_with(of(north, south)).cells, 5).first
    assert first is not None
    assert first.fact == trusted.id != early.id


def test_what_the_next_fact_names_is_at_most_four_facts_that_nobody_named() -> None:
    pens = [gate(20 + n) for n in range(6)]
    first = pens[0].write(admitted())
    others = [pen.write(left(first.id)) for pen in pens[1:]]
    heads = history.standing(box_with(of(*pens)).cells, 5).heads
    assert len(heads) == 4
    assert set(heads) <= {fact.id for fact in others}


def test_a_gate_counts_guests_exits_and_refusals() -> None:
    north = gate()
    one = north.write(admitted(count=3))
    north(left(one.id), *[Refused(5, b"digest8!", "cancelled", 1, 1)] * 2)
    count = history.gate_counts(box_with(of(north)).cells)[north.terminal]
    assert (count.admitted, count.left, count.refused) == (3, 1, {"cancelled": 2})


def test_nothing_was_said_about_a_ticket_that_nobody_saw() -> None:
    reading = Reading([])
    assert (reading.admissions, reading.inside, reading.heads) == ([], [], ())
    known = history.standing(box_with([]).cells, 5)
    assert (known.uses, known.first, known.last, known.last_left) == (0, None, None, None)
