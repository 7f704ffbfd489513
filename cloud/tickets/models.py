"""What the routes of tickets take and give."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from cloud.api.models import (
    U16,
    Given,
    HexId,
    Line,
    PageQuery,
    SerialText,
    Taken,
    UnixMs,
    UnixS,
)  # fmt: skip
from cloud.limits import (
    EMAIL_CHARS_MAX,
    TICKET_LINK_DAYS_MAX,
    TICKETS_CHANGED_MAX,
    TICKETS_ISSUED_MAX,
    TICKETS_OF_LINK_MAX,
    TICKETS_PRINTED_MAX,
)
from sync.codes import CodeFlag
from sync.limits import CODE_KEY_ID_MAX, TEXT_CHARS_MAX

Flag = Literal["reentry", "adult_checked", "attention", "test"]
Language = Literal["en", "fr"]
FLAGS: dict[Flag, CodeFlag] = {
    "reentry": CodeFlag.REENTRY,
    "adult_checked": CodeFlag.ADULT_CHECKED,
    "attention": CodeFlag.ATTENTION,
    "test": CodeFlag.TEST,
}
TypeOrS = Annotated[UnixS | None, Field(description="Without it, as the ticket type says.")]
Shown = Literal["issued", "reserved", "paid", "inside", "outside", "invalid", "refunded"]
Stated = Literal["valid", "unpaid", "blocked", "cancelled", "refunded", "replaced"]
OriginWord = Literal["issued", "comp", "imported", "order"]
Plain = Annotated[str, StringConstraints(max_length=TEXT_CHARS_MAX, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A text in one line, which databases can keep and compare."""
Email = Annotated[
    str, StringConstraints(max_length=EMAIL_CHARS_MAX, pattern=r"^([^@\s]+@[^@\s]+)?$")
]
Serials = Annotated[list[SerialText], Field(min_length=1, description="Serials as decimal digits.")]


class Holder(Taken):
    """Who holds a ticket; kept sealed."""

    name: Line = ""
    email: Email = ""


class HolderShown(Given):
    """Who holds a ticket; empty texts if nobody is named, or who was named is erased."""

    name: str
    email: str


class IssueTickets(Taken):
    """Which tickets to make."""

    type: U16
    count: Annotated[int, Field(ge=1, le=TICKETS_ISSUED_MAX)] = 1
    origin: Annotated[Literal["issued", "comp"], Field(description="`comp` is given away.")] = (
        "issued"
    )
    valid_from: TypeOrS = None
    valid_until: TypeOrS = None
    flags: Annotated[list[Flag], Field(max_length=4, default_factory=list)]
    key_id: Annotated[
        int | None,
        Field(ge=1, le=CODE_KEY_ID_MAX, description="The issuing key; the newest if none."),
    ] = None
    reference: Annotated[Plain, Field(description="What people call the purchase.")] = ""
    holder: Holder | None = None


class Coded(Given):
    """A ticket's serial, its short number for people, and its code.

    The code is null if the key that signed it is no longer in the office's folder.
    """

    serial: SerialText
    number: str
    code: str | None


class Issued(Given):
    """Tickets that were made together."""

    batch: HexId
    type: int
    key_id: int
    made_ms: UnixMs
    tickets: list[Coded]


class BatchMade(Given):
    """What is kept of an issue under its `Idempotency-Key`: codes are made again."""

    batch: HexId


class TicketShown(Given):
    """A ticket.

    `status` is the word for people; `stated` what gates were told last, null if nothing.
    `guests_inside` and `admissions` count those of the tickets that it replaces too.
    """

    serial: SerialText
    number: str
    type: int
    status: Shown
    stated: Stated | None
    origin: OriginWord
    batch: HexId
    order: HexId | None
    made_ms: UnixMs
    valid_from: UnixS
    valid_until: UnixS
    flags: list[Flag]
    key_id: int
    external: str | None
    reference: str
    has_holder: bool
    replaced_by: SerialText | None
    guests_inside: int
    admissions: int
    version: int


class TicketsQuery(PageQuery):
    """Which tickets are wanted."""

    type: U16 | None = None
    status: Shown | None = None
    origin: OriginWord | None = None
    batch: HexId | None = None
    order: HexId | None = None
    q: Annotated[
        Plain,
        Field(description="A serial, short number, code (ours or another system's), reference."),
    ] = ""


