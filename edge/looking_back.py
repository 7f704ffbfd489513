"""What a box does in the background after it joined by a snapshot, until it stands on its own.

It fetches the records that the snapshot stands for, run by run, and keeps them without folding
them; it folds everything from nothing, compares what the office signed, and puts its own cells in
the place of the snapshot's. A thread does the work and rests as long as it works; the lane only
gets short jobs. Whatever is interrupted is taken up, or begun anew, at the next start.
"""

import logging
import threading
from typing import Final, NoReturn

from edge.lane import LaneStopped
from edge.limits import (
    JOIN_ANSWER_MS_MAX,
    LOOK_BACK_AGAIN_S,
    LOOK_BACK_RECORDS,
    SWAP_FACTS_MAX,
    SWAP_ROWS,
    UPLINK_TIMEOUT_S,
)
from edge.office_line import LineTrouble, OfficeLine, Patience
from edge.pace import Pace, Stopped
from edge.store import next_cells
from edge.store.recount import Recount, proves
from edge.store.standing import Standing
from edge.terminal import Terminal
from sync.cells import CellKey
from sync.codec import Malformed
from sync.journal import Record, read_record, signed_by
from sync.limits import SNAPSHOT_BEYOND_RECORDS_MAX
from sync.names import RunId
from sync.replica import RunInfo
from sync.snapshot_asking import Ask, BadAsk, Wanted, read_records, spell_ask

PATH: Final = "/sync/v1/snapshot"
_CONNECT_S: Final = 3
_PATIENCE: Final = Patience(_CONNECT_S, UPLINK_TIMEOUT_S, JOIN_ANSWER_MS_MAX)
_FIRST: Final = (0, 0, b"")

_log = logging.getLogger(__name__)


class SnapshotFalse(Exception):
    """What the box was given is not what it was said to be; it starts again without it."""


