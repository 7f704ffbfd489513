"""The book of answers that were given under an `Idempotency-Key`, so that none is made twice.

An answer is written in the transaction that did what it says: there is no moment in which one is
there without the other. It is forgotten after two days at the earliest, or when who asked has had
so many since that the book would grow without end.
"""

from dataclasses import dataclass, replace
from typing import Final

from cloud.limits import ANSWERS_FORGOTTEN_MAX, ANSWERS_OF_PRINCIPAL_MAX
from cloud.store.sql import Connection
from sync.names import FestivalId

_GET: Final = (
    "SELECT mark, status, type, body FROM answer_kept"
    " WHERE festival = ? AND principal = ? AND name = ?"
)
_LAST: Final = (
    "SELECT number FROM answer_kept WHERE festival = ? AND principal = ?"
    " ORDER BY number DESC LIMIT 1"
)
_PUT: Final = (
    "INSERT INTO answer_kept (festival, principal, name, mark, number, status, type, body, at_ms)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_PUSH_OUT: Final = "DELETE FROM answer_kept WHERE festival = ? AND principal = ? AND number <= ?"
_OLD: Final = (
    "SELECT principal, name FROM answer_kept WHERE festival = ? AND at_ms < ?"
    " ORDER BY at_ms LIMIT ?"
)
_FORGET: Final = "DELETE FROM answer_kept WHERE festival = ? AND principal = ? AND name = ?"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer as it went out and goes out again: HTTP status, media type, body byte for byte.

    `is_repeated`: it was made before, for an earlier request with the same key.
    """

    status: int
    body: bytes
    type: str = "application/json"
    is_repeated: bool = False


class AnswersOfTurn:
    """What one transaction keeps: written together at its end, for many share one commit."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.last: dict[str, int] = {}
        self.kept: dict[tuple[str, bytes], tuple[bytes, Kept]] = {}
        self.rows: list[tuple[object, ...]] = []

    def clear(self) -> None:
        """Forget all of it: another transaction begins, or this one is undone."""
        self.last.clear()
        self.kept.clear()
        self.rows.clear()


class AnswerBook:
    """One festival's kept answers; it writes inside transactions only."""

    def __init__(
        self, connection: Connection, festival: FestivalId, turn: AnswersOfTurn | None = None
    ) -> None:
        """Stand on a connection; nothing is read before it is asked for.

        With `turn` what is kept waits there for `write`, which whoever commits must call.
        """
        self._connection = connection
        self._festival = festival
        self._turn = turn

    def find(self, principal: str, name: bytes) -> tuple[bytes, Kept] | None:
        """Return the mark of the question (32 bytes) and its answer, None if there is none.

        `principal` is who asked, `name` (32 bytes) stands for the route and the key.
        """
        if self._turn is not None and (principal, name) in self._turn.kept:
            return self._turn.kept[principal, name]
        row = self._connection.execute(_GET, (self._festival, principal, name)).fetchone()
        if row is None:
            return None
        mark, status, media, body = row
        return bytes(mark), Kept(status, bytes(body), media, is_repeated=True)

    def keep(self, principal: str, name: bytes, mark: bytes, kept: Kept, now_ms: int) -> None:
        """Keep an answer; the oldest of who asked goes when there are too many (Unix ms)."""
        turn = AnswersOfTurn() if self._turn is None else self._turn
        number = turn.last.get(principal) or self._last(principal)
        turn.last[principal] = number = number + 1
        row = (self._festival, principal, name, mark, number)
        turn.rows.append((*row, kept.status, kept.type, kept.body, now_ms))
        turn.kept[principal, name] = (mark, replace(kept, is_repeated=True))
        if self._turn is None:
            self._write(turn)

    def write(self) -> None:
        """Write what waits in the turn, at the end of its transaction."""
        if self._turn is not None:
            self._write(self._turn)

    def _write(self, turn: AnswersOfTurn) -> None:
        if turn.rows:
            self._connection.executemany(_PUT, turn.rows)
        too_old = [
            (self._festival, principal, number - ANSWERS_OF_PRINCIPAL_MAX)
            for principal, number in turn.last.items()
            if number > ANSWERS_OF_PRINCIPAL_MAX
        ]
        if too_old:
            self._connection.executemany(_PUSH_OUT, too_old)

    def _last(self, principal: str) -> int:
        row = self._connection.execute(_LAST, (self._festival, principal)).fetchone()
        return 0 if row is None else int(row[0])

    def has_older(self, than_ms: int) -> bool:
        """Tell whether there are answers from before a time (Unix ms)."""
        values = (self._festival, than_ms, 1)
        return self._connection.execute(_OLD, values).fetchone() is not None

    def forget_older(self, than_ms: int) -> int:
        """Forget answers from before a time (Unix ms), some at once; return how many."""
        values = (self._festival, than_ms, ANSWERS_FORGOTTEN_MAX)
        rows = self._connection.execute(_OLD, values).fetchall()
        self._connection.executemany(_FORGET, [(self._festival, *row) for row in rows])
        return len(rows)
