"""Terminals that use up one quota, cut off and heard as a seed draws it; quick, for many histories.

Records are folded without signatures: what is tried here is who may use how much.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sync import allotments, fold, lending, passing
from sync.allotments import Resource
from sync.cells import CellKey, CellKind, MemoryCells
from sync.clock import TRUSTED_CLOCK, Stamp
from sync.facts import (
    AllotmentPassed,
    AllotmentReturned,
    Allotted,
    BarSet,
    Body,
    GateSet,
    ProductSet,
    QuotaSet,
    ResourceKind,
    ZoneSet,
)
from sync.journal import Record
from sync.names import Area, FactId, Role, RunId, TerminalId
from tests.sync.builder import FESTIVAL, NOW_MS, admitted, in_cash, item, left, sold, voided

PLACES: Resource = (int(ResourceKind.ZONE), 1)
BEER: Resource = (int(ResourceKind.STOCK), 1)
OFFICE = b"o" * 16


class QuickCells(MemoryCells):
    """Cells in memory that are walked by kind without a look at all the others."""

    def __init__(self) -> None:
        super().__init__()
        self._kinds: dict[tuple[Area, CellKind], dict[bytes, Any]] = {}

    def set(self, key: CellKey, value: Any) -> None:
        super().set(key, value)
        shelf = self._kinds.setdefault((key.area, key.kind), {})
        if value is None:
            shelf.pop(key.key, None)
        else:
            shelf[key.key] = value

    def items(
        self, area: Area, kind: CellKind | None = None, prefix: bytes = b""
    ) -> Iterator[tuple[CellKey, Any]]:
        assert kind is not None
        shelf = self._kinds.get((area, kind), {})
        for name in sorted(name for name in shelf if name.startswith(prefix)):
            yield CellKey(area, kind, name), shelf[name]


@dataclass
class Place:
    """One machine: what it has folded, how much of the site's history it heard, and its line."""

    terminal: bytes
    cells: QuickCells = field(default_factory=QuickCells)
    heard: set[int] = field(default_factory=set)
    is_cut: bool = False


