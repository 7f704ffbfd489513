"""What comes in and goes out about a festival itself: its dates, limits, keys and staff."""

from enum import StrEnum
from typing import Annotated, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, StringConstraints

from cloud.api.models import U32, Given, SerialText, Taken, Text, UnixMs
from cloud.festivals.catalogue_models import Description
from sync.keys import PIN_DIGITS_MAX, PIN_DIGITS_MIN
from sync.limits import CODE_KEY_ID_MAX, DAY_MINUTES, MONEY_MINOR_MAX

CALL_SIGN_CHARS_MAX: Final = 24
_GUESTS_MAX: Final = 10_000_000
_DAY_SECONDS: Final = 24 * 3600


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as trouble:
        message = "a time zone is needed that is known here; example: Europe/Paris"
        raise ValueError(message) from trouble
    return name


class Language(StrEnum):
    """A language in which guests and staff are spoken to."""

    EN = "en"
    FR = "fr"


def _different(languages: tuple[Language, ...]) -> tuple[Language, ...]:
    return tuple(dict.fromkeys(languages))


Title = Annotated[Text, Field(description="What guests call the festival.", examples=["Été 2027"])]
Place = Annotated[
    str, StringConstraints(max_length=200), Field(description="Where it takes place.")
]
DressCode = Annotated[
    str, StringConstraints(max_length=200), Field(description="What guests are asked to wear.")
]
TimeZone = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64),
    AfterValidator(_known_zone),
    Field(description="Of the tz database; fixed once made.", examples=["Europe/Paris"]),
]
Currency = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{3}$"),
    Field(description="Three letters, of a currency with 2 decimals; fixed once made."),
]
Languages = Annotated[
    tuple[Language, ...],
    AfterValidator(_different),
    Field(
        min_length=1,
        max_length=8,
        description="What guests are spoken to in; the first is that of new terminals, if made so.",
    ),
]
DayBoundary = Annotated[
    int,
    Field(
        ge=0,
        lt=DAY_MINUTES,
        description="When a festival day ends, in minutes after local midnight: 360 is 06:00.",
    ),
]
GuestsInAll = Annotated[
    int | None,
    Field(
        ge=0,
        le=_GUESTS_MAX,
        description="Guests that the site holds, for people; gates hold to each zone's capacity.",
    ),
]
Reentry = Annotated[
    bool, Field(description="Whether ticket types that do not say so themselves allow re-entry.")
]
Begins = Annotated[UnixMs | None, Field(description="When it begins (Unix ms); null: not said.")]
Ends = Annotated[UnixMs | None, Field(description="When it ends (Unix ms); null: not said.")]


class FestivalPost(Taken):
    """A new festival."""

    title: Title
    description: Description = ""
    starts_ms: Begins = None
    ends_ms: Ends = None
    time_zone: TimeZone = "UTC"
    location: Place = ""
    capacity: GuestsInAll = None
    dress_code: DressCode = ""
    allow_reentry: Reentry = True
    currency: Currency = "EUR"
    languages: Languages = (Language.EN,)
    day_boundary_minutes: DayBoundary = 360


class FestivalPatch(Taken):
    """What to change of a festival: what is left out stays; null takes a value away, if it may."""

    title: Annotated[Title | None, Field(description="What guests call the festival.")] = None
    description: Annotated[Description | None, Field(description="A longer text for people.")] = (
        None
    )
    starts_ms: Begins = None
    ends_ms: Ends = None
    location: Annotated[Place | None, Field(description="Where it takes place.")] = None
    capacity: GuestsInAll = None
    dress_code: Annotated[DressCode | None, Field(description="What guests are asked to wear.")] = (
        None
    )
    allow_reentry: Annotated[
        Reentry | None,
        Field(description="Whether new ticket types allow re-entry if they do not say so."),
    ] = None
    languages: Annotated[
        Languages | None, Field(description="What guests are spoken to in: `en`, `fr` or both.")
    ] = None
    day_boundary_minutes: Annotated[
        DayBoundary | None,
        Field(description="When a festival day ends, in minutes after local midnight."),
    ] = None


class Festival(FestivalPost):
    """A festival with its number."""

    number: Annotated[U32, Field(description="It never changes and is never given out again.")]


Amount = Annotated[int | None, Field(ge=-1, le=MONEY_MINOR_MAX)]
Seconds = Annotated[int | None, Field(ge=0, le=_DAY_SECONDS)]
LongSeconds = Annotated[int | None, Field(ge=-1, le=MONEY_MINOR_MAX)]
YesNo = Annotated[int | None, Field(ge=0, le=1)]


