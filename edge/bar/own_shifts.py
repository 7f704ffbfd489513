"""A till's shifts as its own journal has them: what was recorded between opening and closing.

The walk goes back from the newest record. Only the facts that open or close a shift are decoded on
the way; the rest of a shift is when it is asked for.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sync.codec import encode
from sync.facts import ShiftClosed, ShiftOpened
from sync.journal import Record, read_record


def kind_mark(kind: int) -> bytes:
    """Return the bytes that every record of this kind holds; a few of others may, too."""
    return encode({9: kind, 10: 0})[1:-1]


_OPENED: Final = kind_mark(ShiftOpened.KIND)
_CLOSED: Final = kind_mark(ShiftClosed.KIND)


@dataclass(frozen=True, slots=True)
class OwnShift:
    """One shift: its first and last record, and the raw ones between, the oldest first."""

    opened: Record
    opening: ShiftOpened
    closed: Record | None
    closing: ShiftClosed | None
    raws: tuple[bytes, ...]

    @property
    def number(self) -> int:
        """The shift's number at this till."""
        return self.opening.shift

    def records(self) -> Iterator[Record]:
        """Read what was recorded in the shift, the oldest first."""
        return (read_record(raw) for raw in self.raws)


def shifts_back(raws: Iterable[bytes], *, is_open: bool) -> Iterator[OwnShift]:
    """Yield the shifts among raw records that come the newest first, the newest shift first.

    `is_open`: the walk begins within a shift that may not have been closed.
    """
    held: list[bytes] = []
    closed: tuple[Record, ShiftClosed] | None = None
    is_inside = is_open
    for raw in raws:
        record = read_record(raw) if _OPENED in raw or _CLOSED in raw else None
        body = None if record is None else record.body
        if isinstance(body, ShiftClosed) and record is not None:
            held, closed, is_inside = [], (record, body), True
        elif isinstance(body, ShiftOpened) and record is not None:
            if is_inside:
                end, closing = closed or (None, None)
                yield OwnShift(record, body, end, closing, tuple(reversed(held)))
            held, closed, is_inside = [], None, False
        elif is_inside:
            held.append(raw)
