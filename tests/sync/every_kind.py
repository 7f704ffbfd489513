"""One fact of each kind with its fields filled, for golden bytes and for round trips.

Fields that came later stand in `GROWN`, so that the older spelling is held too.
"""

from sync.facts import (
    Admitted,
    AllotmentPassed,
    AllotmentReturned,
    AllotmentWrittenOff,
    Allotted,
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
    PaidOut,
    PinRefused,
    PolicySet,
    ProductSet,
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
    TerminalRevoked,
    TicketStatusSet,
    ToppedUp,
    TypeSet,
    Undone,
    Voided,
    WristbandBlocked,
    WristbandGiven,
    WristbandLinked,
    ZoneSet,
)

ID = bytes(range(16))
OTHER = bytes(range(16, 32))
FACT = bytes(range(32))
LINES = ((1, 2, 300, 2000, 0, None), (2, -2, 100, 0, 2, None), (1, -2, 300, 2000, 5, 0))
PAID = ((1, 500, 99, None), (3, 100, None, "ref"))
BACK = ((2, -600, None, None),)

EVERY_KIND: tuple[Body, ...] = (
    RunOpened(FACT, (b"office", b"writer"), ID, "1.2.3", "boot"),
    ProductSet(1, 2, "Bière", "drinks", 480, 2000, 200, 16, True),
    TypeSet(1, 2, "Day", True, 3, 2, 30, False, (1, 2), (600, 1320), 4),
    ZoneSet(1, 2, "Main", 5000),
    PolicySet(2, ((1, 5000), (2, -1))),
    TicketStatusSet(((5, 3, 2, None), (6, 5, 1, 7))),
    CertificateIssued(b"certificate"),
    KeyRetired(1),
    GateSet(ID, 2, "North", 1, (1, 2)),
    BarSet(ID, 2, "Bar", 3),
    Allotted((1, 1), ID, 100),
    AllotmentReturned((1, 1), 10),
    AllotmentPassed((1, 1), OTHER, 10),
    AllotmentWrittenOff((1, 1), ID, 10),
    TerminalRevoked(ID, ((OTHER, 41),)),
    Released(ID, OTHER, 42),
    Corrected((("gift", 0, -5), ("wallet:99", 0, 5)), "why", 77),
    Admitted(5, 1, 1, 20261121, 2, (FACT,), 3, 9, ID, 77),
    Left(5, 1, 20261121, (FACT,), FACT),
    Moved(5, 1, 2, 20261121, (FACT,)),
    Undone(5, FACT, (FACT,)),
    Refused(5, b"digest8!", "cancelled", 1, 1),
    ClockConfirmed(77, 1_795_262_400_000, 300_000),
    NotEntered(5, FACT, 2, (FACT,)),
    WristbandGiven(5, 1, 99),
    StaffSet(77, 2, "N1", 9, ID + FACT),
    SignedIn(77),
    SignedOut(77),
    PinRefused(77),
    ToppedUp(ID, 99, 5000, 2, 1, 1, "ref"),
    Sold(ID, 1, 1, 7, LINES, PAID, 2, "alone_limit", 1000),
    Voided(ID, (0, 2), BACK, 1, 1, 7),
    Refunded(OTHER, ID, 0, 1, BACK, 1, 1, 7),
    WristbandLinked(99, 100, "lost"),
    WristbandBlocked(99, "lost"),
    PaidOut(ID, 99, 5000, 2, 1, 1, "ref"),
    ShiftOpened(1, 1, 7, 10_000),
    ShiftClosed(1, 1, 7, 12_000, 41),
    Declined(ID, 99, 5000, "alone_limit", 1),
    CapRenewed(77, 100_000),
)

GROWN: tuple[Body, ...] = (
    TypeSet(1, 2, "Day", True, 3, 2, 30, False, (1, 2), (600, 1320), 4, "Student card", 16),
    Admitted(5, 1, 1, 20261121, 2, (FACT,), 3, 9, ID, 77, 1),
)
