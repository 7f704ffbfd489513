"""Puts the cells that a box folded by itself in the place of a snapshot's, in short steps.

They are gathered in a table beside the one in use, a few rows a commit. When nearly nothing is left
to fold, one step folds the last records, renames both tables and forgets the snapshot: before its
commit the box stands on the snapshot, after it on its own records. All calls are the lane's.
"""

from collections.abc import Iterable
from typing import Final

from edge.limits import SWAP_FACTS_MAX, SWAP_ROWS
from edge.store.cells import CELLS_TABLE, NEXT_TABLE, OLD_TABLE, SqliteCells
from edge.store.recount import RawCell
from edge.store.store import Store
from sync.authority import AREA_OF_WRITER
from sync.cells import CellKey, CellKind, Cells
from sync.conflicts import ConflictKind, add_evidence
from sync.names import FactId, Role
from sync.replica import Refolding, Replica

_MAKE: Final = (
    f"CREATE TABLE {NEXT_TABLE} (area INTEGER NOT NULL, kind INTEGER NOT NULL, key BLOB NOT NULL,"
    " value BLOB NOT NULL, seal INTEGER NOT NULL, PRIMARY KEY (area, kind, key)) WITHOUT ROWID"
)
_SOME_OLD: Final = (
    f"DELETE FROM {OLD_TABLE} WHERE (area, kind, key) IN"  # noqa: S608 - named above
    f" (SELECT area, kind, key FROM {OLD_TABLE} LIMIT {SWAP_ROWS})"
)


def begin(store: Store) -> None:
    """Make the table beside, empty."""
    with store.transaction():
        store.connection.execute(f"DROP TABLE IF EXISTS {NEXT_TABLE}")
        store.connection.execute(_MAKE)


def put(store: Store, rows: Iterable[RawCell], gone: Iterable[CellKey] = ()) -> None:
    """Put some cells into the table beside, in the place of older ones, and take others out."""
    with store.transaction():
        store.connection.executemany(
            f"INSERT OR REPLACE INTO {NEXT_TABLE} VALUES (?, ?, ?, ?, ?)",  # noqa: S608
            rows,
        )
        store.connection.executemany(
            f"DELETE FROM {NEXT_TABLE} WHERE area = ? AND kind = ? AND key = ?",  # noqa: S608
            gone,
        )


def swap(store: Store, replica: Replica, folded_up_to: int, differed_ms: int = 0) -> bool:
    """Fold the last records into the table beside and use it from now on; the snapshot is past.

    False, and nothing has happened, if they are too many for one step or one of them revokes.
    `differed_ms` is kept for people: when the snapshot was made, if it was not what it said.
    """
    connection = store.connection
    store.settle()
    rows = connection.execute(
        "SELECT raw, role FROM journal WHERE arrival > ? ORDER BY arrival LIMIT ?",
        (folded_up_to, SWAP_FACTS_MAX + 1),
    ).fetchall()
    following = SqliteCells(connection, NEXT_TABLE)
    folding = Refolding(following, ())
    if len(rows) > SWAP_FACTS_MAX or any(folding.revoke(raw, Role(role)) for raw, role in rows):
        return False
    with store.transaction():
        for raw, role in rows:
            folding.take(raw, Role(role))
        _keep_forks(store, following)
        following.write_changes()
        connection.execute(f"ALTER TABLE {CELLS_TABLE} RENAME TO {OLD_TABLE}")
        connection.execute(f"ALTER TABLE {NEXT_TABLE} RENAME TO {CELLS_TABLE}")
        store.standings.forget()
        if differed_ms:
            store.standings.set_differed(differed_ms)
        store.shelf.cells.forget()
    store.standing = None
    replica.covered = None
    return True


def clear_some(store: Store) -> bool:
    """Take some of the cells away that are not used any more; False once all are."""
    connection = store.connection
    with store.transaction():
        found = connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (OLD_TABLE,)
        ).fetchone()
        if found is None:
            return False
        if not connection.execute(_SOME_OLD).rowcount:
            connection.execute(f"DROP TABLE {OLD_TABLE}")
    return True


def _keep_forks(store: Store, following: Cells) -> None:
    """Take over which journals forked: that was looked for when each record was kept."""
    kind = ConflictKind.FORKED_JOURNAL
    for area in sorted(set(AREA_OF_WRITER.values())):
        for _, value in store.shelf.cells.items(area, CellKind.CONFLICT):
            if value[0] == kind.value:
                held = [fact for fact in value[2] if store.shelf.has(FactId(fact))]
                if held:
                    add_evidence(following, area, kind, value[1], *held)
