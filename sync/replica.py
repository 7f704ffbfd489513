"""One machine's copy of the truth: takes records from anywhere, checks, keeps and folds them.

The same class runs in a terminal, in the office and in the simulated world. What differs is the
shelf: where records and cells are kept. The shelf opens and commits the transaction around every
call; nothing here may be shown to anyone before that commit.

Taking a record: known already, then nothing; its run not yet known, then it waits (bounded); its
signature or certificate false, then refused; otherwise it is kept, whatever it says, and folded
once if its writer may say it. Nothing genuine is ever thrown away.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Protocol

from sync import fold
from sync.authority import AREA_OF_WRITER, MAY_SIGN, may_sign
from sync.cells import CellKey, Cells
from sync.certificates import Subject, read_chain
from sync.codec import Malformed
from sync.conflicts import ConflictKind, add_evidence
from sync.facts import Released, RunOpened, TerminalRevoked
from sync.journal import Record, read_record, signed_by
from sync.keys import PublicKey
from sync.limits import TAKEN_AT_ONCE_MAX
from sync.names import INTEREST_OF_ROLE, FactId, FestivalId, Role, RunId, TerminalId


@dataclass(frozen=True, slots=True)
class RunInfo:
    """What is known of a run: who writes it, the key that signs it, and how far it came here.

    `head_number` and `head_id` are the highest record without a gap below it.
    """

    run: RunId
    terminal: TerminalId
    role: Role
    name: str
    key: PublicKey
    head_number: int
    head_id: FactId


class Shelf(Protocol):
    """Where a replica keeps things; every method runs inside the transaction around `take`."""

    @property
    def cells(self) -> Cells:
        """The cells of the folded state."""

    def has(self, fact: FactId) -> bool:
        """Tell whether the record with this id is kept."""

    def at(self, run: RunId, number: int) -> Sequence[FactId]:
        """Return the ids of all records with this run and number."""

    def following(self, terminal: TerminalId, previous: FactId) -> Sequence[FactId]:
        """Return the ids of a terminal's records that name this predecessor."""

    def insert(self, record: Record, role: Role) -> int:
        """Keep a record and return its arrival number, which only ever grows."""

    def run(self, run: RunId) -> RunInfo | None:
        """Return what is known of a run."""

    def put_run(self, info: RunInfo) -> None:
        """Remember a run or its new head."""

    def previous_of(self, fact: FactId) -> FactId:
        """Return the predecessor that a kept record names."""

    def wait(self, record: Record) -> bool:
        """Let a record wait for its run; False if the waiting room is full.

        Nothing proves it yet, so a copy with another signature waits beside it, not in its place.
        """

    def take_waiting(self, run: RunId) -> Sequence[bytes]:
        """Return and forget the records that wait for a run, lowest number first."""

    def all_records(self) -> Iterator[tuple[bytes, Role]]:
        """Walk over every kept record and its writer's role, in the order of arrival."""

    def clear_cells(self) -> None:
        """Forget the folded state, before it is made again from the records."""


class Covered(Protocol):
    """What a snapshot stands for, while a machine stands on one (`sync.snapshot`)."""

    def covers(self, record: Record) -> bool:
        """Tell whether the folded state of the snapshot has this record in it already."""


