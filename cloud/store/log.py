"""What conversations read of the office's records: `sync.conversation.Log` on the store."""

from collections.abc import Sequence

from cloud.limits import RECORDS_WALKED_MAX
from cloud.store.shelf import StoreShelf
from cloud.store.sql import Connection
from sync.limits import RUNS_ACKNOWLEDGED_MAX
from sync.names import FactId, FestivalId, Role, RunId, TerminalId
from sync.replica import Replica, Taken


class OfficeLog:
    """One festival's records in the order of arrival; every method runs inside a transaction."""

    def __init__(
        self,
        connection: Connection,
        festival: FestivalId,
        shelf: StoreShelf,
        replica: Replica,
    ) -> None:
        """Read through the connection that the replica's shelf writes to."""
        self._connection = connection
        self._festival = festival
        self._shelf = shelf
        self._replica = replica

    @property
    def store_id(self) -> bytes:
        """The id of this store: 16 bytes, another one after it was put back to an older image."""
        (store_id,) = self._connection.execute(
            "SELECT store_id FROM festival WHERE festival = ?", (self._festival,)
        ).fetchone()
        return bytes(store_id)

    def last_arrival(self) -> int:
        """Return the arrival number of the newest record, 0 if there is none."""
        return self._shelf.arrived

    def id_at(self, arrival: int) -> FactId | None:
        """Return the id of the record with this arrival number."""
        row = self._connection.execute(
            "SELECT id FROM record WHERE festival = ? AND arrival = ?", (self._festival, arrival)
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

        A partner that passes over many records of others gets there in several steps, so that no
        one exchange holds up the rest.
        """
        up_to = min(up_to, arrival + RECORDS_WALKED_MAX)
        rows = self._connection.execute(
            "SELECT arrival, raw FROM record WHERE festival = ? AND arrival > ? AND arrival <= ?"  # noqa: S608 - whole numbers only
            f" AND role IN ({', '.join(str(int(role)) for role in sorted(roles))})"
            " AND terminal = coalesce(?, terminal) ORDER BY arrival LIMIT ?",
            (self._festival, arrival, up_to, writer, max(0, count_max) + 1),
        )
        found: list[bytes] = []
        for number, raw in rows:
            if count_max <= 0 or bytes_max < len(raw):
                return found, number - 1
            found.append(raw)
            count_max -= 1
            bytes_max -= len(raw)
        return found, up_to

    def run_records(
        self, run: RunId, from_number: int, count_max: int, bytes_max: int
    ) -> list[bytes]:
        """Return records of a run from this number on, ordered by number, forks included."""
        found: list[bytes] = []
        for (raw,) in self._connection.execute(
            "SELECT raw FROM record WHERE festival = ? AND run = ? AND number >= ?"
            " ORDER BY number, arrival LIMIT ?",
            (self._festival, run, from_number, max(0, count_max)),
        ):
            bytes_max -= len(raw)
            if bytes_max < 0:
                break
            found.append(raw)
        return found

    def holds(self, fact: FactId) -> bool:
        """Tell whether the record with this id is held."""
        return self._shelf.has(fact)

    def heads(
        self, roles: frozenset[Role], writer: TerminalId | None = None
    ) -> list[tuple[RunId, int, FactId]]:
        """Return the highest number held of each run of writers with these roles, or of one."""
        runs = self._shelf.runs()
        wanted = (info for info in runs if info.role in roles or info.terminal == writer)
        return [(info.run, *self._shelf.end_of(info)) for info in wanted]

    def whole_up_to(self, run: RunId) -> tuple[int, FactId] | None:
        """Return the highest number without a gap below it and its id, None for no such run."""
        info = self._shelf.run(run)
        return None if info is None else (info.head_number, info.head_id)

    def runs_of(self, terminal: TerminalId) -> list[tuple[RunId, int]]:
        """Return (run, highest number without a gap) of one writer, newest runs first."""
        newest = self._shelf.runs_of(terminal)[:RUNS_ACKNOWLEDGED_MAX]
        return [(info.run, info.head_number) for info in newest]

    def take(self, records: Sequence[bytes]) -> list[Taken]:
        """Let the replica take records."""
        return self._replica.take(records)
