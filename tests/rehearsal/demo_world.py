"""The demo's festival: an office, two gates, two bars, tickets, wristbands, each box on a cable."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import cv2

from hardware.wall_clock import SystemClock
from sync.codes import CodeKind, Ticket, issue
from sync.facts import LineKind, Method
from sync.keys import SecretKey
from tests.frames import Hardness, camera_frame
from tests.rehearsal.boxes import Box, BoxTrouble, Office
from tests.rehearsal.cable import Cable

FESTIVAL: Final = 2027
CURRENCY: Final = "EUR"
DAY_TICKETS: Final = 240
BACKSTAGE_TICKETS: Final = 20
WRISTBANDS: Final = 80
FIELD: Final = 1
DAY: Final = 1
BACKSTAGE: Final = 2
LEVEL_S: Final = 25
SHOWN_MS: Final = 4_000
SHOWN_TIMES: Final = 3
PINT: Final = 1
PRODUCTS: Final = (
    (PINT, "Pale ale", 520, 2000, 100),
    (2, "Cider", 560, 2000, 100),
    (3, "Lemonade", 300, 1000, 100),
    (4, "Chips", 450, 1000, 0),
)


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of the demo, each as (serial, text); `strange` is what nobody issued."""

    day: list[tuple[int, str]]
    backstage: list[tuple[int, str]]
    wristbands: list[tuple[int, str]]
    strange: dict[str, str]


@dataclass(slots=True)
class World:
    """Everything that runs in a demo; boxes by their names."""

    folder: Path
    office: Office
    boxes: dict[str, Box] = field(default_factory=dict)
    cables: dict[str, Cable] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    pictures: int = 0
    unread: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, name: str, do: str, **fields: Any) -> dict[str, Any]:
        """Give a box a command; what it shows as recorded is remembered for the end."""
        answer = self.boxes[name].ask(do, **fields)
        self.remember(answer)
        return answer

    def remember(self, answer: dict[str, Any]) -> None:
        """Remember the fact of an answer that was shown."""
        if answer.get("fact"):
            self.shown.add(answer["fact"])

    def show(self, gate: str, ticket: tuple[int, str], hardness: Hardness) -> dict[str, Any]:
        """Hold a ticket (serial, code) before a gate's camera until it is read.

        Each time it is held a little differently, as a guest would; the last resort is the gate's
        hand scanner.
        """
        box, (serial, code) = self.boxes[gate], ticket
        camera = camera_folder(self.folder, gate)
        for attempt in range(SHOWN_TIMES):
            with self.lock:
                self.pictures += 1
                number = self.pictures
            frame = camera_frame(code, attempt, hardness)
            _, picture = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 90])
            part = camera / f"{number:06d}.part"
            part.write_bytes(picture.tobytes())
            part.rename(part.with_suffix(".jpg"))
            verdict = _verdict_of(box, serial)
            if verdict is not None:
                self.remember(verdict)
                return verdict
        self.unread += 1
        return self.ask(gate, "scan", text=code)

    def wait_until_level(self) -> bool:
        """Wait until every box shares the office's state; False after 25 s."""
        clock = SystemClock()
        start_ms = clock.monotonic_ms()
        while clock.monotonic_ms() - start_ms < 1000 * LEVEL_S:
            behind = [box.ask("status")["only_here"] for box in self.boxes.values()]
            if not any(behind) and all(self.equal_hashes().values()):
                return True
            clock.pause(150)
        return False

    def equal_hashes(self) -> dict[str, bool]:
        """Tell for each area whether all who hold it have the office's state."""
        office = self.office.ask("/api/v1/summary")["hashes"]
        equal = dict.fromkeys(office, True)
        for box in self.boxes.values():
            answer = box.ask("hashes")
            for area in office:
                if area in answer and answer[area] != office[area]:
                    equal[area] = False
        return equal


def _verdict_of(box: Box, serial: int) -> dict[str, Any] | None:
    """Return what a gate says by itself about a ticket, None if it says nothing in time.

    A picture can, very rarely, be read as something that it is not. The gate then says that this
    is no ticket, and the guest holds theirs up again.
    """
    while (said := box.hear(SHOWN_MS)) is not None:
        if said.get("event") == "verdict" and said["serial"] == serial:
            return said
    return None


