"""What one transaction has read already, so that its jobs do not ask the database twice.

Many jobs share a transaction and ask alike: what an offer costs, what a ticket type is called. A
question is remembered until the transaction writes to the table that it is about; whatever locks,
or calls a function of the database, is never remembered and lets everything be asked anew. Between
processes this is sound because a transaction begins by locking what it is about: nobody else
changes it meanwhile. Who walks over a whole table is not remembered: it would be held in memory.
"""

from collections.abc import Sequence
from typing import Any, Final

from cloud.limits import ROWS_SEEN_MAX

_ASKS: Final = "SELECT "
_LIVE: Final = ("FOR UPDATE", "pg_", "now()")
_WRITES: Final = ("INSERT INTO ", "DELETE FROM ", "UPDATE ")
Answer = tuple[list[Any], int]
"""Rows, and how many the statement found."""


class Seen:
    """Answers by statement and values; it belongs to one connection."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._answers: dict[str, dict[tuple[Any, ...], Answer]] = {}
        self._rows = 0

    def find(self, sql: str, values: Sequence[Any]) -> Answer | None:
        """Return what a statement was answered in this transaction, None if it must be asked."""
        return self._answers.get(sql, {}).get(tuple(values))

    def note(self, sql: str, values: Sequence[Any], answer: Answer) -> None:
        """Remember an answer, or forget what a statement that is no question has changed.

        When there are too many rows, everything that was remembered before goes.
        """
        if not sql.startswith(_ASKS):
            self.forget(sql)
        elif any(word in sql for word in _LIVE):
            self.clear()
        else:
            self._rows += 1 + len(answer[0])
            if self._rows > ROWS_SEEN_MAX:
                self.clear()
            else:
                self._answers.setdefault(sql, {})[tuple(values)] = answer

    def forget(self, sql: str) -> None:
        """Forget every question about the table that a statement writes to."""
        start = next((word for word in _WRITES if sql.startswith(word)), None)
        if start is None:
            self.clear()
            return
        table = sql[len(start) :].split(None, 1)[0]
        for asked in [one for one in self._answers if table in one]:
            del self._answers[asked]

    def clear(self) -> None:
        """Forget everything: another transaction begins."""
        self._answers.clear()
        self._rows = 0
