"""Measures the kernel: opening a code, folding 500,000 sales, and a wallet's room on disk."""

import hashlib
import random
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from edge.store.cells import SqliteCells
from edge.store.connection import open_writer
from edge.store.migrations import migrate
from hardware.wall_clock import monotonic_us
from sync import fold
from sync.accounts import postings_sum
from sync.cells import CellKind, MemoryCells
from sync.clock import TRUSTED_CLOCK, Stamp
from sync.codes import CodeKind, Ticket, issue, open_code
from sync.facts import Method, Sold, ToppedUp
from sync.journal import Record
from sync.keys import CODE_PURPOSE, SecretKey
from sync.names import Area, FactId, FestivalId, Role, RunId, TerminalId

CODES: Final = 400
ROUNDS: Final = 7
SALES: Final = 500_000
APART_MS: Final = 500
CHUNK: Final = 10_000
WALLETS: Final = 20_000
FESTIVAL: Final = FestivalId(7)


def run(sales: int = SALES) -> list[dict[str, Any]]:
    """Return the figures of the kernel."""
    return [_open_row(), _fold_row(sales), _wallet_row()]


def _row(name: str, value: float, unit: str, limit: float, method: str) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 3),
        "unit": unit,
        "limit": round(limit, 3),
        "ratio": round(value / limit, 3),
        "method": method,
    }


def _median_us(rounds: int, *tasks: Callable[[], object]) -> list[float]:
    """Return the median duration of each task in µs; the rounds of all tasks are interleaved."""
    spent: list[list[int]] = [[] for _ in tasks]
    for _ in range(rounds):
        for at, task in enumerate(tasks):
            started_us = monotonic_us()
            task()
            spent[at].append(monotonic_us() - started_us)
    return [statistics.median(one) for one in spent]


def _open_row() -> dict[str, Any]:
    """Opening a code against the bare check of its signature, both over the same codes."""
    key = SecretKey(bytes(range(32)))
    rng = random.Random(1)
    texts, signed = [], []
    for _ in range(CODES):
        serial = rng.getrandbits(64)
        ticket = Ticket(CodeKind.TICKET, 1, FESTIVAL, serial, 2, 1_795_000_000, 1_795_400_000, 0)
        texts.append(issue(ticket, key))
        payload = serial.to_bytes(30, "big")
        signed.append((payload, key.sign(CODE_PURPOSE, payload)))
    keys = {1: key.public}

    def open_all() -> None:
        for text in texts:
            open_code(text, keys, FESTIVAL)

    def verify_all() -> None:
        for payload, signature in signed:
            key.public.verifies(CODE_PURPOSE, payload, signature)

    opened, verified = _median_us(ROUNDS, open_all, verify_all)
    method = f"median of {ROUNDS} rounds of {CODES} codes; limit: 1.5 x bare Ed25519 verify here"
    return _row("open_code", opened / CODES, "µs", 1.5 * verified / CODES, method)


def _sales(count: int) -> Iterator[Record]:
    """Yield sales of two lines by ten tills to twenty thousand wallets, from one seed."""
    rng = random.Random(2)
    for number in range(count):
        till = number % 10
        sale = hashlib.sha256(b"sale %d" % number).digest()
        wallet = rng.randrange(WALLETS)
        lines = ((1, rng.randint(1, 3), 480, 2000, 0, None), (2, 1, 100, 0, 1, None))
        total = sum(line[1] * line[2] for line in lines)
        payments = ((int(Method.WALLET), total, wallet, None),)
        body = Sold(sale[:16], till, 0, 1, lines, payments, 1, "alone_limit", 5_000)
        yield _record(sale, till, number, body)


def _record(fact: bytes, till: int, number: int, body: Sold | ToppedUp) -> Record:
    """Return a record as the fold sees it; signing is measured elsewhere."""
    name = bytes([till]) * 16
    return Record(
        raw=b"",
        payload=b"",
        signature=b"",
        id=FactId(fact),
        version=1,
        festival=FESTIVAL,
        terminal=TerminalId(name),
        run=RunId(name),
        number=number,
        previous=FactId(fact),
        stamp=Stamp(1_795_000_000_000 + APART_MS * number, 0),
        clock=TRUSTED_CLOCK,
        kind=body.KIND,
        body=body,
    )


def _fold_row(count: int) -> dict[str, Any]:
    cells = MemoryCells()
    records = _sales(count)
    spent_us = folded = 0
    while chunk := [record for _, record in zip(range(CHUNK), records, strict=False)]:
        started_us = monotonic_us()
        for record in chunk:
            fold.fold(cells, record, Role.BAR)
        spent_us += monotonic_us() - started_us
        folded += len(chunk)
    if postings_sum(cells) != {0: 0} or folded != count:
        message = "the folded sales do not sum to zero"
        raise RuntimeError(message)
    method = (
        f"{count} sales of two lines, {APART_MS} ms apart, into cells in memory;"
        " limit for 500,000: 30 s"
    )
    return _row("fold_sales", spent_us / 1e6, "s", 30 * count / SALES, method)


def _wallet_row() -> dict[str, Any]:
    """What one topped-up wallet adds to a terminal's file: half the wallets against all."""
    sizes = [_store_bytes(WALLETS // 2), _store_bytes(WALLETS)]
    per_wallet = (sizes[1] - sizes[0]) / (WALLETS // 2)
    method = f"file with {WALLETS} wallets less file with {WALLETS // 2}, per wallet"
    return _row("wallet_on_disk", per_wallet, "bytes", 200, method)


def _store_bytes(wallets: int) -> int:
    rng = random.Random(3)
    memory = MemoryCells()
    for number in range(wallets):
        fact = hashlib.sha256(b"wallet %d" % number).digest()
        body = ToppedUp(fact[:16], rng.getrandbits(64), 2_000, int(Method.CASH), 1, 0, None)
        fold.fold(memory, _record(fact, 1, number, body), Role.BAR)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cells.db"
        connection = open_writer(path)
        migrate(connection)
        cells = SqliteCells(connection)
        for kind in (CellKind.ACCOUNT, CellKind.WALLET):
            for key, value in memory.items(Area.MONEY, kind):
                cells.set(key, value)
        connection.execute("BEGIN IMMEDIATE")
        cells.write_changes()
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        return path.stat().st_size
