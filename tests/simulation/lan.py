"""The site's own network: boxes that tell each other at once, and islands that hear each other not.

Whom a box tells and with whom it exchanges is the product's own policy, what it says the product's
own talk. Between them lies a network that carries in milliseconds, or not at all.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from edge.neighbours.rounds import Rounds
from edge.neighbours.talk import NeighbourTalk
from sync.catalogue import is_revoked
from sync.conversation import BadMessage
from sync.facts import Admitted, Left, Moved, NotEntered, Undone, WristbandGiven
from sync.journal import Record
from sync.names import Role, TerminalId
from tests.simulation.books import Act
from tests.simulation.box import Box, Died
from tests.simulation.festival import terminal_of
from tests.simulation.plan import Fault
from tests.simulation.trouble import Violation

if TYPE_CHECKING:
    from tests.simulation.world import World

_TOLD = (Admitted, Left, Moved, Undone, NotEntered, WristbandGiven)
_CARRIED_MS = (1, 80)
_LOOKED_MS = (2_000, 7_200_000)
_QUIET_MS = (1_200_000, 36_000_000)
_EXCHANGES_MAX = 20
_TAKEN_BACK_MAX = 6
_HEARD_MS = 1_000
_FORGIVEN_MS = 20_000
"""How long a box may take to ask one again that did not answer."""


class LanSide:
    """One box's side of the network; another one after each start."""

    def __init__(self, world: "World", box: Box) -> None:
        self.world = world
        self.box = box
        self.talk = NeighbourTalk(box.terminal)
        self._chance = world.stream(f"lan {box.name} {box.boots}")
        self.rounds = Rounds(box.role, self._chance.randrange)
        self._waiting: dict[TerminalId, list[Record]] = {}
        self._is_looking = False
        for other in world.plan.boxes:
            if other.number != box.plan.number:
                zone = other.place if other.role is Role.GATE else None
                self.rounds.meet(TerminalId(terminal_of(other.number)), other.role, zone)
        box.terminal.listeners.append(self._recorded)
        box.terminal.stirred.append(self._stir)
        self._quiet_soon()

    @property
    def _now_ms(self) -> int:
        return self.box.clock.monotonic_ms()

    def _is_alive(self) -> bool:
        return self.box.is_on and self.box.lan is self

    # --- when ---

    def _recorded(self, record: Record) -> None:
        """Tell an admission at once; everything else is news for the view."""
        if not isinstance(record.body, _TOLD):
            self._stir()
            return
        for partner in self.rounds.told_at_once(self.box.plan.place, self._now_ms):
            waiting = self._waiting.setdefault(partner, [])
            waiting.append(record)
            if len(waiting) == 1:
                self.world.agenda.after(1, lambda p=partner: self._tell(p))  # type: ignore[misc]

    def _stir(self) -> None:
        if not self._is_looking:
            self._is_looking = True
            self.world.agenda.after(self._chance.spread_ms(*_LOOKED_MS), self._look)

    def _look(self) -> None:
        self._is_looking = False
        if not self._is_alive():
            return
        self.talk.note_news()
        for partner in self.rounds.told_news(self.talk.has_news, self._now_ms):
            self.exchange_with(partner)

    def _quiet_soon(self) -> None:
        self.world.agenda.after(self._chance.spread_ms(*_QUIET_MS), self._quiet)

    def _quiet(self) -> None:
        if not self._is_alive():
            return
        partner = self.rounds.quiet(self._now_ms)
        if partner is not None:
            self.exchange_with(partner)
        self._quiet_soon()

    # --- what ---

    def _tell(self, partner: TerminalId) -> None:
        facts = self._waiting.pop(partner, [])
        if self._is_alive() and facts:
            self._carry(partner, lambda: self.talk.tell(partner, facts), 0)

    def exchange_with(self, partner: TerminalId, left: int = _EXCHANGES_MAX) -> None:
        """Exchange with a neighbour until nothing is left to say or to hear."""
        if self._is_alive() and left:
            self._carry(partner, lambda: self.talk.say(partner), left)

    def _carry(self, partner: TerminalId, job: Callable[[], bytes], left: int) -> None:
        world, other = self.world, self.world.box_of(partner)
        try:
            body = self.box.lane(job)
        except Died:
            world.died(self.box)
            return
        asked_ms = self._now_ms

        def arrive() -> None:
            answer = self._answered_by(other, body) if world.lan.carries(self.box, other) else None
            if answer is None or not world.lan.carries(other, self.box):
                world.agenda.after(_HEARD_MS, lambda: self._failed(partner))
                return
            back_ms = self._chance.spread_ms(*_CARRIED_MS)
            world.agenda.after(back_ms, lambda: self._hear(partner, answer, asked_ms, left))

        world.agenda.after(self._chance.spread_ms(*_CARRIED_MS), arrive)

    def _answered_by(self, other: Box, body: bytes) -> bytes | None:
        side, world = other.lan, self.world
        if not other.is_on or side is None or is_revoked(other.cells, self.box.id):
            return None
        try:
            answer = other.lane(lambda: side.talk.answer(TerminalId(self.box.id), body))
        except Died:
            world.died(other)
            return None
        if isinstance(answer, BadMessage):
            raise Violation("genuine messages are heard", f"{other.name}: {answer}")
        side.rounds.answered(TerminalId(self.box.id), side._now_ms)
        self._learn(other)
        return answer

    def _hear(self, partner: TerminalId, answer: bytes, asked_ms: int, left: int) -> None:
        if not self._is_alive() or is_revoked(self.box.cells, partner):
            return
        now_ms = self._now_ms
        try:
            heard = self.box.lane(lambda: self.talk.hear(partner, answer, asked_ms, now_ms))
        except Died:
            self.world.died(self.box)
            return
        if isinstance(heard, BadMessage):
            raise Violation("genuine messages are heard", f"{self.box.name}: {heard}")
        self.rounds.answered(partner, now_ms)
        self._learn(self.box)
        if heard.more and left:
            self.exchange_with(partner, left - 1)

    def take_back(self) -> None:
        """Ask every neighbour that is there what it holds of the own journal, before its run."""
        for other in self.world.boxes:
            for _ in range(_TAKEN_BACK_MAX):
                if other is self.box or not self._hears(other):
                    break
                body = self.box.lane(lambda o=other: self.talk.say(TerminalId(o.id)))  # type: ignore[misc]
                answer = self._answered_by(other, body)
                if answer is None:
                    break
                now_ms, partner = self._now_ms, TerminalId(other.id)
                self.box.lane(lambda p=partner, a=answer, n=now_ms: self.talk.hear(p, a, n, n))  # type: ignore[misc]
                if not self.talk.has_lost:
                    break

    def hears_all(self) -> bool:
        """Tell whether every other box is on and can be asked now."""
        others = [other for other in self.world.boxes if other is not self.box]
        return all(other.is_on and self._hears(other) for other in others)

    def _hears(self, other: Box) -> bool:
        lan = self.world.lan
        is_there = other.lan is not None
        return is_there and lan.carries(self.box, other) and lan.carries(other, self.box)

    def _learn(self, box: Box) -> None:
        """See what came; what is new to the office goes on to it in time."""
        before = box.knows
        box.learn()
        if box.knows != before:
            self.world.lines[box.name].soon(300, 1_200_000)

    def _failed(self, partner: TerminalId) -> None:
        if self._is_alive():
            self.rounds.failed(partner, self._now_ms)


