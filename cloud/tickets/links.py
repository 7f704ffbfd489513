"""Links that show tickets to whoever holds them, without an account: `/t/7/secret`.

The secret is 16 random bytes; only its digest is kept, so a copy of the database opens nothing. A
link shows exactly the tickets that it was made for, until it ends or is revoked. What was put in
the place of one of them it does not show: a ticket is often replaced because its link went astray.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from cloud.limits import TICKET_LINK_DAYS_MAX
from cloud.office import Office
from cloud.store.look import Look
from cloud.store.ticket_links import LinkBook, LinkRow
from cloud.store.tickets import TicketBook, TicketRow
from cloud.tickets.refusals import Refusal, Why
from cloud.tickets.service import Draw, live_rows
from sync.keys import digest
from sync.names import ID_BYTES

SECRET_BYTES: Final = 16
SECRET_CHARS: Final = 22
_DAY_MS: Final = 24 * 3600 * 1_000


@dataclass(frozen=True, slots=True)
class Made:
    """A link that was just made; its secret is told this once."""

    row: LinkRow
    secret: str


def make_link(
    office: Office, serials: list[int], ends_ms: int, label: str, draw: Draw
) -> Made | Refusal:
    """Make a link to tickets that holds until a time (Unix ms), not later than the limit."""
    rows = live_rows(office, serials)
    if isinstance(rows, Refusal):
        return rows
    now_ms = office.now_ms()
    if not now_ms < ends_ms <= now_ms + TICKET_LINK_DAYS_MAX * _DAY_MS:
        return Refusal(Why.BAD_END, f"at most {TICKET_LINK_DAYS_MAX} days")
    secret = draw(SECRET_BYTES)
    row = LinkRow(draw(ID_BYTES), label, now_ms, ends_ms, 0)
    book = LinkBook(office.store.connection, office.folder.festival)
    book.add(digest(secret), row, [one.serial for one in rows])
    return Made(row, base64.urlsafe_b64encode(secret).rstrip(b"=").decode())


def revoke_link(office: Office, link: bytes) -> Refusal | None:
    """Let a link hold no longer."""
    book = LinkBook(office.store.connection, office.folder.festival)
    return None if book.revoke(link, office.now_ms()) else Refusal(Why.NO_LINK)


def tickets_of(seen: Look, secret: str, now_ms: int) -> list[TicketRow] | Refusal:
    """Return what a link shows; a wrong secret, an end and a revocation are told alike."""
    content = _secret_bytes(secret)
    book = LinkBook(seen.connection, seen.festival)
    row = None if content is None else book.by_mark(digest(content))
    if row is None or row.revoked_ms or row.ends_ms <= now_ms:
        return Refusal(Why.NO_LINK)
    serials = book.serials(row.link)
    found = TicketBook(seen.connection, seen.festival).of_serials(serials)
    return [found[serial] for serial in serials]


def _secret_bytes(text: str) -> bytes | None:
    if len(text) != SECRET_CHARS or not text.isascii():
        return None
    try:
        content = base64.b64decode(text + "==", altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    return content if len(content) == SECRET_BYTES else None
