"""The two sides of a conversation: what a node must offer, and what it remembers of a partner."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from typing import Any, Final, Protocol

from sync.message import Position
from sync.names import FactId, Role, RunId, TerminalId
from sync.replica import Taken

Gap = tuple[bytes, int, bytes]

Head = tuple[bytes, int, bytes]
"""A record that somebody holds: its run, its number there, its id."""

ROLES_STATED: Final = frozenset({Role.OFFICE, Role.HUB})
"""Whose journals a box states whole to a partner to which it pushes only its own."""


class Log(Protocol):
    """A node's records as a conversation needs them; all calls lie in the caller's transaction."""

    @property
    def store_id(self) -> bytes:
        """The id of this store: 16 bytes, another one after a store was lost."""

    def last_arrival(self) -> int:
        """Return the arrival number of the newest record, 0 if there is none."""

    def id_at(self, arrival: int) -> FactId | None:
        """Return the id of the record with this arrival number."""

    def records_after(
        self,
        arrival: int,
        up_to: int,
        roles: frozenset[Role],
        count_max: int,
        bytes_max: int,
        writer: TerminalId | None = None,
    ) -> tuple[list[bytes], int]:
        """Return records that arrived later, up to an arrival included, in order of arrival.

        Only those whose writer has one of these roles, and is `writer` if one is given; with them
        the arrival number up to which everything was looked at (`up_to` if nothing was left out
        for want of room and the way there was not too long for one step).
        """

    def run_records(
        self, run: RunId, from_number: int, count_max: int, bytes_max: int
    ) -> list[bytes]:
        """Return records of a run from this number on, ordered by number, forks included."""

    def holds(self, fact: FactId) -> bool:
        """Tell whether the record with this id is held."""

    def heads(
        self, roles: frozenset[Role], writer: TerminalId | None = None
    ) -> list[tuple[RunId, int, FactId]]:
        """Return the highest number held of each run of writers with these roles, and its id.

        With `writer` the runs of this one too, whatever its role.
        """

    def whole_up_to(self, run: RunId) -> tuple[int, FactId] | None:
        """Return the highest number without a gap below it and its id, None for no such run."""

    def runs_of(self, terminal: TerminalId) -> list[tuple[RunId, int]]:
        """Return (run, highest number without a gap) of one writer, newest runs first (≤ 256)."""

    def take(self, records: Sequence[bytes]) -> list[Taken]:
        """Let the replica take records."""


@dataclass(frozen=True, slots=True)
class Node:
    """Who speaks: a writer, the certificates that prove it, and its role."""

    terminal: TerminalId
    certificates: tuple[bytes, ...]
    role: Role


@dataclass(frozen=True, slots=True)
class PartnerMemory:
    """What a node keeps about a partner between exchanges; a new one knows nothing.

    `read` is our position in the partner's order, `partner_read` theirs in ours; None is unknown.
    `gaps` are runs still wanted, `asked` what the partner asked for last, `ranges` the arrivals
    here that it brought (after, up to).
    """

    store: bytes | None = None
    terminal: bytes | None = None
    read: Position | None = None
    gaps: tuple[Gap, ...] = ()
    partner_read: Position | None = None
    asked: tuple[Gap, ...] = ()
    interest: tuple[int, ...] = ()
    ranges: tuple[tuple[int, int], ...] = ()

    def row(self) -> Any:
        """Return the memory as a value that the codec takes."""
        return list(astuple(self))

    @classmethod
    def of(cls, row: Any) -> "PartnerMemory":
        """Return the memory from what `row` gave."""
        return cls(*row)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message brought.

    `acknowledged` is up to where the partner holds the hearer's runs, without a gap and durably.
    `partner_knows_more`: the partner has read beyond our own store, which is older than it was.
    `more`: something is still to be read or said, so the next exchange should follow at once.
    """

    terminal: TerminalId
    taken: list[Taken]
    acknowledged: tuple[tuple[RunId, int], ...]
    partner_knows_more: bool
    more: bool


def has_lost(log: Log, acknowledged: Sequence[tuple[bytes, int]]) -> bool:
    """Tell whether a partner acknowledges records of the own journal that are not here any more."""
    for run, number in acknowledged:
        whole = log.whole_up_to(RunId(run))
        if whole is None or whole[0] < number:
            return True
    return False
