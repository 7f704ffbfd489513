"""A ticket's history in a snapshot: every fact, but the ids of those only that may still be named.

Nearly every ticket was used by one guest (or group) after the other, at gates that knew of each
other: its facts are one line, each naming the one before. Of such a line only two sorts of ids can
matter later: that of its last fact, which the next one will name in `after`, and those by which
somebody is still inside, which an exit will name. All others become a number within the ticket.
Stamps of the others are rounded up to whole seconds (a cooldown never ends too early), and what a
gate knew of the office is left out. Histories of any other form travel as they are.

What follows from a packed history is the same as before: who is inside, uses by day, the first and
the last admission, heads. What cannot be told apart any more: a fact that names one of the numbered
ids. It then names something unknown, which closes nothing, undoes nothing and accuses nobody, until
the journals are complete; so a ticket counts as used or inside too long rather than too short.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from sync.codec import encode
from sync.history_effects import Reading, Seen
from sync.limits import HISTORY_ROWS_PACKED_MAX, U16_MAX, U32_MAX, U64_MAX
from sync.names import FACT_ID_BYTES, ID_BYTES
from sync.snapshot_columns import gather, gather_raw, spread

_KEPT: Final = 1
_NAMES_LAST: Final = 2
_NAMES_OTHER: Final = 4
_SERIAL_BYTES: Final = 8
_SECOND_MS: Final = 1_000
_SECONDS_BYTES: Final = 8
_SMALL: Final = [encode(number) for number in range(256)]
_NOTHING: Final = encode([])
_NONE: Final = encode(None)


def _head_of(value: Any, content_bytes: int) -> bytes:
    """Return what stands before a value's content, as the codec spells it."""
    spelled = encode(value)
    return spelled[: len(spelled) - content_bytes]


_ROW_HEAD: Final = _head_of([None] * len(Seen._fields), len(Seen._fields))
_ONE_HEAD: Final = _head_of([None], 1)
_WIDE_HEAD: Final = _head_of(U64_MAX, 8)
_ID_HEADS: Final = {
    width: _head_of(bytes(width), width) for width in (_SERIAL_BYTES + 1, FACT_ID_BYTES)
}
_LINE_HEADS: Final = [_head_of([None] * count, count) for count in range(256)]


class _Field(NamedTuple):
    """A column of every fact: how many bytes, and what it holds of a row."""

    width: int
    of: Callable[[Seen], int]


_FIELDS: Final = (
    _Field(1, lambda row: row.kind),
    _Field(1, lambda row: row.clock),
    _Field(2, lambda row: row.zone),
    _Field(2, lambda row: row.zone_from),
    _Field(2, lambda row: row.guests),
    _Field(1, lambda row: row.provisional),
)
"""The columns that need no table and no arithmetic, in the order of a page."""


def line_of(serial: int, value: Sequence[tuple[Any, ...]]) -> list[Seen] | None:
    """Return a history's facts in the order of causes if they are one line, else None."""
    if not 0 < len(value) <= HISTORY_ROWS_PACKED_MAX:
        return None
    following: dict[tuple[bytes, ...], Seen] = {}
    for one in value:
        row = Seen(*one)
        following[row.after] = row
    line: list[Seen] = []
    after: tuple[bytes, ...] = ()
    while (row_next := following.pop(after, None)) is not None:
        line.append(row_next)
        after = (row_next.fact,)
    facts = {row.fact for row in line}
    fits = all(
        row.serial == serial
        and (row.names is None or row.names in facts)
        and max(row.zone, row.zone_from, row.guests) <= U16_MAX
        and len(row.fact) == FACT_ID_BYTES
        for row in line
    )
    return line if fits and len(line) == len(value) else None


