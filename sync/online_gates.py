"""Gates at which no box stands: the office judges for phones, and its facts name the gate.

Each start of an office is a writer of its own, so a fact's writer says nothing of where a guest
came in. An online gate has an id that follows from its number, the same for every office process
and after every restart; names, counts and places used are kept under it as under a box's. What a
box says of a gate is not believed: it speaks for itself only.
"""

from typing import Final

from sync.facts import Admitted, Left, Moved, Refused
from sync.journal import Record
from sync.keys import digest
from sync.names import ID_BYTES, Role, TerminalId

_PURPOSE: Final = b"guichet-online-gate-v1\0"
_FESTIVAL_BYTES: Final = 4
_NUMBER_BYTES: Final = 2


def online_gate_id(festival: int, number: int) -> TerminalId:
    """Return the id of a festival's online gate with this number (of 16 bits)."""
    name = festival.to_bytes(_FESTIVAL_BYTES, "big") + number.to_bytes(_NUMBER_BYTES, "big")
    return TerminalId(digest(_PURPOSE + name)[:ID_BYTES])


def gate_of_fact(record: Record, role: Role) -> bytes:
    """Return where a fact happened: the online gate that an office's names, else its writer."""
    body = record.body
    if role is Role.OFFICE and isinstance(body, Admitted | Left | Moved | Refused):
        return record.terminal if body.gate is None else body.gate
    return record.terminal
