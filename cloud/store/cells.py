"""Folded state on disk: a table of cells behind a memory of those in use and those just changed.

A busy account is folded into hundreds of times in one transaction and written once, at its end.
"""

import heapq
from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any, Final

from cloud.limits import (
    CELL_BYTES_MAX,
    CELLS_CACHED_MAX,
    CELLS_OF_RANGE_MAX,
    RANGES_CACHED_MAX,
    ROWS_AT_ONCE_MAX,
)
from cloud.store.sql import Connection
from cloud.store.walking import ask_many
from sync.cells import CellKey, CellKind, is_wanted
from sync.codec import decode, encode
from sync.names import Area, FestivalId

_MISSING: Final = object()
_PUT: Final = (
    "INSERT INTO cell (festival, area, kind, key, value) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (festival, area, kind, key) DO UPDATE SET value = excluded.value"
)
_SOME: Final = (
    "SELECT key, value FROM cell WHERE festival = ? AND area = ? AND kind = ? AND key IN ({})"
)
_SELECT: Final = "SELECT value FROM cell WHERE festival = ? AND area = ? AND kind = ? AND key = ?"
_AREA: Final = (
    "SELECT kind, key, value FROM cell WHERE festival = ? AND area = ?"
    " AND (kind, key) >= (?, ?) ORDER BY kind, key LIMIT ?"
)
_KIND: Final = (
    "SELECT kind, key, value FROM cell WHERE festival = ? AND area = ? AND kind = ?"
    " AND key >= ? ORDER BY key LIMIT ?"
)
_PART: Final = (
    "SELECT kind, key, value FROM cell WHERE festival = ? AND area = ? AND kind = ?"
    " AND key >= ? AND key < ? ORDER BY key LIMIT ?"
)
_DELETE: Final = "DELETE FROM cell WHERE festival = ? AND area = ? AND kind = ? AND key = ?"


