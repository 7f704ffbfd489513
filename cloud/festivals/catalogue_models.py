"""What comes in and goes out about zones, ticket types, products, vouchers, bars and gates.

A body of PUT says all of a thing: what it leaves out has its default afterwards.
"""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

from cloud.api.models import U16, U32, Minor, PageQuery, Taken, Text, UnixMs, UnixS
from cloud.limits import DESCRIPTION_CHARS_MAX, PER_ORDER_TICKETS_MAX
from sync.limits import (
    BARS_OF_PRODUCT_MAX,
    DAY_MINUTES,
    GROUP_GUESTS_MAX,
    PRICE_WINDOWS_MAX,
    PRODUCTS_OF_VOUCHER_MAX,
    QUANTITY_UNITS_MAX,
)

ZONES_OF_TYPE_MAX: Final = 64
TYPES_OF_GATE_MAX: Final = 64
_AGE_MAX: Final = 120
_VAT_MAX: Final = 9_999


def _without_repeats(numbers: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(set(numbers)))


Description = Annotated[
    str,
    StringConstraints(max_length=DESCRIPTION_CHARS_MAX),
    Field(description="A longer text for people; terminals do not get it."),
]
Units = Annotated[
    int | None,
    Field(ge=0, le=QUANTITY_UNITS_MAX, description="Units in all; null is without a limit."),
]
Vat = Annotated[
    int,
    Field(ge=0, le=_VAT_MAX, description="VAT in basis points, included in prices: 2000 is 20 %."),
]
Minute = Annotated[
    int, Field(ge=0, le=DAY_MINUTES, description="Minutes after local midnight; 1440 is the end.")
]
Age = Annotated[
    int, Field(ge=0, le=_AGE_MAX, description="Guests must be this old, in years; 0 is any age.")
]
Numbers = Annotated[tuple[U16, ...], AfterValidator(_without_repeats)]
Label = Annotated[
    Text, Field(description="What people call it: 1 to 80 characters.", examples=["North"])
]


class CatalogueQuery(PageQuery):
    """Which part of a list is wanted, and of which list."""

    deleted: Annotated[
        bool, Field(description="List what was deleted and can be restored, instead of the rest.")
    ] = False


class ZonePut(Taken):
    """A zone: a part of the site that guests go into through gates."""

    name: Label
    capacity: Annotated[
        int | None,
        Field(
            ge=0,
            le=QUANTITY_UNITS_MAX,
            description=(
                "Guests inside at most; null lets in any number. The office lends parts of it to"
                " the gates, so it holds for gates that are cut off as well."
            ),
            examples=[6000],
        ),
    ] = None
    description: Description = ""


class Zone(ZonePut):
    """A zone with its number."""

    number: Annotated[U16, Field(description="It never changes.")]
    notice: Annotated[str, Field(description="What a change means just now; often empty.")] = ""


class Visibility(StrEnum):
    """Where a ticket type is offered."""

    PUBLIC = "public"
    HIDDEN = "hidden"
    INTERNAL = "internal"


class DayWindow(Taken):
    """A part of each day; one that ends before it begins goes over midnight."""

    from_minute: Minute
    until_minute: Minute


class TicketTypePut(Taken):
    """A ticket type: what it costs, how many there are, and the rules by which gates judge it."""

    name: Annotated[
        Text,
        Field(
            description="1 to 80 characters, unique in the festival whatever the case.",
            examples=["Weekend"],
        ),
    ]
    description: Description = ""
    price: Annotated[Minor, Field(examples=[8900])] = 0
    vat: Vat = 0
    quota: Units = None
    visibility: Annotated[
        Visibility,
        Field(
            description=(
                "`public`: guests see and order it. `hidden`: only your staff orders it for them."
                " `internal`: in no order, only issued by you or sold at bars."
            )
        ),
    ] = Visibility.PUBLIC
    on_sale_from_ms: Annotated[
        UnixMs | None, Field(description="Sold online from this time on (Unix ms); null: at once.")
    ] = None
    on_sale_until_ms: Annotated[
        UnixMs | None, Field(description="Sold online before this time (Unix ms); null: always.")
    ] = None
    per_order_max: Annotated[
        int,
        Field(
            ge=0,
            le=PER_ORDER_TICKETS_MAX,
            description="Tickets of it in one order at most; 0: no limit of its own.",
        ),
    ] = 10
    usage_limit: Annotated[U16, Field(description="Admissions in all; 0 is without limit.")] = 0
    daily_limit: Annotated[
        U16, Field(description="Admissions in a festival day; 0 is without limit.")
    ] = 0
    cooldown_minutes: Annotated[
        U16, Field(description="Minutes between an exit and the next admission.")
    ] = 0
    allow_reentry: Annotated[
        bool | None,
        Field(
            description=(
                "Whether a guest who left may come in again; null or left out: what the festival"
                " says now."
            )
        ),
    ] = None
    exit_required: Annotated[
        bool, Field(description="Whether somebody inside must be scanned out before coming in.")
    ] = True
    valid_from: Annotated[
        UnixS, Field(description="Its codes are good from then on (Unix seconds); 0: at once.")
    ] = 0
    valid_until: Annotated[
        UnixS, Field(description="Its codes are good until then (Unix seconds); 0: always.")
    ] = 0
    window: Annotated[
        DayWindow | None, Field(description="Admitted only at this time of the day; null: always.")
    ] = None
    zones: Annotated[
        Numbers,
        Field(max_length=ZONES_OF_TYPE_MAX, description="Zones that it opens; empty: every zone."),
    ] = ()
    group_max: Annotated[
        int, Field(ge=1, le=GROUP_GUESTS_MAX, description="Guests that one code lets in.")
    ] = 1
    age: Age = 0
    note: Annotated[
        str,
        StringConstraints(max_length=120),
        Field(description="What agents should look at, with codes that need attention."),
    ] = ""


