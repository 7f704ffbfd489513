"""Hands in the office: whoever sets the festival up, withdraws tickets, and gives up on boxes."""

from dataclasses import replace
from typing import TYPE_CHECKING

from sync.facts import BarSet, CertificateIssued, GateSet, TerminalRevoked, TicketStatusSet
from sync.journal import read_record
from sync.names import Role
from tests.simulation.books import Act
from tests.simulation.box import Box
from tests.simulation.hands_bar import PRODUCTS
from tests.simulation.plan import ARENA, BoxPlan, Fault, TicketPlan
from tests.simulation.ticket_books import GROUP_MAX

if TYPE_CHECKING:
    from tests.simulation.world import World

_WITHDRAWING = ("cancelled", "blocked", "unpaid", "refunded")
_FINAL = ("cancelled", "refunded")
_TYPES: tuple[dict[str, object], ...] = (
    {"type": 1, "name": "Day", "allow_reentry": False},
    {"type": 2, "name": "Pass"},
    {"type": 3, "name": "Camp", "exit_required": False, "zones": [1]},
    {"type": 4, "name": "School", "allow_reentry": False, "group_max": GROUP_MAX},
    {"type": 5, "name": "Twice", "usage_limit": 2},
    {"type": 6, "name": "Evening", "window": [18 * 60, 4 * 60]},
)


class OfficeHands:
    """Everybody in the office."""

    def __init__(self, world: "World") -> None:
        self.world = world
        self._chance = world.stream("office hands")
        self._withdrawn: set[int] = set()
        self._final: set[int] = set()

    def set_up(self) -> None:
        """State everything that a festival needs before its first guest comes."""
        world, plan = self.world, self.world.plan
        rows: list[dict[str, object]] = [
            {"kind": "zone", "zone": 1, "name": "Ground"},
            {"kind": "zone", "zone": ARENA, "name": "Arena", "capacity": plan.capacity},
            {"kind": "policy", "settings": self._policy()},
            {"kind": "certificate", "certificate": world.festival.issuing.hex()},
        ]
        rows += [{"kind": "type", **one} for one in _TYPES]
        for product, (price, deposit) in PRODUCTS.items():
            more = {"price": price, "deposit": deposit, "vat": 2_000, "category": "Drinks"}
            rows.append({"kind": "product", "product": product, "name": f"P{product}", **more})
        if not world.office.state(*rows):
            message = "the office refused to set the festival up"
            raise RuntimeError(message)
        for box in plan.boxes:
            world.place(box)

    def _policy(self) -> dict[str, int]:
        two_step = int(Fault.TWO_STEP in self.world.plan.faults)
        return {**self.world.plan.policy, "two_step": two_step}

    def place(self, terminal: bytes, certificate: bytes, plan: BoxPlan) -> None:
        """State that a box is a gate or bar of this festival."""
        what = (
            GateSet(terminal, 1, plan.name, plan.place, ())
            if plan.role is Role.GATE
            else BarSet(terminal, 1, plan.name, plan.place)
        )
        self.world.office.say(CertificateIssued(certificate), what)

    # --- tickets ---

    def withdraw(self) -> None:
        """Withdraw a ticket, give one back that was blocked, or put another in its place."""
        world, chance = self.world, self._chance
        if not world.plan.tickets:
            return
        ticket = chance.choice(world.plan.tickets)
        if ticket.serial in self._final:
            return
        if ticket.serial in self._withdrawn and chance.is_one_in(2):
            self._state(ticket, "valid")
        elif chance.is_one_in(3):
            self._replace(ticket)
        else:
            self._state(ticket, chance.choice(_WITHDRAWING))

    def _state(self, ticket: TicketPlan, word: str) -> None:
        row: dict[str, object] = {"kind": "status", "serials": [ticket.serial], "status": word}
        act = self._stated(row, Act("status", "the office", 0, 0, b"", ticket.serial))
        if act is not None:
            act.more["word"] = word
            if word in _FINAL:
                self._final.add(ticket.serial)
            self._withdrawn.add(ticket.serial)
            self.world.story.say(f"the office says that ticket {ticket.serial} is {word}")

    def _replace(self, ticket: TicketPlan) -> None:
        new = replace(ticket, serial=ticket.serial + 500)
        row: dict[str, object] = {
            "kind": "status",
            "serials": [ticket.serial],
            "status": "replaced",
            "replaced_by": new.serial,
        }
        act = self._stated(row, Act("replaced", "the office", 0, 0, b"", ticket.serial))
        if act is not None:
            act.more |= {"word": "replaced", "new": new.serial}
            self._withdrawn.add(ticket.serial)
            self._final.add(ticket.serial)
            self.world.hands_gate.added.append(new)
            self.world.types[new.serial] = new.type
            self.world.story.say(f"the office puts ticket {new.serial} in place of {ticket.serial}")

    def _stated(self, row: dict[str, object], act: Act) -> Act | None:
        world, before = self.world, self.world.office.seen
        world.office.state(row)
        facts = self._said_since(before, TicketStatusSet)
        if not facts:
            return None
        act.at_ms = world.agenda.now_ms
        world.books.settle(act, facts[0])
        world.office.knows |= act.bit
        world.spread()
        return act

    def _said_since(self, arrival: int, kind: type) -> list[bytes]:
        """Return the office's facts of a kind since an arrival, also if it died as it said them."""
        question = "SELECT id, raw FROM record WHERE arrival > ? ORDER BY arrival"
        rows = self.world.office.rows(question, arrival)
        return [fact for fact, raw in rows if isinstance(read_record(raw).body, kind)]

    def was_withdrawn(self, serial: int) -> bool:
        """Tell whether a ticket was ever withdrawn."""
        return serial in self._withdrawn

    # --- boxes ---

    def give_up(self, box: Box) -> None:
        """Believe a box no further than it was heard, and take back what it holds."""
        world = self.world
        row: dict[str, object] = {"kind": "revoke", "terminal": box.id.hex(), "write_off": True}
        before = world.office.seen
        world.office.state(row)
        if not self._said_since(before, TerminalRevoked):
            return
        box.is_revoked = True
        world.story.say(f"the office gives {box.name} up")
        for act in world.books.acts:
            if act.box == box.name and not world.office.knows & act.bit:
                act.counts = False
                if act.kind in {"in", "move"}:
                    place = (int(str(act.subject)), act.place)
                    people = world.tickets.people
                    people[place] = max(0, people[place] - act.amount)
        world.spread()
