"""Measures a terminal that joins late: how soon it works, over how many bytes, and when it is sure.

The office is a real process with a hundred thousand tickets and a million facts (`joiner_world`),
which made its snapshots before. A new gate and a new till are enrolled and started as real
processes behind a cable that counts. A gate is ready when it has said its first verdict, about a
ticket that is inside; what follows is measured while somebody keeps asking it something.
"""

import os
import statistics
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from cloud.settings import open_office
from cloud.store.look import look
from hardware.wall_clock import monotonic_us
from provisioning.keys import load_key_file
from sync.cells import CellKind
from sync.codes import CodeKind, Ticket, issue
from sync.names import Area
from tests.rehearsal.bench_gate import _ticks
from tests.rehearsal.boxes import Box, Office, guichet
from tests.rehearsal.cable import Cable
from tests.rehearsal.joiner_world import FESTIVAL, ZONE, office_folder
from tests.rehearsal.progress import progress_bar
from tests.rehearsal.replay import Progress

TICKETS: Final = 100_000
FACTS: Final = 1_000_000
READY_S: Final = 10
WIRE_MIB: Final = 8
LANE_MS: Final = 50
ASK_EVERY_S: Final = 0.1
SHOWN: Final = 20
HOUR_US: Final = 3600 * 1_000_000
Row = dict[str, Any]


def run(tickets: int = TICKETS, facts: int = FACTS) -> Iterator[Row]:
    """Yield the figures of a gate and a till that join, the background's last."""
    with progress_bar(quiet=False) as tell, tempfile.TemporaryDirectory() as name:
        folder = office_folder(tickets, facts, tell)
        tell("making snapshots", 0, 0)
        started_us = monotonic_us()
        guichet("cloud", "snapshot", folder)
        made_s = (monotonic_us() - started_us) / 1e6
        yield _row("snapshots_made", made_s, "s", None, "for gates and tills, one process")
        office = Office.of(folder)
        office.serve()
        try:
            with Cable(office.port) as cable:
                for role in ("bar", "gate"):
                    yield from _join(office, cable, Path(name) / role, role, facts, tell)
        finally:
            office.stop()


def _join(
    office: Office, cable: Cable, folder: Path, role: str, facts: int, tell: Progress
) -> Iterator[Row]:
    tell(f"a new {role}", 0, 0)
    office.enrol(folder, role, f"Late {role} {monotonic_us()}", ZONE, cable.port)
    codes = _codes(office.folder)
    box = Box(folder, role)
    before = cable.carried_bytes
    started_us = monotonic_us()
    try:
        box.start()
        if role == "gate":
            first = box.ask("peek", text=codes[0], direction="in")
            _must(first["verdict"] in {"admit", "refuse", "ask"}, f"no verdict: {first}")
        ready_s = (monotonic_us() - started_us) / 1e6
        wire_mib = (cable.carried_bytes - before) / (1 << 20)
        worked_s = _ticks(box.pid) / os.sysconf("SC_CLK_TCK")
        status = box.ask("status")
        _must(status["on_snapshot"], f"the {role} did not join by the snapshot: {box.ready}")
        what = "first verdict" if role == "gate" else "ready for commands"
        method = f"new {role}: process start to {what}, {facts} facts at the office"
        yield _row(f"joiner_ready_{role}", ready_s, "s", READY_S, method)
        method = f"{role}: processor time until then, whatever else the machine did"
        yield _row(f"joiner_worked_{role}", worked_s, "s", None, method)
        method = f"{role}: both ways until ready"
        yield _row(f"joiner_wire_{role}", wire_mib, "MiB", WIRE_MIB, method)
        yield from _background(office, box, role, codes, started_us, tell)
    finally:
        box.stop()


def _background(
    office: Office, box: Box, role: str, codes: list[str], started_us: int, tell: Progress
) -> Iterator[Row]:
    """Wait until the box stands on its own records, asking it something all the while."""
    tick = threading.Event()
    spent: list[int] = []
    fetched_s = 0.0
    held = 0
    while True:
        asked_us = monotonic_us()
        if role == "gate":
            box.ask("peek", text=codes[len(spent) % len(codes)], direction="in")
        else:
            box.ask("status")
        spent.append(monotonic_us() - asked_us)
        if len(spent) % SHOWN == 0:
            status = box.ask("status")
            tell(f"the {role} looks back", status["facts"], 0)
            if status["facts"] > held:
                held, fetched_s = status["facts"], (monotonic_us() - started_us) / 1e6
            if not status["on_snapshot"]:
                break
        _must(monotonic_us() - started_us < HOUR_US, f"the {role} still looks back")
        tick.wait(ASK_EVERY_S)
    checked_s = (monotonic_us() - started_us) / 1e6
    mine, theirs = box.ask("hashes"), office.ask("/api/v1/summary")["hashes"]
    areas = ("office", "access") if role == "gate" else ("office", "money")
    agrees = all(mine[area] == theirs[area] for area in areas)
    _must(agrees, f"the {role} holds another state than the office")
    method = f"{role}: start until {held} records were fetched, beside somebody who asks"
    yield _row(f"joiner_fetched_{role}", fetched_s, "s", None, method)
    method = f"{role}: start until it stands on its own records, which agree with the office's"
    yield _row(f"joiner_checked_{role}", checked_s, "s", None, method)
    what = "peeks" if role == "gate" else "questions"
    method = f"{role}: p99 of {len(spent)} {what} while it looks back, through its pipe"
    p99_ms = statistics.quantiles(spent, n=100)[-1] / 1000
    yield _row(f"joiner_answer_p99_{role}", p99_ms, "ms", LANE_MS, method)
    yield _row(f"joiner_answer_max_{role}", max(spent) / 1000, "ms", None, f"{role}: the slowest")


def _codes(folder: Path) -> list[str]:
    """Return codes of tickets that the festival has seen."""
    office = open_office(folder)
    key = load_key_file(office.issuing_key_file(1))
    serials = []
    with look(folder, office.festival) as seen:
        for place, _ in seen.cells.items(Area.ACCESS, CellKind.HISTORY):
            serials.append(int.from_bytes(place.key, "big"))
            if len(serials) == SHOWN:
                break
    tickets = [Ticket(CodeKind.TICKET, 1, FESTIVAL, one, 1, 0, 0, 0) for one in serials]
    return [issue(ticket, key) for ticket in tickets]


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RuntimeError(otherwise)


def _row(name: str, value: float, unit: str, limit: float | None, method: str) -> Row:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "limit": limit,
        "ratio": None if limit is None else round(value / limit, 3),
        "method": method,
    }