class Changes(Taken):
    """One deed for many tickets: all of them, or none."""

    deed: Literal["cancel", "refund", "block", "unblock", "reissue"]
    serials: Annotated[Serials, Field(max_length=TICKETS_CHANGED_MAX)]


class Changed(Given):
    """The tickets as they now are; after a re-issue the new ones, in the order asked for."""

    tickets: list[TicketShown]


class DeedShown(Given):
    """What a gate did with a ticket: `stamp_ms` is its own clock's time.

    `names` is the fact that an exit closes or an undoing takes back.
    """

    what: Literal["admitted", "left", "moved", "undone", "not_entered"]
    serial: SerialText
    gate: str
    terminal: HexId
    stamp_ms: UnixMs
    zone: int
    zone_from: int
    guests: int
    is_provisional: bool
    fact: str
    names: str | None


class HistoryShown(Given):
    """What gates did with a ticket and those it replaces, the first first."""

    status: Shown
    deeds: list[DeedShown]


class PrintQuery(Taken):
    """How a ticket is printed; without a language, the festival's."""

    paper: Literal["a4", "a6"] = "a4"
    lang: Language | None = None


class PictureQuery(Taken):
    """The language of a picture; without one, the festival's."""

    lang: Language | None = None


class PrintTickets(Taken):
    """Which tickets to print, a page each."""

    serials: Annotated[Serials, Field(max_length=TICKETS_PRINTED_MAX)]
    paper: Literal["a4", "a6"] = "a4"
    lang: Language | None = None


class BatchQuery(Taken):
    """Which batch is wanted."""

    batch: HexId


class MakeLink(Taken):
    """A link that shows tickets without an account; it holds for so many days."""

    serials: Annotated[Serials, Field(max_length=TICKETS_OF_LINK_MAX)]
    days: Annotated[int, Field(ge=1, le=TICKET_LINK_DAYS_MAX)] = 30
    label: Annotated[Plain, Field(description="For whom it is, for you alone.")] = ""


class LinkMade(Given):
    """A link that was just made; `path` holds its secret and is told this once."""

    link: HexId
    path: str
    ends_ms: UnixMs


class LinkShown(Given):
    """A link, without its secret; `revoked_ms` is null while it holds."""

    link: HexId
    label: str
    made_ms: UnixMs
    ends_ms: UnixMs
    revoked_ms: UnixMs | None


class GuestTicket(Given):
    """A ticket as a link shows it to whoever has the link."""

    serial: SerialText
    number: str
    type: str
    status: Shown
    rows: list[tuple[str, str]]
    code: str | None


class GuestTickets(Given):
    """What a link shows."""

    festival: str
    tickets: list[GuestTicket]


class ImportQuery(Taken):
    """How a table is read: types that stand in for those that are missing or unknown."""

    model_config = PageQuery.model_config

    type: Annotated[U16 | None, Field(description="For rows that name no type.")] = None
    type_if_unknown: Annotated[
        U16 | None, Field(description="For rows whose type is not known here.")
    ] = None


class TakeInQuery(ImportQuery):
    """How a table is taken in."""

    skip_bad: Annotated[
        bool, Field(description="Leave out rows that are wrong; else nothing is taken in.")
    ] = False
    valid_from: TypeOrS = None
    valid_until: TypeOrS = None


class Sentence(Given):
    """A sentence for people, in English and French."""

    en: str
    fr: str


class ImportRow(Given):
    """What became of a row, or would: `row` is its number in the spreadsheet."""

    row: int
    outcome: Literal["ok", "imported", "already_there", "wrong"]
    wrong: str | None
    sentence: Sentence | None
    external: str | None
    serial: SerialText | None


class ImportedType(Given):
    """How many new tickets of a type there are, and how many places were left (null: no end)."""

    type: int
    tickets: int
    places: int | None
    fits: bool


class ImportSample(Given):
    """One of the first tickets that are new, as it was understood."""

    external: str
    type: int
    name: str
    email: str
    reference: str


class ImportShown(Given):
    """What a table says, row by row; `columns` names what each column was understood as."""

    batch: HexId | None
    encoding: str
    delimiter: str
    columns: dict[str, str]
    columns_unknown: list[str]
    ok: int
    imported: int
    already_there: int
    wrong: int
    types: list[ImportedType]
    first: list[ImportSample]
    rows: list[ImportRow]
