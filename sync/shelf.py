"""A shelf in memory: for tests, for simulated machines, and for checking a fold from nothing."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sync.cells import MemoryCells
from sync.journal import Record
from sync.keys import digest
from sync.limits import (
    RUNS_ACKNOWLEDGED_MAX,
    WAITING_RECORDS_MAX,
    WAITING_RECORDS_PER_RUN_MAX,
)
from sync.names import FactId, Role, RunId, TerminalId
from sync.replica import Replica, RunInfo, Taken


class MemoryShelf:
    """Keeps records and cells in dictionaries; see `sync.replica.Shelf` for what each does."""

    def __init__(self) -> None:
        """Start empty."""
        self.cells = MemoryCells()
        self.records: list[tuple[Record, Role]] = []
        self._by_id: dict[FactId, Record] = {}
        self._by_place: defaultdict[tuple[RunId, int], list[FactId]] = defaultdict(list)
        self._by_link: defaultdict[tuple[TerminalId, FactId], list[FactId]] = defaultdict(list)
        self._runs: dict[RunId, RunInfo] = {}
        self._waiting: defaultdict[RunId, dict[bytes, Record]] = defaultdict(dict)

    def has(self, fact: FactId) -> bool:
        """Tell whether the record with this id is kept."""
        return fact in self._by_id

    def at(self, run: RunId, number: int) -> Sequence[FactId]:
        """Return the ids of all records with this run and number."""
        return self._by_place.get((run, number), ())

    def following(self, terminal: TerminalId, previous: FactId) -> Sequence[FactId]:
        """Return the ids of a terminal's records that name this predecessor."""
        return self._by_link.get((terminal, previous), ())

    def insert(self, record: Record, role: Role) -> int:
        """Keep a record and return its arrival number, counted from 1."""
        self.records.append((record, role))
        self._by_id[record.id] = record
        self._by_place[record.run, record.number].append(record.id)
        self._by_link[record.terminal, record.previous].append(record.id)
        return len(self.records)

    def run(self, run: RunId) -> RunInfo | None:
        """Return what is known of a run."""
        return self._runs.get(run)

    def runs(self) -> list[RunInfo]:
        """Return every run that is known."""
        return list(self._runs.values())

    def put_run(self, info: RunInfo) -> None:
        """Remember a run or its new head."""
        self._runs[info.run] = info

    def previous_of(self, fact: FactId) -> FactId:
        """Return the predecessor that a kept record names."""
        return self._by_id[fact].previous

    def record(self, fact: FactId) -> Record | None:
        """Return a kept record by its id."""
        return self._by_id.get(fact)

    def wait(self, record: Record) -> bool:
        """Let a record wait for its run; False if the waiting room is full."""
        room = self._waiting[record.run]
        waiting = sum(len(others) for others in self._waiting.values())
        mark = digest(record.raw)
        if mark not in room and (
            len(room) >= WAITING_RECORDS_PER_RUN_MAX or waiting >= WAITING_RECORDS_MAX
        ):
            return False
        room[mark] = record
        return True

    def take_waiting(self, run: RunId) -> Sequence[bytes]:
        """Return and forget the records that wait for a run, lowest number first."""
        room = self._waiting.pop(run, {})
        return [record.raw for record in sorted(room.values(), key=lambda r: r.number)]

    def all_records(self) -> Iterator[tuple[bytes, Role]]:
        """Walk over every kept record and its writer's role, in the order of arrival."""
        for record, role in self.records:
            yield record.raw, role

    def clear_cells(self) -> None:
        """Forget the folded state."""
        self.cells = MemoryCells()


class MemoryLog:
    """What a conversation asks of a memory shelf; see `sync.conversation.Log`."""

    def __init__(self, replica: Replica, shelf: MemoryShelf, store_id: bytes) -> None:
        """Show this shelf, which the replica fills, under a store id of 16 bytes."""
        self._replica = replica
        self._shelf = shelf
        self.store_id = store_id

    def last_arrival(self) -> int:
        """Return the arrival number of the newest record."""
        return len(self._shelf.records)

    def id_at(self, arrival: int) -> FactId | None:
        """Return the id of the record with this arrival number."""
        records = self._shelf.records
        return records[arrival - 1][0].id if 0 < arrival <= len(records) else None

    def records_after(
        self,
        arrival: int,
        up_to: int,
        roles: frozenset[Role],
        count_max: int,
        bytes_max: int,
        writer: TerminalId | None = None,
    ) -> tuple[list[bytes], int]:
        """Return wanted records that arrived later, and how far was looked."""
        found: list[bytes] = []
        room = bytes_max
        for number in range(arrival + 1, min(up_to, self.last_arrival()) + 1):
            record, role = self._shelf.records[number - 1]
            if role not in roles or writer not in {None, record.terminal}:
                continue
            room -= len(record.raw)
            if len(found) == count_max or room < 0:
                return found, number - 1
            found.append(record.raw)
        return found, up_to

    def run_records(
        self, run: RunId, from_number: int, count_max: int, bytes_max: int
    ) -> list[bytes]:
        """Return records of a run from this number on, ordered by number."""
        wanted = [r for r, _ in self._shelf.records if r.run == run and r.number >= from_number]
        found: list[bytes] = []
        for record in sorted(wanted, key=lambda r: r.number)[:count_max]:
            bytes_max -= len(record.raw)
            if bytes_max < 0:
                break
            found.append(record.raw)
        return found

    def holds(self, fact: FactId) -> bool:
        """Tell whether the record with this id is held."""
        return self._shelf.has(fact)

    def heads(
        self, roles: frozenset[Role], writer: TerminalId | None = None
    ) -> list[tuple[RunId, int, FactId]]:
        """Return the highest number held of each run of writers with these roles, or of one."""
        highest: dict[RunId, tuple[int, FactId]] = {}
        for record, role in self._shelf.records:
            is_wanted = role in roles or record.terminal == writer
            if is_wanted and record.number >= highest.get(record.run, (0, b""))[0]:
                highest[record.run] = (record.number, record.id)
        return [(run, number, fact) for run, (number, fact) in sorted(highest.items())]

    def whole_up_to(self, run: RunId) -> tuple[int, FactId] | None:
        """Return the highest number without a gap below it and its id."""
        info = self._shelf.run(run)
        return None if info is None else (info.head_number, info.head_id)

    def runs_of(self, terminal: TerminalId) -> list[tuple[RunId, int]]:
        """Return (run, highest number without a gap) of one writer, newest runs first."""
        mine = [i for i in reversed(self._shelf.runs()) if i.terminal == terminal]
        return [(info.run, info.head_number) for info in mine[:RUNS_ACKNOWLEDGED_MAX]]

    def take(self, records: Sequence[bytes]) -> list[Taken]:
        """Let the replica take records."""
        return self._replica.take(records)
