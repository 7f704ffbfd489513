"""What the office does with tickets: issues them, puts others in their place, withdraws them.

Everything here is a job of the writer: it runs inside one transaction, may run twice, and returns a
`Refusal` before anything was stated or written, or does all that was asked. Codes are not made
here: a signature takes a tenth of a millisecond, and the writer has better things to do.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cloud.festivals.offers import offer_words
from cloud.festivals.sight import sight_of
from cloud.office import Office
from cloud.orders.counter import give_back_all
from cloud.settings import OfficeFolder
from cloud.store.tickets import Origin, SaleState, TicketBook, TicketRow
from cloud.tickets.codes import usable_keys
from cloud.tickets.places import take_places
from cloud.tickets.refusals import Refusal, Why
from cloud.tickets.status import FINAL, stated_of
from sync import catalogue
from sync.cells import Cells
from sync.facts import TicketStatus, TicketStatusSet

STATUS_ROWS_IN_FACT: Final = 150
_SERIAL_BYTES: Final = 8

Draw = Callable[[int], bytes]
"""Gives so many bytes that nobody can foresee."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What tickets to make; `valid_…` are Unix seconds (0: open, None: as the type says).

    Ids are 16 bytes. `key_id` None is the newest key. `places_are_taken`: who asks holds the
    places already.
    """

    type: int
    count: int
    batch: bytes
    origin: Origin = Origin.ISSUED
    state: SaleState = SaleState.ISSUED
    key_id: int | None = None
    valid_from: int | None = None
    valid_until: int | None = None
    flags: int = 0
    order: bytes | None = None
    holder: bytes | None = None
    reference: str = ""
    places_are_taken: bool = False


def issue(office: Office, ask: Ask, draw: Draw) -> list[TicketRow] | Refusal:
    """Make tickets with random serials, all of them or none, and return them.

    Reserved ones are stated unpaid, so that gates refuse them until they are paid.
    """
    window = window_of(office, ask.type, ask.valid_from, ask.valid_until)
    key_id = key_for(office.folder, office.cells, ask.key_id)
    if isinstance(window, Refusal):
        return window
    if isinstance(key_id, Refusal):
        return key_id
    is_counted: Refusal | bool = True
    if not ask.places_are_taken:
        is_counted = take_places(office, {ask.type: ask.count})
    if isinstance(is_counted, Refusal):
        return is_counted
    now_ms = office.now_ms()
    rows = [
        TicketRow(
            serial=serial,
            type=ask.type,
            key_id=key_id,
            valid_from=window[0],
            valid_until=window[1],
            flags=ask.flags,
            state=ask.state,
            version=1,
            origin=ask.origin,
            batch=ask.batch,
            made_ms=now_ms,
            is_counted=is_counted,
            order=ask.order,
            holder=ask.holder,
            reference=ask.reference,
        )
        for serial in draw_serials(draw, ask.count)
    ]
    book_of(office).add(rows)
    if ask.state is SaleState.RESERVED:
        _state(office, [row.serial for row in rows], TicketStatus.UNPAID)
    return rows


def reissue(office: Office, serials: Sequence[int], draw: Draw) -> list[TicketRow] | Refusal:
    """Put a new ticket, signed by the newest key, in the place of each; return the new ones.

    The old ones are revoked for good. Old and new share one history, place, holder and sale; what
    is unpaid or blocked stays so. The code of another system stays with the old ticket.
    """
    key_id = key_for(office.folder, office.cells, None)
    if isinstance(key_id, Refusal):
        return key_id
    rows = live_rows(office, serials)
    if isinstance(rows, Refusal):
        return rows
    book, now_ms = book_of(office), office.now_ms()
    fresh = [
        replace(
            row, serial=serial, key_id=key_id, version=1, made_ms=now_ms, external=None,
            replaced_by=None,
        )
        for row, serial in zip(rows, draw_serials(draw, len(rows)), strict=True)
    ]  # fmt: skip
    book.add(fresh)
    pairs = list(zip(rows, fresh, strict=True))
    for old, new in pairs:
        book.set_replaced(old.serial, new.serial)
    for word in (TicketStatus.UNPAID, TicketStatus.BLOCKED):
        _state(office, [n.serial for o, n in pairs if _word(office, o) is word], word)
    new_of = {old.serial: new.serial for old, new in pairs}
    _state(office, list(new_of), TicketStatus.REPLACED, new_of)
    return fresh


def cancel(office: Office, serials: Sequence[int]) -> list[TicketRow] | Refusal:
    """Withdraw tickets for good, and give their places back; return them.

    One that is cancelled already stays so and is no trouble; one that was refunded or replaced is.
    """
    rows = _rows(office, serials)
    if isinstance(rows, Refusal):
        return rows
    for row in rows:
        if _word(office, row) in {TicketStatus.REFUNDED, TicketStatus.REPLACED}:
            return Refusal(Why.WITHDRAWN, str(row.serial))
    live = [row for row in rows if _word(office, row) is not TicketStatus.CANCELLED]
    _state(office, [row.serial for row in live], TicketStatus.CANCELLED)
    give_back_all(office, Counter(row.type for row in live if row.is_counted))
    return _again(office, rows, live)


def note_refund(
    office: Office, serials: Sequence[int], *, is_paid_back: bool = False
) -> list[TicketRow] | Refusal:
    """Note that the money of cancelled tickets went back; money itself moves elsewhere.

    Tickets of an order are noted only by whoever pays them back in this transaction
    (`is_paid_back`): noted by hand, the order could never be refunded and its money would stay
    revenue.
    """
    rows = _rows(office, serials)
    if isinstance(rows, Refusal):
        return rows
    for row in rows:
        if _word(office, row) not in {TicketStatus.CANCELLED, TicketStatus.REFUNDED}:
            return Refusal(Why.NOT_CANCELLED, str(row.serial))
    cancelled = [row for row in rows if _word(office, row) is TicketStatus.CANCELLED]
    for row in cancelled:
        if row.order is not None and not is_paid_back:
            return Refusal(Why.OF_AN_ORDER, row.order.hex())
    _state(office, [row.serial for row in cancelled], TicketStatus.REFUNDED)
    return _again(office, rows, cancelled)


def block(office: Office, serials: Sequence[int]) -> list[TicketRow] | Refusal:
    """Have gates refuse tickets until they are unblocked; return them."""
    rows = live_rows(office, serials)
    if isinstance(rows, Refusal):
        return rows
    todo = [row for row in rows if _word(office, row) is not TicketStatus.BLOCKED]
    _state(office, [row.serial for row in todo], TicketStatus.BLOCKED)
    return _again(office, rows, todo)


def unblock(office: Office, serials: Sequence[int]) -> list[TicketRow] | Refusal:
    """Have gates take blocked tickets again, or refuse them as unpaid if they are reserved."""
    rows = live_rows(office, serials)
    if isinstance(rows, Refusal):
        return rows
    for row in rows:
        if _word(office, row) is not TicketStatus.BLOCKED:
            return Refusal(Why.NOT_BLOCKED, str(row.serial))
    _restore(office, rows)
    return _again(office, rows, rows)


def pay(office: Office, serials: Sequence[int]) -> list[TicketRow] | Refusal:
    """Note that tickets are paid, so that gates take them; a blocked one stays blocked."""
    rows = live_rows(office, serials)
    if isinstance(rows, Refusal):
        return rows
    book_of(office).set_states([row.serial for row in rows], SaleState.PAID)
    unpaid = [row for row in rows if _word(office, row) is TicketStatus.UNPAID]
    _state(office, [row.serial for row in unpaid], TicketStatus.VALID)
    return _again(office, rows, ())


def book_of(office: Office) -> TicketBook:
    """Return the book of the open transaction."""
    return TicketBook(office.store.connection, office.folder.festival)


def key_for(folder: OfficeFolder, cells: Cells, asked: int | None) -> int | Refusal:
    """Return the key with which new codes are signed: the one asked for, else the newest."""
    usable = usable_keys(folder, cells)
    if asked is not None:
        return asked if asked in usable else Refusal(Why.UNKNOWN_KEY, str(asked))
    return usable[-1] if usable else Refusal(Why.NO_KEY)


def window_of(
    office: Office, number: int, start: int | None, end: int | None
) -> tuple[int, int] | Refusal:
    """Return when new tickets of a type are good (Unix seconds, 0: open), or why none is made.

    None is what the organiser said of the type.
    """
    if office.is_recovering:
        return Refusal(Why.RECOVERING)
    sight = sight_of(office)
    if catalogue.ticket_type(office.cells, number) is None or sight.is_deleted("type", number):
        return Refusal(Why.UNKNOWN_TYPE, str(number))
    words = offer_words(sight, number)
    window = (
        int(words["valid_from"]) if start is None else start,
        int(words["valid_until"]) if end is None else end,
    )
    return Refusal(Why.BAD_WINDOW) if window[1] and window[1] <= window[0] else window


def draw_serials(draw: Draw, count: int) -> list[int]:
    """Return so many serials, each drawn, none twice."""
    found: dict[int, None] = {}
    while len(found) < count:
        content = draw(_SERIAL_BYTES * (count - len(found)))
        for at in range(0, len(content), _SERIAL_BYTES):
            found[int.from_bytes(content[at : at + _SERIAL_BYTES], "big")] = None
    return list(found)


def live_rows(office: Office, serials: Sequence[int]) -> list[TicketRow] | Refusal:
    """Return tickets that are not withdrawn for good, or say which one is or is not there."""
    rows = _rows(office, serials)
    if isinstance(rows, Refusal):
        return rows
    for row in rows:
        if _word(office, row) in FINAL:
            return Refusal(Why.WITHDRAWN, str(row.serial))
    return rows


def _rows(office: Office, serials: Sequence[int]) -> list[TicketRow] | Refusal:
    """Return tickets of the book, each once, in the order asked for."""
    if office.is_recovering:
        return Refusal(Why.RECOVERING)
    wanted = list(dict.fromkeys(serials))
    found = book_of(office).of_serials(wanted)
    missing = [serial for serial in wanted if serial not in found]
    if missing:
        return Refusal(Why.NOT_FOUND, str(missing[0]))
    return [found[serial] for serial in wanted]


def _word(office: Office, row: TicketRow) -> TicketStatus | None:
    return stated_of(office.cells, row.serial)


def _restore(office: Office, rows: Iterable[TicketRow]) -> None:
    """State what tickets are without their block."""
    for word, wanted in ((TicketStatus.UNPAID, True), (TicketStatus.VALID, False)):
        found = [r.serial for r in rows if (r.state is SaleState.RESERVED) is wanted]
        _state(office, found, word)


def _state(
    office: Office,
    serials: Sequence[int],
    word: TicketStatus,
    new_of: dict[int, int] | None = None,
) -> None:
    """State what tickets are, each with a version above what was stated, in as few facts as fit."""
    rows = []
    for serial in serials:
        known = catalogue.status(office.cells, serial)
        version = 1 if known is None else known.version + 1
        rows.append((serial, int(word), version, None if new_of is None else new_of[serial]))
    parts = range(0, len(rows), STATUS_ROWS_IN_FACT)
    office.say(*(TicketStatusSet(tuple(rows[at : at + STATUS_ROWS_IN_FACT])) for at in parts))


def _again(
    office: Office, rows: Iterable[TicketRow], changed: Iterable[TicketRow]
) -> list[TicketRow]:
    """Count a change of some rows, and return all as they now are."""
    book = book_of(office)
    book.touch(row.serial for row in changed)
    serials = [row.serial for row in rows]
    found = book.of_serials(serials)
    return [found[serial] for serial in serials]
