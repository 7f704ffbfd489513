"""Gates of one site in this process: real terminals, real TLS on loopback, no office."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.gate.desk import GateDesk
from edge.neighbours.lan import Lan
from edge.neighbours.site import Neighbours
from edge.terminal import Terminal
from hardware.wall_clock import SystemClock
from sync.admission import Direction
from sync.body import Body
from sync.conflicts import ConflictKind, conflicts
from sync.facts import TypeSet
from sync.names import Area, Role
from tests.edge.boxes import code_of, make_folder, office_says

ONCE = TypeSet(
    type=1, version=1, name="Day", allow_reentry=False, usage_limit=1, daily_limit=0,
    cooldown_minutes=0, exit_required=True, zones=(), window=(), group_max=1,
)  # fmt: skip
WAIT_S = 20
STEP_S = 0.02


def eventually(is_so: Callable[[], bool], what: str, wait_s: float = WAIT_S) -> None:
    """Wait until something is so; `AssertionError` says what never was."""
    pause = threading.Event()
    for _ in range(int(wait_s / STEP_S)):
        if is_so():
            return
        pause.wait(STEP_S)
    message = f"never: {what}"
    raise AssertionError(message)


class SiteGate:
    """A gate with its desk on a LAN."""

    def __init__(self, folder: Path, number: int, lan: Lan, *bodies: Body) -> None:
        """Open a new gate's folder, which the office told about one type of tickets."""
        make_folder(folder, "gate", number)
        self.terminal = Terminal(folder, Role.GATE, clock=SystemClock(), synchronised=True)
        office_says(self.terminal, ONCE, *bodies)
        self.name = self.terminal.manifest.terminal_id
        self.desk = GateDesk(self.terminal)
        self.terminal.start()
        self.neighbours = Neighbours(self.terminal, lan)
        self.neighbours.start()

    @property
    def figures(self) -> dict[str, int]:
        """What is known of the LAN."""
        return self.neighbours.figures()

    def scan(self, serial: int) -> str:
        """Scan a ticket and return the reason, or the verdict."""
        answer = self.terminal.lane.run(lambda: self.desk.scans.scan(code_of(serial), Direction.IN))
        return str(answer["reason"] or answer["verdict"])

    def scan_all(self, codes: list[str]) -> None:
        """Scan many codes in one job."""

        def job() -> None:
            for code in codes:
                self.desk.scans.scan(code, Direction.IN)

        self.terminal.lane.run(job)

    def meets(self, other: "SiteGate") -> None:
        """Hear where another gate is, as if it had been found."""
        self.neighbours.found(other.name, Role.GATE, ("127.0.0.1", other.neighbours.port))

    def holds(self, count: int) -> bool:
        """Tell whether at least so many facts are here."""
        return self.terminal.lane.run(self.terminal.store.last_arrival) >= count

    def only_here(self) -> int:
        """Return how many own facts nobody else holds."""
        return self.terminal.lane.run(self.terminal.only_here)

    def listed_twice(self) -> int:
        """Return how many second admissions are listed here."""

        def job() -> int:
            found = conflicts(self.terminal.store.shelf.cells, Area.ACCESS)
            return sum(one.kind is ConflictKind.SECOND_ADMISSION for one in found)

        return self.terminal.lane.run(job)

    def close(self) -> None:
        """End."""
        self.neighbours.stop()
        self.terminal.close()


def listed(*others: SiteGate) -> Lan:
    """Return a LAN on loopback with a list of others."""
    places = tuple(("127.0.0.1", one.neighbours.port) for one in others)
    return Lan(finds=False, listed=places, listen=("127.0.0.1", 0))


@contextmanager
def site(folder: Path, count: int, *bodies: Body) -> Iterator[list[SiteGate]]:
    """Lend so many gates that know each other: each was given a list of those before it."""
    gates: list[SiteGate] = []
    try:
        for number in range(count):
            lan = listed(*gates)
            gates.append(SiteGate(folder / f"gate-{number}", 10 + number, lan, *bodies))
        eventually(
            lambda: all(one.figures["neighbours"] == count - 1 for one in gates),
            "all gates have met",
        )
        yield gates
    finally:
        for one in gates:
            one.close()
