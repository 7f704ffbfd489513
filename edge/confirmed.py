"""What an exchange means for lending: what the authority holds of a till, who was heard wholly.

Only the authority's word makes room for further sales, and it is taken only from a partner of whom
everything was read that it had then. So whoever gave the authority away is known to have done so
before its word is taken again, and what it had acknowledged until then it also gave on.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from edge.store.store import Store
from sync import handover
from sync.names import RunId, TerminalId

if TYPE_CHECKING:
    from edge.terminal import Terminal

_CONFIRMED: Final = "acknowledged by the authority"
_READ: Final = "authority_read"
_BARRED: Final = "authority_barred"


class Confirmed:
    """One terminal's notes about the authority and about who is level; in the lane only."""

    def __init__(self, store: Store, own: TerminalId, came_back: set[RunId]) -> None:
        """Read what was noted before this start; nobody counts as level yet.

        `came_back` are own runs of which records came back from others since the authority's word
        was taken last: what it holds of them is off the till's book again.
        """
        self._came_back = came_back
        self._store = store
        self._own = own
        self._held: dict[bytes, int] = dict(store.partner(_CONFIRMED) or ())
        self._read: int = store.meta(_READ) or 0
        self._barred: int = store.meta(_BARRED) or 0
        self.level_ms: dict[bytes, int] = {}

    @property
    def is_ready(self) -> bool:
        """Tell whether this box, if it is the authority, knows all that was lent before.

        A box that lost its store does not know what it lent itself, and is not ready any more under
        that version.
        """
        cells = self._store.shelf.cells
        version = handover.authority(cells).version
        if self._barred and self._barred >= version:
            return False
        return handover.must_be_read(cells) is None or self._read >= version

    def bar(self) -> None:
        """Note that the store was lost: what was lent under this version is not all known here.

        In the transaction that ends the recovery.
        """
        version = handover.authority(self._store.shelf.cells).version
        if version > self._barred:
            self._barred = version
            self._store.set_meta(_BARRED, version)

    def heard(self, partner: bytes, now_ms: int, *, is_level: bool) -> None:
        """Note that a partner said something (steady ms), and whether all that it had is here."""
        if is_level:
            self.level_ms[partner] = now_ms
        else:
            self.level_ms.pop(partner, None)

    def is_awaited(self, partner: bytes, *, is_read: bool) -> bool:
        """Tell whether this box waited to read this partner to its end, and now it was read."""
        return is_read and self._is_giver(partner)

    def note(
        self, partner: bytes, acknowledged: Iterable[tuple[bytes, int]], *, is_read: bool
    ) -> None:
        """Take the word of a partner that was read to its end (`is_read`), in a transaction."""
        if not is_read:
            return
        cells = self._store.shelf.cells
        if self._is_giver(partner):
            self._read = handover.authority(cells).version
            self._store.set_meta(_READ, self._read)
        if not handover.is_authority(cells, partner):
            return
        after = {**self._held, **dict(acknowledged)}
        if after == self._held and not self._came_back:
            return
        for run, number in after.items():
            if self._held.get(run) != number or run in self._came_back:
                self._store.till.acknowledge(RunId(run), number)
        self._came_back.clear()
        self._held = after
        self._store.set_partner(_CONFIRMED, sorted(after.items()))

    def _is_giver(self, partner: bytes) -> bool:
        """Tell whether this box waits to have read this partner before it may lend."""
        cells = self._store.shelf.cells
        now = handover.authority(cells)
        is_own = now.holder == self._own and self._read < now.version
        return is_own and handover.must_be_read(cells) == partner


def heard_from(
    terminal: "Terminal",
    partner: TerminalId,
    acknowledged: Iterable[tuple[RunId, int]],
    *,
    is_read: bool,
) -> None:
    """Take what a whole exchange with a neighbour means for who lends; in no transaction.

    `is_read`: everything that the neighbour had is here. If it is the authority, the box is not
    alone.
    """
    notes = terminal.confirmed
    notes.heard(partner, terminal.timekeeper.monotonic_ms(), is_level=is_read)
    is_centre = is_read and handover.is_authority(terminal.store.shelf.cells, partner)
    if is_centre or notes.is_awaited(partner, is_read=is_read):
        with terminal.store.transaction():
            notes.note(partner, acknowledged, is_read=is_read)
            if is_centre:
                terminal.heard(terminal.moment())
