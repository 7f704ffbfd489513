"""What the book of tickets tells a scan beyond the code: other systems' codes, numbers typed."""

from typing import Final

from cloud.access.service import Known
from cloud.office import Office
from cloud.store.tickets import TicketBook, TicketRow
from sync.codes import CodeKind, Ticket


def of_other_systems(office: Office, text: str) -> Ticket | None:
    """Return the imported ticket that has this code in the system from which it came."""
    return _ticket(office, _book(office).by_external(text))


def of_number(office: Office, serial: int) -> Ticket | None:
    """Return the ticket with this number, as it was issued or imported."""
    return _ticket(office, _book(office).one(serial))


def _book(office: Office) -> TicketBook:
    return TicketBook(office.store.connection, office.folder.festival)


def _ticket(office: Office, row: TicketRow | None) -> Ticket | None:
    if row is None:
        return None
    times = (row.valid_from, row.valid_until)
    festival = office.folder.festival
    return Ticket(CodeKind.TICKET, row.key_id, festival, row.serial, row.type, *times, row.flags)


BOOK_OF_TICKETS: Final = Known(of_other_systems, of_number)
"""The seams of a scan, on the office's own book."""
