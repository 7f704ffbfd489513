"""How a terminal and the office know each other's messages, over any line, without a session.

A request is signed over its method, its path, the hash of its body, the receiver's id and a nonce
that the receiver gave within the last 120 s. The nonce is a time and an HMAC over it, so the
receiver remembers nothing. An answer is signed over the request's signature, the answer's time and
the hash of its body, so it cannot be swapped for another or played again.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sync.codec import encode
from sync.keys import REQUEST_PURPOSE, SIGNATURE_BYTES, PublicKey, SecretKey, digest
from sync.limits import PHYSICAL_MS_MAX
from sync.names import ID_BYTES

NONCE_HEADER: Final = "Guichet-Nonce"
SIGNATURE_HEADER: Final = "Guichet-Signature"
TERMINAL_HEADER: Final = "Guichet-Terminal"
TIME_HEADER: Final = "Guichet-Time"

NONCE_LIFE_S_MAX: Final = 120
_NONCE_PURPOSE: Final = b"guichet-nonce-v1\0"
_ANSWER_PURPOSE: Final = b"guichet-answer-v1\0"
_TIME_BYTES: Final = 8
_SEAL_BYTES: Final = 16


class RequestRefusal(StrEnum):
    """Why a request is not believed, in the order in which it is checked."""

    UNSIGNED = "unsigned"
    STALE_NONCE = "stale_nonce"
    BAD_SIGNATURE = "bad_signature"


@dataclass(frozen=True, slots=True)
class NonceMint:
    """Gives nonces and knows its own again; `secret` is at least 16 random bytes of the process.

    Processes that share a secret take each other's nonces.
    """

    secret: bytes

    def give(self, now_s: int) -> str:
        """Return a nonce for this Unix second: 48 hex characters."""
        time = now_s.to_bytes(_TIME_BYTES, "big")
        return (time + self._seal(time)).hex()

    def good(self, nonce: str, now_s: int) -> bool:
        """Tell whether this mint gave the nonce within the last 120 s."""
        content = _unhex(nonce, _TIME_BYTES + _SEAL_BYTES)
        if content is None:
            return False
        time, seal = content[:_TIME_BYTES], content[_TIME_BYTES:]
        if not hmac.compare_digest(seal, self._seal(time)):
            return False
        return 0 <= now_s - int.from_bytes(time, "big") <= NONCE_LIFE_S_MAX

    def _seal(self, time: bytes) -> bytes:
        return hmac.digest(self.secret, _NONCE_PURPOSE + time, "sha256")[:_SEAL_BYTES]


def receiver_id_of(key: PublicKey) -> bytes:
    """Return the id of whoever holds this key, as requests name their receiver: 16 bytes."""
    return digest(key.raw)[:ID_BYTES]


def sign_request(
    key: SecretKey,
    method: str,
    path: str,
    body: bytes,
    receiver_id: bytes,
    nonce: str,
    terminal: bytes | None = None,
) -> dict[str, str]:
    """Return the headers that prove who sends this request, to whom, and that it is fresh."""
    message = _request_message(method, path, body, receiver_id, nonce)
    headers = {
        NONCE_HEADER: nonce,
        SIGNATURE_HEADER: key.sign(REQUEST_PURPOSE, message).hex(),
    }
    if terminal is not None:
        headers[TERMINAL_HEADER] = terminal.hex()
    return headers


def check_request(
    key: PublicKey,
    method: str,
    path: str,
    body: bytes,
    receiver_id: bytes,
    headers: Mapping[str, str],
    mint: NonceMint,
    now_s: int,
) -> RequestRefusal | None:
    """Return why the request is not this key's, or None if it is; give a fresh nonce with a 401."""
    nonce = headers.get(NONCE_HEADER)
    signature = _unhex(headers.get(SIGNATURE_HEADER, ""), SIGNATURE_BYTES)
    if nonce is None or signature is None:
        return RequestRefusal.UNSIGNED
    if not mint.good(nonce, now_s):
        return RequestRefusal.STALE_NONCE
    message = _request_message(method, path, body, receiver_id, nonce)
    if not key.verifies(REQUEST_PURPOSE, message, signature):
        return RequestRefusal.BAD_SIGNATURE
    return None


def terminal_of(headers: Mapping[str, str]) -> bytes | None:
    """Return the id of the terminal that a request says it is from, or None if it says none."""
    return _unhex(headers.get(TERMINAL_HEADER, ""), ID_BYTES)


def sign_answer(
    key: SecretKey, request: Mapping[str, str], body: bytes, now_ms: int
) -> dict[str, str]:
    """Return the headers that prove that this body answers this request, at this Unix time in ms.

    `request` holds the headers of the request, which must have been checked.
    """
    message = _answer_message(request, body, now_ms)
    return {TIME_HEADER: str(now_ms), SIGNATURE_HEADER: key.sign(_ANSWER_PURPOSE, message).hex()}


def check_answer(
    key: PublicKey, request: Mapping[str, str], body: bytes, headers: Mapping[str, str]
) -> int | None:
    """Return the answer's Unix time in ms if this key answered this very request, else None."""
    signature = _unhex(headers.get(SIGNATURE_HEADER, ""), SIGNATURE_BYTES)
    time = headers.get(TIME_HEADER, "")
    if signature is None or not time.isascii() or not time.isdigit():
        return None
    if len(time) > len(str(PHYSICAL_MS_MAX)):
        return None
    now_ms = int(time)
    if not key.verifies(_ANSWER_PURPOSE, _answer_message(request, body, now_ms), signature):
        return None
    return now_ms


def _request_message(method: str, path: str, body: bytes, receiver_id: bytes, nonce: str) -> bytes:
    return encode([method.upper(), path, digest(body), receiver_id, nonce])


def _answer_message(request: Mapping[str, str], body: bytes, now_ms: int) -> bytes:
    return encode([request[SIGNATURE_HEADER], now_ms, digest(body)])


def _unhex(text: str, count: int) -> bytes | None:
    """Return exactly so many bytes from lower-case hex, or None."""
    if len(text) != 2 * count:
        return None
    try:
        content = bytes.fromhex(text)
    except ValueError:
        return None
    return content if content.hex() == text else None
