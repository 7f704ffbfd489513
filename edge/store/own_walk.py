"""A walk back through one's own journal, the newest record first, that reads nobody else's.

It follows the chain itself: within a run by number, and from a run to the record that its opening
names. It costs as much as the own records that are asked for, however many of others lie between.
"""

from collections.abc import Iterator
from typing import Final

from edge.store.store import Store
from sync.journal import read_record
from sync.limits import ORDINAL_MAX
from sync.names import RunId

_BACK: Final = (
    "SELECT raw FROM journal WHERE run = ? AND number <= ? ORDER BY number DESC, arrival DESC"
)
_PLACE: Final = "SELECT run, number FROM journal WHERE id = ?"


def walk_back(store: Store, run: RunId | None) -> Iterator[bytes]:
    """Yield the raw records from the end of a run back to where its journal began.

    None has no records. Rows are read as they are asked for; nothing is decoded but openings.
    """
    connection = store.connection
    place = None if run is None else (run, ORDINAL_MAX)
    while place is not None:
        first = b""
        for (raw,) in connection.execute(_BACK, place):
            first = raw
            yield raw
        if not first:
            return
        place = connection.execute(_PLACE, (read_record(first).previous,)).fetchone()
