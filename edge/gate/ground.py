"""Where a gate's verdicts are judged and recorded: the journal, or a rehearsal that leaves nothing.

A rehearsal reads what the gate knows and writes into memory above it, with a pen whose records
nobody else would believe. So it behaves like the real gate to the last rule, and nothing of it can
ever be mixed with a real admission: it never reaches the store.
"""

from typing import Protocol

from edge.terminal import Terminal
from provisioning.chance import random_bytes
from sync.body import Body
from sync.cells import Cells, LayeredCells
from sync.clock import Moment
from sync.fold import fold
from sync.journal import Record, Writer
from sync.keys import SEED_BYTES, SecretKey
from sync.names import ID_BYTES, FactId, Role, RunId


class Ground(Protocol):
    """The state that a gate judges by, and the one place where it records; in the lane only."""

    @property
    def cells(self) -> Cells:
        """What is known."""

    @property
    def is_rehearsal(self) -> bool:
        """Tell whether nothing of this is real."""

    def record(self, body: Body, moment: Moment) -> Record:
        """Make one fact and keep it."""

    def newest(self, count_max: int) -> list[Record]:
        """Return the newest records made here, the newest first."""

    def find(self, fact: FactId) -> Record | None:
        """Return a record by its id, None if it is not here."""


class JournalGround:
    """The real thing: the terminal's store and journal."""

    is_rehearsal = False

    def __init__(self, terminal: Terminal) -> None:
        """Record into this terminal's journal."""
        self._terminal = terminal

    @property
    def cells(self) -> Cells:
        """What is known."""
        return self._terminal.store.shelf.cells

    def record(self, body: Body, moment: Moment) -> Record:
        """Make one fact and commit it."""
        return self._terminal.record(body, moment)

    def newest(self, count_max: int) -> list[Record]:
        """Return the newest records of this terminal, of earlier runs too, the newest first."""
        terminal = self._terminal
        return terminal.store.newest_of(terminal.manifest.terminal_id, count_max)

    def find(self, fact: FactId) -> Record | None:
        """Return a record by its id, None if it is not here."""
        return self._terminal.store.record(fact)


class Rehearsal:
    """A gate's practice: everything as it would be, and nothing of it on the disk."""

    is_rehearsal = True

    def __init__(self, terminal: Terminal) -> None:
        """Begin with what the terminal knows now and hears from now on."""
        self._layered = LayeredCells(terminal.store.shelf.cells)
        self._terminal = terminal
        self._records: list[Record] = []
        manifest = terminal.manifest
        self._pen = Writer(
            manifest.festival_id,
            manifest.terminal_id,
            RunId(random_bytes(ID_BYTES)),
            SecretKey(random_bytes(SEED_BYTES)),
        )
        stranger = SecretKey(random_bytes(SEED_BYTES))
        self._pen.open(stranger, (), None, "rehearsal", "", terminal.moment())

    @property
    def cells(self) -> Cells:
        """What is known, with what was rehearsed above it."""
        return self._layered

    def record(self, body: Body, moment: Moment) -> Record:
        """Fold one fact into memory."""
        record = self._pen.write(body, moment)
        fold(self._layered, record, Role.GATE)
        self._records.append(record)
        return record

    def newest(self, count_max: int) -> list[Record]:
        """Return the newest rehearsed records, the newest first."""
        return self._records[-count_max:][::-1]

    def find(self, fact: FactId) -> Record | None:
        """Return a record by its id: a rehearsed one, or a real one."""
        found = [record for record in self._records if record.id == fact]
        return found[0] if found else self._terminal.store.record(fact)
