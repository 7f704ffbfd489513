"""Cells, and the hash by which machines compare what they folded."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cloud.store import cells as office_cells
from cloud.store.migrations import migrate as make_office_tables
from edge.store import cells as terminal_cells
from edge.store.migrations import migrate as make_terminal_tables
from sync.cells import (
    CellKey,
    CellKind,
    Cells,
    LayeredCells,
    MemoryCells,
    area_hashes,
    counted,
    state_hash,
)
from sync.conflicts import Conflict, ConflictKind, add_evidence, conflicts, declare, settle
from sync.names import Area, FestivalId

ZONE = CellKey(Area.OFFICE, CellKind.ZONE, b"1")
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_cell_of_none_is_not_there() -> None:
    cells = MemoryCells()
    cells.set(ZONE, (1, b"a"))
    assert cells.get(ZONE) == (1, b"a")
    cells.set(ZONE, None)
    assert cells.get(ZONE) is None
    assert list(cells.items(Area.OFFICE)) == []
    assert area_hashes(cells, Area) == {"office": EMPTY, "access": EMPTY, "money": EMPTY}


def test_the_hash_depends_on_kind_key_and_value_but_not_on_the_order_of_writing() -> None:
    one, other = MemoryCells(), MemoryCells()
    rows = [(CellKey(Area.MONEY, kind, bytes([n])), n) for kind in CellKind for n in (1, 2)]
    for key, value in rows:
        one.set(key, value)
    for key, value in reversed(rows):
        other.set(key, value)
    assert area_hashes(one, Area) == area_hashes(other, Area)
    told = {
        state_hash([(ZONE, 1)]),
        state_hash([(ZONE, 2)]),
        state_hash([(ZONE, b"1")]),
        state_hash([(ZONE, "1")]),
        state_hash([(ZONE, True)]),
        state_hash([(ZONE, (1,))]),
        state_hash([(ZONE._replace(key=b"2"), 1)]),
        state_hash([(ZONE._replace(kind=CellKind.BAR), 1)]),
        state_hash([(ZONE, 1), (ZONE, 1)]),
    }
    assert len(told) == 9


def test_cells_are_walked_over_by_kind_and_key() -> None:
    cells = MemoryCells()
    keys = [CellKey(Area.OFFICE, kind, key) for kind in (3, 1) for key in (b"b", b"a", b"")]  # type: ignore[arg-type]  # kinds by number
    for key in keys:
        cells.set(key, 1)
    assert [key for key, _ in cells.items(Area.OFFICE)] == sorted(keys)
    assert len(list(cells.items(Area.OFFICE, CellKind.ZONE))) == 3
    assert list(cells.items(Area.MONEY)) == []


def test_a_count_of_nothing_is_not_kept() -> None:
    cells = MemoryCells()
    assert counted(cells, ZONE, 3) == 3
    assert counted(cells, ZONE, -3) == 0
    assert cells.get(ZONE) is None


def test_a_finding_appears_grows_and_goes_with_its_facts() -> None:
    cells = MemoryCells()
    kind = ConflictKind.FORKED_JOURNAL
    add_evidence(cells, Area.MONEY, kind, "box", b"b", b"a")
    add_evidence(cells, Area.MONEY, kind, "box", b"a", b"c")
    assert conflicts(cells, Area.MONEY) == [Conflict(Area.MONEY, kind, "box", (b"a", b"b", b"c"))]
    declare(cells, Conflict(Area.MONEY, kind, "box", (b"z",), (5,)))
    assert conflicts(cells, Area.MONEY) == [Conflict(Area.MONEY, kind, "box", (b"z",), (5,))]
    settle(cells, Area.MONEY, kind, "other")
    assert len(conflicts(cells, Area.MONEY)) == 1
    settle(cells, Area.MONEY, kind, "box")
    assert conflicts(cells, Area.MONEY) == []


@contextmanager
def cells_in(place: str, keys: list[CellKey]) -> Iterator[Cells]:
    """Open cells of one sort that hold 1 under some keys, half of them not written out yet."""
    half = len(keys) // 2
    if place in {"memory", "layered"}:
        below = MemoryCells()
        for key in keys[:half]:
            below.set(key, 1)
        cells = LayeredCells(below) if place == "layered" else below
        for key in keys[half:]:
            cells.set(key, 1)
        yield cells
        return
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        kept: office_cells.StoreCells | terminal_cells.SqliteCells
        if place == "office":
            make_office_tables(connection)
            kept = office_cells.StoreCells(connection, FestivalId(7))
        else:
            make_terminal_tables(connection)
            kept = terminal_cells.SqliteCells(connection)
        for key in keys[:half]:
            kept.set(key, 1)
        kept.write_changes()
        kept.changes_written()
        for key in keys[half:]:
            kept.set(key, 1)
        yield kept


names = st.lists(st.binary(max_size=3) | st.just(b"\xff\xff"), unique=True, max_size=12)


@pytest.mark.parametrize("place", ["memory", "layered", "office", "terminal"])
@settings(derandomize=True, max_examples=30, deadline=None)
@example(b"\xff", [b"\xff", b"\xff\x00", b"a"])
@given(prefix=st.binary(max_size=2), names=names)
def test_a_walk_by_a_prefix_finds_what_begins_so_wherever_cells_are_kept(
    place: str, prefix: bytes, names: list[bytes]
) -> None:
    kinds = (CellKind.WALLET, CellKind.LINK)
    keys = [CellKey(Area.MONEY, kind, name) for name in names for kind in kinds]
    with cells_in(place, keys) as cells:
        wanted = sorted(key for key in keys if key.key.startswith(prefix))
        assert [key for key, _ in cells.items(Area.MONEY, None, prefix)] == wanted
        for kind in kinds:
            found = [key for key, _ in cells.items(Area.MONEY, kind, prefix)]
            assert found == [key for key in wanted if key.kind is kind]
        assert list(cells.items(Area.ACCESS, CellKind.WALLET, prefix)) == []


def test_a_walk_by_a_prefix_reads_no_further_than_it_finds() -> None:
    keys = [CellKey(Area.MONEY, CellKind.WALLET, n.to_bytes(8, "big")) for n in range(500)]
    with cells_in("office", 2 * keys) as cells:
        assert isinstance(cells, office_cells.StoreCells)
        cells.changes_written()
        steps = 0

        def count() -> int:
            nonlocal steps
            steps += 1
            return 0

        connection = cells._connection
        assert isinstance(connection, sqlite3.Connection)
        connection.set_progress_handler(count, 1)
        found = list(cells.items(Area.MONEY, CellKind.WALLET, (3).to_bytes(8, "big")))
        assert len(found) == 1
        assert steps < 100
