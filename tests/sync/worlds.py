"""Small worlds drawn from a seed, in which few tickets, wallets and sales meet many hands.

Gates know only part of what the others did, clocks may be anything, boxes are cloned, and some
state what they may not. The seed decides what happens; clocks are given apart, so that the same
history can be told by other clocks.
"""

import random
from collections.abc import Callable

from hypothesis import strategies as st

from sync.certificates import Certificate, Subject, certify
from sync.clock import TRUSTED_CLOCK, UNKNOWN_CLOCK, ClockQuality, ClockState, Moment
from sync.codec import decode, encode
from sync.facts import (
    Admitted,
    AllotmentPassed,
    AllotmentReturned,
    AllotmentWrittenOff,
    Allotted,
    AuthorityHanded,
    Body,
    CertificateIssued,
    Corrected,
    KeyRetired,
    Left,
    LineKind,
    Method,
    Moved,
    NotEntered,
    OfferSet,
    PaidOut,
    PolicySet,
    ProductSet,
    QuotaSet,
    Refunded,
    Refused,
    Released,
    ShiftClosed,
    ShiftOpened,
    Sold,
    StockMoved,
    TerminalRevoked,
    TicketStatusSet,
    ToppedUp,
    TypeSet,
    Undone,
    Voided,
    WalletSecretSet,
    WristbandBlocked,
    WristbandGiven,
    WristbandLinked,
    ZoneSet,
)
from sync.journal import Record, read_record
from sync.keys import FACT_PURPOSE, PIN_PROOF_BYTES
from sync.limits import RECORD_BYTES_MAX
from sync.names import Role
from tests.sync.builder import (
    DAY,
    FESTIVAL,
    NOW_MS,
    OFFICE_KEY,
    TEN_YEARS_MS,
    LineRow,
    PaymentRow,
    Pen,
    from_wallet,
    gate_place,
    in_cash,
    issuing_certificate,
    sale_id,
)

TICKETS = (5, 6, 7, 8)
WALLETS = (99, 100)
ZONES = (1, 2)
Act = Callable[[], None]


_OF_TICKETS = Admitted | Left | Moved | Undone | NotEntered


