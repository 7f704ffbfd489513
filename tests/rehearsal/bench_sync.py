"""Measures what neighbours do for each other: how fast, how surely, and what it costs each box.

Admissions at real gate processes on loopback, without any office; the reach of a fact, a backlog
and the quiet cost with terminals of this process, each with its own store, lane, door and TLS.
"""

import heapq
import itertools
import os
import random
import resource
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from edge.neighbours.lan import Lan
from edge.terminal import Terminal
from hardware.wall_clock import SystemClock, monotonic_us
from sync.facts import SignedOut
from sync.names import Role
from tests.edge.boxes import code_of, make_folder, office_says
from tests.edge.neighbours.sites import ONCE, SiteGate, eventually
from tests.rehearsal import bench_drain, bench_site
from tests.rehearsal.boxes import Box
from tests.rehearsal.progress import progress_bar

GATES: Final = 8
TRIES: Final = 1_000
APART_MS: Final = 300
PACE_MS: Final = 250
REACHED: Final = 20
REACHED_SHARE: Final = 95
REACH_MS: Final = 1_000
BACKLOG: Final = 10_000
DRAIN_S: Final = 10
FLEETS: Final = (8, 32, 128)
QUIET_S: Final = 30
WARM_S: Final = 20
REQUESTS_PER_S: Final = 1
ISLAND_GATES: Final = 2
SAME_TICKETS: Final = 100
LISTED_S: Final = 5
BYTES_PER_S: Final = 1_000
Row = dict[str, Any]


def run(tries: int = TRIES, fleets: tuple[int, ...] = FLEETS) -> Iterator[Row]:
    """Yield the figures as they are found; the folders lie where temporary files lie."""
    with progress_bar(quiet=False) as tell:
        with tempfile.TemporaryDirectory() as name:
            tell("second scans", 0, 0)
            yield from second_scans(Path(name), tries)
        with tempfile.TemporaryDirectory() as name:
            tell("the reach of a fact", 0, 0)
            yield from reach(Path(name))
        with tempfile.TemporaryDirectory() as name:
            tell("a backlog", 0, 0)
            yield from drain(Path(name))
        yield from bench_drain.run()
        with tempfile.TemporaryDirectory() as name:
            tell("two islands that meet", 0, 0)
            yield from healed(Path(name))
        for count in fleets:
            with tempfile.TemporaryDirectory() as name:
                tell(f"a quiet site of {count}", 0, 0)
                yield from quiet(Path(name), count)
        yield from bench_site.stranded(tell)
        yield from bench_site.simulated(tell)


def second_scans(folder: Path, tries: int) -> Iterator[Row]:
    """Show each ticket at two of eight gates, 300 ms apart, and count who was let in twice."""
    with ExitStack() as undo:
        ports = _free_ports(GATES)
        places = ",".join(f"127.0.0.1:{port}" for port in ports)
        gates = []
        for number, port in enumerate(ports):
            own = folder / f"gate-{number}"
            _furnished(own, number)
            gate = Box(own, "gate", "--neighbours", places, "--lan", f"127.0.0.1:{port}")
            gate.start()
            undo.callback(gate.stop)
            gates.append(gate)
        for gate in gates:
            eventually(lambda g=gate: g.ask("status")["neighbours"] == GATES - 1, "all met", 60)  # type: ignore[misc]
        doubles, late_us = _show_all(gates, tries)
    share = 100 * (tries - doubles) / tries
    yield _row(
        "sync_admitted_once",
        share,
        "%",
        100,
        f"{tries} tickets at two of {GATES} gates ≥ {APART_MS} ms apart, no office, TLS, real"
        f" processes; second scans began at most {late_us // 1000} ms late",
    )