class Outcome(StrEnum):
    """What became of a record that was taken."""

    NEW = "new"
    KNOWN = "known"
    WAITING = "waiting"
    WAITING_FULL = "waiting_full"
    MALFORMED = "malformed"
    FOREIGN = "foreign"
    UNCERTIFIED = "uncertified"
    BAD_SIGNATURE = "bad_signature"
    NOT_WANTED = "not_wanted"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one record; `record` is None if it could not be read."""

    outcome: Outcome
    record: Record | None


class Replica:
    """A festival's facts and their fold on one machine."""

    def __init__(
        self,
        festival: FestivalId,
        festival_key: PublicKey,
        shelf: Shelf,
        role: Role = Role.OFFICE,
        before_fold: Callable[[Record], object] = lambda _: None,
        before_take: Callable[[Sequence[Record]], object] = lambda _: None,
        verifies: Callable[[Record, PublicKey], bool] | None = None,
    ) -> None:
        """Stand on a shelf; `role` is this machine's and decides which journals it keeps.

        `before_fold` is shown each record that is kept, before it has any effect; `before_take`
        those that came together, before any is judged: a shelf that is far away can then ask for
        all that will be asked of it, at once. `verifies` tells whether a run's key signed a record
        (None: it is checked here); whoever was shown them may know it already. `covered` is set by
        whoever put a snapshot's cells onto the shelf, and taken away again when the cells are the
        fold of every record that is kept.
        """
        self.covered: Covered | None = None
        self.festival = festival
        self.shelf = shelf
        self._before_fold = before_fold
        self._before_take = before_take
        self._verifies = verifies or signed_by
        self._festival_key = festival_key
        self._interest = INTEREST_OF_ROLE[role]

    def take(self, contents: Iterable[bytes]) -> list[Taken]:
        """Take records as they came from anywhere, in any order, and tell what became of each.

        Records that waited and are now accepted are reported too, after the one that freed them.
        """
        results: list[Taken] = []
        coming = iter(contents)
        while part := [_read(content) for content in islice(coming, TAKEN_AT_ONCE_MAX)]:
            self._before_take([record for record in part if record is not None])
            for record in part:
                self._take_one(record, results)
        return results

    def write(self, record: Record, role: Role, name: str = "") -> None:
        """Keep and fold a record of the own pen, whose signature needs no check."""
        if record.number == 0 and isinstance(record.body, RunOpened):
            self._open_run(record, record.body, role, name)
        self._keep(record, role)

    def keep_covered(self, record: Record, role: Role) -> bool:
        """Keep a record that the snapshot has folded and whose signature was checked already.

        False if it is kept here already.
        """
        if self.shelf.has(record.id):
            return False
        self._keep(record, role)
        return True

    def rebuild(self, progress: Callable[[int], None] | None = None) -> None:
        """Fold every record again from nothing, in the order of arrival."""
        self.shelf.clear_cells()
        refold(self.shelf, self.shelf.cells, progress)

    def _take_one(self, record: Record | None, results: list[Taken]) -> None:
        if record is None:
            results.append(Taken(Outcome.MALFORMED, None))
            return
        outcome = self._judge(record)
        results.append(Taken(outcome, record))
        if outcome is Outcome.NEW and record.number == 0:
            for waiting in self.shelf.take_waiting(record.run):
                self._take_one(_read(waiting), results)

    def _judge(self, record: Record) -> Outcome:
        """Check a record and keep it if it is genuine, wanted and new."""
        if record.festival != self.festival:
            return Outcome.FOREIGN
        if self.shelf.has(record.id):
            return Outcome.KNOWN
        if record.number == 0:
            return self._judge_first(record)
        info = self.shelf.run(record.run)
        if info is None:
            return Outcome.WAITING if self.shelf.wait(record) else Outcome.WAITING_FULL
        if info.terminal != record.terminal or not self._verifies(record, info.key):
            return Outcome.BAD_SIGNATURE
        self._keep(record, info.role, info)
        return Outcome.NEW

    def _judge_first(self, record: Record) -> Outcome:
        """Check the record that opens a run: the identity key signs, the chain vouches for it."""
        body = record.body
        if not isinstance(body, RunOpened):
            return Outcome.MALFORMED
        certificate = read_chain(body.certificates, self._festival_key, self.festival)
        if (
            certificate is None
            or certificate.subject is not Subject.WRITER
            or certificate.holder != record.terminal
        ):
            return Outcome.UNCERTIFIED
        if not signed_by(record, certificate.key):
            return Outcome.BAD_SIGNATURE
        if certificate.role not in self._interest:
            return Outcome.NOT_WANTED
        if self.shelf.run(record.run) is None:
            self._open_run(record, body, certificate.role, certificate.name)
        self._keep(record, certificate.role)
        return Outcome.NEW

    def _open_run(self, record: Record, body: RunOpened, role: Role, name: str) -> None:
        key = PublicKey(body.run_key)
        info = RunInfo(record.run, record.terminal, role, name, key, 0, record.id)
        self.shelf.put_run(info)

    def _keep(self, record: Record, role: Role, info: RunInfo | None = None) -> None:
        """Keep a genuine record, look for forks, and fold it if its writer may say it.

        On a snapshot a revocation cannot fold everything again: it holds for what comes from now
        on, and for the rest when all of it is here.
        """
        self._look_for_forks(record, role)
        self.shelf.insert(record, role)
        self._advance(record, info or self.shelf.run(record.run))
        if self.covered is not None and self.covered.covers(record):
            return
        self._before_fold(record)
        if _revokes(record, role):
            if self.covered is None:
                self.rebuild()
            else:
                fold.fold_revocation(self.shelf.cells, record)
        else:
            _fold_one(self.shelf.cells, record, role)

    def _look_for_forks(self, record: Record, role: Role) -> None:
        """Two records with one predecessor, or one run and number, or a broken link: a fork.

        Each pair of records shows it or not by itself, so the order of arrival cannot be seen.
        """
        shelf = self.shelf
        others = {
            *shelf.at(record.run, record.number),
            *shelf.following(record.terminal, record.previous),
        }
        for later in shelf.at(record.run, record.number + 1):
            if shelf.previous_of(later) != record.id:
                others.add(later)
        if record.number:
            before = shelf.at(record.run, record.number - 1)
            others.update(fact for fact in before if fact != record.previous)
        if others:
            report_fork(shelf.cells, record, role, others)

    def _advance(self, record: Record, info: RunInfo | None) -> None:
        """Move the run's head over the new record and whatever already follows it."""
        if info is None or record.number != info.head_number + 1:
            return
        number, fact = record.number, record.id
        while following := self.shelf.at(record.run, number + 1):
            number, fact = number + 1, following[0]
        self.shelf.put_run(
            RunInfo(info.run, info.terminal, info.role, info.name, info.key, number, fact)
        )


