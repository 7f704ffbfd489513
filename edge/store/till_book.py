"""What a till must remember of its own sales beyond the shared state: what nobody has confirmed.

The rooms of the spending rules are measured against it. It follows the journal like the cells do:
written with them, and caught up from the last records after a crash.
"""

import sqlite3
from bisect import insort
from collections import Counter, defaultdict, deque
from typing import Final, NamedTuple

from sync.facts import CapRenewed, ToppedUp
from sync.names import RunId

_WALLET_BYTES: Final = 8
NO_WALLET: Final = 0
_CREDITS: Final = frozenset({ToppedUp.KIND, CapRenewed.KIND})


class Entry(NamedTuple):
    """One movement of one wallet (minor units, negative is spent) by one own fact."""

    run: RunId
    number: int
    part: int
    kind: int
    sale: bytes
    wallet: int
    amount: int


class TillBook:
    """The own movements that the authority has not acknowledged, and today's spending by wallet."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Read what was kept; it is as much as one till does while it is alone."""
        self._connection = connection
        rows = self._connection.execute(
            "SELECT run, number, part, kind, sale, wallet, amount FROM unacknowledged"
            " ORDER BY run, number, part"
        )
        self._entries: defaultdict[RunId, deque[Entry]] = defaultdict(deque)
        self._net: Counter[tuple[int, bool, bytes]] = Counter()
        self._by_wallet: Counter[int] = Counter()
        self._by_kind: Counter[int] = Counter()
        self._everywhere = 0
        for run, number, part, kind, sale, wallet, amount in rows:
            self._enter(Entry(run, number, part, kind, sale, _whole(wallet), amount))
        self._new: list[Entry] = []
        self._spent: dict[tuple[int, int], int] = {
            (day, _whole(wallet)): amount
            for day, wallet, amount in self._connection.execute(
                "SELECT day, wallet, amount FROM spent"
            )
        }
        self._newly_spent: set[tuple[int, int]] = set()

    def note(self, entries: list[Entry], day: int) -> None:
        """Take up the movements of one own fact, made on this festival day (YYYYMMDD)."""
        for entry in entries:
            self._enter(entry)
            self._new.append(entry)
            if entry.kind not in _CREDITS:
                place = (day, entry.wallet)
                self._spent[place] = self._spent.get(place, 0) - entry.amount
                self._newly_spent.add(place)

    def acknowledge(self, run: RunId, number: int) -> None:
        """Drop what the authority holds of a run, up to this number; inside a transaction."""
        entries = self._entries[run]
        while entries and entries[0].number <= number:
            entry = entries.popleft()
            self._move(entry, -entry.amount)
        self._new = [e for e in self._new if e.run != run or e.number > number]
        self._connection.execute(
            "DELETE FROM unacknowledged WHERE run = ? AND number <= ?", (run, number)
        )

    def spent_unacknowledged(self, wallet: int) -> int:
        """Return what the wallet's unacknowledged sales took here, in minor units; never below 0.

        A sale that was voided gives back its own room only; a top-up gives none.
        """
        return self._by_wallet[wallet]

    def spent_unacknowledged_everywhere(self) -> int:
        """Return the same over all wallets: what the till's cap is about."""
        return self._everywhere

    def topped_up(self) -> int:
        """Return the unacknowledged top-ups of this till in minor units."""
        return self._by_kind[ToppedUp.KIND]

    def renewed(self) -> int:
        """Return by how much supervisors renewed the till's cap since it was last heard."""
        return self._by_kind[CapRenewed.KIND]

    def spent_today(self, wallet: int, day: int) -> int:
        """Return what the wallet spent at this till on a festival day, in minor units."""
        return max(0, self._spent.get((day, wallet), 0))

    def write_changes(self) -> None:
        """Put what is new into the tables, in the transaction that is open."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO unacknowledged VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(*e[:5], e.wallet.to_bytes(_WALLET_BYTES, "big"), e.amount) for e in self._new],
        )
        self._connection.executemany(
            "INSERT OR REPLACE INTO spent VALUES (?, ?, ?)",
            [
                (day, wallet.to_bytes(_WALLET_BYTES, "big"), self._spent[day, wallet])
                for day, wallet in self._newly_spent
            ],
        )

    def changes_written(self) -> None:
        """Note that the transaction with the changes was committed."""
        self._new.clear()
        self._newly_spent.clear()

    def _enter(self, entry: Entry) -> None:
        entries = self._entries[entry.run]
        if entries and entry < entries[-1]:  # what comes back need not come in order
            insort(entries, entry)
        else:
            entries.append(entry)
        self._move(entry, entry.amount)

    def _move(self, entry: Entry, change: int) -> None:
        """Move every total by one entry that came or went."""
        place = (entry.wallet, entry.kind in _CREDITS, entry.sale)
        before = max(0, -self._net[place])
        self._net[place] += change
        after = max(0, -self._net[place])
        if not self._net[place]:
            del self._net[place]
        self._by_kind[entry.kind] += change
        self._everywhere += after - before
        self._by_wallet[entry.wallet] += after - before
        if not self._by_wallet[entry.wallet]:
            del self._by_wallet[entry.wallet]


def _whole(content: bytes) -> int:
    return int.from_bytes(content, "big")