class World:
    """What happened, as records in the order in which it truly did."""

    def __init__(self, seed: int, clock_seed: int | None) -> None:
        self._name = f"world({seed}, clocks={clock_seed})"
        self.chance = random.Random(seed)
        self.clocks = None if clock_seed is None else random.Random(clock_seed)
        self.records: list[Record] = []
        self.time_ms = NOW_MS
        self.offsets: dict[bytes, int] = {}
        self.office = Pen(Role.OFFICE, 31)
        self.gates = [Pen(Role.GATE, 21), Pen(Role.GATE, 22)]
        self.bars = [Pen(Role.BAR, 11), Pen(Role.BAR, 12)]
        self.hub = Pen(Role.HUB, 41)
        for pen in (self.office, *self.gates, *self.bars, self.hub):
            self.records.append(pen.first)
            self.offsets[pen.terminal] = self._offset() if pen is not self.office else 0
        self.known: dict[bytes, list[Record]] = {pen.terminal: [] for pen in self.gates}

    def __repr__(self) -> str:
        return self._name

    def _offset(self) -> int:
        return 0 if self.clocks is None else self.clocks.randint(-TEN_YEARS_MS, TEN_YEARS_MS)

    def moment(self, pen: Pen) -> Moment:
        self.time_ms += self.chance.randint(0, 600_000)
        quality = TRUSTED_CLOCK
        if self.clocks is not None and pen is not self.office:
            choices = (UNKNOWN_CLOCK, TRUSTED_CLOCK, ClockQuality(ClockState.COARSE, 300_000))
            quality = self.clocks.choice(choices)
        return Moment(self.time_ms + self.offsets[pen.terminal], quality)

    def state(self, pen: Pen, body: Body) -> Record:
        record = pen.write(body, self.moment(pen))
        self.records.append(record)
        return record

    # --- gates ---

    def listen(self) -> None:
        """Some gate hears part of what the gates did."""
        mine = self.known[self.chance.choice(self.gates).terminal]
        heard = [r for r in self.records if isinstance(r.body, _OF_TICKETS)]
        mine += [r for r in heard if r not in mine and self.chance.random() < 0.7]

    def _heads(self, pen: Pen, serial: int) -> tuple[bytes, ...]:
        """Name what a gate knows of a ticket and nobody has named: its own first, at most four."""
        mine = [r for r in self.known[pen.terminal] if _serial(r) == serial]
        named = {fact for r in mine for fact in _after(r)}
        ends = [r for r in mine if r.id not in named]
        ends.sort(key=lambda r: r.terminal != pen.terminal)
        return tuple(r.id for r in ends[:4])

    def pass_gate(self) -> None:
        pen, serial = self.chance.choice(self.gates), self.chance.choice(TICKETS)
        after = self._heads(pen, serial)
        entries = [
            r
            for r in self.known[pen.terminal]
            if isinstance(r.body, Admitted | Moved) and _serial(r) == serial
        ]
        entry = self.chance.choice([None, *entries]) if entries else None
        zone = self.chance.choice(ZONES)
        count = self.chance.choice((1, 1, 1, 3))
        flags = self.chance.choice((0, 0, 3, 4))
        admission = Admitted(serial, 1, zone, DAY, count, after, flags, 1, None, None)
        bodies: list[Body] = [
            admission,
            admission,
            Left(serial, zone, DAY, after, None if entry is None else entry.id),
            Moved(serial, zone, 3 - zone, DAY, after),
        ]
        if entry is not None:
            bodies.append(Undone(serial, entry.id, after))
            bodies.append(NotEntered(serial, entry.id, self.chance.choice((1, 1, 2)), after))
        body = self.chance.choice(bodies)
        self.known[pen.terminal].append(self.state(pen, body))

    def give_wristband(self) -> None:
        gift = WristbandGiven(self.chance.choice(TICKETS), 1, self.chance.choice(WALLETS))
        self.state(self.chance.choice(self.gates), gift)

    def refuse(self) -> None:
        reason = self.chance.choice(("cancelled", "too_late"))
        self.state(self.chance.choice(self.gates), Refused(5, b"digest8!", reason, 1, 1))

    # --- bars ---

    def sell(self) -> None:
        chance = self.chance
        lines: list[LineRow] = []
        for _ in range(chance.randint(1, 4)):
            kind = chance.choice(list(LineKind))
            undoes = chance.randint(0, 5) if kind is LineKind.UNDONE else None
            quantity = chance.randint(1, 3) if kind is not LineKind.CUP_BACK else -1
            if kind is LineKind.UNDONE:
                quantity = -quantity
            vat = chance.choice((0, 550, 2000))
            lines.append((1, quantity, chance.choice((100, 333)), vat, int(kind), undoes))
        total = sum(line[1] * line[2] for line in lines)
        part = chance.randint(-50, max(1, total))
        payments: list[PaymentRow] = [from_wallet(part, chance.choice(WALLETS))]
        payments.append(in_cash(total - part + chance.choice((0, 0, 0, 7))))
        if chance.random() < 0.2:
            payments.append((int(Method.VOUCHER), 0, chance.randint(1, 2), None))
        shift, number = chance.randint(1, 2), chance.randint(1, 4)
        body = Sold(
            sale_id(number),
            chance.randint(0, 2),
            shift,
            0,
            tuple(lines),
            tuple(payments),
            1,
            "alone_limit",
            0,
            loan=chance.choice((None, None, None, 30)),
            wristband=chance.choice((None, 99)),
            taps=chance.choice((None, 1, 2, 3)),
            quotas=chance.choice((None, ((2, 1, 0),), ((2, 1, 0), (2, 2, 1), (3, 1, 2)))),
        )
        pen = chance.choice(self.bars)
        for _ in range(chance.choice((1, 1, 2))):
            self.state(pen, body)

    def take_back(self) -> None:
        chance = self.chance
        number = chance.randint(1, 4)
        picked = tuple(sorted(chance.sample(range(5), chance.randint(1, 3))))
        paid = chance.choice(((), (), (in_cash(-200),), (from_wallet(-100, 99),)))
        void = Voided(sale_id(number), picked, paid, 1, chance.randint(1, 2), 0)
        operation = sale_id(chance.randint(20, 23))
        line, quantity = chance.randint(0, 4), chance.randint(0, 3)
        refund = Refunded(operation, sale_id(number), line, quantity, paid, 1, 1, 0)
        self.state(chance.choice(self.bars), chance.choice((void, refund)))

    def move_money(self) -> None:
        chance = self.chance
        wallet, shift = chance.choice(WALLETS), chance.randint(1, 2)
        operation, amount = sale_id(chance.randint(10, 14)), chance.choice((500, 1000))
        body = chance.choice(
            (
                ToppedUp(operation, wallet, amount, chance.randint(1, 5), 1, shift, None),
                PaidOut(operation, wallet, amount, 2, 1, shift, None),
                PaidOut(operation, wallet, amount, 3, 1, shift, None, 77, amount),
                StockMoved(1, chance.randint(1, 2), chance.randint(-3, 3), 2, shift, 0),
                OfferSet(1, 1, chance.randint(0, 2), 0),
                WalletSecretSet(wallet, 1, bytes([chance.randint(0, 9)]) * PIN_PROOF_BYTES, 0),
                WristbandLinked(wallet, chance.choice((99, 100, 101)), "lost"),
                WristbandBlocked(wallet, "lost"),
                ShiftOpened(shift, 1, 0, 5000),
                ShiftClosed(shift, 1, 0, chance.choice((0, 4000)), 3),
            )
        )
        self.state(chance.choice(self.bars), body)

    # --- the office ---

    def decree(self) -> None:
        chance = self.chance
        version = chance.randint(1, 3)
        rows = tuple(
            (
                chance.choice(TICKETS),
                chance.randint(0, 5),
                chance.randint(1, 3),
                chance.choice((None, *TICKETS)),
            )
            for _ in range(chance.randint(1, 3))
        )
        amounts = chance.choice((((("gift"), 0, -5), ("wallet:99", 0, 5)), (("gift", 0, -5),)))
        name = chance.choice("ab")
        body = chance.choice(
            (
                TicketStatusSet(rows),
                TicketStatusSet(rows),
                ZoneSet(chance.choice(ZONES), version, name, chance.choice((None, 1, 4))),
                TypeSet(1, version, name, True, 0, 0, 0, True, (), (), 1),
                ProductSet(1, version, name, "", 100, 2000, 0, 0, True),
                QuotaSet(chance.randint(2, 4), 1, version, chance.choice((None, 2, 9))),
                PolicySet(version, ((1, chance.randint(1, 9)),)),
                gate_place(chance.choice(self.gates), name),
                Corrected(amounts, "why", 7),
                Corrected((("drawer:x", 0, 5), ("wallet:x", 0, -5)), "why", 7),
                CertificateIssued(issuing_certificate(chance.randint(1, 2))),
                CertificateIssued(_vouched(chance.choice(self.bars), name)),
                KeyRetired(chance.randint(1, 2)),
            )
        )
        self.state(self.office, body)

    def lend(self) -> None:
        chance = self.chance
        resource = (chance.choice((1, 1, 2, 3, 4, 5)), chance.choice(ZONES))
        boxes = (*self.gates, *self.bars, self.hub)
        giver, to = chance.choice(boxes), chance.choice(boxes)
        amount = chance.randint(0, 3)
        self.state(*chance.choice((
            (self.office, Allotted(resource, to.terminal, amount)),
            (self.hub, Allotted(resource, to.terminal, amount, chance.choice((None, 1, 2)))),
            (giver, AllotmentReturned(resource, amount)),
            (giver, AllotmentPassed(resource, to.terminal, amount)),
            (self.office, AllotmentWrittenOff(resource, to.terminal, amount)),
        )))  # fmt: skip

    def hand_over(self) -> None:
        """Somebody gives the authority away, whether it is theirs or not."""
        chance = self.chance
        to = chance.choice((None, self.hub.terminal, bytes(16)))
        fact = AuthorityHanded(chance.randint(1, 3), to)
        self.state(chance.choice((self.office, self.office, self.hub, self.bars[0])), fact)

    def revoke(self) -> None:
        pen = self.chance.choice((*self.gates, *self.bars, self.hub))
        run, number = pen.writer.run, self.chance.randint(0, 8)
        if self.chance.random() < 0.5:
            self.state(self.office, TerminalRevoked(pen.terminal, ((run, number),)))
        else:
            self.state(self.office, Released(pen.terminal, run, number))

    # --- what should not happen ---

    def overstep(self) -> None:
        """State a fact that is not one's to state."""
        chance = self.chance
        body = chance.choice((KeyRetired(1), ZoneSet(1, 9, "mine", 0)))
        pen = chance.choice((*self.gates, *self.bars, self.hub))
        self.state(pen, body)
        self.state(self.gates[0], ToppedUp(sale_id(10), 99, 1000, 2, 1, 1, None))

    def speak_of_the_future(self) -> None:
        """Write a record whose kind or version nobody knows, with the run's true key."""
        pen = self.chance.choice((*self.gates, *self.bars))
        fields: list[dict[int, object]] = [{9: 999}, {1: 2}, {10: {99: 1}}]
        self._forge(pen, pen.records[-1], self.chance.choice(fields))

    def fork(self) -> None:
        """Write a second record for a place that is taken, or one with a false predecessor."""
        pen = self.chance.choice((*self.gates, *self.bars))
        record = self.chance.choice(pen.records)
        if record.number:
            other = self.chance.choice(pen.records).id
            fields: list[dict[int, object]] = [{8: [0, 5]}, {6: other}]
            self._forge(pen, record, self.chance.choice(fields))

    def clone(self) -> None:
        """A box comes back from an older image: another run with the same parent."""
        at = self.chance.randrange(2)
        old = self.chance.choice((self.gates, self.bars))
        parent, run = old[at].records[-1], self.chance.randint(1, 200)
        number = old[at].terminal[0]
        twin = Pen(old[at].role, number, parent=parent, run=run)
        if all(twin.writer.run != r.run for r in self.records):
            self.records.append(twin.first)
            old[at] = self.chance.choice((twin, old[at]))

    def _forge(self, pen: Pen, like: Record, fields: dict[int, object]) -> None:
        payload = encode(dict(decode(like.payload, RECORD_BYTES_MAX)) | fields)
        raw = encode([payload, pen.run_key.sign(FACT_PURPOSE, payload)])
        self.records.append(read_record(raw))


