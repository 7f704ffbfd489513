"""Measures what an online scan costs the one thread that writes, beside what its fact costs alone.

`python -m tests.rehearsal.bench_online_scan` prints JSON lines. Jobs share a commit as they do in a
busy office; codes are opened before, as the routes do it, and that is measured by itself.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from cloud.access.known import BOOK_OF_TICKETS
from cloud.access.opening import SeenKeys, Shown, show
from cloud.access.service import OnlineScans, Scan
from cloud.clock_and_chance import moment, random_bytes
from cloud.festivals.service import state
from cloud.limits import GATHERED_JOBS_MAX
from cloud.office import Job, Office
from hardware.wall_clock import monotonic_us
from sync.facts import Admitted, GateSet
from sync.names import ID_BYTES
from tests.cloud.access.scanning import AGENT, PHONES, TYPE, ZONE, certificate, code
from tests.cloud.offices import FESTIVAL, new_folder

SCANS: Final = 3_000
CAPACITY: Final = 100_000
GATES: Final = 20


def run(scans: int = SCANS) -> list[dict[str, Any]]:
    """Return the cost of a scan in µs, with and without a capacity, and of opening its code."""
    texts = [code(serial) for serial in range(scans)]
    with tempfile.TemporaryDirectory() as scratch:
        office, keys = _office(Path(scratch), None)
        began_us = monotonic_us()
        shown = [show(text, keys, FESTIVAL) for text in texts]
        opening_us = (monotonic_us() - began_us) / scans
        facts = [_fact_job(serial) for serial in range(scans, 2 * scans)]
        fact_us = _cost_us(office, facts)
        scan_us = _cost_us(office, [_scan_job(one, keys) for one in shown])
        refusal_us = _cost_us(office, [_scan_job(one, keys) for one in shown])
        office.close()
    with tempfile.TemporaryDirectory() as scratch:
        office, keys = _office(Path(scratch), CAPACITY)
        counted_us = _cost_us(office, [_scan_job(one, keys) for one in shown])
        office.close()
    method = f"{scans} scans, {GATHERED_JOBS_MAX} to a commit; limit: an admission stated unjudged"
    return [
        _row("online scan, opening the code", opening_us, fact_us, "outside the writer"),
        _row("online scan, admitted", scan_us, fact_us, method),
        _row("online scan, refused", refusal_us, fact_us, method),
        _row(f"online scan, capacity and {GATES} gates", counted_us, fact_us, method),
    ]


def _office(path: Path, capacity: int | None) -> tuple[Office, SeenKeys]:
    folder = new_folder(path / "office")
    office = Office(folder, moment, random_bytes)
    rows: list[dict[str, object]] = [ZONE | {"capacity": capacity}, TYPE, PHONES]
    gates = [GateSet(random_bytes(ID_BYTES), 1, f"G{at}", 1, ()) for at in range(GATES)]
    office.transact([lambda o: state(o, rows), lambda o: o.say(certificate(folder), *gates)])
    keys = SeenKeys()
    peek = Scan(AGENT, bytes(ID_BYTES), show(code(0), keys, FESTIVAL), gate=1, is_peek=True)
    office.transact([lambda o: OnlineScans(o, AGENT, keys, BOOK_OF_TICKETS).request(peek)])
    return office, keys


def _scan_job(shown: Shown, keys: SeenKeys) -> Job:
    scan = Scan(AGENT, random_bytes(ID_BYTES), shown, gate=1, is_one_step=True)
    return lambda office: OnlineScans(office, AGENT, keys, BOOK_OF_TICKETS).request(scan)


def _fact_job(serial: int) -> Job:
    body = Admitted(serial, 1, 1, 20261121, 1, (), 0, 1, None, None)
    return lambda office: office.say(body)


def _cost_us(office: Office, jobs: Sequence[Callable[[Office], Any]]) -> float:
    began_us = monotonic_us()
    for at in range(0, len(jobs), GATHERED_JOBS_MAX):
        office.transact(jobs[at : at + GATHERED_JOBS_MAX])
    return (monotonic_us() - began_us) / len(jobs)


def _row(name: str, value: float, limit: float, method: str) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 1),
        "unit": "µs",
        "limit": round(limit, 1),
        "ratio": round(value / limit, 2),
        "method": method,
    }


if __name__ == "__main__":
    for row in run():
        sys.stdout.write(f"{json.dumps(row, ensure_ascii=False)}\n")
