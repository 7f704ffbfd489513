"""Boxes of which there are two: a forked journal puts the box under quarantine, not its facts.

Theory. Two branches of one journal were written by a copy of a box, or by a box that was put back
to an older image and went on. Which of them is the right one nobody can know, so both count. But
what a box was lent stands in both, and its key is in two places. From the moment at which a node
holds both branches it lends that terminal nothing more and trusts it with nothing new; what the
terminal did stays. The way out is a new name: the box is enrolled again.

The finding rests on records that are never thrown away, so it never goes away either, and every
node that holds the same records says the same, whatever the order in which they came.
"""

from typing import Final

from sync.authority import AREA_OF_WRITER
from sync.cells import Cells
from sync.conflicts import ConflictKind, conflict_key
from sync.names import Area

_AREAS: Final[tuple[Area, ...]] = tuple(sorted(set(AREA_OF_WRITER.values())))
"""Where forks are found: in the area of the writer's role, of which each has one."""


def is_quarantined(cells: Cells, terminal: bytes) -> bool:
    """Tell whether two branches of a terminal's journal are known here."""
    subject = terminal.hex()
    keys = (conflict_key(area, ConflictKind.FORKED_JOURNAL, subject) for area in _AREAS)
    return any(cells.get(key) is not None for key in keys)