class Packer:
    """Gathers histories until they fill a page."""

    def __init__(self) -> None:
        """Begin an empty page."""
        self.serials: list[int] = []
        self._rows: list[Seen] = []
        self._counts: list[int] = []
        self._marks: list[int] = []
        self._others: list[int] = []
        self._ids: list[bytes] = []
        self._millis: list[int] = []

    @property
    def size_bytes(self) -> int:
        """About how many bytes the page has so far, before it is compressed."""
        return 10 * len(self.serials) + 22 * len(self._rows) + FACT_ID_BYTES * len(self._ids)

    def add(self, serial: int, line: list[Seen]) -> None:
        """Take one more history, whose facts `line_of` brought into their order."""
        inside = {row.fact for row, _ in Reading(line).inside}
        place = {row.fact: at for at, row in enumerate(line)}
        self.serials.append(serial)
        self._counts.append(len(line))
        for at, row in enumerate(line):
            mark = 0
            if row.fact in inside or at == len(line) - 1:
                mark |= _KEPT
                self._ids.append(row.fact)
                self._millis.append(-row.stamp_ms % _SECOND_MS)
            if row.names is not None:
                named = place[row.names]
                mark |= _NAMES_LAST if named == at - 1 else _NAMES_OTHER
                if named != at - 1:
                    self._others.append(named)
            self._rows.append(row)
            self._marks.append(mark)

    def page(self) -> list[Any]:
        """Return the page's columns as values of the codec."""
        rows = self._rows
        terminals = sorted({row.terminal for row in rows})
        days = sorted({row.day for row in rows})
        gate = {terminal: at for at, terminal in enumerate(terminals)}
        day = {number: at for at, number in enumerate(days)}
        return [
            spread(self.serials, _SERIAL_BYTES),
            bytes(self._counts),
            bytes(self._marks),
            bytes(self._others),
            b"".join(self._ids),
            spread(self._millis, 2),
            terminals,
            days,
            spread([gate[row.terminal] for row in rows], 2),
            spread([day[row.day] for row in rows], 2),
            spread([-(-row.stamp_ms // _SECOND_MS) for row in rows], _SECONDS_BYTES),
            *[spread([field.of(row) for row in rows], field.width) for field in _FIELDS],
        ]


def unpacked(columns: Sequence[Any]) -> Iterator[tuple[bytes, bytes]]:
    """Yield (key, encoded cell) of every history of a page.

    `ValueError`, `TypeError` or `IndexError` if the columns do not fit each other.
    """
    spread_serials, counts, marks, others, ids, spread_millis, terminals, days, *rest = columns
    rows = sum(counts)
    serials = gather_raw(spread_serials, _SERIAL_BYTES, len(counts))
    spelled = _Spelled(terminals, days, rest, rows)
    kept = iter(_cut(ids, FACT_ID_BYTES))
    millis = iter(gather(spread_millis, 2, len(ids) // FACT_ID_BYTES))
    named = iter(others)
    if len(gather(marks, 1, rows)) != rows:
        raise ValueError("a page has another number of marks than of facts")
    at = 0
    for number, count in enumerate(counts):
        key = serials[number * _SERIAL_BYTES : (number + 1) * _SERIAL_BYTES]
        facts: list[bytes] = []
        names: list[int | None] = []
        late_ms: list[int] = []
        for row in range(at, at + count):
            mark = marks[row]
            facts.append(next(kept) if mark & _KEPT else key + bytes([row - at]))
            late_ms.append(next(millis) if mark & _KEPT else 0)
            names.append(_named(mark, row - at, named))
        yield key, spelled.cell(key, at, facts, names, late_ms)
        at += count
    if next(kept, None) is not None or next(named, None) is not None:
        raise ValueError("a page has more ids than its facts need")


class _Spelled:
    """The parts of a page's facts, encoded: most of them are alike, so each is spelled once."""

    def __init__(self, terminals: Any, days: Any, rest: Sequence[Any], rows: int) -> None:
        gates = [encode(_raw(terminal, ID_BYTES)) for terminal in terminals]
        dates = [encode(_whole(day)) for day in days]
        fields = [
            gather(column, field.width, rows)
            for field, column in zip(_FIELDS, rest[3:], strict=True)
        ]
        kinds, clocks = ([_SMALL[n] for n in column] for column in fields[:2])
        self._seconds = gather(rest[2], _SECONDS_BYTES, rows)
        self._kinds = kinds
        self._gates = [gates[at] for at in gather(rest[0], 2, rows)]
        self._clocks = clocks
        self._tails = _tails(fields[2:], [dates[at] for at in gather(rest[1], 2, rows)])

    def cell(
        self, key: bytes, at: int, facts: list[bytes], names: list[int | None], late_ms: list[int]
    ) -> bytes:
        """Return the encoded cell of one history, whose facts begin at a place of the page."""
        serial = encode(int.from_bytes(key, "big"))
        ids = [_ID_HEADS[len(fact)] + fact for fact in facts]
        after = _NOTHING
        content: list[tuple[bytes, bytes]] = []
        for place, spelled in enumerate(ids):
            row = at + place
            name = names[place]
            stamp_ms = self._seconds[row] * _SECOND_MS - late_ms[place]
            told = (
                _ROW_HEAD + self._kinds[row] + spelled + self._gates[row] + serial
                + _spelled_stamp(stamp_ms) + _SMALL[0] + self._clocks[row] + after
                + self._tails[row] + (_NONE if name is None else ids[name])
            )  # fmt: skip
            content.append((facts[place], told))
            after = _ONE_HEAD + spelled
        content.sort()
        return _LINE_HEADS[len(content)] + b"".join([told for _, told in content])


def _spelled_stamp(stamp_ms: int) -> bytes:
    """Return a stamp's encoding; nearly all are of one width, whose head is known."""
    if U32_MAX < stamp_ms <= U64_MAX:
        return _WIDE_HEAD + stamp_ms.to_bytes(8, "big")
    return encode(stamp_ms)


def _tails(fields: Sequence[Any], dates: Sequence[bytes]) -> list[bytes]:
    """Return zone, zone left, day, guests, marks and office version of every fact, encoded."""
    known: dict[tuple[Any, ...], bytes] = {}
    tails = []
    for place in zip(*fields, dates, strict=True):
        tail = known.get(place)
        if tail is None:
            zone, zone_from, guests, provisional = map(encode, place[:4])
            tail = zone + zone_from + place[4] + guests + provisional + _SMALL[0]
            known[place] = tail
        tails.append(tail)
    return tails


def _named(mark: int, place: int, others: Iterator[int]) -> int | None:
    """Return the place of the fact that one names, None if it names none."""
    if mark & _NAMES_LAST:
        return place - 1
    return next(others) if mark & _NAMES_OTHER else None


def _cut(content: bytes, width: int) -> list[bytes]:
    """Return a string's pieces; `ValueError` if the last one would be shorter."""
    if len(content) % width:
        raise ValueError("a column of ids is cut")
    return [content[at : at + width] for at in range(0, len(content), width)]


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError("a page names a day that cannot be")
    return value


def _raw(value: Any, width: int) -> bytes:
    if type(value) is not bytes or len(value) != width:
        raise ValueError("a page names a terminal that cannot be")
    return value
