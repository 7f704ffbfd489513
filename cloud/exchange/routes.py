"""`POST /sync/v1/conversation`: one signed message in, one signed message out.

The cheap questions come first: who says it is from where, is the nonce ours and fresh. Only then
is the message read, its sender's certificate found in it, and the signature checked.
"""

from typing import Final

from aiohttp import web

from cloud.desk import DESK, Desk
from cloud.exchange.service import Refusal, exchange, judge
from cloud.limits import EXCHANGES_AT_WORK_MAX, MESSAGE_READ_S_MAX, RETRY_AFTER_S
from cloud.problems import problem
from cloud.reading import TooLong, read_body
from cloud.terminals.proof import (
    claimed_terminal,
    fresh_nonce,
    is_signed,
    signed,
)
from sync.certificates import Certificate
from sync.conversation import BadMessage, speaker
from sync.limits import MESSAGE_BYTES_MAX
from sync.message import read_message

CONVERSATION_PATH: Final = "/sync/v1/conversation"
_AT_WORK: Final = web.AppKey("terminals_at_work", set[bytes])


def add_routes(app: web.Application) -> None:
    """Open the endpoint in an application."""
    app[_AT_WORK] = set()
    app.router.add_post(CONVERSATION_PATH, converse)


async def converse(request: web.Request) -> web.StreamResponse:
    """Hear a terminal and answer it, or refuse it with a sentence."""
    desk = request.app[DESK]
    nonce = fresh_nonce(desk)
    terminal = claimed_terminal(request, desk)
    if terminal is None:
        return problem(request, 401, "Sign the request with the nonce of this answer.", nonce)
    try:
        content = await read_body(request, MESSAGE_BYTES_MAX, MESSAGE_READ_S_MAX)
    except TooLong:
        return problem(request, 413, f"A message has at most {MESSAGE_BYTES_MAX} bytes.")
    except TimeoutError:
        return problem(request, 408, f"A message must arrive within {MESSAGE_READ_S_MAX} s.")
    certificate = speaker(content, desk.festival_key, desk.festival)
    if certificate is None or certificate.holder != terminal:
        return _stranger(request, content)
    if not is_signed(request, desk, certificate.key, content):
        return problem(request, 401, "The signature of the request does not hold.", nonce)
    refusal = judge(certificate, desk.now_s())
    if refusal is not None:
        return problem(request, 403, refusal)
    return await _hear(request, desk, certificate, content, nonce)


async def _hear(
    request: web.Request,
    desk: Desk,
    certificate: Certificate,
    content: bytes,
    nonce: dict[str, str],
) -> web.StreamResponse:
    """Take what a proved terminal says; one message of each at a time, so none waits twice."""
    at_work, terminal = request.app[_AT_WORK], certificate.holder
    if terminal in at_work:
        busy = nonce | {"Retry-After": str(RETRY_AFTER_S)}
        return problem(request, 429, "The last message of this terminal is still at work.", busy)
    if len(at_work) >= EXCHANGES_AT_WORK_MAX:  # each message may be a megabyte
        busy = nonce | {"Retry-After": str(RETRY_AFTER_S)}
        return problem(request, 503, "The office is busy. Ask again in a moment.", busy)
    at_work.add(terminal)
    try:
        result = await desk.writer.do(exchange(certificate, content))
    finally:
        at_work.discard(terminal)
    if isinstance(result, BadMessage):
        return problem(request, 400, str(result), nonce)
    if isinstance(result, Refusal):
        return problem(request, 403, result)
    return signed(request, desk, result.answer, nonce)


def _stranger(request: web.Request, content: bytes) -> web.Response:
    """Refuse what nobody of this festival says: it is no message, or its proof is another's."""
    try:
        read_message(content)
    except BadMessage as trouble:
        return problem(request, 400, str(trouble))
    return problem(request, 403, "This festival's office did not certify who says this.")
