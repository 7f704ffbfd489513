"""One box, wired together: folder, store, pen, lane and clock.

Opening a terminal takes its lock, looks at its store, folds what the last process left behind and
opens a new run. From then on everything goes through the lane, and `record` is the one place where
a fact is made: stamped, chained, signed and committed, then folded, before anybody hears of it.

A box whose store was lost holds nothing that it could be sure of. It opens no run, so that its
journal does not fork, and it answers "ask" until the office has given its journal back.
"""

import threading
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from edge import salvage
from edge.confirmed import Confirmed
from edge.elsewhere import held_nowhere_else, is_more_elsewhere
from edge.lane import Lane
from edge.limits import ALONE_AFTER_MS, HEARD_KEPT_MS, UNHEARD_MS
from edge.relay import Relay
from edge.store import checkup
from edge.store.connection import STORE_FILE, FolderLock, StoreTrouble
from edge.store.store import Store, open_store
from edge.store.till_book import Entry
from edge.till_entries import entries_of
from edge.timekeeper import Timekeeper
from hardware.ports import WallClock
from hardware.wall_clock import SystemClock, boot_id, is_synchronised
from provisioning import manifest as manifests
from provisioning.chance import random_below, random_bytes
from provisioning.files import write_private
from provisioning.local_time import offset_minutes
from sync.admission import festival_day
from sync.body import Body
from sync.cells import Cells
from sync.clock import Moment
from sync.handover import OFFICE
from sync.journal import Record, Writer
from sync.keys import SEED_BYTES, SecretKey
from sync.names import ID_BYTES, Role, RunId, TerminalId
from sync.quarantine import is_quarantined
from sync.replica import Replica, RunInfo

SOFTWARE: Final = "guichet 0.1.0"
STARTED_FILE: Final = "terminal.started"
BROKEN_EXIT_CODE: Final = 74
_MINUTE_MS: Final = 60_000
_RECOVERING: Final = "recovering"
_HEARD: Final = "last_heard_ms"
_ACKNOWLEDGED: Final = "acknowledged by the office"
_WAITS: Final = "this box lost its store and waits for its journal: connect it to the office"
_BEGINS: Final = "this box is starting and asks others for its journal: try again in a moment"

Step = Callable[[str], object]


class WrongRole(StoreTrouble):
    """The folder belongs to a terminal of another kind."""


class StillRecovering(Exception):
    """The journal may not be whole yet, so nothing can be recorded; the message says why not.

    Either the store was lost and the journal has not come back, or the box has just started and
    asks others what they hold of its journal.
    """


def _no_step(_: str) -> None:
    """What a box does at the numbered steps of a commit: nothing. Tests cut the power there."""


