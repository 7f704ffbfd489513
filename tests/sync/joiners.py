"""Machines that joined by a snapshot, in memory: what an office spells and a box takes from it."""

from collections.abc import Iterable, Sequence

from sync.cells import MemoryCells
from sync.codec import decode, encode
from sync.journal import Record
from sync.keys import PublicKey
from sync.names import INTEREST_OF_ROLE, FactId, Role, RunId, TerminalId
from sync.replica import RunInfo
from sync.snapshot import RUNS_PAGE, Digest, RunRow, read_page, read_run_page, run_pages
from sync.snapshot_cells import cells_of, pages
from tests.sync.builder import Box, box_with

BYTES_MAX = 1 << 24


class Covers:
    """Up to where some runs are in the cells already, and what is beyond their gaps."""

    def __init__(self, runs: Iterable[RunRow], beyond: Iterable[bytes]) -> None:
        self.heads = {run.run: run.head_number for run in runs}
        self.beyond = frozenset(beyond)

    def covers(self, record: Record) -> bool:
        return record.number <= self.heads.get(record.run, -1) or record.id in self.beyond


def run_rows(office: Box, role: Role) -> tuple[list[RunRow], list[bytes]]:
    """Return the runs that a snapshot for a role stands for, and the records beyond gaps."""
    wanted = [info for info in office.shelf.runs() if info.role in INTEREST_OF_ROLE[role]]
    rows = [_row(info) for info in wanted]
    heads = {info.run: info.head_number for info in wanted}
    beyond: list[bytes] = [
        record.id
        for record, _ in office.shelf.records
        if record.number > heads.get(record.run, record.number)
    ]
    return rows, beyond


def _row(info: RunInfo) -> RunRow:
    head = (info.head_number, info.head_id)
    return RunRow(info.run, info.terminal, int(info.role), info.name, info.key.raw, *head)


def all_pages(office: Box, role: Role) -> list[bytes]:
    """Return every page of an office's snapshot for a role."""
    runs, beyond = run_rows(office, role)
    return [*run_pages(runs, beyond), *(page for _, page in pages(office.cells, role))]


def digest_of(cells: MemoryCells, role: Role) -> bytes:
    """Return the digest of reduced cells, as the head of a snapshot names it."""
    whole = Digest()
    for _, page in pages(cells, role):
        whole.add(page)
    return whole.value()


def joiner(spelled: Iterable[bytes], role: Role) -> Box:
    """Return a box that stands on a snapshot and holds no record."""
    box = Box(role)
    runs: list[RunRow] = []
    beyond: list[bytes] = []
    for page in spelled:
        values = read_page(page)
        if values[0] <= RUNS_PAGE + 1:
            for one in read_run_page(values):
                if isinstance(one, RunRow):
                    runs.append(one)
                else:
                    beyond.append(one)
            continue
        for key, content in cells_of(values, role):
            assert box.cells.get(key) is None
            assert encode(decode(content, BYTES_MAX)) == content
            box.cells.set(key, decode(content, BYTES_MAX))
    for run in runs:
        info = RunInfo(
            RunId(run.run),
            TerminalId(run.terminal),
            Role(run.role),
            run.name,
            PublicKey(run.key),
            run.head_number,
            FactId(run.head_id),
        )
        box.shelf.put_run(info)
    box.replica.covered = Covers(runs, beyond)
    return box


def of_interest(records: Iterable[Record], office: Box, role: Role) -> list[Record]:
    """Return the records that a machine of a role wants."""
    runs = {info.run: info.role for info in office.shelf.runs()}
    return [r for r in records if runs.get(r.run, Role.OFFICE) in INTEREST_OF_ROLE[role]]


def joined_at(records: Sequence[Record], cut: int, role: Role) -> Box:
    """Return a box that took a snapshot of the first records, and then the others as they came."""
    office = box_with(records[:cut])
    box = joiner(all_pages(office, role), role)
    box.take(*of_interest(records[cut:], box_with(records), role))
    return box
