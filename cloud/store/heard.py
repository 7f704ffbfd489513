"""Which terminals have spoken to an office that lives, so that it would know if the store were old.

A store that was put back to an older copy cannot know that; a terminal that speaks would show it.
So nothing is lent before one has spoken to this process, or, where several share a database, to any
that has been connected without a break since. A copy that is put back ends every line, and with the
lines the locks by which the marks in `partner` are believed.
"""

from collections.abc import Callable
from typing import Final, Protocol

from cloud.store.sql import Connection
from sync.names import FestivalId

_MARK: Final = "SELECT heard_by FROM partner WHERE festival = ? AND terminal = ?"
_MARKS: Final = "SELECT DISTINCT heard_by FROM partner WHERE festival = ? AND heard_by > 0"
_KEEP: Final = "UPDATE partner SET heard_by = ? WHERE festival = ? AND terminal = ?"
_LIVES: Final = (
    "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory'"
    " AND objsubid = 1 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class HeardBook(Protocol):
    """Who was heard; every method runs inside a transaction."""

    def has(self, terminal: bytes) -> bool:
        """Tell whether a terminal has spoken to an office that lives."""

    def has_any(self) -> bool:
        """Tell whether any terminal has."""

    def add(self, terminal: bytes) -> None:
        """Note that a terminal speaks now."""

    def keep(self, terminal: bytes) -> None:
        """Write that down for others, once the terminal's row is there."""

    def ended(self, *, is_committed: bool) -> None:
        """Note that the transaction is over, and how it ended."""


class HeardHere:
    """For the only process that writes: what it heard is in its memory."""

    def __init__(self) -> None:
        """Begin without having heard anybody."""
        self._heard: set[bytes] = set()
        self._new: set[bytes] = set()

    def has(self, terminal: bytes) -> bool:
        """Tell whether a terminal has spoken to this process."""
        return terminal in self._heard or terminal in self._new

    def has_any(self) -> bool:
        """Tell whether any terminal has."""
        return bool(self._heard or self._new)

    def add(self, terminal: bytes) -> None:
        """Note that a terminal speaks now."""
        if terminal not in self._heard:
            self._new.add(terminal)

    def keep(self, terminal: bytes) -> None:
        """Nothing: nobody else asks."""

    def ended(self, *, is_committed: bool) -> None:
        """Believe what was heard, or forget it with the transaction."""
        if is_committed:
            self._heard |= self._new
        self._new.clear()


class HeardTogether:
    """For several processes: a mark in the terminal's row, good while who made it is connected."""

    def __init__(
        self, connection: Connection, festival: FestivalId, life: Callable[[], int]
    ) -> None:
        """`life` gives the number of this process, whose lock is held in the database."""
        self._connection = connection
        self._festival = festival
        self._life = life
        self._now: set[bytes] = set()
        self._marks: dict[bytes, int] = {}
        self._alive: set[int] | None = None
        self._any: bool | None = None

    def has(self, terminal: bytes) -> bool:
        """Tell whether a terminal has spoken to a process that lives."""
        if terminal in self._now:
            return True
        mark = self._mark(terminal)
        return mark > 0 and (mark == self._life() or mark in self._lives())

    def has_any(self) -> bool:
        """Tell whether any terminal has."""
        if self._now:
            return True
        if self._any is None:
            marks = {mark for (mark,) in self._connection.execute(_MARKS, (self._festival,))}
            self._any = bool(marks) and bool(marks & self._lives())
        return self._any

    def add(self, terminal: bytes) -> None:
        """Note that a terminal speaks now."""
        self._now.add(terminal)

    def keep(self, terminal: bytes) -> None:
        """Put this process's mark into the terminal's row, if it is not there."""
        life = self._life()
        if self._mark(terminal) != life:
            self._connection.execute(_KEEP, (life, self._festival, terminal))
            self._marks[terminal] = life

    def ended(self, *, is_committed: bool) -> None:  # noqa: ARG002 - both ends are alike here
        """Ask anew in the next transaction."""
        self._now.clear()
        self._marks.clear()
        self._alive = None
        self._any = None

    def _mark(self, terminal: bytes) -> int:
        mark = self._marks.get(terminal)
        if mark is None:
            row = self._connection.execute(_MARK, (self._festival, terminal)).fetchone()
            mark = self._marks[terminal] = 0 if row is None else int(row[0])
        return mark

    def _lives(self) -> set[int]:
        if self._alive is None:
            self._alive = {number for (number,) in self._connection.execute(_LIVES)}
        return self._alive
