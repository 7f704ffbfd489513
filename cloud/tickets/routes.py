"""Tickets for organisers and their programs: make them, find them, change them, print them.

A code is as good as money, so who only reads tickets sees none: whole batches of codes need the
right to write tickets, single ones the right to sell.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

from aiohttp import web

from cloud.accounts.access import Access, Role, organisers, staff
from cloud.api.call import Answer, Call
from cloud.api.models import Nothing, Page
from cloud.api.problems import Problem, problem_of
from cloud.api.routes import Routes
from cloud.api.spelling import spell
from cloud.clock_and_chance import random_bytes
from cloud.desk import Desk
from cloud.office import Office
from cloud.once import Deed
from cloud.store.look import Look
from cloud.store.people import PersonBook
from cloud.store.tickets import Origin, TicketBook, TicketRow, Wanted
from cloud.tickets import models, printing, queries, service, shows
from cloud.tickets.codes import KeyRing
from cloud.tickets.codes_table import codes_table
from cloud.tickets.people import NOBODY, Person, Sealer, key_of
from cloud.tickets.refusals import Refusal, Why
from cloud.tickets.status import FINAL, Shown, stated_of

ROUTES: Final = Routes("tickets")
TICKETS: Final = "/api/v1/festivals/{festival}/tickets"
TICKET: Final = TICKETS + "/{serial}"
READ: Final = staff("tickets:read")
WRITE: Final = organisers("tickets:write")
SELL: Final[Access] = staff("orders:write", Role.ORGANISER, Role.CASHIER)
_WHOLE_BATCH: Final = 1 << 31
_CSV_TYPE: Final = "text/csv"


@ROUTES.post(TICKETS, may=WRITE, status=201, idempotent=True)
async def issue(call: Call, body: models.IssueTickets) -> Answer[models.Issued]:
    """Issue tickets with their codes: all of them, or none.

    Serials are drawn at random. A ticket of a type with a quota takes a place of it. The answer
    holds every code; they can be had again later.
    """
    holder = body.holder or models.Holder()
    person = Person(holder.name, holder.email)
    sealed = sealer_of(call).sealed(person) if person.is_known else None

    def job(office: Office, deed: Deed) -> models.BatchMade | Problem:
        if service.book_of(office).count(deed.operation):
            return problem_of(Refusal(Why.ALREADY_DONE))
        ask = service.Ask(
            type=body.type,
            count=body.count,
            batch=deed.operation,
            origin=Origin[body.origin.upper()],
            key_id=body.key_id,
            valid_from=body.valid_from,
            valid_until=body.valid_until,
            flags=shows.flags_of(body.flags),
            holder=None if sealed is None else sealed[0],
            reference=body.reference,
        )
        made = service.issue(office, ask, random_bytes)
        if isinstance(made, Refusal):
            return problem_of(made)
        if sealed is not None:
            PersonBook(office.store.connection, office.folder.festival).put([sealed])
        return models.BatchMade(batch=deed.operation.hex())

    kept = await call.once(job)
    if kept.status != call.status:
        return Answer(kept.status, kept.body, kept.type)
    batch = bytes.fromhex(models.BatchMade.model_validate_json(kept.body).batch)
    rows = await call.desk.look(lambda seen: batch_rows(seen, batch))
    content = await asyncio.to_thread(_issued, call.desk, batch, _made_first(rows))
    return Answer(kept.status, content)


@ROUTES.get(TICKETS, may=READ)
async def tickets(call: Call, query: models.TicketsQuery) -> Page[models.TicketShown]:
    """List tickets in the order in which they were made.

    A list by `status` may give fewer than asked for, even none, before its end: go on while there
    is a `next`.
    """
    asked = queries.Asked(
        type=query.type,
        shown=None if query.status is None else Shown(query.status),
        batch=None if query.batch is None else bytes.fromhex(query.batch),
        origin=None if query.origin is None else Origin[query.origin.upper()],
        order=None if query.order is None else bytes.fromhex(query.order),
        q=query.q,
    )
    after = None if query.after is None else queries.read_place(query.after)
    if query.after is not None and after is None:
        raise Problem(422, "after is not the `next` of a page.", "invalid")
    found, place = await call.desk.look(
        lambda seen: queries.listed(seen, asked, after, query.limit)
    )
    return Page[models.TicketShown](
        items=[shows.ticket_shown(one) for one in found],
        next=None if place is None else queries.spell_place(place),
    )


@ROUTES.post(f"{TICKETS}/changes", may=WRITE)
async def change(call: Call, body: models.Changes) -> models.Changed:
    """Cancel, note as refunded, block, unblock or re-issue many tickets: all of them, or none."""
    return await changed(call, _DEEDS[body.deed], [int(serial) for serial in body.serials])


@ROUTES.get(f"{TICKETS}/codes", may=WRITE, gives=_CSV_TYPE)
async def codes(call: Call, query: models.BatchQuery) -> web.Response:
    """Download the codes of a batch as CSV (UTF-8 with a mark), a row for each ticket.

    Tickets that were cancelled, refunded or replaced are left out; what replaced them is there.
    A text that a spreadsheet would take for a formula has an apostrophe before it. Bring serials
    into a spreadsheet as text: it would round them.
    """
    batch = bytes.fromhex(query.batch)
    sealer = sealer_of(call)

    def see(seen: Look) -> list[tuple[TicketRow, Person]]:
        rows = [
            row for row in batch_rows(seen, batch) if stated_of(seen.cells, row.serial) not in FINAL
        ]
        people = printing.holders_of(seen, rows, sealer)
        return [(row, people.get(row.holder, NOBODY)) for row in rows]

    found = await call.desk.look(see)
    content = await asyncio.to_thread(codes_table, call.desk.folder, found)
    name = f"codes-{query.batch[:8]}.csv"
    return download(content, _CSV_TYPE, name)


@ROUTES.post(f"{TICKETS}/pdf", may=WRITE, gives="application/pdf")
async def print_many(call: Call, body: models.PrintTickets) -> web.Response:
    """Print tickets as one PDF, a page for each."""
    serials = [int(serial) for serial in body.serials]
    content = await printed(call.desk, sealer_of(call), serials, body.paper, body.lang)
    return download(content, "application/pdf", "tickets.pdf")


@ROUTES.get(TICKET, may=READ)
async def ticket(call: Call) -> models.TicketShown:
    """Show a ticket."""
    return shows.ticket_shown(await _one(call))


@ROUTES.get(f"{TICKET}/history", may=READ)
async def history(call: Call) -> models.HistoryShown:
    """Show what gates did with a ticket, and with those that share its history."""
    one = await _one(call)
    deeds = await call.desk.look(lambda seen: queries.history_of(seen, one.row.serial))
    status: Any = one.shown.value
    return models.HistoryShown(status=status, deeds=[shows.deed_shown(deed) for deed in deeds])


@ROUTES.get(f"{TICKET}/code", may=SELL)
async def code(call: Call) -> models.Coded:
    """Show a ticket's code again."""
    one = await _one(call)
    return shows.coded_shown((await printing.coded(call.desk, [one.row]))[0])


