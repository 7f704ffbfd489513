"""Links that show tickets without an account: made and revoked by who sells, for the guest."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import jinja2
from aiohttp import web

from cloud.accounts.access import public
from cloud.api.call import Call
from cloud.api.models import Nothing, Page, PageQuery
from cloud.api.problems import Problem, problem_of
from cloud.api.routes import Routes
from cloud.clock_and_chance import random_bytes
from cloud.office import Office
from cloud.store.look import Look
from cloud.store.ticket_links import LinkBook
from cloud.store.tickets import TicketRow
from cloud.tickets import links, models, printing, queries, shows
from cloud.tickets.codes import KeyRing
from cloud.tickets.faces import Face, face_of
from cloud.tickets.people import NOBODY
from cloud.tickets.refusals import Refusal, Why
from cloud.tickets.routes import SELL, download, pictured, printed, sealer_of
from cloud.tickets.status import Shown
from sync.short_number import short_number

ROUTES: Final = Routes("tickets")
LINKS: Final = "/api/v1/festivals/{festival}/ticket-links"
SHOWN: Final = "/t/{festival}/{secret}"
_FILES: Final = Path(__file__).with_name("templates")
_DAY_MS: Final = 24 * 3600 * 1_000
_WITHDRAWN: Final = frozenset({Shown.INVALID, Shown.REFUNDED, Shown.RESERVED})


@dataclass(frozen=True, slots=True)
class Guest:
    """A ticket as a guest sees it; without a code if gates would refuse it."""

    row: TicketRow
    shown: Shown
    face: Face
    code: str | None


@ROUTES.post(LINKS, may=SELL, status=201)
async def make_link(call: Call, body: models.MakeLink) -> models.LinkMade:
    """Make a link that shows tickets to whoever has it; its secret is told this once."""
    serials = [int(serial) for serial in body.serials]

    def job(office: Office) -> links.Made | Problem:
        ends_ms = office.now_ms() + body.days * _DAY_MS
        made = links.make_link(office, serials, ends_ms, body.label, random_bytes)
        return problem_of(made) if isinstance(made, Refusal) else made

    made = await call.do(job)
    path = f"/t/{call.festival}/{made.secret}"
    return models.LinkMade(link=made.row.link.hex(), path=path, ends_ms=made.row.ends_ms)


@ROUTES.get(LINKS, may=SELL)
async def list_links(call: Call, query: PageQuery) -> Page[models.LinkShown]:
    """List the links that were made, without their secrets."""
    after = _read_after(query.after)

    def see(seen: Look) -> Any:
        return LinkBook(seen.connection, seen.festival).listed(after, query.limit + 1)

    found = await call.desk.look(see)
    page = found[: query.limit]
    last = f"{page[-1].made_ms}-{page[-1].link.hex()}" if len(found) > query.limit else None
    return Page[models.LinkShown](items=[shows.link_shown(row) for row in page], next=last)


@ROUTES.post(LINKS + "/{link}/revoke", may=SELL)
async def revoke_link(call: Call) -> Nothing:
    """Let a link hold no longer."""
    link = bytes.fromhex(call.places["link"])

    def job(office: Office) -> Nothing | Problem:
        refusal = links.revoke_link(office, link)
        return Nothing() if refusal is None else problem_of(refusal)

    return await call.do(job)


@ROUTES.get(SHOWN, may=public(), gives="text/html")
async def show_linked(call: Call, query: models.PictureQuery) -> web.Response:
    """Show a link's tickets as a page."""
    guests = await _guests(call, query.lang)
    settings = call.desk.folder.settings
    language = query.lang or settings.language
    html = _TEMPLATES.get_template("tickets.html").render(
        festival=settings.name,
        language=language,
        words=_WORDS[language],
        path=f"/t/{call.festival}/{call.places['secret']}",
        guests=guests,
    )
    return web.Response(text=html, content_type="text/html", headers=_PRIVATE)