class TicketType(TicketTypePut):
    """A ticket type with its number; `allow_reentry` is what gates were told."""

    number: Annotated[U16, Field(description="It never changes.")]
    notice: Annotated[str, Field(description="What a change means just now; often empty.")] = ""


class PriceWindow(DayWindow):
    """A part of each day in which a product has another price."""

    price: Minor


OtherPrice = Annotated[
    Minor | None, Field(description="In minor units; null: there is no such measure.")
]


class ProductPut(Taken):
    """A product of the price list that tills sell from."""

    name: Label
    category: Annotated[
        str,
        StringConstraints(strip_whitespace=True, max_length=40),
        Field(description="The key of the till under which it is found; ten at a bar at most."),
    ] = ""
    price: Annotated[Minor, Field(examples=[480])]
    vat: Vat = 0
    deposit: Annotated[Minor, Field(description="The cup's deposit, in minor units.")] = 0
    age: Age = 0
    half: OtherPrice = None
    double: OtherPrice = None
    mixer: OtherPrice = None
    windows: Annotated[
        tuple[PriceWindow, ...],
        Field(max_length=PRICE_WINDOWS_MAX, description="Other prices by the time of the day."),
    ] = ()
    bars: Annotated[
        Numbers,
        Field(max_length=BARS_OF_PRODUCT_MAX, description="Bars that have it; empty: every bar."),
    ] = ()
    on_sale: Annotated[bool, Field(description="Whether tills show and sell it.")] = True
    stock: Units = None
    ticket_type: Annotated[
        U16 | None,
        Field(description="The ticket type that a sale hands out, counted against its quota."),
    ] = None
    description: Description = ""


class Product(ProductPut):
    """A product with its number."""

    number: Annotated[U32, Field(description="It never changes.")]
    notice: Annotated[str, Field(description="What a change means just now; often empty.")] = ""


class VoucherPut(Taken):
    """A kind of voucher that bars take."""

    name: Label
    worth: Annotated[
        Minor, Field(description="Pays so much at most, in minor units; 0: one whole item.")
    ] = 0
    products: Annotated[
        tuple[U32, ...],
        AfterValidator(_without_repeats),
        Field(max_length=PRODUCTS_OF_VOUCHER_MAX, description="What it pays for; empty: all."),
    ] = ()
    quota: Units = None
    description: Description = ""


class Voucher(VoucherPut):
    """A kind of voucher with its number: the type that its codes name."""

    number: Annotated[U16, Field(description="It never changes.")]
    notice: Annotated[str, Field(description="What a change means just now; often empty.")] = ""


class BarPut(Taken):
    """A bar: one or more tills whose revenue is booked together."""

    name: Label
    description: Description = ""


class Bar(BarPut):
    """A bar with its number."""

    number: Annotated[U16, Field(description="It never changes.")]
    notice: Annotated[str, Field(description="What a change means just now; often empty.")] = ""


class GatePut(Taken):
    """A gate: where one or more terminals let guests into a zone."""

    name: Label
    zone: Annotated[U16, Field(description="The number of the zone that it lets into.")]
    types: Annotated[
        Numbers,
        Field(max_length=TYPES_OF_GATE_MAX, description="Ticket types it takes; empty: every."),
    ] = ()
    description: Description = ""


class Gate(GatePut):
    """A gate with its number; every terminal that was placed at it follows what it says."""

    number: Annotated[U16, Field(description="It never changes.")]
    notice: Annotated[str, Field(description="What a change means just now; often empty.")] = ""
