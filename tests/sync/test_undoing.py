"""What a gate takes back in a zone with a capacity: never so much that too many are inside."""

from dataclasses import replace

import pytest

from sync import allotments, history
from sync.admission import Direction
from sync.facts import Admitted, Allotted, Body
from sync.names import FactId
from sync.undoing import undo
from tests.sync.builder import Pen, gate_place, ticket, ticket_type, zone
from tests.sync.gates import Site, says

OUT = Direction.OUT


def small(capacity: int, *more: Body, lent: int | None = None) -> Site:
    """Return a site whose first zone holds so many, all of them lent to North."""
    site = Site(ticket_type(strict=False), replace(zone(1, capacity=capacity), version=2), *more)
    part = capacity if lent is None else lent
    site.decree(Allotted(allotments.zone_resource(1), site.north.terminal, part))
    return site


def take_back(site: Site, pen: Pen) -> bool:
    """Have a gate take back what it did last; tell whether it could."""
    target = FactId(pen.records[-1].id)
    serial = getattr(pen.records[-1].body, "serial", 0)
    body = undo(site.box.cells, serial, target, pen.terminal, site.moment())
    if body is not None:
        site.commit(pen, body)
    return body is not None


def inside(site: Site) -> int:
    return history.inside_count(site.box.cells, 1)


@pytest.mark.parametrize("capacity,is_possible", [(1, False), (2, True)])
def test_an_exit_is_taken_back_only_while_the_gate_still_holds_a_place(
    capacity: int, *, is_possible: bool
) -> None:
    site = small(capacity)
    site.scan()
    site.scan(way=OUT)
    left = FactId(site.north.records[-1].id)
    assert says(site.scan(code=ticket(6))) == "admit"
    body = undo(site.box.cells, 5, left, site.north.terminal, site.moment())
    assert (body is not None) == is_possible
    if body is not None:
        site.commit(site.north, body)
    assert inside(site) == capacity


def test_an_exit_at_another_gate_is_taken_back_by_nobody_who_does_not_hold_the_place() -> None:
    site = small(2, lent=1)
    site.decree(Allotted(allotments.zone_resource(1), site.south.terminal, 1))
    site.scan(site.north)
    site.scan(site.south, way=OUT)
    assert not take_back(site, site.south)
    assert inside(site) == 0


def test_an_exit_of_somebody_who_was_not_known_to_be_inside_can_always_be_taken_back() -> None:
    site = small(1)
    site.scan(site.south, way=OUT)
    assert take_back(site, site.south)


def test_where_a_zone_has_no_capacity_an_exit_can_be_taken_back_at_any_gate() -> None:
    site = Site(ticket_type(strict=False))
    site.scan(site.north)
    site.scan(site.south, way=OUT)
    assert take_back(site, site.south)
    assert inside(site) == 1


def test_a_move_is_not_taken_back_into_a_place_that_another_gate_may_have_given_away() -> None:
    site = small(1)
    site.decree(replace(gate_place(site.south, "South", 2), version=2))
    site.scan(site.north)
    assert says(site.scan(site.south)) == "admit"
    assert not take_back(site, site.south)
    assert history.inside_counts(site.box.cells) == {2: 1}


def test_a_move_out_of_a_zone_without_a_capacity_can_be_taken_back() -> None:
    site = Site(ticket_type(strict=False))
    site.decree(replace(gate_place(site.south, "South", 2), version=2))
    site.scan(site.north)
    site.scan(site.south)
    assert take_back(site, site.south)
    assert history.inside_counts(site.box.cells) == {1: 1}


def test_an_admission_that_counted_out_another_gates_is_not_taken_back_where_places_count() -> None:
    site = small(2, lent=1)
    site.decree(Allotted(allotments.zone_resource(1), site.south.terminal, 1))
    site.scan(site.north)
    site.scan(site.south)
    assert not take_back(site, site.south)
    assert inside(site) == 1


@pytest.mark.parametrize("others", [0, 1])
def test_an_admission_that_counted_out_its_own_gates_needs_a_place_for_that(others: int) -> None:
    site = small(2)
    site.scan()
    again = site.scan().fact
    assert isinstance(again, Admitted)
    target = FactId(site.north.records[-1].id)
    for number in range(others):
        assert says(site.scan(code=ticket(60 + number))) == "admit"
    body = undo(site.box.cells, 5, target, site.north.terminal, site.moment())
    assert (body is None) == bool(others)


def test_two_gates_that_took_the_same_guest_out_do_not_both_take_it_back_unseen() -> None:
    site = small(1)
    site.scan()
    out = site.ask(way=OUT).fact
    assert out is not None
    first = site.commit(site.north, out)
    second = site.commit(site.south, out)
    assert says(site.scan(code=ticket(6))) == "admit"
    for pen, record in ((site.north, first), (site.south, second)):
        body = undo(site.box.cells, 5, FactId(record.id), pen.terminal, site.moment())
        assert body is None
    assert inside(site) == 1


def test_an_admission_is_always_taken_back_however_full_the_zone_is() -> None:
    site = small(1)
    site.scan()
    assert take_back(site, site.north)
    assert inside(site) == 0
    assert says(site.scan(code=ticket(6))) == "admit"
