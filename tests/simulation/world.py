"""One simulated festival: everything that its seed draws, a noisy day, and a quiet half-hour.

The product's own terminals, desks, lanes, conversations and office work in it. Only clocks, lines,
disks and hands are fake, and time jumps from one happening to the next.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edge.bar.desk import TillDesk
from edge.headless import Answer
from edge.limits import LANE_IDLE_MS
from sync.cells import Cells
from sync.clock import ClockState
from sync.conversation import BadMessage
from sync.names import AREAS_OF_ROLE, FactId, Role
from tests.simulation import checks
from tests.simulation.agenda import Agenda
from tests.simulation.books import Act, Books
from tests.simulation.box import Box, Died, Image
from tests.simulation.chance import Chance
from tests.simulation.disk import Disks
from tests.simulation.faults import Faults
from tests.simulation.festival import Festival, terminal_of
from tests.simulation.hands_bar import BarHands
from tests.simulation.hands_gate import GateHands
from tests.simulation.hands_office import OfficeHands
from tests.simulation.lan import Lan, LanSide
from tests.simulation.line import Line
from tests.simulation.money_books import MoneyBooks
from tests.simulation.office import SimOffice
from tests.simulation.pending import Pending
from tests.simulation.plan import ARENA, NOISY_MS, BoxPlan, Plan, Way
from tests.simulation.story import Story
from tests.simulation.ticket_books import TicketBooks
from tests.simulation.trouble import Violation

_ROUNDS_MAX = 3
_ROUND_MS = 600_000
_MESSAGES_MAX = 50
_TAKEN_BACK_MAX = 20
_WAITED, _WAITED_LONG = 4, 10
_SAME_TIME_MS = 2_000
_AWAY_MS = (2_000, 1_200_000)


class World:
    """Everything in one seed's festival."""

    def __init__(
        self,
        festival: Festival,
        folder: Path,
        plan: Plan,
        disks: Disks,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self.festival = festival
        self.folder = folder
        self.plan = plan
        self.disks = disks
        self.agenda = Agenda()
        self.story = Story(self.agenda, tell)
        self.books = Books()
        self.types = {one.serial: one.type for one in plan.tickets + plan.latecomers}
        self.tickets = TicketBooks(self.books, self.types)
        self.money = MoneyBooks(self.books, plan.policy)
        self.certificates: dict[bytes, bytes] = {}
        self.unauthorised: set[str] = set()
        self.may_fork: set[bytes] = set()
        self.allowance = 0
        self.lan = Lan(self)
        self.office = SimOffice(self, plan.office_error_ms)
        self.boxes: list[Box] = []
        self.lines: dict[str, Line] = {}
        self.hands_office = OfficeHands(self)
        self.hands_gate = GateHands(self)
        self.hands_bar = BarHands(self)
        self.faults = Faults(self)
        self.pending = Pending(self)
        self._chance = self.stream("world")
        self.touched: set[str] = set()
        self._checked: dict[str, tuple[int, int]] = {}

    def stream(self, name: str) -> Chance:
        """Return the draws of one concern."""
        return Chance(self.plan.seed, name)

    # --- the day ---

    def run(self) -> None:
        """Live through the day; `Violation` if a promise was broken."""
        self._set_up()
        for time_ms in self.plan.acts_ms:
            self.agenda.at(time_ms, self._act)
        self.faults.schedule()
        self.agenda.run_until(NOISY_MS, self._after_each)
        self._become_quiet()

    def _set_up(self) -> None:
        self.office.power_on()
        self.hands_office.set_up()
        for plan in self.plan.boxes:
            self.add(Box(self, plan)).power_on()
        for _ in range(2):
            self._round()
        for line in self.lines.values():
            line.is_connected = True
        self.agenda.now_ms = 60_000

    def place(self, plan: BoxPlan) -> None:
        """Let the office certify a box and give it its place."""
        terminal = terminal_of(plan.number)
        certificate = self.festival.certificate(plan.number, plan.role)
        self.certificates[terminal] = certificate
        self.hands_office.place(terminal, certificate, plan)

    def add(self, box: Box) -> Box:
        """Let a box be part of the world, with a line of its own."""
        self.boxes.append(box)
        self.lines[box.name] = Line(self, box)
        return box

    def lan_side(self, box: Box) -> LanSide | None:
        """Let a box that was started meet its neighbours; a copy stands somewhere else."""
        is_there = self.lan.is_there and self.box_of(box.id) is box
        return LanSide(self, box) if is_there else None

    def box_of(self, terminal: bytes) -> Box:
        """Return the box with an id, not a copy of it."""
        return next(box for box in self.boxes if box.id == terminal)

    def take_back(self, box: Box) -> None:
        """Let a box that starts ask others what they hold of its journal.

        One that lost its store hears its neighbours so, and the office when it gets through.
        """
        if not box.terminal.is_recovering:
            self._take_back_from_office(box)
        elif self.office.lives or (box.lan is not None and not box.lan.hears_all()):
            self.may_fork.add(box.id)  # others may hold what the office has not, or not any more
        if box.lan is not None:
            box.lan.take_back()

    def _take_back_from_office(self, box: Box) -> None:
        line = self.lines[box.name]
        for _ in range(_TAKEN_BACK_MAX):
            if box.is_revoked or not (line.passes(Way.UP) and line.passes(Way.DOWN)):
                break
            self._exchange_now(box)
            if not box.talk.has_lost:
                break

    def add_copy(self, image: Image, original: Box) -> None:
        """Let a copy of a box work beside it."""
        plan = replace(original.plan, name=f"{original.name} (copy)")
        box = self.add(Box(self, plan, image))
        self.story.say(f"a copy of {original.name} is switched on")
        if box.power_on():
            box.learn()
            self.lines[box.name].soon()
            for one in (box, original):
                self._people_waited(one, _WAITED_LONG)

    def _act(self) -> None:
        """Somebody does something at some box that is on."""
        self._act_at(self._chance.choice(self.boxes))

    def _act_at(self, box: Box) -> None:
        if not box.is_on or box.is_revoked:
            return
        if box.is_gate:
            self.hands_gate.act(box)
        else:
            self.hands_bar.act(box)

    def _after_each(self) -> None:
        """See after every step that money sums to zero wherever something was written."""
        for name in sorted(self.touched):
            if name == self.office.name:
                self._check_money(name, self.office.written, self.office.cells)
                continue
            box = next(box for box in self.boxes if box.name == name)
            if box.is_on and not box.is_gate:
                self._check_money(name, box.written, box.cells)
        self.touched.clear()

    def _check_money(self, name: str, written: tuple[int, int], cells: Cells) -> None:
        if self._checked.get(name) != written:
            self._checked[name] = written
            checks.money_sums_to_zero(name, cells)

    # --- what hands do ---

    def new_act(self, box: Box, kind: str, subject: int | bytes, amount: int) -> Act:
        """Begin an act: what its box holds now is what it knew."""
        now_ms, place = self.agenda.now_ms, box.plan.place
        act = Act(kind, box.name, now_ms, box.knows, box.id, subject, place, amount)
        act.more["clock"] = self._clock_of(box)
        return act

    def _clock_of(self, box: Box) -> str:
        """Say how a box's clock is, compared with the office's, by which statuses are stamped."""
        moment = box.terminal.moment()
        if moment.quality.state is ClockState.UNKNOWN:
            return "unknown"
        is_right = self._is_now(moment.now_ms) and not box.clock.was_wrong
        return "right" if is_right else "wrong"

    def _is_now(self, told_ms: int) -> bool:
        """Tell whether this is the office's time, within two seconds."""
        return abs(told_ms - self.agenda.true_ms - self.plan.office_error_ms) <= _SAME_TIME_MS

    def attempt(
        self, box: Box, act: Act, job: Callable[[], Answer], enter: Callable[[], None]
    ) -> Answer | None:
        """Let a hand do something; None if the box died, and what became of it shows later.

        `enter` is what the books must learn if it happened after all.
        """
        try:
            return job()
        except Died:
            self.pending.put(box, act, enter)
            self.died(box)
            return None

    def recorded(self, box: Box, act: Act, fact: bytes) -> None:
        """Enter that an act was shown as OK: from now on it must never be lost."""
        self.books.settle(act, fact)
        self.story.note(fact)
        act.was_told = act.was_told and self.lan.is_there
        box.shown.add(fact)
        box.learn()
        if not box.knows & act.bit:
            raise Violation("shown OK is on the disk", f"{box.name} showed {act} as OK")
        record = box.terminal.store.record(FactId(fact))
        is_stamped_now = record is not None and self._is_now(record.stamp.physical_ms)
        if act.more.get("clock") == "right" and not is_stamped_now:
            act.more["clock"] = "wrong"  # a stamp never runs backwards, whatever the office says
        self.lines[box.name].soon()
        self.agenda.after(LANE_IDLE_MS, lambda: self._rest(box))

    def _rest(self, box: Box) -> None:
        """Let a lane do what it does when no job has come for a while."""
        if not box.is_on:
            return
        try:
            box.lane(box.terminal._when_idle)
        except Died:
            self.died(box)

    # --- boxes that die ---

    def died(self, box: Box) -> None:
        """Let somebody start the box again in a while."""
        self.lines[box.name].is_connected = False
        self.agenda.after(self._chance.spread_ms(*_AWAY_MS), lambda: self.start(box))

    def start(self, box: Box) -> None:
        """Start a box that is off, and see that what it showed is there."""
        if box.is_on:
            return
        if not box.power_on():
            self.died(box)
            return
        self.story.say(f"{box.name} is on again")
        self.pending.settle(box)
        box.learn()
        box.check_shown()
        self.lines[box.name].soon()
        self._people_waited(box, _WAITED_LONG if box.lives else _WAITED)

    def _people_waited(self, box: Box, most: int) -> None:
        if box.is_gate and box.id in self.may_fork:
            self.hands_gate.crowd(box)
        for _ in range(self._chance.randint(0, most)):
            self.agenda.after(self._chance.spread_ms(500, 60_000), lambda: self._act_at(box))

    # --- news ---

    def exchanged(self, box: Box) -> None:
        """Note that a box and the office have spoken; what is new there reaches others in time."""
        self.touched |= {box.name, self.office.name}
        self.spread()

    def spread(self) -> None:
        """Let boxes speak sooner or later for which the office has something new."""
        for box in self.boxes:
            if box.is_on and self.office.knows & self.books.wanted_by(box) & ~box.knows:
                self.lines[box.name].soon(300, 1_200_000)

    def tell_of_loan(self, till: Box) -> None:
        """Let other tills hear soon that the office has lent something to this one."""
        for box in self.boxes:
            if box.is_on and not box.is_gate and box is not till:
                self.lines[box.name].soon(300, 60_000)

    # --- checks ---

    def check_spending(self, box: Box, wallet: int) -> None:
        """See that a wallet's spending keeps within what was promised."""
        checks.spending_is_bounded(self, box, wallet)

    def check_capacity(self, zone: int) -> None:
        """See that a zone is not too full."""
        if zone == ARENA:
            checks.capacity_is_kept(self, zone)

    def boxes_in_use(self) -> list[Box]:
        """Return the boxes that must agree in the end."""
        return [box for box in self.boxes if not box.is_revoked]

    # --- the quiet phase ---

    def _become_quiet(self) -> None:
        self.story.say("from now on nothing goes wrong any more")
        self.agenda.clear()
        self.faults.heal()
        for box in self.boxes_in_use():
            if not box.is_on:
                self.start(box)
            if not box.is_on:
                raise Violation("a box starts from sound files", f"{box.name} does not start")
            if not box.is_gate:
                self._end_of_day(box)
        self.story.say(f"everybody agrees after {self._rounds_until_agreed()} rounds")
        self._strike_lost()
        self._check_all()

    def _rounds_until_agreed(self) -> int:
        wrong = ""
        for rounds in range(1, _ROUNDS_MAX + 1):
            self._round()
            self.agenda.now_ms += _ROUND_MS
            wrong = checks.who_differs(self) or checks.what_is_missing(self)
            if not wrong:
                return rounds
        raise Violation("all agree in three rounds", wrong)

    def _end_of_day(self, box: Box) -> None:
        desk = box.desk
        if isinstance(desk, TillDesk):
            box.lane(desk.duty.give_back)

    def _round(self) -> None:
        """Let every box speak with the office until neither has anything more to say."""
        for box in self.boxes_in_use():
            for _ in range(_MESSAGES_MAX):
                if not self._exchange_now(box):
                    break
            else:
                raise Violation("a conversation ends", f"{box.name} goes on talking")

    def _exchange_now(self, box: Box) -> bool:
        """Exchange without a line in between; tell whether more is to be said."""
        content = box.lane(box.talk.say)
        answered = self.office.converse(box.id, content)
        if answered is None:
            return True
        heard = box.lane(lambda: box.talk.hear(answered))
        if isinstance(heard, BadMessage):
            raise Violation("genuine messages are heard", f"{box.name}: {heard}")
        box.learn()
        box.acked |= self.office.knows & box.knows
        return heard.more

    def _strike_lost(self) -> None:
        """Strike out of the books what went with a lost disk before anybody else had it."""
        lost = {box.name for box in self.boxes if box.lives or box.is_revoked}
        if self.office.lives:
            lost.add(self.office.name)
        for act in self.books.acts:
            if self.office.knows & act.bit:
                continue
            act.counts = False
            if act.box not in lost:
                raise Violation("nothing is thrown away", f"nobody has {act}")

    def _check_all(self) -> None:
        """Ask everything that must be true now."""
        for box in self.boxes_in_use():
            box.check_shown()
            checks.kept_is_folded(box.name, box.terminal.store.shelf, AREAS_OF_ROLE[box.role])
            checks.money_sums_to_zero(box.name, box.cells)
        areas = AREAS_OF_ROLE[Role.OFFICE]
        checks.kept_is_folded("the office", self.office.office.store.shelf, areas)
        checks.money_sums_to_zero("the office", self.office.cells)
        checks.books_agree(self)
        checks.conflicts_are_those_that_happened(self)

    def close(self) -> None:
        """Let go of every file."""
        for box in self.boxes:
            if box.is_on:
                box.drop()
        if self.office.is_on:
            self.office.drop()
