"""What a box that joined by a snapshot decides, compared with one that has heard everything."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from sync import accounts, allotments, history, money_kinds, vouchers
from sync.admission import Direction, Question, Refuse, Verdict, judge
from sync.clock import TRUSTED_CLOCK, Moment
from sync.codes import CodeKind, Ticket
from sync.facts import (
    Admitted,
    Left,
    TerminalRevoked,
    TicketStatus,
    TypeSet,
    WristbandGiven,
)
from sync.journal import Record
from sync.ledger import wallet_of
from sync.names import Role
from tests.sync.builder import (
    DAY,
    FESTIVAL,
    HOUR_MS,
    KEY_ID,
    NOW_MS,
    Box,
    Pen,
    box_with,
    gate,
    gate_place,
    office,
    shuffled,
    status,
    ticket_type,
    zone,
)
from tests.sync.joiners import all_pages, digest_of, joined_at, joiner, of_interest
from tests.sync.worlds import TICKETS, WALLETS, World, honest_worlds, worlds

LAW = settings(max_examples=40, derandomize=True, deadline=None)
cuts = st.integers(min_value=0, max_value=1_000)
TYPES = (
    TypeSet(1, 1, "Once", False, 0, 0, 0, True, (), (), 1),
    TypeSet(2, 1, "Again", True, 0, 0, 0, True, (), (), 1),
    TypeSet(3, 1, "Lenient", True, 6, 3, 10, False, (), (), 1),
    TypeSet(4, 1, "Family", True, 0, 0, 0, True, (), (), 4),
)
SERIALS = (501, 502, 503, 504)


def verdict(
    cells: Box, terminal: bytes, serial: int, kind: int, way: Direction, now_ms: int
) -> Verdict:
    code = Ticket(CodeKind.TICKET, KEY_ID, FESTIVAL, serial, kind, 0, 0, 0)
    moment = Moment(now_ms, TRUSTED_CLOCK)
    asked = Question(code, b"digest8!", terminal, way, moment, 60, 0, guests=1, is_confirmed=True)
    return judge(cells.cells, asked)


def word(said: Verdict) -> tuple[str, str]:
    return type(said).__name__, said.reason


class Festival:
    """Gates that hear each other, and guests who try whatever they can."""

    def __init__(self, seed: int, scans: int) -> None:
        self.chance = random.Random(seed)
        self.centre = office()
        self.gates = [gate(21), gate(22)]
        self.box = Box(Role.GATE)
        self.records: list[Record] = [self.centre.first, *(pen.first for pen in self.gates)]
        self.records += self.centre(zone(1), zone(2), *TYPES)
        self.records += self.centre(gate_place(self.gates[0], "North"))
        self.records += self.centre(gate_place(self.gates[1], "South", 2))
        self.box.take(*self.records)
        self.now_ms = NOW_MS
        for _ in range(scans):
            self.scan()

    def scan(self) -> None:
        chance = self.chance
        self.now_ms += chance.choice((1, 700, 60_000, HOUR_MS, 9 * HOUR_MS))
        pen = chance.choice(self.gates)
        if chance.random() < 0.1:
            serial, new = chance.sample(SERIALS, 2)
            given = chance.choice(
                (
                    status(serial, TicketStatus.BLOCKED, version=chance.randint(1, 9)),
                    status(serial, TicketStatus.VALID, version=chance.randint(1, 9)),
                    status(serial, TicketStatus.REPLACED, version=9, new=new),
                )
            )
            self.keep(self.centre, given)
        elif chance.random() < 0.1:
            self.keep(pen, WristbandGiven(chance.choice(SERIALS), 2, chance.choice((900, 901))))
        else:
            serial = chance.choice(SERIALS)
            way = chance.choice(tuple(Direction))
            said = verdict(self.box, pen.terminal, serial, serial - 500, way, self.now_ms)
            if said.fact is not None:
                self.keep(pen, said.fact)

    def keep(self, pen: Pen, body: object) -> None:
        record = pen.write(body, Moment(self.now_ms, TRUSTED_CLOCK))  # type: ignore[arg-type]
        self.records.append(record)
        self.box.take(record)

    def verdicts(self, box: Box) -> list[tuple[object, ...]]:
        """Return what each gate would say of each ticket, now and later, in both directions."""
        return [
            (serial, pen.name, way, wait_ms, *word(said))
            for pen in self.gates
            for serial in SERIALS
            for way in Direction
            for wait_ms in (0, 5 * 60_000, 24 * HOUR_MS)
            for said in [
                verdict(box, pen.terminal, serial, serial - 500, way, self.now_ms + wait_ms)
            ]
        ]


@LAW
@given(st.integers(0, 10_000), cuts)
def test_a_gate_that_joined_says_what_a_gate_that_heard_everything_says(
    seed: int, cut: int
) -> None:
    told = Festival(seed, 60)
    box = joined_at(told.records, cut % len(told.records) + 1, Role.GATE)
    assert told.verdicts(box) == told.verdicts(told.box)
    assert history.inside_counts(box.cells) == history.inside_counts(told.box.cells)
    assert history.gate_counts(box.cells) == history.gate_counts(told.box.cells)


@LAW
@given(honest_worlds, cuts)
def test_a_gate_that_joined_lets_nobody_in_whom_another_would_refuse(
    drawn: World, cut: int
) -> None:
    full = Box(Role.GATE)
    everything = box_with(drawn.records)
    full.take(*of_interest(drawn.records, everything, Role.GATE))
    box = joined_at(drawn.records, cut % len(drawn.records) + 1, Role.GATE)
    for pen in drawn.gates:
        for serial in TICKETS:
            mine, right = (
                verdict(one, pen.terminal, serial, 1, Direction.IN, drawn.time_ms)
                for one in (box, full)
            )
            assert not isinstance(right, Refuse) or isinstance(mine, Refuse), (serial, mine, right)
            for fact in (mine.fact, right.fact):
                if isinstance(fact, Admitted | Left):
                    assert all(len(one) == 32 for one in fact.after)


@LAW
@given(honest_worlds, cuts)
def test_a_till_that_joined_knows_every_balance_and_loan(drawn: World, cut: int) -> None:
    """What comes to old sales later moves them later; here everything comes before the cut."""
    whole = box_with(drawn.records)
    box = joined_at(drawn.records, len(drawn.records), Role.BAR)
    for wallet in WALLETS:
        assert accounts.wallet_balance(box.cells, wallet) == accounts.wallet_balance(
            whole.cells, wallet
        )
        assert money_kinds.kinds_left(box.cells, wallet) == money_kinds.kinds_left(
            whole.cells, wallet
        )
        assert wallet_of(box.cells, wallet) == wallet_of(whole.cells, wallet)
        assert vouchers.uses(box.cells, wallet) == vouchers.uses(whole.cells, wallet)
        for pen in drawn.bars:
            resource = allotments.wallet_resource(wallet)
            held = allotments.held(box.cells, resource, pen.terminal)
            assert held == allotments.held(whole.cells, resource, pen.terminal)
    assert cut >= 0


@LAW
@given(worlds, st.integers(0, 100))
def test_a_snapshot_is_the_same_whatever_the_order_of_arrival_was(drawn: World, seed: int) -> None:
    told, other = box_with(drawn.records), box_with(shuffled(drawn.records, seed))
    for role in (Role.GATE, Role.BAR):
        assert digest_of(told.cells, role) == digest_of(other.cells, role)


@LAW
@given(worlds, cuts, st.integers(0, 100))
def test_a_box_that_got_the_rest_later_has_the_same_records_and_folds_the_same(
    drawn: World, cut: int, seed: int
) -> None:
    cut = cut % len(drawn.records) + 1
    told = box_with(drawn.records)
    for role in (Role.GATE, Role.BAR):
        box = joined_at(drawn.records, cut, role)
        before = dict(box.hashes())
        older = of_interest(drawn.records[:cut], told, role)
        box.take(*shuffled(older, seed))
        forks = box.hashes() != before  # evidence of a fork is looked for among older ones too
        full = Box(role)
        full.take(*of_interest(drawn.records, told, role))
        assert {r.id for r, _ in box.shelf.records} == {r.id for r, _ in full.shelf.records}
        box.replica.covered = None
        box.replica.rebuild()
        assert box.own_hashes() == full.own_hashes()
        assert not forks or seed >= 0


def test_what_a_terminal_says_after_it_was_revoked_counts_at_once_on_a_snapshot() -> None:
    centre, north = office(), gate()
    before = [*centre(zone(), ticket_type()), *north(_admission(1))]
    stolen = north.write(_admission(2))
    told = box_with([centre.first, north.first, *before])
    box = joiner(all_pages(told, Role.GATE), Role.GATE)
    revoked = centre.write(TerminalRevoked(north.terminal, ((north.writer.run, 1),)))
    box.take(revoked, stolen)
    assert history.standing(box.cells, 2).uses == 0
    assert history.standing(box.cells, 1).uses == 1


def _admission(serial: int) -> Admitted:
    return Admitted(serial, 1, 1, DAY, 1, (), 0, 0, None, None)


def test_a_late_exit_that_names_a_closed_admission_closes_nobody_elses() -> None:
    """South was cut off and lets out whom North let out before; the guest is inside again."""
    centre, north, south = office(), gate(21), gate(22)
    first = north.write(_admission(5))
    gone = north.write(Left(5, 1, DAY, (first.id,), first.id))
    again = north.write(Admitted(5, 1, 1, DAY, 1, (gone.id,), 0, 0, None, None))
    late = south.write(Left(5, 1, DAY, (first.id,), first.id))
    records = [centre.first, *centre(zone(), ticket_type()), north.first, first, gone, again]
    for cut in (len(records), len(records) - 1):
        box = joined_at([*records, south.first, late], cut, Role.GATE)
        assert history.inside_count(box.cells, 1) == 1
        assert [row.fact for row, _ in history.standing(box.cells, 5).inside] == [again.id]
