"""The codes that boxes enrol with, in a small SQLite file of their own.

It is apart from the office's database so that `terminal-code` may write while the office runs: a
rollback journal, short transactions, a connection for each. It keeps no secret of a code, only the
slow key made of it, and that no longer than a day.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from provisioning.enrolment import StoredCode
from sync.names import Role

FILE_NAME: Final = "enrolment.db"
LIVE_CODES_MAX: Final = 1_000
KEPT_AFTER_END_S: Final = 24 * 3600
_BUSY_S: Final = 5.0
_PRIVATE_MODE: Final = 0o600

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS enrolment_code (
    festival INTEGER NOT NULL,
    selector TEXT NOT NULL,
    proof_key BLOB NOT NULL,
    terminal BLOB NOT NULL,
    role INTEGER NOT NULL,
    name TEXT NOT NULL,
    place INTEGER NOT NULL,
    ends_s INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    box_key BLOB,
    PRIMARY KEY (festival, selector)
) WITHOUT ROWID
"""
_INSERT: Final = "INSERT OR IGNORE INTO enrolment_code VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_SELECT: Final = """
SELECT selector, proof_key, terminal, role, name, place, ends_s, tries, box_key
FROM enrolment_code WHERE festival = ? AND selector = ?
"""
_UPDATE: Final = """
UPDATE enrolment_code SET tries = ?, box_key = ? WHERE festival = ? AND selector = ?
"""


class TooManyCodes(Exception):
    """So many codes wait for a box that no more are given out; the message says what to do."""


class EnrolmentCodes:
    """The codes of one festival; every method is a transaction of its own and may be slow."""

    def __init__(self, folder: Path, festival: int) -> None:
        """Use, or make, the file in the office's folder, readable by its owner only."""
        self._path = folder / FILE_NAME
        self._festival = festival
        self._path.touch(mode=_PRIVATE_MODE, exist_ok=True)
        with self._transaction() as connection:
            connection.execute(_TABLE)

    def add(self, code: StoredCode, now_s: int) -> bool:
        """Keep a new code; False if its selector is taken, `TooManyCodes` if the house is full."""
        with self._transaction() as connection:
            connection.execute(
                "DELETE FROM enrolment_code WHERE ends_s < ?", (now_s - KEPT_AFTER_END_S,)
            )
            (live,) = connection.execute(
                "SELECT count(*) FROM enrolment_code WHERE festival = ? AND ends_s >= ?",
                (self._festival, now_s),
            ).fetchone()
            if live >= LIVE_CODES_MAX:
                message = f"{live} codes are waiting for a box: let some run out (15 minutes)."
                raise TooManyCodes(message)
            row = (
                code.selector, code.proof_key, code.terminal, int(code.role), code.name,
                code.place, code.ends_s, code.tries, code.box_key,
            )  # fmt: skip
            return connection.execute(_INSERT, (self._festival, *row)).rowcount == 1

    def change(
        self, selector: str, decide: Callable[[StoredCode | None], StoredCode | None]
    ) -> None:
        """Hand the code (or None) to a pure function and keep what it returns, in one step."""
        with self._transaction() as connection:
            before = self._find(connection, selector)
            after = decide(before)
            if after is None or after == before:
                return
            connection.execute(_UPDATE, (after.tries, after.box_key, self._festival, selector))

    def _find(self, connection: sqlite3.Connection, selector: str) -> StoredCode | None:
        row = connection.execute(_SELECT, (self._festival, selector)).fetchone()
        if row is None:
            return None
        found, proof_key, terminal, role, *rest = row
        return StoredCode(found, proof_key, terminal, Role(role), *rest)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one transaction; a reader or writer beside us is waited for."""
        with closing(
            sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None)
        ) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
