"""Looks whether the store is what was written: the file, the chain of records, the cells' seals.

At every start the newest records are walked and a small file is checked whole; after a failure, or
when asked (`--check`), everything is. Damaged cells are made again from the journal. A damaged
journal is moved aside, never deleted, and what can still be read and proved in it is taken over.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.limits import QUICK_CHECK_BYTES_MAX, WALKED_AT_START_RECORDS_MAX
from edge.store.cells import DamagedCell, SqliteCells
from edge.store.connection import STORE_FILE, open_reader
from edge.store.store import StoreBroken
from provisioning.files import sync_folder
from sync.codec import Malformed
from sync.journal import read_record, signed_by
from sync.keys import PublicKey
from sync.names import Area

CHECK_FILE: Final = "terminal.check"
_PARTS: Final = ("", "-wal", "-shm", "-journal")
_ROWS: Final = "SELECT arrival, id, terminal, run, number, previous, raw FROM journal"


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong with a store, in words; empty texts mean that nothing was found."""

    journal: str = ""
    cells: str = ""
    records_walked: int = 0


def want_check(folder: Path) -> None:
    """Ask for the whole check at the next start."""
    with suppress(OSError):
        (folder / CHECK_FILE).touch(mode=0o600)


def check(folder: Path, *, whole: bool = False) -> Findings:
    """Check the folder's store as far as the start has time for, or whole."""
    path = folder / STORE_FILE
    if not path.exists():
        return Findings()
    whole = whole or (folder / CHECK_FILE).exists()
    try:
        connection = open_reader(path)
        try:
            return _check(connection, whole=whole, small=_size(path) <= QUICK_CHECK_BYTES_MAX)
        finally:
            connection.close()
    except sqlite3.OperationalError as trouble:
        if "locked" in str(trouble) or "disk I/O" in str(trouble):
            message = f"{path} cannot be checked ({trouble}): look at the disk"
            raise StoreBroken(message) from trouble
        return Findings(journal=f"the file cannot be opened: {trouble}")
    except sqlite3.DatabaseError as trouble:
        return Findings(journal=f"the file is not a sound database: {trouble}")


def checked(folder: Path) -> None:
    """Note that the whole check was done and its findings were dealt with."""
    (folder / CHECK_FILE).unlink(missing_ok=True)


def move_aside(folder: Path) -> Path:
    """Move a damaged store's files out of the way and return the new name of the first."""
    number = 1
    while (folder / f"{STORE_FILE}.damaged-{number}").exists():
        number += 1
    base = folder / f"{STORE_FILE}.damaged-{number}"
    for part in _PARTS:
        with suppress(FileNotFoundError):
            (folder / f"{STORE_FILE}{part}").rename(f"{base}{part}")
    sync_folder(folder)
    return base


def readable_records(path: Path) -> Iterator[bytes]:
    """Yield every record that can still be read from a damaged store, in the order of arrival."""
    try:
        connection = open_reader(path)
    except sqlite3.Error:
        return
    last, top = 0, 0
    try:
        top = int(connection.execute("SELECT max(arrival) FROM journal").fetchone()[0] or 0)
        while last < top:
            try:
                for arrival, raw in connection.execute(
                    "SELECT arrival, raw FROM journal WHERE arrival > ? ORDER BY arrival", (last,)
                ):
                    last = arrival
                    if type(raw) is bytes:
                        yield raw
            except sqlite3.Error:
                last += 1  # a damaged page: try behind it
            else:
                return
    except sqlite3.Error:
        return
    finally:
        connection.close()


def _size(path: Path) -> int:
    return sum(p.stat().st_size for part in _PARTS if (p := Path(f"{path}{part}")).exists())


def _check(connection: sqlite3.Connection, *, whole: bool, small: bool) -> Findings:
    if whole or small:
        (answer,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if answer != "ok":
            return Findings(journal=f"SQLite found: {answer}")
    (last,) = connection.execute("SELECT max(arrival) FROM journal").fetchone()
    first = 0 if whole else max(0, (last or 0) - WALKED_AT_START_RECORDS_MAX)
    walked = 0
    keys = {run: PublicKey(key) for run, key in connection.execute("SELECT run, key FROM runs")}
    for arrival, *columns, raw in connection.execute(
        _ROWS + " WHERE arrival > ? ORDER BY arrival", (first,)
    ):
        trouble = _record_trouble(tuple(columns), raw, keys)
        if trouble:
            return Findings(journal=f"record {arrival} {trouble}")
        walked += 1
    cells = _cells_trouble(connection) if whole or small else ""
    return Findings(cells=cells, records_walked=walked)


def _record_trouble(columns: tuple[object, ...], raw: bytes, keys: dict[bytes, PublicKey]) -> str:
    """Return what is wrong with one kept record, or an empty text."""
    try:
        record = read_record(raw)
    except (Malformed, TypeError):
        return "cannot be read"
    if columns != (record.id, record.terminal, record.run, record.number, record.previous):
        return "is not what its row says"
    if record.number and record.run in keys and not signed_by(record, keys[record.run]):
        return "has a signature that does not hold"
    return ""


def _cells_trouble(connection: sqlite3.Connection) -> str:
    cells = SqliteCells(connection)
    try:
        for area in Area:
            for _ in cells.items(area):
                pass
    except (DamagedCell, ValueError) as trouble:
        return str(trouble)
    return ""
