"""The shifts of tills as the office holds them: what was counted, and whether every record is here.

A shift may span several runs, because a till was started again. Its records are found backwards
from its close: within a run by number, from a run's first record to the one that it names as
`previous`. What is not held on that way is missing; where the way breaks off, more may be.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from cloud.limits import RUNS_OF_SHIFT_MAX, SHIFTS_SHOWN_MAX
from cloud.store.look import Look
from cloud.terminals.queries import terminal_name
from sync import fold
from sync.facts import RunOpened, ShiftClosed, ShiftOpened
from sync.journal import Record
from sync.names import Role, RunId, TerminalId


class Stretch(NamedTuple):
    """Records of one run by their numbers, both included."""

    run: RunId
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Shift:
    """One shift of a till: the records that open and close it, None if no close is held.

    `is_twice`: several records of one sort have its number, as of a till that was copied.
    """

    opened: Record
    opening: ShiftOpened
    closed: Record | None
    closing: ShiftClosed | None
    is_twice: bool


@dataclass(frozen=True, slots=True)
class Way:
    """Where a shift's records lie, the oldest first, and how many of them are missing at least."""

    stretches: tuple[Stretch, ...]
    missing: int


def shifts(seen: Look) -> list[dict[str, Any]]:
    """Return every shift of every till, the one opened last first, at most 2,000; see `row`."""
    tills = {info.terminal for info in seen.runs() if info.role is Role.BAR}
    found = [shift for till in tills for shift in shifts_of(seen, till)]
    found.sort(key=lambda shift: (shift.opened.stamp, shift.opened.id), reverse=True)
    return [row(seen, shift) for shift in found[:SHIFTS_SHOWN_MAX]]


def shifts_of(seen: Look, till: TerminalId) -> list[Shift]:
    """Return a till's shifts in the order of their numbers; only what counts of a revoked one."""
    opens: dict[int, list[tuple[Record, ShiftOpened]]] = {}
    closes: dict[int, list[tuple[Record, ShiftClosed]]] = {}
    for record in seen.shift_records(till):
        body = record.body
        if not fold.counts(seen.cells, record):
            continue
        if isinstance(body, ShiftOpened):
            opens.setdefault(body.shift, []).append((record, body))
        elif isinstance(body, ShiftClosed):
            closes.setdefault(body.shift, []).append((record, body))
    return [_shift(opens[number], closes.get(number, [])) for number in sorted(opens)]


def row(seen: Look, shift: Shift) -> dict[str, Any]:
    """Return what is known of a shift; amounts in minor units, times in Unix milliseconds.

    `expected_minor` is what the till said must be in the drawer. `complete` is whether every record
    of the shift is here, None while it is open: nobody can tell then where it ends. `missing`
    counts at least what is not.
    """
    opening, closing = shift.opening, shift.closing
    way = way_of(seen, shift)
    expected = None if closing is None else closing.expected
    counted = None if closing is None else closing.counted
    is_known = counted is not None and expected is not None
    return {
        "terminal": shift.opened.terminal.hex(),
        "name": terminal_name(seen.cells, shift.opened.terminal),
        "bar": opening.bar,
        "shift": opening.shift,
        "opened_by": opening.seller,
        "closed_by": None if closing is None else closing.seller,
        "opened_ms": shift.opened.stamp.physical_ms,
        "closed_ms": None if shift.closed is None else shift.closed.stamp.physical_ms,
        "float_minor": opening.float_counted,
        "counted_minor": counted,
        "expected_minor": expected,
        "difference_minor": (counted or 0) - (expected or 0) if is_known else None,
        "last_number": None if closing is None else closing.last_number,
        "complete": None if closing is None else way.missing == 0,
        "missing": way.missing,
        "twice": shift.is_twice,
    }


def way_of(seen: Look, shift: Shift) -> Way:
    """Return where a shift's records lie, from its opening to its close or to what is held."""
    opened, missing = shift.opened, _stated_missing(shift)
    place = _end(seen, shift)
    stretches: list[Stretch] = []
    for _ in range(RUNS_OF_SHIFT_MAX):
        if place is None:
            return Way(tuple(reversed(stretches)), max(1, missing))
        run, high = place
        low = opened.number if run == opened.run else 0
        stretches.append(Stretch(run, low, high))
        missing += max(0, high - low + 1 - seen.numbers_held(run, low, high))
        if run == opened.run:
            return Way(tuple(reversed(stretches)), missing)
        place, lost = _before(seen, run)
        missing += lost
    return Way(tuple(reversed(stretches)), max(1, missing))


def records_of(seen: Look, way: Way) -> Iterator[Record]:
    """Walk over a shift's records that are held, the oldest first."""
    for stretch in way.stretches:
        yield from seen.stretch(*stretch)


def _end(seen: Look, shift: Shift) -> tuple[RunId, int] | None:
    """Return the place of a shift's last record, or of the till's newest while it is open.

    The newest run has the highest stamp, as each begins above the one before it, while at first
    contact runs may come in any order.
    """
    if shift.closed is not None:
        return shift.closed.run, shift.closed.number
    openings = seen.openings(shift.opened.terminal)
    if not openings:
        return None
    newest = max(openings, key=lambda record: (record.stamp, record.id))
    return newest.run, seen.last_number(newest.run)


def _before(seen: Look, run: RunId) -> tuple[tuple[RunId, int] | None, int]:
    """Return the place of the record before a run, and how many are missing there at least.

    If it is not held, the way goes on with what is held of the run that the opening names.
    """
    first = next(seen.stretch(run, 0, 0), None)
    if first is None or not isinstance(first.body, RunOpened):
        return None, 0
    before = seen.record(first.previous)
    if before is not None:
        return (before.run, before.number), 0
    parent = first.body.parent
    if parent is None or seen.last_number(RunId(parent)) < 0:
        return None, 1
    return (RunId(parent), seen.last_number(RunId(parent))), 1


def _stated_missing(shift: Shift) -> int:
    """Return by how much a close's number and the last one that it states do not fit."""
    if shift.closed is None or shift.closing is None:
        return 0
    return abs(shift.closed.number - 1 - shift.closing.last_number)


def _shift(
    opens: list[tuple[Record, ShiftOpened]], closes: list[tuple[Record, ShiftClosed]]
) -> Shift:
    closed, closing = closes[0] if closes else (None, None)
    return Shift(*opens[0], closed, closing, is_twice=max(len(opens), len(closes)) > 1)