def _show_all(gates: list[Box], tries: int) -> tuple[int, int]:
    """Play the scans at their times; return how many were let in twice, the largest delay (µs)."""
    chance = random.Random(1)
    plan: list[tuple[int, int, int, int]] = []
    for serial in range(tries):
        first, second = chance.sample(range(len(gates)), 2)
        start_us = serial * PACE_MS * 1000
        heapq.heappush(plan, (start_us, serial, 0, first))
        heapq.heappush(plan, (start_us + APART_MS * 1000, serial, 1, second))
    asked: list[list[tuple[int, int, int]]] = [[] for _ in gates]
    begun_us, late_us, pause = monotonic_us(), 0, threading.Event()
    while plan:
        at_us, serial, turn, place = heapq.heappop(plan)
        wait_us = begun_us + at_us - monotonic_us()
        if wait_us > 0:
            pause.wait(wait_us / 1_000_000)
        else:
            late_us = max(late_us, -wait_us)
        number = gates[place].send({"do": "scan", "text": code_of(serial), "direction": "in"})
        asked[place].append((number, serial, turn))
    admitted = [0] * tries
    for gate, numbers in zip(gates, asked, strict=True):
        for number, serial, _ in numbers:
            admitted[serial] += gate.answer(number)["verdict"] == "admit"
    return sum(count > 1 for count in admitted), late_us


def reach(folder: Path) -> Iterator[Row]:
    """Let one of twenty terminals record facts that are told to nobody at once."""
    with ExitStack() as undo:
        boxes = _fleet(folder, REACHED, undo)
        _settled(boxes)
        times: list[float] = []
        for number in range(10):
            source = boxes[number % len(boxes)]
            times.append(_reached_ms(boxes, source))
    worst = max(times)
    yield _row(
        "sync_fact_reaches_95_percent",
        round(worst, 1),
        "ms",
        REACH_MS,
        f"worst of {len(times)} facts that nobody is told at once, {REACHED} terminals of one"
        f" process (median {sorted(times)[len(times) // 2]:.0f} ms)",
    )


