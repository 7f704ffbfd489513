"""What every area's models are made of: strict where something comes in, plain where it goes out.

Numbers of 64 bits are texts in JSON, because JavaScript reads numbers with 53.
"""

from typing import Annotated, Final, Generic, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from cloud.limits import PAGE_ITEMS_DEFAULT, PAGE_ITEMS_MAX
from sync.limits import MONEY_MINOR_MAX, TEXT_CHARS_MAX, U16_MAX, U32_MAX, U64_MAX

CURSOR_CHARS_MAX: Final = 200

Minor = Annotated[int, Field(ge=0, le=MONEY_MINOR_MAX, description="Whole minor units (cents).")]
"""An amount of money that is not negative."""
PositiveMinor = Annotated[
    int, Field(ge=1, le=MONEY_MINOR_MAX, description="Whole minor units (cents), at least one.")
]
U16 = Annotated[int, Field(ge=0, le=U16_MAX)]
U32 = Annotated[int, Field(ge=0, le=U32_MAX)]
UnixMs = Annotated[
    int, Field(ge=0, le=(1 << 53) - 1, description="Unix time in milliseconds, UTC.")
]
UnixS = Annotated[
    int, Field(ge=0, le=U32_MAX, description="Unix time in seconds, UTC; 0 is no limit.")
]
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00]*$"),
]
"""A name for people: 1 to 80 characters, of which none is NUL: PostgreSQL keeps no such text."""
Line = Annotated[str, StringConstraints(max_length=TEXT_CHARS_MAX)]
"""A short text that may be empty."""
HexId = Annotated[
    str, StringConstraints(pattern=r"^[0-9a-f]{32}$"), Field(description="16 bytes in hex.")
]


def _fits_64_bits(value: str) -> str:
    if int(value) > U64_MAX:
        message = "a number of at most 64 bits is needed"
        raise ValueError(message)
    return value


SERIAL_PATTERN: Final = r"^(0|[1-9][0-9]{0,19})$"
SerialText = Annotated[
    str,
    StringConstraints(pattern=SERIAL_PATTERN),
    AfterValidator(_fits_64_bits),
    Field(description="A whole number of at most 64 bits, as decimal digits."),
]
"""A ticket's, wristband's or wallet's number."""


class Taken(BaseModel):
    """A body or query that comes from outside: nothing unknown, no number from a text or float."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Given(BaseModel):
    """An answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Given):
    """An answer that says only that it was done."""


class PageQuery(Taken):
    """Which part of a list is wanted; queries are texts, so numbers are read from them."""

    model_config = ConfigDict(extra="forbid", strict=False, frozen=True)

    limit: Annotated[int, Field(ge=1, le=PAGE_ITEMS_MAX, description="How many items at most.")] = (
        PAGE_ITEMS_DEFAULT
    )
    after: Annotated[
        str | None,
        StringConstraints(min_length=1, max_length=CURSOR_CHARS_MAX),
        Field(description="`next` of the page before; without it the list begins."),
    ] = None


Item = TypeVar("Item", bound=BaseModel)


class Page(Given, Generic[Item]):
    """A part of a list, and where the next one begins."""

    items: list[Item]
    next: str | None = Field(default=None, description="Give it as `after`; null at the end.")
