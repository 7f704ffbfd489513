"""What happened, in the past tense: every kind of fact, its number and its fields.

A fact is frozen and never rewritten; a correction is another fact. Kind numbers and field numbers
(the order of the fields, from 1) are part of the wire format and are never reused. A field that may
be missing is None and is then left out of the body.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, ClassVar, Final

from sync.limits import AFTER_IDS_MAX, GROUP_GUESTS_MAX, PAYMENTS_MAX, SALE_LINES_MAX
from sync.limits import STATUS_ROWS_MAX
from sync.schema import (
    AMOUNT, COUNT, DAY, FACT_ID, ID, PRICE, QUANTITY, TEXT, U8, U16, U32, U64, YES_NO,
    Misshapen, Shape, many, maybe, raw, row, text, whole,
)  # fmt: skip

FACT_VERSION: Final = 1


class TicketStatus(IntEnum):
    """A ticket's standing as the office says it; from CANCELLED on it is final."""

    VALID = 0
    UNPAID = 1
    BLOCKED = 2
    CANCELLED = 3
    REFUNDED = 4
    REPLACED = 5


class Provisional(IntEnum):
    """Why an admission was given with a reservation (bits that may be added)."""

    NO = 0
    CLOCK_IN_DOUBT = 1
    DATA_STALE = 2


class LineKind(IntEnum):
    """What a line of a basket is."""

    ITEM = 0
    DEPOSIT = 1
    CUP_BACK = 2
    TIP = 3
    TOP_UP = 4
    UNDONE = 5


class Method(IntEnum):
    """How a basket was paid or a top-up came in."""

    WALLET = 1
    CASH = 2
    CARD = 3
    VOUCHER = 4
    GIFT = 5


class ResourceKind(IntEnum):
    """What a quota counts."""

    ZONE = 1
    TICKET_TYPE = 2
    VOUCHER = 3
    STOCK = 4
    WALLET = 5


class Body:
    """A fact's content: a frozen dataclass whose fields follow `SHAPES` in order."""

    KIND: ClassVar[int]
    SHAPES: ClassVar[tuple[Shape, ...]]
    __slots__ = ()


AFTER: Final = many(FACT_ID, AFTER_IDS_MAX)
RESOURCE: Final = row(whole(1, 5), U64)
LINE: Final = row(U32, QUANTITY, AMOUNT, whole(0, 9_999), whole(0, 5), maybe(U16))
"""product, quantity, unit price (minor, VAT included), VAT (basis points), LineKind, undoes line"""
PAYMENT: Final = row(whole(1, 5), AMOUNT, maybe(U64), maybe(text(40)))
"""Method, amount (minor), wallet if it is one, reference if there is one"""
POSTING: Final = row(text(64), U16, AMOUNT)
"""account, asset (0 = the festival's currency), amount (minor)"""


def _kind(number: int, *shapes: Shape) -> Any:  # noqa: ANN401 - a class decorator
    def mark(body: type[Body]) -> type[Body]:
        body.KIND = number
        body.SHAPES = shapes
        BODIES[number] = body
        return body

    return mark


BODIES: Final[dict[int, type[Body]]] = {}


@_kind(1, raw(32), many(raw(1, 400), 4), maybe(ID), TEXT, TEXT)
@dataclass(frozen=True, slots=True)
class RunOpened(Body):
    """A process started; signed by the identity key that `certificates` vouch for."""

    run_key: bytes
    certificates: tuple[bytes, ...]
    parent: bytes | None
    software: str
    boot_id: str


# --- the office ---


@_kind(10, U32, U32, text(80), text(40), PRICE, whole(0, 9_999), PRICE, U8, YES_NO)
@dataclass(frozen=True, slots=True)
class ProductSet(Body):
    """A product of the price list; price and cup deposit in minor units, VAT in basis points."""

    product: int
    version: int
    name: str
    category: str
    price: int
    vat: int
    deposit: int
    age: int
    on_sale: bool


