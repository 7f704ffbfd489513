"""Measures an office under load over HTTP: scans, payments, orders, and how fast facts come in.

A real office process answers; a process of the same machine asks from 32 clients at once, so both
share its cores. First on SQLite, then on PostgreSQL; each figure counts every request, and one that
is not answered as it must be ends the measurement.
"""

import itertools
import json
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from hardware.wall_clock import monotonic_us
from tests.cloud.postgres_server import running
from tests.rehearsal import bench_ingest
from tests.rehearsal.described import Described
from tests.rehearsal.house import serving

CLIENTS: Final = 32
ISSUED: Final = 10_000
ISSUE_S: Final = 10
SCANS: Final = 5_000
PAYMENTS: Final = 5_000
ORDERS: Final = 3_000
WALLETS: Final = 500
KEYS: Final = 8
SCANS_PER_S: Final = 500
SCAN_P95_MS: Final = 100
PAYMENTS_PER_S: Final = 500
HOT_PER_S: Final = 200
ORDERS_PER_S: Final = 200
_OK: Final = frozenset({"200", "201"})
Row = dict[str, Any]


class NotMeasured(Exception):
    """A request was answered otherwise than it must be; the message says how."""


@dataclass
class World:
    """A festival at an office, and what shows who asks: several keys, each with its own pace."""

    office: Described
    engine: str
    festival: int
    keys: list[str]
    access: str

    def here(self, name: str, body: Any = None, **given: Any) -> Any:
        """Call an operation of the festival as its organiser."""
        return self.office.call(name, self.access, body, festival=self.festival, **given)


def run() -> Iterator[Row]:
    """Yield the figures of both engines; the files lie where temporary files lie."""
    yield from bench_ingest.run()
    with tempfile.TemporaryDirectory() as name, serving(Path(name) / "house") as offices:
        yield from figures(world_of(offices[0], "sqlite"))
    with tempfile.TemporaryDirectory() as name, running(is_durable=True) as server:
        _, url = server.new_empty()
        with serving(Path(name) / "house", database=url) as offices:
            yield from figures(world_of(offices[0], "postgres"))


def world_of(office: Described, engine: str) -> World:
    """Make a festival with everything that is asked for later."""
    account = {"email": "b@example.org", "password": secrets.token_hex(8), "name": "Bench"}
    access = office.call("accounts_register", "", account | {"organiser": "Bench"})["access_token"]
    made = office.call("festivals_make_festival", access, {"title": "Bench"})
    scopes = ["scan:write", "orders:write", "cashless:write", "cashless:read"]
    keys = [
        office.call("accounts_make_key", access, {"name": f"k{at}", "scopes": scopes})["secret"]
        for at in range(KEYS)
    ]
    world = World(office, engine, made["number"], keys, access)
    world.here("festivals_make_zone", {"name": "Field"})
    world.here("festivals_make_ticket_type", {"name": "Day", "zones": [1]})
    quota = {"name": "Last places", "quota": 2 * ORDERS, "price": 4_500, "vat": 550}
    world.here("festivals_make_ticket_type", quota)
    world.here("access_set_online_gate", {"name": "Phones", "zone": 1}, online_gate=1)
    world.here("festivals_change_policy", {"balance_max": -1})
    return world


def figures(world: World) -> Iterator[Row]:
    """Yield what one office does of each in a second."""
    started_us = monotonic_us()
    issued = world.here("tickets_issue", {"type": 1, "count": ISSUED})["tickets"]
    took_s = (monotonic_us() - started_us) / 1_000_000
    how = f"{ISSUED} tickets in one request, every code in its answer, {world.engine}"
    yield _row(f"issue_{world.engine}", took_s, "s", ISSUE_S, how, is_most=True)
    codes = [ticket["code"] for ticket in issued[:SCANS]]
    scan = {"festival": world.festival, "gate": 1, "one_step": True}
    rows = _asked(world, "/api/v1/scan/request", ({**scan, "text": code} for code in codes))
    told = _load(world, rows)
    how = f"{SCANS} tickets admitted in one step, {CLIENTS} clients, {world.engine}"
    yield _rate(f"scan_{world.engine}", told, SCANS_PER_S, how)
    yield _row(f"scan_p95_{world.engine}", told["p95_ms"], "ms", SCAN_P95_MS, how, is_most=True)
    wallets = [secrets.randbits(63) for _ in range(WALLETS)]
    top_up = {"festival": world.festival, "amount_minor": 100_000, "method": "card"}
    filled = ({**top_up, "wallet": str(wallet)} for wallet in wallets)
    _load(world, _asked(world, "/api/v1/cashless/topup", filled))
    pay = {"festival": world.festival, "amount_minor": 10}
    turns = itertools.islice(itertools.cycle(wallets), PAYMENTS)
    told = _load(
        world, _asked(world, "/api/v1/cashless/pay", ({**pay, "wallet": str(w)} for w in turns))
    )
    how = f"{PAYMENTS} payments from {WALLETS} wallets, {CLIENTS} clients, {world.engine}"
    yield _rate(f"pay_{world.engine}", told, PAYMENTS_PER_S, how)
    hot = [{**pay, "wallet": str(wallets[0])}] * (PAYMENTS // 2)
    told = _load(world, _asked(world, "/api/v1/cashless/pay", iter(hot)))
    how = f"{len(hot)} payments from one wallet, {CLIENTS} clients, {world.engine}"
    yield _rate(f"pay_hot_{world.engine}", told, HOT_PER_S, how)
    buy = {"festival": world.festival, "tickets": [{"type": 2, "count": 1}], "method": "card"}
    told = _load(world, _asked(world, "/api/v1/tickets/buy", iter([buy] * ORDERS)))
    how = f"{ORDERS} orders of one ticket against one quota, {CLIENTS} clients, {world.engine}"
    yield _rate(f"orders_{world.engine}", told, ORDERS_PER_S, how)


def _asked(world: World, path: str, bodies: Iterator[dict[str, Any]]) -> str:
    """Return requests as the process that sends them reads them."""
    keys = itertools.cycle(world.keys)
    lines = (
        json.dumps(
            {
                "method": "POST",
                "path": path,
                "headers": {
                    "Authorization": f"Bearer {next(keys)}",
                    "Idempotency-Key": secrets.token_hex(8),
                },
                "body": body,
            }
        )
        for body in bodies
    )
    return "\n".join(lines)


def _load(world: World, rows: str) -> dict[str, Any]:
    """Send requests from another process and return what it measured."""
    host, _, port = world.office.url.removeprefix("http://").partition(":")
    words = [sys.executable, "-m", "tests.rehearsal.load", host, port, str(CLIENTS)]
    done = subprocess.run(words, input=rows, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    if not told["statuses"].keys() <= _OK:
        message = f"answers with {told['statuses']}"
        raise NotMeasured(message)
    return told


def _rate(name: str, told: dict[str, Any], limit: int, how: str) -> Row:
    method = (
        f"{how}; p50 {told['p50_ms']:.1f}, p95 {told['p95_ms']:.1f}, p99 {told['p99_ms']:.1f} ms"
    )
    return _row(name, told["per_s"], "1/s", limit, method)


def _row(
    name: str, value: float, unit: str, limit: float, method: str, *, is_most: bool = False
) -> Row:
    ratio = value / limit if not is_most else limit / value
    return {
        "name": name,
        "value": round(value, 1),
        "unit": unit,
        "limit": limit,
        "ratio": round(ratio, 2),
        "method": method,
    }
