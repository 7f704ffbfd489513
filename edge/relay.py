"""What a box passes on to the office for others: late, by chance, and only what the office lacks.

Theory. Boxes hold each other's facts, and each pushes to the office only what it wrote itself. A
box that cannot reach the office must be heard through the others, but not through all of them. So
what neighbours brought is held for a moment: the office brings every fact to every box, and what it
brought it has. A run of which it brings nothing for that long, and a drawn time longer, is offered
by run, number and id; the office asks for what it lacks. An offer costs some sixty bytes, and the
answer to it brings what the office has heard meanwhile, so others are silent soon.

As long as the office brings a run's records its writer, or another box, reaches the office, and the
run is left to them, though not for ever. After an outage the clock of every run starts anew, so
that writers come before those who speak for them.

All of it is memory only. After a start, after too much was held, and every quarter of an hour, the
ends of all runs are offered, some with each message; whatever was forgotten is found by that.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from edge.limits import (
    RELAY_ALL_MS,
    RELAY_ENDS_OF_RUN_MAX,
    RELAY_FACTS_MAX,
    RELAY_HELD_MS,
    RELAY_OUTAGE_MS_MIN,
    RELAY_OUTAGES_APART_MS,
    RELAY_PATIENCE_MS,
    RELAY_RUNS_MAX,
    RELAY_SPREAD_MS_MAX,
    RELAY_SPREAD_MS_PER_NEIGHBOUR,
    UPLINK_QUIET_MS,
)
from sync.journal import Record
from sync.limits import OFFERS_MAX
from sync.names import FactId, Role, RunId, TerminalId
from sync.partner import Head
from sync.replica import Outcome, Taken

Draw = Callable[[int], int]
"""Draws a whole number from 0 up to, not including, its argument."""


@dataclass(slots=True)
class _Held:
    """What neighbours brought of one run, in the order in which it came.

    Of each record its number, its predecessor, and when it came, by the steady clock in ms.
    """

    spread_ms: int
    facts: dict[FactId, tuple[int, FactId, int]] = field(default_factory=dict)

    @property
    def since_ms(self) -> int:
        return next(iter(self.facts.values()))[2]

    def ends(self) -> list[tuple[int, FactId]]:
        """Return the records that no other one held follows, the highest number first."""
        followed = {previous for _, previous, _ in self.facts.values()}
        ends = [(one[0], fact) for fact, one in self.facts.items() if fact not in followed]
        return sorted(ends, reverse=True)[:RELAY_ENDS_OF_RUN_MAX]


class Relay:
    """One box's memory of what the office may lack; in the lane only, times in steady ms."""

    def __init__(
        self, own: TerminalId, role_of: Callable[[RunId], Role | None], draw: Draw
    ) -> None:
        """Relay for the box `own`; `role_of` tells who writes a run that is known."""
        self._neighbours = 0
        self._own = own
        self._role_of = role_of
        self._draw = draw
        self._held: dict[RunId, _Held] = {}
        self._count = 0
        self._moved: dict[RunId, int] = {}
        self._since_ms: int | None = None  # since when the office has been there
        self._heard_ms = 0
        self._is_asked = self._has_missed = False
        self._all: list[Head] = []
        self._all_begun_ms = self._all_wanted_ms = self._all_spread_ms = 0
        self._offered: dict[RunId, list[FactId]] = {}
        self._offered_of_all: set[Head] = set()

    # --- what happens ---

    def meet(self, neighbours: int) -> None:
        """Note how many boxes share this LAN, as far as anybody here knows; the most counts."""
        self._neighbours = max(self._neighbours, neighbours)

    def arrived(self, taken: Iterable[Taken], now_ms: int) -> None:
        """Hold what is new here from somebody else than the office."""
        for one in taken:
            if one.outcome is Outcome.NEW and one.record is not None:
                self._hold(one.record, now_ms)

    def office_brought(
        self, taken: Iterable[Taken], records: Collection[bytes], now_ms: int
    ) -> None:
        """Forget what the office brought; what its records only set free it may not have."""
        brought = set(records)
        for one in taken:
            if one.record is None or one.outcome not in {Outcome.NEW, Outcome.KNOWN}:
                continue
            if one.record.raw in brought:
                self._move(one.record, now_ms)
            elif one.outcome is Outcome.NEW:
                self._hold(one.record, now_ms)

    def answered(self, now_ms: int) -> None:
        """Note that the office answered the newest message: it now asks for what it lacks."""
        since_ms = self._since_ms
        if since_ms is None:
            self._since_ms = now_ms
            self._all_spread_ms = self._spread_ms()
        elif self._is_out(now_ms) and now_ms - since_ms >= RELAY_OUTAGES_APART_MS:
            self._since_ms = now_ms
        self._heard_ms = now_ms
        self._is_asked = self._has_missed = False
        for run, facts in self._offered.items():
            for fact in facts:
                self._forget(run, fact)
        self._all = [head for head in self._all if head not in self._offered_of_all]
        self._offered, self._offered_of_all = {}, set()

    def repeat_all(self, now_ms: int) -> None:
        """Have everything offered anew soon: the office, or this memory, may have lost some."""
        self._all_wanted_ms = min(self._all_wanted_ms, now_ms)

    # --- what is to be said ---

    def wants_all(self, now_ms: int) -> bool:
        """Tell whether it is time to begin with the ends of all runs that are held here."""
        due_ms = self._all_due_ms()
        return due_ms is not None and now_ms >= due_ms

    def offer_all(self, heads: Iterable[tuple[RunId, int, FactId]], now_ms: int) -> None:
        """Offer the ends of all runs, some with each message, and again after `RELAY_ALL_MS`."""
        self._all = list(heads)
        self._all_begun_ms = now_ms
        self._all_wanted_ms = now_ms + RELAY_ALL_MS
        self._all_spread_ms = self._spread_ms()

    def offers(self, now_ms: int) -> Sequence[Head]:
        """Return what to offer in the message that is said now."""
        self._has_missed |= self._is_asked
        self._is_asked = True
        self._offered, self._offered_of_all = {}, set()
        if self._since_ms is None or self._is_out(now_ms):
            return ()
        offers: list[Head] = []
        for run, held in self._held.items():
            if len(offers) > OFFERS_MAX - RELAY_ENDS_OF_RUN_MAX:
                break
            if now_ms >= self._due_ms(run, held, self._since_ms):
                offers += [(run, number, fact) for number, fact in held.ends()]
                self._offered[run] = list(held.facts)
        ready = self._ready_of_all(now_ms)[: OFFERS_MAX - len(offers)]
        self._offered_of_all = set(ready)
        return (*offers, *ready)

    def wait_ms(self, now_ms: int) -> int:
        """Return how long nothing will be due, at most as long as a quiet line waits anyway."""
        if self._since_ms is None:
            return UPLINK_QUIET_MS
        if self._ready_of_all(now_ms):
            return 0
        due = [self._due_ms(run, held, self._since_ms) for run, held in self._held.items()]
        all_due_ms = self._all_due_ms()
        if all_due_ms is not None:
            due.append(all_due_ms)
        return max(0, min([UPLINK_QUIET_MS, *(one - now_ms for one in due)]))

    # --- inside ---

    def _is_out(self, now_ms: int) -> bool:
        """Tell whether messages were lost and none was answered for a while."""
        return self._has_missed and now_ms - self._heard_ms >= RELAY_OUTAGE_MS_MIN

    def _hold(self, record: Record, now_ms: int) -> None:
        role = self._role_of(record.run)
        if record.terminal == self._own or role is None or role is Role.OFFICE:
            return
        held = self._held.get(record.run)
        if held is None:
            held = self._held[record.run] = _Held(self._spread_ms())
        held.facts[record.id] = (record.number, record.previous, now_ms)
        self._count += 1
        if self._count > RELAY_FACTS_MAX:
            self._held.clear()
            self._offered.clear()
            self._count = 0
            self.repeat_all(now_ms)

    def _move(self, record: Record, now_ms: int) -> None:
        """Note that the office has this record, and that somebody reaches it with this run."""
        if len(self._moved) >= RELAY_RUNS_MAX:
            self._moved.clear()
        self._moved[record.run] = now_ms
        self._forget(record.run, record.id)

    def _forget(self, run: RunId, fact: FactId) -> None:
        held = self._held.get(run)
        if held is None or held.facts.pop(fact, None) is None:
            return
        self._count -= 1
        if not held.facts:
            del self._held[run]

    def _spread_ms(self) -> int:
        """Draw how much longer to wait; the later of two, so that few are early and seldom two."""
        most_ms = min(RELAY_SPREAD_MS_MAX, self._neighbours * RELAY_SPREAD_MS_PER_NEIGHBOUR)
        return max(self._draw(most_ms + 1), self._draw(most_ms + 1))

    def _due_ms(self, run: RunId, held: _Held, since_ms: int) -> int:
        begun_ms = max(held.since_ms, since_ms)
        quiet_ms = max(begun_ms, self._moved.get(run, begun_ms))
        return min(quiet_ms + RELAY_HELD_MS + held.spread_ms, begun_ms + RELAY_PATIENCE_MS)

    def _all_due_ms(self) -> int | None:
        """Return when to begin with all runs anew; None while they are being offered."""
        if self._since_ms is None or self._all:
            return None
        wanted_ms = max(self._all_wanted_ms, self._since_ms)
        return wanted_ms + RELAY_HELD_MS + self._all_spread_ms

    def _ready_of_all(self, now_ms: int) -> list[Head]:
        """Return the ends that wait to be offered; runs that move wait, but not for ever."""
        if now_ms - self._all_begun_ms >= RELAY_PATIENCE_MS:
            return self._all
        quiet_ms = now_ms - RELAY_HELD_MS - self._all_spread_ms
        moved = self._moved
        return [one for one in self._all if moved.get(RunId(one[0]), quiet_ms) <= quiet_ms]
