"""What a sale takes from wallets is read from its payments where that is all there is to it."""

import sqlite3
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.store.migrations import migrate
from edge.store.till_book import Entry, TillBook
from edge.till_entries import entries_of
from sync import fold
from sync.cells import MemoryCells
from sync.clock import TRUSTED_CLOCK, Moment
from sync.facts import Method, Sold
from sync.journal import Record, Writer
from sync.keys import SecretKey
from sync.ledger import wallet_moves
from sync.names import FestivalId, Role, RunId, TerminalId
from tests.edge.boxes import NOW_MS

AMOUNTS = st.integers(-500, 500)
LINES = st.lists(
    st.tuples(st.just(1), st.integers(-3, 3), AMOUNTS, st.just(0), st.integers(0, 4), st.none()),
    max_size=4,
).map(tuple)
PAYMENTS = st.lists(
    st.tuples(st.sampled_from([1, 2, 3]), AMOUNTS, st.sampled_from([None, 5, 6]), st.none()),
    max_size=4,
).map(tuple)
SALES = st.builds(
    Sold,
    st.sampled_from([bytes(16), b"s" * 16]),
    *(st.just(1), st.just(0), st.just(1)),
    LINES,
    PAYMENTS,
    *(st.just(1), st.just("alone_limit"), st.just(0)),
)


def pen() -> Writer:
    key = SecretKey(bytes(32))
    one = Writer(FestivalId(7), TerminalId(b"t" * 16), RunId(b"r" * 16), key)
    one.open(key, (), None, "", "", Moment(NOW_MS, TRUSTED_CLOCK))
    return one


def moved(record: Record, cells: MemoryCells) -> Counter[int]:
    totals: Counter[int] = Counter()
    for entry in entries_of(cells, record):
        assert (entry.run, entry.number) == (record.run, record.number)
        totals[entry.wallet] += entry.amount
    return totals


@settings(max_examples=100, deadline=None)
@given(st.lists(SALES, max_size=4))
def test_the_movements_of_sales_are_what_the_fold_makes_of_them(sales: list[Sold]) -> None:
    writer, cells = pen(), MemoryCells()
    for body in sales:
        record = writer.write(body, Moment(NOW_MS, TRUSTED_CLOCK))
        wanted: Counter[int] = Counter()
        for wallet, amount in wallet_moves(body, cells, record.terminal):
            wanted[wallet] += amount
        found = moved(record, cells)
        assert {w: a for w, a in found.items() if a} == {w: a for w, a in wanted.items() if a}
        fold.fold(cells, record, Role.BAR)


def test_a_payment_with_a_wallet_is_the_only_one_that_moves_it() -> None:
    lines = ((1, 1, 700, 0, 0, None),)
    payments = ((int(Method.WALLET), 500, 5, None), (int(Method.CASH), 200, None, None))
    body = Sold(bytes(16), 1, 0, 1, lines, payments, 1, "alone_limit", 0)
    record = pen().write(body, Moment(NOW_MS, TRUSTED_CLOCK))
    assert moved(record, MemoryCells()) == Counter({5: -500})


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(1, 9)), st.integers(0, 9), st.integers(0, 9))
def test_what_comes_back_in_any_order_is_on_the_book_until_it_is_acknowledged(
    order: list[int], first: int, second: int
) -> None:
    """A neighbour that was told of a sale before the one that it followed gives both back so."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    book, run = TillBook(connection), RunId(b"r" * 16)
    for number in order:
        book.note([Entry(run, number, 0, Sold.KIND, bytes([number]) * 16, 5, -(1 << number))], 1)
    for up_to in (first, second):
        book.acknowledge(run, up_to)
    left = sum(1 << number for number in range(1, 9) if number > max(first, second))
    assert book.spent_unacknowledged(5) == book.spent_unacknowledged_everywhere() == left
    assert book.spent_today(5, 1) == sum(1 << number for number in range(1, 9))
    connection.close()