class PolicyPatch(Taken):
    """The limits to change; what is left out (or null) stays. -1 is without limit."""

    alone_limit: Annotated[
        Amount,
        Field(
            description=(
                "Minor units: what one wallet may spend at one till before the authority has"
                " acknowledged it. -1 is without limit."
            )
        ),
    ] = None
    till_cap: Annotated[
        Amount,
        Field(
            description=(
                "Minor units: what one till may sell on wallets before the authority has"
                " acknowledged it. -1 is without limit."
            )
        ),
    ] = None
    max_age_seconds: Annotated[
        LongSeconds,
        Field(description="Seconds: how old the balances that a till knows may be; -1: any age."),
    ] = None
    unknown_wristband: Annotated[
        Amount,
        Field(description="Minor units: what a wristband may spend that the till never heard of."),
    ] = None
    topup_cap: Annotated[
        Amount,
        Field(description="Minor units: what a till that is alone may top up in all. -1: any."),
    ] = None
    balance_max: Annotated[
        Amount, Field(description="Minor units: what a wallet may hold. -1 is without limit.")
    ] = None
    code_only_daily: Annotated[
        Amount,
        Field(
            description=(
                "Minor units: what a printed code may spend in a festival day without the guest's"
                " PIN. -1 is without limit."
            )
        ),
    ] = None
    stale_after_seconds: Annotated[
        LongSeconds,
        Field(description="Seconds that a gate may be alone before it refuses; -1: it never does."),
    ] = None
    day_boundary_minutes: Annotated[
        DayBoundary | None,
        Field(description="Minutes after local midnight at which a festival day ends."),
    ] = None
    session_seconds: Annotated[
        Seconds, Field(description="Seconds in which a scan must be confirmed, with two steps.")
    ] = None
    undo_seconds: Annotated[
        Seconds, Field(description="Seconds in which a gate may undo its own admission.")
    ] = None
    auto_exit: Annotated[
        YesNo, Field(description="1: whoever is inside counts as outside after a day's end; 0: no.")
    ] = None
    two_step: Annotated[
        YesNo, Field(description="1: an agent confirms every scan; 0: one step.")
    ] = None
    auto_lock_seconds: Annotated[
        Seconds,
        Field(
            description=(
                "Seconds without a touch after which a till asks for its seller's PIN; 0: never."
            )
        ),
    ] = None


class PolicyShown(PolicyPatch):
    """Every limit as terminals know it: none is null."""


class KeyState(StrEnum):
    """What an issuing key is good for."""

    IN_USE = "in_use"
    RETIRED = "retired"
    MISSING = "missing"


class IssuingKey(Given):
    """A key that signs codes. Its secret half never leaves the office."""

    key_id: Annotated[
        int, Field(ge=0, le=CODE_KEY_ID_MAX, description="What codes name their key by.")
    ]
    state: Annotated[
        KeyState,
        Field(
            description=(
                "`in_use`: its codes are taken. `retired`: they are refused. `missing`: they are"
                " taken, but its secret half is not in the office's folder, so it signs no more."
            )
        ),
    ]
    signs: Annotated[bool, Field(description="Whether new codes are signed with it.")]
    public_key: Annotated[str, Field(description="32 bytes in hex; to check codes elsewhere.")]


class IssuingKeys(Given):
    """Every issuing key of a festival."""

    items: Annotated[list[IssuingKey], Field(description="In the order of their ids.")]


class RightWord(StrEnum):
    """What a member of staff may do at a terminal."""

    AGENT = "agent"
    SELLER = "seller"
    CASHIER = "cashier"
    SUPERVISOR = "supervisor"


def _digits(pin: str) -> str:
    if not pin.isascii() or not pin.isdigit():
        message = "a PIN has nothing but the digits 0 to 9"
        raise ValueError(message)
    return pin


Pin = Annotated[
    str,
    StringConstraints(min_length=PIN_DIGITS_MIN, max_length=PIN_DIGITS_MAX),
    AfterValidator(_digits),
    Field(description="6 to 12 digits, as text. Only a slow proof of it is kept."),
]
CallSign = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=CALL_SIGN_CHARS_MAX),
    Field(description="What terminals call them: a sign, never a name.", examples=["N1"]),
]


class StaffPut(Taken):
    """A member of staff: what terminals call them, what they may do, with which PIN."""

    call_sign: CallSign
    rights: Annotated[
        tuple[RightWord, ...], Field(max_length=8, description="Empty: nothing any more.")
    ]
    pin: Annotated[
        Pin | None, Field(description="A new PIN; null or left out: the one they have stays.")
    ] = None


class StaffPost(StaffPut):
    """A new member of staff."""

    pin: Pin


class Staff(Given):
    """A member of staff, without the PIN."""

    badge: SerialText
    call_sign: Annotated[str, Field(description="What terminals call them.")]
    rights: Annotated[list[RightWord], Field(description="Empty: nothing any more.")]
    has_pin: Annotated[bool, Field(description="Without a PIN nobody can sign in.")]


class NewStaff(Staff):
    """A new member of staff, and what to print on the badge."""

    code: Annotated[str, Field(description="The badge's QR text. It is told only this once.")]
