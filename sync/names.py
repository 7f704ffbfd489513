"""The names of things that leave the box: a type for each kind of id, and the roles of writers."""

from enum import IntEnum
from typing import Final, NewType

FestivalId = NewType("FestivalId", int)
"""A festival: u32, given out by the office."""

TerminalId = NewType("TerminalId", bytes)
"""A writer of a journal (a box, or one office process): 16 random bytes."""

RunId = NewType("RunId", bytes)
"""One process start within a journal: 16 random bytes drawn at process start."""

FactId = NewType("FactId", bytes)
"""SHA-256 of a fact's payload: 32 bytes."""

SaleId = NewType("SaleId", bytes)
"""A basket: 16 random bytes, made at its first key and kept through every retry."""

Serial = NewType("Serial", int)
"""The public id of a ticket or wristband within its festival: u64, random, never sequential."""

ID_BYTES: Final = 16
FACT_ID_BYTES: Final = 32
NO_PREVIOUS: Final = FactId(bytes(FACT_ID_BYTES))


class Role(IntEnum):
    """What a writer is; numbers are part of the wire format and are never reused."""

    OFFICE = 1
    GATE = 2
    BAR = 3
    HUB = 4


class Area(IntEnum):
    """A part of the folded state that machines compare: one state hash each."""

    OFFICE = 1
    ACCESS = 2
    MONEY = 3


AREAS_OF_ROLE: Final[dict[Role, tuple[Area, ...]]] = {
    Role.OFFICE: (Area.OFFICE, Area.ACCESS, Area.MONEY),
    Role.HUB: (Area.OFFICE, Area.ACCESS, Area.MONEY),
    Role.GATE: (Area.OFFICE, Area.ACCESS),
    Role.BAR: (Area.OFFICE, Area.MONEY),
}
"""The areas that a machine of this role holds whole; two machines compare those they share."""

INTEREST_OF_ROLE: Final[dict[Role, frozenset[Role]]] = {
    Role.OFFICE: frozenset(Role),
    Role.HUB: frozenset(Role),
    Role.GATE: frozenset({Role.OFFICE, Role.HUB, Role.GATE}),
    Role.BAR: frozenset({Role.OFFICE, Role.HUB, Role.BAR}),
}
"""The journals that a machine of this role wants: whole journals, so that chains stay checkable."""
