"""A box that does not wait for its disk: the control that shows what a power cut would lose.

It is the product's own command with one change: `synchronous=NORMAL` in place of `FULL`.
"""

import sqlite3
import sys
from pathlib import Path

from edge.__main__ import main
from edge.store import store
from edge.store.connection import open_writer


def open_carelessly(path: Path) -> sqlite3.Connection:
    """Open the store's writer as ever, then let commits return before they are on the disk."""
    connection = open_writer(path)
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


if __name__ == "__main__":
    store.open_writer = open_carelessly  # type: ignore[attr-defined]
    sys.exit(main())
