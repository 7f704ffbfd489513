"""A shelf in memory: for tests, for simulated machines, and for checking a fold from nothing."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sync.cells import MemoryCells
from sync.journal import Record
from sync.limits import WAITING_RECORDS_MAX, WAITING_RECORDS_PER_RUN_MAX
from sync.names import FactId, Role, RunId, TerminalId
from sync.replica import RunInfo


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
        self._waiting: defaultdict[RunId, dict[FactId, Record]] = defaultdict(dict)

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
        if record.id not in room and (
            len(room) >= WAITING_RECORDS_PER_RUN_MAX or waiting >= WAITING_RECORDS_MAX
        ):
            return False
        room[record.id] = record
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