@_kind(11, U16, U32, text(80), YES_NO, U16, U16, U16, YES_NO, many(U16, 64), many(U16, 4), U16)
@dataclass(frozen=True, slots=True)
class TypeSet(Body):
    """A ticket type and its rules; 0 means without limit, no zones means every zone.

    `window` is empty or (from, until) as minutes of the day; `group_max` is 1 for one guest.
    """

    type: int
    version: int
    name: str
    allow_reentry: bool
    usage_limit: int
    daily_limit: int
    cooldown_minutes: int
    exit_required: bool
    zones: tuple[int, ...]
    window: tuple[int, ...]
    group_max: int


@_kind(12, U16, U32, text(80), maybe(COUNT))
@dataclass(frozen=True, slots=True)
class ZoneSet(Body):
    """A zone; with a capacity, gates admit only within what they were lent."""

    zone: int
    version: int
    name: str
    capacity: int | None


@_kind(13, U32, many(row(U16, AMOUNT), 64))
@dataclass(frozen=True, slots=True)
class PolicySet(Body):
    """The organiser's limits: (number of the setting, value) rows; see `sync.catalogue`."""

    version: int
    settings: tuple[tuple[int, int], ...]


@_kind(14, many(row(U64, whole(0, 5), U32, maybe(U64)), STATUS_ROWS_MAX))
@dataclass(frozen=True, slots=True)
class TicketStatusSet(Body):
    """Statuses of tickets: (serial, TicketStatus, version, replacing serial if REPLACED) rows."""

    rows: tuple[tuple[int, int, int, int | None], ...]


@_kind(15, raw(1, 400))
@dataclass(frozen=True, slots=True)
class CertificateIssued(Body):
    """The office vouches for a terminal or for a key that issues codes."""

    certificate: bytes


@_kind(16, U8)
@dataclass(frozen=True, slots=True)
class KeyRetired(Body):
    """Codes signed with this issuing key are no longer taken."""

    key_id: int


@_kind(17, ID, U32, text(80), U16, many(U16, 64))
@dataclass(frozen=True, slots=True)
class GateSet(Body):
    """A gate terminal's place: the zone it lets into, the types it takes (none = every type)."""

    terminal: bytes
    version: int
    name: str
    zone: int
    types: tuple[int, ...]


@_kind(18, ID, U32, text(80), U16)
@dataclass(frozen=True, slots=True)
class BarSet(Body):
    """A bar terminal's place: the bar whose revenue it books."""

    terminal: bytes
    version: int
    name: str
    bar: int


@_kind(20, RESOURCE, ID, AMOUNT)
@dataclass(frozen=True, slots=True)
class Allotted(Body):
    """The office lent a part of a quota to a terminal (a wallet's loan in minor units)."""

    resource: tuple[int, int]
    terminal: bytes
    amount: int


@_kind(21, RESOURCE, COUNT)
@dataclass(frozen=True, slots=True)
class AllotmentReturned(Body):
    """The writer gave a part that it holds back to the office."""

    resource: tuple[int, int]
    amount: int


@_kind(22, RESOURCE, ID, COUNT)
@dataclass(frozen=True, slots=True)
class AllotmentPassed(Body):
    """The writer gave a part that it holds to another terminal."""

    resource: tuple[int, int]
    terminal: bytes
    amount: int


@_kind(23, RESOURCE, ID, AMOUNT)
@dataclass(frozen=True, slots=True)
class AllotmentWrittenOff(Body):
    """An operator took back what an unreachable terminal held."""

    resource: tuple[int, int]
    terminal: bytes
    amount: int


@_kind(24, ID, many(row(ID, U64), 64))
@dataclass(frozen=True, slots=True)
class TerminalRevoked(Body):
    """A terminal is no longer believed beyond these (run, last number counted) rows."""

    terminal: bytes
    last: tuple[tuple[bytes, int], ...]


