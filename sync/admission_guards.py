"""The guards of an admission, each a small question with one reason, in a steward's order.

Every guard is asked for one moment. `guards_of` asks all of them for the earliest and the latest
moment that it can truly be; only a guard that fails at both refuses for good.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from sync import catalogue
from sync.cells import Cells
from sync.clock import ClockState, Moment
from sync.codes import CodeFlag, CodeKind, Ticket
from sync.facts import TicketStatus, TypeSet
from sync.history import Standing
from sync.history_effects import Seen
from sync.limits import PHYSICAL_MS_MAX

DAY_MINUTES: Final = 24 * 60
_MINUTE_MS: Final = 60_000
_CALENDAR_MS_MAX: Final = 253_370_764_800_000
"""The start of the year 9999, after which a date has no room for a time zone."""


class Failed(NamedTuple):
    """A guard said no: the reason, and what its sentence needs."""

    reason: str
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where a gate stands: the zone it lets into and the types it takes (none = every type)."""

    zone: int
    types: tuple[int, ...]

    @classmethod
    def of(cls, cells: Cells, terminal: bytes) -> "Place":
        """Return a gate's place; one of which nothing was heard lets into zone 0."""
        gate = catalogue.gate_of(cells, terminal)
        return cls(0, ()) if gate is None else cls(gate.zone, gate.types)


@dataclass(frozen=True, slots=True)
class Guard:
    """What every guard looks at."""

    cells: Cells
    ticket: Ticket
    place: Place
    known: Standing
    utc_offset_minutes: int
    is_rehearsal: bool = False


def guards_of(guard: Guard, moment: Moment) -> tuple[Failed | None, bool]:
    """Return the first guard that fails for certain, and whether the clock left one in doubt."""
    doubt = False
    for ask in _TIMELESS:
        failed = ask(guard)
        if failed is not None:
            return failed, False
    if moment.quality.state is ClockState.UNKNOWN and _needs_clock(guard):
        doubt = True
    for ask_at in _TIMED:
        answers = [ask_at(guard, time_ms) for time_ms in _possible_times(guard, moment)]
        is_known = moment.quality.state is not ClockState.UNKNOWN
        if is_known and answers[0] is not None and None not in answers:
            return answers[0], False
        doubt = doubt or any(answers)
    for ask_past in _HISTORY:
        failed = ask_past(guard, moment)
        if failed is not None:
            return failed, False
    return None, doubt


def _possible_times(guard: Guard, moment: Moment) -> list[int]:
    """Return the times at which the answer can change: now, the ends of doubt, the window's ends.

    All in Unix ms. A guard whose answer is one at each of them has it at every time between them.
    """
    earliest, latest = max(0, moment.earliest_ms), min(PHYSICAL_MS_MAX, moment.latest_ms)
    times = [moment.now_ms, earliest, latest]
    rules = catalogue.ticket_type(guard.cells, guard.ticket.type)
    if rules is not None and rules.window:
        local_ms = earliest + guard.utc_offset_minutes * _MINUTE_MS
        for end in rules.window:
            wait_ms = (end * _MINUTE_MS - local_ms) % (DAY_MINUTES * _MINUTE_MS)
            if earliest + wait_ms <= latest:
                times.append(earliest + wait_ms)
    return times