@ROUTES.get(f"{SHOWN}/tickets", may=public())
async def linked_tickets(call: Call, query: models.PictureQuery) -> models.GuestTickets:
    """Give a link's tickets with their codes, for programs of the guest."""
    guests = await _guests(call, query.lang)
    return models.GuestTickets(
        festival=call.desk.folder.settings.name,
        tickets=[
            models.GuestTicket(
                serial=str(guest.row.serial),
                number=short_number(guest.row.serial),
                type=guest.face.type,
                status=cast("Any", guest.shown.value),
                rows=list(guest.face.rows),
                code=guest.code,
            )
            for guest in guests
        ],
    )


@ROUTES.get(f"{SHOWN}/pdf", may=public(), gives="application/pdf")
async def linked_pdf(call: Call, query: models.PrintQuery) -> web.Response:
    """Download those tickets of a link that gates may take, a page for each."""
    serials = [one.row.serial for one in await _guests(call, query.lang) if one.code is not None]
    if not serials:
        raise problem_of(Refusal(Why.WITHDRAWN))
    content = await printed(call.desk, sealer_of(call), serials, query.paper, query.lang)
    return download(content, "application/pdf", "tickets.pdf")


@ROUTES.get(SHOWN + "/{serial}/png", may=public(), gives="image/png")
async def linked_picture(call: Call, query: models.PictureQuery) -> web.Response:
    """Show one of a link's tickets as a picture."""
    serial = call.places["serial"]
    guests = await _guests(call, query.lang)
    if not any(one.row.serial == serial and one.code is not None for one in guests):
        raise problem_of(Refusal(Why.NOT_FOUND))
    content = await pictured(call.desk, sealer_of(call), serial, query.lang)
    return web.Response(body=content, content_type="image/png", headers=_PRIVATE)


@ROUTES.get("/t/tickets.css", may=public(), gives="text/css")
async def tickets_style(_: Call) -> web.Response:
    """Give the style of the page of tickets."""
    return web.Response(text=(_FILES / "tickets.css").read_text(), content_type="text/css")


async def _guests(call: Call, lang: str | None) -> Sequence[Guest]:
    """Return what the link in the path shows; a `Problem` if it does not hold."""
    desk, sealer, secret = call.desk, sealer_of(call), call.places["secret"]
    settings = desk.folder.settings

    def see(seen: Look) -> list[Guest] | Refusal:
        rows = links.tickets_of(seen, secret, desk.now_ms())
        if isinstance(rows, Refusal):
            return rows
        people = printing.holders_of(seen, rows, sealer)
        guests = []
        for one in KeyRing(desk.folder).coded(rows):
            name = people.get(one.row.holder, NOBODY).name
            shown = queries.ticketed(seen.cells, one.row).shown
            code = None if shown in _WITHDRAWN else one.code
            face = face_of(
                seen.cells, settings, one.row, code or "", name, lang or settings.language
            )
            guests.append(Guest(one.row, shown, face, code))
        return guests

    found = await desk.look(see)
    if isinstance(found, Refusal):
        raise problem_of(found)
    return found


def _read_after(text: str | None) -> tuple[int, bytes] | None:
    """Return where a list of links goes on; a `Problem` if the text says no place."""
    if text is None:
        return None
    made_ms, _, link = text.partition("-")
    try:
        place = int(made_ms), bytes.fromhex(link)
    except ValueError as trouble:
        raise Problem(422, "after is not the `next` of a page.", "invalid") from trouble
    if not 0 <= place[0] < 1 << 53:
        raise Problem(422, "after is not the `next` of a page.", "invalid")
    return place


_PRIVATE: Final = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}
_WORDS: Final = {
    "en": {
        "title": "Your tickets",
        "download": "Download as PDF",
        "withdrawn": "This ticket lets nobody in. Ask whoever sold it to you.",
        "reserved": "This ticket is not paid yet.",
        "code": "The code to be shown at the gate",
    },
    "fr": {
        "title": "Vos billets",
        "download": "Télécharger en PDF",
        "withdrawn": "Ce billet ne fait entrer personne. Demandez à qui vous l’a vendu.",
        "reserved": "Ce billet n’est pas encore payé.",
        "code": "Le code à montrer à l’entrée",
    },
}
_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_FILES),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
