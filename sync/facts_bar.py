"""The facts that bars and top-up tills state: money that moved, and why."""

from dataclasses import dataclass
from typing import Final

from sync.body import LINE, PAYMENT, Body, kind
from sync.keys import PIN_PROOF_BYTES
from sync.limits import DENOMINATIONS_MAX, PAYMENTS_MAX, SALE_LINES_MAX
from sync.schema import (
    AMOUNT,
    COUNT,
    ID,
    PRICE,
    QUANTITY,
    TEXT,
    U16,
    U32,
    U64,
    many,
    maybe,
    raw,
    row,
    text,
    whole,
)  # fmt: skip

NOTES_AND_COINS: Final = many(row(PRICE, COUNT), DENOMINATIONS_MAX)
"""(value in minor units, how many) of each note and coin that was counted"""
AGAINST_QUOTA: Final = row(whole(2, 3), U32, U16)
"""ResourceKind (TICKET_TYPE or VOUCHER), its number, the line or payment that counts against it"""


@kind(50, ID, U64, PRICE, whole(1, 5), U16, U32, maybe(text(40)), maybe(U64))
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
    seller: int | None = None


@kind(
    51,
    ID,
    U16,
    U32,
    U64,
    many(LINE, SALE_LINES_MAX),
    many(PAYMENT, PAYMENTS_MAX),
    U32,
    TEXT,
    AMOUNT,
    maybe(U64),
    maybe(U64),
    maybe(PRICE),
    maybe(U64),
    maybe(U32),
    maybe(many(AGAINST_QUOTA, SALE_LINES_MAX + PAYMENTS_MAX)),
)
@dataclass(frozen=True, slots=True)
class Sold(Body):
    """A basket was paid: what, how, at which catalogue version, and which rule allowed it.

    `known_balance` is what the till knew of the wallet before the sale (minor units, 0 for others),
    `approved_by` who allowed a discount or a gift, `age_checked_by` who saw that the guest is old
    enough, `loan` how much of it the authority had lent for this wallet, `wristband` the one shown
    and `taps` what its chip had counted. `quotas` says which lines hand out a ticket of which type
    and of which kind each voucher was: what the list said at the till, for the list may change.
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
    approved_by: int | None = None
    age_checked_by: int | None = None
    loan: int | None = None
    wristband: int | None = None
    taps: int | None = None
    quotas: tuple[tuple[int, int, int], ...] | None = None


@kind(52, ID, many(U16, SALE_LINES_MAX), many(PAYMENT, PAYMENTS_MAX), U16, U32, U64, maybe(U64))
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
    approved_by: int | None = None


@kind(53, ID, ID, U16, COUNT, many(PAYMENT, PAYMENTS_MAX), U16, U32, U64, maybe(U64))
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
    approved_by: int | None = None


@kind(54, U64, U64, TEXT, maybe(U64))
@dataclass(frozen=True, slots=True)
class WristbandLinked(Body):
    """A wristband (serial) now spends from this wallet; `reason` says on whose word."""

    wristband: int
    wallet: int
    reason: str
    approved_by: int | None = None


@kind(55, U64, TEXT, maybe(U64))
@dataclass(frozen=True, slots=True)
class WristbandBlocked(Body):
    """A wristband was reported lost or stolen and spends no more."""

    wristband: int
    reason: str
    approved_by: int | None = None


@kind(56, ID, U64, PRICE, whole(1, 5), U16, U32, maybe(text(40)), maybe(U64), maybe(PRICE))
@dataclass(frozen=True, slots=True)
class PaidOut(Body):
    """What was left in a wallet was paid out: operation id, wallet, amount, Method.

    `loan` is how much of it the authority had lent for this: what is certainly left.
    """

    operation: bytes
    wallet: int
    amount: int
    method: int
    bar: int
    shift: int
    reference: str | None
    approved_by: int | None = None
    loan: int | None = None


@kind(57, U32, U16, U64, PRICE, maybe(NOTES_AND_COINS))
@dataclass(frozen=True, slots=True)
class ShiftOpened(Body):
    """A shift began at this till with a counted float in the drawer."""

    shift: int
    bar: int
    seller: int
    float_counted: int
    cash: tuple[tuple[int, int], ...] | None = None


@kind(58, U32, U16, U64, PRICE, U64, maybe(NOTES_AND_COINS), maybe(AMOUNT))
@dataclass(frozen=True, slots=True)
class ShiftClosed(Body):
    """A shift ended: the drawer as counted and the run's last number before this fact.

    `cash` is how it was counted, `expected` what the till had made of its own records.
    """

    shift: int
    bar: int
    seller: int
    counted: int
    last_number: int
    cash: tuple[tuple[int, int], ...] | None = None
    expected: int | None = None


@kind(59, ID, U64, AMOUNT, text(24), U16)
@dataclass(frozen=True, slots=True)
class Declined(Body):
    """A payment was declined: sale, wallet, amount, the rule, bar."""

    sale: bytes
    wallet: int
    amount: int
    rule: str
    bar: int


@kind(60, U64, PRICE)
@dataclass(frozen=True, slots=True)
class CapRenewed(Body):
    """A supervisor renewed this till's cap of unacknowledged sales by an amount."""

    supervisor: int
    amount: int


@kind(61, U16, U32, QUANTITY, whole(1, 9), U32, U64)
@dataclass(frozen=True, slots=True)
class StockMoved(Body):
    """A bar's stock of a product changed other than by selling; counted in half measures.

    `reason` is a `StockReason`; a count states the difference that it found.
    """

    bar: int
    product: int
    change: int
    reason: int
    shift: int
    seller: int


@kind(62, U16, U32, whole(0, 2), U64)
@dataclass(frozen=True, slots=True)
class OfferSet(Body):
    """A bar offers a product from now on, or has sold it out, or has it not on tap (`Offered`)."""

    bar: int
    product: int
    offered: int
    seller: int


@kind(63, U64, whole(1, 2), raw(PIN_PROOF_BYTES), U64)
@dataclass(frozen=True, slots=True)
class WalletSecretSet(Body):
    """What a guest knows of a wallet (`SecretKind`), as its proof (`sync.keys.pin_proof`)."""

    wallet: int
    secret: int
    proof: bytes
    seller: int
