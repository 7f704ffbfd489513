"""The small numbered words inside facts; the numbers are part of the wire format."""

from enum import IntEnum, IntFlag


class TicketStatus(IntEnum):
    """A ticket's standing as the office says it; from CANCELLED on it is final."""

    VALID = 0
    UNPAID = 1
    BLOCKED = 2
    CANCELLED = 3
    REFUNDED = 4
    REPLACED = 5


class Provisional(IntEnum):
    """What is to be known about an admission (bits that may be added).

    The first two say why it was given with a reservation. REENTERED: the guest came in again
    without having been seen going out, so whoever came in on this ticket before is counted out.
    TYPED: the code was not read; somebody typed the ticket's number.
    """

    NO = 0
    CLOCK_IN_DOUBT = 1
    DATA_STALE = 2
    REENTERED = 4
    TYPED = 8


class LineKind(IntEnum):
    """What a line of a basket is.

    ITEM, HALF and DOUBLE serve a product in its usual, half or double measure, MIXER adds what is
    poured to it. TOP_UP goes into the wallet that the first payment by wristband names. UNDONE and
    DISCOUNT name the line that they are about.
    """

    ITEM = 0
    DEPOSIT = 1
    CUP_BACK = 2
    TIP = 3
    TOP_UP = 4
    UNDONE = 5
    DISCOUNT = 6
    HALF = 7
    DOUBLE = 8
    MIXER = 9


class Method(IntEnum):
    """How a basket was paid or a top-up came in."""

    WALLET = 1
    CASH = 2
    CARD = 3
    VOUCHER = 4
    GIFT = 5


class ResourceKind(IntEnum):
    """What a quota counts."""

    ZONE = 1
    TICKET_TYPE = 2
    VOUCHER = 3
    STOCK = 4
    WALLET = 5


class StockReason(IntEnum):
    """Why a bar's stock of a product changed other than by selling; from SPILLED on it is waste."""

    RECEIVED = 1
    COUNTED = 2
    SPILLED = 3
    BROKEN = 4
    GONE_OFF = 5
    TASTED = 6
    OTHER = 9


class Offered(IntEnum):
    """Whether a bar offers a product just now."""

    YES = 0
    SOLD_OUT = 1
    NOT_ON_TAP = 2


class SecretKind(IntEnum):
    """What a guest knows about a wallet: a PIN for paying, a claim code for a lost wristband."""

    PIN = 1
    CLAIM = 2


class Right(IntFlag):
    """What a member of staff may do on a terminal."""

    AGENT = 1
    SELLER = 2
    CASHIER = 4
    SUPERVISOR = 8


class OverrideReason(IntEnum):
    """Why a supervisor let somebody in against the rules."""

    PAPERS_SEEN = 1
    MISTAKE_OF_OURS = 2
    TECHNICAL_FAULT = 3
    ORGANISER_DECIDED = 4
    EMERGENCY = 5
    OTHER = 9
