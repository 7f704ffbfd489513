"""The facts that gates state: who came in, went out, moved, was refused."""

from dataclasses import dataclass

from sync.body import AFTER, Body, kind
from sync.limits import GROUP_GUESTS_MAX
from sync.schema import (
    DAY,
    FACT_ID,
    ID,
    U8,
    U16,
    U32,
    U64,
    maybe,
    raw,
    text,
    whole,
)  # fmt: skip


@kind(
    30, U64, U16, U16, DAY, whole(1, GROUP_GUESTS_MAX), AFTER, U8, U32, maybe(ID), maybe(U64),
    maybe(U8), maybe(ID),
)  # fmt: skip
@dataclass(frozen=True, slots=True)
class Admitted(Body):
    """Guests came in: serial, ticket type, zone, festival day (YYYYMMDD), how many.

    `after` names what this gate knew of the ticket; `provisional` holds `Provisional` bits;
    `office_version` is how many office facts the gate knew; `supervisor` is who overrode a refusal,
    `override` why (an `OverrideReason`). `gate` is the online gate of which the office says so;
    a box that speaks of its own gate names none. It means the same in every kind that has it.
    """

    serial: int
    type: int
    zone: int
    day: int
    count: int
    after: tuple[bytes, ...]
    provisional: int
    office_version: int
    session: bytes | None
    supervisor: int | None
    override: int | None = None
    gate: bytes | None = None


@kind(31, U64, U16, DAY, AFTER, maybe(FACT_ID), maybe(ID))
@dataclass(frozen=True, slots=True)
class Left(Body):
    """A guest went out of a zone; `admission` is the one that this closes, if one was known."""

    serial: int
    zone: int
    day: int
    after: tuple[bytes, ...]
    admission: bytes | None
    gate: bytes | None = None


@kind(32, U64, U16, U16, DAY, AFTER, maybe(ID))
@dataclass(frozen=True, slots=True)
class Moved(Body):
    """A guest who was inside went from one zone into another."""

    serial: int
    zone_from: int
    zone_to: int
    day: int
    after: tuple[bytes, ...]
    gate: bytes | None = None


@kind(33, U64, FACT_ID, AFTER)
@dataclass(frozen=True, slots=True)
class Undone(Body):
    """An agent took back a fact of this ticket made by mistake."""

    serial: int
    target: bytes
    after: tuple[bytes, ...]


@kind(34, maybe(U64), raw(8), text(24), U16, maybe(U16), maybe(ID))
@dataclass(frozen=True, slots=True)
class Refused(Body):
    """Somebody was refused: serial if the code was genuine, a digest of the text, the reason."""

    serial: int | None
    code_digest: bytes
    reason: str
    zone: int
    type: int | None
    gate: bytes | None = None


@kind(35, U64, U64, U64)
@dataclass(frozen=True, slots=True)
class ClockConfirmed(Body):
    """A supervisor confirmed the time shown (Unix ms), which makes it COARSE."""

    supervisor: int
    time_ms: int
    uncertainty_ms: int


@kind(36, U64, FACT_ID, whole(1, GROUP_GUESTS_MAX), AFTER)
@dataclass(frozen=True, slots=True)
class NotEntered(Body):
    """A turnstile was opened for a fact of this ticket and so many guests did not pass it."""

    serial: int
    target: bytes
    guests: int
    after: tuple[bytes, ...]


@kind(37, U64, U16, U64)
@dataclass(frozen=True, slots=True)
class WristbandGiven(Body):
    """A guest got this wristband for the ticket (of a type): from now on it stands for it."""

    serial: int
    type: int
    wristband: int
