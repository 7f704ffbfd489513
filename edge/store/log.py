"""What conversations read of a terminal's records: `sync.conversation.Log` on its store."""

from collections.abc import Iterable, Sequence

from edge.limits import RECORDS_WALKED_MAX
from edge.store.store import Store
from sync.limits import RUNS_ACKNOWLEDGED_MAX
from sync.names import FactId, Role, RunId, TerminalId
from sync.replica import Replica, Taken


class TerminalLog:
    """A terminal's records in the order of arrival; in the lane only."""

    def __init__(self, store: Store, replica: Replica) -> None:
        """Read the store that the replica writes to."""
        self._store = store
        self._replica = replica
        self._connection = store.connection

    @property
    def store_id(self) -> bytes:
        """The id of this store: 16 bytes."""
        return self._store.store_id

    def last_arrival(self) -> int:
        """Return the arrival number of the newest record, 0 if there is none."""
        return self._store.last_arrival()

    def id_at(self, arrival: int) -> FactId | None:
        """Return the id of the record with this arrival number."""
        row = self._connection.execute(
            "SELECT id FROM journal WHERE arrival = ?", (arrival,)
        ).fetchone()
        return None if row is None else FactId(row[0])

    def records_after(
        self,
        arrival: int,
        up_to: int,
        roles: frozenset[Role],
        count_max: int,
        bytes_max: int,
        writer: TerminalId | None = None,
    ) -> tuple[list[bytes], int]:
        """Return records of writers with these roles that arrived later, and how far was looked.

        Whoever passes over many records of others gets there in several steps, so that no one
        message holds up the lane.
        """
        up_to = min(up_to, arrival + RECORDS_WALKED_MAX)
        rows = self._connection.execute(
            "SELECT arrival, role, raw FROM journal WHERE arrival > ?1 AND arrival <= ?2"
            " AND (?3 IS NULL OR terminal = ?3) ORDER BY arrival",
            (arrival, up_to, writer),
        )
        found: list[bytes] = []
        for number, role, raw in rows:
            if role not in roles:
                continue
            bytes_max -= len(raw)
            if len(found) == count_max or bytes_max < 0:
                return found, number - 1
            found.append(raw)
        return found, up_to

    def run_records(
        self, run: RunId, from_number: int, count_max: int, bytes_max: int
    ) -> list[bytes]:
        """Return records of a run from this number on, ordered by number, forks included."""
        rows = self._connection.execute(
            "SELECT raw FROM journal WHERE run = ? AND number >= ? ORDER BY number, arrival"
            " LIMIT ?",
            (run, from_number, count_max),
        )
        return _fitting((raw for (raw,) in rows), bytes_max)

    def holds(self, fact: FactId) -> bool:
        """Tell whether the record with this id is held.

        On a snapshot, what it stands for is fetched in its own time, so nothing of it is missing.
        """
        return self._store.standing is not None or self._store.shelf.has(fact)

    def heads(
        self, roles: frozenset[Role], writer: TerminalId | None = None
    ) -> list[tuple[RunId, int, FactId]]:
        """Return the highest number held of each run of writers with these roles, or of one.

        On a snapshot a run may be known of which nothing is held yet.
        """
        heads = []
        for info in self._store.shelf.runs():
            if info.role in roles or info.terminal == writer:
                held = self._connection.execute(
                    "SELECT number, id FROM journal WHERE run = ? ORDER BY number DESC, arrival"
                    " DESC LIMIT 1",
                    (info.run,),
                ).fetchone()
                if held is not None:
                    heads.append((info.run, int(held[0]), FactId(held[1])))
        return heads

    def whole_up_to(self, run: RunId) -> tuple[int, FactId] | None:
        """Return the highest number without a gap below it and its id, None for no such run."""
        info = self._store.shelf.run(run)
        return None if info is None else (info.head_number, info.head_id)

    def runs_of(self, terminal: TerminalId) -> list[tuple[RunId, int]]:
        """Return (run, highest number without a gap) of one writer, newest runs first."""
        opened = []
        for info in self._store.shelf.runs_of(terminal):
            (arrival,) = self._connection.execute(
                "SELECT min(arrival) FROM journal WHERE run = ? AND number = 0", (info.run,)
            ).fetchone()
            opened.append((arrival or 0, info.run, info.head_number))
        opened.sort(reverse=True)
        return [(run, number) for _, run, number in opened[:RUNS_ACKNOWLEDGED_MAX]]

    def take(self, records: Sequence[bytes]) -> list[Taken]:
        """Let the replica take records."""
        return self._replica.take(records)


def _fitting(records: Iterable[bytes], bytes_max: int) -> list[bytes]:
    """Return the first records that fit into so many bytes together."""
    found = []
    for raw in records:
        bytes_max -= len(raw)
        if bytes_max < 0:
            break
        found.append(raw)
    return found