def camera_folder(folder: Path, gate: str) -> Path:
    """Return the folder that is a gate's camera."""
    return folder / f"camera-{gate}"


def sale_line(product: int, quantity: int) -> list[list[Any]]:
    """Return the lines of one product, its deposit included."""
    number, _, price, vat, deposit = PRODUCTS[product - 1]
    lines: list[list[Any]] = [[number, quantity, price, vat, int(LineKind.ITEM), None]]
    if deposit:
        lines.append([number, quantity, deposit, 0, int(LineKind.DEPOSIT), None])
    return lines


def cups_back(quantity: int) -> list[list[Any]]:
    """Return the line of so many cups that a guest brings back."""
    return [[PINT, -quantity, 100, 0, int(LineKind.CUP_BACK), None]]


CASH: Final = int(Method.CASH)


@contextmanager
def open_world(folder: Path) -> Iterator[World]:
    """Make the festival, start every process, and end them all whatever happens."""
    world = World(folder, Office(folder / "office", FESTIVAL, "Demo Fair", CURRENCY))
    try:
        world.office.say(_statements())
        world.office.serve()
        _add_box(world, "gate-north", "gate", "North", FIELD)
        _add_box(world, "gate-south", "gate", "South", FIELD)
        _add_box(world, "bar-main", "bar", "Main bar", 1)
        # Both book as one bar: a wristband at two bars within a moment would look like a copy.
        _add_box(world, "bar-lake", "bar", "Lake bar", 1)
        yield world
    finally:
        for box in world.boxes.values():
            box.stop()
        for cable in world.cables.values():
            cable.close()
        world.office.stop()


def _statements() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"kind": "zone", "zone": FIELD, "name": "Field"},
        {"kind": "zone", "zone": BACKSTAGE, "name": "Backstage"},
        {"kind": "type", "type": DAY, "name": "Day", "exit_required": True},
        {"kind": "type", "type": BACKSTAGE, "name": "Backstage", "zones": [BACKSTAGE]},
    ]
    for number, name, price, vat, deposit in PRODUCTS:
        rows.append(
            {
                "kind": "product",
                "product": number,
                "name": name,
                "price": price,
                "vat": vat,
                "deposit": deposit,
                "on_sale": True,
            }
        )
    return rows


def _add_box(world: World, name: str, role: str, title: str, place: int) -> None:
    """Enrol a box on a cable of its own and start it; a gate looks into a folder of pictures."""
    cable = Cable(world.office.port)
    world.cables[name] = cable
    world.office.enrol(world.folder / name, role, title, place, cable.port)
    options: tuple[str, ...] = ()
    if role == "gate":
        camera = camera_folder(world.folder, name)
        camera.mkdir()
        options = ("--camera", str(camera), "--keep-all")
    world.boxes[name] = Box(world.folder / name, role, *options)
    world.boxes[name].start()


def make_codes(world: World) -> Codes:
    """Issue tickets and wristbands at the office, and make what nobody issued."""
    day = _issued(world, "ticket", DAY, DAY_TICKETS)
    forged = SecretKey(random.Random(1).randbytes(32))
    good = Ticket(CodeKind.TICKET, 1, FESTIVAL, 4711, DAY, 0, 0, 0)
    return Codes(
        day=day,
        backstage=_issued(world, "ticket", BACKSTAGE, BACKSTAGE_TICKETS),
        wristbands=_issued(world, "wristband", DAY, WRISTBANDS),
        strange={
            "bad_signature": issue(good, forged),
            "unknown_key": issue(Ticket(CodeKind.TICKET, 77, FESTIVAL, 1, DAY, 0, 0, 0), forged),
            "not_a_code": "https://example.org/menu",
        },
    )


def _issued(world: World, kind: str, number: int, count: int) -> list[tuple[int, str]]:
    words = ("--kind", kind, "--type", str(number), "--count", str(count))
    rows = [row.split("\t") for row in world.office.do("issue", *words).splitlines()]
    if len(rows) != count:
        message = f"the office issued {len(rows)} codes instead of {count}"
        raise BoxTrouble(message)
    return [(int(serial), text) for serial, text in rows]
