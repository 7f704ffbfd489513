"""Hands at gates: stewards who scan, guests who come and go, and people with copies of tickets."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from edge.headless import Answer
from sync.codes import CodeKind
from tests.simulation.books import Act
from tests.simulation.box import Box, Died
from tests.simulation.plan import Fault, TicketPlan
from tests.simulation.ticket_books import GROUP, GROUP_MAX, STRICT
from tests.simulation.trouble import Violation

if TYPE_CHECKING:
    from tests.simulation.world import World

_HISTORY = frozenset({"already_inside", "already_used", "no_reentry", "limit_reached", "cooldown"})
_WITHDRAWN = frozenset({"cancelled", "refunded", "replaced", "unpaid", "blocked"})
_LEFT_UNSEEN = 3
_CROWD_MAX = 6


class GateHands:
    """Everybody at the gates."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self._chance = world.stream("gate hands")
        self._recent: list[TicketPlan] = []
        self.added: list[TicketPlan] = []
        self._latecomers = list(world.plan.latecomers)

    def act(self, box: Box) -> None:
        """Do something at a gate."""
        self.world.lan.check_heard(box)
        leaving = 5 if box.id in self.world.may_fork else 30
        if self._chance.randrange(100) < leaving and self._leave(box):
            return
        ticket = self._ticket()
        if Fault.TWO_STEP in self.world.plan.faults:
            self._ask_in(box, ticket)
        else:
            self._come_in(box, ticket)

    def _ticket(self) -> TicketPlan:
        """Pick who comes: anybody, or somebody with a copy of a ticket that was just used."""
        chance = self._chance
        if self._recent and chance.is_one_in(3):
            return chance.choice(self._recent[-4:])
        ticket = chance.choice(self.world.plan.tickets + self.added)
        self._recent.append(ticket)
        return ticket

    def _ticket_of(self, serial: int) -> TicketPlan:
        plan = self.world.plan
        every = plan.tickets + plan.latecomers + self.added
        return next(ticket for ticket in every if ticket.serial == serial)

    def crowd(self, box: Box) -> None:
        """Let guests come who were nowhere yet, so that a gate that was copied fills up."""
        for _ in range(self._chance.randint(2, _CROWD_MAX)):
            if not self._latecomers:
                return
            ticket = self._latecomers.pop()

            def comes(one: TicketPlan = ticket) -> None:
                if box.is_on and not box.is_revoked:
                    self._come_in(box, one)

            self.world.agenda.after(self._chance.spread_ms(500, 300_000), comes)

    # --- coming in ---

    def _come_in(self, box: Box, ticket: TicketPlan) -> None:
        guests = self._chance.randint(1, GROUP_MAX) if ticket.type == GROUP else 1
        act = self._new(box, "in", ticket, guests)
        answer = self._try(box, act, lambda: self._scan(box, ticket, "in", guests))
        if answer is not None:
            self._judged(box, ticket, act, answer)

    def _scan(self, box: Box, ticket: TicketPlan, direction: str, guests: int = 1) -> Answer:
        text = self.world.festival.code(CodeKind.TICKET, ticket.serial, ticket.type)
        answer = box.do("scan", text=text, direction=direction)
        return self._confirmed(box, answer, guests)

    def _confirmed(self, box: Box, answer: Answer, guests: int) -> Answer:
        """Answer what the gate asks: how many of a group, and yes to everything else."""
        if answer.get("verdict") != "ask" or "session" not in answer:
            return answer
        if answer["reason"] == "group":
            guests = min(guests, answer["guests_max"])
            answer = box.do("confirm", session=answer["session"], guests=guests)
            return self._confirmed(box, answer, guests)
        return box.do("confirm", session=answer["session"])

    def _ask_in(self, box: Box, ticket: TicketPlan) -> None:
        """First of two steps: the steward looks, takes some seconds, and then says yes."""
        text = self.world.festival.code(CodeKind.TICKET, ticket.serial, ticket.type)
        guests = self._chance.randint(1, GROUP_MAX) if ticket.type == GROUP else 1
        boots = box.boots
        try:
            answer = box.do("request", text=text, direction="in")
        except Died:
            self.world.died(box)
            return
        if "session" not in answer or answer["verdict"] == "refuse":
            self._refused(box, ticket, answer)
            return

        def yes() -> None:
            if box.is_on and box.boots == boots:
                self._say_yes(box, ticket, answer, guests)

        self.world.agenda.after(self._chance.spread_ms(300, 14_000), yes)

    def _say_yes(self, box: Box, ticket: TicketPlan, asked: Answer, guests: int) -> None:
        act = self._new(box, "in", ticket, guests)
        if ticket.type != GROUP:
            first: Callable[[], Answer] = lambda: box.do("confirm", session=asked["session"])  # noqa: E731
        else:
            first = lambda: box.do("confirm", session=asked["session"], guests=guests)  # noqa: E731
        answer = self._try(box, act, lambda: self._confirmed(box, first(), guests))
        if answer is not None:
            self._judged(box, ticket, act, answer)

    def _judged(self, box: Box, ticket: TicketPlan, act: Act, answer: Answer) -> None:
        if answer.get("verdict") != "admit" or not answer.get("fact"):
            self._refused(box, ticket, answer)
            return
        act.amount = answer["guests"] or 1
        fact = bytes.fromhex(answer["fact"])
        self.world.recorded(box, act, fact)
        self._let_in(box, ticket, act)
        if self._chance.is_one_in(12):
            self.world.agenda.after(
                self._chance.spread_ms(500, 55_000), lambda: self._undo(box, ticket, act)
            )

    def _let_in(self, box: Box, ticket: TicketPlan, act: Act) -> None:
        """Enter what the gate did and see that it was right."""
        world, books = self.world, self.world.tickets
        serial, zone = ticket.serial, box.plan.place
        why = books.must_refuse(serial, zone, act.amount, act.knew)
        if why:
            raise Violation(
                "no ticket is admitted twice by a gate that can know",
                f"{box.name} admitted ticket {serial} although {why}",
            )
        self._look_for_move(box, ticket, act)
        books.settle(act)
        again = act.kind == "in" and ticket.type not in STRICT and ticket.type != GROUP
        if again and books.people[serial, zone]:
            books.people[serial, zone] = 0  # a guest who was not seen going out comes in again
        books.people[serial, zone] += act.amount
        guests = "1 guest" if act.amount == 1 else f"{act.amount} guests"
        world.story.say(f"{box.name} admitted ticket {serial} ({guests})")
        world.check_capacity(zone)

    def _look_for_move(self, box: Box, ticket: TicketPlan, act: Act) -> None:
        """A guest whom the gate knew to be in another zone goes over into this one."""
        record = box.terminal.store.record(act.fact)  # type: ignore[arg-type]  # an id
        name = type(record.body).__name__ if record is not None else ""
        if name == "Moved":
            act.kind = "move"
            act.more["from"] = record.body.zone_from  # type: ignore[union-attr]  # it is a Moved
            here = self.world.tickets.people
            left = (ticket.serial, int(str(act.more["from"])))
            here[left] = max(0, here[left] - 1)

    def _refused(self, box: Box, ticket: TicketPlan, answer: Answer) -> None:
        world, reason = self.world, answer.get("reason", answer.get("sentence"))
        world.story.say(f"{box.name} refused ticket {ticket.serial} ({reason})")
        if answer.get("fact"):
            box.shown.add(bytes.fromhex(answer["fact"]))
        family = world.tickets.family(ticket.serial)
        if reason in _HISTORY and not world.tickets.acts_of(family):
            raise Violation(
                "nobody is refused without a cause",
                f"{box.name} refused ticket {ticket.serial} ({reason}), which was never used",
            )
        if reason in _WITHDRAWN and not world.hands_office.was_withdrawn(ticket.serial):
            raise Violation(
                "nobody is refused without a cause",
                f"{box.name} refused ticket {ticket.serial} ({reason}), which nobody withdrew",
            )

    # --- going out, taking back ---

    def _leave(self, box: Box) -> bool:
        """Let a guest go out here; some jump the fence and are not seen."""
        people, zone = self.world.tickets.people, box.plan.place
        inside = sorted({serial for serial, place in +people if place == zone})
        if not inside:
            return False
        serial = self._chance.choice(inside)
        ticket = self._ticket_of(serial)
        is_lenient = ticket.type not in STRICT and ticket.type != GROUP
        if is_lenient and self._chance.is_one_in(_LEFT_UNSEEN):
            people[serial, zone] -= 1
            return True
        act = self._new(box, "out", ticket)
        answer = self._try(box, act, lambda: self._scan(box, ticket, "out"))
        if answer is None:
            return True
        if answer.get("verdict") == "ask":  # a box without its journal records nothing
            people[serial, zone] -= 1
            return True
        if not answer.get("fact") or answer["verdict"] != "admit":
            raise Violation("nobody is kept inside", f"{box.name} did not let {serial} out")
        self.world.recorded(box, act, bytes.fromhex(answer["fact"]))
        self._let_out(box, ticket, act)
        return True

    def _let_out(self, box: Box, ticket: TicketPlan, act: Act) -> None:
        people, zone = self.world.tickets.people, box.plan.place
        self.world.tickets.settle(act)
        people[ticket.serial, zone] = max(0, people[ticket.serial, zone] - 1)
        self.world.story.say(f"{box.name} let ticket {ticket.serial} out")

    def _undo(self, box: Box, ticket: TicketPlan, target: Act) -> None:
        """Take an admission back that was a mistake, if the guest is still there."""
        people, place = self.world.tickets.people, (ticket.serial, box.plan.place)
        others = [a for a in self.world.tickets.acts_of({ticket.serial}) if a is not target]
        if not box.is_on or people[place] < target.amount or target.kind != "in":
            return
        if any(act.number > target.number for act in others):
            return
        act = self._new(box, "undo", ticket)
        act.target = target
        answer = self._try(
            box, act, lambda: box.do("undo", serial=ticket.serial, fact=target.fact.hex())
        )
        if answer is not None and answer["event"] == "done":
            self.world.recorded(box, act, bytes.fromhex(answer["fact"]))
            self._taken_back(box, ticket, act)

    def _taken_back(self, box: Box, ticket: TicketPlan, act: Act) -> None:
        self.world.tickets.settle(act)
        place = (ticket.serial, box.plan.place)
        amount = act.target.amount if act.target is not None else 0
        self.world.tickets.people[place] -= amount
        self.world.story.say(f"{box.name} took ticket {ticket.serial} back")

    # --- parts ---

    def _new(self, box: Box, kind: str, ticket: TicketPlan, guests: int = 1) -> Act:
        return self.world.new_act(box, kind, ticket.serial, guests)

    def _try(self, box: Box, act: Act, job: Callable[[], Answer]) -> Answer | None:
        """Do it; if the box dies over it, find out later whether it was recorded."""
        ticket = self._ticket_of(int(str(act.subject)))
        enter = {"in": self._let_in, "out": self._let_out, "undo": self._taken_back}[act.kind]
        return self.world.attempt(box, act, job, lambda: enter(box, ticket, act))
