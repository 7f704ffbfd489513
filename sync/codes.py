"""Ticket codes: what the QR of a ticket, wristband, staff badge or voucher says, and its check.

The text is ``GU1:`` and base45 (RFC 9285) of a CBOR array and an Ed25519 signature over exactly
those array bytes. A terminal holds public keys only: it can check every code and mint none.
Opening gives a `Ticket` or a `CodeRefusal`, never an exception: a camera sees many things.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, IntFlag, StrEnum
from typing import Final

from sync.codec import Malformed, decode, encode
from sync.keys import CODE_PURPOSE, SIGNATURE_BYTES, PublicKey, SecretKey
from sync.limits import (
    CODE_KEY_ID_MAX,
    CODE_PAYLOAD_BYTES_MAX,
    CODE_PREFIX,
    CODE_TEXT_CHARS_MAX,
    U16_MAX,
    U32_MAX,
    U64_MAX,
)

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_NO_DIGIT: Final = 255
_DIGITS: Final = bytes(_ALPHABET.find(chr(one)) % 256 for one in range(256))
_FIELDS: Final = 8


class CodeKind(IntEnum):
    """What the code stands for; numbers are part of the format."""

    TICKET = 1
    WRISTBAND = 2
    STAFF_BADGE = 3
    VOUCHER = 4


class CodeFlag(IntFlag):
    """Bits that travel with a ticket."""

    REENTRY = 1
    ADULT_CHECKED = 2
    ATTENTION = 4
    TEST = 8


class CodeRefusal(StrEnum):
    """Why a text is not a code that this festival honours, in the order in which it is checked."""

    NOT_A_CODE = "not_a_code"
    UNKNOWN_FORMAT = "unknown_format"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"
    WRONG_FESTIVAL = "wrong_festival"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a genuine code says; times are Unix seconds, 0 means open."""

    kind: CodeKind
    key_id: int
    festival: int
    serial: int
    type: int
    valid_from: int
    valid_until: int
    flags: int


_RANGES: Final = (
    ("kind", 4),
    ("key_id", CODE_KEY_ID_MAX),
    ("festival", U32_MAX),
    ("serial", U64_MAX),
    ("type", U16_MAX),
    ("valid_from", U32_MAX),
    ("valid_until", U32_MAX),
    ("flags", U16_MAX),
)


def issue(ticket: Ticket, key: SecretKey) -> str:
    """Return the code's text; `ValueError` names the field that is out of its range."""
    row = fields_of(ticket)
    for value, (name, largest) in zip(row, _RANGES, strict=True):
        if type(value) is not int or not 0 <= value <= largest:
            message = f"{name} must be a whole number from 0 to {largest}, not {value!r}"
            raise ValueError(message)
    payload = encode(row)
    return CODE_PREFIX + base45(payload + key.sign(CODE_PURPOSE, payload))


def open_code(text: str, keys: Mapping[int, PublicKey], festival: int) -> Ticket | CodeRefusal:
    """Return the ticket that the text carries, or the first reason for which it is refused.

    The bytes are verified as received. A refusal says nothing about how far a forger came beyond
    the order of the checks.
    """
    if len(text) > CODE_TEXT_CHARS_MAX or not text.startswith(CODE_PREFIX):
        return CodeRefusal.NOT_A_CODE
    content = unbase45(text[len(CODE_PREFIX) :])
    if content is None or len(content) <= SIGNATURE_BYTES:
        return CodeRefusal.NOT_A_CODE
    payload, signature = content[:-SIGNATURE_BYTES], content[-SIGNATURE_BYTES:]
    ticket = _ticket_of(payload)
    if ticket is None:
        return CodeRefusal.UNKNOWN_FORMAT
    key = keys.get(ticket.key_id)
    if key is None:
        return CodeRefusal.UNKNOWN_KEY
    if not key.verifies(CODE_PURPOSE, payload, signature):
        return CodeRefusal.BAD_SIGNATURE
    if ticket.festival != festival:
        return CodeRefusal.WRONG_FESTIVAL
    return ticket


def fields_of(ticket: Ticket) -> list[int]:
    """Return a ticket's fields as numbers, in the order in which `Ticket` takes them."""
    return [
        int(ticket.kind),
        ticket.key_id,
        ticket.festival,
        ticket.serial,
        ticket.type,
        ticket.valid_from,
        ticket.valid_until,
        ticket.flags,
    ]


def _ticket_of(payload: bytes) -> Ticket | None:
    """Return the fields if the payload is the one strict spelling of a known kind."""
    try:
        row = decode(payload, CODE_PAYLOAD_BYTES_MAX)
    except Malformed:
        return None
    if type(row) is not tuple or len(row) != _FIELDS:
        return None
    for value, (_, largest) in zip(row, _RANGES, strict=True):
        if type(value) is not int or not 0 <= value <= largest:
            return None
    if row[0] == 0:
        return None
    return Ticket(CodeKind(row[0]), *row[1:])


def base45(content: bytes) -> str:
    """Return the base45 text of some bytes (RFC 9285)."""
    out: list[str] = []
    for at in range(0, len(content) - 1, 2):
        rest, low = divmod(content[at] << 8 | content[at + 1], 45)
        high, middle = divmod(rest, 45)
        out += _ALPHABET[low], _ALPHABET[middle], _ALPHABET[high]
    if len(content) % 2:
        high, low = divmod(content[-1], 45)
        out += _ALPHABET[low], _ALPHABET[high]
    return "".join(out)


def unbase45(text: str) -> bytes | None:
    """Return the bytes of a base45 text, or None if it is not base45 (RFC 9285, strictly)."""
    digits = text.encode("ascii", "replace").translate(_DIGITS)
    length = len(digits)
    if length % 3 == 1 or _NO_DIGIT in digits:
        return None
    whole = length - length % 3
    triples = zip(digits[0:whole:3], digits[1:whole:3], digits[2:whole:3], strict=True)
    values = [low + 45 * middle + 2025 * high for low, middle, high in triples]
    if values and max(values) > U16_MAX:
        return None
    content = struct.pack(f">{len(values)}H", *values)
    if whole == length:
        return content
    # A last lone byte takes two characters.
    value = digits[-2] + 45 * digits[-1]
    return content + bytes([value]) if value <= 0xFF else None  # noqa: PLR2004 - what a byte holds