@ROUTES.get(f"{TICKET}/holder", may=SELL)
async def holder(call: Call) -> models.HolderShown:
    """Show who holds a ticket; empty texts if nobody is named."""
    one, sealer = await _one(call), sealer_of(call)
    people = await call.desk.look(lambda seen: printing.holders_of(seen, [one.row], sealer))
    person = people.get(one.row.holder, NOBODY)
    return models.HolderShown(name=person.name, email=person.email)


@ROUTES.put(f"{TICKET}/holder", may=SELL)
async def set_holder(call: Call, body: models.Holder) -> models.HolderShown:
    """Say who holds a ticket.

    Whoever was named before stays with their other tickets, and is erased if there are none.
    """
    serial = call.places["serial"]
    person = Person(body.name, body.email)
    sealed = sealer_of(call).sealed(person)

    def job(office: Office) -> models.HolderShown | Problem:
        book = service.book_of(office)
        people = PersonBook(office.store.connection, office.folder.festival)
        row = book.one(serial)
        if row is None:
            return problem_of(Refusal(Why.NOT_FOUND, str(serial)))
        if person.is_known:
            people.put([sealed])
        book.set_holder(serial, sealed[0] if person.is_known else None)
        if row.holder is not None and not book.is_held_by(row.holder):
            people.erase(row.holder)
        return models.HolderShown(name=person.name, email=person.email)

    return await call.do(job)


@ROUTES.delete(f"{TICKET}/holder", may=SELL)
async def erase_holder(call: Call) -> Nothing:
    """Erase who holds a ticket, on all tickets that they hold: their key is taken away."""
    serial = call.places["serial"]

    def job(office: Office) -> Nothing | Problem:
        row = service.book_of(office).one(serial)
        if row is None:
            return problem_of(Refusal(Why.NOT_FOUND, str(serial)))
        if row.holder is not None:
            PersonBook(office.store.connection, office.folder.festival).erase(row.holder)
            service.book_of(office).forget_holder(row.holder)
        return Nothing()

    return await call.do(job)


@ROUTES.get(f"{TICKET}/pdf", may=SELL, gives="application/pdf")
async def print_one(call: Call, query: models.PrintQuery) -> web.Response:
    """Print a ticket as PDF."""
    serials = [call.places["serial"]]
    content = await printed(call.desk, sealer_of(call), serials, query.paper, query.lang)
    return download(content, "application/pdf", "ticket.pdf")


@ROUTES.get(f"{TICKET}/png", may=SELL, gives="image/png")
async def picture(call: Call, query: models.PictureQuery) -> web.Response:
    """Show a ticket as a picture for a phone."""
    serial = call.places["serial"]
    content = await pictured(call.desk, sealer_of(call), serial, query.lang)
    return download(content, "image/png", "ticket.png")


