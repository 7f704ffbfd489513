"""Quotas: who spends only what it holds never spends too much together, whoever hears whom."""

import random

from hypothesis import given, settings

from sync import allotments, catalogue, history, lending
from sync.admission import Admit, Direction, Question, judge
from sync.conflicts import conflicts
from sync.facts import (
    AllotmentPassed,
    AllotmentReturned,
    AllotmentWrittenOff,
    Allotted,
    Body,
)
from sync.names import Area, Role
from tests.sync.builder import (
    at,
    bar,
    box_with,
    gate,
    gate_place,
    office,
    ticket,
    ticket_type,
    zone,
)
from tests.sync.worlds import seeds

PLACES = (1, 1)


def test_a_terminal_holds_what_it_got_less_what_it_gave_used_and_lost() -> None:
    centre, north, south = office(), gate(21), gate(22)
    centre(
        Allotted(PLACES, north.terminal, 10),
        Allotted(PLACES, south.terminal, 5),
        AllotmentWrittenOff(PLACES, south.terminal, 1),
    )
    north(AllotmentPassed(PLACES, south.terminal, 3), AllotmentReturned(PLACES, 2))
    cells = box_with([*centre.records, *north.records]).cells
    assert allotments.held(cells, PLACES, north.terminal) == 5
    assert allotments.held(cells, PLACES, south.terminal) == 7
    assert lending.committed(cells, PLACES) == 12
    assert set(allotments.holdings(cells, PLACES)) == {north.terminal, south.terminal}
    assert allotments.holdings(cells, (1, 2)) == {}
    allotments.use(cells, PLACES, north.terminal, 4)
    assert allotments.held(cells, PLACES, north.terminal) == 1


def test_a_place_is_access_and_whatever_tills_hand_out_is_money() -> None:
    assert [allotments.area_of((kind, 1)) for kind in range(1, 6)] == [
        Area.ACCESS, Area.MONEY, Area.MONEY, Area.MONEY, Area.MONEY,
    ]  # fmt: skip


def test_a_bar_passes_on_a_loan_and_a_gate_a_place_but_neither_the_others() -> None:
    centre, north, till = office(), gate(), bar()
    loan = (5, 99)
    centre(Allotted(loan, till.terminal, 9), Allotted(PLACES, north.terminal, 9))
    till(AllotmentReturned(loan, 4), AllotmentPassed(PLACES, north.terminal, 5))
    north(AllotmentReturned(PLACES, 4), AllotmentPassed(loan, till.terminal, 5))
    cells = box_with([*centre.records, *till.records, *north.records]).cells
    assert allotments.held(cells, loan, till.terminal) == 5
    assert allotments.held(cells, PLACES, north.terminal) == 5
    assert [len(conflicts(cells, area)) for area in Area] == [0, 1, 1]


class Gates:
    """Gates that each judge by what they hold and hear what the seed lets through."""

    def __init__(self, seed: int, capacity: int) -> None:
        self.chance = random.Random(seed)
        self.capacity = capacity
        self.office = office()
        self.pens = [gate(21), gate(22), gate(23)]
        self.boxes = {pen.terminal: box_with([pen.first], Role.GATE) for pen in self.pens}
        self.office(zone(1, capacity), ticket_type())
        self.office(*(gate_place(pen, pen.name) for pen in self.pens))
        self.lent = 0
        self.serial = 0

    def state(self, pen_index: int, body: Body) -> None:
        pen = self.pens[pen_index]
        self.boxes[pen.terminal].take(pen.write(body))

    def lend(self) -> None:
        """The office lends from what is left, and takes nothing back that it has not heard of."""
        part = self.chance.randint(0, self.capacity - self.lent)
        self.lent += part
        self.office(Allotted(PLACES, self.chance.choice(self.pens).terminal, part))

    def give(self) -> None:
        giver = self.chance.randrange(3)
        pen = self.pens[giver]
        held = allotments.held(self.boxes[pen.terminal].cells, PLACES, pen.terminal)
        part = self.chance.randint(0, max(0, held))
        to = self.chance.choice(self.pens).terminal
        self.state(giver, AllotmentPassed(PLACES, to, part))

    def hear(self) -> None:
        box = self.boxes[self.chance.choice(self.pens).terminal]
        everything = [r for pen in (self.office, *self.pens) for r in pen.records]
        box.take(*(r for r in everything if self.chance.random() < 0.6))

    def scan(self, way: Direction) -> None:
        index = self.chance.randrange(3)
        pen = self.pens[index]
        self.serial += 1
        serial = self.serial if way is Direction.IN else self.chance.randint(1, self.serial)
        asked = Question(ticket(serial), b"digest8!", pen.terminal, way, at(), 60, 0)
        cells = self.boxes[pen.terminal].cells
        if pen.name not in {place.name for place in catalogue.gates(cells)}:
            return
        if catalogue.zone(cells, 1) is None:
            return
        verdict = judge(cells, asked)
        if isinstance(verdict, Admit):
            self.state(index, verdict.fact)


@settings(max_examples=30, derandomize=True, deadline=None)
@given(seeds)
def test_in_any_partition_no_more_come_in_than_there_are_places(seed: int) -> None:
    site = Gates(seed, capacity=8)
    acts = [site.lend, site.give, site.hear, site.hear]
    acts += [lambda: site.scan(Direction.IN)] * 6 + [lambda: site.scan(Direction.OUT)] * 2
    for _ in range(80):
        site.chance.choice(acts)()
    everything = [r for pen in (site.office, *site.pens) for r in pen.records]
    cells = box_with(everything).cells
    used = sum(part.used for part in allotments.holdings(cells, PLACES).values())
    assert used <= site.capacity
    assert history.inside_count(cells, 1) <= site.capacity
    assert all(part.held >= 0 for part in allotments.holdings(cells, PLACES).values())
    assert conflicts(cells, Area.ACCESS) == []


def test_places_are_used_at_all() -> None:
    """The law above would hold for gates that let nobody in."""
    site = Gates(1, capacity=8)
    for _ in range(4):
        site.lend()
    site.lent = 8
    for box in site.boxes.values():
        box.take(*site.office.records)
    for _ in range(60):
        site.scan(Direction.IN)
    everything = [r for pen in (site.office, *site.pens) for r in pen.records]
    cells = box_with(everything).cells
    assert 0 < history.inside_count(cells, 1) == lending.committed(cells, PLACES)
