"""Two boxes of one site that hold parts of a quota, whose answers a test carries by hand."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from edge.parts import Parts
from edge.terminal import Terminal
from hardware.bench import ManualClock
from sync.allotments import Resource, zone_resource
from sync.asking import Question, Reply, read_question, read_reply, spell
from sync.body import Body
from sync.facts import (
    Allotted,
    BarSet,
    GateSet,
    LineKind,
    Method,
    ProductSet,
    QuotaSet,
    ResourceKind,
    Sold,
    ZoneSet,
)
from sync.names import Role, TerminalId
from tests.edge.boxes import NOW_MS, make_folder, office_says, opened

BEER: Resource = (int(ResourceKind.STOCK), 1)
PLACES: Resource = zone_resource(3)
CAPACITY = 160
PART = CAPACITY // 8
T = TypeVar("T")


@dataclass
class Owner:
    """A box that holds parts, with a clock that is moved by hand."""

    terminal: Terminal
    parts: Parts
    clock: ManualClock

    @property
    def id(self) -> TerminalId:
        return self.terminal.manifest.terminal_id

    def do(self, job: Callable[[], T]) -> T:
        """Do a job in the lane."""
        return self.terminal.lane.run(job)

    def hears(self, *bodies: Body, number: int) -> None:
        self.do(lambda: office_says(self.terminal, *bodies, number=number))

    def held(self, resource: Resource = BEER) -> int:
        return self.do(lambda: self.parts.held(resource))

    def wants(self) -> list[Question]:
        """Return what the box asks for, read from the bytes that would go over the line."""
        return [read_question(spell(one)) for one in self.do(self.parts.wanted)]

    def gives(self, asker: "Owner", question: Question) -> bytes:
        """Return the bytes of what it answers."""
        return spell(self.do(lambda: self.parts.give(asker.id, question)))

    def takes(self, content: bytes) -> Reply:
        """Take the bytes of an answer."""
        reply = read_reply(content)
        self.do(lambda: self.parts.took(reply))
        return reply

    def sells(self, number: int, quantity: int = 1) -> None:
        """Record a sale of beer, whatever the till holds."""
        lines = ((1, quantity, 300, 2000, int(LineKind.ITEM), None),)
        paid = ((int(Method.CASH), 300 * quantity, None, None),)
        sale = bytes([self.id[0]]) + number.to_bytes(15, "big")
        body = Sold(sale, 4, 0, 0, lines, paid, 1, "tender", 0)
        self.do(lambda: self.terminal.record(body))

    def hears_of(self, other: "Owner") -> None:
        """Take everything that the other has recorded itself."""
        raws = other.do(
            lambda: [one.raw for one in other.terminal.store.newest_of(other.id, 1_000)]
        )
        self.takes_raw(raws[::-1])

    def takes_raw(self, raws: list[bytes]) -> None:
        def take() -> None:
            with self.terminal.store.transaction():
                self.terminal.replica.take(raws)

        self.do(take)

    def close(self) -> None:
        self.terminal.close()

    def restart(self, folder: Path | None = None) -> None:
        """Start again, on the same folder or on a copy of it."""
        self.terminal.close()
        self.terminal = opened(folder or self.terminal.folder, self.terminal.role, self.clock)
        self.parts = Parts(self.terminal)


def catalogue(role: Role) -> list[Body]:
    """Return what the office says of two boxes: their places, the quota, a part for each."""
    ids = [bytes([number]) * 16 for number in (10, 11)]
    if role is Role.GATE:
        places: list[Body] = [GateSet(one, 1, f"Gate {one[0]}", 3, ()) for one in ids]
        places.append(ZoneSet(3, 1, "Arena", CAPACITY))
        return [*places, *(Allotted(PLACES, one, PART) for one in ids)]
    places = [BarSet(one, 1, f"Till {one[0]}", 4) for one in ids]
    places.append(ProductSet(1, 1, "Beer", "", 300, 2000, 0, 0, True))
    places.append(QuotaSet(*BEER, 1, CAPACITY))
    return [*places, *(Allotted(BEER, one, PART) for one in ids)]


@contextmanager
def two_boxes(folder: Path, role: Role = Role.BAR) -> Iterator[tuple[Owner, Owner]]:
    """Open two boxes that hold a part each."""
    word = "gate" if role is Role.GATE else "bar"
    owners = []
    with ExitStack() as undo:
        for number in (10, 11):
            clock = ManualClock(NOW_MS)
            terminal = opened(make_folder(folder / f"{word}-{number}", word, number), role, clock)
            owner = Owner(terminal, Parts(terminal), clock)
            undo.callback(owner.close)
            owner.hears(*catalogue(role), number=40)
            owners.append(owner)
        yield owners[0], owners[1]