def _vouched(pen: Pen, name: str) -> bytes:
    key = pen.identity.public
    mine = Certificate(FESTIVAL, Subject.WRITER, pen.role, pen.terminal, key, name, 0, 0)
    return certify(mine, OFFICE_KEY)


def _serial(record: Record) -> int:
    return int(getattr(record.body, "serial", 0))


def _after(record: Record) -> tuple[bytes, ...]:
    return tuple(getattr(record.body, "after", ()))


def honest_acts(world: World) -> list[Act]:
    passing = [world.pass_gate] * 6 + [world.listen] * 3
    passing += [world.refuse, world.give_wristband]
    selling = [world.sell] * 4 + [world.take_back] * 3 + [world.move_money] * 4
    lending = [world.lend] * 2 + [world.hand_over]
    return [*passing, *selling, *[world.decree] * 3, *lending]


def world(seed: int, *, steps: int = 45, clocks: int | None = 0, honest: bool = False) -> World:
    """Return the world of a seed; `clocks` seeds how wrong the clocks are, None is not at all."""
    drawn = World(seed, clocks)
    acts = honest_acts(drawn)
    if not honest:
        wild = [drawn.overstep, drawn.speak_of_the_future, drawn.fork, drawn.clone, drawn.revoke]
        acts += wild
    for _ in range(steps):
        drawn.chance.choice(acts)()
    return drawn


seeds = st.integers(0, 2**32 - 1)
worlds = st.builds(world, seeds)
honest_worlds = st.builds(lambda seed: world(seed, honest=True), seeds)
