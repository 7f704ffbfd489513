"""The office at work: its store, its pen, and the transactions in which it takes in and states.

Each process is a writer of its own, with a new id that the office key certifies and a run without a
parent, so no copy of the folder can ever continue another's journal. A pen whose record was not
committed is not used again either: its number was spent, so a new writer is opened.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Final

from cloud.cashless.silence import Silence
from cloud.limits import CONTENDED_TRIES_MAX
from cloud.settings import OfficeFolder
from cloud.store.database import database_of
from cloud.store.store import Store, StoreContended, open_store
from cloud.terminals.recovering import awaited, is_older
from cloud.verifier import Verifier
from provisioning.enrolment import writer_certificate
from sync import handover
from sync.allotments import Resource
from sync.body import Body
from sync.cells import Cells
from sync.clock import Moment
from sync.conversation import Conversation, Heard, Node, PartnerMemory
from sync.handover import OFFICE
from sync.journal import Record, Writer
from sync.keys import SEED_BYTES, SecretKey
from sync.lending import lend, touched
from sync.names import ID_BYTES, Role, RunId, TerminalId
from sync.replica import Outcome, Taken

SOFTWARE: Final = "guichet 0.1.0"
OFFICE_NAME: Final = "Office"

Job = Callable[["Office"], Any]
"""Work inside a transaction; it may be done again from the start if the transaction failed."""


class Office:
    """One festival's office in this process; everything but its names is used by one thread."""

    def __init__(
        self,
        folder: OfficeFolder,
        moment: Callable[[], Moment],
        draw: Callable[[int], bytes],
        boot_id: str = "",
        verifier: Verifier | None = None,
    ) -> None:
        """Claim the folder's store and open it; `StoreTrouble` says what to do if not.

        `moment` reads the time, `draw` gives random bytes, `verifier` checks signatures beside.
        """
        self.folder = folder
        self._moment = moment
        self._draw = draw
        self._boot_id = boot_id
        self._lock = database_of(folder.path).claim()
        try:
            store_id = draw(ID_BYTES)
            self.store: Store = open_store(
                folder.path, folder.festival, folder.festival_key, store_id, verifier
            )
        except BaseException:
            self._lock.release()
            raise
        self._pen: Writer | None = None
        self._node: Node | None = None
        self._opening: Record | None = None
        self._was_said = False
        self._silence = Silence()

    @property
    def cells(self) -> Cells:
        """The folded state, inside a transaction."""
        return self.store.shelf.cells

    def transact(self, jobs: Sequence[Job]) -> list[Any]:
        """Do jobs in one transaction and return their results, in order, once they are durable.

        If one raises, nothing has happened and its error comes out, or `StoreBroken`.
        """
        for _ in range(CONTENDED_TRIES_MAX - 1):
            with suppress(StoreContended):
                return self._transact(jobs)
        return self._transact(jobs)

    def _transact(self, jobs: Sequence[Job]) -> list[Any]:
        self._was_said = False
        try:
            with self.store.transaction():
                return [job(self) for job in jobs]
        except BaseException:
            if self._was_said:
                self._pen = None
            raise

    def close(self) -> None:
        """Close the store and let the folder go."""
        self.store.close()
        self._lock.release()

    # --- inside a transaction ---

    def now_ms(self) -> int:
        """Return Unix time in milliseconds."""
        return self._moment().now_ms

    def opening(self) -> Record:
        """Return the record that opened the run in which this process states its facts."""
        self._speaker()
        if self._opening is None:
            message = "the office has opened no run"
            raise RuntimeError(message)
        return self._opening

    def say(self, *bodies: Body) -> list[Record]:
        """State facts; `Misshapen` or `RecordTooLarge` must be let out of the transaction."""
        records = [self._write(body) for body in bodies]
        self._lend_after(bodies)
        return records

    @property
    def is_ready(self) -> bool:
        """Tell whether everything is here that was lent before the office was the authority."""
        if handover.must_be_read(self.cells) is None:
            return True
        return self.store.authority_read >= handover.authority(self.cells).version

    def lend(self, resources: Iterable[Resource] | None = None) -> None:
        """Lend terminals what they run short of, of these resources or of all.

        Only if lending is this office's and it knows enough: not while this store may be older than
        what others read, for a process that nobody has spoken to yet cannot know, nor before it has
        heard what the hub lent that handed the authority back.
        """
        if self.is_recovering or not handover.is_authority(self.cells, OFFICE) or self.is_unsure:
            return
        if self.is_ready:
            for allotted in lend(self.cells, resources):
                self._write(handover.under(self.cells, allotted))

    def _lend_after(self, bodies: Iterable[Body]) -> None:
        """Lend anew what these facts may have used, freed or given back."""
        resources = touched(self.cells, bodies)
        if resources is None or resources:
            self.lend(resources)

    @property
    def is_unsure(self) -> bool:
        """Tell whether there are terminals and none has spoken to this process yet.

        It cannot know then whether its store was put back to an older copy.
        """
        return not self.store.heard.has_any() and self.store.has_partners()

    @property
    def is_recovering(self) -> bool:
        """Tell whether this store is older than what some terminal knows."""
        return self.store.recovery.since_ms > 0

    def silent_tills(self, *, is_fresh: bool = False) -> set[bytes]:
        """Return the tills that may hold sales which are not here; see `cloud.cashless.silence`."""
        level_ms = self.store.level_ms
        return self._silence.tills(self.cells, level_ms, self.now_ms(), is_fresh=is_fresh)

    def may_grant(self, terminal: bytes) -> bool:
        """Tell whether a terminal may be lent something now.

        It must have spoken to an office that lives: it may know that the store was put back.
        """
        return self.store.heard.has(terminal) and not self.is_recovering

    def begin_recovery(self) -> None:
        """Say nothing new until each terminal was heard or given up: this store is an older one."""
        self.store.recovery.begin(self.now_ms(), self._draw(ID_BYTES))

    def give_up(self, terminal: bytes) -> None:
        """Wait no longer for a terminal that will not come back, if anything is waited for."""
        if self.is_recovering:
            self.store.recovery.add(terminal, self.now_ms())
            self.see_whether_recovered()

    def see_whether_recovered(self) -> None:
        """Go back to work if nobody is waited for any more."""
        if self.is_recovering and not awaited(self.cells, self.store.recovery.caught_up()):
            self.store.recovery.end()
            self.lend()

    def runs_of(self, terminal: bytes) -> list[tuple[RunId, int]]:
        """Return (run, highest number held) of a writer, newest run first."""
        shelf = self.store.shelf
        return [(i.run, shelf.end_of(i)[0]) for i in shelf.runs_of(TerminalId(terminal))]

    def converse(self, terminal: TerminalId, content: bytes) -> tuple[bytes, Heard]:
        """Hear a terminal's message and return the answer; `BadMessage` if it is none."""
        now_ms = self._moment().now_ms
        known = self.store.partner(terminal)
        memory = PartnerMemory() if known is None else PartnerMemory.of(known)
        conversation = Conversation(self._speaker(), terminal, memory, self.store.log)
        message = conversation.read(content)
        store_id, store = self.store.log.store_id, self.store
        heard = conversation.take(message)
        is_told = is_older(message, heard, store_id, store.recovery, store.shelf)
        if is_told and not self.is_recovering:
            self.begin_recovery()
            conversation.memory = PartnerMemory(
                store=message.store_id, terminal=message.who, interest=message.interest
            )
        memory = conversation.memory
        is_level = memory.read is not None and memory.read[0] >= message.end_number
        is_level = is_level and not memory.gaps
        is_first = not self.store.heard.has(terminal)
        self.store.heard.add(terminal)
        if is_level and self.is_recovering:
            self.give_up(terminal)
        elif is_first:
            self.lend()
        else:
            self._lend_after(body for body in map(_new_body, heard.taken) if body is not None)
        answer = conversation.say()
        if is_level:
            self._read_giver(terminal)
        self.store.put_partner(terminal, conversation.memory.row(), now_ms, is_level=is_level)
        return answer, heard

    def _read_giver(self, terminal: TerminalId) -> None:
        """Note that the hub which handed the authority back holds nothing more that it lent."""
        now = handover.authority(self.cells)
        if now.holder == OFFICE and now.giver == terminal and not self.is_ready:
            self.store.set_authority_read(now.version)
            self.lend()

    def _speaker(self) -> Node:
        """Return who speaks for this process, and open its run if there is none yet."""
        if self._pen is None or self._node is None:
            self._open_run()
        if self._node is None:
            message = "the office has no name to speak under"
            raise RuntimeError(message)
        return self._node

    def _open_run(self) -> None:
        """Become a new writer: id, certificate and run key are drawn, nothing is kept of them."""
        folder = self.folder
        terminal = TerminalId(self._draw(ID_BYTES))
        identity = SecretKey(self._draw(SEED_BYTES))
        certificate = writer_certificate(
            folder.festival, terminal, Role.OFFICE, OFFICE_NAME, identity.public, folder.key
        )
        chain = (folder.certificate, certificate)
        run = RunId(self._draw(ID_BYTES))
        pen = Writer(folder.festival, terminal, run, SecretKey(self._draw(SEED_BYTES)))
        self._was_said = True
        self._pen, self._node = pen, Node(terminal, chain, Role.OFFICE)
        record = pen.open(identity, chain, None, SOFTWARE, self._boot_id, self._moment())
        self._opening = record
        self.store.replica.write(record, Role.OFFICE, OFFICE_NAME)
        self.store.shelf.own = (terminal, run)

    def _write(self, body: Body) -> Record:
        self._speaker()
        if self._pen is None:
            message = "the office has no pen"
            raise RuntimeError(message)
        self._was_said = True
        record = self._pen.write(body, self._moment())
        self.store.replica.write(record, Role.OFFICE, OFFICE_NAME)
        return record


def _new_body(taken: Taken) -> Body | None:
    """Return what a record says that was new here and can be read, else None."""
    is_new = taken.outcome is Outcome.NEW and taken.record is not None
    return taken.record.body if is_new and taken.record is not None else None
