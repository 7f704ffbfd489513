"""What a terminal that joins late asks its office, and what it is answered.

Three questions in one shape: is there a snapshot; the part with this SHA-256; the records of a run
from one number to another. Each brings the certificates of who asks, because a new box was never
heard and no journal of it proves its key. The request and the answer are signed around this.
"""

from dataclasses import astuple, dataclass, replace
from enum import IntEnum
from typing import Any, Final

from sync.certificates import CERTIFICATE_BYTES_MAX, CHAIN_CERTIFICATES_MAX
from sync.codec import Malformed, decode, encode
from sync.limits import (
    MESSAGE_BYTES_MAX,
    MESSAGE_RECORDS_MAX,
    RECORD_BYTES_MAX,
    SNAPSHOT_ASK_BYTES_MAX,
    SNAPSHOT_PART_BYTES_MAX,
)
from sync.schema import ID, ORDINAL, Misshapen, many, maybe, raw, row, whole

ASKING_VERSION: Final = 1


class Wanted(IntEnum):
    """What is asked for; part of the wire format."""

    HEAD = 1
    PART = 2
    RECORDS = 3


class State(IntEnum):
    """Whether the office has what was asked for; part of the wire format."""

    NONE = 0
    BEING_MADE = 1
    HERE = 2


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: the asker's certificates and what is wanted.

    A part is wanted by its SHA-256 (`mark`), records by run and numbers, both ends included.
    """

    certificates: tuple[bytes, ...]
    wanted: int
    mark: bytes | None = None
    run: bytes | None = None
    low: int | None = None
    high: int | None = None


_ASK: Final = row(
    whole(ASKING_VERSION, ASKING_VERSION),
    many(raw(1, CERTIFICATE_BYTES_MAX), CHAIN_CERTIFICATES_MAX),
    whole(1, max(Wanted)),
    maybe(raw(32)),
    maybe(ID),
    maybe(ORDINAL),
    maybe(ORDINAL),
)
_CONTENT: Final = row(whole(0, max(State)), raw(0, SNAPSHOT_PART_BYTES_MAX))
_RECORDS: Final = many(raw(1, RECORD_BYTES_MAX), MESSAGE_RECORDS_MAX)


class BadAsk(ValueError):
    """Bytes that are no question or answer of this version; nothing was changed by them."""


def spell_ask(ask: Ask) -> bytes:
    """Return a question as bytes; `Misshapen` if a value is out of bounds."""
    return encode(list(_ASK.fits((ASKING_VERSION, *astuple(replace(ask, wanted=int(ask.wanted)))))))


def read_ask(content: bytes) -> Ask:
    """Return the question that the bytes spell, else `BadAsk`."""
    ask = Ask(*_read(_ASK, content, SNAPSHOT_ASK_BYTES_MAX)[1:])
    needed = {Wanted.PART: (ask.mark,), Wanted.RECORDS: (ask.run, ask.low, ask.high)}
    if None in needed.get(Wanted(ask.wanted), ()):
        raise BadAsk("the question does not say which part or which records are wanted")
    return ask


def spell_content(state: State, content: bytes = b"") -> bytes:
    """Return the answer about a head or a part as bytes."""
    return encode([int(state), content])


def read_content(content: bytes) -> tuple[State, bytes]:
    """Return whether a head or part is there, and its bytes, else `BadAsk`."""
    state, held = _read(_CONTENT, content, MESSAGE_BYTES_MAX)
    return State(state), held


def spell_records(records: list[bytes]) -> bytes:
    """Return the answer with records as bytes."""
    return encode(records)


def read_records(content: bytes) -> tuple[bytes, ...]:
    """Return the records of an answer, which are not yet checked, else `BadAsk`."""
    records: tuple[bytes, ...] = _read(_RECORDS, content, MESSAGE_BYTES_MAX)
    return records


def _read(shape: Any, content: bytes, bytes_max: int) -> Any:
    try:
        return shape.fits(decode(content, bytes_max))
    except (Malformed, Misshapen) as trouble:
        raise BadAsk(f"not a question or answer of this version: {trouble}") from trouble
