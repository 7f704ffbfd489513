"""The facts that bars and top-up tills state: money that moved, and why."""

from dataclasses import dataclass

from sync.body import LINE, PAYMENT, Body, kind
from sync.limits import PAYMENTS_MAX, SALE_LINES_MAX
from sync.schema import (
    AMOUNT,
    COUNT,
    ID,
    PRICE,
    TEXT,
    U16,
    U32,
    U64,
    many,
    maybe,
    text,
    whole,
)  # fmt: skip


@kind(50, ID, U64, PRICE, whole(1, 5), U16, U32, maybe(text(40)))
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


@kind(52, ID, many(U16, SALE_LINES_MAX), many(PAYMENT, PAYMENTS_MAX), U16, U32, U64)
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


@kind(53, ID, ID, U16, COUNT, many(PAYMENT, PAYMENTS_MAX), U16, U32, U64)
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


@kind(54, U64, U64, TEXT)
@dataclass(frozen=True, slots=True)
class WristbandLinked(Body):
    """A wristband (serial) now spends from this wallet; `reason` says on whose word."""

    wristband: int
    wallet: int
    reason: str


@kind(55, U64, TEXT)
@dataclass(frozen=True, slots=True)
class WristbandBlocked(Body):
    """A wristband was reported lost or stolen and spends no more."""

    wristband: int
    reason: str


@kind(56, ID, U64, PRICE, whole(1, 5), U16, U32, maybe(text(40)))
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


@kind(57, U32, U16, U64, PRICE)
@dataclass(frozen=True, slots=True)
class ShiftOpened(Body):
    """A shift began at this till with a counted float in the drawer."""

    shift: int
    bar: int
    seller: int
    float_counted: int


@kind(58, U32, U16, U64, PRICE, U64)
@dataclass(frozen=True, slots=True)
class ShiftClosed(Body):
    """A shift ended: the drawer as counted and the run's last number before this fact."""

    shift: int
    bar: int
    seller: int
    counted: int
    last_number: int


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
