"""Folded state on disk: a table of cells behind a memory of those in use and those just changed.

Changed cells wait here and are written in one go, in a transaction that also says up to which
arrival the table stands; after a crash the few records beyond it are folded again. So a fact costs
one row on the disk and still nothing is lost: the journal is what counts.
"""

import heapq
import sqlite3
from collections.abc import Iterator
from operator import itemgetter
from typing import Any, Final
from zlib import crc32

from edge.limits import CELL_BYTES_MAX, CELLS_CACHED_MAX, DIRTY_CELLS_MAX
from edge.store.connection import StoreTrouble
from sync.cells import CellKey, CellKind, is_wanted
from sync.codec import Malformed, decode, encode
from sync.names import Area

_GONE: Final = object()
CELLS_TABLE: Final = "cells"
NEXT_TABLE: Final = "cells_next"
"""Where cells are gathered that will take the place of those in use."""
OLD_TABLE: Final = "cells_old"
"""What those are called that were in use, until they are cleared away."""

_SELECT: Final = "SELECT value, seal FROM {} WHERE area = ? AND kind = ? AND key = ?"
_ANY: Final = "SELECT 1 FROM {} WHERE area = ? AND kind = ? LIMIT 1"
_AREA: Final = "SELECT kind, key, value, seal FROM {} WHERE area = ? ORDER BY kind, key"
_KIND: Final = (
    "SELECT kind, key, value, seal FROM {} WHERE area = ? AND kind = ? ORDER BY kind, key"
)
_PART: Final = (
    "SELECT kind, key, value, seal FROM {} WHERE area = ?1 AND kind = ?2 AND key >= ?3 ORDER BY key"
)
_PUT: Final = "INSERT OR REPLACE INTO {} VALUES (?, ?, ?, ?, ?)"
_TAKE: Final = "DELETE FROM {} WHERE area = ? AND kind = ? AND key = ?"


class DamagedCell(StoreTrouble):
    """A cell is not what was written; the folded state must be made again from the journal."""


class SqliteCells:
    """Cells in a table; see `sync.cells.Cells` for what each method does."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        table: str = CELLS_TABLE,
        cached_max: int = CELLS_CACHED_MAX,
    ) -> None:
        """Stand on a connection; nothing is read before it is asked for.

        About `cached_max` cells are held in memory.
        """
        self._connection = connection
        self._cached_max = cached_max
        self._select, self._any, self._area, self._kind, self._part, self._put, self._take = (
            statement.format(table)
            for statement in (_SELECT, _ANY, _AREA, _KIND, _PART, _PUT, _TAKE)
        )
        self._clear = f"DELETE FROM {table}"  # noqa: S608 - one of the names above
        self._known: dict[CellKey, Any] = {}
        self._changed: dict[CellKey, Any] = {}
        self._is_used: dict[CellKind, bool] = {}

    def changed_keys(self) -> list[CellKey]:
        """Return the keys of the cells that were changed and not yet written."""
        return list(self._changed)

    @property
    def is_full(self) -> bool:
        """Tell whether so many cells have changed that they should be written now."""
        return len(self._changed) >= DIRTY_CELLS_MAX

    def get(self, key: CellKey) -> Any:
        """Return the cell's value, or None."""
        value = self._known.get(key, _GONE)
        if value is not _GONE:
            return value
        if not self._may_hold(key.kind):
            return None
        found = self._connection.execute(self._select, key).fetchone()
        value = None if found is None else _opened(key, *found)
        if len(self._known) - len(self._changed) >= self._cached_max:
            self._forget_unchanged()
        self._known[key] = value
        return value

    def set(self, key: CellKey, value: Any) -> None:
        """Keep a value; None takes the cell away."""
        self._known[key] = value
        self._changed[key] = value
        self._is_used[key.kind] = True

    def items(
        self, area: Area, kind: CellKind | None = None, prefix: bytes = b""
    ) -> Iterator[tuple[CellKey, Any]]:
        """Walk over the cells of an area (and kind) in the order of (kind, key)."""
        if kind is not None and not self._may_hold(kind):
            return
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
        gone = [key for key, value in self._changed.items() if value is None]
        rows = []
        for key, value in self._changed.items():
            if value is not None:
                content = encode(value)
                rows.append((*key, content, _seal(key, content)))
        self._connection.executemany(self._put, rows)
        self._connection.executemany(self._take, gone)

    def changes_written(self) -> None:
        """Note that the transaction with the changes was committed."""
        self._changed.clear()
        if len(self._known) >= self._cached_max:
            self._known.clear()

    def forget(self) -> None:
        """Forget everything in memory, as after a transaction that failed."""
        self._known.clear()
        self._changed.clear()
        self._is_used.clear()

    def clear(self) -> None:
        """Take every cell away, in the transaction that is open."""
        self.forget()
        self._connection.execute(self._clear)

    def _kept(
        self, area: Area, kind: CellKind | None, prefix: bytes
    ) -> Iterator[tuple[CellKey, Any]]:
        if kind is None:
            rows = self._connection.execute(self._area, (area,))
        elif not prefix:
            rows = self._connection.execute(self._kind, (area, kind))
        else:
            rows = self._connection.execute(self._part, (area, kind, prefix))
        for number, name, content, seal in rows:
            key = CellKey(area, CellKind(number), name)
            if name.startswith(prefix):
                yield key, _opened(key, content, seal)
            elif kind is not None:
                return  # names come in order, so no further one begins like this

    def _may_hold(self, kind: CellKind) -> bool:
        """Tell whether there can be a cell of this kind: some are asked for and hardly ever set."""
        is_used = self._is_used.get(kind)
        if is_used is None:
            is_used = any(
                self._connection.execute(self._any, (area, kind)).fetchone() for area in Area
            )
            self._is_used[kind] = is_used
        return is_used

    def _forget_unchanged(self) -> None:
        self._known.clear()
        self._known.update(self._changed)


def sweep(connection: sqlite3.Connection) -> None:
    """Take away what a process that died while cells changed places left beside them."""
    for table in (NEXT_TABLE, OLD_TABLE):
        connection.execute(f"DROP TABLE IF EXISTS {table}")


def insert_cells(connection: sqlite3.Connection, cells: Iterator[tuple[CellKey, bytes]]) -> None:
    """Put encoded cells into a table that does not have them, in the transaction that is open."""
    rows = ((*key, content, _seal(key, content)) for key, content in cells)
    connection.executemany("INSERT INTO cells VALUES (?, ?, ?, ?, ?)", rows)


def _place(item: tuple[CellKey, Any]) -> tuple[int, bytes]:
    return (item[0].kind, item[0].key)


def _seal(key: CellKey, content: bytes) -> int:
    """Return a checksum over where a cell is and what it holds: disks forget single bits."""
    return crc32(content, crc32(key.key, key.kind << 8 | key.area))


def _opened(key: CellKey, content: bytes, seal: int) -> Any:
    try:
        if type(content) is bytes and _seal(key, content) == seal:
            return decode(content, CELL_BYTES_MAX)
    except Malformed:
        pass
    message = f"the cell {key.kind.name.lower()} {key.key.hex()} is damaged: restart the terminal"
    raise DamagedCell(message)
