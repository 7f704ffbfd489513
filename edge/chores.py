"""What a terminal does beside its work: check its store whole, compare its state with its journal.

Both only look, through a connection of their own, so that the lane goes on meanwhile.
"""

from pathlib import Path
from typing import Any

from edge.limits import COMPARED_CELLS_SHOWN_MAX
from edge.store import checkup
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
        return differing(store)
    finally:
        store.connection.close()


def stands_on_snapshot(folder: Path) -> bool:
    """Tell whether the folder's cells are a snapshot's and not yet the fold of its journal."""
    store = look_into(folder)
    try:
        return store.standing is not None
    finally:
        store.connection.close()


def differing(store: Store) -> list[CellKey]:
    """Return every kept cell that differs from a fold of all records from nothing."""
    fresh = MemoryCells()
    refold(store.shelf, fresh)
    return differing_cells(store.shelf, fresh, tuple(Area))


def report(folder: Path) -> dict[str, Any]:
    """Return what a whole check and a comparison find, as a person reads it; empty is well.

    A million facts take a minute or two; on a snapshot there is nothing to compare with yet.
    Raises `StoreTrouble`.
    """
    findings = checkup.check(folder, whole=True)
    on_snapshot = not findings.journal and stands_on_snapshot(folder)
    wrong = [] if findings.journal or findings.cells or on_snapshot else compare(folder)
    return {
        "is_well": not (findings.journal or findings.cells or wrong),
        "records_walked": findings.records_walked,
        "on_snapshot": on_snapshot,
        "journal": findings.journal,
        "cells": findings.cells,
        "cells_that_differ": [
            f"{key.kind.name.lower()} {key.key.hex()}" for key in wrong[:COMPARED_CELLS_SHOWN_MAX]
        ],
    }
