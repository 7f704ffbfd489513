"""Measures how fast the office takes facts in, beside what the engine itself can do at most.

The facts are prepared before: admissions of four gates and sales of four tills, signed; wallets
that pay are topped up first. A box says something every ten seconds, so they are what a busy day
leaves behind (in the busiest minute of a real festival all tills together sold ten times). They
come in batches of 500, each in a transaction of its own. The bare limit runs in turns with it:
verify every signature, insert a row of the same size into a table with one key, one transaction
for each batch. The office is tuned as when it serves, with a process beside it that checks
signatures; the bare limit checks them itself.
"""

import random
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from cloud.clock_and_chance import random_bytes
from cloud.office import Office
from cloud.serve import tune
from cloud.settings import OfficeFolder, Settings, make_office
from cloud.store.connection import open_writer
from cloud.store.database import keep_url
from cloud.store.postgres import Lines, PostgresConnection
from cloud.store.sql import Connection
from cloud.verifier import Verifier
from hardware.wall_clock import monotonic_us
from sync.body import Body
from sync.clock import TRUSTED_CLOCK, Moment
from sync.facts import Admitted, LineKind, Method, Sold, ToppedUp
from sync.journal import Record, read_record, signed_by
from sync.keys import PublicKey
from sync.names import Role
from tests.cloud.box import Box
from tests.cloud.postgres_server import running

FACTS: Final = 20_000
BATCH: Final = 500
BOXES: Final = 4
WALLETS: Final = 2_000
DAY: Final = 20261121
EVERY_MS: Final = 10_000
NOW_MS: Final = 1_795_000_000_000 + FACTS * EVERY_MS
SHARE_MIN: Final = 0.3
FESTIVAL: Final = 7
Row = dict[str, Any]
Batch = list[bytes]
_BARE: Final = (
    "CREATE TABLE bare (festival INTEGER NOT NULL, arrival INTEGER NOT NULL, id BLOB NOT NULL,"
    " terminal BLOB NOT NULL, run BLOB NOT NULL, number INTEGER NOT NULL, previous BLOB NOT NULL,"
    " role INTEGER NOT NULL, raw BLOB NOT NULL, PRIMARY KEY (festival, id)) WITHOUT ROWID"
)
_BARE_ROW: Final = "INSERT INTO bare VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


def run(facts: int = FACTS) -> Iterator[Row]:
    """Yield the figures of both engines; the files lie where temporary files lie."""
    with tempfile.TemporaryDirectory() as name:
        folder = new_folder(Path(name) / "office")
        yield from measured(folder, open_writer(Path(name) / "bare.db"), "sqlite", facts)
    with tempfile.TemporaryDirectory() as name, running(is_durable=True) as server:
        folder = new_folder(Path(name) / "office")
        _, url = server.new_empty()
        keep_url(folder.path, url)
        lines = Lines(url)
        lines.hold()
        try:
            yield from measured(folder, PostgresConnection(lines), "postgres", facts)
        finally:
            lines.let_go()


def new_folder(path: Path) -> OfficeFolder:
    """Make an office's folder for the measurement."""
    settings = Settings(FESTIVAL, "Bench", "EUR", "Europe/Paris", "en", 360, "", "")
    return make_office(path, settings, random.Random(5).randbytes)[0]


def measured(
    folder: OfficeFolder, connection: Connection, engine: str, facts: int
) -> Iterator[Row]:
    """Yield facts a second for admissions and sales, of this office and of the bare engine."""
    tune()
    verifier = Verifier()
    verifier.start()
    now = Moment(NOW_MS, TRUSTED_CLOCK)
    office = Office(folder, lambda: now, random_bytes, verifier=verifier)
    bare = _Bare(connection)
    try:
        for what, role, body_of in (
            ("admissions", Role.GATE, an_admission),
            ("sales", Role.BAR, a_sale),
        ):
            boxes = [box(folder, role, n) for n in range(BOXES)]
            if role is Role.BAR:
                fund(office, boxes[0])
            batches = prepared(boxes, body_of, facts)
            yield from _figures(office, bare, f"{what}_{engine}", batches)
    finally:
        bare.close()
        office.close()
        verifier.close()


def box(folder: OfficeFolder, role: Role, number: int) -> Box:
    """Return a certified terminal."""
    name, seed = f"{role.name} {number}", 100 * int(role) + number
    return Box(FESTIVAL, folder.festival_key, folder.certificate, folder.key, role, name, seed)


