"""How an office notices that it was put back to an older image, and for whom it then waits.

A restored store does not know that it is old. Its terminals know: one of them has read beyond it,
or has read a store of this office that this one has never been, or brings a fact that an office
stated and that is not here. From then on the office says nothing new until it knows again whatever
any terminal knows; or else it would lend places a second time and give a version number to two
prices.
"""

from cloud.store.recovery import RecoveryBook
from cloud.terminals.queries import placed
from sync.catalogue import is_revoked
from sync.cells import Cells
from sync.conversation import Heard
from sync.journal import Record
from sync.message import Message
from sync.names import Role
from sync.replica import Outcome, Shelf


def is_older(
    message: Message, heard: Heard, store_id: bytes, book: RecoveryBook, shelf: Shelf
) -> bool:
    """Tell whether a message that was heard shows this store to be older than what others know.

    A terminal that comes when the recovery is over, and was given up in it, still speaks of the
    store as it was before; that was dealt with.
    """
    read = message.your_store_id
    if read is not None and book.is_former(read):
        return False
    if read not in {None, store_id} or heard.partner_knows_more:
        return True
    new = (one.record for one in heard.taken if one.outcome is Outcome.NEW)
    return any(record is not None and _is_offices(shelf, record) for record in new)


def awaited(cells: Cells, caught_up: set[bytes]) -> list[bytes]:
    """Return the gates, bars and hubs that must be heard, or given up, before all is known."""
    return [one for one in placed(cells) if one not in caught_up and not is_revoked(cells, one)]


def _is_offices(shelf: Shelf, record: Record) -> bool:
    info = shelf.run(record.run)
    return info is not None and info.role is Role.OFFICE
