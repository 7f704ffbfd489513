"""What two nodes say to each other in one exchange: a strict map with a bound on everything in it.

Each message says who speaks and proves it by certificates, names both stores, states how far the
speaker has read the other's arrival order, and brings records. A position in an arrival order goes
with the id of the record there, so that a store that was put back to an older image is noticed.
"""

from dataclasses import dataclass
from typing import Any, Final

from sync.certificates import (
    CERTIFICATE_BYTES_MAX,
    CHAIN_CERTIFICATES_MAX,
    Certificate,
    Subject,
    read_chain,
)
from sync.codec import Malformed, decode, encode
from sync.keys import PublicKey
from sync.limits import (
    GAPS_ASKED_MAX,
    HEADS_MAX,
    INTEREST_ROLES_MAX,
    MESSAGE_BYTES_MAX,
    MESSAGE_RECORDS_MAX,
    OFFERS_MAX,
    PHYSICAL_MS_MAX,
    RECORD_BYTES_MAX,
    RUNS_ACKNOWLEDGED_MAX,
    UNCERTAINTY_MS_MAX,
)
from sync.names import NO_PREVIOUS, Role
from sync.schema import FACT_ID, ID, ORDINAL, YES_NO, Misshapen, Shape, many, maybe, raw, row, whole

MESSAGE_VERSION: Final = 1

Position = tuple[int, bytes]
"""An arrival number of a node and the id of the record that arrived there."""

START: Final[Position] = (0, NO_PREVIOUS)

_POSITION: Final = row(ORDINAL, FACT_ID)
_HEAD: Final = row(ID, ORDINAL, FACT_ID)
_GAP: Final = row(ID, ORDINAL, raw(0, 32))
_SERVED: Final = row(ID, ORDINAL, YES_NO)
_ACKNOWLEDGED: Final = row(ID, ORDINAL)
_CLOCK: Final = row(whole(0, PHYSICAL_MS_MAX), whole(0, 2), whole(0, UNCERTAINTY_MS_MAX))


class BadMessage(ValueError):
    """Bytes that are no message of this version; nothing was changed by them."""


@dataclass(frozen=True, slots=True)
class Message:
    """One side of an exchange.

    `heads` and `end` come together, when the other side does not know this store: the highest
    record of each run, and the position up to which they speak for everything. `reached` is the
    position to which the pushed records lead from `start`, `end_number` the speaker's newest
    arrival. `asked` names runs of which records are wanted (run, from number, id before it or
    nothing), `served` what was given of what the other asked (run, next number, nothing more).
    `clock` is the speaker's time in Unix ms, its state and its uncertainty in ms. `offered` names
    records of others that the speaker holds, like heads: who lacks one, or one before it, asks for
    them. A message without interest only tells: it brings records, reads nothing and moves no
    position.
    """

    who: bytes
    certificates: tuple[bytes, ...]
    store_id: bytes
    your_store_id: bytes | None
    read_up_to: Position | None
    heads: tuple[tuple[bytes, int, bytes], ...] | None
    interest: tuple[int, ...]
    records: tuple[bytes, ...]
    acknowledged: tuple[tuple[bytes, int], ...]
    start: int
    reached: Position
    end_number: int
    asked: tuple[tuple[bytes, int, bytes], ...]
    served: tuple[tuple[bytes, int, bool], ...]
    clock: tuple[int, int, int] | None = None
    offered: tuple[tuple[bytes, int, bytes], ...] | None = None


_SHAPES: Final[dict[str, Shape]] = {
    "who": ID,
    "certificates": many(raw(1, CERTIFICATE_BYTES_MAX), CHAIN_CERTIFICATES_MAX),
    "store_id": ID,
    "your_store_id": maybe(ID),
    "read_up_to": maybe(_POSITION),
    "heads": maybe(many(_HEAD, HEADS_MAX)),
    "interest": many(whole(1, max(Role)), INTEREST_ROLES_MAX),
    "records": many(raw(1, RECORD_BYTES_MAX), MESSAGE_RECORDS_MAX),
    "acknowledged": many(_ACKNOWLEDGED, RUNS_ACKNOWLEDGED_MAX),
    "start": ORDINAL,
    "reached": _POSITION,
    "end_number": ORDINAL,
    "asked": many(_GAP, GAPS_ASKED_MAX),
    "served": many(_SERVED, GAPS_ASKED_MAX),
    "clock": maybe(_CLOCK),
    "offered": maybe(many(_HEAD, OFFERS_MAX)),
}


def spell(message: Message) -> bytes:
    """Return the message's bytes."""
    fields: dict[int, Any] = {1: MESSAGE_VERSION}
    for number, (name, shape) in enumerate(_SHAPES.items(), 2):
        value = shape.fits(getattr(message, name))
        if value is not None:
            fields[number] = value
    return encode(fields)


def read_message(content: bytes) -> Message:
    """Return the message that the bytes spell; `BadMessage` says what is wrong with them."""
    try:
        fields = decode(content, MESSAGE_BYTES_MAX)
    except Malformed as trouble:
        message = f"not a message: {trouble}"
        raise BadMessage(message) from trouble
    if not hasattr(fields, "items"):
        message = "not a message: a map was expected"
        raise BadMessage(message)
    if fields.get(1) != MESSAGE_VERSION:
        message = f"a message of another version; this one is {MESSAGE_VERSION}: update the older"
        raise BadMessage(message)
    if not set(fields).issubset(range(1, len(_SHAPES) + 2)):
        message = "not a message: it has a field that is unknown here"
        raise BadMessage(message)
    values = {}
    for number, (name, shape) in enumerate(_SHAPES.items(), 2):
        value = fields.get(number)
        if value is None and not shape.optional:
            message = f"not a message: {name} is missing"
            raise BadMessage(message)
        try:
            values[name] = shape.fits(value)
        except Misshapen as trouble:
            message = f"not a message: {name}: {trouble}"
            raise BadMessage(message) from trouble
    return Message(**values)


def speaker(content: bytes, festival_key: PublicKey, festival: int) -> Certificate | None:
    """Return who says this message, as its certificates prove, or None if they prove nothing.

    That the speaker truly sent it is for the signature of the request or answer to show.
    """
    try:
        message = read_message(content)
    except BadMessage:
        return None
    certificate = read_chain(message.certificates, festival_key, festival)
    if certificate is None or certificate.subject is not Subject.WRITER:
        return None
    return certificate if certificate.holder == message.who else None
