"""Measures the store: what a scan's and a sale's commit cost, and that many facts do not slow it.

A commit is measured from the decided fact to the record on the disk, signature included; what is
folded from it afterwards is measured too. The yardstick runs beside it, commit by commit: one
signature and one bare SQLite commit, with the same options, of a row of the same size. The large
store is filled with rows made from one real record by changing its numbers and ids; its newest
records are real, because a start walks them.
"""

import random
import sqlite3
import statistics
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from edge.store.cells import _seal
from edge.store.connection import STORE_FILE, open_writer
from edge.terminal import Terminal
from hardware.wall_clock import monotonic_us
from sync import fold
from sync.admission import festival_day
from sync.cells import CellKey, CellKind, MemoryCells
from sync.codec import encode
from sync.facts import Admitted, Body, Method, Sold
from sync.journal import read_record
from sync.keys import FACT_PURPOSE, SecretKey, digest
from sync.names import Area, Role
from tests.edge.boxes import NOW_MS, make_folder

FEW: Final = 1_000
MANY: Final = 1_000_000
ROUNDS: Final = 5
COMMITS: Final = 150
FOLDED_AT_START: Final = 2_000
WALLETS: Final = 20_000
LIMIT: Final = 1.5
FLAT_LIMIT: Final = 1.6
_CHUNK: Final = 20_000
_MARK_NUMBER: Final = 0x00EE_EEEE
_MARK_PREVIOUS: Final = b"\xee" * 32
_MARK_SUBJECT: Final = bytes(range(0xA0, 0xB0))
_FIRST_NUMBER: Final = 1 << 16
_FILLED_RUN: Final = b"\xdd" * 16
_ROW: Final = (
    "INSERT INTO journal (id, terminal, run, number, previous, role, raw)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_INDEXES: Final = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
Fresh = Callable[[random.Random], Body]


def run(many: int = MANY, commits: int = COMMITS) -> list[dict[str, Any]]:
    """Return the figures of the store; the files lie where temporary files lie."""
    rows = []
    for name, role, fresh, subject in (
        ("scan_commit", Role.GATE, an_admission, _MARK_SUBJECT[:8]),
        ("sale_commit", Role.BAR, a_sale, _MARK_SUBJECT),
    ):
        with tempfile.TemporaryDirectory() as folder:
            bench = _Bench(Path(folder), role, fresh, subject)
            try:
                rows += bench.rows(name, many, commits)
            finally:
                bench.close()
    return rows


def an_admission(rng: random.Random) -> Body:
    """Return the admission of a ticket that was never seen before."""
    serial = rng.getrandbits(63) | 1 << 63
    day = festival_day(NOW_MS, 0, 360)
    return Admitted(serial, 1, 1, day, 1, (), 0, 40, None, None)


def a_sale(rng: random.Random) -> Body:
    """Return a sale of two lines to one of twenty thousand wallets."""
    lines = ((1, rng.randint(1, 3), 480, 2000, 0, None), (2, 1, 100, 0, 1, None))
    total = sum(line[1] * line[2] for line in lines)
    payments = ((int(Method.WALLET), total, rng.randrange(WALLETS), None),)
    return Sold(rng.randbytes(16), 1, 0, 1, lines, payments, 40, "alone_limit", 5_000)


@dataclass(frozen=True, slots=True)
class _Timed:
    """Medians of one round in microseconds; `whole` is the few with the fold after the commit."""

    bare: float
    few: float
    many: float
    whole: float


class _Bench:
    """Two boxes of one role, one with few facts and one with many, and a bare file beside them."""

    def __init__(self, folder: Path, role: Role, fresh: Fresh, subject: bytes) -> None:
        self._folder = folder
        self._role = role
        self._fresh = fresh
        self._subject = subject
        self._rng = random.Random(4)
        self._key = SecretKey(bytes(range(32)))
        self._bare = open_writer(folder / "bare.db")
        self._bare.execute("CREATE TABLE bare (at INTEGER PRIMARY KEY, id BLOB, raw BLOB)")
        self._boxes: list[Terminal] = []
        self._committed_us = 0

    def rows(self, name: str, many: int, commits: int) -> list[dict[str, Any]]:
        """Measure and return the two figures of this kind of fact."""
        few_box = self._box("few", FEW)
        many_box = self._box("many", many)
        rounds = [self._round(few_box, many_box, commits) for _ in range(ROUNDS)]
        bare = statistics.median(one.bare for one in rounds)
        few = statistics.median(one.few for one in rounds)
        ratio = statistics.median(one.few / one.bare for one in rounds)
        flat = statistics.median(one.many / one.few for one in rounds)
        return [
            {
                "name": name,
                "value": round(few, 1),
                "unit": "µs",
                "limit": round(LIMIT * bare, 1),
                "ratio": round(ratio / LIMIT, 3),
                "method": (
                    f"median of {ROUNDS} rounds of {commits} commits; limit: {LIMIT} x one sign and"
                    " one bare FULL commit of the same size, taken in turns"
                ),
            },
            {
                "name": f"{name}_flat",
                "value": round(flat, 3),
                "unit": "ratio",
                "limit": FLAT_LIMIT,
                "ratio": round(flat / FLAT_LIMIT, 3),
                "method": f"commit at {many} facts over commit at {FEW}, median of {ROUNDS} rounds",
            },
            {
                "name": f"{name}_and_fold",
                "value": round(statistics.median(one.whole for one in rounds), 1),
                "unit": "µs",
                "limit": None,
                "ratio": None,
                "method": "the same until the folded state follows: when a command is answered",
            },
        ]

    def close(self) -> None:
        """Let go of every file."""
        for box in self._boxes:
            box.close()
        self._bare.close()

    def _round(self, few: Terminal, many: Terminal, commits: int) -> _Timed:
        """Take turns, so that whatever slows the machine slows all three."""
        spent: list[list[int]] = [[], [], [], []]
        raw = bytes(400)
        for _ in range(commits):
            for times, box in ((spent[1], few), (spent[2], many)):
                body = self._fresh(self._rng)
                started_us = monotonic_us()
                record = box.record(body)
                times.append(self._committed_us - started_us)
                if box is few:
                    spent[3].append(monotonic_us() - started_us)
                raw = record.raw
            payload = raw[:-64]
            started_us = monotonic_us()
            self._key.sign(FACT_PURPOSE, payload)
            self._bare.execute("BEGIN IMMEDIATE")
            self._bare.execute("INSERT INTO bare (id, raw) VALUES (?, ?)", (raw[:32], raw))
            self._bare.execute("COMMIT")
            spent[0].append(monotonic_us() - started_us)
        return _Timed(*(statistics.median(times) for times in spent))

    def _note(self, step: str) -> None:
        if step == "committed":
            self._committed_us = monotonic_us()

    def _box(self, name: str, facts: int) -> Terminal:
        """Return an opened box that holds so many facts, the newest of them its own writing."""
        role = "gate" if self._role is Role.GATE else "bar"
        folder = make_folder(self._folder / name, role)
        real = min(facts, FOLDED_AT_START)
        box = Terminal(folder, self._role, synchronised=True)
        template = box.record(self._fresh(self._rng)).raw
        box.close()
        if facts > real:
            self._fill(folder / STORE_FILE, template, facts - real)
        box = Terminal(folder, self._role, synchronised=True, step=self._note)
        self._boxes.append(box)
        for _ in range(real):
            box.record(self._fresh(self._rng))
        if box.store.facts() < facts:
            message = f"{name} holds {box.store.facts()} facts, not {facts}"
            raise RuntimeError(message)
        return box

    def _fill(self, path: Path, template: bytes, count: int) -> None:
        """Put rows and cells straight into the tables, then let the store believe them folded."""
        subjects = sorted(self._new_subject() for _ in range(count))
        cells = _cells_of(template, self._role, subjects)
        connection = open_writer(path)
        indexes = connection.execute(_INDEXES).fetchall()
        for index, _ in indexes:
            connection.execute(f"DROP INDEX {index}")
        _insert(connection, "INSERT INTO cells VALUES (?, ?, ?, ?, ?)", cells)
        _insert(connection, _ROW, self._journal_of(template, subjects))
        for _, statement in indexes:
            connection.execute(statement)
        (last,) = connection.execute("SELECT max(arrival) FROM journal").fetchone()
        connection.execute("UPDATE meta SET value = ? WHERE name = 'folded_up_to'", (last,))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()

    def _new_subject(self) -> bytes:
        """Return a sale id, or a serial that needs all of its eight bytes."""
        content = self._rng.randbytes(len(self._subject))
        return bytes([content[0] | 0x80]) + content[1:]

    def _journal_of(self, template: bytes, subjects: list[bytes]) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of records that differ from a real one in number, ids and subject."""
        record = read_record(template)
        body = record.body
        marked = {
            1: record.version,
            2: record.festival,
            3: record.terminal,
            4: _FILLED_RUN,
            5: _MARK_NUMBER,
            6: _MARK_PREVIOUS,
            7: [record.stamp.physical_ms, record.stamp.logical],
            8: [int(record.clock.state), record.clock.uncertainty_ms],
            9: record.kind,
            10: _marked_body(body, self._subject),
        }
        payload = encode(marked)
        parts = _Parts.of(payload, self._subject)
        around = encode([payload, record.signature])
        at = around.index(payload)
        head, tail = around[:at], around[at + len(payload) :]
        self._rng.shuffle(subjects)
        previous = _MARK_PREVIOUS
        for number, subject in enumerate(subjects, _FIRST_NUMBER):
            payload = parts.filled(number, previous, subject)
            fact = digest(payload)
            raw = head + payload + tail
            yield fact, record.terminal, _FILLED_RUN, number, previous, int(self._role), raw
            previous = fact


@dataclass(frozen=True, slots=True)
class _Parts:
    """A payload cut at its number, its predecessor and its subject."""

    before: bytes
    to_previous: bytes
    to_subject: bytes
    after: bytes

    @classmethod
    def of(cls, payload: bytes, subject: bytes) -> "_Parts":
        before, rest = payload.split(_MARK_NUMBER.to_bytes(4, "big"), 1)
        to_previous, rest = rest.split(_MARK_PREVIOUS, 1)
        to_subject, after = rest.split(subject, 1)
        return cls(before, to_previous, to_subject, after)

    def filled(self, number: int, previous: bytes, subject: bytes) -> bytes:
        """Return the payload with these instead of the marks."""
        parts = (
            self.before,
            number.to_bytes(4, "big"),
            self.to_previous,
            previous,
            self.to_subject,
            subject,
            self.after,
        )
        return b"".join(parts)


def _marked_body(body: Body | None, subject: bytes) -> dict[int, Any]:
    """Return a body's map with the mark as its first field: the sale's id or the serial."""
    if body is None:
        message = "the template has no body"
        raise TypeError(message)
    values = {
        number: getattr(body, name)
        for number, name in enumerate(body.__dataclass_fields__, 1)  # type: ignore[attr-defined]
    }
    first = subject if isinstance(body, Sold) else int.from_bytes(subject, "big")
    return {k: v for k, v in {**values, 1: first}.items() if v is not None}


def _cells_of(template: bytes, role: Role, subjects: list[bytes]) -> Iterator[tuple[Any, ...]]:
    """Yield one cell a fact, as large as the one that the template's own subject has."""
    memory = MemoryCells()
    fold.fold(memory, read_record(template), role)
    area, kind = (
        (Area.ACCESS, CellKind.HISTORY) if role is Role.GATE else (Area.MONEY, CellKind.SALE)
    )
    content = encode(next(value for _, value in memory.items(area, kind)))
    prefix = b"" if role is Role.GATE else b"s"
    for subject in subjects:
        key = CellKey(area, kind, prefix + subject)
        yield (*key, content, _seal(key, content))


def _insert(
    connection: sqlite3.Connection, statement: str, rows: Iterator[tuple[Any, ...]]
) -> None:
    while chunk := [row for _, row in zip(range(_CHUNK), rows, strict=False)]:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(statement, chunk)
        connection.execute("COMMIT")
