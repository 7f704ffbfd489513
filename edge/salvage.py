"""What is taken over from a store that is damaged: every record that can still be read and proved.

The rest of the journal comes back from the office, as after a store that is gone.
"""

from pathlib import Path
from typing import Final

from edge.store import checkup
from edge.store.store import Store
from sync.limits import MESSAGE_RECORDS_MAX
from sync.replica import Replica

DAMAGED: Final = (
    "The store was damaged ({0}). It was moved to {1}; this box asks about every ticket until the"
    " office has given its journal back."
)
MISSING: Final = (
    "The store is missing although this box has worked before. It asks about every ticket until the"
    " office has given its journal back."
)


def take_over(store: Store, replica: Replica, aside: Path) -> None:
    """Take into an empty store what a damaged one that was moved aside still holds."""
    batch: list[bytes] = []
    for raw in checkup.readable_records(aside):
        batch.append(raw)
        if len(batch) == MESSAGE_RECORDS_MAX:
            _take(store, replica, batch)
            batch = []
    _take(store, replica, batch)


def _take(store: Store, replica: Replica, batch: list[bytes]) -> None:
    with store.transaction():
        replica.take(batch)