class Lan:
    """Who can hear whom on the site: islands that come and go."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self.is_there = Fault.LAN in world.plan.faults

    def carries(self, source: Box, target: Box) -> bool:
        """Tell whether something sent from one box to another arrives now."""
        return self._is_open(source, target, self.world.agenda.now_ms)

    def _is_open(self, source: Box, target: Box, from_ms: int) -> bool:
        """Tell whether everything sent since a time has arrived."""
        if not self.is_there:
            return False
        now_ms = self.world.agenda.now_ms
        for cut in self.world.plan.islands:
            parts = (source.plan.number in cut.boxes) != (target.plan.number in cut.boxes)
            is_hit = parts and not (cut.is_one_way and source.plan.number in cut.boxes)
            if is_hit and cut.begins_ms <= now_ms and from_ms < cut.ends_ms:
                return False
        return True

    def check_heard(self, box: Box) -> None:
        """See that a gate knows what its neighbours let in, as soon as it could hear of it."""
        world, now_ms = self.world, self.world.agenda.now_ms
        if not self.is_there or box.lan is None:
            return
        for act in world.books.among(world.books.unheard_of(box)):
            if act.at_ms <= now_ms - _HEARD_MS and self._must_have_heard(box, act):
                raise Violation(
                    "gates that hear each other know of each other's admissions",
                    f"{box.name} has not heard of {act}, {now_ms - act.at_ms} ms later",
                )

    def _must_have_heard(self, box: Box, act: Act) -> bool:
        other = next((one for one in self.world.boxes if one.name == act.box), None)
        if other is None or other.lan is None or not act.was_told:
            return False
        since_ms = act.at_ms - _FORGIVEN_MS
        if not other.is_on or max(box.on_since_ms, other.on_since_ms) > since_ms:
            return False
        is_open = self._is_open(other, box, since_ms) and self._is_open(box, other, since_ms)
        return is_open and not (box.is_revoked or other.is_revoked)
