"""Tickets as they are looked for and shown: lists, one of them, and what gates saw of it."""

from dataclasses import dataclass
from typing import Final

from cloud.limits import TICKETS_LOOKED_AT_MAX
from cloud.store.look import Look
from cloud.store.tickets import Named, Origin, Place, SaleState, TicketBook, TicketRow, Wanted
from cloud.terminals.queries import terminal_name
from cloud.tickets.status import Presence, Shown, presence_of, shown_as, stated_of
from sync import catalogue, history
from sync.cells import Cells
from sync.codes import CodeRefusal, open_code
from sync.facts import TicketStatus
from sync.history_effects import ADMITTED, LEFT, MOVED, NOT_ENTERED, UNDONE, Seen
from sync.limits import CODE_PREFIX, U64_MAX
from sync.short_number import BITS, read_short_number

_READ_AT_ONCE: Final = 500
_WORDS: Final = {
    ADMITTED: "admitted",
    LEFT: "left",
    MOVED: "moved",
    UNDONE: "undone",
    NOT_ENTERED: "not_entered",
}
_REST_BITS: Final = 64 - BITS


@dataclass(frozen=True, slots=True)
class Ticketed:
    """A ticket as it is shown: its row, its word, what the office said, what gates saw."""

    row: TicketRow
    shown: Shown
    stated: TicketStatus | None
    presence: Presence


@dataclass(frozen=True, slots=True)
class Asked:
    """Which tickets of a list are wanted; None is all. `q` is a serial, a code or a reference."""

    type: int | None = None
    shown: Shown | None = None
    batch: bytes | None = None
    origin: Origin | None = None
    order: bytes | None = None
    q: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """One fact of gates about a ticket, in words; `stamp_ms` is what the gate's clock said."""

    what: str
    serial: int
    gate: str
    terminal: bytes
    stamp_ms: int
    zone: int
    zone_from: int
    guests: int
    provisional: int
    fact: bytes
    names: bytes | None


def ticketed(cells: Cells, row: TicketRow) -> Ticketed:
    """Return a ticket with everything that its word is made of."""
    stated, presence = stated_of(cells, row.serial), presence_of(cells, row.serial)
    return Ticketed(row, shown_as(row.state, stated, presence), stated, presence)


def one(seen: Look, serial: int) -> Ticketed | None:
    """Return a ticket of the book."""
    row = TicketBook(seen.connection, seen.festival).one(serial)
    return None if row is None else ticketed(seen.cells, row)


def listed(
    seen: Look, asked: Asked, after: Place | None, count_max: int
) -> tuple[list[Ticketed], Place | None]:
    """Return tickets in the order in which they were made, and where the list goes on, if it does.

    Where people are is not in the book, so a list by such a word looks at each ticket; it looks at
    some thousands at once, and may return fewer than asked for, even none, before its end.
    """
    found: list[Ticketed] = []
    book, wanted = TicketBook(seen.connection, seen.festival), _wanted(seen, asked)
    for _ in range(TICKETS_LOOKED_AT_MAX // _READ_AT_ONCE):
        rows = book.listed(wanted, after, _READ_AT_ONCE)
        for row in rows:
            after = (row.made_ms, row.serial)
            ticket = ticketed(seen.cells, row)
            if asked.shown is None or ticket.shown is asked.shown:
                found.append(ticket)
            if len(found) == count_max:
                return found, after
        if len(rows) < _READ_AT_ONCE:
            return found, None
    return found, after


def history_of(seen: Look, serial: int) -> list[Deed]:
    """Return what gates did with a ticket and those that share its history, the first first."""
    return [_deed(seen.cells, row) for row in history.facts_of(seen.cells, serial)]


def spell_place(place: Place) -> str:
    """Return a place in a list as a text."""
    return f"{place[0]}-{place[1]}"


def read_place(text: str) -> Place | None:
    """Return the place that a text spells, None if it spells none."""
    made_ms, dash, serial = text.partition("-")
    is_sound = dash and all(one.isascii() and one.isdigit() for one in (made_ms, serial))
    if not is_sound or len(text) > len(f"{U64_MAX}-{U64_MAX}"):
        return None
    place = (int(made_ms), int(serial))
    return place if place[0] <= U64_MAX >> 1 and place[1] <= U64_MAX else None


def _wanted(seen: Look, asked: Asked) -> Wanted:
    """Return what is asked of the book."""
    text = asked.q.strip()
    return Wanted(
        type=asked.type,
        state=SaleState.PAID if asked.shown is Shown.PAID else None,
        origin=asked.origin,
        batch=asked.batch,
        order=asked.order,
        named=_named(seen, text) if text else None,
    )


def _named(seen: Look, text: str) -> Named:
    """Read what was typed as a serial, a short number, a code of ours or others', a reference."""
    ranges = []
    if text.isascii() and text.isdigit() and len(text) <= len(str(U64_MAX)):
        serial = int(text)
        ranges += [(serial, serial)] if serial <= U64_MAX else []
    bits = read_short_number(text)
    if bits is not None:
        low = bits << _REST_BITS
        ranges.append((low, low | ((1 << _REST_BITS) - 1)))
    if text.startswith(CODE_PREFIX):
        found = open_code(text, catalogue.issuing_keys(seen.cells), seen.festival)
        ranges += [] if isinstance(found, CodeRefusal) else [(found.serial, found.serial)]
    return Named(tuple(ranges), tuple(dict.fromkeys((text, text.upper()))))


def _deed(cells: Cells, row: Seen) -> Deed:
    return Deed(
        what=_WORDS[row.kind],
        serial=row.serial,
        gate=terminal_name(cells, row.terminal),
        terminal=row.terminal,
        stamp_ms=row.stamp_ms,
        zone=row.zone,
        zone_from=row.zone_from,
        guests=row.guests,
        provisional=row.provisional,
        fact=row.fact,
        names=row.names,
    )
