"""How a transaction begins and ends where one process writes, and where several do.

Alone, what is in memory is what the file holds. Together, each transaction begins by locking the
festival's row: so folds of one festival come one after the other whoever makes them, arrival
numbers follow the order of commits, and whatever is read after that is what the last one left. The
row counts the transactions that wrote; a row of `change` for each says which cells and runs it
touched. Who finds that others have written meanwhile forgets just those, or everything if it was
too much.
"""

from collections.abc import Iterable
from typing import Any, Final, Protocol

from cloud.limits import (
    CELL_BYTES_MAX,
    CELLS_TOLD_MAX,
    CHANGES_FORGOTTEN_EVERY,
    CHANGES_KEPT_MAX,
)
from cloud.store.database import Database
from cloud.store.shelf import StoreShelf
from cloud.store.sql import CHANNEL, Connection, DatabaseFailed
from sync.cells import CellKey, CellKind
from sync.codec import decode, encode
from sync.names import Area, FestivalId, RunId

_LOCK: Final = "SELECT arrived, changed FROM festival WHERE festival = ? FOR UPDATE"
_CHANGED: Final = "SELECT changed FROM festival WHERE festival = ?"
_COUNT: Final = "UPDATE festival SET arrived = ? WHERE festival = ?"
_COUNT_TOGETHER: Final = "UPDATE festival SET arrived = ?, changed = ? WHERE festival = ?"
_SINCE: Final = (
    "SELECT touched FROM change WHERE festival = ? AND number > ? AND number <= ? ORDER BY number"
)
_TELL: Final = (
    "INSERT INTO change (festival, number, touched)"
    " SELECT ?::bigint, ?::bigint, ?::bytea FROM (SELECT pg_notify(?, ?)) AS told"
)
_FORGET: Final = "DELETE FROM change WHERE festival = ? AND number <= ?"


class Turns(Protocol):
    """What happens around the work of one transaction."""

    def begin(self) -> None:
        """Make what is in memory right, first thing in a transaction."""

    def end(self) -> None:
        """Write what the work changed, last thing before the commit."""

    def committed(self) -> None:
        """Note that it is durable."""

    def undone(self) -> None:
        """Forget what a transaction that failed had changed."""


class Alone:
    """For a process that is the only one to write."""

    def __init__(
        self, connection: Connection, festival: FestivalId, shelf: StoreShelf, database: Database
    ) -> None:
        """Keep a shelf in step with its file."""
        self._connection = connection
        self._festival = festival
        self._shelf = shelf
        self._database = database

    def begin(self) -> None:
        """Nothing: nobody else has written."""

    def end(self) -> None:
        """Write the shelf's changes, and then the counter."""
        self._shelf.write_changes()
        self._connection.execute(_COUNT, (self._shelf.arrived, self._festival))

    def committed(self) -> None:
        """Tell whoever waits in this process."""
        self._shelf.changes_written()
        self._database.wrote(self._festival)

    def undone(self) -> None:
        """Read again what is true."""
        self._shelf.forget()


class Writing(Connection, Protocol):
    """A connection that knows whether it has changed anything."""

    @property
    def has_written(self) -> bool:
        """Tell whether the open transaction changed anything so far."""


class Together:
    """Other processes write to the same festival."""

    def __init__(self, connection: Writing, festival: FestivalId) -> None:
        """Note how far others had written before the shelf is read."""
        self._connection = connection
        self._festival = festival
        self._known = self._changed()
        self._mine = self._known
        self.shelf = StoreShelf(connection, festival)

    def begin(self) -> None:
        """Wait for the festival's row, and forget what others changed since the last time."""
        arrived, changed = self._connection.execute(_LOCK, (self._festival,)).fetchone()
        if changed < self._known or arrived < self.shelf.arrived:
            message = "the database was put back to an older copy: start the office again"
            raise DatabaseFailed(message)
        if changed > self._known:
            self._learn(changed)
        self.shelf.set_arrived(arrived)
        self._known = self._mine = changed

    def end(self) -> None:
        """Write the shelf's changes and tell the others; if nothing was written, say nothing."""
        shelf, festival = self.shelf, self._festival
        touched = _spelled(shelf.changed_cells(), shelf.changed_runs())
        has_news = shelf.has_changes or self._connection.has_written
        shelf.write_changes()
        if not has_news:
            return
        self._mine = self._known + 1
        self._connection.execute(_COUNT_TOGETHER, (shelf.arrived, self._mine, festival))
        told = (festival, self._mine, touched, CHANNEL, str(festival))
        self._connection.execute(_TELL, told)
        if self._mine % CHANGES_FORGOTTEN_EVERY == 0:
            self._connection.execute(_FORGET, (festival, self._mine - CHANGES_KEPT_MAX))

    def committed(self) -> None:
        """Note that what is in memory is what the database holds."""
        self._known = self._mine
        self.shelf.changes_written()

    def undone(self) -> None:
        """Read again what is true; what others write meanwhile is learnt at the next beginning."""
        self._known = self._mine = self._changed()
        self.shelf.forget()

    def _changed(self) -> int:
        (changed,) = self._connection.execute(_CHANGED, (self._festival,)).fetchone()
        return int(changed)

    def _learn(self, changed: int) -> None:
        """Forget what others touched; everything if that was not told, or not any more."""
        rows = self._connection.execute(_SINCE, (self._festival, self._known, changed)).fetchall()
        if len(rows) != changed - self._known:
            self.shelf.forget()
            return
        cells: list[CellKey] | None = []
        runs: set[RunId] = set()
        for (touched,) in rows:
            some, of_runs = _read(touched)
            runs.update(of_runs)
            cells = None if cells is None or some is None else [*cells, *some]
        self.shelf.forget_some(cells, runs)


def _spelled(cells: Iterable[CellKey] | None, runs: Iterable[RunId]) -> bytes:
    """Return what was touched as bytes; too many cells, or None, stand for every cell."""
    some = None if cells is None else list(cells)
    if some is not None and len(some) > CELLS_TOLD_MAX:
        some = None
    rows = None if some is None else [[int(k.area), int(k.kind), k.key] for k in some]
    return encode([rows, list(runs)])


def _read(touched: bytes) -> tuple[list[CellKey] | None, list[RunId]]:
    rows: Any
    rows, runs = decode(touched, CELL_BYTES_MAX)
    cells = None
    if rows is not None:
        cells = [CellKey(Area(area), CellKind(kind), key) for area, kind, key in rows]
    return cells, [RunId(run) for run in runs]
