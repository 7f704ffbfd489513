"""Cells behind a memory are what a plain dictionary holds, whoever wrote them and however it ended.

The memory is made tiny, so that it is full all the time.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud.store import cells as cells_module
from cloud.store.cells import StoreCells
from cloud.store.database import database_of
from cloud.store.sql import Connection
from sync.cells import CellKey, CellKind
from sync.codec import encode
from sync.names import Area, FestivalId
from tests.cloud.offices import FESTIVAL, new_folder

KINDS = sorted(CellKind)[:2]
NAMES = (b"", b"a", b"a\0", b"ab", b"abc", b"b", b"a\xff", b"\xff", b"\xff\xff")
PUT = (
    "INSERT INTO cell (festival, area, kind, key, value) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (festival, area, kind, key) DO UPDATE SET value = excluded.value"
)
TAKE_AWAY = "DELETE FROM cell WHERE festival = ? AND area = ? AND kind = ? AND key = ?"
key = st.builds(
    CellKey,
    st.sampled_from([Area.ACCESS, Area.MONEY]),
    st.sampled_from(KINDS),
    st.sampled_from(NAMES),
)
value = st.one_of(st.none(), st.integers(1, 3))
place = st.tuples(
    st.sampled_from([Area.ACCESS, Area.MONEY]),
    st.sampled_from([None, *KINDS]),
    st.sampled_from(NAMES),
)
step = st.one_of(
    st.tuples(st.just("get"), key),
    st.tuples(st.just("expect"), st.lists(key, max_size=4)),
    st.tuples(st.just("set"), key, value),
    st.tuples(st.just("walk"), place),
    st.tuples(st.just("walk"), place),
    st.tuples(st.just("change while walking"), place, key, value),
    st.tuples(st.just("write"), st.none()),
)
turn = st.tuples(
    st.lists(st.tuples(key, value), max_size=3),
    st.booleans(),
    st.lists(step, min_size=1, max_size=12),
    st.sampled_from(["commit", "commit", "undo", "begin anew"]),
)
"""What others wrote before, whether each cell of it was told, what is done, and how it ends."""
Cells = dict[CellKey, Any]


@pytest.fixture
def connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    for limit, number in (
        ("CELLS_CACHED_MAX", 2), ("CELLS_OF_RANGE_MAX", 3), ("RANGES_CACHED_MAX", 3),
        ("ROWS_AT_ONCE_MAX", 2),
    ):  # fmt: skip
        monkeypatch.setattr(cells_module, limit, number)
    database = database_of(new_folder(tmp_path / "office").path)
    claim = database.claim()
    found = database.open()
    yield found
    found.close()
    claim.release()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(turn, min_size=1, max_size=6))
def test_they_are_what_a_dictionary_holds(connection: Connection, turns: list[Any]) -> None:
    connection.execute("DELETE FROM cell")
    cells, kept = StoreCells(connection, FestivalId(FESTIVAL)), Cells()
    for others, is_told, steps, end in turns:
        for where, what in others:
            write(connection, where, what)
            put(kept, where, what)
        now = dict(kept)
        connection.execute("BEGIN IMMEDIATE")
        cells.forget_some([where for where, _ in others] if is_told else None)
        if end == "begin anew":
            cells.clear()
            now.clear()
        for one in steps:
            do(cells, now, one)
        assert (cells.changed is None) == (end == "begin anew")
        check(cells, now)
        cells.write_changes()
        check(cells, now)
        if end == "undo":
            connection.execute("ROLLBACK")
            cells.forget()
        else:
            connection.execute("COMMIT")
            cells.changes_written()
            kept = now
        check(cells, kept)
        check(StoreCells(connection, FestivalId(FESTIVAL)), kept)


def do(cells: StoreCells, now: Cells, one: tuple[Any, ...]) -> None:
    match one:
        case ("get", where):
            assert cells.get(where) == now.get(where)
        case ("expect", some):
            some = [*(cells.changed or ())[:2], *some]
            cells.expect(some)
            assert [cells.get(where) for where in some] == [now.get(where) for where in some]
        case ("set", where, what):
            cells.set(where, what)
            put(now, where, what)
        case ("walk", part):
            assert list(cells.items(*part)) == items(now, *part)
        case ("change while walking", part, where, what):
            before = items(now, *part)
            walked = cells.items(*part)
            seen = [next(walked)] if before else []
            cells.set(where, what)
            put(now, where, what)
            assert not before or seen + list(walked) == before
        case ("write", _):
            cells.write_changes()


def check(cells: StoreCells, now: Cells) -> None:
    """Compare everything, also what is remembered of single subjects."""
    for area in (Area.ACCESS, Area.MONEY):
        for kind in (None, *KINDS):
            for prefix in (b"", b"a"):
                assert list(cells.items(area, kind, prefix)) == items(now, area, kind, prefix)
    for where in list(now):
        assert cells.get(where) == now[where]


def items(
    now: Cells, area: Area, kind: CellKind | None, prefix: bytes
) -> list[tuple[CellKey, Any]]:
    """Return what a walk must find."""
    wanted = [
        (where, what)
        for where, what in now.items()
        if where.area == area and kind in (None, where.kind) and where.key.startswith(prefix)
    ]
    return sorted(wanted, key=lambda item: (item[0].kind, item[0].key))


def put(now: Cells, where: CellKey, what: Any) -> None:
    if what is None:
        now.pop(where, None)
    else:
        now[where] = what


def write(connection: Connection, where: CellKey, what: Any) -> None:
    """Write as another process does."""
    if what is None:
        connection.execute(TAKE_AWAY, (FESTIVAL, *where))
    else:
        connection.execute(PUT, (FESTIVAL, *where, encode(what)))
