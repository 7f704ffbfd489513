"""A festival of real processes: an office, gates and tills, on this machine or in a lab's hosts."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, Final

from edge.store.store import look_into
from hardware.wall_clock import SystemClock
from sync.names import FactId
from tests.outside.lab import Lab
from tests.rehearsal.boxes import LOOPBACK, Box, BoxTrouble, Office

FESTIVAL: Final = 2028
FIELD: Final = 1
DAY: Final = 1
TICKETS_AT_ONCE: Final = 300
WRISTBANDS: Final = 20
LEVEL_S: Final = 60
OFFICE: Final = "office"
_OFFICE_PORT: Final = 8_080
_LOOK_S: Final = 0.05
PRICE_MINOR: Final = 500

Ticket = tuple[int, str]


class Fair:
    """The festival; with a lab, the office and each box live on the host of their name."""

    def __init__(self, folder: Path, lab: Lab | None = None) -> None:
        """Make the festival and issue its codes; nothing runs yet."""
        self.folder = folder
        self.lab = lab
        self.boxes: dict[str, Box] = {}
        self.office = Office(folder / OFFICE, FESTIVAL, "Fair", "EUR")
        self.office.do("policy", "--set", "code_only_daily=none")
        self.office.say(
            [
                {"kind": "zone", "zone": FIELD, "name": "Field"},
                {"kind": "type", "type": DAY, "name": "Day", "exit_required": True},
            ]
        )
        self._tickets: list[Ticket] = []
        self.wristbands = [text for _, text in self.issue("wristband", WRISTBANDS)]
        self._port = 0
        self._sales = 0

    def issue(self, kind: str, count: int, *words: str) -> list[Ticket]:
        """Issue codes; return the serial and the text of each."""
        more = ("--kind", kind, "--type", str(DAY), "--count", str(count), *words)
        rows = [row.split("\t") for row in self.office.do("issue", *more).splitlines()]
        return [(int(serial), text) for serial, text in rows]

    def tickets(self, count: int) -> list[Ticket]:
        """Return so many tickets that nobody has shown yet."""
        while len(self._tickets) < count:
            self._tickets += self.issue("ticket", TICKETS_AT_ONCE)
        taken, self._tickets = self._tickets[:count], self._tickets[count:]
        return taken

    def sale(self) -> str:
        """Return the id of a new sale or operation."""
        self._sales += 1
        return f"{self._sales:032x}"

    def inside(self, name: str) -> AbstractContextManager[None]:
        """Enter the host of the office or of a box; without a lab there is only this machine."""
        return nullcontext() if self.lab is None else self.lab.hosts[name].inside()

    @property
    def address(self) -> str:
        """Where the boxes find the office."""
        return LOOPBACK if self.lab is None else self.lab.hosts[OFFICE].address

    def serve(self) -> None:
        """Start the office, each time at the same port."""
        with self.inside(OFFICE):
            if self.lab is None:
                self.office.serve(self._port)
                self._port = self.office.port
            else:
                self._port = _OFFICE_PORT
                self.office.serve(self._port, "0.0.0.0")  # noqa: S104 - within the lab

    def add(
        self, name: str, role: str, *options: str, folder: Path | None = None, **how: Any
    ) -> Box:
        """Enrol a box, which the office must hear, without starting it.

        `folder` is where the box's folder lies; the rest is what a `Box` may be given.
        """
        box = Box((folder or self.folder) / name, role, *options, **how)
        with self.inside(OFFICE):  # the code is given out there; the box asks from its own host
            self.office.enrol(box.folder, role, name, 1, self._port, self.address)
        self.boxes[name] = box
        return box

    def start(self, *names: str) -> None:
        """Start boxes, each on its host."""
        for name in names:
            with self.inside(name):
                self.boxes[name].start()

    def opened(self, name: str, role: str, *options: str, **how: Any) -> Box:
        """Enrol and start a box."""
        box = self.add(name, role, *options, **how)
        self.start(name)
        return box

    def summary(self) -> dict[str, Any]:
        """Return what the office says of everything."""
        with self.inside(OFFICE):
            answer: dict[str, Any] = self.office.ask("/api/v1/summary")
        return answer

    def level(self, *names: str, wait_s: int = LEVEL_S) -> dict[str, Any]:
        """Wait until the office and these boxes (all, if none is named) share one state.

        Returns the office's summary then; fails with what each says if it takes too long.
        """
        boxes = [self.boxes[name] for name in names or self.boxes]
        found: dict[str, Any] = {}

        def is_level() -> bool:
            left = [box.ask("status")["only_here"] for box in boxes]
            found.update(self.summary())
            told = [box.ask("hashes") for box in boxes]
            hashes = found["hashes"]
            same = [one[area] == hashes[area] for one in told for area in hashes if area in one]
            found.update(left=left, told=told)
            return not any(left) and all(same)

        until(is_level, "one state everywhere", wait_s, found)
        return found

    def stop_boxes(self) -> None:
        """End and forget every box."""
        for box in self.boxes.values():
            box.stop()
        self.boxes.clear()

    def close(self) -> None:
        """End every process."""
        self.stop_boxes()
        self.office.stop()


def until(holds: Any, what: str, wait_s: int = LEVEL_S, shown: object = "") -> None:
    """Wait until a condition holds; fail by name if it does not in time."""
    clock = SystemClock()
    start_ms = clock.monotonic_ms()
    while not holds():
        if clock.monotonic_ms() - start_ms > 1000 * wait_s:
            message = f"after {wait_s} s still not: {what}. {shown}"
            raise AssertionError(message)
        threading.Event().wait(_LOOK_S)


@contextmanager
def open_fair(folder: Path, lab: Lab | None = None) -> Iterator[Fair]:
    """Make a festival whose office serves, and end every process at the end of the block."""
    fair = Fair(folder, lab)
    try:
        fair.serve()
        yield fair
    finally:
        fair.close()


def scans(gate: Box, tickets: list[Ticket], **how: Any) -> dict[int, int]:
    """Give a gate scans without waiting; return the serial that each command shows."""
    return {gate.send({"do": "scan", "text": text, **how}): serial for serial, text in tickets}


def sale_of(sale: str, wristband: str | None = None) -> dict[str, Any]:
    """Return the command of a sale of one drink, to a wristband or in cash."""
    lines = [[1, 1, PRICE_MINOR, 2000, 0, None]]
    how = {"payments": [["cash", PRICE_MINOR]]} if wristband is None else {"wristband": wristband}
    return {"do": "sell", "sale": sale, "lines": lines, **how}


def some_answers(box: Box, numbers: list[int], count: int) -> list[dict[str, Any]]:
    """Return the answers to the first so many commands."""
    return [box.answer(number) for number in numbers[:count]]


def holds(folder: Path, facts: set[str]) -> set[str]:
    """Return which of these facts a box's store does not hold."""
    store = look_into(folder)
    try:
        return {one for one in facts if store.record(FactId(bytes.fromhex(one))) is None}
    finally:
        store.connection.close()


def shown_as_done(answers: list[dict[str, Any]]) -> set[str]:
    """Return the facts that answers showed as recorded."""
    return {str(one["fact"]) for one in answers if one.get("fact")}


def is_well(box: Box) -> bool:
    """Tell whether the box's whole check finds nothing."""
    found = box.ask("check")
    if not found["is_well"]:
        message = f"the check of {box.folder.name} found: {found}"
        raise BoxTrouble(message)
    return True
