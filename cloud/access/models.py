"""What comes in and goes out where phones scan: the same members as a gate's own scan API has.

Serials go out as texts, as everywhere in this API, for a phone's browser would round them; a gate
has whole numbers there. Either comes in, so that one program may ask both.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints, model_validator

from cloud.api.models import (
    U16,
    U32,
    Given,
    HexId,
    Line,
    PageQuery,
    SerialText,
    Taken,
    Text,
    UnixMs,
)
from cloud.limits import SCANNED_CHARS_MAX
from sync.limits import GROUP_GUESTS_MAX, U16_MAX, U64_MAX

_ARRIVAL_DIGITS_MAX: Final = 18
Serial = SerialText | Annotated[int, Field(ge=0, le=U64_MAX)]
Way = Literal["in", "out"]
Guests = Annotated[int, Field(ge=1, le=GROUP_GUESTS_MAX, description="How many of a group.")]
FactId = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9a-f]{64}$"),
    Field(description="The id of what was recorded."),
]
Festival = Annotated[
    U32 | None, Field(description="Needed unless the key or client reaches one festival only.")
]
Gate = Annotated[
    U16 | None, Field(description="The online gate's number; needed where there are several.")
]


class ScanRequest(Taken):
    """A code that was read, or a number that was typed."""

    festival: Festival = None
    gate: Gate = None
    zone: Annotated[U16 | None, Field(description="Means its only online gate.")] = None
    text: Annotated[
        Annotated[str, StringConstraints(max_length=SCANNED_CHARS_MAX)] | None,
        Field(description="What a reader read."),
    ] = None
    serial: Annotated[Serial | None, Field(description="A number that somebody typed.")] = None
    direction: Way = "in"
    guests: Guests | None = None
    one_step: Annotated[
        bool, Field(description="Record at once what needs no answer. Not safe to repeat.")
    ] = False
    peek: Annotated[bool, Field(description="Say what would happen, and record nothing.")] = False

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "ScanRequest":
        if (self.text is None) == (self.serial is None):
            message = "say either text (what a reader read) or serial (a typed number)"
            raise ValueError(message)
        return self


class ScanConfirm(Taken):
    """A human's answer to a scan."""

    festival: Festival = None
    session: HexId
    direction: Annotated[Way | None, Field(description="If given, that of the request.")] = None
    gate: Annotated[U16 | None, Field(description="If given, that of the request.")] = None
    guests: Guests | None = None
    yes: Annotated[bool, Field(description="false: nobody came in, leave no trace.")] = True


class ScanUndo(Taken):
    """What was recorded by mistake."""

    festival: Festival = None
    fact: FactId
    serial: Annotated[Serial | None, Field(description="If given, the ticket's.")] = None


class Sentences(Given):
    """What a steward can read out."""

    en: str
    fr: str


class FirstAdmission(Given):
    """Where and when the ticket was first admitted."""

    gate: str
    at: str | None
    at_ms: int | None


class ScanAnswer(Given):
    """A verdict, or (`done`) that something was done.

    `admit` with a fact: let the guest through. `admit` without one: confirm first.
    """

    event: Literal["verdict", "done"]
    fact: Annotated[str | None, Field(description="What was recorded; null: nothing was.")]
    verdict: Literal["admit", "ask", "refuse"] = "refuse"
    reason: Annotated[str, Field(description="Which rule was broken or asks; empty if none.")] = ""
    sentence: Annotated[str, Field(description="In the festival's language.")] = ""
    sentences: Sentences = Sentences(en="", fr="")
    direction: Way = "in"
    rehearsal: Annotated[bool, Field(description="Never true at the office.")] = False
    guests: int | None = None
    serial: SerialText | None = None
    type: int | None = None
    type_name: str | None = None
    first: FirstAdmission | None = None
    group: Annotated[
        list[int] | None, Field(description="How many are inside, and of how many.")
    ] = None
    note: str | None = None
    age: int | None = None
    age_checked: bool = False
    attention: bool = False
    session: Annotated[
        str | None, Field(description="Confirm with it, before session_ms have passed.")
    ] = None
    session_ms: int | None = None
    guests_max: int | None = None
    again: Annotated[bool, Field(description="It was answered before, by a gate.")] = False


class OnlineGateWish(Taken):
    """Where an online gate lets in."""

    name: Text
    zone: U16
    types: list[U16] = Field(
        default_factory=list, max_length=64, description="The types it takes; empty: all."
    )


class OnlineGate(Given):
    """A gate at which no box stands: phones scan for it."""

    online: Annotated[int, Field(description="Its number.")]
    gate: Annotated[str, Field(description="Its id, as a terminal's: 16 bytes in hex.")]
    name: str
    zone: int
    zone_name: str
    types: list[int]


class OnlineGates(Given):
    """Every online gate."""

    items: list[OnlineGate]


class ScanQuery(PageQuery):
    """Which scans are wanted, the newest first."""

    gate: Annotated[
        str | None,
        StringConstraints(pattern=r"^([0-9a-f]{32}|[0-9]{1,5})$"),
        Field(description="A gate's id in hex, or an online gate's number."),
    ] = None
    outcome: (
        Literal["admitted", "left", "moved", "refused", "undone", "not_entered", "wristband"] | None
    ) = None
    since: UnixMs | None = None

    @model_validator(mode="after")
    def _has_a_place(self) -> "ScanQuery":
        after = "0" if self.after is None else self.after
        if not (after.isascii() and after.isdigit() and len(after) <= _ARRIVAL_DIGITS_MAX):
            message = "after is `next` of the page before"
            raise ValueError(message)
        is_number = self.gate is not None and len(self.gate) <= 5  # noqa: PLR2004 - five digits
        if is_number and int(self.gate or "0") > U16_MAX:
            message = "there is no such gate"
            raise ValueError(message)
        return self


class ScanRow(Given):
    """One line of the log."""

    outcome: str
    at_ms: int
    clock: Literal["unknown", "coarse", "trusted"]
    gate: str
    gate_name: str
    online: int | None
    zone: int | None
    serial: SerialText | None
    type: int | None
    type_name: str | None
    guests: int | None
    reason: Line
    sentences: Sentences
    scanned_by: Annotated[str | None, Field(description="Who scanned at an online gate.")]
    fact: str

    @classmethod
    def of(cls, row: dict[str, Any]) -> "ScanRow":
        """Return a row of the log as its model."""
        return cls.model_validate(row)
