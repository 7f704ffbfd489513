"""How a route knows which terminal speaks, and how it signs what it answers.

A request is signed over a nonce that this office gave (`provisioning.request_signing`); the answer
is signed with the office's key, brings the office's time and the next nonce.
"""

from typing import Final

from aiohttp import web

from cloud.desk import Desk
from provisioning.request_signing import NONCE_HEADER, check_request, sign_answer, terminal_of
from sync.keys import PublicKey
from sync.names import TerminalId

CBOR_TYPE: Final = "application/cbor"


def fresh_nonce(desk: Desk) -> dict[str, str]:
    """Return the header with which every answer lets the terminal ask again at once."""
    return {NONCE_HEADER: desk.mint.give(desk.now_s())}


def claimed_terminal(request: web.Request, desk: Desk) -> TerminalId | None:
    """Return who a request says it is from, None if it does not say or its nonce is not good."""
    terminal = terminal_of(request.headers)
    if terminal is None or not desk.mint.good(request.headers.get(NONCE_HEADER, ""), desk.now_s()):
        return None
    return TerminalId(terminal)


def is_signed(request: web.Request, desk: Desk, key: PublicKey, content: bytes) -> bool:
    """Tell whether this key signed the request with this body, for this office, just now."""
    trouble = check_request(
        key,
        request.method,
        request.path,
        content,
        desk.receiver_id,
        request.headers,
        desk.mint,
        desk.now_s(),
    )
    return trouble is None


def signed(request: web.Request, desk: Desk, body: bytes, nonce: dict[str, str]) -> web.Response:
    """Return an answer that the office's key signed for this very request."""
    proof = sign_answer(desk.key, request.headers, body, desk.now_ms())
    return web.Response(body=body, content_type=CBOR_TYPE, headers={**proof, **nonce})
