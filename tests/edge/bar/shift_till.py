"""A till for the tests of shifts: it records through its book of shifts, as a desk does."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from edge.bar.shifts import ShiftBook
from edge.headless import BadCommand
from edge.terminal import Terminal
from hardware.bench import ManualClock
from sync.body import Body
from sync.facts import BarSet, LineKind, Method, ProductSet, Refunded, Sold, StaffSet, Voided
from sync.journal import Record
from sync.names import Role
from tests.edge.boxes import NOW_MS, make_folder, office_says, opened

BAR = 4
ANA = 5001
BEER = ProductSet(1, 1, "Bière blonde", "Drinks", 480, 2000, 100, 18, True, half=260, mixer=100)
CHIPS = ProductSet(2, 1, "Chips", "Food", 350, 1000, 0, 0, True)
Line = tuple[int, int, int, int, int, int | None]
PaymentRow = tuple[int, int, int | None, str | None]


def beer(quantity: int = 1, kind: LineKind = LineKind.ITEM, unit: int = 480) -> Line:
    return (1, quantity, unit, 2000, int(kind), None)


def chips(quantity: int = 1) -> Line:
    return (2, quantity, 350, 1000, int(LineKind.ITEM), None)


def number(sale: int) -> bytes:
    return sale.to_bytes(16, "big")


@dataclass
class ShiftTill:
    """A till whose shifts are tested; what it sells is stated, not asked."""

    folder: Path
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW_MS))
    seller: int = ANA
    terminal: Terminal = field(init=False)
    book: ShiftBook = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        self.terminal = opened(self.folder, Role.BAR, self.clock)
        self.book = self.lane(
            lambda: ShiftBook(self.terminal, seller=lambda: self.seller, bar=lambda: BAR)
        )

    def reopen(self) -> None:
        """End the process and start another on the same folder."""
        self.terminal.close()
        self.open()

    def lane(self, job: Any) -> Any:
        return self.terminal.lane.run(job)

    def do(self, what: str, **command: Any) -> dict[str, Any]:
        """Give a command in the lane; `BadCommand` comes out of it."""

        def job() -> dict[str, Any] | BadCommand:
            try:
                return self.book.commands()[what](command)
            except BadCommand as trouble:
                return trouble

        answer = self.lane(job)
        if isinstance(answer, BadCommand):
            raise answer
        return answer  # type: ignore[no-any-return]  # the lane gives what the job returned

    def state(self, *bodies: Body, is_told: bool = True) -> list[Record]:
        """Record facts, and tell the book of shifts unless a test forgets to."""

        def job() -> list[Record]:
            records = []
            for body in bodies:
                record = self.terminal.record(body)
                if is_told:
                    self.book.note(record)
                records.append(record)
            return records

        return self.lane(job)  # type: ignore[no-any-return]

    def sell(
        self,
        sale: int,
        lines: Sequence[Line] = (beer(),),
        payments: Sequence[PaymentRow] | None = None,
    ) -> Record:
        total = sum(line[1] * line[2] for line in lines)
        paid = payments or ((int(Method.CASH), total, None, None),)
        shift = self.lane(lambda: self.book.number)
        body = Sold(
            number(sale), BAR, shift, ANA, tuple(lines), tuple(paid), 1, "tender", 0
        )  # fmt: skip
        return self.state(body)[0]

    def void(self, sale: int, *lines: int) -> Record:
        shift = self.lane(lambda: self.book.number)
        return self.state(Voided(number(sale), lines, (), BAR, shift, ANA))[0]

    def refund(self, sale: int, at: int, quantity: int, amount: int) -> Record:
        shift = self.lane(lambda: self.book.number)
        operation = self.terminal.lane.run(lambda: number(self.terminal.store.facts() + 10**9))
        paid = ((int(Method.CASH), -amount, None, None),)
        body = Refunded(operation, number(sale), at, quantity, paid, BAR, shift, ANA)
        return self.state(body)[0]

    def says(self, *bodies: Body, number: int = 50) -> None:
        self.lane(lambda: office_says(self.terminal, *bodies, number=number))


def shift_till(folder: Path) -> ShiftTill:
    """Return a till with a price list, a place and staff."""
    till = ShiftTill(make_folder(folder, "bar"))
    place = BarSet(till.terminal.manifest.terminal_id, 1, "Main bar", BAR)
    till.says(BEER, CHIPS, place, StaffSet(ANA, 1, "Ana", 2, None), number=40)
    return till
