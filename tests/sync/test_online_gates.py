"""Gates at which no box stands: whose word about them is believed, and what it moves."""

from dataclasses import replace

import pytest

from sync import allotments, catalogue, history, lending
from sync.facts import Admitted, Allotted, Body, GateSet, Left, Moved, Provisional, Refused
from sync.names import Role
from sync.online_gates import gate_of_fact, online_gate_id
from tests.sync.builder import DAY, FESTIVAL, admitted, ticket_type, zone
from tests.sync.gates import Site

PHONES = online_gate_id(FESTIVAL, 1)
PLACES = allotments.zone_resource(1)
SPOKEN: tuple[Body, ...] = (
    replace(admitted(after=()), gate=PHONES),
    Left(5, 1, DAY, (), None, PHONES),
    Moved(5, 2, 1, DAY, (), PHONES),
    Refused(5, b"digest8!", "cancelled", 1, 1, PHONES),
)


def site() -> Site:
    made = Site(ticket_type(strict=False), replace(zone(1, capacity=9), version=2))
    made.decree(GateSet(PHONES, 1, "Phones", 1, (), 1))
    made.decree(Allotted(PLACES, made.north.terminal, 4))
    return made


def counted(made: Site) -> set[bytes]:
    """Return the gates that did anything, and those that used places."""
    cells = made.box.cells
    used = {one for one, part in allotments.holdings(cells, PLACES).items() if part.used}
    return set(history.gate_counts(cells)) | used


@pytest.mark.parametrize("body", SPOKEN, ids=lambda body: type(body).__name__)
def test_what_a_box_says_of_an_online_gate_is_counted_as_its_own(body: Body) -> None:
    made = site()
    made.commit(made.north, body)
    assert counted(made) <= {made.north.terminal}
    assert all(row.terminal == made.north.terminal for row in history.facts_of(made.box.cells, 5))


@pytest.mark.parametrize("body", SPOKEN, ids=lambda body: type(body).__name__)
def test_what_the_office_says_of_an_online_gate_is_counted_there(body: Body) -> None:
    made = site()
    made.commit(made.office, body)
    assert counted(made) <= {PHONES}
    assert all(row.terminal == PHONES for row in history.facts_of(made.box.cells, 5))


@pytest.mark.parametrize("role", [Role.GATE, Role.BAR, Role.HUB])
def test_nobody_but_the_office_speaks_for_another_gate(role: Role) -> None:
    made = site()
    record = made.north.write(SPOKEN[0], made.moment())
    assert gate_of_fact(record, role) == made.north.terminal
    assert gate_of_fact(record, Role.OFFICE) == PHONES


def test_a_box_that_names_an_online_gate_uses_its_own_places() -> None:
    made = site()
    made.commit(made.north, SPOKEN[0])
    part = allotments.holding(made.box.cells, PLACES, made.north.terminal)
    assert (part.held, part.used) == (3, 1)
    assert isinstance(SPOKEN[0], Admitted)


def test_a_box_makes_no_online_gate() -> None:
    made = site()
    made.commit(made.north, GateSet(online_gate_id(FESTIVAL, 2), 1, "Mine", 1, (), 2))
    assert [gate.name for gate in catalogue.gates(made.box.cells, online=True)] == ["Phones"]


def test_the_id_of_an_online_gate_follows_from_festival_and_number() -> None:
    assert PHONES.hex() == "b6b78e40ec7f37c2fb43c77bd5c58134"
    ids = {online_gate_id(festival, number) for festival in (1, 2, 7) for number in (0, 1, 65_535)}
    assert len(ids) == 9


def test_who_comes_in_online_makes_no_gate_ask_for_more_unless_places_come_back_with_it() -> None:
    made = site()
    fresh = replace(admitted(after=()), gate=PHONES)
    again = replace(fresh, provisional=int(Provisional.REENTERED))
    assert lending.touched(made.box.cells, [fresh]) == set()
    for body in (again, replace(fresh, gate=None), SPOKEN[1]):
        assert PLACES in (lending.touched(made.box.cells, [body]) or ())