def festival_day(time_ms: int, utc_offset_minutes: int, boundary_minutes: int) -> int:
    """Return the festival day (YYYYMMDD) of a Unix time in ms; it ends at the boundary.

    A clock outside the years that a calendar has is held to its ends.
    """
    shift = timedelta(minutes=utc_offset_minutes - boundary_minutes)
    day = datetime.fromtimestamp(min(max(0, time_ms), _CALENDAR_MS_MAX) // 1000, UTC) + shift
    return day.year * 10_000 + day.month * 100 + day.day


def local_time(time_ms: int, utc_offset_minutes: int) -> str:
    """Return the local time of day as ``14:02``."""
    minutes = time_ms // _MINUTE_MS + utc_offset_minutes
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def may_reenter(rules: TypeSet | None, ticket: Ticket) -> bool:
    """Tell whether a ticket may come in again: its type decides, its own flag for unknown types."""
    if rules is not None:
        return rules.allow_reentry
    return bool(ticket.flags & CodeFlag.REENTRY)


def open_entries(
    cells: Cells, known: Standing, moment: Moment, utc_offset_minutes: int
) -> list[tuple[Seen, int]]:
    """Return who is inside for the purpose of a scan: after the nightly exit nobody is."""
    limits = catalogue.policy(cells)
    if not limits.auto_exit or moment.quality.state is ClockState.UNKNOWN:
        return list(known.inside)
    today = festival_day(moment.now_ms, utc_offset_minutes, limits.day_boundary_minutes)
    return [(entry, count) for entry, count in known.inside if entry.day >= today]


# --- guards without time ---


_STATUS_REASON: Final = {
    TicketStatus.CANCELLED: "cancelled",
    TicketStatus.REFUNDED: "refunded",
    TicketStatus.REPLACED: "replaced",
    TicketStatus.UNPAID: "unpaid",
    TicketStatus.BLOCKED: "blocked",
}


def _status(guard: Guard) -> Failed | None:
    status = catalogue.status(guard.cells, guard.ticket.serial)
    reason = None if status is None else _STATUS_REASON.get(status.word)
    return None if reason is None else Failed(reason)


def right_type(guard: Guard) -> Failed | None:
    """Return why this sort of code lets nobody in, or None: even a supervisor cannot change it."""
    if guard.ticket.kind not in {CodeKind.TICKET, CodeKind.STAFF_BADGE}:
        return Failed("wrong_type")
    if guard.is_rehearsal != bool(guard.ticket.flags & CodeFlag.TEST):
        return Failed("wrong_type", ("rehearsal" if guard.is_rehearsal else "test",))
    return None


def _place(guard: Guard) -> Failed | None:
    rules = catalogue.ticket_type(guard.cells, guard.ticket.type)
    if rules is not None and rules.zones and guard.place.zone not in rules.zones:
        return Failed("wrong_zone")
    if guard.place.types and guard.ticket.type not in guard.place.types:
        return Failed("wrong_gate")
    return right_type(guard)


# --- guards of time ---


def _too_early(guard: Guard, now_ms: int) -> Failed | None:
    start = guard.ticket.valid_from
    if start and now_ms < 1000 * start:
        return Failed("too_early", (local_time(1000 * start, guard.utc_offset_minutes),))
    return None


def _too_late(guard: Guard, now_ms: int) -> Failed | None:
    end = guard.ticket.valid_until
    if end and now_ms >= 1000 * end:
        return Failed("too_late", (local_time(1000 * end, guard.utc_offset_minutes),))
    return None


def _window(guard: Guard, now_ms: int) -> Failed | None:
    rules = catalogue.ticket_type(guard.cells, guard.ticket.type)
    if rules is None or len(rules.window) != 2:  # noqa: PLR2004 - from and until
        return None
    start, end = rules.window
    minute = (now_ms // _MINUTE_MS + guard.utc_offset_minutes) % DAY_MINUTES
    is_open = start <= minute < end if start <= end else minute >= start or minute < end
    if is_open:
        return None
    return Failed("outside_daily_window", (_clock_face(start), _clock_face(end)))


def _clock_face(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def _needs_clock(guard: Guard) -> bool:
    """Tell whether any rule of this ticket depends on what time it is."""
    rules = catalogue.ticket_type(guard.cells, guard.ticket.type)
    by_code = bool(guard.ticket.valid_from or guard.ticket.valid_until)
    if rules is None:
        return by_code
    return by_code or bool(rules.window)


# --- guards of history ---


def _inside(guard: Guard, moment: Moment) -> Failed | None:
    """Somebody came in on this ticket and has not gone out: a group may have more, a zone other."""
    entries = open_entries(guard.cells, guard.known, moment, guard.utc_offset_minutes)
    rules = catalogue.ticket_type(guard.cells, guard.ticket.type)
    here = sum(count for entry, count in entries if entry.zone == guard.place.zone)
    everywhere = sum(count for _, count in entries)
    group_max = 1 if rules is None else max(1, rules.group_max)
    if group_max > 1:
        return Failed("already_inside", _first(guard)) if everywhere >= group_max else None
    if not here:
        return None
    is_strict = rules is None or rules.exit_required or not rules.allow_reentry
    return Failed("already_inside", _first(guard)) if is_strict else None


def _used(guard: Guard, moment: Moment) -> Failed | None:
    """The ticket was used, nobody is inside on it, and it lets in only once."""
    rules = catalogue.ticket_type(guard.cells, guard.ticket.type)
    known = guard.known
    if not known.uses or may_reenter(rules, guard.ticket):
        return None
    group_max = 1 if rules is None else max(1, rules.group_max)
    if sum(row.guests for row in known.admissions) < group_max:
        return None
    if group_max == 1 and open_entries(guard.cells, known, moment, guard.utc_offset_minutes):
        return None  # a guest who goes from one zone into another uses nothing
    left = known.last_left is not None
    return Failed("no_reentry" if left else "already_used", _first(guard))


def _limit(guard: Guard, moment: Moment) -> Failed | None:
    rules = catalogue.ticket_type(guard.cells, guard.ticket.type)
    if rules is None or rules.group_max > 1:
        return None
    if rules.usage_limit and guard.known.uses >= rules.usage_limit and not _moves(guard, moment):
        return Failed("limit_reached", _first(guard))
    boundary = catalogue.policy(guard.cells).day_boundary_minutes
    today = festival_day(moment.now_ms, guard.utc_offset_minutes, boundary)
    is_spent = rules.daily_limit and guard.known.uses_on(today) >= rules.daily_limit
    if is_spent and not _moves(guard, moment):
        return Failed("limit_reached", _first(guard))
    return None


def _cooldown(guard: Guard, moment: Moment) -> Failed | None:
    rules = catalogue.ticket_type(guard.cells, guard.ticket.type)
    last = guard.known.last
    if rules is None or not rules.cooldown_minutes or last is None or _moves(guard, moment):
        return None
    if last.clock == ClockState.UNKNOWN:
        return None  # a stamp of which its own box was not sure makes nobody wait
    end_ms = last.stamp_ms + rules.cooldown_minutes * _MINUTE_MS
    if moment.quality.state is ClockState.UNKNOWN or moment.latest_ms >= end_ms:
        return None
    return Failed("cooldown", (local_time(end_ms, guard.utc_offset_minutes),))


def _moves(guard: Guard, moment: Moment) -> bool:
    """Tell whether the guest is inside another zone and only goes over into this one."""
    entries = open_entries(guard.cells, guard.known, moment, guard.utc_offset_minutes)
    return any(entry.zone != guard.place.zone for entry, _ in entries)


def _first(guard: Guard) -> tuple[str, ...]:
    """Return (gate, local time) of what is called the first admission."""
    first = guard.known.first
    if first is None:
        return ()
    gate = catalogue.gate_of(guard.cells, first.terminal)
    names = catalogue.terminal_names(guard.cells)
    name = gate.name if gate is not None else names.get(first.terminal, first.terminal.hex()[:8])
    if first.clock == ClockState.UNKNOWN:
        return (name, "")
    return (name, local_time(first.stamp_ms, guard.utc_offset_minutes))


_TIMELESS: Final[tuple[Callable[[Guard], Failed | None], ...]] = (_status,)
_TIMED: Final[tuple[Callable[[Guard, int], Failed | None], ...]] = (_too_early, _too_late, _window)
_HISTORY: Final[tuple[Callable[[Guard, Moment], Failed | None], ...]] = (
    lambda guard, _: _place(guard),
    _inside,
    _used,
    _limit,
    _cooldown,
)