class LookingBack:
    """Brings one terminal from a snapshot onto its own records; `start` and `stop` once each."""

    def __init__(self, terminal: Terminal) -> None:
        """Work for this terminal, if it stands on a snapshot."""
        self._terminal = terminal
        self._pace = Pace()
        self._line = OfficeLine(terminal, _PATIENCE)
        self._thread = threading.Thread(target=self.run, name="looking-back", daemon=True)
        self.stage = "" if terminal.store.standing is None else "waiting"

    def start(self) -> None:
        """Begin, if there is anything to be done."""
        if self.stage:
            self._thread.start()

    def stop(self) -> None:
        """End at the next step."""
        self._pace.stop()
        if self._thread.is_alive():
            self._thread.join(2 * UPLINK_TIMEOUT_S)
        self._line.close()

    def run(self) -> None:
        """Do everything that is left to do; the thread's whole life."""
        try:
            standing = self._terminal.store.standing
            if standing is not None:
                self._look_back(standing)
            self.stage = "tidying"
            while self._terminal.lane.run(lambda: next_cells.clear_some(self._terminal.store)):
                self._pace.tick()
            self.stage = ""
        except (LaneStopped, Stopped, SnapshotFalse) as trouble:
            self.stage = "stopped"
            _log.info("looking back ended: %s", trouble)

    def _look_back(self, standing: Standing) -> None:
        self.stage = "fetching"
        self._fetch(standing)
        self.stage = "folding"
        terminal = self._terminal
        recount = Recount(terminal.folder, standing, self._pace.tick)
        try:
            manifest = terminal.manifest
            missing = recount.missing()
            if missing or recount.unproved(manifest.festival_id, manifest.festival_public_key):
                self._distrust("the journals that it stands for do not bear it out")
            differed_ms = 0
            if recount.digest_of_covered(terminal.role) != standing.digest:
                differed_ms = standing.made_at_ms
                _log.warning("the snapshot that this box joined by was not what its records say")
            recount.fold_the_rest()
            self.stage = "exchanging"
            self._exchange(recount, differed_ms)
        finally:
            recount.close()

    # --- fetching ---

    def _fetch(self, standing: Standing) -> None:
        """Bring what the snapshot stands for, one run after the other, from where it was left."""
        store = self._terminal.store
        at_run, at_number = self._terminal.lane.run(store.standings.fetched)
        for run in sorted(standing.runs):
            if run < at_run:
                continue
            self._fetch_run(standing, run, at_number if run == at_run else 0)

    def _fetch_run(self, standing: Standing, run: RunId, low: int) -> None:
        lane, store = self._terminal.lane, self._terminal.store
        info = lane.run(lambda: store.shelf.run(run))
        if info is None:
            self._distrust("a run that it stands for is gone")
        head = standing.runs[run][0]
        high = head + (SNAPSHOT_BEYOND_RECORDS_MAX if standing.beyond else 0)
        while low <= high:
            found = self._ask(run, low, high)
            if not found and low <= head:
                self._pace.wait(LOOK_BACK_AGAIN_S)  # an office that was put back may hear it again
                continue
            if not found:
                return
            records = [self._checked(content, info) for content in found]
            self._keep(standing, records, info)
            last = records[-1].number
            # A number may be there twice, so a run that was cut goes on with its last number.
            low = last if low < last < high else last + 1

    def _ask(self, run: RunId, low: int, high: int) -> tuple[bytes, ...]:
        """Ask until the office answers."""
        chain = self._terminal.manifest.chain
        body = spell_ask(Ask(chain, Wanted.RECORDS, run=run, low=low, high=high))
        while True:
            try:
                return read_records(self._line.post(PATH, body).body)
            except (LineTrouble, BadAsk) as trouble:
                _log.info("what a snapshot stands for cannot be fetched: %s", trouble)
                self._pace.wait(LOOK_BACK_AGAIN_S)

    def _checked(self, content: bytes, info: RunInfo) -> Record:
        """Return a record whose signature holds under what the snapshot said of its run."""
        self._pace.tick()
        manifest = self._terminal.manifest
        try:
            record = read_record(content)
        except Malformed:
            self._distrust("the office gave what is no record")
        if (record.run, record.terminal) != (info.run, info.terminal):
            self._distrust("the office gave a record of another run")
        said = (info.terminal, int(info.role), info.name, info.key.raw)
        if record.number == 0:
            festival, key = manifest.festival_id, manifest.festival_public_key
            is_good = proves(record, said, festival, key)
        else:
            is_good = signed_by(record, info.key)
        if not is_good or record.festival != manifest.festival_id:
            self._distrust("a record of a run that it stands for does not bear it out")
        return record

    def _keep(self, standing: Standing, records: list[Record], info: RunInfo) -> None:
        """Keep records in short jobs of the lane."""
        store, replica = self._terminal.store, self._terminal.replica
        for at in range(0, len(records), LOOK_BACK_RECORDS):
            some = records[at : at + LOOK_BACK_RECORDS]

            def job(some: list[Record] = some) -> None:
                with store.transaction():
                    for record in some:
                        if standing.covers(record):
                            replica.keep_covered(record, info.role)
                    store.standings.set_fetched(info.run, some[-1].number)

            self._terminal.lane.run(job)
            self._pace.tick()

    # --- the own cells ---

    def _exchange(self, recount: Recount, differed_ms: int) -> None:
        """Put the own cells in the place of the snapshot's while the box goes on recording."""
        terminal, lane = self._terminal, self._terminal.lane
        store, replica = terminal.store, terminal.replica
        while True:
            self._copy(recount)
            while (changed := recount.fold_new()) is not None:
                self._put(recount, changed)
                if len(changed) > SWAP_FACTS_MAX * 8:
                    continue
                up_to = recount.folded_up_to
                if lane.run(lambda n=up_to: next_cells.swap(store, replica, n, differed_ms)):  # type: ignore[misc]
                    return
            recount.fold_everything()

    def _copy(self, recount: Recount) -> None:
        lane, store = self._terminal.lane, self._terminal.store
        lane.run(lambda: next_cells.begin(store))
        last = _FIRST
        while rows := recount.rows_after(last, SWAP_ROWS):
            lane.run(lambda some=rows: next_cells.put(store, some))  # type: ignore[misc]
            last = rows[-1][:3]
            self._pace.tick()

    def _put(self, recount: Recount, keys: list[CellKey]) -> None:
        lane, store = self._terminal.lane, self._terminal.store
        for at in range(0, len(keys), SWAP_ROWS):
            rows, gone = recount.rows_of(keys[at : at + SWAP_ROWS])
            lane.run(lambda r=rows, g=gone: next_cells.put(store, r, g))  # type: ignore[misc]
            self._pace.tick()

    def _distrust(self, why: str) -> NoReturn:
        """Note that the snapshot is not to be believed and let the box start again without it."""
        store = self._terminal.store
        false = SnapshotFalse(f"the snapshot that this box joined by was false: {why}")

        def job() -> None:
            with store.transaction():
                store.standings.distrust()
            raise false

        self._terminal.lane.run(job)
        raise false