class StoreCells:
    """One festival's cells in the table `cell`; see `sync.cells.Cells` for what each method does.

    It may also stand on a connection that only reads, for a look at what was committed.
    """

    def __init__(self, connection: Connection, festival: FestivalId) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection
        self._festival = festival
        self._known: dict[CellKey, Any] = {}
        self._changed: dict[CellKey, Any] = {}
        self._is_cleared = False
        self._ranges: dict[tuple[Area, CellKind], dict[bytes, list[tuple[CellKey, Any]]]] = {}

    def get(self, key: CellKey) -> Any:
        """Return the cell's value, or None."""
        value = self._known.get(key, _MISSING)
        if value is not _MISSING:
            return value
        found = self._connection.execute(_SELECT, (self._festival, *key)).fetchone()
        value = None if found is None else decode(found[0], CELL_BYTES_MAX)
        if len(self._known) >= CELLS_CACHED_MAX:
            self._known = dict(self._changed)
        self._known[key] = value
        return value

    def expect(self, keys: Iterable[CellKey]) -> None:
        """Fetch cells that will be asked for; also learn which of them are not there."""
        wanted: dict[tuple[Area, CellKind], list[bytes]] = {}
        for key in keys:
            if key not in self._known:
                self._known[key] = None
                wanted.setdefault((key.area, key.kind), []).append(key.key)
        for (area, kind), names in wanted.items():
            where = (self._festival, area, kind)
            for name, content in ask_many(self._connection, _SOME, where, names):
                self._known[CellKey(area, kind, name)] = decode(content, CELL_BYTES_MAX)

    def set(self, key: CellKey, value: Any) -> None:
        """Keep a value; None takes the cell away."""
        self._known[key] = value
        self._changed[key] = value

    def items(
        self, area: Area, kind: CellKind | None = None, prefix: bytes = b""
    ) -> Iterator[tuple[CellKey, Any]]:
        """Walk over the cells of an area (and kind) in the order of (kind, key)."""
        fresh = sorted(
            (key for key in self._changed if is_wanted(key, area, kind, prefix)),
            key=itemgetter(1, 2),
        )
        changed = [(key, self._changed[key]) for key in fresh]
        last: CellKey | None = None
        for key, value in heapq.merge(changed, self._range(area, kind, prefix), key=_place):
            if key != last and value is not None:
                yield key, value
            last = key

    def write_changes(self) -> None:
        """Put every changed cell into the table, in the transaction that is open."""
        gone = [(self._festival, *key) for key, value in self._changed.items() if value is None]
        rows = [
            (self._festival, *key, encode(value))
            for key, value in self._changed.items()
            if value is not None
        ]
        self._connection.executemany(_PUT, rows)
        self._connection.executemany(_DELETE, gone)
        self._forget_ranges(self._changed)

    @property
    def changed(self) -> list[CellKey] | None:
        """Which cells the open transaction has changed; None stands for all of them."""
        return None if self._is_cleared else list(self._changed)

    def forget_some(self, keys: Iterable[CellKey] | None) -> None:
        """Forget cells that somebody else changed, or all; nothing of ours may be unwritten."""
        if keys is None:
            self._known.clear()
            self._ranges.clear()
            return
        some = list(keys)
        for key in some:
            self._known.pop(key, None)
        self._forget_ranges(some)

    def changes_written(self) -> None:
        """Note that the transaction with the changes was committed."""
        self._changed.clear()
        self._is_cleared = False
        if len(self._known) >= CELLS_CACHED_MAX:
            self._known.clear()

    def forget(self) -> None:
        """Forget everything in memory, as after a transaction that failed."""
        self._ranges.clear()
        self._known.clear()
        self._changed.clear()
        self._is_cleared = False

    def clear(self) -> None:
        """Take every cell of the festival away, in the transaction that is open."""
        self.forget()
        self._is_cleared = True
        self._connection.execute("DELETE FROM cell WHERE festival = ?", (self._festival,))

    def _range(
        self, area: Area, kind: CellKind | None, prefix: bytes
    ) -> Iterable[tuple[CellKey, Any]]:
        """Return what the table holds; the few cells of one subject are remembered."""
        if kind is None or not prefix:
            return self._kept(area, kind, prefix)
        ranges = self._ranges.setdefault((area, kind), {})
        found = ranges.get(prefix)
        if found is None:
            found = list(self._kept(area, kind, prefix))
            if len(found) <= CELLS_OF_RANGE_MAX:
                if len(ranges) >= RANGES_CACHED_MAX:
                    ranges.clear()
                ranges[prefix] = found
        return found

    def _forget_ranges(self, keys: Iterable[CellKey]) -> None:
        """Forget what was remembered of the subjects of these cells."""
        for key in keys:
            ranges = self._ranges.get((key.area, key.kind))
            if ranges:
                for length in range(1, len(key.key) + 1):
                    ranges.pop(key.key[:length], None)

    def _kept(
        self, area: Area, kind: CellKind | None, prefix: bytes
    ) -> Iterator[tuple[CellKey, Any]]:
        """Walk over the table; what changes while walking is seen as it was before."""
        first_kind, first = 0, prefix if kind is not None else b""
        beyond = _beyond(prefix)
        count = ROWS_AT_ONCE_MAX
        while count == ROWS_AT_ONCE_MAX:
            where: tuple[object, ...] = (self._festival, area)
            if kind is None:
                sql, where = _AREA, (*where, first_kind, first)
            elif beyond:
                sql, where = _PART, (*where, kind, first, beyond)
            else:
                sql, where = _KIND, (*where, kind, first)
            rows = self._connection.execute(sql, (*where, ROWS_AT_ONCE_MAX))
            count = 0
            for count, (number, name, content) in enumerate(rows, 1):  # noqa: B007 - kept for after
                first_kind, first = number, name + b"\0"
                if name.startswith(prefix):
                    yield CellKey(area, CellKind(number), name), decode(content, CELL_BYTES_MAX)


def _beyond(prefix: bytes) -> bytes:
    """Return the first name behind all that begin like this, nothing if there is no end."""
    cut = prefix.rstrip(b"\xff")
    return cut[:-1] + bytes([cut[-1] + 1]) if cut else b""


def _place(item: tuple[CellKey, Any]) -> tuple[int, bytes]:
    return (item[0].kind, item[0].key)
