"""A terminal's store and the reference in memory say the same of the same records."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.store.log import TerminalLog
from edge.store.store import Store, _no_book, open_store
from sync.cells import area_hashes
from sync.clock import TRUSTED_CLOCK, Moment
from sync.facts import CapRenewed, Method, ProductSet, Sold, ToppedUp, Voided
from sync.journal import Record, Writer
from sync.keys import SecretKey
from sync.names import Area, FestivalId, Role, RunId, TerminalId
from sync.replica import Replica
from sync.shelf import MemoryLog, MemoryShelf
from tests.edge.boxes import (
    FESTIVAL,
    FESTIVAL_KEY,
    NOW_MS,
    OFFICE_CERTIFICATE,
    writer_certificate,
)

STORE_ID = bytes(16)
ROUNDS = 12


def run_of(role: Role, number: int, parent: Record | None, rng: random.Random) -> list[Record]:
    """Return the records of one run of a writer."""
    name = TerminalId(bytes([number]) * 16)
    identity = SecretKey(bytes([number]) * 32)
    run_key = SecretKey(rng.randbytes(32))
    pen = Writer(FestivalId(FESTIVAL), name, RunId(rng.randbytes(16)), run_key)
    chain = (OFFICE_CERTIFICATE, writer_certificate(role, name, identity, f"W{number}"))
    first = pen.open(identity, chain, parent, "test", "", moment(rng))
    count = rng.randrange(1, 8)
    return [first, *(pen.write(some_body(role, rng), moment(rng)) for _ in range(count))]


def moment(rng: random.Random) -> Moment:
    return Moment(NOW_MS + rng.randrange(100_000), TRUSTED_CLOCK)


def some_body(role: Role, rng: random.Random) -> ProductSet | ToppedUp | Sold | Voided | CapRenewed:
    if role is Role.OFFICE:
        version, price = rng.randrange(1, 4), rng.randrange(500)
        return ProductSet(rng.randrange(3), version, "P", "c", price, 0, 0, 0, True)
    sale, wallet = bytes([rng.randrange(4)]) * 16, rng.randrange(3)
    what = rng.randrange(4)
    if what == 0:
        return ToppedUp(sale, wallet, rng.randrange(900), int(Method.CASH), 1, 0, None)
    if what == 1:
        return Voided(sale, (0,), (), 1, 0, 1)
    if what == 2:
        return CapRenewed(1, 100)
    amount = rng.randrange(-100, 400)
    lines = ((1, 1, amount, 2000, 0, None),)
    return Sold(sale, 1, 0, 1, lines, ((1, amount, wallet, None),), 1, "alone_limit", 0)


def some_records(rng: random.Random) -> list[bytes]:
    """Return the journals of an office and two bars, one of which was cloned."""
    office = run_of(Role.OFFICE, 60, None, rng)
    first = run_of(Role.BAR, 61, None, rng)
    clones = [run_of(Role.BAR, 61, first[-1], rng) for _ in range(2)]
    other = run_of(Role.BAR, 62, None, rng)
    records = [r.raw for run in (office, first, *clones, other) for r in run]
    strangers = run_of(Role.GATE, 63, None, rng)
    records += [r.raw for r in strangers]
    rng.shuffle(records)
    return records + records[:5]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    one = open_store(tmp_path, STORE_ID, _no_book)
    yield one
    one.close()


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_the_store_answers_like_the_reference_whatever_came_in_whatever_order(
    store: Store, seed: int
) -> None:
    rng = random.Random(seed)
    records = some_records(rng)
    memory = MemoryShelf()
    reference = Replica(FestivalId(FESTIVAL), FESTIVAL_KEY.public, memory, Role.BAR)
    replica = Replica(FestivalId(FESTIVAL), FESTIVAL_KEY.public, store.shelf, Role.BAR)
    theirs, ours = MemoryLog(reference, memory, STORE_ID), TerminalLog(store, replica)
    while records:
        part, records = records[:7], records[7:]
        with store.transaction():
            assert [t.outcome for t in ours.take(part)] == [t.outcome for t in theirs.take(part)]
        last = theirs.last_arrival()
        assert ours.last_arrival() == last
        assert [ours.id_at(n) for n in range(last + 2)] == [
            theirs.id_at(n) for n in range(last + 2)
        ]
        for roles in (frozenset(Role), frozenset({Role.BAR}), frozenset({Role.GATE})):
            assert sorted(ours.heads(roles)) == sorted(theirs.heads(roles))
            after, up_to, count = rng.randrange(last + 1), last, rng.randrange(1, 9)
            size = rng.randrange(300, 3_000)
            for writer in (None, TerminalId(bytes([61]) * 16)):
                assert sorted(ours.heads(roles, writer)) == sorted(theirs.heads(roles, writer))
                assert ours.records_after(
                    after, up_to, roles, count, size, writer
                ) == theirs.records_after(after, up_to, roles, count, size, writer)
        for info in memory.runs():
            run = info.run
            assert ours.whole_up_to(run) == theirs.whole_up_to(run)
            assert sorted(ours.runs_of(info.terminal)) == sorted(theirs.runs_of(info.terminal))
            number = rng.randrange(4)
            assert ours.run_records(run, number, 5, 2_000) == theirs.run_records(
                run, number, 5, 2_000
            )
        assert area_hashes(store.shelf.cells, Area) == area_hashes(memory.cells, Area)
