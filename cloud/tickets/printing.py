"""Prints the tickets of a festival: finds what stands on them, and has one thread draw it.

A page takes some milliseconds of a processor. The drawing has a thread of its own, so that many
pages hold up nothing but other pages.
"""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from cloud.desk import Desk
from cloud.store.look import Look
from cloud.store.people import PersonBook
from cloud.store.tickets import TicketBook, TicketRow
from cloud.tickets.codes import Coded, KeyRing
from cloud.tickets.faces import Face, face_of
from cloud.tickets.people import NOBODY, Person, Sealer
from cloud.tickets.refusals import Refusal, Why
from cloud.tickets.status import FINAL, stated_of

_PRINTER: Final = ThreadPoolExecutor(1, thread_name_prefix="ticket-printer")


def rows_of(seen: Look, serials: Sequence[int]) -> list[TicketRow] | Refusal:
    """Return tickets of the book, each once, or say which one is not there."""
    wanted = list(dict.fromkeys(serials))
    found = TicketBook(seen.connection, seen.festival).of_serials(wanted)
    missing = [serial for serial in wanted if serial not in found]
    return Refusal(Why.NOT_FOUND, str(missing[0])) if missing else [found[one] for one in wanted]


def holders_of(
    seen: Look, rows: Sequence[TicketRow], sealer: Sealer
) -> Mapping[bytes | None, Person]:
    """Return who holds tickets, by the id of the person."""
    book = PersonBook(seen.connection, seen.festival)
    return {None: NOBODY} | sealer.people(book, (row.holder for row in rows))


def faces_of(
    desk: Desk, seen: Look, rows: Sequence[TicketRow], sealer: Sealer, language: str | None
) -> list[Face] | Refusal:
    """Return what stands on tickets; a refusal if one is withdrawn for good or its key is gone."""
    settings = desk.folder.settings
    for row in rows:
        if stated_of(seen.cells, row.serial) in FINAL:
            return Refusal(Why.WITHDRAWN, str(row.serial))
    people = holders_of(seen, rows, sealer)
    faces = []
    for one in KeyRing(desk.folder).coded(rows):
        if one.code is None:
            return Refusal(Why.NO_CODE, str(one.row.serial))
        name = people.get(one.row.holder, NOBODY).name
        spoken = language or settings.language
        faces.append(face_of(seen.cells, settings, one.row, one.code, name, spoken))
    return faces


async def coded(desk: Desk, rows: Sequence[TicketRow]) -> list[Coded]:
    """Return tickets with their codes, signed in a thread: a tenth of a millisecond each."""
    return await asyncio.to_thread(KeyRing(desk.folder).coded, rows)


async def pdf(faces: Sequence[Face], paper: str, language: str) -> bytes:
    """Return a PDF with a page for each ticket; 15 ms each, one document at a time."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_PRINTER, _pdf, faces, paper, language)


async def png(face: Face) -> bytes:
    """Return a ticket as a picture."""
    return await asyncio.get_running_loop().run_in_executor(_PRINTER, _png, face)


def _pdf(faces: Sequence[Face], paper: str, language: str) -> bytes:
    from cloud.tickets.paper import Paper, pdf_of

    return pdf_of(faces, Paper(paper), language)


def _png(face: Face) -> bytes:
    from cloud.tickets.picture import png_of

    return png_of(face)
