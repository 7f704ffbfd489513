"""Who may speak with this box on the LAN, and how often somebody was refused, by reason."""

from collections import Counter
from enum import StrEnum

from sync.certificates import Certificate
from sync.clock import ClockState, Moment
from sync.names import Role, TerminalId

NEIGHBOUR_ROLES = frozenset({Role.GATE, Role.BAR, Role.HUB})


class Refused(StrEnum):
    """Why somebody was not heard, or not believed; the words of the box's counters."""

    STRANGER = "stranger"
    BAD_SIGNATURE = "bad_signature"
    EXPIRED = "expired"
    REVOKED = "revoked"
    NO_MESSAGE = "no_message"
    TOO_LONG = "too_long"
    TOO_SLOW = "too_slow"
    TOO_MANY = "too_many"


SENTENCES = {
    Refused.STRANGER: "This festival did not certify who says this.",
    Refused.BAD_SIGNATURE: "The signature does not hold.",
    Refused.EXPIRED: "The certificate of this terminal is not valid now. Enrol it again.",
    Refused.REVOKED: "This terminal was revoked: nothing more of it is believed.",
    Refused.NO_MESSAGE: "This is no message between terminals.",
    Refused.TOO_LONG: "The message is too long.",
    Refused.TOO_SLOW: "The message came too slowly.",
    Refused.TOO_MANY: "Too much is under way here: ask again in a moment.",
}


class Refusals:
    """Counts refusals; a plain counter that any thread may read."""

    def __init__(self) -> None:
        """Begin with none."""
        self._counts: Counter[str] = Counter()

    def count(self, why: Refused) -> Refused:
        """Count one and return it."""
        self._counts[why.value] += 1
        return why

    def counts(self) -> dict[str, int]:
        """Return how often somebody was refused, by reason."""
        return dict(self._counts)


def judge(certificate: Certificate, own: TerminalId, moment: Moment) -> Refused | None:
    """Return why a certified writer is no neighbour now, or None if it is.

    Dates count only once the clock is TRUSTED: a box with a wrong clock would else shut out all.
    """
    if certificate.role not in NEIGHBOUR_ROLES or certificate.holder == own:
        return Refused.STRANGER
    if moment.quality.state is not ClockState.TRUSTED:
        return None
    is_over = certificate.valid_until and moment.earliest_ms > 1000 * certificate.valid_until
    if is_over or moment.latest_ms < 1000 * certificate.valid_from:
        return Refused.EXPIRED
    return None
