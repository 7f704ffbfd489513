"""The figures of a festival for programs; amounts in minor units, times in Unix milliseconds.

They are read from the same looks as the live page, so what a later version adds is left out here
until it is described.
"""

from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from cloud.terminals.models import Authority
from sync.limits import U64_MAX

_DIGITS: Final = r"^[0-9]{1,20}$"
Number64 = Annotated[
    str,
    BeforeValidator(str),
    Field(pattern=_DIGITS, description=f"A whole number up to {U64_MAX}, as decimal digits."),
]
Count = Annotated[int, Field(ge=0, description="How many.")]
Minor = Annotated[int, Field(description="Minor units.")]
MinorIf = Annotated[int | None, Field(description="Minor units; null: not known.")]
Ms = Annotated[int, Field(description="Unix ms.")]
MsIf = Annotated[int | None, Field(description="Unix ms; null: not (yet).")]
Name = Annotated[str, Field(description="What people call it.")]
IdHex = Annotated[str, Field(description="The terminal's id: 16 bytes in hex.")]
Hash = Annotated[str, Field(description="SHA-256 of the area's state, in hex.")]


class Figures(BaseModel):
    """A part of the figures."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class ZoneFigures(Figures):
    """Guests in a zone."""

    zone: Annotated[int, Field(description="The zone's number.")]
    name: Name
    inside: Annotated[int, Field(description="Guests inside.")]
    capacity: Annotated[int | None, Field(description="Guests at most; null: any number.")]
    lent: Annotated[int | None, Field(description="Places that gates hold or have filled.")]


class QuotaFigures(Figures):
    """How a quota stands, in places or units."""

    resource: Annotated[str, Field(description="zone, ticket_type, voucher or product.")]
    number: Annotated[int, Field(description="The number of what it counts.")]
    name: Name
    capacity: Annotated[int, Field(description="Units in all.")]
    used: Annotated[int, Field(description="Units used, as far as was heard.")]
    lent: Annotated[int, Field(description="What terminals hold or have used.")]
    locked: Annotated[int, Field(description="Held by terminals that are away: out of reach.")]
    part: Annotated[int, Field(description="What one terminal should hold just now.")]


class GateFigures(Figures):
    """What a gate terminal did."""

    admitted: Count
    left: Count
    refused: Annotated[dict[str, int], Field(description="How often, by the reason's word.")]


class BarFigures(Figures):
    """What a till did."""

    sales: Count
    voids: Count
    topups: Count
    sold_minor: Minor


class Conflict(Figures):
    """Something that contradicts something else; a correction is another fact."""

    area: Annotated[str, Field(description="office, access or money.")]
    kind: Annotated[str, Field(description="A word for programs.")]
    subject: Annotated[str, Field(description="Whom or what it is about.")]
    sentence_en: Annotated[str, Field(description="For people, in English.")]
    sentence_fr: Annotated[str, Field(description="For people, in French.")]
    details: Annotated[
        list[Any], Field(description="Values for programs; numbers beyond 53 bits are texts.")
    ]
    facts: Annotated[list[str], Field(description="Ids of facts in hex.")]


class TerminalFigures(Figures):
    """A terminal and how lately it was heard."""

    terminal: IdHex
    name: Name
    role: Annotated[str, Field(description="gate, bar or hub.")]
    state: Annotated[str, Field(description="never, heard, late, silent, copied or revoked.")]
    last_heard_ms: MsIf
    held: Count


class Exposure(Figures):
    """What can be overspent at most by tills that were not heard lately."""

    tills_unheard: Count
    overspend_bound_minor: Annotated[
        int | None, Field(description="Minor units; null: there is no limit.")
    ]


class Wallets(Figures):
    """What all wallets hold."""

    count: Count
    total_minor: Minor


class Hashes(Figures):
    """The state of each area as every machine computes it: equal where all agree."""

    office: Hash
    access: Hash
    money: Hash


class Summary(Figures):
    """Everything that the live page shows, from one committed state."""

    facts: Annotated[int, Field(description="How many records are held.")]
    authority: Authority
    recovering: Annotated[bool, Field(description="Whether the office waits for terminals.")]
    recovering_since_ms: MsIf
    waits_for: Annotated[list[str], Field(description="The names of those terminals.")]
    inside: Annotated[dict[str, int], Field(description="Guests inside, by the zone's number.")]
    zones: list[ZoneFigures]
    quotas: list[QuotaFigures]
    gates: Annotated[dict[str, GateFigures], Field(description="By name; twins with their id.")]
    bars: Annotated[dict[str, BarFigures], Field(description="By name; twins with their id.")]
    terminals: list[TerminalFigures]
    conflicts_count: Count
    exposure: Exposure
    money_sum_minor: Annotated[
        int, Field(description="Minor units: the sum over all accounts, always 0.")
    ]
    overspend_minor: Annotated[int, Field(description="Minor units: what wallets are below zero.")]
    wallets: Wallets
    hashes: Hashes


class WalletFigures(Figures):
    """What a wallet holds."""

    wallet: Number64
    balance_minor: Minor
    safe_balance_minor: Annotated[
        int, Field(description="Minor units: left whatever tills sold that were not heard lately.")
    ]


class Shift(Figures):
    """One shift of a till."""

    terminal: IdHex
    name: Name
    bar: Annotated[int, Field(description="The bar's number.")]
    shift: Annotated[int, Field(description="The shift's number; each till counts its own.")]
    opened_by: Number64
    closed_by: Annotated[Number64 | None, Field(description="A badge; null: it is open.")]
    opened_ms: Ms
    closed_ms: MsIf
    float_minor: MinorIf
    counted_minor: MinorIf
    expected_minor: Annotated[
        int | None, Field(description="Minor units: by the till's own reckoning.")
    ]
    difference_minor: Annotated[
        int | None, Field(description="Minor units: counted less expected; null: not known.")
    ]
    last_number: Annotated[
        int | None, Field(description="Of the till's last record before the close.")
    ]
    complete: Annotated[
        bool | None, Field(description="Whether every record is here; null while it is open.")
    ]
    missing: Annotated[int, Field(description="How many records are missing at least.")]
    twice: Annotated[bool, Field(description="Several shifts have this number: a copied till.")]


class VatRow(Figures):
    """What was sold at one rate."""

    vat: Annotated[int, Field(description="Basis points.")]
    gross_minor: Minor
    net_minor: Minor
    vat_minor: Minor


class MethodRow(Figures):
    """What went by one way of paying."""

    method: Annotated[str, Field(description="wallet, cash, card and so on.")]
    minor: Minor


class ShiftSums(Figures):
    """What a shift comes to by the office's own reckoning."""

    sales: Count
    voids: Count
    refunds: Count
    declined: Count
    top_ups: Count
    pay_outs: Count
    gross_minor: Minor
    by_vat: list[VatRow]
    by_method: list[MethodRow]
    topped_up: list[MethodRow]
    paid_out: list[MethodRow]
    deposits_minor: Minor
    tips_minor: Minor
    expected_minor: Annotated[int, Field(description="Minor units: what must be in the drawer.")]


class ShiftWithSums(Shift):
    """One shift with its sums; null if it has too many records to be added up at once."""

    totals: ShiftSums | None
