"""What tills asked of this hub and were answered, and how often guests' claims were wrong.

An answer is kept in the transaction that lent what it says, so that a till which lost it can ask
again and is lent nothing twice, also after a crash. Both books are short and wholly in memory; the
store is read once, when the hub starts.
"""

from collections import OrderedDict
from typing import Final

from edge.limits import CELL_BYTES_MAX
from edge.store.store import Store
from sync.codec import decode, encode
from sync.granting import Answered
from sync.limits import (
    ANSWER_LIFE_MS,
    ANSWERS_OF_TERMINAL_MAX,
    CLAIM_LOCK_MS,
    CLAIM_TRIES_MAX,
)
from sync.names import ID_BYTES

_ANSWERED: Final = "answered "
_TRIED: Final = "tried "

_Kept = OrderedDict[bytes, tuple[int, Answered]]


class Answers:
    """One hub's answers and wrong claims; it writes inside transactions only. Times in Unix ms."""

    def __init__(self, store: Store) -> None:
        """Read what was kept before this start."""
        self._store = store
        self._answered: dict[bytes, _Kept] = {}
        rows = []
        for name, content in store.kept(_ANSWERED).items():
            asker, operation = bytes.fromhex(name)[:ID_BYTES], bytes.fromhex(name)[ID_BYTES:]
            at_ms, *fields = decode(content, CELL_BYTES_MAX)
            rows.append((at_ms, asker, operation, Answered(*fields)))
        for at_ms, asker, operation, answered in sorted(rows, key=lambda row: row[:3]):
            self._of(asker)[operation] = (at_ms, answered)
        self._tried: dict[int, tuple[int, int]] = {
            int(name): tuple(decode(content, CELL_BYTES_MAX))
            for name, content in store.kept(_TRIED).items()
        }

    def answer(self, asker: bytes, operation: bytes, now_ms: int) -> Answered | None:
        """Return what a till was answered to an operation (16 bytes) within the last minutes."""
        at_ms, answered = self._of(asker).get(operation, (0, None))
        return answered if at_ms >= now_ms - ANSWER_LIFE_MS else None

    def put_answer(self, asker: bytes, operation: bytes, answered: Answered, now_ms: int) -> None:
        """Keep an answer, and forget the till's old ones."""
        kept = self._of(asker)
        kept.pop(operation, None)
        kept[operation] = (now_ms, answered)
        fields = [answered.mark, answered.reply, answered.granted, answered.given]
        self._store.set_meta(_name(asker, operation), encode([now_ms, *fields]))
        while _is_old(kept, now_ms):
            oldest, _ = kept.popitem(last=False)
            self._store.drop_meta(_name(asker, oldest))

    def is_claim_locked(self, wallet: int, now_ms: int) -> bool:
        """Tell whether a wallet's claim was wrong so often that it must rest."""
        return self._wrong_claims(wallet, now_ms) >= CLAIM_TRIES_MAX

    def add_wrong_claim(self, wallet: int, now_ms: int) -> None:
        """Count a wrong claim of a wallet; those before a rest of some minutes count no more."""
        self._tried[wallet] = (self._wrong_claims(wallet, now_ms) + 1, now_ms)
        self._store.set_meta(f"{_TRIED}{wallet}", encode(list(self._tried[wallet])))

    def forget_claims(self, wallet: int) -> None:
        """Forget the wrong claims of a wallet, because a right one came."""
        if self._tried.pop(wallet, None) is not None:
            self._store.drop_meta(f"{_TRIED}{wallet}")

    def _wrong_claims(self, wallet: int, now_ms: int) -> int:
        wrong, last_ms = self._tried.get(wallet, (0, 0))
        return wrong if last_ms > now_ms - CLAIM_LOCK_MS else 0

    def _of(self, asker: bytes) -> _Kept:
        return self._answered.setdefault(asker, OrderedDict())


def _is_old(kept: _Kept, now_ms: int) -> bool:
    """Tell whether the oldest answer of a till need not be kept any more."""
    at_ms, _ = next(iter(kept.values()))
    return at_ms < now_ms - ANSWER_LIFE_MS or len(kept) > ANSWERS_OF_TERMINAL_MAX


def _name(asker: bytes, operation: bytes) -> str:
    return f"{_ANSWERED}{(asker + operation).hex()}"