@_kind(25, ID, ID, U64)
@dataclass(frozen=True, slots=True)
class Released(Body):
    """Quarantined facts of a revoked terminal's run count after all, up to this number."""

    terminal: bytes
    run: bytes
    number: int


@_kind(26, many(POSTING, 32), TEXT, U64)
@dataclass(frozen=True, slots=True)
class Corrected(Body):
    """The office put an account right; the postings sum to zero per asset."""

    postings: tuple[tuple[str, int, int], ...]
    reason: str
    approver: int


# --- gates ---


@_kind(30, U64, U16, U16, DAY, whole(1, GROUP_GUESTS_MAX), AFTER, U8, U32, maybe(ID), maybe(U64))
@dataclass(frozen=True, slots=True)
class Admitted(Body):
    """Guests came in: serial, ticket type, zone, festival day (YYYYMMDD), how many.

    `after` names what this gate knew of the ticket; `provisional` holds `Provisional` bits;
    `office_version` is how many office facts the gate knew; `supervisor` is who overrode a refusal.
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


@_kind(31, U64, U16, DAY, AFTER, maybe(FACT_ID))
@dataclass(frozen=True, slots=True)
class Left(Body):
    """A guest went out of a zone; `admission` is the one that this closes, if one was known."""

    serial: int
    zone: int
    day: int
    after: tuple[bytes, ...]
    admission: bytes | None


@_kind(32, U64, U16, U16, DAY, AFTER)
@dataclass(frozen=True, slots=True)
class Moved(Body):
    """A guest who was inside went from one zone into another."""

    serial: int
    zone_from: int
    zone_to: int
    day: int
    after: tuple[bytes, ...]


@_kind(33, U64, FACT_ID, AFTER)
@dataclass(frozen=True, slots=True)
class Undone(Body):
    """An agent took back a fact of this ticket made by mistake."""

    serial: int
    target: bytes
    after: tuple[bytes, ...]


@_kind(34, maybe(U64), raw(8), text(24), U16, maybe(U16))
@dataclass(frozen=True, slots=True)
class Refused(Body):
    """Somebody was refused: serial if the code was genuine, a digest of the text, the reason."""

    serial: int | None
    code_digest: bytes
    reason: str
    zone: int
    type: int | None


@_kind(35, U64, U64, U64)
@dataclass(frozen=True, slots=True)
class ClockConfirmed(Body):
    """A supervisor confirmed the time shown (Unix ms), which makes it COARSE."""

    supervisor: int
    time_ms: int
    uncertainty_ms: int


# --- bars ---


@_kind(50, ID, U64, PRICE, whole(1, 5), U16, U32, maybe(text(40)))
@dataclass(frozen=True, slots=True)
class ToppedUp(Body):
    """Money came into a wallet: operation id, wallet, amount, Method, bar, shift, reference."""

    operation: bytes
    wallet: int
    amount: int
    method: int
    bar: int
    shift: int
    reference: str | None


@_kind(
    51, ID, U16, U32, U64, many(LINE, SALE_LINES_MAX), many(PAYMENT, PAYMENTS_MAX), U32, TEXT, AMOUNT
)
@dataclass(frozen=True, slots=True)
class Sold(Body):
    """A basket was paid: what, how, at which catalogue version, and which rule allowed it.

    `known_balance` is what the till knew of the wallet before the sale (minor units, 0 for others).
    """

    sale: bytes
    bar: int
    shift: int
    seller: int
    lines: tuple[tuple[int, int, int, int, int, int | None], ...]
    payments: tuple[tuple[int, int, int | None, str | None], ...]
    catalogue_version: int
    allowed_by: str
    known_balance: int


@_kind(52, ID, many(U16, SALE_LINES_MAX), many(PAYMENT, PAYMENTS_MAX), U16, U32, U64)
@dataclass(frozen=True, slots=True)
class Voided(Body):
    """Whole lines of a sale were undone; payments are what went back, as negative amounts.

    No payments means that the amount goes back to the wallet that paid.
    """

    sale: bytes
    lines: tuple[int, ...]
    payments: tuple[tuple[int, int, int | None, str | None], ...]
    bar: int
    shift: int
    seller: int


@_kind(53, ID, ID, U16, COUNT, many(PAYMENT, PAYMENTS_MAX), U16, U32, U64)
@dataclass(frozen=True, slots=True)
class Refunded(Body):
    """A quantity of one line of a sale was paid back: operation id, sale, line, quantity."""

    operation: bytes
    sale: bytes
    line: int
    quantity: int
    payments: tuple[tuple[int, int, int | None, str | None], ...]
    bar: int
    shift: int
    seller: int


@_kind(54, U64, U64, TEXT)
@dataclass(frozen=True, slots=True)
class WristbandLinked(Body):
    """A wristband (serial) now spends from this wallet; `reason` says on whose word."""

    wristband: int
    wallet: int
    reason: str


@_kind(55, U64, TEXT)
@dataclass(frozen=True, slots=True)
class WristbandBlocked(Body):
    """A wristband was reported lost or stolen and spends no more."""

    wristband: int
    reason: str


@_kind(56, ID, U64, PRICE, whole(1, 5), U16, U32, maybe(text(40)))
@dataclass(frozen=True, slots=True)
class PaidOut(Body):
    """What was left in a wallet was paid out: operation id, wallet, amount, Method."""

    operation: bytes
    wallet: int
    amount: int
    method: int
    bar: int
    shift: int
    reference: str | None


@_kind(57, U32, U16, U64, PRICE)
@dataclass(frozen=True, slots=True)
class ShiftOpened(Body):
    """A shift began at this till with a counted float in the drawer."""

    shift: int
    bar: int
    seller: int
    float_counted: int


@_kind(58, U32, U16, U64, PRICE, U64)
@dataclass(frozen=True, slots=True)
class ShiftClosed(Body):
    """A shift ended: the drawer as counted and the run's last number before this fact."""

    shift: int
    bar: int
    seller: int
    counted: int
    last_number: int


