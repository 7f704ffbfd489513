"""Measures a gate: from a frame to its verdict, among many facts, in a rush, and while it waits.

Decisions are measured in this process, with a real terminal on a real folder. What a guest and the
box notice of a gate (how many come through hands-free, memory, start, processor while nobody is
there) is measured at the real process that looks at a video. How a gate is started is a parameter:
whoever adds a way to start it adds a class beside `Headless` to `WAYS`.
"""

import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from edge.gate.desk import GateDesk
from edge.terminal import Terminal
from hardware.code_reader import CodeReader
from hardware.wall_clock import monotonic_us
from sync.admission import Direction
from sync.body import Body
from sync.facts import GateSet, TicketStatus, TicketStatusSet, TypeSet, ZoneSet
from sync.names import Role
from tests.edge.boxes import code_of, make_folder, office_says
from tests.frames import Hardness, camera_frame
from tests.rehearsal import bench_read
from tests.rehearsal.bench_store import _MARK_SUBJECT, MANY, _Bench, an_admission
from tests.rehearsal.boxes import Box
from tests.rehearsal.gate_on_screen import GateOnScreen
from tests.rehearsal.progress import progress_bar
from tests.rehearsal.replay import Progress
from tests.rush import write_rush

VERDICT_MS: Final = 60
DECISION_MS: Final = 5
GUESTS_A_MINUTE: Final = 30
MEMORY_MIB: Final = 200
READY_S: Final = 3
IDLE_SHARE: Final = 0.35
FRAMES: Final = 100
TICKETS: Final = 100_000
DECISIONS: Final = 400
SHOWN_A_MINUTE: Final = 42
RUSH_GUESTS: Final = 42
STARTS: Final = 3
IDLE_S: Final = 22
SILENCE_MS: Final = 20_000
CANCELLED_OF: Final = 20
STATUSES_A_FACT: Final = 250
FACTS_A_MESSAGE: Final = 8
ZONE: Final = 1
DAY: Final = TypeSet(1, 1, "Day", False, 0, 0, 0, True, (), (), 1)
_FIRST_WRITER: Final = 42
Row = dict[str, Any]


class Gate(Protocol):
    """A gate's process, however it was started."""

    @property
    def pid(self) -> int:
        """The number of the running process."""

    def start(self) -> None:
        """Start the process and wait until it is ready for guests."""

    def admitted(self) -> int | None:
        """Wait for the next guest and return the ticket's serial, None once the video ended."""

    def stop(self) -> None:
        """End the process in order."""


class Headless:
    """`./guichet gate DIR --headless`: what happens is read from its JSON lines."""

    def __init__(self, folder: Path, *options: str) -> None:
        """Stand for an enrolled folder."""
        self._box = Box(folder, "gate", *options)
        self.pid = 0

    def start(self) -> None:
        """Start the process and wait for its first line."""
        self._box.start()
        self.pid = self._box._running().child.pid

    def admitted(self) -> int | None:
        """Wait for the next admission; None once the video ended or the gate stays silent."""
        while (said := self._box.hear(SILENCE_MS)) is not None:
            if said.get("event") == "verdict" and said["verdict"] == "admit":
                return int(said["serial"])
            if said.get("event") == "camera" and said["state"] == "ended":
                return None
        return None

    def stop(self) -> None:
        """End the process in order."""
        self._box.stop()


WAYS: Final[dict[str, Callable[..., Gate]]] = {"headless": Headless, "screen": GateOnScreen}


def run(ways: Sequence[str] = tuple(WAYS), facts: int = MANY) -> Iterator[Row]:
    """Yield the figures of a gate as they are found, the slow ones last.

    The folders lie where temporary files lie.
    """
    with tempfile.TemporaryDirectory() as name, progress_bar(quiet=False) as tell:
        folder = Path(name)
        yield from _verdict_rows(folder / "verdicts", tell)
        for way in ways:
            yield from _rush_rows(way, folder, tell)
            yield from _idle_rows(way, folder, tell)
        tell("reading pictures", 0, 0)
        yield from bench_read.run()
        (folder / "store").mkdir()
        bench = _KnownTickets(folder / "store")
        try:
            tell("filling a store", 0, 0)
            many = bench.gate(facts)
            yield from bench.decision_rows(many, facts, tell)
        finally:
            bench.close()
        for way in ways:
            yield from _start_rows(way, folder, many.folder, facts, tell)


def _row(name: str, value: float, unit: str, limit: float, method: str) -> Row:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "limit": limit,
        "ratio": round(value / limit, 3),
        "method": method,
    }


