"""Conflicts: what went wrong in the world, as cells that every machine derives from its facts.

A conflict is never an error of the merge and stops nothing: it is a finding for people. It is kept
as a cell so that it appears and disappears with the facts that it rests on, in any order.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sync.cells import CellKey, CellKind, Cells
from sync.codec import encode
from sync.keys import digest
from sync.names import Area


class ConflictKind(StrEnum):
    """Everything that the folds look for."""

    SECOND_ADMISSION = "second_admission"
    CAPACITY_EXCEEDED = "capacity_exceeded"
    ADMITTED_THOUGH_WITHDRAWN = "admitted_though_withdrawn"
    OVERSPENT_WALLET = "overspent_wallet"
    SALE_ID_TWICE = "sale_id_twice"
    REFUNDED_TWICE = "refunded_twice"
    ALLOTMENT_SPENT_TWICE = "allotment_spent_twice"
    TWO_LINKS = "two_links"
    FORKED_JOURNAL = "forked_journal"
    UNAUTHORISED_FACT = "unauthorised_fact"
    VOUCHER_SPENT_TWICE = "voucher_spent_twice"
    CLONED_WRISTBAND = "cloned_wristband"
    TWO_OFFICE_VERSIONS = "two_office_versions"
    TWO_AUTHORITIES = "two_authorities"
    LENT_WITHOUT_AUTHORITY = "lent_without_authority"


@dataclass(frozen=True, slots=True)
class Conflict:
    """One finding: about whom (a text for people and filters), resting on which facts.

    `details` are further values for the sentence shown, such as an amount in minor units.
    """

    area: Area
    kind: ConflictKind
    subject: str
    facts: tuple[bytes, ...]
    details: tuple[Any, ...] = ()


def conflict_key(area: Area, kind: ConflictKind, subject: str) -> CellKey:
    """Return where the conflict of this kind about this subject is kept."""
    return CellKey(area, CellKind.CONFLICT, digest(encode([kind.value, subject]))[:16])


def declare(cells: Cells, conflict: Conflict) -> None:
    """Keep a conflict, replacing what was known of the same kind and subject."""
    key = conflict_key(conflict.area, conflict.kind, conflict.subject)
    facts = tuple(sorted(set(conflict.facts)))
    cells.set(key, (conflict.kind.value, conflict.subject, facts, conflict.details))


def settle(cells: Cells, area: Area, kind: ConflictKind, subject: str) -> None:
    """Take a conflict away because the facts no longer show it."""
    cells.set(conflict_key(area, kind, subject), None)


def add_evidence(cells: Cells, area: Area, kind: ConflictKind, subject: str, *ids: bytes) -> None:
    """Keep a conflict whose facts only ever grow, such as a fork."""
    known = cells.get(conflict_key(area, kind, subject))
    facts = (*known[2], *ids) if known is not None else ids
    declare(cells, Conflict(area, kind, subject, facts))


def conflicts(cells: Cells, area: Area) -> list[Conflict]:
    """Return every conflict of an area, in the order of their keys."""
    return [
        Conflict(area, ConflictKind(value[0]), value[1], value[2], value[3])
        for _, value in cells.items(area, CellKind.CONFLICT)
    ]
