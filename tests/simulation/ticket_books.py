"""Who was let in where, by simple books: what must be refused, who is inside, what is a conflict.

Tickets that replace each other are one ticket to whoever has heard so. An act knew of another if
its gate held that one, or one that knew of it. Of one use, two admissions that did not know of each
other are a second admission, whatever any clock said.
"""

from collections import Counter
from itertools import combinations

from tests.simulation.books import Act, Books

SINGLE_USE = frozenset({1})
STRICT = frozenset({1, 2, 5, 6})
GROUP, GROUP_MAX = 4, 4
LIMITED, LIMIT = 5, 2


class TicketBooks:
    """The acts at gates, and which tickets replace which."""

    def __init__(self, books: Books, types: dict[int, int]) -> None:
        self._books = books
        self._types = types
        self._past: dict[int, int] = {}
        self.people: Counter[tuple[int, int]] = Counter()

    # --- families and causes ---

    def family(self, serial: int, known: int | None = None) -> set[int]:
        """Return the tickets that are one with this, as far as some acts tell (None: all)."""
        links = [
            (act.subject, act.more["new"])
            for act in self._books.acts
            if act.kind == "replaced" and (act.counts if known is None else known & act.bit)
        ]
        found, size = {serial}, 0
        while len(found) != size:
            size = len(found)
            for old, new in links:
                if old in found or new in found:
                    found |= {old, new}  # type: ignore[arg-type]  # a ticket's serial
        return found

    def acts_of(self, serials: set[int], mask: int | None = None) -> list[Act]:
        """Return the acts at gates about these tickets, of all or of those in a set."""
        wanted = {"in", "out", "move", "undo"}
        acts = self._books.acts if mask is None else self._books.among(mask)
        return [act for act in acts if act.kind in wanted and act.subject in serials]

    def settle(self, act: Act) -> None:
        """Work out everything that an act which was just entered knew of."""
        assert isinstance(act.subject, int)
        past = 0
        for other in self.acts_of(self.family(act.subject, act.knew), act.knew):
            past |= other.bit | self._past[other.number]
        self._past[act.number] = past

    def knew(self, act: Act, other: Act) -> bool:
        """Tell whether an act knew of another."""
        return bool(self._past[act.number] & other.bit)

    # --- what a gate must refuse ---

    def must_refuse(self, serial: int, zone: int, guests: int, known: int) -> str:
        """Return why a gate that holds these acts may not let somebody in, "" if it may."""
        number = self._types[serial]
        acts = self._live(self.acts_of(self.family(serial, known), known))
        uses = [act for act in acts if act.kind == "in"]
        inside = self._inside(acts)
        if inside is None:
            return ""  # acts that did not know of each other: no order tells who is inside
        if number == GROUP:
            full = sum(act.amount for act in uses) + guests > GROUP_MAX
            return "the whole group was let in" if full else ""
        if number in STRICT and inside[zone]:
            return "somebody is inside on it"
        is_move = any(count for place, count in inside.items() if place != zone)
        if number in SINGLE_USE and uses and not is_move:
            return "it was used"
        if number == LIMITED and len(uses) >= LIMIT and not is_move:
            return "its uses are spent"
        return ""

    # --- what must come out in the end ---

    def second_admissions(self) -> set[str]:
        """Return the subjects of every second admission that happened."""
        found = set()
        for serial in self._types:
            family = self.family(serial)
            live = [act for act in self._live(self.acts_of(family)) if act.kind == "in"]
            if any(not self.knew(b, a) and not self.knew(a, b) for a, b in combinations(live, 2)):
                found.add(str(min(family)))
        return found

    def inside_of(self, serial: int) -> Counter[int] | None:
        """Return how many are inside on a ticket by zone; None if its acts have no one order."""
        return self._inside(self._live(self.acts_of(self.family(serial))))

    def live_admissions(self, serial: int) -> list[Act]:
        """Return the admissions on a ticket that stand."""
        acts = self._live(self.acts_of(self.family(serial)))
        return [act for act in acts if act.kind == "in" and act.subject == serial]

    def _live(self, acts: list[Act]) -> list[Act]:
        """Leave out what does not count and what was undone."""
        undone = {a.target.number for a in acts if a.kind == "undo" and a.target and a.counts}
        return [a for a in acts if a.counts and a.kind != "undo" and a.number not in undone]

    def _inside(self, acts: list[Act]) -> Counter[int] | None:
        line = sorted(acts, key=lambda act: self._past[act.number].bit_count())
        if any(not self.knew(later, act) for act, later in combinations(line, 2)):
            return None
        inside: Counter[int] = Counter()
        for act in line:
            if act.kind == "out":
                inside[act.place] -= min(1, inside[act.place])
            elif act.kind == "move":
                before = int(str(act.more["from"]))
                inside[before] -= min(1, inside[before])
                inside[act.place] += 1
            elif self._types[int(str(act.subject))] == GROUP:
                inside[act.place] += act.amount
            else:
                inside = Counter({act.place: act.amount})
        return +inside
