"""What the office does with a message of a terminal, in one transaction."""

from dataclasses import dataclass
from enum import StrEnum

from cloud.office import Job, Office
from sync.catalogue import is_revoked
from sync.certificates import Certificate
from sync.conversation import BadMessage
from sync.names import INTEREST_OF_ROLE, Role, TerminalId

TERMINAL_ROLES = frozenset(INTEREST_OF_ROLE) - {Role.OFFICE}


class Refusal(StrEnum):
    """Why a terminal whose signature holds is not heard, in words for its technician."""

    NO_TERMINAL = "Only gates, bars and hubs exchange facts here."
    EXPIRED = "The certificate of this terminal is not valid now. Enrol it again."
    REVOKED = "This terminal was revoked: nothing more of it is believed. Call the organiser."
    UNKNOWN = "Nothing was heard of this terminal yet: let it exchange its facts first."
    NO_TILL = "Only tills that have their place at a bar ask the authority."
    NO_JOINER = "Only gates and bars join by a snapshot."
    REUSED = "This operation was granted before with another content: give the new one its own id."


@dataclass(frozen=True, slots=True)
class Exchanged:
    """The answer to a message, and how many records were new to the office."""

    answer: bytes
    taken: int


def judge(certificate: Certificate, now_s: int) -> Refusal | None:
    """Return why a certified writer may not connect now, or None if it may."""
    if certificate.role not in TERMINAL_ROLES:
        return Refusal.NO_TERMINAL
    is_over = certificate.valid_until and now_s > certificate.valid_until
    if is_over or now_s < certificate.valid_from:
        return Refusal.EXPIRED
    return None


def exchange(certificate: Certificate, content: bytes) -> Job:
    """Return the job that hears a message and gives `Exchanged`, `Refusal` or `BadMessage`."""
    terminal = TerminalId(certificate.holder)

    def job(office: Office) -> Exchanged | Refusal | BadMessage:
        if is_revoked(office.cells, terminal):
            return Refusal.REVOKED
        try:
            answer, heard = office.converse(terminal, content)
        except BadMessage as trouble:
            return trouble
        return Exchanged(answer, len(heard.taken))

    return job
