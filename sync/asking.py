"""What a till asks of the authority beyond what it may decide alone, and what it is answered.

One question, one answer, in the strict codec. A question is about a wallet: lend an amount for a
sale, lend what is to be paid out, or link it to another wristband. The answer brings the records
that the authority wrote for it, so that the till can fold them at once instead of waiting for them
to come round; a run that the till has not heard of is opened by its first record.

A loan whose answer was lost reaches the till with everything else and is then given back.
"""

from dataclasses import astuple, dataclass
from enum import IntEnum
from typing import Any, Final

from sync.codec import Malformed, decode, encode
from sync.keys import PIN_DIGITS_MAX
from sync.limits import ASKED_BYTES_MAX, RECORD_BYTES_MAX, REPLY_RECORDS_MAX
from sync.schema import ID, PRICE, U64, Misshapen, many, maybe, raw, row, text, whole

ASKING_VERSION: Final = 1


class Asked(IntEnum):
    """What a question is about; part of the wire format."""

    LOAN = 1
    PAY_OUT = 2
    LINK = 3


@dataclass(frozen=True, slots=True)
class Question:
    """What a till wants: kind (`Asked`), its own id, wallet, amount in minor units.

    A `LINK` names the new `wristband`, and either the guest's `claim` code or who approved it.
    """

    kind: int
    operation: bytes
    wallet: int
    amount: int
    wristband: int | None = None
    claim: str | None = None
    approved_by: int | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the authority did: the amount granted (1 for a link), or the reason why nothing was.

    `safe` is what is certainly left in the wallet, in minor units; `records` are what was written.
    """

    granted: int
    reason: str
    safe: int
    records: tuple[bytes, ...]


_QUESTION: Final = row(
    whole(ASKING_VERSION, ASKING_VERSION),
    whole(1, 3),
    ID,
    U64,
    PRICE,
    maybe(U64),
    maybe(text(PIN_DIGITS_MAX)),
    maybe(U64),
)
_REPLY: Final = row(
    whole(ASKING_VERSION, ASKING_VERSION),
    PRICE,
    text(24),
    PRICE,
    many(raw(1, RECORD_BYTES_MAX), REPLY_RECORDS_MAX),
)


class BadAsking(ValueError):
    """Bytes that are no question or answer of this version; nothing was changed by them."""


def spell(said: Question | Reply) -> bytes:
    """Return a question or an answer as bytes; `Misshapen` if a value is out of bounds."""
    shape = _QUESTION if isinstance(said, Question) else _REPLY
    return encode(list(shape.fits((ASKING_VERSION, *astuple(said)))))


def read_question(content: bytes) -> Question:
    """Return the question that the bytes spell, else `BadAsking`."""
    return Question(*_read(content, _QUESTION.fits, ASKED_BYTES_MAX))


def read_reply(content: bytes) -> Reply:
    """Return the answer that the bytes spell, else `BadAsking`; its records are not yet checked."""
    return Reply(*_read(content, _REPLY.fits, (REPLY_RECORDS_MAX + 1) * RECORD_BYTES_MAX))


def _read(content: bytes, fits: Any, bytes_max: int) -> Any:
    try:
        return fits(decode(content, bytes_max))[1:]
    except (Malformed, Misshapen) as trouble:
        message = f"not a question or answer of this version: {trouble}"
        raise BadAsking(message) from trouble
