"""Tills for tests: over real folders, with a clock that is moved by hand and an office's word."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.bar.desk import TillDesk
from edge.terminal import Terminal
from hardware.bench import ManualClock
from sync.codes import CodeKind
from sync.facts import BarSet, ProductSet, Right, StaffSet, VoucherSet
from sync.keys import pin_proof
from sync.names import FactId, Role
from tests.edge.bar.authority import Authority
from tests.edge.boxes import code_of, office_says, opened, told

BOSS, CASHIER, SELLER = 700, 701, 702
PIN = "271828"
PROOF = pin_proof(PIN, b"0123456789abcdef")
STAFF = (
    StaffSet(BOSS, 1, "S1", int(Right.SUPERVISOR), PROOF),
    StaffSet(CASHIER, 1, "C1", int(Right.CASHIER), PROOF),
    StaffSet(SELLER, 1, "B1", int(Right.SELLER), PROOF),
)

BEER = ProductSet(1, 1, "Beer", "drinks", 480, 2000, 100, 18, True)
OLD = ProductSet(2, 1, "Old", "drinks", 300, 2000, 0, 0, False)
BAND = code_of(77, CodeKind.WRISTBAND)


CIDER = ProductSet(
    3, 1, "Cider", "drinks", 500, 2000, 0, 0, True, 260, 900, 150, ((720, 780, 400),), None
)
MEAL = VoucherSet(3, 1, "Crew drink", 450, (1,))
PLACE = BarSet(bytes([10]) * 16, 1, "Bar", 4)
ITEM = [9, 1, 500, 0, 0, None]


@dataclass
class Till:
    """A till whose clock is moved by hand."""

    terminal: Terminal
    desk: TillDesk
    clock: ManualClock

    def do(self, what: str, **command: Any) -> dict[str, Any]:
        """Give a command in the lane; `BadCommand` comes out of it as in a headless box."""
        return told(self.terminal, self.desk, what, command)

    def top_up(self, number: int, amount: int, band: Any = BAND) -> dict[str, Any]:
        """Take cash into a wallet."""
        operation = f"{number:032x}"
        return self.do(
            "top_up", operation=operation, wristband=band, amount_minor=amount, method="cash"
        )

    def sell(self, number: int, amount: int, band: Any = BAND, **more: Any) -> dict[str, Any]:
        """Sell one thing for an amount from a wallet."""
        lines = [[9, 1, amount, 0, 0, None]]
        return self.do("sell", sale=f"{number:032x}", lines=lines, wristband=band, **more)

    def body(self, fact: str) -> Any:
        """Return what is on the disk under a fact's id."""
        found = self.terminal.store.record(FactId(bytes.fromhex(fact)))
        assert found is not None
        return found.body

    def says(self, *bodies: Any, number: int) -> None:
        """Let the office say something more, as a process of its own."""
        self.terminal.lane.run(lambda: office_says(self.terminal, *bodies, number=number))

    @property
    def cells(self) -> Any:
        """The folded state."""
        return self.terminal.store.shelf.cells


def open_till(
    folder: Path, clock: ManualClock, *, needs_staff: bool = False, needs_shift: bool = False
) -> Till:
    """Open a folder's till."""
    terminal = opened(folder, Role.BAR, clock)
    desk = terminal.lane.run(
        lambda: TillDesk(terminal, needs_staff=needs_staff, needs_shift=needs_shift)
    )
    return Till(terminal, desk, clock)


def badge(serial: int) -> dict[str, str]:
    """Return what a command carries when this member of staff shows badge and PIN."""
    return {"badge": code_of(serial, CodeKind.STAFF_BADGE), "pin": PIN}


def band(serial: int) -> str:
    """Return a wristband's code."""
    return code_of(serial, CodeKind.WRISTBAND)


def voucher(serial: int, kind: int = 3) -> str:
    """Return a voucher's code."""
    return code_of(serial, CodeKind.VOUCHER, kind)


def sell(till: Till, number: int, **command: Any) -> dict[str, Any]:
    """Sell under a number of the test's own."""
    return till.do("sell", sale=f"{number:032x}", **command)


def authority(till: Till) -> Authority:
    """Let a till be near an authority that lends what it is told to."""
    return Authority(till.terminal, till.desk)
