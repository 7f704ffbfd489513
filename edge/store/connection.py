"""Opens the terminal's one SQLite file, with every option that matters said aloud."""

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Final

from edge.limits import STORE_BUSY_MS, STORE_CACHE_KIB

STORE_FILE: Final = "terminal.db"
RECOUNT_FILE: Final = "terminal.recount"
LOCK_FILE: Final = "terminal.lock"


class StoreTrouble(Exception):
    """The store cannot be used as it is; the message says what to do."""


class StoreBusy(StoreTrouble):
    """Another process works in this folder."""


class FolderLock:
    """Keeps a second process out of a terminal's folder; the kernel frees it when we die."""

    def __init__(self, folder: Path) -> None:
        """Take the lock or raise `StoreBusy` at once."""
        self._handle = os.open(folder / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as trouble:
            os.close(self._handle)
            message = f"{folder} is in use by another process: one terminal runs once. Stop it."
            raise StoreBusy(message) from trouble

    def release(self) -> None:
        """Let the next process in."""
        os.close(self._handle)


def open_writer(path: Path) -> sqlite3.Connection:
    """Open the store for its only writer: WAL, every commit on the disk before it returns."""
    path.touch(mode=0o600)
    connection = sqlite3.connect(
        path,
        timeout=STORE_BUSY_MS / 1000,
        isolation_level=None,  # we say BEGIN IMMEDIATE ourselves
        check_same_thread=False,  # opened by the start, used by the lane alone
        cached_statements=256,
    )
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA cache_size = -{STORE_CACHE_KIB}")
    connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def open_scratch(path: Path) -> sqlite3.Connection:
    """Open an empty file for cells that may be lost at any time: nothing is waited for."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute(f"PRAGMA cache_size = -{STORE_CACHE_KIB}")
    connection.execute(
        "CREATE TABLE cells (area INTEGER NOT NULL, kind INTEGER NOT NULL, key BLOB NOT NULL,"
        " value BLOB NOT NULL, seal INTEGER NOT NULL, PRIMARY KEY (area, kind, key)) WITHOUT ROWID"
    )
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """Open the store of a box that may be running, without touching it."""
    if not path.exists():
        message = f"{path} is missing: this terminal has not been started yet."
        raise StoreTrouble(message)
    connection = sqlite3.connect(
        f"file:{path}?mode=ro", uri=True, timeout=STORE_BUSY_MS / 1000, isolation_level=None
    )
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("PRAGMA query_only = ON")
    return connection
