"""Folded state on disk: a table of cells behind a memory of those in use and those just changed.

A busy account is folded into hundreds of times in one transaction and written once, at its end.
"""

import heapq
import sqlite3
from collections.abc import Iterator
from operator import itemgetter
from typing import Any, Final

from cloud.limits import CELL_BYTES_MAX, CELLS_CACHED_MAX
from sync.cells import CellKey, CellKind, is_wanted
from sync.codec import decode, encode
from sync.names import Area, FestivalId

_MISSING: Final = object()
_SELECT: Final = "SELECT value FROM cell WHERE festival = ? AND area = ? AND kind = ? AND key = ?"
_AREA: Final = (
    "SELECT kind, key, value FROM cell WHERE festival = ? AND area = ? ORDER BY kind, key"
)
_KIND: Final = (
    "SELECT kind, key, value FROM cell WHERE festival = ? AND area = ? AND kind = ? ORDER BY key"
)
_PART: Final = (
    "SELECT kind, key, value FROM cell WHERE festival = ?1 AND area = ?2 AND kind = ?3"
    " AND key >= ?4 ORDER BY key"
)
_DELETE: Final = "DELETE FROM cell WHERE festival = ? AND area = ? AND kind = ? AND key = ?"


class SqliteCells:
    """One festival's cells in the table `cell`; see `sync.cells.Cells` for what each method does.

    It may also stand on a connection that only reads, for a look at what was committed.
    """

    def __init__(self, connection: sqlite3.Connection, festival: FestivalId) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection
        self._festival = festival
        self._known: dict[CellKey, Any] = {}
        self._changed: dict[CellKey, Any] = {}

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
        for key, value in heapq.merge(changed, self._kept(area, kind, prefix), key=_place):
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
        self._connection.executemany("INSERT OR REPLACE INTO cell VALUES (?, ?, ?, ?, ?)", rows)
        self._connection.executemany(_DELETE, gone)

    def changes_written(self) -> None:
        """Note that the transaction with the changes was committed."""
        self._changed.clear()
        if len(self._known) >= CELLS_CACHED_MAX:
            self._known.clear()

    def forget(self) -> None:
        """Forget everything in memory, as after a transaction that failed."""
        self._known.clear()
        self._changed.clear()

    def clear(self) -> None:
        """Take every cell of the festival away, in the transaction that is open."""
        self.forget()
        self._connection.execute("DELETE FROM cell WHERE festival = ?", (self._festival,))

    def _kept(
        self, area: Area, kind: CellKind | None, prefix: bytes
    ) -> Iterator[tuple[CellKey, Any]]:
        """Walk over the table; what changes while walking is seen as it was before."""
        if kind is None:
            rows = self._connection.execute(_AREA, (self._festival, area))
        elif not prefix:
            rows = self._connection.execute(_KIND, (self._festival, area, kind))
        else:
            rows = self._connection.execute(_PART, (self._festival, area, kind, prefix))
        for number, name, content in rows:
            if name.startswith(prefix):
                yield CellKey(area, CellKind(number), name), decode(content, CELL_BYTES_MAX)
            elif kind is not None:
                return  # names come in order, so no further one begins like this


def _place(item: tuple[CellKey, Any]) -> tuple[int, bytes]:
    return (item[0].kind, item[0].key)
