"""`POST /sync/v1/authority`: a till asks what it may not decide alone, a gate for places.

Signed like a conversation, both ways. Who asks is known by the certificate in the journal that the
office holds of it, so a till exchanges facts before it asks.
"""

import asyncio
from typing import Final

from aiohttp import web

from cloud.cashless.service import ask, compare, identity, proof_to_compare
from cloud.desk import DESK, Desk
from cloud.exchange.service import Refusal, judge
from cloud.limits import (
    ASKED_READ_S_MAX,
    CLAIMS_AT_ONCE_MAX,
    RETRY_AFTER_S,
)
from cloud.problems import problem
from cloud.reading import TooLong, read_body
from cloud.terminals.proof import (
    claimed_terminal,
    fresh_nonce,
    is_signed,
    signed,
)
from sync.asking import AUTHORITY_PATH, Asked, BadAsking, Question, read_question
from sync.limits import ASKED_BYTES_MAX, QUESTIONS_PER_S_MAX
from sync.linking import Claimed
from sync.names import Role, TerminalId
from sync.pace import Pace

_PACE: Final = web.AppKey("pace_of_questions", Pace)
_COMPARING: Final = web.AppKey("comparing_claims", asyncio.Semaphore)


def add_routes(app: web.Application) -> None:
    """Open the endpoint in an application."""
    app[_PACE] = Pace()
    app[_COMPARING] = asyncio.Semaphore(CLAIMS_AT_ONCE_MAX)
    app.router.add_post(AUTHORITY_PATH, ask_authority)


async def ask_authority(request: web.Request) -> web.StreamResponse:
    """Answer a till's question, or refuse it with a sentence."""
    desk = request.app[DESK]
    nonce = fresh_nonce(desk)
    terminal = claimed_terminal(request, desk)
    if terminal is None:
        return problem(request, 401, "Sign the request with the nonce of this answer.", nonce)
    try:
        content = await read_body(request, ASKED_BYTES_MAX, ASKED_READ_S_MAX)
        question = read_question(content)
    except TooLong:
        return problem(request, 413, f"A question has at most {ASKED_BYTES_MAX} bytes.", nonce)
    except TimeoutError:
        return problem(request, 408, f"A question must arrive within {ASKED_READ_S_MAX} s.")
    except BadAsking as trouble:
        return problem(request, 400, str(trouble), nonce)
    certificate = await desk.look(lambda seen: identity(seen, terminal, desk.festival_key))
    if certificate is None or certificate.holder != terminal:
        return problem(request, 403, Refusal.UNKNOWN, nonce)
    if not is_signed(request, desk, certificate.key, content):
        return problem(request, 401, "The signature of the request does not hold.", nonce)
    refusal = judge(certificate, desk.now_s())
    if refusal is None and question.kind != Asked.PART and certificate.role is not Role.BAR:
        refusal = Refusal.NO_TILL
    if refusal is not None:
        return problem(request, 403, refusal, nonce)
    if not request.app[_PACE].allows(terminal, desk.now_ms()):
        wait = nonce | {"Retry-After": str(RETRY_AFTER_S)}
        return problem(request, 429, f"At most {QUESTIONS_PER_S_MAX} questions a second.", wait)
    return await _answer(request, terminal, question, content, nonce)


async def _answer(
    request: web.Request,
    terminal: TerminalId,
    question: Question,
    content: bytes,
    nonce: dict[str, str],
) -> web.StreamResponse:
    """Answer a proved till once what it is told is on the disk."""
    desk = request.app[DESK]
    claimed = await _claimed(request, desk, question)
    result = await desk.writer.do(ask(terminal, question, content, claimed))
    if isinstance(result, Refusal):
        return problem(request, 409 if result is Refusal.REUSED else 403, result, nonce)
    return signed(request, desk, result, nonce)


async def _claimed(request: web.Request, desk: Desk, question: Question) -> Claimed:
    """Compare a claim beside the writer, one at a time: each takes a tenth of a second and 32 MiB.

    The writer judges again with which proof it was compared, and whether too many were wrong.
    """
    claim = question.claim
    if question.kind != Asked.LINK or claim is None:
        return Claimed(None, fits=False)
    async with request.app[_COMPARING]:
        proof = await desk.look(proof_to_compare(question, desk.now_ms()))
        if proof is None:
            return Claimed(None, fits=False)
        return await asyncio.to_thread(compare, claim, proof)
