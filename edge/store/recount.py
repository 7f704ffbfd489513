"""Folds the whole journal once more from nothing, beside the lane, for a box on a snapshot.

It reads through a connection of its own and folds into a file that may be lost at any time, so
neither takes a lock from the lane nor a commit from the card. First it folds what the snapshot
stands for, whose digest then shows whether the office told the truth, then everything else.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import filterfalse
from pathlib import Path
from typing import Any, Final

from edge.limits import RECOUNT_CELLS_CACHED_MAX, RECOUNT_ROWS
from edge.store.cells import SqliteCells
from edge.store.connection import RECOUNT_FILE, STORE_FILE, open_reader, open_scratch
from edge.store.standing import Standing
from sync.cells import CellKey, CellKind
from sync.certificates import read_chain
from sync.facts import RunOpened
from sync.journal import Record, read_record
from sync.keys import PublicKey
from sync.names import Area, FestivalId, Role
from sync.replica import Refolding
from sync.snapshot import Digest
from sync.snapshot_cells import pages

_ROWS: Final = (
    "SELECT arrival, run, number, id, raw, role FROM journal WHERE arrival > ? AND arrival <= ?"
    " ORDER BY arrival LIMIT ?"
)
_SUSPECTS: Final = (
    "SELECT terminal FROM journal GROUP BY previous, terminal HAVING count(*) > 1",
    "SELECT terminal FROM journal GROUP BY run, number HAVING count(*) > 1",
    (
        "SELECT a.terminal FROM journal a JOIN journal b"
        " ON b.run = a.run AND b.number = a.number + 1 WHERE b.previous <> a.id"
    ),
)
_RAW_AFTER: Final = (
    "SELECT area, kind, key, value, seal FROM cells WHERE (area, kind, key) > (?, ?, ?)"
    " ORDER BY area, kind, key LIMIT ?"
)
_RAW: Final = "SELECT value, seal FROM cells WHERE area = ? AND kind = ? AND key = ?"
_NUMBERS: Final = "SELECT count(DISTINCT number) FROM journal WHERE run = ? AND number <= ?"
_HELD: Final = "SELECT count(*) FROM journal WHERE id = ?"
RawCell = tuple[int, int, bytes, bytes, int]
"""A cell as its row: area, kind, key, encoded value, seal."""


class Recount:
    """One fold from nothing; used by one thread, which `tick` may hold up or stop."""

    def __init__(self, folder: Path, standing: Standing, tick: Callable[[], None]) -> None:
        """Begin with nothing folded; `close` takes the file away again."""
        self._path = folder / RECOUNT_FILE
        self._standing = standing
        self._tick = tick
        self._reader = open_reader(folder / STORE_FILE)
        self._scratch = open_scratch(self._path)
        self._changed: set[CellKey] = set()
        self._begin(())
        self.folded_up_to = 0

    def close(self) -> None:
        """Let go of both files and delete the own one."""
        self._reader.close()
        self._scratch.close()
        self._path.unlink(missing_ok=True)

    def missing(self) -> list[bytes]:
        """Return the runs of which something that the snapshot stands for is not here."""
        return [
            run
            for run, (number, fact) in sorted(self._standing.runs.items())
            if self._count(_NUMBERS, run, number) != number + 1 or not self._count(_HELD, fact)
        ]

    def unproved(self, festival: FestivalId, festival_key: PublicKey) -> list[bytes]:
        """Return the runs whose first record does not prove what the snapshot said of them."""
        return [
            run
            for run in sorted(self._standing.runs)
            if not self._is_proved(run, festival, festival_key)
        ]

    def digest_of_covered(self, role: Role) -> bytes:
        """Fold what the snapshot stands for and return the digest of its reduced cells."""
        self._begin({row[0] for statement in _SUSPECTS for row in self._reader.execute(statement)})
        last = self._last_arrival()
        for row in filter(self._is_covered, self._rows(0, last, only=Role.OFFICE)):
            self._folding.revoke(row[4], Role(row[5]))
        self._fold(filter(self._is_covered, self._rows(0, last)))
        whole = Digest()
        for _, page in pages(_Ticking(self.cells, self._tick), role):
            whole.add(page)
        self.folded_up_to = last
        return whole.value()

    def fold_the_rest(self) -> None:
        """Fold what else was kept until the covered records were folded.

        If something among it revokes, everything is folded again, because that changes what counts.
        """
        last = self.folded_up_to
        said = filterfalse(self._is_covered, self._rows(0, last, only=Role.OFFICE))
        if any(self._folding.revoke(row[4], Role(row[5])) for row in said):
            self.fold_everything()
            return
        self._fold(filterfalse(self._is_covered, self._rows(0, last)))

    def fold_everything(self) -> None:
        """Fold every record that is kept now, from nothing."""
        self.cells.clear()
        self._begin(())
        last = self._last_arrival()
        for row in self._rows(0, last, only=Role.OFFICE):
            self._folding.revoke(row[4], Role(row[5]))
        self._fold(self._rows(0, last))
        self.folded_up_to = last

    def fold_new(self) -> list[CellKey] | None:
        """Fold what was kept since, and return which cells that changed.

        None if something of it revokes: then everything must be folded again.
        """
        self._changed.clear()
        last = self._last_arrival()
        new = list(self._rows(self.folded_up_to, last))
        if any(self._folding.revoke(row[4], Role(row[5])) for row in new):
            return None
        self._fold(new)
        self.folded_up_to = last
        return sorted(self._changed)

    def rows_after(self, last: tuple[int, int, bytes], count: int) -> list[RawCell]:
        """Return the next cells in the order of (area, kind, key), as rows."""
        return self._scratch.execute(_RAW_AFTER, (*last, count)).fetchall()

    def rows_of(self, keys: Iterable[CellKey]) -> tuple[list[RawCell], list[CellKey]]:
        """Return these cells as rows, and the keys of those that are gone."""
        rows, gone = [], []
        for key in keys:
            found = self._scratch.execute(_RAW, key).fetchone()
            if found is None:
                gone.append(key)
            else:
                rows.append((int(key.area), int(key.kind), key.key, *found))
        return rows, gone

    def _begin(self, suspects: Iterable[bytes]) -> None:
        self.cells = SqliteCells(self._scratch, cached_max=RECOUNT_CELLS_CACHED_MAX)
        self._folding = Refolding(self.cells, frozenset(suspects))

    def _fold(self, rows: Iterable[Any]) -> None:
        for row in rows:
            self._folding.take(row[4], Role(row[5]))
            if self.cells.is_full:
                self._flush()
            self._tick()
        self._flush()

    def _flush(self) -> None:
        self._changed.update(self.cells.changed_keys())
        self._scratch.execute("BEGIN")
        self.cells.write_changes()
        self._scratch.execute("COMMIT")
        self.cells.changes_written()

    def _rows(self, after: int, up_to: int, only: Role | None = None) -> Iterable[Any]:
        """Walk over kept rows in the order of arrival, a few at a time, so that no read lasts."""
        while True:
            rows = self._reader.execute(_ROWS, (after, up_to, RECOUNT_ROWS)).fetchall()
            if not rows:
                return
            after = rows[-1][0]
            for row in rows:
                if only is None or row[5] == only:
                    yield row
            self._tick()

    def _is_covered(self, row: Any) -> bool:
        return self._standing.covers_place(row[1], row[2], row[3])

    def _is_proved(self, run: bytes, festival: FestivalId, festival_key: PublicKey) -> bool:
        self._tick()
        said = self._reader.execute(
            "SELECT terminal, role, name, key FROM runs WHERE run = ?", (run,)
        ).fetchone()
        firsts = self._reader.execute(
            "SELECT raw FROM journal WHERE run = ? AND number = 0", (run,)
        ).fetchall()
        return said is not None and any(
            proves(read_record(raw), said, festival, festival_key) for (raw,) in firsts
        )

    def _last_arrival(self) -> int:
        return self._count("SELECT max(arrival) FROM journal")

    def _count(self, statement: str, *values: object) -> int:
        self._tick()
        (count,) = self._reader.execute(statement, values).fetchone()
        return int(count or 0)


def proves(
    first: Record, said: tuple[bytes, int, str, bytes], festival: FestivalId, key: PublicKey
) -> bool:
    """Tell whether the record that opens a run proves what was said of the run.

    `said` is its terminal, role, name and key.
    """
    body = first.body
    if not isinstance(body, RunOpened):
        return False
    certificate = read_chain(body.certificates, key, festival)
    if certificate is None:
        return False
    proved = (certificate.holder, int(certificate.role), certificate.name, body.run_key)
    return proved == tuple(said) and first.terminal == certificate.holder


class _Ticking:
    """Cells that tick while they are walked over."""

    def __init__(self, cells: SqliteCells, tick: Callable[[], None]) -> None:
        self._cells = cells
        self._tick = tick

    def get(self, key: CellKey) -> Any:
        return self._cells.get(key)

    def set(self, key: CellKey, value: Any) -> None:
        self._cells.set(key, value)

    def items(
        self, area: Area, kind: CellKind | None = None, prefix: bytes = b""
    ) -> Iterator[tuple[CellKey, Any]]:
        for item in self._cells.items(area, kind, prefix):
            self._tick()
            yield item
