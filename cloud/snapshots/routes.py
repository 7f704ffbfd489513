"""`POST /sync/v1/snapshot`: a terminal that joins late asks for a snapshot, or what it stands for.

Signed like a conversation, both ways. A new box was never heard, so it proves its key by the
certificates that it brings. Everything is read beside the writer.
"""

from typing import Final

from aiohttp import web

from cloud.desk import DESK
from cloud.exchange.service import Refusal, judge
from cloud.limits import ASKED_READ_S_MAX, RETRY_AFTER_S
from cloud.problems import problem
from cloud.reading import TooLong, read_body
from cloud.snapshots.making import JOINING_ROLES
from cloud.snapshots.service import answer
from cloud.snapshots.upkeep import UPKEEP, add_upkeep
from cloud.terminals.proof import (
    claimed_terminal,
    fresh_nonce,
    is_signed,
    signed,
)
from sync.certificates import Certificate, Subject, read_chain
from sync.limits import SNAPSHOT_ASK_BYTES_MAX
from sync.snapshot_asking import Ask, BadAsk, read_ask

SNAPSHOT_PATH: Final = "/sync/v1/snapshot"
_AT_WORK: Final = web.AppKey("terminals_that_join", set[bytes])


def add_routes(app: web.Application) -> None:
    """Open the endpoint in an application, and keep what it gives fresh."""
    app[_AT_WORK] = set()
    add_upkeep(app)
    app.router.add_post(SNAPSHOT_PATH, give)


async def give(request: web.Request) -> web.StreamResponse:
    """Answer a terminal that joins, or refuse it with a sentence."""
    desk = request.app[DESK]
    nonce = fresh_nonce(desk)
    terminal = claimed_terminal(request, desk)
    if terminal is None:
        return problem(request, 401, "Sign the request with the nonce of this answer.", nonce)
    try:
        content = await read_body(request, SNAPSHOT_ASK_BYTES_MAX, ASKED_READ_S_MAX)
        ask = read_ask(content)
    except TooLong:
        return problem(request, 413, f"A question has at most {SNAPSHOT_ASK_BYTES_MAX} bytes.")
    except TimeoutError:
        return problem(request, 408, f"A question must arrive within {ASKED_READ_S_MAX} s.")
    except BadAsk as trouble:
        return problem(request, 400, str(trouble), nonce)
    certificate = read_chain(ask.certificates, desk.festival_key, desk.festival)
    if (
        certificate is None
        or certificate.subject is not Subject.WRITER
        or certificate.holder != terminal
    ):
        return problem(request, 403, "This festival's office did not certify who says this.")
    if not is_signed(request, desk, certificate.key, content):
        return problem(request, 401, "The signature of the request does not hold.", nonce)
    refusal = judge(certificate, desk.now_s())
    if refusal is None and certificate.role not in JOINING_ROLES:
        refusal = Refusal.NO_JOINER
    if refusal is not None:
        return problem(request, 403, refusal, nonce)
    return await _give(request, certificate, ask, nonce)


async def _give(
    request: web.Request, certificate: Certificate, ask: Ask, nonce: dict[str, str]
) -> web.StreamResponse:
    """Answer a proved terminal; one question of each at a time."""
    desk, at_work = request.app[DESK], request.app[_AT_WORK]
    if certificate.holder in at_work:
        busy = nonce | {"Retry-After": str(RETRY_AFTER_S)}
        return problem(request, 429, "The last question of this terminal is still at work.", busy)
    at_work.add(certificate.holder)
    try:
        is_made = request.app[UPKEEP].is_at_work
        found = await desk.look(answer(desk.folder, certificate, ask, is_made=is_made))
    finally:
        at_work.discard(certificate.holder)
    if isinstance(found, Refusal):
        return problem(request, 403, found, nonce)
    return signed(request, desk, found, nonce)