class Site:
    """An office and terminals about one quota: places in a zone, or units of a product."""

    def __init__(self, seed: int, capacity: int, count: int, resource: Resource = BEER) -> None:
        self.chance = random.Random(seed)
        self.capacity = capacity
        self.resource = resource
        self.history: list[tuple[Record, Role]] = []
        self.role = Role.GATE if resource == PLACES else Role.BAR
        self.office = Place(OFFICE)
        self.boxes = [Place(bytes([10 + n]) * 16) for n in range(count)]
        self.truth = QuickCells()
        self.open: list[tuple[int, FactId, int]] = []
        self.number = 0
        self.state_all(self._catalogue())
        self.level()

    def _catalogue(self) -> list[Body]:
        if self.resource == PLACES:
            gates = [GateSet(box.terminal, 1, "G", 1, ()) for box in self.boxes]
            return [*gates, ZoneSet(1, 1, "Field", self.capacity)]
        bars = [BarSet(box.terminal, 1, "B", 1) for box in self.boxes]
        beer = ProductSet(1, 1, "Beer", "", 300, 2000, 0, 0, True)
        return [*bars, beer, QuotaSet(*BEER, 1, self.capacity)]

    # --- the world ---

    def state(self, place: Place, body: Body) -> Record:
        """Let a machine state a fact, which it folds at once."""
        number = len(self.history)
        name = number.to_bytes(32, "big")
        terminal = TerminalId(place.terminal)
        record = Record(
            b"", b"", b"", FactId(name), 1, FESTIVAL, terminal, RunId(terminal), number,
            FactId(name), Stamp(NOW_MS + number, 0), TRUSTED_CLOCK, body.KIND, body,
        )  # fmt: skip
        role = Role.OFFICE if place is self.office else self.role
        self.history.append((record, role))
        fold.fold(self.truth, record, role)
        self._hear(place, number)
        return record

    def state_all(self, bodies: Sequence[Body]) -> None:
        """Let the office state facts."""
        for body in bodies:
            self.state(self.office, body)

    def _hear(self, place: Place, number: int) -> None:
        if number not in place.heard:
            place.heard.add(number)
            record, role = self.history[number]
            fold.fold(place.cells, record, role)

    def meet(self, one: Place, other: Place) -> None:
        """Let two machines exchange everything that they know."""
        for number in sorted(one.heard ^ other.heard):
            self._hear(one, number)
            self._hear(other, number)

    def level(self) -> None:
        """Let everybody who has a line talk to the office, which lends; twice, so that all know."""
        for _ in range(2):
            for box in self.boxes:
                if not box.is_cut:
                    self.meet(box, self.office)
            self.lend()

    def lend(self) -> None:
        """Let the office lend what it should by what it knows."""
        self.state_all(lending.lend(self.office.cells, [self.resource]))

    # --- what terminals do ---

    def held(self, box: Place) -> int:
        """Return what a terminal believes to hold."""
        return allotments.held(box.cells, self.resource, box.terminal)

    def use(self, box: Place) -> bool:
        """Use one unit if the terminal holds one."""
        if self.held(box) < 1:
            return False
        self.number += 1
        at = self.boxes.index(box)
        body = admitted(self.number) if self.resource == PLACES else _sale(self.number)
        self.open.append((at, self.state(box, body).id, self.number))
        return True

    def take_back(self) -> None:
        """Void a sale at its till, or let a guest out where the admission was heard of."""
        if not self.open:
            return
        at, fact, number = self.open.pop(self.chance.randrange(len(self.open)))
        if self.resource != PLACES:
            self.state(self.boxes[at], voided(number))
            return
        knows = [b for b in self.boxes if int.from_bytes(fact, "big") in b.heard]
        self.state(self.chance.choice(knows), left(fact, number))

    def tidy(self, box: Place) -> None:
        """Give back what is over."""
        quota = lending.read(box.cells, self.resource)
        over = 0 if quota is None else quota.surplus(box.terminal)
        if over:
            self.state(box, AllotmentReturned(self.resource, over))

    def ask(self, box: Place, wanted: int = 1) -> None:
        """Ask the office for a part."""
        self.meet(box, self.office)
        self.grant(box, wanted)
        self.meet(box, self.office)

    def grant(self, box: Place, wanted: int) -> None:
        """Let the office lend what was asked for, as far as it is free."""
        quota = lending.read(self.office.cells, self.resource)
        amount = 0 if quota is None else quota.grant(box.terminal, wanted)
        if amount:
            self.state(self.office, Allotted(self.resource, box.terminal, amount))

    def pass_on(self, giver: Place, asker: Place, asked: int) -> int:
        """Let one terminal give another what it can spare; the answer may be lost."""
        amount = passing.spare(giver.cells, self.resource, giver.terminal, asked)
        if amount:
            self.state(giver, AllotmentPassed(self.resource, asker.terminal, amount))
            if self.chance.random() < 0.8:
                self.meet(giver, asker)
        return amount

    # --- what is true ---

    def used(self) -> int:
        """Return what was used in truth, by everybody."""
        return sum(p.used for p in allotments.holdings(self.truth, self.resource).values())


def _sale(number: int) -> Body:
    return sold(number, (item(),), (in_cash(300),))


def sold_out(
    seed: int, count: int, cut: int, capacity: int, *, goes_on: bool = False
) -> tuple[int, int, int]:
    """Sell everything out; some terminals are cut off for good at a moment that the seed draws.

    Return (units that nobody could use in the end, of these at terminals with a line, units that
    the first terminal which was cut off held then). With `goes_on` those that are cut off sell what
    they hold.
    """
    site = Site(seed, capacity, count)
    chance = site.chance
    moment = chance.randrange(capacity)
    weights = [chance.randint(1, 4) for _ in site.boxes]
    lost: list[Place] = []
    held, idle = 0, 0
    while idle < 8 * count:
        if not lost and site.used() >= moment:
            lost = chance.sample(site.boxes, cut)
            held = site.held(lost[0])
            for box in lost:
                box.is_cut = True
        box = chance.choices(site.boxes, weights)[0]
        if box.is_cut and not goes_on:
            continue
        if not box.is_cut and site.held(box) < 1:
            site.ask(box)
        idle = 0 if site.use(box) else idle + 1
        if site.number % 5 == 0 or idle:
            for one in site.boxes:
                if not one.is_cut:
                    site.tidy(one)
            site.level()
    near = sum(max(0, site.held(box)) for box in site.boxes if not box.is_cut)
    return capacity - site.used(), near, held
