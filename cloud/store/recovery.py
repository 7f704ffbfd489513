"""Whether this store is older than what its terminals know, and who has told it everything since.

While an office recovers, everybody must be asked anew: with what positions its partners remember
they could pass over the very records that are missing here, for arrival numbers are given out a
second time. So the store takes another id, which makes every partner compare heads, and forgets
what it remembered of them. The ids that it had before are kept: a terminal that comes late and
speaks of one of them tells nothing new.
"""

from typing import Final

from cloud.store.sql import Connection
from sync.codec import encode
from sync.conversation import PartnerMemory
from sync.names import FestivalId

_NOTHING: Final = encode(PartnerMemory().row())


class RecoveryBook:
    """One festival's recovery; it writes inside transactions only."""

    def __init__(self, connection: Connection, festival: FestivalId) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection
        self._festival = festival
        self._since_ms: int | None = None

    @property
    def since_ms(self) -> int:
        """Since when this store is known to be older than what partners read; 0 if it is not.

        Read once in a transaction.
        """
        if self._since_ms is None:
            row = self._connection.execute(
                "SELECT recovering_since_ms FROM festival WHERE festival = ?", (self._festival,)
            ).fetchone()
            self._since_ms = 0 if row is None else int(row[0])
        return self._since_ms

    def forget(self) -> None:
        """Read it anew: another transaction begins, or this one is undone."""
        self._since_ms = None

    def begin(self, now_ms: int, store_id: bytes) -> None:
        """Note that the store is older (Unix ms), and be another one for every partner."""
        self.forget()
        who = (self._festival,)
        self._connection.execute(
            "INSERT INTO former_store SELECT festival, store_id FROM festival"
            " WHERE festival = ? ON CONFLICT DO NOTHING",
            who,
        )
        self._connection.execute(
            "UPDATE festival SET store_id = ?, recovering_since_ms = ? WHERE festival = ?",
            (store_id, now_ms, self._festival),
        )
        self._connection.execute(
            "UPDATE partner SET memory = ?, level_ms = 0 WHERE festival = ?",
            (_NOTHING, self._festival),
        )
        self._connection.execute("DELETE FROM caught_up WHERE festival = ?", who)

    def end(self) -> None:
        """Note that the store has caught up."""
        self.forget()
        self._connection.execute(
            "UPDATE festival SET recovering_since_ms = 0 WHERE festival = ?", (self._festival,)
        )
        self._connection.execute("DELETE FROM caught_up WHERE festival = ?", (self._festival,))

    def add(self, terminal: bytes, now_ms: int) -> None:
        """Note that a terminal was heard to its end, or is not waited for any more (Unix ms)."""
        self._connection.execute(
            "INSERT INTO caught_up VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (self._festival, terminal, now_ms),
        )

    def caught_up(self) -> set[bytes]:
        """Return the terminals that were heard to their end or given up since it began."""
        rows = self._connection.execute(
            "SELECT terminal FROM caught_up WHERE festival = ?", (self._festival,)
        )
        return {terminal for (terminal,) in rows}

    def is_former(self, store_id: bytes) -> bool:
        """Tell whether this store had this id before it was put back."""
        found = self._connection.execute(
            "SELECT 1 FROM former_store WHERE festival = ? AND store_id = ?",
            (self._festival, store_id),
        )
        return found.fetchone() is not None
