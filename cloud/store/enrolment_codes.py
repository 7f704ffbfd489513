"""The codes that boxes enrol with: given out by a command, answered by whichever office is asked.

They are in a small SQLite file of their own, or in PostgreSQL if the store is there. Transactions
are short, one at a time. No secret of a code is kept, only the slow key made of it, and that no
longer than a day.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from cloud.store.database import database_of
from cloud.store.sql import Connection
from provisioning.enrolment import StoredCode
from sync.names import Role

LIVE_CODES_MAX: Final = 1_000
KEPT_AFTER_END_S: Final = 24 * 3600

_INSERT: Final = (
    "INSERT INTO enrolment_code VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
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
        """Stand where the store of the office's folder is."""
        self._database = database_of(folder)
        self._festival = festival

    def add(self, code: StoredCode, now_s: int) -> bool:
        """Keep a new code; False if its selector is taken, `TooManyCodes` if the house is full."""
        with self._database.enrolling() as connection:
            connection.execute(
                "DELETE FROM enrolment_code WHERE festival = ? AND ends_s < ?",
                (self._festival, now_s - KEPT_AFTER_END_S),
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
        with self._database.enrolling() as connection:
            before = self._find(connection, selector)
            after = decide(before)
            if after is None or after == before:
                return
            connection.execute(_UPDATE, (after.tries, after.box_key, self._festival, selector))

    def _find(self, connection: Connection, selector: str) -> StoredCode | None:
        row = connection.execute(_SELECT, (self._festival, selector)).fetchone()
        if row is None:
            return None
        found, proof_key, terminal, role, *rest = row
        return StoredCode(found, proof_key, terminal, Role(role), *rest)
