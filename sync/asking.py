"""What a terminal asks of others beyond what it may decide alone, and what it is answered.

One question, one answer, in the strict codec. A till's question to the authority is about a wallet:
lend an amount for a sale, lend what is to be paid out, or link it to another wristband. A gate or
till that runs short of a quota asks for a part of it, the office or a neighbour. The answer brings
the records that were written for it, so that the asker can fold them at once instead of waiting for
them to come round; a run that the asker has not heard of is opened by its first record.

A loan whose answer was lost reaches the till with everything else and is then given back.
"""

from dataclasses import astuple, dataclass
from enum import IntEnum
from typing import Any, Final

from sync.body import RESOURCE
from sync.codec import Malformed, decode, encode
from sync.keys import PIN_DIGITS_MAX
from sync.limits import ASKED_BYTES_MAX, RECORD_BYTES_MAX, REPLY_RECORDS_MAX
from sync.schema import ID, PRICE, U64, Misshapen, many, maybe, raw, row, text, whole

ASKING_VERSION: Final = 1
AUTHORITY_PATH: Final = "/sync/v1/authority"
"""Where office and hub are asked."""


class Asked(IntEnum):
    """What a question is about; part of the wire format."""

    LOAN = 1
    PAY_OUT = 2
    LINK = 3
    PART = 4


@dataclass(frozen=True, slots=True)
class Question:
    """What a terminal wants: kind (`Asked`), its own id, wallet, amount in minor units.

    A `LINK` names the new `wristband`, and either the guest's `claim` code or who approved it. A
    `PART` names the `resource` (ResourceKind, number), no wallet (0), and how many units more.
    """

    kind: int
    operation: bytes
    wallet: int
    amount: int
    wristband: int | None = None
    claim: str | None = None
    approved_by: int | None = None
    resource: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What was done: the amount granted (1 for a link), or the reason why nothing was.

    `safe` is what is certainly left in the wallet (minor units) or of the quota; `records` are what
    was written.
    """

    granted: int
    reason: str
    safe: int
    records: tuple[bytes, ...]


_VERSION: Final = whole(ASKING_VERSION, ASKING_VERSION)
_ABOUT_WALLET: Final = (ID, U64, PRICE, maybe(U64), maybe(text(PIN_DIGITS_MAX)), maybe(U64))
_QUESTION: Final = row(_VERSION, whole(Asked.LOAN, Asked.LINK), *_ABOUT_WALLET)
_PART_QUESTION: Final = row(_VERSION, whole(Asked.PART, Asked.PART), *_ABOUT_WALLET, RESOURCE)
_PART_FIELDS: Final = 9
"""Only a question for a part is longer, so the others are spelled as they always were."""
_REPLY: Final = row(
    _VERSION,
    PRICE,
    text(24),
    PRICE,
    many(raw(1, RECORD_BYTES_MAX), REPLY_RECORDS_MAX),
)


class BadAsking(ValueError):
    """Bytes that are no question or answer of this version; nothing was changed by them."""


def spell(said: Question | Reply) -> bytes:
    """Return a question or an answer as bytes; `Misshapen` if a value is out of bounds."""
    if isinstance(said, Reply):
        return encode(list(_REPLY.fits((ASKING_VERSION, *astuple(said)))))
    fields = (ASKING_VERSION, *astuple(said))
    is_part = said.kind == Asked.PART or said.resource is not None
    return encode(list(_PART_QUESTION.fits(fields) if is_part else _QUESTION.fits(fields[:-1])))


def read_question(content: bytes) -> Question:
    """Return the question that the bytes spell, else `BadAsking`."""
    return Question(*_read(content, _question_fits, ASKED_BYTES_MAX))


def read_reply(content: bytes) -> Reply:
    """Return the answer that the bytes spell, else `BadAsking`; its records are not yet checked."""
    return Reply(*_read(content, _REPLY.fits, (REPLY_RECORDS_MAX + 1) * RECORD_BYTES_MAX))


def _question_fits(value: Any) -> Any:
    is_part = isinstance(value, list | tuple) and len(value) == _PART_FIELDS
    return (_PART_QUESTION if is_part else _QUESTION).fits(value)


def _read(content: bytes, fits: Any, bytes_max: int) -> Any:
    try:
        return fits(decode(content, bytes_max))[1:]
    except (Malformed, Misshapen) as trouble:
        message = f"not a question or answer of this version: {trouble}"
        raise BadAsking(message) from trouble
