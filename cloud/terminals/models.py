"""What comes in and goes out about terminals: where they stand, how they are, what they hold."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from cloud.api.models import U16, U32, Given, HexId, Taken, Text, UnixMs
from cloud.festivals.catalogue_models import TYPES_OF_GATE_MAX, Numbers


class TerminalRole(StrEnum):
    """What a terminal is for."""

    GATE = "gate"
    BAR = "bar"
    HUB = "hub"


class TerminalState(StrEnum):
    """How a terminal is, as far as the office knows."""

    NEVER = "never"
    HEARD = "heard"
    LATE = "late"
    SILENT = "silent"
    COPIED = "copied"
    REVOKED = "revoked"


TerminalName = Annotated[
    Text, Field(description="What people call the box: 1 to 80 characters.", examples=["North 2"])
]


class Run(Given):
    """One start of a terminal, and how far its journal is here."""

    run: Annotated[HexId, Field(description="The start's id: 16 bytes in hex.")]
    number: Annotated[
        int, Field(ge=-1, description="Its records are here without a gap up to this number.")
    ]


class Terminal(Given):
    """A terminal as the office knows it."""

    terminal: Annotated[HexId, Field(description="Its id: 16 bytes in hex.")]
    name: Annotated[str, Field(description="What people call the box.")]
    role: Annotated[TerminalRole, Field(description="What it is for.")]
    state: Annotated[
        TerminalState,
        Field(
            description=(
                "`heard` within a minute, `late` (over a minute ago), `silent` (over ten), `never`;"
                " `copied`: its journal is forked; `revoked`: it is believed no further."
            )
        ),
    ]
    last_heard_ms: Annotated[UnixMs | None, Field(description="Unix ms; null: never.")]
    held: Annotated[int, Field(ge=0, description="How many of its records are here.")]
    runs: Annotated[list[Run], Field(description="Its starts, the oldest first.")]
    zone: Annotated[U16 | None, Field(description="Of a gate: the zone that it lets into.")]
    types: Annotated[
        tuple[int, ...] | None,
        Field(description="Of a gate: the ticket types that it takes; empty: every."),
    ]
    gate: Annotated[U16 | None, Field(description="The gate at which it stands, if it was said.")]
    bar: Annotated[U16 | None, Field(description="Of a till: the bar whose sales it books.")]


class CodePost(Taken):
    """What a new box will be: a gate at a zone or a gate, a till at a bar, or a hub."""

    role: Annotated[TerminalRole, Field(description="What the box will be.")]
    name: TerminalName
    zone: Annotated[
        U16 | None, Field(description="For the role `gate`: the zone that it lets into.")
    ] = None
    gate: Annotated[
        U16 | None,
        Field(description="For the role `gate`, instead of a zone: the gate at which it stands."),
    ] = None
    bar: Annotated[
        U16 | None, Field(description="For the role `bar`: the bar whose sales it books.")
    ] = None


class Code(Given):
    """A code with which one box can enrol, once. Whoever reads it first uses it."""

    code: Annotated[str, Field(description="Typed into the box, in any case and spacing.")]
    role: Annotated[TerminalRole, Field(description="What the box will be.")]
    name: Annotated[str, Field(description="What people will call it.")]
    ends_ms: Annotated[UnixMs, Field(description="After this it is taken no more (Unix ms).")]
    office_path: Annotated[str, Field(description="Where this festival answers on the office.")]
    office_url: Annotated[
        str,
        Field(
            description=(
                "The office's address for the box, as you reached it yourself; behind a proxy put"
                " the office's public address before `office_path`."
            )
        ),
    ]


class TerminalPatch(Taken):
    """What to change of a terminal's place; what is left out (or null) stays."""

    name: Annotated[
        TerminalName | None, Field(description="What people call the box from now on.")
    ] = None
    gate: Annotated[
        U16 | None,
        Field(description="Of a gate: stand there, with that gate's zone and types, from now on."),
    ] = None
    zone: Annotated[
        U16 | None, Field(description="Of a gate: let into this zone, and stand at no gate.")
    ] = None
    types: Annotated[
        Numbers | None,
        Field(
            max_length=TYPES_OF_GATE_MAX,
            description="Of a gate: take these types, empty every; and stand at no gate.",
        ),
    ] = None
    bar: Annotated[U16 | None, Field(description="Of a till: book for this bar.")] = None


class Revocation(Taken):
    """Whether what the terminal holds is given up as well."""

    write_off: Annotated[
        bool,
        Field(
            description=(
                "Take back the places, units and loans that it holds. If it spends them after all,"
                " more may be used than there is, and that is found."
            )
        ),
    ] = False


class WriteOff(Taken):
    """Of what to take back what a terminal holds: of one zone or quota, or (nothing) of all."""

    zone: Annotated[U16 | None, Field(description="Places in this zone.")] = None
    ticket_type: Annotated[U16 | None, Field(description="Tickets of this type.")] = None
    voucher: Annotated[U16 | None, Field(description="Vouchers of this kind.")] = None
    product: Annotated[U32 | None, Field(description="Units of this product.")] = None


class WrittenOff(Given):
    """What was taken back."""

    units: Annotated[int, Field(ge=0, description="Places and units of quotas.")]
    minor: Annotated[int, Field(ge=0, description="Loans of wallets, in minor units.")]


class HandOver(Taken):
    """To which hub the authority goes."""

    terminal: Annotated[HexId, Field(description="The hub's id: 16 bytes in hex.")]


class Authority(Given):
    """Who lends places and money just now: the office, or a hub on the site."""

    holder: Annotated[str, Field(description="A hub's id in hex; empty: the office.")]
    name: Annotated[str, Field(description="What people call the holder.")]
    version: Annotated[int, Field(ge=0, description="One more with each hand-over.")]
    revoked: Annotated[bool, Field(description="Whether the hub was revoked: take it back.")]


class Recovery(Given):
    """Whether the office was put back to an older copy, and whom it waits to hear."""

    recovering: Annotated[bool, Field(description="Whether it states and lends nothing now.")]
    recovering_since_ms: Annotated[UnixMs | None, Field(description="Unix ms; null: it is not.")]
    waits_for: Annotated[list[str], Field(description="The names of terminals.")]