@ROUTES.post(f"{TICKET}/cancel", may=WRITE)
async def cancel(call: Call) -> models.Changed:
    """Withdraw a ticket for good, and give its place back. Gates refuse it when they hear of it."""
    return await changed(call, service.cancel, [call.places["serial"]])


@ROUTES.post(f"{TICKET}/refund", may=WRITE)
async def refund(call: Call) -> models.Changed:
    """Note that the money of a cancelled ticket went back; this moves no money.

    A ticket that was bought is refunded with its order instead.
    """
    return await changed(call, service.note_refund, [call.places["serial"]])


@ROUTES.post(f"{TICKET}/block", may=WRITE)
async def block(call: Call) -> models.Changed:
    """Have gates refuse a ticket until it is unblocked."""
    return await changed(call, service.block, [call.places["serial"]])


@ROUTES.post(f"{TICKET}/unblock", may=WRITE)
async def unblock(call: Call) -> models.Changed:
    """Have gates take a blocked ticket again."""
    return await changed(call, service.unblock, [call.places["serial"]])


@ROUTES.post(f"{TICKET}/reissue", may=WRITE)
async def reissue(call: Call) -> models.Changed:
    """Put a new ticket, signed by the newest key, in the place of one; the old one is revoked.

    Both share one history: who is inside with the old ticket is inside with the new one.
    """
    return await changed(call, _reissue, [call.places["serial"]])


def sealer_of(call: Call) -> Sealer:
    """Return what seals the people of the festival in the path."""
    return Sealer(key_of(call.house.path), call.festival, random_bytes)


def batch_rows(seen: Look, batch: bytes) -> list[TicketRow]:
    """Return the tickets of a batch, and those that were put in their places."""
    book = TicketBook(seen.connection, seen.festival)
    return book.listed(Wanted(batch=batch), None, _WHOLE_BATCH)


async def changed(
    call: Call, deed: "Callable[[Office, Sequence[int]], Any]", serials: Sequence[int]
) -> models.Changed:
    """Do a deed of the service with tickets, and return them as they then are."""

    def job(office: Office) -> list[models.TicketShown] | Problem:
        done: list[TicketRow] | Refusal = deed(office, serials)
        if isinstance(done, Refusal):
            return problem_of(done)
        return [shows.ticket_shown(queries.ticketed(office.cells, row)) for row in done]

    return models.Changed(tickets=await call.do(job))


async def printed(
    desk: Desk, sealer: Sealer, serials: Sequence[int], paper: str, lang: str | None
) -> bytes:
    """Return tickets as PDF; a `Problem` if one is not there or cannot be made again."""

    def see(seen: Look) -> Any:
        rows = printing.rows_of(seen, serials)
        return (
            rows if isinstance(rows, Refusal) else printing.faces_of(desk, seen, rows, sealer, lang)
        )

    faces = await desk.look(see)
    if isinstance(faces, Refusal):
        raise problem_of(faces)
    return await printing.pdf(faces, paper, lang or desk.folder.settings.language)


async def pictured(desk: Desk, sealer: Sealer, serial: int, lang: str | None) -> bytes:
    """Return a ticket as PNG; a `Problem` if it is not there or cannot be made again."""

    def see(seen: Look) -> Any:
        rows = printing.rows_of(seen, [serial])
        return (
            rows if isinstance(rows, Refusal) else printing.faces_of(desk, seen, rows, sealer, lang)
        )

    faces = await desk.look(see)
    if isinstance(faces, Refusal):
        raise problem_of(faces)
    return await printing.png(faces[0])


def download(content: bytes, media_type: str, name: str) -> web.Response:
    """Return a file that nobody on the way may keep."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    return web.Response(body=content, content_type=media_type, headers=headers)


async def _one(call: Call) -> queries.Ticketed:
    serial = call.places["serial"]
    found = await call.desk.look(lambda seen: queries.one(seen, serial))
    if found is None:
        raise problem_of(Refusal(Why.NOT_FOUND, str(serial)))
    return found


def _reissue(office: Office, serials: Sequence[int]) -> list[TicketRow] | Refusal:
    return service.reissue(office, serials, random_bytes)


_DEEDS: Final[dict[str, Callable[[Office, Sequence[int]], Any]]] = {
    "cancel": service.cancel,
    "refund": service.note_refund,
    "block": service.block,
    "unblock": service.unblock,
    "reissue": _reissue,
}


def _made_first(rows: Sequence[TicketRow]) -> list[TicketRow]:
    """Return the tickets of a batch as it was issued: without those that replace others."""
    later = {row.replaced_by for row in rows}
    return [row for row in rows if row.serial not in later]


def _issued(desk: Desk, batch: bytes, rows: Sequence[TicketRow]) -> bytes:
    """Return an issue with its codes as JSON; signing 10,000 takes about a second."""
    answer = models.Issued(
        batch=batch.hex(),
        type=rows[0].type,
        key_id=rows[0].key_id,
        made_ms=rows[0].made_ms,
        tickets=[shows.coded_shown(one) for one in KeyRing(desk.folder).coded(rows)],
    )
    return spell(answer)
