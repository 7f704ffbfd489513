"""Journals: signed, chained records that nobody can rewrite unseen.

Theory. Each writer (a box, or one office process) keeps one journal, made of runs: one run for each
process start. A run draws a fresh key that lives in memory only; its first record, number 0, is
signed by the writer's identity key and names that run key, so a stolen card cannot continue a run.
Records of a run count up without gaps and each names the id of the record before it; number 0 names
the last record of the parent run. So an honest journal is one line.

A restored card or a cloned box makes two records with one predecessor, or two with one run and
number. Both are genuine, both are kept and both count; side by side they prove the fork, and
people are told. No sale is thrown away because a box was copied.

Signatures cover the payload bytes as received; the id is their SHA-256. A record that this version
cannot interpret is still stored and passed on as the bytes it came in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sync.clock import ClockQuality, ClockState, HybridClock, Moment, Stamp
from sync.codec import Malformed, decode, encode
from sync.facts import FACT_VERSION, Body, RunOpened, body_map, body_of
from sync.keys import FACT_PURPOSE, PublicKey, SecretKey, digest
from sync.limits import (
    LOGICAL_TICKS_MAX,
    PHYSICAL_MS_MAX,
    RECORD_BYTES_MAX,
    UNCERTAINTY_MS_MAX,
)
from sync.names import NO_PREVIOUS, FactId, FestivalId, RunId, TerminalId
from sync.schema import FACT_ID, ID, ORDINAL, U32, Misshapen, raw, row, whole

_SIGNED: Final = row(raw(1, RECORD_BYTES_MAX), raw(64))
_STAMP: Final = row(whole(0, PHYSICAL_MS_MAX), whole(0, LOGICAL_TICKS_MAX))
_CLOCK: Final = row(whole(0, 2), whole(0, UNCERTAINTY_MS_MAX))
_KEYS: Final = frozenset(range(1, 11))


class RecordTooLarge(ValueError):
    """A fact does not fit the 4 KiB of a record; nothing was written."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it came, with its header read; `body` is None if it cannot be interpreted."""

    raw: bytes
    payload: bytes
    signature: bytes
    id: FactId
    version: int
    festival: FestivalId
    terminal: TerminalId
    run: RunId
    number: int
    previous: FactId
    stamp: Stamp
    clock: ClockQuality
    kind: int
    body: Body | None


def read_record(content: bytes) -> Record:
    """Return the record that the bytes spell, unverified; `Malformed` says what is wrong."""
    try:
        payload, signature = _SIGNED.fits(decode(content, RECORD_BYTES_MAX))
        fields = decode(payload, RECORD_BYTES_MAX)
        if not hasattr(fields, "items") or not _KEYS.issubset(fields):
            message = "a record's payload is a map of the fields 1 to 10"
            raise Malformed(message)
        physical, logical = _STAMP.fits(fields[7])
        state, uncertainty = _CLOCK.fits(fields[8])
        version = U32.fits(fields[1])
        kind = U32.fits(fields[9])
        return Record(
            raw=content,
            payload=payload,
            signature=signature,
            id=FactId(digest(payload)),
            version=version,
            festival=U32.fits(fields[2]),
            terminal=ID.fits(fields[3]),
            run=ID.fits(fields[4]),
            number=ORDINAL.fits(fields[5]),
            previous=FACT_ID.fits(fields[6]),
            stamp=Stamp(physical, logical),
            clock=ClockQuality(ClockState(state), uncertainty),
            kind=kind,
            body=_body(version, kind, fields) if len(fields) == len(_KEYS) else None,
        )
    except Misshapen as trouble:
        message = f"not a record: {trouble}"
        raise Malformed(message) from trouble


def _body(version: int, kind: int, fields: Any) -> Body | None:
    """Interpret the body, or not: a body that does not fit is kept but has no effect."""
    if version != FACT_VERSION or not hasattr(fields[10], "items"):
        return None
    try:
        return body_of(kind, fields[10])
    except Misshapen:
        return None


def signed_by(record: Record, key: PublicKey) -> bool:
    """Tell whether this key signed the record's payload as a fact."""
    return key.verifies(FACT_PURPOSE, record.payload, record.signature)


class Writer:
    """The pen of one run: stamps, chains and signs. It must be the only one with its run key."""

    def __init__(
        self, festival: FestivalId, terminal: TerminalId, run: RunId, key: SecretKey
    ) -> None:
        """Prepare a run whose id and key were drawn for this process start."""
        self._festival = festival
        self._terminal = terminal
        self._run = run
        self._key = key
        self._clock = HybridClock()
        self._number = 0
        self._previous: FactId = NO_PREVIOUS

    @property
    def run(self) -> RunId:
        """The run that this pen writes."""
        return self._run

    @property
    def terminal(self) -> TerminalId:
        """The writer's id."""
        return self._terminal

    @property
    def next_number(self) -> int:
        """The number that the next record will have."""
        return self._number

    @property
    def clock(self) -> HybridClock:
        """The hybrid clock that stamps this run's records."""
        return self._clock

    def open(
        self,
        identity: SecretKey,
        certificates: Sequence[bytes],
        parent: Record | None,
        software: str,
        boot_id: str,
        moment: Moment,
    ) -> Record:
        """Return record number 0, signed by the identity key and naming the parent run's end."""
        if parent is not None:
            self._previous = parent.id
            self._clock = HybridClock(parent.stamp)
        body = RunOpened(
            self._key.public.raw,
            tuple(certificates),
            None if parent is None else parent.run,
            software,
            boot_id,
        )
        return self._write(body, moment, identity)

    def write(self, body: Body, moment: Moment) -> Record:
        """Return the next record of the run.

        `Misshapen` or `RecordTooLarge` leave the pen as it was. A record that was returned must be
        committed, or the process must end: its number is spent.
        """
        if self._number == 0:
            message = "a run starts with open()"
            raise RuntimeError(message)
        return self._write(body, moment, self._key)

    def _write(self, body: Body, moment: Moment, key: SecretKey) -> Record:
        content = body_map(body)
        before = self._clock.last
        stamp = self._clock.tick(moment.now_ms)
        payload = encode(
            {
                1: FACT_VERSION,
                2: self._festival,
                3: self._terminal,
                4: self._run,
                5: self._number,
                6: self._previous,
                7: [stamp.physical_ms, stamp.logical],
                8: [int(moment.quality.state), moment.quality.uncertainty_ms],
                9: body.KIND,
                10: content,
            }
        )
        signature = key.sign(FACT_PURPOSE, payload)
        content_bytes = encode([payload, signature])
        if len(content_bytes) > RECORD_BYTES_MAX:
            self._clock = HybridClock(before)
            message = f"the fact needs {len(content_bytes)} bytes; {RECORD_BYTES_MAX} fit"
            raise RecordTooLarge(message)
        record = Record(
            raw=content_bytes,
            payload=payload,
            signature=signature,
            id=FactId(digest(payload)),
            version=FACT_VERSION,
            festival=self._festival,
            terminal=self._terminal,
            run=self._run,
            number=self._number,
            previous=self._previous,
            stamp=stamp,
            clock=moment.quality,
            kind=body.KIND,
            body=body,
        )
        self._number += 1
        self._previous = record.id
        return record