@_kind(59, ID, U64, AMOUNT, text(24), U16)
@dataclass(frozen=True, slots=True)
class Declined(Body):
    """A payment was declined: sale, wallet, amount, the rule, bar."""

    sale: bytes
    wallet: int
    amount: int
    rule: str
    bar: int


@_kind(60, U64, PRICE)
@dataclass(frozen=True, slots=True)
class CapRenewed(Body):
    """A supervisor renewed this till's cap of unacknowledged sales by an amount."""

    supervisor: int
    amount: int


def body_map(body: Body) -> dict[int, Any]:
    """Return the body as its CBOR map; `Misshapen` names the field that does not fit."""
    out: dict[int, Any] = {}
    names = body.__dataclass_fields__  # type: ignore[attr-defined]  # every body is a dataclass
    for number, (name, shape) in enumerate(zip(names, body.SHAPES, strict=True), 1):
        try:
            value = shape.fits(getattr(body, name))
        except Misshapen as trouble:
            message = f"{type(body).__name__}.{name}: {trouble}"
            raise Misshapen(message) from trouble
        if value is not None:
            out[number] = value
    return out


def body_of(kind: int, content: Any) -> Body | None:  # noqa: ANN401 - a decoded map
    """Return the fact's body, or None for a kind that this version does not know.

    Raises `Misshapen` if the kind is known and the content does not fit it.
    """
    cls = BODIES.get(kind)
    if cls is None:
        return None
    shapes = cls.SHAPES
    if not set(content).issubset(range(1, len(shapes) + 1)):
        message = f"{cls.__name__}: a field number is unknown"
        raise Misshapen(message)
    values = []
    for number, shape in enumerate(shapes, 1):
        value = content.get(number)
        if value is None and not shape.optional:
            message = f"{cls.__name__}: field {number} is missing"
            raise Misshapen(message)
        values.append(shape.fits(value))
    return cls(*values)