class Terminal:
    """The inside of a box; `lane.run` reaches it from any thread, the rest is the lane's."""

    def __init__(
        self,
        folder: Path,
        role: Role,
        *,
        clock: WallClock | None = None,
        synchronised: bool | None = None,
        step: Step = _no_step,
        opens_run: bool = True,
    ) -> None:
        """Open the folder; `BadManifest` or `StoreTrouble` say what to do if that fails.

        With `opens_run` false the caller asks partners first what they hold of this journal, and
        then has the run opened.
        """
        self.folder = folder
        self.manifest = manifests.load(folder)
        if self.manifest.writer_role is not role:
            message = f"{folder} is a {self.manifest.role}, not a {role.name.lower()}"
            raise WrongRole(message)
        self.identity = manifests.identity(folder)
        self.role = role
        self.step = step
        self._lock = FolderLock(folder)
        known = is_synchronised() if synchronised is None else synchronised
        self.timekeeper = Timekeeper(clock or SystemClock(), is_synchronised=known)
        self.notices: list[str] = []
        self.ended, self.news = threading.Event(), threading.Event()
        self.lane = Lane(self._when_idle, self._when_broken)
        self._pen: Writer | None = None
        self._opening: Record | None = None
        self.listeners: list[Callable[[Record], object]] = []
        self.stirred: list[Callable[[], object]] = []
        self.lan: Callable[[], dict[str, int]] = lambda: {"neighbours": 0}
        self._held_by: dict[TerminalId, dict[RunId, int]] = {}
        self._came_back: set[RunId] = set()
        self._heard_at_ms: int | None = None
        self._heard_kept_ms: int | None = None
        self._day_of_minute = (-1, 0)
        self.relay = Relay(self.manifest.terminal_id, self._role_of, random_below)
        with ExitStack() as undo:  # what fails now lets the folder go, to be opened again
            undo.callback(self._lock.release)
            self.store, self.replica = self._open()
            undo.callback(self.store.connection.close)
            self.confirmed = Confirmed(self.store, self.manifest.terminal_id, self._came_back)
            if opens_run and not self.is_recovering:
                self.open_run()
            self.last_heard_ms: int | None = self.store.meta(_HEARD)
            self._alone_before_ms = self._alone_at_start()
            undo.pop_all()

    @property
    def is_recovering(self) -> bool:
        """Tell whether the journal of a lost store has not come back yet."""
        return bool(self.store.meta(_RECOVERING))

    @property
    def is_copied(self) -> bool:
        """Tell whether two branches of the own journal are known here: there are two of this box.

        In the lane only.
        """
        return is_quarantined(self.store.shelf.cells, self.manifest.terminal_id)

    @property
    def run(self) -> RunId | None:
        """The run that this process writes, or None while it may write none."""
        return None if self._pen is None else self._pen.run

    @property
    def opening(self) -> Record | None:
        """The record that opened the run of this process, None before that."""
        return self._opening

    def start(self) -> None:
        """Let the lane take jobs."""
        self.lane.start()

    def moment(self) -> Moment:
        """Read the time once, for one decision."""
        return self.timekeeper.moment()

    def utc_offset_minutes(self, time_ms: int) -> int:
        """Return how far the festival's local time is ahead of UTC at a Unix time in ms."""
        return offset_minutes(self.manifest.time_zone, time_ms)

    def festival_day(self, time_ms: int) -> int:
        """Return the festival day (YYYYMMDD) of a Unix time in ms."""
        minute = time_ms // _MINUTE_MS
        if self._day_of_minute[0] != minute:  # days begin on a whole minute
            offset = self.utc_offset_minutes(time_ms)
            day = festival_day(time_ms, offset, self.manifest.day_boundary_minutes)
            self._day_of_minute = (minute, day)
        return self._day_of_minute[1]

    def alone_ms(self) -> int:
        """Return for how long no partner has been heard, in milliseconds."""
        now_ms = self.timekeeper.monotonic_ms()
        if self._heard_at_ms is not None:
            return now_ms - self._heard_at_ms
        return self._alone_before_ms + now_ms - self._started_ms

    def is_alone(self) -> bool:
        """Tell whether no partner was heard for longer than a connected box ever waits."""
        return self.alone_ms() > ALONE_AFTER_MS

    def record(self, body: Body, moment: Moment | None = None) -> Record:
        """Make one fact and commit it; in the lane only.

        Raises `Misshapen` or `RecordTooLarge` (nothing happened), `StillRecovering`, or lets the
        failure of the store through, after which the lane stops.
        """
        record = self._writing().write(body, moment or self.moment())
        self._keep(record)
        return record

    def record_together(
        self, bodies: Iterable[Body], also: Callable[[list[Record]], object]
    ) -> list[Record]:
        """Make several facts and commit them with what `also` keeps of them, all or nothing.

        In the lane only; whatever fails here stops it, because numbers of the run are spent.
        """
        pen, moment = self._writing(), self.moment()
        records = [pen.write(body, moment) for body in bodies]
        self._keep_whole(records, also)
        for record in records:
            self._announce(record)
        return records

    def _writing(self) -> Writer:
        if self._pen is None:
            raise StillRecovering(_WAITS if self.is_recovering else _BEGINS)
        return self._pen

    def heard(self, moment: Moment) -> None:
        """Note that a partner was heard to its end, inside the transaction of what it brought.

        The disk learns of it now and then only, so that a quiet line does not wear out a card.
        """
        now_ms = self.timekeeper.monotonic_ms()
        self._heard_at_ms = now_ms
        self.last_heard_ms = moment.now_ms
        if self._heard_kept_ms is None or now_ms - self._heard_kept_ms >= HEARD_KEPT_MS:
            self._heard_kept_ms = now_ms
            self.store.set_meta(_HEARD, moment.now_ms)

    def acknowledge(self, acknowledged: Iterable[tuple[RunId, int]], *, is_read: bool) -> None:
        """Note up to where the office holds the own runs, inside the transaction of its answer.

        `is_read`: everything that the office had is here.
        """
        acknowledged = tuple(acknowledged)
        known = dict(self.store.partner(_ACKNOWLEDGED) or ())
        after = {**known, **dict(acknowledged)}
        if after != known:
            self.store.set_partner(_ACKNOWLEDGED, sorted(after.items()))
        self.confirmed.note(OFFICE, acknowledged, is_read=is_read)

    def held_by(self, partner: TerminalId, acknowledged: Iterable[tuple[RunId, int]]) -> None:
        """Note up to where a neighbour holds the own runs, as it said last."""
        self._held_by.setdefault(partner, {}).update(acknowledged)

    def is_run_held_by(self, partner: TerminalId) -> bool:
        """Tell whether a neighbour said that it holds a part of the run of this process."""
        return self.run is not None and self.run in self._held_by.get(partner, ())

    def only_here(self) -> int:
        """Return how many own facts neither the office nor a neighbour holds; in the lane only."""
        office = dict(self.store.partner(_ACKNOWLEDGED) or ())
        return held_nowhere_else(self._own_runs(), (office, *self._held_by.values()))

    def lacks(self, acknowledged: Iterable[tuple[RunId, int]]) -> bool:
        """Tell whether a partner holds records of this terminal that are not here any more."""
        return is_more_elsewhere(self._own_runs(), acknowledged)

    def own_facts(self) -> int:
        """Return how many facts of the own journal are here without a gap; in the lane only."""
        return sum(info.head_number + 1 for info in self._own_runs())

    def _own_runs(self) -> list[RunInfo]:
        return self.store.shelf.runs_of(self.manifest.terminal_id)

    def _role_of(self, run: RunId) -> Role | None:
        info = self.store.shelf.run(run)
        return None if info is None else info.role

    def give_back(self) -> None:
        """End the recovery: the journal is back as far as anybody holds it; in a transaction."""
        self.store.set_meta(_RECOVERING, 0)
        self.confirmed.bar()

    def open_run(self) -> None:
        """Draw a run and its key and record its opening, which names the journal's end so far."""
        pen = Writer(
            self.manifest.festival_id,
            self.manifest.terminal_id,
            RunId(random_bytes(ID_BYTES)),
            SecretKey(random_bytes(SEED_BYTES)),
        )
        parent = self.store.last_of(self.manifest.terminal_id)
        record = pen.open(
            self.identity, self.manifest.chain, parent, SOFTWARE, boot_id(), self.moment()
        )
        self._keep_whole([record])
        self.news.set()
        self._pen, self._opening = pen, record
        started = self.folder / STARTED_FILE
        if not started.exists():
            write_private(started, b"")

    def close(self) -> None:
        """Stop the lane, write what waits, and let the folder go, also if that fails."""
        self.lane.stop()
        try:
            self.store.close()
        finally:
            self._lock.release()
            self.ended.set()

    def _keep_whole(
        self, records: list[Record], also: Callable[[list[Record]], object] = len
    ) -> None:
        """Commit own records, and what goes with them, with everything that was folded before."""
        self.step("signed")
        with self.store.transaction():
            self.step("begun")
            for record in records:
                self.replica.write(record, self.role, self.manifest.name)
            also(records)
            self.step("folded")
        for record in records:
            self.store.shelf.note_own(record)
        self.step("committed")

    def _keep(self, record: Record) -> None:
        """Commit a record, then fold it: no fold can undo what is on the disk."""
        self.step("signed")
        with self.store.appending(record, self.role):
            self.step("inserted")
        self.step("committed")
        self.store.fold_own(record, self.role)
        self.step("folded")
        self._announce(record)

    def _announce(self, record: Record) -> None:
        """Let those who carry facts know of one that is committed and folded."""
        for listener in tuple(self.listeners):
            listener(record)
        self.news.set()

    def stir(self) -> None:
        """Let neighbours know that others' facts came that should be passed on soon."""
        for stirred in tuple(self.stirred):
            stirred()

    def _open(self) -> tuple[Store, Replica]:
        """Check and open the store; what is damaged is moved aside or made again."""
        findings = checkup.check(self.folder)
        lost = (self.folder / STARTED_FILE).exists() and not (self.folder / STORE_FILE).exists()
        aside = None
        if findings.journal:
            aside = checkup.move_aside(self.folder)
            self.notices.append(salvage.DAMAGED.format(findings.journal, aside.name))
        elif lost:
            self.notices.append(salvage.MISSING)
        store = open_store(self.folder, random_bytes(ID_BYTES), self._book)
        festival = self.manifest.festival_id
        replica = Replica(
            festival,
            self.manifest.festival_public_key,
            store.shelf,
            self.role,
            lambda record: self._take_on_book(store, record),
        )
        if aside is not None or lost:
            with store.transaction():
                store.set_meta(_RECOVERING, 1)
            if aside is not None:
                salvage.take_over(store, replica, aside)
        elif findings.cells or store.standings.is_distrusted:
            why = findings.cells or "the office's snapshot was false. Tell the organiser"
            self.notices.append(f"The folded state was made again: {why}.")
            with store.transaction():
                if store.standing is not None:
                    store.give_up_snapshot()
                replica.rebuild()
        if store.standings.differed_ms:
            self.notices.append(
                "This box joined by a snapshot that was not what the records say. It goes by the"
                " records now. Tell the organiser."
            )
        replica.covered = store.standing
        checkup.checked(self.folder)
        return store, replica

    def _take_on_book(self, store: Store, record: Record) -> None:
        """Take what comes back of the own journal onto the till's book, before it is folded.

        A neighbour may give back what the office has never heard of.
        """
        if record.terminal == self.manifest.terminal_id and record.number:
            store.till.note(*self._book(store.shelf.cells, record))
            self._came_back.add(record.run)

    def _book(self, cells: Cells, record: Record) -> tuple[list[Entry], int]:
        if self.role is not Role.BAR or record.terminal != self.manifest.terminal_id:
            return [], 0
        return entries_of(cells, record), self.festival_day(record.stamp.physical_ms)

    def _alone_at_start(self) -> int:
        """How long nobody had been heard when this process started, as far as the clock knows."""
        self._started_ms = self.timekeeper.monotonic_ms()
        last = self.last_heard_ms
        return UNHEARD_MS if last is None else max(0, self.moment().now_ms - last)

    def _when_idle(self) -> None:
        self.store.settle()

    def _when_broken(self, _: BaseException) -> None:
        checkup.want_check(self.folder)
        self.ended.set()