def an_admission(chance: random.Random, number: int) -> Body:
    """Return the admission of a ticket that was never seen before."""
    return Admitted(chance.getrandbits(64), 1, 1, DAY, 1, (), 0, 1, None, None)


def a_sale(chance: random.Random, number: int) -> Body:
    """Return a sale of two lines, or now and then a top-up."""
    wallet = chance.randrange(WALLETS)
    if number % 10 == 0:
        return a_top_up(chance, wallet)
    lines = (
        (1, chance.randint(1, 3), 480, 2000, int(LineKind.ITEM), None),
        (2, 1, 100, 0, int(LineKind.DEPOSIT), None),
    )
    total = sum(line[1] * line[2] for line in lines)
    payments = ((int(Method.WALLET), total, wallet, None),)
    return Sold(chance.randbytes(16), 1, 1, 1, lines, payments, 1, "alone_limit", 5_000)


def a_top_up(chance: random.Random, wallet: int) -> Body:
    """Return a top-up of a wallet by 200.00."""
    return ToppedUp(chance.randbytes(16), wallet, 20_000, int(Method.CASH), 1, 1, None)


def fund(office: Office, till: Box) -> None:
    """Let a till top up every wallet, without looking at the clock."""
    chance = random.Random(6)
    till.say(*(a_top_up(chance, wallet) for wallet in range(WALLETS)))
    office.transact([lambda o: o.store.replica.take([r.raw for r, _ in till.shelf.records])])


def prepared(boxes: list[Box], body_of: Any, facts: int) -> list[Batch]:
    """Return signed records in batches, each of one box, as boxes bring them in turns."""
    chance = random.Random(4)
    lines = []
    for one in boxes:
        mine = [record.raw for record, _ in one.shelf.records[:1]]
        for number in range(facts // len(boxes) - 1):
            one.now_ms += EVERY_MS
            mine.append(one.pen.write(body_of(chance, number), one.moment()).raw)
        lines.append([mine[at : at + BATCH] for at in range(0, len(mine), BATCH)])
    return [batch for turn in zip(*lines, strict=True) for batch in turn]


class _Bare:
    """A table with one key, on the same engine, filled by the same number of transactions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._connection.execute(_BARE)
        self._arrived = 0

    def take(self, records: list[Record], keys: list[PublicKey]) -> None:
        """Verify and insert in one transaction."""
        rows: list[tuple[object, ...]] = []
        for record, key in zip(records, keys, strict=True):
            if not signed_by(record, key):
                raise RuntimeError("a prepared signature does not hold")
            self._arrived += 1
            place = (record.terminal, record.run, record.number, record.previous)
            rows.append((FESTIVAL, self._arrived, record.id, *place, 1, record.raw))
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(_BARE_ROW, rows)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of the engine."""
        self._connection.close()


def _figures(office: Office, bare: _Bare, name: str, batches: list[Batch]) -> Iterator[Row]:
    keys: dict[bytes, PublicKey] = {}
    taken_us, bare_us = [], []
    for batch in batches:
        records = [read_record(raw) for raw in batch]
        for record in records:
            if record.number == 0:
                keys[record.run] = PublicKey(record.body.run_key)  # type: ignore[union-attr]
        later = [record for record in records if record.number]
        started_us = monotonic_us()
        bare.take(later, [keys[record.run] for record in later])
        bare_us.append((monotonic_us() - started_us) * len(records) // max(1, len(later)))
        started_us = monotonic_us()
        office.transact([lambda o, batch=batch: o.store.replica.take(batch)])  # type: ignore[misc]
        taken_us.append(monotonic_us() - started_us)
    count = sum(map(len, batches))
    rate, limit = (round(count * 1e6 / sum(times)) for times in (taken_us, bare_us))
    median_ms = statistics.median(taken_us) / 1_000
    yield {
        "name": f"ingest_{name}",
        "value": rate,
        "unit": "facts/s",
        "limit": round(SHARE_MIN * limit),
        "ratio": round(rate / (SHARE_MIN * limit), 3),
        "method": (
            f"{count} facts in batches of {BATCH}, one transaction each (median {median_ms:.1f} ms,"
            f" worst {max(taken_us) / 1_000:.1f} ms); limit: {SHARE_MIN} x verify and insert into"
            f" a bare table, {limit}/s in the same run"
        ),
    }


if __name__ == "__main__":
    import json

    for row in run():
        print(json.dumps(row))
