"""One table: which role may sign which kind of fact. Everything else is kept but has no effect."""

from typing import Final

from sync.facts import (
    Admitted,
    AllotmentPassed,
    AllotmentReturned,
    AllotmentWrittenOff,
    Allotted,
    AuthorityHanded,
    BarSet,
    Body,
    CapRenewed,
    CertificateIssued,
    ClockConfirmed,
    Corrected,
    Declined,
    GateSet,
    KeyRetired,
    Left,
    Moved,
    NotEntered,
    OfferSet,
    PaidOut,
    PinRefused,
    PolicySet,
    ProductSet,
    QuotaSet,
    Refunded,
    Refused,
    Released,
    RunOpened,
    ShiftClosed,
    ShiftOpened,
    SignedIn,
    SignedOut,
    Sold,
    StaffSet,
    StockMoved,
    TerminalRevoked,
    TicketStatusSet,
    ToppedUp,
    TypeSet,
    Undone,
    Voided,
    VoucherSet,
    WalletSecretSet,
    WristbandBlocked,
    WristbandGiven,
    WristbandLinked,
    ZoneSet,
)  # fmt: skip
from sync.names import Area, Role

_OFFICE: Final = frozenset({Role.OFFICE})
_CENTRE: Final = frozenset({Role.OFFICE, Role.HUB})
_GATES: Final = frozenset({Role.GATE, Role.OFFICE})
_BARS: Final = frozenset({Role.BAR, Role.OFFICE})
_TERMINALS: Final = frozenset({Role.GATE, Role.BAR, Role.HUB})

MAY_SIGN: Final[dict[type[Body], frozenset[Role]]] = {
    RunOpened: frozenset(Role),
    **dict.fromkeys(
        (
            ProductSet, TypeSet, ZoneSet, PolicySet, TicketStatusSet, CertificateIssued,
            KeyRetired, GateSet, BarSet, TerminalRevoked, Released, Corrected, AllotmentWrittenOff,
            StaffSet, VoucherSet, QuotaSet,
        ),
        _OFFICE,
    ),
    **dict.fromkeys((Allotted, AuthorityHanded), _CENTRE),
    AllotmentReturned: _TERMINALS,
    AllotmentPassed: _TERMINALS,
    **dict.fromkeys(
        (Admitted, Left, Moved, Undone, Refused, NotEntered, WristbandGiven), _GATES
    ),
    **dict.fromkeys((ClockConfirmed, SignedIn, SignedOut, PinRefused), _TERMINALS),
    **dict.fromkeys(
        (
            Sold, Voided, Refunded, ToppedUp, PaidOut, ShiftOpened, ShiftClosed, Declined,
            CapRenewed, StockMoved, OfferSet, WalletSecretSet,
        ),
        _BARS,
    ),
    **dict.fromkeys((WristbandLinked, WristbandBlocked), _BARS | _CENTRE),
}  # fmt: skip

AREA_OF_WRITER: Final[dict[Role, Area]] = {
    Role.OFFICE: Area.OFFICE,
    Role.HUB: Area.OFFICE,
    Role.GATE: Area.ACCESS,
    Role.BAR: Area.MONEY,
}
"""Where a finding about a journal itself is kept: in an area that everyone who has it compares."""


def may_sign(role: Role, body: Body) -> bool:
    """Tell whether a writer of this role may state this kind of fact."""
    return role in MAY_SIGN[type(body)]
