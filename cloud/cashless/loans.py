"""What was lent to a till of wallets, products, ticket types and vouchers, and not spent yet."""

from collections.abc import Iterator
from typing import Final

from sync.allotments import Holding, Resource
from sync.cells import CellKind, Cells
from sync.names import Area

_RESOURCE_BYTES: Final = 9
"""A part's cell is named by the resource's kind (1 byte), its number (8) and the terminal."""


def held_by(cells: Cells, terminal: bytes) -> Iterator[tuple[Resource, int]]:
    """Walk over what a till holds: of wallets in minor units, of quotas in units.

    It walks over all parts, for the rare case that a terminal is given up.
    """
    for key, value in cells.items(Area.MONEY, CellKind.SLOTS):
        held = Holding(*value).held
        if key.key[_RESOURCE_BYTES:] == terminal and held > 0:
            yield (key.key[0], int.from_bytes(key.key[1:_RESOURCE_BYTES], "big")), held
