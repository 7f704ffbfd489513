"""Which cells a snapshot holds for whom, and how they are spelled in pages.

A gate gets the office's and the access area whole, with histories packed (`snapshot_history`). A
till gets the office's area without the statuses of tickets, and of the money area everything but
what was said about single sales, visits and taps: balances, kinds of money, links, shifts, loans,
stock, vouchers and proofs are sums and newest words that need nothing else.

Pages come out of a walk in the order of keys with fixed bounds, so two machines with the same cells
spell the same pages, whatever they are stored in.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from sync.cells import CellKey, CellKind, Cells
from sync.codec import Malformed, decode, encode
from sync.limits import (
    SNAPSHOT_PAGE_BYTES_WANTED,
    SNAPSHOT_PAGE_CELLS_MAX,
    SNAPSHOT_UNPACKED_BYTES_MAX,
)
from sync.names import AREAS_OF_ROLE, Area, Role
from sync.snapshot import BadSnapshot
from sync.snapshot_columns import gather, gather_raw, spread, spread_raw
from sync.snapshot_history import Packer, line_of, unpacked

CELLS_PAGE: Final = 3
HISTORY_PAGE: Final = 4
LEFT_OUT: Final[dict[Role, frozenset[CellKind]]] = {
    Role.GATE: frozenset(),
    Role.BAR: frozenset(
        {CellKind.STATUS, CellKind.REPLACES, CellKind.SALE, CellKind.VISITS, CellKind.TAPS}
    ),
}
"""What the terminals that can join by a snapshot work without, until they have the journals."""

_EVEN_KEY_BYTES_MAX: Final = 64
_PLACE_BYTES: Final = 2
_REPLACED: Final = b"n"
_REPLACES: Final = b"o"


def pages(cells: Cells, role: Role) -> Iterator[tuple[int, bytes]]:
    """Yield (cells, page) over the reduced state of a terminal of this role."""
    for area in AREAS_OF_ROLE[role]:
        for kind in CellKind:
            if kind in LEFT_OUT[role]:
                continue
            found = cells.items(area, kind)
            if kind is CellKind.HISTORY:
                yield from _histories(cells, found)
            else:
                yield from _plain(area, kind, found)


def cells_of(values: Any, role: Role) -> Iterator[tuple[CellKey, bytes]]:
    """Yield (key, encoded value) of a page that was read; `BadSnapshot` if it holds no cells."""
    try:
        if values[0] == CELLS_PAGE:
            yield from _plain_cells(values, role)
        elif values[0] == HISTORY_PAGE:
            for key, content in unpacked(values[1:]):
                yield CellKey(Area.ACCESS, CellKind.HISTORY, key), content
        else:
            raise BadSnapshot("a page is of a kind that is unknown here")
    except (ValueError, TypeError, IndexError, StopIteration, RuntimeError) as trouble:
        raise BadSnapshot(f"a page of cells is misshapen: {trouble}") from trouble


# --- cells as they are ---


class _Gathered:
    """Cells of one kind until they fill a page; like values are there once."""

    def __init__(self, area: Area, kind: CellKind) -> None:
        self._place = [int(area), int(kind)]
        self.keys: list[bytes] = []
        self._values: dict[bytes, int] = {}
        self._places: list[int] = []
        self._bytes = 0

    def add(self, key: bytes, content: bytes) -> None:
        if content not in self._values:
            self._bytes += len(content)
        self._places.append(self._values.setdefault(content, len(self._values)))
        self.keys.append(key)
        self._bytes += len(key) + _PLACE_BYTES

    @property
    def is_full(self) -> bool:
        is_many = len(self.keys) >= SNAPSHOT_PAGE_CELLS_MAX
        return is_many or self._bytes >= SNAPSHOT_PAGE_BYTES_WANTED

    def page(self) -> tuple[int, bytes]:
        widths = {len(key) for key in self.keys}
        width = widths.pop() if len(widths) == 1 else 0
        is_even = 0 < width <= _EVEN_KEY_BYTES_MAX
        keys = spread_raw(b"".join(self.keys), width) if is_even else self.keys
        places = spread(self._places, _PLACE_BYTES)
        width = width if is_even else 0
        row = [CELLS_PAGE, *self._place, width, keys, list(self._values), places]
        return len(self.keys), encode(row)


def _plain(
    area: Area, kind: CellKind, found: Iterable[tuple[CellKey, Any]]
) -> Iterator[tuple[int, bytes]]:
    gathered = _Gathered(area, kind)
    for key, value in found:
        gathered.add(key.key, encode(value))
        if gathered.is_full:
            yield gathered.page()
            gathered = _Gathered(area, kind)
    if gathered.keys:
        yield gathered.page()


def _plain_cells(values: Any, role: Role) -> Iterator[tuple[CellKey, bytes]]:
    _, number, kind_number, width, keys, contents, places = values
    area, kind = Area(number), CellKind(kind_number)
    if area not in AREAS_OF_ROLE[role] or kind in LEFT_OUT[role]:
        raise BadSnapshot("a page holds cells that this terminal has no use for")
    for content in contents:
        _check_value(content)
    count = len(places) // _PLACE_BYTES
    if width:
        raw = gather_raw(keys, width, count)
        keys = [raw[at : at + width] for at in range(0, len(raw), width)]
    at_value = gather(places, _PLACE_BYTES, count)
    for key, place in zip(keys, at_value, strict=True):
        if type(key) is not bytes:
            raise BadSnapshot("a key is not a string of bytes")
        yield CellKey(area, kind, key), contents[place]


def _check_value(content: Any) -> None:
    try:
        decode(content, SNAPSHOT_UNPACKED_BYTES_MAX)
    except (Malformed, TypeError) as trouble:
        raise BadSnapshot(f"a cell's value cannot be read: {trouble}") from trouble


# --- histories ---


def _histories(cells: Cells, found: Iterable[tuple[CellKey, Any]]) -> Iterator[tuple[int, bytes]]:
    packer, others = Packer(), _Gathered(Area.ACCESS, CellKind.HISTORY)
    for key, value in found:
        line = None if _is_of_a_family(cells, key.key) else _line(key.key, value)
        if line is None:
            others.add(key.key, encode(value))
        else:
            packer.add(int.from_bytes(key.key, "big"), line)
        is_many = len(packer.serials) >= SNAPSHOT_PAGE_CELLS_MAX
        if is_many or packer.size_bytes >= SNAPSHOT_PAGE_BYTES_WANTED:
            yield len(packer.serials), encode([HISTORY_PAGE, *packer.page()])
            packer = Packer()
        if others.is_full:
            yield others.page()
            others = _Gathered(Area.ACCESS, CellKind.HISTORY)
    if packer.serials:
        yield len(packer.serials), encode([HISTORY_PAGE, *packer.page()])
    if others.keys:
        yield others.page()


def _line(key: bytes, value: Any) -> Any:
    return line_of(int.from_bytes(key, "big"), value)


def _is_of_a_family(cells: Cells, serial: bytes) -> bool:
    """Tell whether a ticket replaces another or is replaced: their facts may name each other's."""
    return any(
        cells.get(CellKey(Area.OFFICE, CellKind.REPLACES, side + serial)) is not None
        for side in (_REPLACED, _REPLACES)
    )
