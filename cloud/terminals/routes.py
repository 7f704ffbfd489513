"""The two doors through which a box enrols; both are open to strangers and say little."""

from typing import Final

from aiohttp import web

from cloud.forwarding import network_of
from cloud.terminals.service import Enrolled, Enrolment
from provisioning.enrolment import EnrolmentRefusal
from provisioning.enrolment_messages import (
    OFFICE_PATH,
    REQUEST_BYTES_MAX,
    SEAL_HEADER,
    TERMINAL_PATH,
    spell_refusal,
)

ENROLMENT: Final = web.AppKey("enrolment", Enrolment)
STATUSES: Final = {
    EnrolmentRefusal.MALFORMED: 400,
    EnrolmentRefusal.WRONG_CODE: 403,
    EnrolmentRefusal.EXPIRED: 403,
    EnrolmentRefusal.TRIES_SPENT: 403,
    EnrolmentRefusal.USED: 409,
    EnrolmentRefusal.RECOVERING: 409,
    EnrolmentRefusal.TOO_OFTEN: 429,
}
_NO_STORE: Final = {"Cache-Control": "no-store"}


def add_routes(app: web.Application, enrolment: Enrolment) -> None:
    """Open the doors in an application."""
    app[ENROLMENT] = enrolment
    app.router.add_get(OFFICE_PATH, show_office)
    app.router.add_post(TERMINAL_PATH, enrol_terminal)


async def show_office(request: web.Request) -> web.Response:
    """Answer which festival's office this is."""
    body = request.app[ENROLMENT].offer().spell()
    return web.Response(body=body, content_type="application/json", headers=_NO_STORE)


async def enrol_terminal(request: web.Request) -> web.Response:
    """Take a box in, or refuse it."""
    if (request.content_length or 0) > REQUEST_BYTES_MAX:
        return _refused(EnrolmentRefusal.MALFORMED)
    content = await request.content.read(REQUEST_BYTES_MAX + 1)
    while len(content) <= REQUEST_BYTES_MAX and not request.content.at_eof():
        content += await request.content.read(REQUEST_BYTES_MAX + 1)
    result = await request.app[ENROLMENT].answer(content, network_of(request.remote or "").hex())
    if not isinstance(result, Enrolled):
        return _refused(result)
    headers = _NO_STORE | {SEAL_HEADER: result.seal.hex()}
    return web.Response(body=result.body, content_type="application/json", headers=headers)


def _refused(reason: EnrolmentRefusal) -> web.Response:
    status = STATUSES[reason]
    return web.Response(
        status=status,
        body=spell_refusal(reason, status),
        content_type="application/problem+json",
        headers=_NO_STORE,
    )
