"""What the office states: catalogue, statuses, keys, allotments, who lends, revocations."""

from dataclasses import dataclass
from typing import Final

from sync.body import POSTING, RESOURCE, Body, kind
from sync.limits import (
    BARS_OF_PRODUCT_MAX,
    DAY_MINUTES,
    PRICE_WINDOWS_MAX,
    PRODUCTS_OF_VOUCHER_MAX,
    STATUS_ROWS_MAX,
    U32_MAX,
)
from sync.schema import (
    AMOUNT,
    COUNT,
    ID,
    PRICE,
    TEXT,
    U8,
    U16,
    U32,
    U64,
    YES_NO,
    many,
    maybe,
    raw,
    row,
    text,
    whole,
)  # fmt: skip

PRICE_WINDOW: Final = row(whole(0, DAY_MINUTES), whole(0, DAY_MINUTES), PRICE)


@kind(1, raw(32), many(raw(1, 400), 4), maybe(ID), TEXT, TEXT)
@dataclass(frozen=True, slots=True)
class RunOpened(Body):
    """A process started; signed by the identity key that `certificates` vouch for."""

    run_key: bytes
    certificates: tuple[bytes, ...]
    parent: bytes | None
    software: str
    boot_id: str


@kind(
    10, U32, U32, text(80), text(40), PRICE, whole(0, 9_999), PRICE, U8, YES_NO,
    maybe(PRICE), maybe(PRICE), maybe(PRICE), maybe(many(PRICE_WINDOW, PRICE_WINDOWS_MAX)),
    maybe(many(U16, BARS_OF_PRODUCT_MAX)), maybe(U16),
)  # fmt: skip
@dataclass(frozen=True, slots=True)
class ProductSet(Body):
    """A product of the price list; price and cup deposit in minor units, VAT in basis points.

    `half`, `double` and `mixer` are prices of those modifiers, None where there is none. `windows`
    are (from, until, price) with local minutes of the day, the first that fits counts; `bars` are
    the bars that have it, none given means all. `ticket_type` is what a walk-up sale hands out:
    each unit counts against the quota of that ticket type.
    """

    product: int
    version: int
    name: str
    category: str
    price: int
    vat: int
    deposit: int
    age: int
    on_sale: bool
    half: int | None = None
    double: int | None = None
    mixer: int | None = None
    windows: tuple[tuple[int, int, int], ...] | None = None
    bars: tuple[int, ...] | None = None
    ticket_type: int | None = None


@kind(27, U16, U32, text(80), PRICE, many(U32, PRODUCTS_OF_VOUCHER_MAX))
@dataclass(frozen=True, slots=True)
class VoucherSet(Body):
    """A kind of voucher: what it pays at most (minor units, 0: one whole item), for which products.

    No products means any. The codes of vouchers name their kind as their type.
    """

    voucher: int
    version: int
    name: str
    worth: int
    products: tuple[int, ...]


@kind(
    11, U16, U32, text(80), YES_NO, U16, U16, U16, YES_NO, many(U16, 64), many(U16, 4), U16,
    maybe(text(120)), maybe(U8),
)  # fmt: skip
@dataclass(frozen=True, slots=True)
class TypeSet(Body):
    """A ticket type and its rules; 0 means without limit, no zones means every zone.

    `window` is empty or (from, until) as minutes of the day; `group_max` is 1 for one guest.
    `note` is what an agent should look at, `age` from which age a guest may come in.
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
    note: str | None = None
    age: int | None = None


@kind(12, U16, U32, text(80), maybe(COUNT))
@dataclass(frozen=True, slots=True)
class ZoneSet(Body):
    """A zone; with a capacity, gates admit only within what they were lent."""

    zone: int
    version: int
    name: str
    capacity: int | None


@kind(28, whole(2, 4), U32, U32, maybe(COUNT))
@dataclass(frozen=True, slots=True)
class QuotaSet(Body):
    """How many units may be handed out in all; without a capacity there is no limit.

    `kind` is a `ResourceKind`: TICKET_TYPE, VOUCHER or STOCK (a product). Zones have their own
    fact.
    """

    kind: int
    number: int
    version: int
    capacity: int | None


@kind(13, U32, many(row(U16, AMOUNT), 64))
@dataclass(frozen=True, slots=True)
class PolicySet(Body):
    """The organiser's limits: (number of the setting, value) rows; see `sync.catalogue`."""

    version: int
    settings: tuple[tuple[int, int], ...]