def _read(content: bytes) -> Record | None:
    try:
        return read_record(content)
    except Malformed:
        return None


def report_fork(cells: Cells, record: Record, role: Role, others: Iterable[bytes]) -> None:
    """Keep that a writer's record and these others cannot be of one journal."""
    area = AREA_OF_WRITER[role]
    subject = record.terminal.hex()
    add_evidence(cells, area, ConflictKind.FORKED_JOURNAL, subject, record.id, *others)


_REVOKERS = MAY_SIGN[TerminalRevoked] | MAY_SIGN[Released]


def _revokes(record: Record, role: Role) -> bool:
    """Tell whether a record changes which other records count, so that all are folded again."""
    return isinstance(record.body, TerminalRevoked | Released) and may_sign(role, record.body)


def _fold_one(cells: Cells, record: Record, role: Role) -> None:
    """Fold one kept record, if it can be interpreted, counts and was its writer's to say."""
    if record.body is None or not fold.counts(cells, record):
        return
    if may_sign(role, record.body):
        fold.fold(cells, record, role)
    else:
        subject = record.terminal.hex()
        kind = ConflictKind.UNAUTHORISED_FACT
        add_evidence(cells, AREA_OF_WRITER[role], kind, subject, record.id)


def refold(shelf: Shelf, cells: Cells, progress: Callable[[int], None] | None = None) -> None:
    """Fold every record of a shelf into empty cells: first revocations, forks, then the rest."""
    folding = Refolding(cells)
    for content, role in shelf.all_records():
        folding.revoke(content, role)
    for count, (content, role) in enumerate(shelf.all_records(), 1):
        folding.take(content, role)
        if progress is not None and count % 1000 == 0:
            progress(count)


class Refolding:
    """Folds records into empty cells one after the other: `revoke` with each first, then `take`.

    Forks are looked for among the records of `suspects`, or of everybody; that needs memory for
    each record of theirs.
    """

    def __init__(self, cells: Cells, suspects: Collection[bytes] | None = None) -> None:
        """Fold into these cells."""
        self._cells = cells
        self._suspects = suspects
        self._links: dict[tuple[bytes, bytes], list[bytes]] = {}
        self._places: dict[tuple[bytes, int], list[tuple[bytes, bytes]]] = {}

    def revoke(self, content: bytes, role: Role) -> bool:
        """Note what a record revokes, and tell whether it does."""
        if role not in _REVOKERS:  # nobody else's records need to be read twice
            return False
        record = read_record(content)
        if not _revokes(record, role):
            return False
        fold.fold_revocation(self._cells, record)
        return True

    def take(self, content: bytes, role: Role) -> None:
        """Fold one record."""
        record = read_record(content)
        if self._suspects is None or record.terminal in self._suspects:
            _refind_forks(self._cells, record, role, self._links, self._places)
        if not _revokes(record, role):
            _fold_one(self._cells, record, role)


def _refind_forks(
    cells: Cells,
    record: Record,
    role: Role,
    links: dict[tuple[bytes, bytes], list[bytes]],
    places: dict[tuple[bytes, int], list[tuple[bytes, bytes]]],
) -> None:
    """Find again, while walking over all records, what `_look_for_forks` finds one by one."""
    siblings = links.setdefault((record.terminal, record.previous), [])
    here = places.setdefault((record.run, record.number), [])
    before = places.get((record.run, record.number - 1), [])
    after = places.get((record.run, record.number + 1), [])
    others = {*siblings, *(fact for fact, _ in here)}
    others.update(fact for fact, previous in after if previous != record.id)
    others.update(fact for fact, _ in before if fact != record.previous)
    if others:
        report_fork(cells, record, role, others)
    siblings.append(record.id)
    here.append((record.id, record.previous))


def differing_cells(shelf: Shelf, other: Cells, areas: Iterable[int]) -> list[CellKey]:
    """Return the keys under which the kept cells differ from others, for the daily comparison."""
    wrong: list[CellKey] = []
    for area in areas:
        kept = dict(shelf.cells.items(area))  # type: ignore[arg-type]  # an Area is an int
        folded = dict(other.items(area))  # type: ignore[arg-type]
        wrong += [key for key in kept.keys() | folded.keys() if kept.get(key) != folded.get(key)]
    return sorted(wrong)
