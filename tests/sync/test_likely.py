from collections.abc import Iterator
from typing import Any

import pytest

from sync.cells import CellKey, CellKind, MemoryCells
from sync.certificates import Certificate, Subject, certify
from sync.facts import Body, Left, PaidOut
from sync.journal import Record
from sync.keys import SecretKey
from sync.likely import likely_cells
from sync.names import Role
from tests.cloud.box import Box
from tests.cloud.facts import DAY, admitted, sold, topped_up

SHARED = {
    CellKind.REVOKED, CellKind.GATE_COUNT, CellKind.BAR_COUNT, CellKind.INSIDE, CellKind.ZONE,
    CellKind.SLOTS, CellKind.SHIFT, CellKind.STOCK,
}  # fmt: skip


class Watched(MemoryCells):
    """Cells that remember what was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[CellKey] = set()

    def get(self, key: CellKey) -> Any:
        self.asked.add(key)
        return super().get(key)


def told(role: Role, *bodies: Body) -> Iterator[tuple[Record, set[CellKey]]]:
    """Let a box state facts; give each with the cells that its fold asked for."""
    root, office = SecretKey(bytes(32)), SecretKey(bytes([1]) * 32)
    certificate = certify(
        Certificate(7, Subject.OFFICE, Role.OFFICE, b"office", office.public, "Office", 0, 0), root
    )
    box = Box(7, root.public, certificate, office, role, "Box", 3)
    cells = Watched()
    box.shelf.cells = cells
    for body in bodies:
        cells.asked.clear()
        (record,) = box.say(body)
        yield record, set(cells.asked)


@pytest.mark.parametrize(
    "role,bodies",
    [
        (Role.GATE, (admitted(5), admitted(6), Left(5, 1, DAY, (), bytes(32)))),
        (Role.BAR, (topped_up(3, 700, 1), topped_up(4, 700, 2))),
        (
            Role.BAR,
            (sold(3, 450, sale=1), sold(4, 450, sale=2), PaidOut(bytes(16), 4, 5, 1, 1, 1, None)),
        ),
    ],
)
def test_what_a_fold_asks_of_its_own_subject_was_named_before(
    role: Role, bodies: tuple[Body, ...]
) -> None:
    for record, asked in told(role, *bodies):
        own = {
            key
            for key in asked
            if key.kind not in SHARED
            and not key.key.startswith((b"revenue", b"vat", b"drawer", b"payout"))
        }
        named = set(likely_cells(record))
        assert own <= named
        assert named
