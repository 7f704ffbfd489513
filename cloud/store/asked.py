"""What tills asked of the authority and were answered, and how often guests' claims were wrong.

An answer is kept in the transaction that lent what it says, so that a till which lost it can ask
again and is lent nothing twice. Both books are short: answers live for minutes, tries are forgotten
with the lock that they led to.
"""

from typing import Final

from cloud.store.sql import Connection
from sync.granting import Answered
from sync.limits import (
    ANSWER_LIFE_MS,
    ANSWERS_OF_TERMINAL_MAX,
    CLAIM_LOCK_MS,
    CLAIM_TRIES_MAX,
)
from sync.names import FestivalId

_PUT: Final = (
    "INSERT INTO answered (festival, terminal, operation, mark, reply, granted, given, at_ms)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (festival, terminal, operation) DO UPDATE SET"
    " mark = excluded.mark, reply = excluded.reply, granted = excluded.granted,"
    " given = excluded.given, at_ms = excluded.at_ms"
)
_PUT_TRY: Final = (
    "INSERT INTO claim_try (festival, wallet, wrong, last_ms) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (festival, wallet) DO UPDATE SET wrong = excluded.wrong,"
    " last_ms = excluded.last_ms"
)
_FORGET: Final = (
    "DELETE FROM answered WHERE festival = ?1 AND terminal = ?2 AND (at_ms < ?3 OR at_ms <"
    " (SELECT at_ms FROM answered WHERE festival = ?1 AND terminal = ?2"
    " ORDER BY at_ms DESC LIMIT 1 OFFSET ?4))"
)
_WALLET_BYTES: Final = 8


class AskedBook:
    """One festival's answers and wrong claims; it writes inside transactions only."""

    def __init__(self, connection: Connection, festival: FestivalId) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection
        self._festival = festival

    def answer(self, terminal: bytes, operation: bytes, now_ms: int) -> Answered | None:
        """Return what a till was answered to an operation (16 bytes) within the last minutes."""
        row = self._connection.execute(
            "SELECT mark, reply, granted, given FROM answered"
            " WHERE festival = ? AND terminal = ? AND operation = ? AND at_ms >= ?",
            (self._festival, terminal, operation, now_ms - ANSWER_LIFE_MS),
        ).fetchone()
        return None if row is None else Answered(*row)

    def put_answer(
        self, terminal: bytes, operation: bytes, answered: Answered, now_ms: int
    ) -> None:
        """Keep an answer, and forget the till's old ones."""
        who = (self._festival, terminal)
        what = (answered.mark, answered.reply, answered.granted, answered.given)
        self._connection.execute(_PUT, (*who, operation, *what, now_ms))
        oldest_ms = now_ms - ANSWER_LIFE_MS
        self._connection.execute(_FORGET, (*who, oldest_ms, ANSWERS_OF_TERMINAL_MAX - 1))

    def is_claim_locked(self, wallet: int, now_ms: int) -> bool:
        """Tell whether a wallet's claim was wrong so often that it must rest."""
        return self._wrong_claims(wallet, now_ms) >= CLAIM_TRIES_MAX

    def add_wrong_claim(self, wallet: int, now_ms: int) -> None:
        """Count a wrong claim of a wallet; those before a rest of some minutes count no more."""
        wrong = self._wrong_claims(wallet, now_ms) + 1
        row = (self._festival, _name(wallet), wrong, now_ms)
        self._connection.execute(_PUT_TRY, row)

    def forget_claims(self, wallet: int) -> None:
        """Forget the wrong claims of a wallet, because a right one came."""
        self._connection.execute(
            "DELETE FROM claim_try WHERE festival = ? AND wallet = ?",
            (self._festival, _name(wallet)),
        )

    def _wrong_claims(self, wallet: int, now_ms: int) -> int:
        """Return how many wrong claims came without a rest between them."""
        row = self._connection.execute(
            "SELECT wrong FROM claim_try WHERE festival = ? AND wallet = ? AND last_ms > ?",
            (self._festival, _name(wallet), now_ms - CLAIM_LOCK_MS),
        ).fetchone()
        return 0 if row is None else int(row[0])


def _name(wallet: int) -> bytes:
    """Return a wallet as bytes: a database's whole numbers have a sign and end before ours."""
    return wallet.to_bytes(_WALLET_BYTES, "big")
