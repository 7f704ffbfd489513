"""A gate with a clock moved by hand, a supervisor and an agent, for the tests of its desk."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.gate.desk import GateDesk
from edge.terminal import Terminal
from hardware.bench import ManualClock
from sync.body import Body
from sync.codes import CodeKind
from sync.facts import (
    GateSet,
    Right,
    StaffSet,
    TicketStatus,
    TicketStatusSet,
    TypeSet,
    ZoneSet,
)
from sync.keys import pin_proof
from sync.names import FactId, Role
from tests.edge.boxes import NOW_MS, code_of, make_folder, office_says, opened, told

ZONE: Final = 3
SINGLE: Final = TypeSet(1, 1, "Day", False, 0, 0, 0, True, (), (), 1)
GROUP: Final = TypeSet(2, 1, "School class", False, 0, 0, 0, True, (), (), 5)
ADULT: Final = TypeSet(3, 1, "Late night", True, 0, 0, 0, True, (), (), 1, "Look at the card.", 18)
CANCELLED: Final = 9
BOSS, AGENT = 700, 701
PIN: Final = "271828"
PROOF: Final = pin_proof(PIN, b"0123456789abcdef")
STAFF: Final = (
    StaffSet(BOSS, 1, "S1", int(Right.SUPERVISOR), PROOF),
    StaffSet(AGENT, 1, "N1", int(Right.AGENT), PROOF),
)


@dataclass
class Gate:
    """A gate whose clock is moved by hand."""

    terminal: Terminal
    desk: GateDesk
    clock: ManualClock

    def do(self, what: str, **command: Any) -> dict[str, Any]:
        """Give a command in the lane; `BadCommand` comes out of it as in a headless box."""
        return told(self.terminal, self.desk, what, command)

    def scan(self, serial: int, direction: str = "in", ticket_type: int = 1) -> dict[str, Any]:
        """Scan a genuine ticket."""
        return self.do("scan", text=code_of(serial, ticket_type=ticket_type), direction=direction)

    def body(self, fact: str) -> Any:
        """Return what is on the disk under a fact's id."""
        record = self.terminal.lane.run(
            lambda: self.terminal.store.record(FactId(bytes.fromhex(fact)))
        )
        assert record is not None
        return record.body

    def facts(self) -> int:
        """Return how many facts are on the disk."""
        return self.terminal.lane.run(self.terminal.store.facts)

    def restart(self) -> None:
        """Stop the box and start it again on its folder; the clock goes on."""
        folder = self.terminal.folder
        self.terminal.close()
        self.terminal = opened(folder, Role.GATE, self.clock)
        self.desk = GateDesk(self.terminal)


def badge(serial: int) -> str:
    """Return the text of a staff badge."""
    return code_of(serial, CodeKind.STAFF_BADGE)


@contextmanager
def running_gate(folder: Path, *more: Body) -> Iterator[Gate]:
    """Run a gate called North that lets into an arena, as its office set it up."""
    clock = ManualClock(NOW_MS)
    terminal = opened(make_folder(folder, "gate"), Role.GATE, clock)
    place = GateSet(terminal.manifest.terminal_id, 1, "North", ZONE, ())
    withdrawn = TicketStatusSet(((CANCELLED, int(TicketStatus.CANCELLED), 1, None),))
    zone = ZoneSet(ZONE, 1, "Arena", None)
    bodies = (SINGLE, GROUP, ADULT, place, zone, withdrawn, *more)
    terminal.lane.run(lambda: office_says(terminal, *bodies))
    gate = Gate(terminal, GateDesk(terminal), clock)
    yield gate
    gate.terminal.close()