@kind(14, many(row(U64, whole(0, 5), U32, maybe(U64)), STATUS_ROWS_MAX))
@dataclass(frozen=True, slots=True)
class TicketStatusSet(Body):
    """Statuses of tickets: (serial, TicketStatus, version, replacing serial if REPLACED) rows."""

    rows: tuple[tuple[int, int, int, int | None], ...]


@kind(15, raw(1, 400))
@dataclass(frozen=True, slots=True)
class CertificateIssued(Body):
    """The office vouches for a terminal or for a key that issues codes."""

    certificate: bytes


@kind(16, U8)
@dataclass(frozen=True, slots=True)
class KeyRetired(Body):
    """Codes signed with this issuing key are no longer taken."""

    key_id: int


@kind(17, ID, U32, text(80), U16, many(U16, 64), maybe(U16))
@dataclass(frozen=True, slots=True)
class GateSet(Body):
    """A gate terminal's place: the zone it lets into, the types it takes (none = every type).

    `online` is the number of an online gate: no box stands there, the office itself judges for
    phones. Its id follows from the number (`sync.online_gates`), and it is never lent anything.
    """

    terminal: bytes
    version: int
    name: str
    zone: int
    types: tuple[int, ...]
    online: int | None = None


@kind(18, ID, U32, text(80), U16)
@dataclass(frozen=True, slots=True)
class BarSet(Body):
    """A bar terminal's place: the bar whose revenue it books."""

    terminal: bytes
    version: int
    name: str
    bar: int


@kind(20, RESOURCE, ID, AMOUNT, maybe(U32))
@dataclass(frozen=True, slots=True)
class Allotted(Body):
    """The authority lent a part of a quota to a terminal (a wallet's loan in minor units).

    `authority` is the version under which the lender held itself to be the authority; None is 0.
    """

    resource: tuple[int, int]
    terminal: bytes
    amount: int
    authority: int | None = None


@kind(29, whole(1, U32_MAX), maybe(ID))
@dataclass(frozen=True, slots=True)
class AuthorityHanded(Body):
    """The holder of the version before gave the authority for lending to a hub (its terminal id).

    None is the office, which may also take it back from a hub that was revoked.
    """

    version: int
    to: bytes | None


@kind(21, RESOURCE, COUNT)
@dataclass(frozen=True, slots=True)
class AllotmentReturned(Body):
    """The writer gave a part that it holds back to the office."""

    resource: tuple[int, int]
    amount: int


@kind(22, RESOURCE, ID, COUNT, maybe(ID))
@dataclass(frozen=True, slots=True)
class AllotmentPassed(Body):
    """The writer gave a part that it holds to another terminal.

    `operation` is the question that it answers, so that a giver which died in between knows what it
    gave already.
    """

    resource: tuple[int, int]
    terminal: bytes
    amount: int
    operation: bytes | None = None


@kind(23, RESOURCE, ID, AMOUNT)
@dataclass(frozen=True, slots=True)
class AllotmentWrittenOff(Body):
    """An operator took back what an unreachable terminal held."""

    resource: tuple[int, int]
    terminal: bytes
    amount: int


@kind(24, ID, many(row(ID, U64), 64))
@dataclass(frozen=True, slots=True)
class TerminalRevoked(Body):
    """A terminal is no longer believed beyond these (run, last number counted) rows."""

    terminal: bytes
    last: tuple[tuple[bytes, int], ...]


@kind(25, ID, ID, U64)
@dataclass(frozen=True, slots=True)
class Released(Body):
    """Quarantined facts of a revoked terminal's run count after all, up to this number."""

    terminal: bytes
    run: bytes
    number: int


@kind(26, many(POSTING, 32), TEXT, U64)
@dataclass(frozen=True, slots=True)
class Corrected(Body):
    """The office put an account right; the postings sum to zero per asset."""

    postings: tuple[tuple[str, int, int], ...]
    reason: str
    approver: int
