"""Opens the office's one SQLite file, with every option that matters said aloud."""

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Final

from cloud.limits import STORE_BUSY_MS, STORE_CACHE_KIB

STORE_FILE: Final = "office.db"
LOCK_FILE: Final = "office.lock"
HOUSE_LOCK_FILE: Final = "house.lock"
_PRIVATE_MODE: Final = 0o600


class StoreTrouble(Exception):
    """The store cannot be used as it is; the message says what to do."""


class StoreBusy(StoreTrouble):
    """Another office process works in this folder."""


class OfficeLock:
    """Keeps a second writing process out of an office's folder; the kernel frees it at our end."""

    def __init__(self, folder: Path, name: str = LOCK_FILE) -> None:
        """Take the lock of this name, or raise `StoreBusy` at once."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        self._handle = os.open(folder / name, flags, _PRIVATE_MODE)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as trouble:
            os.close(self._handle)
            message = f"{folder} is in use by another office process. Stop it first."
            raise StoreBusy(message) from trouble

    def release(self) -> None:
        """Let the next process in."""
        os.close(self._handle)


def open_writer(path: Path) -> sqlite3.Connection:
    """Open the store for its only writer: WAL, every commit on the disk before it returns."""
    path.touch(mode=_PRIVATE_MODE)
    connection = sqlite3.connect(
        path,
        timeout=STORE_BUSY_MS / 1000,
        isolation_level=None,  # we say BEGIN IMMEDIATE ourselves
        check_same_thread=False,  # opened by the start, then used by the writer alone
        cached_statements=256,
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(f"PRAGMA cache_size = -{STORE_CACHE_KIB}")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Open the store beside a writer that may be at work, without touching it."""
    if not path.exists():
        message = f"{path} is missing: make the office first: ./guichet cloud init DIR"
        raise StoreTrouble(message)
    connection = sqlite3.connect(
        f"file:{path}?mode=ro",
        uri=True,
        timeout=STORE_BUSY_MS / 1000,
        isolation_level=None,
        check_same_thread=False,  # one look is taken by one thread, wherever it was opened
    )
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("PRAGMA query_only = ON")
    return connection
