"""What a set of facts about one ticket says: who is inside, how often it was used, what is wrong.

Pure. A ticket's facts form a graph: each names in `after` what its gate knew of the ticket. Whether
one admission knew of another is read from that graph and never from a clock.

An admission lets `count` guests in. A `Left` that names it lets one of them out again, a `Moved`
takes one of those before it into another zone, an admission marked `REENTERED` counts out everybody
before it, an `Undone` takes a fact back, a `NotEntered` takes back as many guests of it as did not
pass the turnstile. A `Left` that knew of no admission closes one of the same
zone that did not know of it either: the guest must have come in somewhere. One that names an
admission which is not here closes nothing until that has come.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from sync.causes import Causes
from sync.facts import Admitted, Left, Moved, NotEntered, Provisional, Undone


class Seen(NamedTuple):
    """One fact about a ticket, as it is kept: which kind, by whom, when, and what it says.

    `zone` is where guests came into, or left; `zone_from` only a `Moved` has. `names` is the
    admission that a `Left` closes or the target of an `Undone` or
    `NotEntered`.
    """

    kind: int
    fact: bytes
    terminal: bytes
    serial: int
    stamp_ms: int
    logical: int
    clock: int
    after: tuple[bytes, ...]
    zone: int = 0
    zone_from: int = 0
    day: int = 0
    guests: int = 0
    provisional: int = 0
    office_version: int = 0
    names: bytes | None = None

    @property
    def order(self) -> tuple[int, int, int, bytes]:
        """By what a fact is called the first: a better clock, then the stamp, then the id."""
        return (-self.clock, self.stamp_ms, self.logical, self.fact)


ADMITTED: Final = Admitted.KIND
LEFT: Final = Left.KIND
MOVED: Final = Moved.KIND
UNDONE: Final = Undone.KIND
NOT_ENTERED: Final = NotEntered.KIND


class Reading:
    """Everything that follows from the facts of one ticket (or of tickets that replace another)."""

    def __init__(self, rows: Iterable[Seen]) -> None:
        """Read the facts, in any order; none twice."""
        self.rows: Final = sorted(rows, key=lambda row: row.fact)
        self._undone: Final = {row.names for row in self.rows if row.kind == UNDONE}
        self._take_back_who_did_not_pass()
        self._known: Final = {row.fact: row for row in self.rows}
        self._causes: Final = Causes({row.fact: row.after for row in self.rows})
        self._open, self.slots = self._count()

    def _take_back_who_did_not_pass(self) -> None:
        """Count guests off the facts for whom a turnstile was opened in vain; none left: undone."""
        missing: Counter[bytes] = Counter()
        for row in self.rows:
            if row.kind == NOT_ENTERED and row.names is not None and row.fact not in self._undone:
                missing[row.names] += row.guests
        for at, row in enumerate(self.rows):
            if missing[row.fact] and row.kind in {ADMITTED, LEFT, MOVED}:
                guests = (row.guests if row.kind == ADMITTED else 1) - missing[row.fact]
                if guests > 0:
                    self.rows[at] = row._replace(guests=guests)
                else:
                    self._undone.add(row.fact)

    @property
    def admissions(self) -> list[Seen]:
        """Every admission that was not undone, the first first."""
        live = [r for r in self.rows if r.kind == ADMITTED and r.fact not in self._undone]
        return sorted(live, key=lambda row: row.order)

    @property
    def lefts(self) -> list[Seen]:
        """Every exit that was not undone, the first first."""
        live = [r for r in self.rows if r.kind == LEFT and r.fact not in self._undone]
        return sorted(live, key=lambda row: row.order)

    @property
    def inside(self) -> list[tuple[Seen, int]]:
        """Every admission or move of which guests are still inside, with how many."""
        return [(self._known[fact], n) for fact, n in sorted(self._open.items()) if n]

    @property
    def heads(self) -> tuple[bytes, ...]:
        """The facts that no other fact names, at most four, the latest first."""
        named = {fact for row in self.rows for fact in row.after}
        ends = [row for row in self.rows if row.fact not in named]
        ends.sort(key=lambda row: (row.stamp_ms, row.logical, row.fact), reverse=True)
        return tuple(row.fact for row in ends[:4])

    def unaware(self) -> list[Seen]:
        """Every admission that does not know of another one, nor the other of it.

        While a fact that an admission names is missing, nobody can tell, so nothing is said.
        """
        causes = self._causes
        whole = [row for row in self.admissions if causes.is_whole(row.fact)]
        line = sorted(whole, key=self._by_cause)
        if all(causes.knew(later.fact, row.fact) for row, later in pairwise(line)):
            return []
        found = set()
        for at, row in enumerate(line):
            for other in line[at + 1 :]:
                if not causes.knew(other.fact, row.fact):
                    found |= {row.fact, other.fact}
        return [row for row in whole if row.fact in found]

    def _count(self) -> tuple[dict[bytes, int], Counter[tuple[int, bytes]]]:
        """Return how many of each entry are inside, and slots in use by (zone, terminal)."""
        live = [row for row in self.rows if row.fact not in self._undone]
        entries = _Entries(self._causes)
        for row in live:
            if row.kind == ADMITTED:
                entries.add(row.fact, row.guests)
            elif row.kind == MOVED:
                entries.add(row.fact, 1)
        adrift = []
        for row in sorted(live, key=self._by_cause):
            past = self._causes.past(row.fact)
            if row.kind == LEFT and row.names in entries.count:
                entries.take(row.names)
            elif row.kind == LEFT and (row.names is None or row.names in self._known):
                adrift.append(row)
            elif row.kind == MOVED:
                self._take_one(entries, past, row.zone_from)
            elif row.kind == ADMITTED and row.provisional & Provisional.REENTERED:
                entries.empty(past)
        slots: Counter[tuple[int, bytes]] = Counter()
        for fact in self._causes.facts(entries.open):
            entry = self._known[fact]
            slots[entry.zone, entry.terminal] += entries.count[fact]
        for row in adrift:
            open_ = self._causes.facts(entries.open)
            strangers = [fact for fact in open_ if not self._causes.knew(fact, row.fact)]
            self._take_one(entries, sum(map(self._causes.mark, strangers)), row.zone)
        return entries.count, slots

    def _take_one(self, entries: "_Entries", among: int, zone: int) -> None:
        """Count one guest out of the latest open entry into this zone, if there is one."""
        facts = self._causes.facts(entries.open & among)
        rows = [self._known[fact] for fact in facts if self._known[fact].zone == zone]
        if rows:
            entries.take(max(rows, key=self._by_cause).fact)

    def _by_cause(self, row: Seen) -> tuple[int, bytes, bytes]:
        """Order facts without any clock: by what they knew, then the gate, which knows its own."""
        return self._causes.depth(row.fact), row.terminal, row.fact


class _Entries:
    """Guests inside by the fact that let them in; `open` has a bit for each that is not empty."""

    def __init__(self, causes: Causes) -> None:
        self._causes = causes
        self.count: dict[bytes, int] = {}
        self.open = 0

    def add(self, fact: bytes, guests: int) -> None:
        self.count[fact] = guests
        if guests:
            self.open |= self._causes.mark(fact)

    def take(self, fact: bytes) -> None:
        """Count one guest out, if there is one."""
        if self.count[fact]:
            self.count[fact] -= 1
        if not self.count[fact]:
            self.open &= ~self._causes.mark(fact)

    def empty(self, among: int) -> None:
        """Count everybody out of some entries."""
        for fact in self._causes.facts(self.open & among):
            self.count[fact] = 0
        self.open &= ~among


def effects(reading: Reading) -> Counter[tuple[str, int, bytes]]:
    """Return what these facts add to the counts: (what, zone, terminal) → how many."""
    totals: Counter[tuple[str, int, bytes]] = Counter()
    for entry, count in reading.inside:
        totals["inside", entry.zone, b""] += count
    for (zone, terminal), count in reading.slots.items():
        totals["slots", zone, terminal] += count
    for row in reading.admissions:
        totals["admitted", 0, row.terminal] += row.guests
    for row in reading.lefts:
        totals["left", 0, row.terminal] += 1
    return totals


def withdrawn(rows: Sequence[Seen], since_ms: Mapping[int, int], unknown_clock: int) -> list[Seen]:
    """Return the admissions of tickets that had been withdrawn by then: serial → since when.

    A gate without a clock cannot say when it admitted, so its admissions are among them.
    """
    return [
        row
        for row in rows
        if row.serial in since_ms
        and (row.clock == unknown_clock or row.stamp_ms > since_ms[row.serial])
    ]
