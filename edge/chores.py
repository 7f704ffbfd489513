"""What a terminal does beside its work: compare its folded state with a fold from nothing."""

from pathlib import Path

from edge.store.store import Store, look_into
from sync.cells import CellKey, MemoryCells
from sync.names import Area
from sync.replica import differing_cells, refold


def compare(folder: Path) -> list[CellKey]:
    """Return every cell of the folder's store that is not what its journal says; none is right.

    The box may be running: one look sees one state of everything.
    """
    store = look_into(folder)
    try:
        store.connection.execute("BEGIN")
        return differing(store)
    finally:
        store.connection.close()


def differing(store: Store) -> list[CellKey]:
    """Return every kept cell that differs from a fold of all records from nothing."""
    fresh = MemoryCells()
    refold(store.shelf, fresh)
    return differing_cells(store.shelf, fresh, tuple(Area))
