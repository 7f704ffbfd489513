"""Cells, and the hash by which machines compare what they folded."""

from sync.cells import (
    CellKey,
    CellKind,
    MemoryCells,
    area_hashes,
    counted,
    state_hash,
)
from sync.conflicts import Conflict, ConflictKind, add_evidence, conflicts, declare, settle
from sync.names import Area

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