def _named(name: str, way: str) -> str:
    """Return a figure's name for a way of starting; without a screen it has none."""
    return name if way == "headless" else f"{name}_{way}"


def _p95(values: list[int]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def _set_up(terminal: Terminal, *more: Body) -> None:
    """Let the office say what a gate must know: its zone, and one kind of ticket."""
    place = GateSet(terminal.manifest.terminal_id, 1, "North", ZONE, ())
    office_says(terminal, DAY, place, ZoneSet(ZONE, 1, "Arena", None), *more)


def _verdict_rows(folder: Path, tell: Progress) -> list[Row]:
    """Hold tickets before a reader and a gate's desk in this process, lane and disk included."""
    terminal = Terminal(make_folder(folder, "gate"), Role.GATE, synchronised=True)
    _set_up(terminal)
    terminal.start()
    desk, reader = GateDesk(terminal), CodeReader()
    rows: list[Row] = []
    hardnesses: tuple[Hardness, ...] = ("usual", "hard")
    for hardness in hardnesses:
        spent: list[int] = []
        for serial in range(1, FRAMES + 1):
            tell(f"{hardness} frames", serial, FRAMES)
            text = code_of(serial + 1_000 * len(rows))
            frame = camera_frame(text, serial, hardness)
            started_us = monotonic_us()
            if text in reader.read(frame).texts:
                terminal.lane.run(partial(desk.scan, text, Direction.IN))
                spent.append(monotonic_us() - started_us)
        method = (
            f"from the frame to the recorded verdict, {len(spent)} codes read in line of {FRAMES}"
            f" {hardness} frames of 1280x720"
        )
        name = f"frame_to_verdict_{hardness}_p95"
        rows.append(_row(name, _p95(spent) / 1000, "ms", VERDICT_MS, method))
    terminal.close()
    return rows


class _KnownTickets(_Bench):
    """A gate with a million facts, which knows a hundred thousand tickets by status and history."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, Role.GATE, an_admission, _MARK_SUBJECT[:8])
        self._known: list[int] = []

    def gate(self, facts: int) -> Terminal:
        """Return the filled gate, to which the office has told every ticket's status."""
        terminal = self._box("many", facts)
        words = [
            int(TicketStatus.VALID if at % CANCELLED_OF else TicketStatus.CANCELLED)
            for at in range(len(self._known))
        ]
        rows = [(s, word, 1, None) for s, word in zip(self._known, words, strict=True)]
        chunks = range(0, len(rows), STATUSES_A_FACT)
        said = [TicketStatusSet(tuple(sorted(rows[at : at + STATUSES_A_FACT]))) for at in chunks]
        _set_up(terminal)
        writers = range(_FIRST_WRITER, 256, 2)  # each with a key and a run's
        for at, writer in enumerate(writers):
            some = said[at * FACTS_A_MESSAGE : (at + 1) * FACTS_A_MESSAGE]
            if some:
                office_says(terminal, *some, number=writer)
        return terminal

    def decision_rows(self, terminal: Terminal, facts: int, tell: Progress) -> list[Row]:
        """Scan tickets of every sort in turns with a bare commit of a row of the same size."""
        desk = GateDesk(terminal)
        decided: list[int] = []
        bare: list[int] = []
        said: dict[str, int] = {}
        for at in range(DECISIONS):
            tell("decisions", at, DECISIONS)
            serial = self._rng.choice(self._known) if at % 2 else self._rng.getrandbits(62)
            code = code_of(serial)
            started_us = monotonic_us()
            answer = desk.scan(code, Direction.IN)
            decided.append(monotonic_us() - started_us)
            said[answer["verdict"]] = said.get(answer["verdict"], 0) + 1
            bare.append(self._bare_us())
        over_ms = (_p95(decided) - _p95(bare)) / 1000
        method = (
            f"p95 of {DECISIONS} scans ({', '.join(f'{n} {word}' for word, n in said.items())})"
            f" less p95 of as many bare FULL commits ({_p95(bare) / 1000:.1f} ms) in turns,"
            f" {len(self._known)} tickets known, {facts} facts"
        )
        return [_row("decision_p95_over_commit", over_ms, "ms", DECISION_MS, method)]

    def _bare_us(self) -> int:
        started_us = monotonic_us()
        self._bare.execute("BEGIN IMMEDIATE")
        content = self._rng.randbytes(32), bytes(400)
        self._bare.execute("INSERT INTO bare (id, raw) VALUES (?, ?)", content)
        self._bare.execute("COMMIT")
        return monotonic_us() - started_us

    def _new_subject(self) -> bytes:
        subject = super()._new_subject()
        if len(self._known) < TICKETS:
            self._known.append(int.from_bytes(subject, "big"))
        return subject


def _start_rows(way: str, folder: Path, filled: Path, facts: int, tell: Progress) -> list[Row]:
    """Start a fresh gate and the filled one several times; the slowest start counts."""
    fresh = _gate_folder(folder / f"{way}-start")
    rows = []
    for name, box, held in (("few", fresh, "few"), ("many", filled, str(facts))):
        spent = []
        for number in range(STARTS):
            tell("starts", number, STARTS)
            gate = WAYS[way](box)
            started_us = monotonic_us()
            gate.start()
            spent.append(monotonic_us() - started_us)
            gate.stop()
        method = f"{way}: process start to ready, slowest of {STARTS}, {held} facts in its store"
        figure = _named(f"gate_ready_{name}_facts", way)
        rows.append(_row(figure, max(spent) / 1e6, "s", READY_S, method))
    return rows


def _gate_folder(folder: Path) -> Path:
    """Make an enrolled gate that has heard from its office, and let go of it."""
    terminal = Terminal(make_folder(folder, "gate"), Role.GATE, synchronised=True)
    _set_up(terminal)
    terminal.close()
    return folder


def _rush_rows(way: str, folder: Path, tell: Progress) -> list[Row]:
    """Let guests come as fast as they can before the gate's camera."""
    tell("drawing a rush", 0, 0)
    video = folder / "rush.avi"
    serials = list(range(1, RUSH_GUESTS + 1))
    write_rush(video, [code_of(s) for s in serials], 11, SHOWN_A_MINUTE)
    gate = WAYS[way](_gate_folder(folder / f"{way}-rush"), "--camera", str(video))
    gate.start()
    times_us: list[int] = []
    seen: list[int] = []
    while (serial := gate.admitted()) is not None:
        times_us.append(monotonic_us())
        seen.append(serial)
        tell("the rush", len(seen), RUSH_GUESTS)
    memory = _peak_mib(gate.pid)
    gate.stop()
    video.unlink()
    if sorted(set(seen)) != sorted(seen) or not set(seen) <= set(serials):
        message = f"the gate admitted {seen}, which are not the guests who came"
        raise RuntimeError(message)
    span_us = times_us[-1] - times_us[0] if len(times_us) > 1 else 0
    pace = (len(seen) - 1) * 60e6 / span_us if span_us else 0.0
    method = f"{way}: {len(seen)} of {RUSH_GUESTS} different guests of a video admitted hands-free"
    least = f"{method}; limit: at least"
    most = f"{way}: VmHWM after the rush"
    return [
        _row(_named("guests_a_minute", way), pace, "guests", GUESTS_A_MINUTE, least),
        _row(_named("guests_read_share", way), len(seen) / RUSH_GUESTS, "share", 0.95, least),
        _row(_named("gate_memory", way), memory, "MiB", MEMORY_MIB, most),
    ]


def _idle_rows(way: str, folder: Path, tell: Progress) -> list[Row]:
    """Let the gate look at an entrance at which nobody holds a code."""
    tell("drawing an empty entrance", 0, 0)
    video = folder / "idle.avi"
    write_rush(video, [], 12, quiet_s=IDLE_S)
    options = ("--camera", str(video), "--frames-per-second", "15")
    gate = WAYS[way](_gate_folder(folder / f"{way}-idle"), *options)
    gate.start()
    tell("an idle gate", 0, 0)
    began_us, began_ticks = monotonic_us(), _ticks(gate.pid)
    if gate.admitted() is not None:
        message = "the gate admitted somebody where nobody was"
        raise RuntimeError(message)
    seconds = (monotonic_us() - began_us) / 1e6
    used = (_ticks(gate.pid) - began_ticks) / os.sysconf("SC_CLK_TCK")
    gate.stop()
    method = f"{way}: one core's share over {seconds:.0f} s of video at 15 frames a second, no code"
    return [_row(_named("gate_idle_processor", way), used / seconds, "share", IDLE_SHARE, method)]


def _ticks(pid: int) -> int:
    """Return the processor time that a process and its threads have used, in clock ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])  # utime and stime; the third field comes first


def _peak_mib(pid: int) -> float:
    """Return the most memory that a process ever had resident."""
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    sys.stderr.write("this system does not tell a process's peak memory\n")
    return 0.0
