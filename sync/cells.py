"""Cells: the folded state as small values under keys, and the hash by which machines compare it.

Every fold in this package reads and writes cells only, a bounded number for each fact, so the same
function keeps a dictionary in a test, a table on a terminal and a table in the office. What a cell
holds must be the same whatever the order in which facts came; a cache that depends on arrival does
not belong here. Values are made of int, bytes, str, bool, None and tuples, and are never changed in
place.
"""

import hashlib
from collections.abc import Iterable, Iterator
from enum import IntEnum
from typing import Any, NamedTuple, Protocol

from sync.codec import encode
from sync.names import Area


class CellKind(IntEnum):
    """What a cell is about; numbers are part of the state hash and are never reused."""

    # office
    PRODUCT = 1
    TICKET_TYPE = 2
    ZONE = 3
    POLICY = 4
    STATUS = 5
    KEY = 6
    GATE = 7
    BAR = 8
    REVOKED = 9
    CERTIFICATE = 10
    REPLACES = 11
    OFFICE_COUNT = 12
    STAFF = 13
    VOUCHER = 14
    QUOTA = 15
    AUTHORITY = 16
    LENT_UNDER = 17
    # access
    HISTORY = 20
    INSIDE = 21
    GATE_COUNT = 22
    SLOTS = 23
    WRISTBAND = 24
    # money
    SALE = 40
    ACCOUNT = 41
    LINK = 42
    SHIFT = 43
    BAR_COUNT = 44
    WALLET = 46
    STOCK = 47
    OFFER = 48
    SECRET = 49
    VISITS = 50
    TAPS = 51
    VOUCHER_USES = 52
    # every area
    CONFLICT = 60


class CellKey(NamedTuple):
    """Where a cell lives: the area by which it is compared, what it is about, and whose it is."""

    area: Area
    kind: CellKind
    key: bytes


class Cells(Protocol):
    """A place that keeps cells; None stands for a cell that is not there."""

    def get(self, key: CellKey) -> Any:
        """Return the cell's value, or None."""

    def set(self, key: CellKey, value: Any) -> None:
        """Keep a value; None takes the cell away."""

    def items(
        self, area: Area, kind: CellKind | None = None, prefix: bytes = b""
    ) -> Iterator[tuple[CellKey, Any]]:
        """Walk over the cells of an area (and kind) in the order of (kind, key).

        `prefix` asks for those whose key begins so; with a kind that costs only what it finds.
        """


class MemoryCells:
    """Cells in a dictionary, for folds that need no disk."""

    def __init__(self) -> None:
        """Start without any cell."""
        self._values: dict[CellKey, Any] = {}

    def get(self, key: CellKey) -> Any:
        """Return the cell's value, or None."""
        return self._values.get(key)

    def set(self, key: CellKey, value: Any) -> None:
        """Keep a value; None takes the cell away."""
        if value is None:
            self._values.pop(key, None)
        else:
            self._values[key] = value

    def items(
        self, area: Area, kind: CellKind | None = None, prefix: bytes = b""
    ) -> Iterator[tuple[CellKey, Any]]:
        """Walk over the cells of an area (and kind) in the order of (kind, key)."""
        wanted = (k for k in self._values if is_wanted(k, area, kind, prefix))
        for key in sorted(wanted):
            yield key, self._values[key]


class LayeredCells:
    """Cells that are read through to others and written into memory: what if, without a trace."""

    def __init__(self, below: Cells) -> None:
        """Begin with what lies below, which is never written."""
        self._below = below
        self._above: dict[CellKey, Any] = {}

    def get(self, key: CellKey) -> Any:
        """Return the cell's value, or None."""
        return self._above[key] if key in self._above else self._below.get(key)

    def set(self, key: CellKey, value: Any) -> None:
        """Keep a value above; None hides the cell below."""
        self._above[key] = value

    def items(
        self, area: Area, kind: CellKind | None = None, prefix: bytes = b""
    ) -> Iterator[tuple[CellKey, Any]]:
        """Walk over the cells of an area (and kind) in the order of (kind, key)."""
        mine = {k for k in self._above if is_wanted(k, area, kind, prefix)}
        found = self._below.items(area, kind, prefix)
        below = {key: value for key, value in found if key not in mine}
        for key in sorted({*below, *mine}):
            value = self.get(key)
            if value is not None:
                yield key, value


def is_wanted(key: CellKey, area: Area, kind: CellKind | None, prefix: bytes) -> bool:
    """Tell whether a walk over these cells comes by a key."""
    return key.area == area and kind in {None, key.kind} and key.key.startswith(prefix)


def state_hash(cells: Iterable[tuple[CellKey, Any]]) -> str:
    """Return SHA-256 (hex) over cells that come in the order of (kind, key), values encoded."""
    whole = hashlib.sha256()
    for key, value in cells:
        part = encode([int(key.kind), key.key, value])
        whole.update(len(part).to_bytes(4, "big"))
        whole.update(part)
    return whole.hexdigest()


def area_hashes(cells: Cells, areas: Iterable[Area]) -> dict[str, str]:
    """Return the state hash of each area by its lower-case name."""
    return {area.name.lower(): state_hash(cells.items(area)) for area in areas}


def counted(cells: Cells, key: CellKey, change: int) -> int:
    """Add to a number that a cell holds and return it; a cell of zero is not kept."""
    value: int = (cells.get(key) or 0) + change
    cells.set(key, value or None)
    return value
