"""What one seed draws before anything happens: who is there, what goes wrong, and when.

A kind of trouble is on in some seeds and off in others, so that a seed can fail for one reason.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from sync.names import Role
from tests.simulation.agenda import DAY_MS
from tests.simulation.chance import Chance
from tests.simulation.clocks import YEARS_MS

SETTING_UP_MS = 120_000
ARENA = 2
"""The zone with a capacity."""
NOISY_MS = DAY_MS - 1_800_000
_GATES = ("North", "South", "East", "West", "Harbour")
_MINUTE_MS = 60_000
_HOUR_MS = 3_600_000


class Way(StrEnum):
    """Which way something goes on a line."""

    UP = "up"
    DOWN = "down"


class Fault(StrEnum):
    """What may go wrong beside the lines; each can be left out of all worlds, with a reason."""

    POWER = "power"
    DISK = "disk"
    CLOCKS = "clocks"
    ATTACKS = "attacks"
    OFFICE_POWER = "office_power"
    OFFICE_RESTORED = "office_restored"
    RESTORED = "restored"
    CLONED = "cloned"
    LOST = "lost"
    REVOKED = "revoked"
    STATUSES = "statuses"
    TWO_STEP = "two_step"
    LAN = "lan"


OFTEN = {
    Fault.POWER: 50,
    Fault.DISK: 30,
    Fault.CLOCKS: 35,
    Fault.ATTACKS: 40,
    Fault.OFFICE_POWER: 35,
    Fault.OFFICE_RESTORED: 8,
    Fault.RESTORED: 16,
    Fault.CLONED: 10,
    Fault.LOST: 12,
    Fault.REVOKED: 20,
    Fault.STATUSES: 40,
    Fault.TWO_STEP: 20,
    Fault.LAN: 45,
}
"""In how many seeds of a hundred a fault is on."""

LEFT_OUT: dict[Fault, str] = {}
"""Faults that no world has for now, each with its reason."""


@dataclass(frozen=True)
class BoxPlan:
    """A gate or till: where it stands (a zone or a bar), and how its clock is."""

    number: int
    role: Role
    name: str
    place: int
    error_ms: int
    drift_per_million: int
    trusts_wall: bool


@dataclass(frozen=True)
class Outage:
    """From when to when so many of a hundred messages of a box are lost, and which way."""

    box: int
    begins_ms: int
    ends_ms: int
    ways: tuple[Way, ...]
    loses_percent: int


@dataclass(frozen=True)
class Island:
    """From when to when some boxes and the others do not hear each other on the site's network.

    One way: what the boxes say is heard by the others, and not the other way round.
    """

    boxes: frozenset[int]
    begins_ms: int
    ends_ms: int
    is_one_way: bool


@dataclass(frozen=True)
class TicketPlan:
    """A ticket: its serial and its type."""

    serial: int
    type: int


@dataclass
class Plan:
    """One world."""

    seed: int
    faults: frozenset[Fault]
    boxes: list[BoxPlan] = field(default_factory=list)
    outages: list[Outage] = field(default_factory=list)
    islands: list[Island] = field(default_factory=list)
    tickets: list[TicketPlan] = field(default_factory=list)
    latecomers: list[TicketPlan] = field(default_factory=list)
    wallets: list[int] = field(default_factory=list)
    acts_ms: list[int] = field(default_factory=list)
    capacity: int = 0
    policy: dict[str, int] = field(default_factory=dict)
    office_error_ms: int = 0

    @property
    def gates(self) -> list[BoxPlan]:
        """The boxes that are gates."""
        return [box for box in self.boxes if box.role is Role.GATE]

    @property
    def tills(self) -> list[BoxPlan]:
        """The boxes that are tills."""
        return [box for box in self.boxes if box.role is Role.BAR]


def plan_of(seed: int) -> Plan:
    """Draw a world."""
    chance = Chance(seed, "plan")
    drawn = {fault for fault, often in OFTEN.items() if chance.randrange(100) < often}
    plan = Plan(seed, frozenset(drawn - set(LEFT_OUT)))
    _draw_boxes(plan, chance)
    _draw_outages(plan, chance)
    _draw_islands(plan, Chance(seed, "islands"))
    _draw_people(plan, chance)
    return plan


def _draw_boxes(plan: Plan, chance: Chance) -> None:
    count = min(chance.randint(2, 8), chance.randint(2, 8))
    gates = chance.randint(0 if count > 2 else 1, min(count, len(_GATES)))
    for number in range(count):
        is_gate = number < gates
        error_ms = drift = 0
        trusts_wall = chance.is_one_in(3)
        if Fault.CLOCKS in plan.faults and chance.is_one_in(2):
            error_ms = chance.choice([-1, 1]) * chance.spread_ms(1_000, YEARS_MS)
            drift = chance.randint(-300, 300)
        plan.boxes.append(
            BoxPlan(
                number,
                Role.GATE if is_gate else Role.BAR,
                f"Gate {_GATES[number]}" if is_gate else f"Bar {number - gates + 1}",
                chance.choice([1, ARENA] if number else [1]) if is_gate else chance.randint(1, 3),
                error_ms,
                drift,
                trusts_wall,
            )
        )
    if Fault.CLOCKS in plan.faults and chance.is_one_in(4):
        plan.office_error_ms = chance.choice([-1, 1]) * chance.spread_ms(1_000, YEARS_MS)


def _draw_outages(plan: Plan, chance: Chance) -> None:
    for box in plan.boxes:
        for _ in range(chance.randint(0, 3)):
            begins_ms = chance.randrange(SETTING_UP_MS, NOISY_MS)
            ends_ms = min(NOISY_MS, begins_ms + chance.spread_ms(_MINUTE_MS, 10 * _HOUR_MS))
            ways = chance.choice([(Way.UP, Way.DOWN), (Way.UP,), (Way.DOWN,)])
            loses = chance.choice([100, 100, 30, 70])
            plan.outages.append(Outage(box.number, begins_ms, ends_ms, ways, loses))


def _draw_islands(plan: Plan, chance: Chance) -> None:
    for _ in range(chance.randint(0, 4)):
        begins_ms = chance.randrange(SETTING_UP_MS, NOISY_MS)
        ends_ms = min(NOISY_MS, begins_ms + chance.spread_ms(_MINUTE_MS, 10 * _HOUR_MS))
        boxes = frozenset(b.number for b in plan.boxes if chance.is_one_in(2))
        plan.islands.append(Island(boxes, begins_ms, ends_ms, chance.is_one_in(3)))


def _draw_people(plan: Plan, chance: Chance) -> None:
    plan.tickets = [
        TicketPlan(1_000 + at, chance.choice([1, 1, 1, 2, 2, 3, 4, 5, 6]))
        for at in range(chance.randint(8, 40))
    ]
    plan.latecomers = [TicketPlan(2_000 + at, chance.choice([1, 2, 4])) for at in range(16)]
    plan.wallets = [9_000 + at for at in range(chance.randint(2, 8))]
    plan.capacity = chance.choice([chance.randint(2, 6), chance.randint(3, 25)])
    plan.acts_ms = sorted(_act_times(plan, chance))
    plan.policy = {
        "alone_limit": chance.choice([1_000, 2_000, 5_000, 5_000]),
        "till_cap": chance.choice([5_000, 20_000, 500_000]),
        "unknown_wristband": chance.choice([0, 0, 0, 1_000]),
        "topup_cap": chance.choice([10_000, 100_000]),
        "balance_max": chance.choice([25_000, 100_000]),
        "code_only_daily": -1,
        "auto_exit": 0,
    }


def _act_times(plan: Plan, chance: Chance) -> list[int]:
    """Draw when hands do something: in rushes, more of them while some box is cut off."""
    times = []
    each = (15, 27) if Fault.LAN in plan.faults else (22, 40)
    left = chance.randint(*each) * len(plan.boxes)
    while left > 0:
        rush = min(left, chance.randint(1, 12))
        left -= rush
        begins_ms = chance.randrange(SETTING_UP_MS, NOISY_MS)
        if plan.outages and chance.is_one_in(2):
            outage = chance.choice(plan.outages)
            begins_ms = chance.randint(outage.begins_ms, outage.ends_ms)
        for _ in range(rush):
            begins_ms += chance.spread_ms(200, 5 * _MINUTE_MS)
            times.append(min(begins_ms, NOISY_MS - 1))
    return times
