"""A festival for a terminal that joins late: tickets, gates and tills with a million facts behind.

Every fact is made by the product's own pens and kept and folded by the office's own store, in parts
that share a commit each. Making it takes minutes, so the folder is kept where temporary files lie
and taken again as long as its number of facts is the one that is asked for.
"""

import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from cloud.office import Office
from cloud.settings import OfficeFolder, open_office
from provisioning.enrolment import writer_certificate
from sync.admission import festival_day
from sync.body import Body
from sync.clock import TRUSTED_CLOCK, Moment
from sync.facts import (
    Admitted,
    BarSet,
    CertificateIssued,
    GateSet,
    Left,
    Method,
    ProductSet,
    Refused,
    Sold,
    TicketStatus,
    TicketStatusSet,
    ToppedUp,
    TypeSet,
    ZoneSet,
)
from sync.journal import Writer
from sync.keys import SecretKey
from sync.names import FactId, Role, RunId, TerminalId
from tests.rehearsal.boxes import guichet
from tests.rehearsal.replay import Progress

FESTIVAL: Final = 7
START_MS: Final = 1_795_000_000_000
DAYS: Final = 3
DAY_MS: Final = 24 * 3600 * 1000
GATES: Final = 12
BARS: Final = 8
TILLS: Final = 24
PRODUCTS: Final = 40
UNUSED_OF: Final = 20
GROUP_OF: Final = 30
CANCELLED_OF: Final = 100
GROUP_GUESTS: Final = 4
STATUSES_A_FACT: Final = 250
FACTS_A_COMMIT: Final = 4_000
STATED_A_COMMIT: Final = 40
RUN_FACTS: Final = 20_000
ZONE: Final = 1
WEEKEND: Final = TypeSet(1, 1, "Weekend", True, 0, 0, 0, True, (), (), 1)
DAY: Final = TypeSet(2, 1, "Day", False, 0, 0, 0, True, (), (), 1)
GROUP: Final = TypeSet(3, 1, "Family", True, 0, 0, 0, True, (), (), GROUP_GUESTS)
DONE_FILE: Final = "world.done"


@dataclass(slots=True)
class _Ticket:
    """What has happened to one ticket so far."""

    serial: int
    type: int
    head: tuple[bytes, ...] = ()
    inside: list[FactId] = field(default_factory=list)
    uses: int = 0


class _Pen:
    """A gate's or till's journal, which opens a new run now and then as restarts do."""

    def __init__(self, folder: OfficeFolder, rng: random.Random, role: Role, name: str) -> None:
        self.role = role
        self.name = name
        self.terminal = TerminalId(rng.randbytes(16))
        self._identity = SecretKey(rng.randbytes(32))
        self._rng = rng
        public = self._identity.public
        certificate = writer_certificate(
            folder.festival, self.terminal, role, name, public, folder.key
        )
        self.chain = (folder.certificate, certificate)
        self._writer: Writer | None = None
        self._last: Any = None

    def write(self, office: Office, body: Body, moment: Moment) -> FactId:
        """Let the office keep and fold one more fact of this terminal."""
        writer = self._writer
        if writer is None or writer.next_number >= RUN_FACTS:
            run, key = RunId(self._rng.randbytes(16)), SecretKey(self._rng.randbytes(32))
            writer = self._writer = Writer(FESTIVAL, self.terminal, run, key)  # type: ignore[arg-type]
            opened = writer.open(self._identity, self.chain, self._last, "1", "boot", moment)
            office.store.replica.write(opened, self.role, self.name)
        self._last = writer.write(body, moment)
        office.store.replica.write(self._last, self.role, self.name)
        return FactId(self._last.id)


