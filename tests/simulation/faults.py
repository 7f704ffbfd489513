"""Everything that goes wrong beside the lines, drawn and put on the agenda."""

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from sync import allotments
from tests.simulation.box import Box, Died, Image
from tests.simulation.clocks import YEARS_MS
from tests.simulation.disk import fill, make_room
from tests.simulation.plan import ARENA, NOISY_MS, SETTING_UP_MS, Fault

if TYPE_CHECKING:
    from tests.simulation.world import World

_STEPS = ("signed", "begun", "inserted", "committed", "folded", "answered", "lent")
_LENDING = ("answered", "lent")
_POWER = ("power_lost", "power_kept")
_DISK = ("eio_lost", "eio_kept")
_FULL_MS = (60_000, 7_200_000)
_WORSE_ALONE = frozenset({Fault.POWER, Fault.REVOKED})
_GIVEN_UP_AGAIN_MS = 600_000
_TIRED_ONE_IN = 20


class Faults:
    """What goes wrong in one world, beside its lines."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self._chance = world.stream("faults")
        self._images: list[Image] = []

    def schedule(self) -> None:
        """Draw when each fault happens."""
        kinds: dict[Fault, tuple[int, Callable[[], None]]] = {
            Fault.POWER: (6, self._power),
            Fault.DISK: (3, self._disk),
            Fault.CLOCKS: (3, self._clock),
            Fault.OFFICE_POWER: (3, self._office_power),
            Fault.OFFICE_RESTORED: (1, self._office_image),
            Fault.RESTORED: (1, self._restored),
            Fault.CLONED: (1, self._cloned),
            Fault.LOST: (1, self._lost),
            Fault.REVOKED: (1, self._revoked),
            Fault.STATUSES: (6, self.world.hands_office.withdraw),
        }
        for fault, (most, happens) in kinds.items():
            count = self._chance.randint(1, most)
            times = [self._time(fault) for _ in range(count)]
            if fault in self.world.plan.faults:
                for time_ms in times:
                    self.world.agenda.at(time_ms, happens)

    def _time(self, fault: Fault) -> int:
        """Draw when a fault happens; some are worst while a box is cut off."""
        time_ms = self._chance.randrange(SETTING_UP_MS, NOISY_MS)
        outages = self.world.plan.outages
        if fault in _WORSE_ALONE and outages and self._chance.is_one_in(2):
            outage = self._chance.choice(outages)
            return self._chance.randrange(outage.begins_ms, outage.ends_ms)
        return time_ms

    def heal(self) -> None:
        """Let nothing go wrong any more."""
        self.world.disks.full.clear()
        for box in self.world.boxes:
            box.cut_at = ""
            if box.is_on:
                box.fail_next_commit("")
                make_room(box.terminal.store.connection)
        self.world.office.fail_next_commit("")

    def _box(self) -> Box | None:
        on = [box for box in self.world.boxes if box.is_on and not box.is_revoked]
        return self._chance.choice(on) if on else None

    def _box_alone(self) -> Box | None:
        """Pick a box that is cut off, if there is one."""
        lines = self.world.lines
        alone = [b for b in self.world.boxes if b.is_on and not lines[b.name].is_open()]
        alone = [box for box in alone if not box.is_revoked]
        return self._chance.choice(alone) if alone else self._box()

    # --- power and disks ---

    def _power(self) -> None:
        """Let the power go out at a box: now, at its next commit, at a step of it, over a loan."""
        box, how = self._box_alone(), self._chance.randrange(5)
        if box is None:
            return
        if how == 0:
            self.world.story.say(f"power cut at {box.name}")
            box.cut_power()
            self.world.died(box)
        elif how == 1:
            box.fail_next_commit(self._chance.choice(_POWER))
        elif how == 2:
            self._power_over_a_loan()
        else:
            box.cut_at = self._chance.choice(_STEPS)

    def _power_over_a_loan(self) -> None:
        """Let the power go out at a till to which the authority has just lent a whole wallet."""
        lines = self.world.lines
        tills = [b for b in self.world.boxes if b.is_on and not b.is_gate and not b.is_revoked]
        tills = [till for till in tills if lines[till.name].is_connected]
        if tills:
            till = self._chance.choice(tills)
            till.cut_at = self._chance.choice(_LENDING)
            self.world.hands_bar.pay_out(till)

    def _disk(self) -> None:
        """Let a write fail, or let a disk be full for a while."""
        box = self._box()
        if box is None:
            return
        if self._chance.is_one_in(2):
            box.fail_next_commit(self._chance.choice(_DISK))
            return
        self.world.story.say(f"the disk of {box.name} is full")
        self.world.disks.full.add(box.folder)
        fill(box.terminal.store.connection)

        def freed() -> None:
            self.world.disks.full.discard(box.folder)
            if box.is_on:
                make_room(box.terminal.store.connection)

        self.world.agenda.after(self._chance.spread_ms(*_FULL_MS), freed)

    def _clock(self) -> None:
        box = self._box()
        if box is not None:
            error_ms = self._chance.choice([-1, 1]) * self._chance.spread_ms(1_000, YEARS_MS)
            box.clock.set_error(error_ms)
            self.world.story.say(f"the clock of {box.name} is {error_ms // 1000} s off")

    def _office_power(self) -> None:
        if self._chance.is_one_in(2):
            self.world.office.fail_next_commit(self._chance.choice(_POWER))
        else:
            self.world.story.say("the office starts anew")
            self.world.office.restart()

    # --- older images, copies, lost disks ---

    def _later(self, happens: Callable[[], None], box: Box | None = None) -> None:
        """Let something happen later today, while a box is cut off if it will be again."""
        now_ms = self.world.agenda.now_ms
        time_ms = now_ms + self._chance.randrange(max(1, NOISY_MS - now_ms))
        outages = [one for one in self.world.plan.outages if one.begins_ms > now_ms]
        outages = [one for one in outages if box is not None and one.box == box.plan.number]
        if outages:
            outage = self._chance.choice(outages)
            time_ms = self._chance.randrange(outage.begins_ms, outage.ends_ms)
        self.world.agenda.at(time_ms, happens)

    def _box_to_copy(self) -> Box | None:
        """Pick a gate with places lent to it, if there is one: it can let in too many."""
        gates = [one for one in self.world.boxes if one.is_on and self._places(one) > 0]
        if not gates or self._chance.is_one_in(3):
            return self._box()
        return self._chance.choice(gates)

    def _places(self, box: Box) -> int:
        """Return how many guests a gate of the arena may still let in."""
        if not box.is_gate or box.plan.place != ARENA:
            return 0
        return max(0, allotments.held(box.cells, allotments.zone_resource(ARENA), box.id))

    def _image(self, box: Box) -> Image:
        image = box.take_image()
        image.places = self._places(box)
        if image.places:
            self.world.hands_gate.crowd(box)
        return image

    def _restored(self) -> None:
        """Let a box have, some time later, the disk that it has now."""
        box = self._box_to_copy()
        if box is None or box.is_revoked:
            return
        image = self._image(box)
        self.world.story.say(f"somebody copies the disk of {box.name}")

        def put_back() -> None:
            if box.is_revoked:
                return
            self._switch_off(box)
            box.put_image(image)
            self.world.may_fork.add(box.id)
            self.world.allowance += image.places
            self.world.story.say(f"{box.name} gets its older disk back")
            self.world.agenda.after(self._chance.spread_ms(2_000, 600_000), self._starts(box))

        self._later(put_back, box)

    def _cloned(self) -> None:
        """Let a copy of a box work beside it."""
        box = self._box_to_copy()
        if box is None:
            return
        image = self._image(box)

        def switched_on() -> None:
            if box.is_revoked:
                return
            self.world.may_fork.add(box.id)
            self.world.allowance += self.world.plan.capacity
            self.world.add_copy(image, box)

        self._later(switched_on, box)

    def _lost(self) -> None:
        """Let a box lose its store: its card was replaced."""
        box = self._box()
        if box is None:
            return
        self._switch_off(box)
        box.lose_store()
        self.world.story.say(f"{box.name} has lost its store")
        self.world.agenda.after(self._chance.spread_ms(2_000, 600_000), self._starts(box))

    def _switch_off(self, box: Box) -> None:
        if box.is_on:
            with suppress(Died):
                box.restart()
        self.world.pending.forget(box)

    def _starts(self, box: Box) -> Callable[[], None]:
        return lambda: self.world.start(box)

    def _office_image(self) -> None:
        """Let the office have, some time later, the disk that it has now."""
        image = self.world.office.take_image()
        self.world.story.say("somebody copies the office's disk")

        def put_back() -> None:
            self.world.office.put_image(image)
            self.world.story.say("the office gets its older disk back")

        self._later(put_back)

    def _revoked(self) -> None:
        """Let the office give a box up that nobody uses then: one not heard of, if there is one."""
        missing = ~self.world.office.knows
        away = {act.box for act in self.world.books.acts if act.bit & missing}
        box = next((one for one in self.world.boxes if one.name in away and one.is_on), None)
        if box is None and not self._chance.is_one_in(_TIRED_ONE_IN):
            self.world.agenda.after(_GIVEN_UP_AGAIN_MS, self._revoked)
            return
        box = box or self._box()
        others = [one for one in self.world.boxes if not one.is_revoked]
        if box is not None and len(others) > 2 and box.id not in self.world.may_fork:
            self.world.hands_office.give_up(box)
