"""What the records that just came will be compared with, fetched at once before any is judged.

A replica asks for each record whether it is known and which records follow the same one. Asked one
by one, that is two questions a record; here it is a few for hundreds. What is kept meanwhile is
added, so an answer is what the table would say, or None if nobody asked before.
"""

from collections.abc import Sequence
from typing import Final

from cloud.store.sql import Connection
from cloud.store.walking import ask_many
from sync.journal import Record
from sync.names import FactId, FestivalId, TerminalId

_IDS: Final = "SELECT id FROM record WHERE festival = ? AND id IN ({})"
_FOLLOWING: Final = (
    "SELECT previous, terminal, id FROM record WHERE festival = ? AND previous IN ({})"
)


class Foresight:
    """Good for the transaction that is open, and for no other."""

    def __init__(self, connection: Connection, festival: FestivalId) -> None:
        """Ask through the connection that keeps the records."""
        self._connection = connection
        self._festival = festival
        self._held: dict[bytes, bool] = {}
        self._following: dict[bytes, list[tuple[bytes, FactId]]] = {}

    def expect(self, records: Sequence[Record]) -> None:
        """Ask for everything about records that come together."""
        ids = [record.id for record in records if record.id not in self._held]
        named = [one.previous for one in records if one.previous not in self._following]
        self._held.update(dict.fromkeys(ids, False))
        for (fact,) in ask_many(self._connection, _IDS, (self._festival,), ids):
            self._held[fact] = True
        for previous in named:
            self._following[previous] = []
        where = (self._festival,)
        for previous, terminal, fact in ask_many(self._connection, _FOLLOWING, where, named):
            self._following[previous].append((terminal, FactId(fact)))

    def has(self, fact: FactId) -> bool | None:
        """Tell whether a record is kept, or None if that was not asked."""
        return self._held.get(fact)

    def following(self, terminal: TerminalId, previous: FactId) -> list[FactId] | None:
        """Return a terminal's records that name this predecessor, or None if nobody asked."""
        found = self._following.get(previous)
        if found is None:
            return None
        return [fact for whose, fact in found if whose == terminal]

    def add(self, record: Record) -> None:
        """Note that a record is kept now."""
        self._held[record.id] = True
        if record.previous in self._following:
            self._following[record.previous].append((record.terminal, record.id))

    def forget(self) -> None:
        """Know nothing, as after the end of a transaction."""
        self._held.clear()
        self._following.clear()