def _reached_ms(boxes: list[SiteGate], source: SiteGate) -> float:
    """Record a fact and return after how many ms 95 % of the others hold it."""
    arrived: list[int] = []
    wanted = [one.terminal.lane.run(one.terminal.store.last_arrival) + 1 for one in boxes]
    listeners = []
    for one, count in zip(boxes, wanted, strict=True):
        if one is source:
            continue
        seen = threading.Event()

        def stirred(o: SiteGate = one, c: int = count, s: threading.Event = seen) -> None:
            if not s.is_set() and o.terminal.store.last_arrival() >= c:
                s.set()
                arrived.append(monotonic_us())

        one.terminal.stirred.append(stirred)
        listeners.append((one, stirred))
    begun_us = monotonic_us()
    source.terminal.lane.run(lambda: source.terminal.record(SignedOut(1)))
    enough = -(-REACHED_SHARE * (len(boxes) - 1) // 100)
    eventually(lambda: len(arrived) >= enough, "the fact came to 95 %", 30)
    eventually(lambda: len(arrived) == len(boxes) - 1, "the fact came to all", 60)
    for one, stirred in listeners:
        one.terminal.stirred.remove(stirred)
    return (sorted(arrived)[enough - 1] - begun_us) / 1000


def drain(folder: Path) -> Iterator[Row]:
    """Let a gate that was alone bring ten thousand facts to a neighbour on loopback."""
    with ExitStack() as undo:
        north = SiteGate(folder / "north", 10, _alone())
        undo.callback(north.close)
        for start in range(0, BACKLOG, 500):
            north.scan_all([code_of(serial) for serial in range(start, start + 500)])
        south = SiteGate(folder / "south", 11, _alone())
        undo.callback(south.close)
        begun_us = monotonic_us()
        south.meets(north)
        eventually(lambda: south.holds(BACKLOG), "the backlog came", 300)
        seconds = (monotonic_us() - begun_us) / 1_000_000
    yield _row(
        "sync_drain_neighbours",
        round(seconds, 2),
        "s",
        DRAIN_S,
        f"{BACKLOG} admissions from one gate to another on loopback, TLS, every signature checked",
    )


def healed(folder: Path) -> Iterator[Row]:
    """Let two islands of two gates admit the same tickets, then meet."""
    with ExitStack() as undo:
        boxes = _apart(folder, 2 * ISLAND_GATES, undo)
        islands = (boxes[:ISLAND_GATES], boxes[ISLAND_GATES:])
        for island in islands:
            _introduce(island)
            for serial in range(SAME_TICKETS):
                island[serial % ISLAND_GATES].scan(serial)
        _introduce(boxes)
        begun_us = monotonic_us()
        eventually(lambda: all(one.listed_twice() == SAME_TICKETS for one in boxes), "listed", 60)
        seconds = (monotonic_us() - begun_us) / 1_000_000
    yield _row(
        "sync_second_admissions_listed",
        round(seconds, 2),
        "s",
        LISTED_S,
        f"{SAME_TICKETS} tickets let in on two islands of {ISLAND_GATES} gates, from their meeting"
        " until every gate lists every one",
    )


def quiet(folder: Path, count: int) -> Iterator[Row]:
    """Let a site rest and count what each box sends meanwhile."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with ExitStack() as undo:
        undo.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        boxes = _fleet(folder, count, undo)
        _settled(boxes)
        before, wire, cpu = _sums(boxes), _wire_bytes(), sum(os.times()[:2])
        threading.Event().wait(QUIET_S)
        after, wire_after, cpu_after = _sums(boxes), _wire_bytes(), sum(os.times()[:2])
    spent = {name: (after[name] - before[name]) / QUIET_S / count for name in before}
    how = f"{count} terminals of one process at rest for {QUIET_S} s, no office"
    yield _row(
        f"sync_quiet_requests_{count}", round(spent["requests_sent"], 3), "1/s", REQUESTS_PER_S, how
    )
    sent = spent["bytes_sent"] + spent["bytes_answered"]
    yield _row(
        f"sync_quiet_bytes_{count}",
        round(sent, 1),
        "B/s",
        BYTES_PER_S,
        f"{how}: requests and their answers, headers of ours and bodies",
    )
    on_wire = (wire_after - wire) / QUIET_S / count
    yield _row(
        f"sync_quiet_wire_{count}",
        round(on_wire, 1),
        "B/s",
        None,
        f"{how}: everything that loopback carried, with TLS, TCP and IP, for each terminal",
    )
    cpu_ms = 1000 * (cpu_after - cpu) / QUIET_S / count
    yield _row(f"sync_quiet_cpu_{count}", round(cpu_ms, 2), "ms/s", None, f"{how}: time of a core")


def _fleet(folder: Path, count: int, undo: ExitStack) -> list[SiteGate]:
    """Return gates of one site that were all told of each other, as by finding."""
    boxes = _apart(folder, count, undo)
    _introduce(boxes)
    return boxes


def _apart(folder: Path, count: int, undo: ExitStack) -> list[SiteGate]:
    boxes: list[SiteGate] = []
    for number in range(count):
        box = SiteGate(folder / f"gate-{number}", 10 + number, _alone())
        undo.callback(box.close)
        boxes.append(box)
    return boxes


def _introduce(boxes: list[SiteGate]) -> None:
    for one, other in itertools.permutations(boxes, 2):
        one.meets(other)


def _settled(boxes: list[SiteGate]) -> None:
    """Wait until everybody holds what everybody said, and a while more."""
    enough = max(one.terminal.lane.run(one.terminal.store.last_arrival) for one in boxes)
    runs = len(boxes)
    eventually(
        lambda: all(one.holds(max(enough, runs)) for one in boxes), "all journals are known", 600
    )
    threading.Event().wait(WARM_S)


def _sums(boxes: list[SiteGate]) -> dict[str, int]:
    names = ("requests_sent", "bytes_sent", "bytes_answered")
    return {name: sum(one.figures[name] for one in boxes) for name in names}


def _wire_bytes() -> int:
    """Return how many bytes loopback has carried."""
    for line in Path("/proc/net/dev").read_text("ascii").splitlines():
        name, _, figures = line.partition(":")
        if name.strip() == "lo":
            return int(figures.split()[0])
    return 0


def _alone() -> Lan:
    return Lan(finds=False, listed=(), listen=("127.0.0.1", 0))


def _furnished(folder: Path, number: int) -> None:
    """Fill a gate's folder with what the office said."""
    make_folder(folder, "gate", 10 + number)
    terminal = Terminal(folder, Role.GATE, clock=SystemClock(), synchronised=True)
    office_says(terminal, ONCE)
    terminal.close()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as undo:
        doors = [undo.enter_context(socket.socket()) for _ in range(count)]
        for door in doors:
            door.bind(("127.0.0.1", 0))
        return [int(door.getsockname()[1]) for door in doors]


def _row(name: str, value: float, unit: str, limit: float | None, method: str) -> Row:
    ratio = None if not limit else round(value / limit, 3)
    return {
        "name": name,
        "value": value,
        "unit": unit,
        "limit": limit,
        "ratio": ratio,
        "method": method,
    }
