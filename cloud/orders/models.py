"""What comes in and goes out about orders and offers."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from cloud.api.models import (
    U16,
    U32,
    Given,
    HexId,
    Minor,
    PageQuery,
    SerialText,
    Taken,
    UnixMs,
)
from cloud.limits import (
    ORDER_LINES_MAX,
    PAYMENT_REFERENCE_CHARS_MAX,
    TICKETS_OF_ORDER_MAX,
)

Method = Literal["cash", "card", "transfer", "free"]
State = Literal["reserved", "paid", "cancelled", "expired", "refunded"]
VatBasisPoints = Annotated[
    int, Field(ge=0, le=9_999, description="Contained in the price; 2000 is 20 %.")
]
Reference = Annotated[
    str,
    StringConstraints(max_length=PAYMENT_REFERENCE_CHARS_MAX, pattern=r"^[^\x00-\x1f\x7f]*$"),
    Field(description="What finds the payment elsewhere; name no person here."),
]
Festival = Annotated[U32, Field(description="The festival's number.")]


class TicketsWanted(Taken):
    """Some tickets of one type."""

    type: U16
    count: Annotated[int, Field(ge=1, le=TICKETS_OF_ORDER_MAX)]


SomeSerials = Annotated[list[SerialText], Field(min_length=1, max_length=TICKETS_OF_ORDER_MAX)]
WantedList = Annotated[list[TicketsWanted], Field(min_length=1, max_length=ORDER_LINES_MAX)]


class ReserveOrder(Taken):
    """Which tickets are to be held for a quarter of an hour."""

    festival: Festival
    tickets: WantedList


class BuyTickets(Taken):
    """Which tickets are bought, and how they were paid."""

    festival: Festival
    tickets: WantedList
    method: Method = "free"
    reference: Reference = ""


class PayOrder(Taken):
    """How an order was paid."""

    festival: Festival
    method: Method
    reference: Reference = ""


class CancelOrder(Taken):
    """In which festival an order is cancelled."""

    festival: Festival


class RefundOrder(Taken):
    """Which tickets of an order are paid back; without a list all that are left."""

    festival: Festival
    serials: SomeSerials | None = None


class LineShown(Given):
    """Tickets of one type in an order."""

    type: U16
    quantity: int
    price_minor: Minor
    vat_basis_points: VatBasisPoints
    refunded: int


class OrderTicket(Given):
    """A ticket that an order made."""

    serial: SerialText
    type: U16


class OrderShown(Given):
    """An order as it was when it was answered; times are 0 for what has not been."""

    order: HexId
    festival: Festival
    state: State
    buyer: str
    lines: list[LineShown]
    total_minor: Minor
    refunded_minor: Minor
    made_ms: UnixMs
    expires_ms: UnixMs
    paid_ms: UnixMs
    method: str
    reference: str


class OrderDone(OrderShown):
    """An order with the serials of its tickets; their codes are read apart."""

    tickets: list[OrderTicket]


class CodedTicket(Given):
    """A ticket with its code; null if the key that signed it is gone."""

    festival: Festival
    order: HexId
    serial: SerialText
    type: U16
    status: str
    code: str | None


class OrderWhole(OrderShown):
    """An order with its tickets and their codes."""

    tickets: list[CodedTicket]


class OrdersQuery(PageQuery):
    """Which orders are wanted."""

    state: State | None = None


class MyTicketsQuery(PageQuery):
    """In which festival."""

    festival: Festival


class SetOffer(Taken):
    """What a ticket type is sold for; 0 as a time is open, as a number without a limit."""

    price_minor: Minor
    vat_basis_points: VatBasisPoints = 0
    from_ms: UnixMs = 0
    until_ms: UnixMs = 0
    per_order_max: Annotated[int, Field(ge=0, le=TICKETS_OF_ORDER_MAX)] = 0
    is_visible: bool = True

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until_ms and self.until_ms <= self.from_ms:
            message = "until_ms is not after from_ms"
            raise ValueError(message)
        return self


class OfferShown(Given):
    """What a ticket type is sold for, and how many places are left; null is without a limit."""

    type: U16
    name: str
    price_minor: Minor
    vat_basis_points: VatBasisPoints
    from_ms: UnixMs
    until_ms: UnixMs
    per_order_max: int
    is_visible: bool
    is_on_sale: bool
    places_left: int | None


class Offers(Given):
    """Everything that is for sale."""

    offers: list[OfferShown]