class World:
    """The festival while it is made: who holds which ticket, and whose turn it is."""

    def __init__(self, folder: OfficeFolder, tickets: int, facts: int) -> None:
        """Draw everything from one seed."""
        rng = self._rng = random.Random(11)
        self._folder = folder
        self._tickets = [
            _Ticket(rng.getrandbits(64), 3 if at % GROUP_OF == 0 else 1 + at % 2)
            for at in range(tickets)
        ]
        self._gates = [_Pen(folder, rng, Role.GATE, f"Gate {at + 1}") for at in range(GATES)]
        self._tills = [_Pen(folder, rng, Role.BAR, f"Till {at + 1}") for at in range(TILLS)]
        self._wallets = [rng.getrandbits(64) for _ in range(tickets)]
        self._facts = facts
        self._office_version = 0
        self._now_ms = START_MS

    def said(self) -> list[Body]:
        """Return what the office states before the gates open."""
        said: list[Body] = [WEEKEND, DAY, GROUP, ZoneSet(ZONE, 1, "Arena", None)]
        said += [
            ProductSet(at, 1, f"Drink {at}", "Drinks", 400 + at, 2000, 0, 0, True)
            for at in range(1, PRODUCTS + 1)
        ]
        for at, pen in enumerate(self._gates):
            place = GateSet(pen.terminal, 1, f"Gate {at + 1}", ZONE, ())
            said += [CertificateIssued(pen.chain[1]), place]
        for at, pen in enumerate(self._tills):
            place_of_till = BarSet(pen.terminal, 1, f"Till {at + 1}", 1 + at % BARS)
            said += [CertificateIssued(pen.chain[1]), place_of_till]
        words = [
            (one.serial, int(TicketStatus.VALID if at % CANCELLED_OF else TicketStatus.CANCELLED))
            for at, one in enumerate(self._tickets)
        ]
        for at in range(0, len(words), STATUSES_A_FACT):
            rows = tuple((s, word, 1, None) for s, word in words[at : at + STATUSES_A_FACT])
            said.append(TicketStatusSet(rows))
        self._office_version = len(said)
        return said

    def deeds(self) -> Iterator[Callable[[Office], object]]:
        """Yield what happens, one fact a deed, over three days."""
        used = [t for at, t in enumerate(self._tickets) if at % UNUSED_OF and at % CANCELLED_OF]
        step_ms = DAYS * DAY_MS // self._facts
        for at in range(self._facts):
            self._now_ms = START_MS + at * step_ms
            if at % 2:
                yield self._sale
            else:
                ticket = self._rng.choice(used)
                yield lambda office, one=ticket: self._passage(office, one)  # type: ignore[misc]

    def _moment(self) -> Moment:
        return Moment(self._now_ms + self._rng.randrange(1000), TRUSTED_CLOCK)

    def _passage(self, office: Office, ticket: _Ticket) -> None:
        gate, rng = self._rng.choice(self._gates), self._rng
        day = festival_day(self._now_ms, 60, 360)
        guests = rng.randint(1, GROUP_GUESTS) if ticket.type == GROUP.type else 1
        if ticket.inside:
            admission = ticket.inside.pop()
            body: Body = Left(ticket.serial, ZONE, day, ticket.head, admission)
        elif ticket.uses and ticket.type == DAY.type:
            body = Refused(ticket.serial, rng.randbytes(8), "no_reentry", ZONE, ticket.type)
        else:
            version = self._office_version
            session = rng.randbytes(16)
            body = Admitted(
                ticket.serial,
                ticket.type,
                ZONE,
                day,
                guests,
                ticket.head,
                0,
                version,
                session,
                None,
            )
        fact = gate.write(office, body, self._moment())
        if isinstance(body, Admitted):
            ticket.uses += 1
            ticket.inside = [fact] * guests
        if not isinstance(body, Refused):
            ticket.head = (fact,)

    def _sale(self, office: Office) -> None:
        rng = self._rng
        number = rng.randrange(TILLS)
        till, wallet = self._tills[number], rng.choice(self._wallets)
        if rng.random() < 1 / 6:
            amount = 500 * rng.randint(2, 10)
            body: Body = ToppedUp(
                rng.randbytes(16), wallet, amount, int(Method.CASH), 1 + number % BARS, 1, None
            )
        else:
            product = rng.randint(1, PRODUCTS)
            lines = ((product, rng.randint(1, 2), 400 + product, 2000, 0, None),)
            total = sum(line[1] * line[2] for line in lines)
            paid = ((int(Method.WALLET), total, wallet, None),)
            bar = 1 + number % BARS
            body = Sold(rng.randbytes(16), bar, 0, 1, lines, paid, 40, "alone_limit", 5_000)
        till.write(office, body, self._moment())


def office_folder(tickets: int, facts: int, tell: Progress) -> Path:
    """Return the folder of an office that holds such a festival, making it if it is not there."""
    folder = Path(tempfile.gettempdir()) / f"guichet-joiner-{tickets}-{facts}"
    if not (folder / DONE_FILE).exists():
        shutil.rmtree(folder, ignore_errors=True)
        make_office(folder, tickets, facts, tell)
        (folder / DONE_FILE).touch()
    return folder


def make_office(folder: Path, tickets: int, facts: int, tell: Progress) -> None:
    """Make an office in a new folder that holds such a festival."""
    guichet("cloud", "init", folder, *("--festival", str(FESTIVAL), "--name", "Late"))
    opened = open_office(folder)
    world = World(opened, tickets, facts)
    rng = random.Random(12)
    office = Office(opened, lambda: Moment(START_MS, TRUSTED_CLOCK), rng.randbytes)
    try:
        said = world.said()
        for at in range(0, len(said), STATED_A_COMMIT):
            part = said[at : at + STATED_A_COMMIT]
            office.transact([_saying(part)])
        deeds = world.deeds()
        for done in range(0, facts, FACTS_A_COMMIT):
            tell("a festival of facts", done, facts)
            some = [deed for _, deed in zip(range(FACTS_A_COMMIT), deeds, strict=False)]
            office.transact(some)
    finally:
        office.close()


def _saying(bodies: list[Body]) -> Callable[[Office], object]:
    """Return the job in which the office states something."""
    return lambda office: office.say(*bodies)
