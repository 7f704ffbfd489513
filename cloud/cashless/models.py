"""What comes in and goes out about wallets."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from cloud.api.models import (
    U16,
    U32,
    Given,
    HexId,
    Minor,
    PositiveMinor,
    SerialText,
    Taken,
    UnixMs,
)
from cloud.cashless.wallets import MoveKind
from cloud.limits import PAID_LINES_MAX, PAID_QUANTITY_MAX, PAYMENT_REFERENCE_CHARS_MAX

Festival = Annotated[U32, Field(description="The festival's number.")]
Reference = Annotated[
    str,
    StringConstraints(max_length=PAYMENT_REFERENCE_CHARS_MAX, pattern=r"^[^\x00-\x1f\x7f]*$"),
    Field(description="What finds the payment elsewhere; name no person here."),
]
VatBasisPoints = Annotated[
    int, Field(ge=0, le=9_999, description="Contained in the amount; 2000 is 20 %.")
]
SignedMinor = Annotated[int, Field(description="Whole minor units (cents); negative goes out.")]


class TopUpWallet(Taken):
    """Money for a wallet, and how it came."""

    festival: Festival
    wallet: SerialText
    amount_minor: PositiveMinor
    method: Literal["cash", "card", "transfer", "gift"]
    reference: Reference = ""


class PaidItem(Taken):
    """Some of a product."""

    product: U32
    quantity: Annotated[int, Field(ge=1, le=PAID_QUANTITY_MAX)]


PaidItems = Annotated[list[PaidItem], Field(min_length=1, max_length=PAID_LINES_MAX)]


class PayByWallet(Taken):
    """What is paid: products at the prices of the list, or an amount; one of the two."""

    festival: Festival
    wallet: SerialText
    items: PaidItems | None = None
    amount_minor: PositiveMinor | None = None
    vat_basis_points: VatBasisPoints = 0
    bar: Annotated[U16, Field(description="Whose revenue it is; 0 is no bar's.")] = 0
    reference: Reference = ""

    @model_validator(mode="after")
    def _has_one_of_both(self) -> Self:
        if (self.items is None) == (self.amount_minor is None):
            message = "give items or amount_minor, and not both"
            raise ValueError(message)
        return self


class WalletMoved(Given):
    """What moved, and what the wallet holds then; `safe_minor` is certainly left."""

    operation: HexId
    wallet: SerialText
    amount_minor: Minor
    balance_minor: SignedMinor
    safe_minor: Minor


class WalletQuery(Taken):
    """In which festival."""

    festival: Annotated[U32, Field(strict=False, description="The festival's number.")]


class MoveShown(Given):
    """One change of a wallet; a sale as it stands now, without what was taken back of it."""

    kind: MoveKind
    amount_minor: SignedMinor
    at_ms: UnixMs
    bar: U16
    operation: HexId


class WalletShown(Given):
    """What a wallet holds: paid by the guest, given, from vouchers; lent to tills, and safe.

    `is_complete`: the moves are all there ever were, the newest first.
    """

    wallet: SerialText
    balance_minor: SignedMinor
    safe_minor: Minor
    lent_minor: Minor
    paid_minor: Minor
    gift_minor: Minor
    voucher_minor: Minor
    is_blocked: bool
    moves: list[MoveShown]
    is_complete: bool
