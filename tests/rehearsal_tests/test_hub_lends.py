"""A real office, a hub and two tills whose bytes are carried by hand: the authority goes and comes.

Nobody's line can be waited for here: each exchange is a step, and a cut is a step that is left out.
"""

import random
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cloud.cashless.service import ask as asked_of_office
from cloud.festivals.service import state
from cloud.office import Office
from cloud.settings import OfficeFolder
from edge.bar.desk import WANTS, TillDesk
from edge.hub.authority import HubAuthority, Refused
from edge.neighbours.talk import NeighbourTalk
from edge.office_talk import OfficeTalk
from edge.terminal import Terminal
from hardware.bench import ManualClock
from provisioning.enrolment import writer_certificate
from provisioning.keys import make_key_file
from provisioning.manifest import IDENTITY_FILE, ROLES, Manifest, save
from sync import accounts, allotments, handover
from sync.accounts import postings_sum
from sync.asking import Question, Reply, read_reply, spell
from sync.clock import TRUSTED_CLOCK, Moment
from sync.conflicts import Conflict, ConflictKind, conflicts
from sync.conversation import BadMessage
from sync.facts import BarSet, CertificateIssued
from sync.handover import OFFICE
from sync.keys import SecretKey
from sync.linking import Claimed
from sync.names import Area, TerminalId
from sync.spending import overspend_bound
from tests.cloud.offices import new_folder
from tests.edge.boxes import told

START_MS = 1_795_000_000_000
FULL, LIMIT = 12_000, 5_000
WALLET = 77
ISSUING = SecretKey(bytes([9]) * 32)


class Boxed:
    """A terminal enrolled at the office, what it says to whom, and a till's desk if it is one."""

    def __init__(self, place: Path, office: OfficeFolder, role: str, number: int) -> None:
        self.name = TerminalId(bytes([number]) * 16)
        self.certificate = _enrolled(place, office, role, self.name)
        self.clock = ManualClock(START_MS)
        self.terminal = Terminal(place, ROLES[role], clock=self.clock, synchronised=True)
        self.terminal.start()
        self.run = self.terminal.lane.run
        self.to_office = OfficeTalk(self.terminal)
        self.talk = NeighbourTalk(self.terminal)

    @property
    def cells(self) -> Any:
        return self.terminal.store.shelf.cells


def _enrolled(place: Path, office: OfficeFolder, role: str, name: bytes) -> bytes:
    place.mkdir(mode=0o700)
    key = make_key_file(place / IDENTITY_FILE, name * 2)
    certificate = writer_certificate(
        office.festival, name, ROLES[role], place.name, key.public, office.key
    )
    manifest = Manifest(
        festival=office.festival,
        festival_name="Fair",
        festival_key=office.festival_key.raw.hex(),
        terminal=name.hex(),
        role=role,
        name=place.name,
        office="http://127.0.0.1:9",
        currency="EUR",
        time_zone="UTC",
        language="en",
        day_boundary_minutes=360,
        certificates=(office.certificate.hex(), certificate.hex()),
    )
    save(manifest, place)
    return certificate


def heard_by_office(name: TerminalId, said: bytes) -> Callable[[Office], bytes]:
    """Return the job that hears a terminal and gives what it is answered."""
    return lambda office: office.converse(name, said)[0]


class Fair:
    """The office, the hub, two tills; every line is a method."""

    def __init__(self, folder: Path) -> None:
        self.folder = new_folder(folder / "office")
        self.now_ms = START_MS
        self.office = Office(self.folder, self._moment, random.Random(3).randbytes)
        self.hub = Boxed(folder / "hub", self.folder, "hub", 30)
        self.authority = self.hub.run(lambda: HubAuthority(self.hub.terminal))
        self.tills = [Boxed(folder / f"till-{n}", self.folder, "bar", n) for n in (10, 11)]
        self.desks = [t.run(partial(TillDesk, t.terminal)) for t in self.tills]
        for desk in self.desks:
            desk.duty.authority_is_near = lambda: True
        places = [BarSet(t.name, 1, f"Till {t.name[0]}", 1) for t in self.tills]
        vouched = [CertificateIssued(b.certificate) for b in (self.hub, *self.tills)]
        self.do(lambda o: o.say(*vouched, *places))
        self.state({"kind": "policy", "settings": {"code_only_daily": -1, "alone_limit": LIMIT}})
        self._sales = 0

    def _moment(self) -> Moment:
        self.now_ms += 1
        return Moment(self.now_ms, TRUSTED_CLOCK)

    def do(self, job: Any) -> Any:
        return self.office.transact([job])[0]

    def state(self, row: dict[str, object]) -> Any:
        return self.do(lambda o: state(o, [row]))

    def later(self, milliseconds: int) -> None:
        self.now_ms += milliseconds
        for box in (self.hub, *self.tills):
            box.clock.move(milliseconds)

    # --- lines ---

    def with_office(self, *boxes: Boxed) -> None:
        for _ in range(3):
            for box in boxes:
                said = box.run(box.to_office.say)
                answer = self.do(heard_by_office(box.name, said))
                heard = box.run(partial(box.to_office.hear, answer))
                assert not isinstance(heard, BadMessage)

    def with_hub(self, *tills: Boxed) -> None:
        hub = self.hub
        for _ in range(3):
            for till in tills:
                said = till.run(partial(till.talk.say, hub.name))
                answer = hub.run(partial(hub.talk.answer, till.name, said))
                assert isinstance(answer, bytes)
                till.run(partial(till.talk.hear, hub.name, answer, 0, 0))

    # --- work ---

    def top_up(self, number: int, amount: int) -> None:
        till, desk = self.tills[number], self.desks[number]
        self._sales += 1
        operation = f"{self._sales:032x}"
        how = {"wristband": {"serial": WALLET}, "method": "cash", "amount_minor": amount}
        told(till.terminal, desk, "top_up", {"operation": operation} | how)

    def sell(self, number: int, amount: int, whom: str) -> dict[str, Any]:
        """Sell at a till that asks the office, the hub or nobody when it wants a loan."""
        till, desk = self.tills[number], self.desks[number]
        self._sales += 1
        command = {
            "sale": f"{self._sales:032x}",
            "lines": [[9, 1, amount, 0, 0, None]],
            "wristband": {"serial": WALLET},
        }
        answer = told(till.terminal, desk, "sell", command)
        if answer["event"] == WANTS:
            reply = self.ask(till, answer["question"], whom)
            till.run(lambda: desk.duty.answered(answer["subject"], reply))
            answer = told(till.terminal, desk, "sell", command)
        return answer

    def ask(self, till: Boxed, question: Question, whom: str) -> Reply | None:
        content = spell(question)
        if whom == "nobody":
            return None
        if whom == "hub":
            answer: Any = self.hub.run(lambda: self.authority.ask(till.name, content))
            assert not isinstance(answer, Refused)
        else:
            job = asked_of_office(till.name, question, content, Claimed(None, fits=False))
            answer = self.do(job)
        return read_reply(answer)

    # --- truth ---

    def findings(self) -> list[Conflict]:
        return self.do(lambda o: [c for area in Area for c in conflicts(o.cells, area)])  # type: ignore[no-any-return]

    def balance(self) -> int:
        return self.do(lambda o: accounts.wallet_balance(o.cells, WALLET))  # type: ignore[no-any-return]

    def close(self) -> None:
        for box in (self.hub, *self.tills):
            box.terminal.close()
        self.authority.close()
        self.office.close()


@pytest.fixture
def fair(tmp_path: Path) -> Iterator[Fair]:
    one = Fair(tmp_path)
    everybody = (one.hub, *one.tills)
    one.with_office(*everybody)
    one.top_up(0, FULL)
    one.with_office(*everybody)
    yield one
    one.close()


def handed_to_hub(fair: Fair) -> None:
    assert isinstance(fair.state({"kind": "authority", "to": "hub"}), dict)
    fair.with_office(fair.hub)
    fair.with_hub(*fair.tills)


def test_the_hub_lends_where_there_is_no_office_and_hands_back_all_that_it_knows(
    fair: Fair,
) -> None:
    first, second = fair.tills
    handed_to_hub(fair)
    declined = fair.sell(0, 6_000, "nobody")
    assert (declined["rule"], declined["possible_minor"]) == ("alone_limit", LIMIT)
    paid = fair.sell(0, 9_000, "hub")
    assert (paid["event"], paid["rule"], paid["balance_minor"]) == ("paid", "loan", 3_000)
    fair.with_hub(first, second)
    assert fair.sell(1, 3_100, "hub")["rule"] == "known_balance"

    refused = fair.ask(second, Question(1, bytes([7]) * 16, WALLET, 100), "office")
    assert refused == Reply(0, "not_authority", 0, ())

    fair.hub.run(fair.authority.hand_back)
    fair.with_hub(first, second)
    question = Question(1, bytes([8]) * 16, WALLET, 100)
    assert fair.ask(second, question, "hub") == Reply(0, "not_authority", 0, ())
    fair.with_office(fair.hub, first, second)
    assert fair.balance() == 3_000
    lent = fair.do(lambda o: allotments.holding(o.cells, (5, WALLET), first.name))
    assert (lent.allotted, lent.used, lent.held) == (4_000, 4_000, 0)
    assert fair.sell(1, 3_000, "office")["event"] == "paid"
    fair.with_office(fair.hub, first, second)
    assert (fair.balance(), fair.findings()) == (0, [])
    for box in (fair.hub, first, second):
        assert box.run(partial(handover.is_authority, box.cells, OFFICE))


def test_a_hub_that_hands_back_unheard_leaves_nobody_lending_until_it_is_heard(fair: Fair) -> None:
    handed_to_hub(fair)
    assert fair.sell(0, 9_000, "hub")["event"] == "paid"
    fair.hub.run(fair.authority.hand_back)
    fair.with_hub(*fair.tills)
    for _ in range(4):  # the news comes round by a till, late; the hub itself is not heard
        fair.with_office(fair.tills[1])
        fair.later(30_000)
    question = Question(1, bytes([8]) * 16, WALLET, 100)
    assert fair.ask(fair.tills[1], question, "office") == Reply(0, "catching_up", 0, ())
    fair.with_office(fair.hub)
    answer = fair.ask(fair.tills[1], question, "office")
    assert answer is not None
    assert answer.reason != "catching_up"


def test_the_office_that_lends_again_knows_what_the_hub_acknowledged(fair: Fair) -> None:
    """A till that the office cannot hear sold on the hub's word: the hub brings that too."""
    handed_to_hub(fair)
    assert fair.sell(0, LIMIT, "nobody")["event"] == "paid"
    fair.with_hub(fair.tills[0])
    fair.hub.run(fair.authority.hand_back)
    fair.with_office(fair.hub)
    assert fair.do(lambda o: o.is_ready)
    assert fair.balance() == FULL - LIMIT


def test_a_till_that_only_hears_the_office_still_follows_the_hub(fair: Fair) -> None:
    """The office's acknowledgement brings the news that it is not the authority any more."""
    first = fair.tills[0]
    assert isinstance(fair.state({"kind": "authority", "to": "hub"}), dict)
    assert fair.sell(0, LIMIT, "nobody")["event"] == "paid"
    fair.with_office(first)
    assert first.run(lambda: first.terminal.store.till.spent_unacknowledged(WALLET)) == LIMIT
    assert fair.sell(0, 100, "nobody")["rule"] == "alone_limit"
    fair.with_office(fair.hub)
    fair.with_hub(first)
    assert first.run(lambda: first.terminal.store.till.spent_unacknowledged(WALLET)) == 0


def test_with_a_dead_hub_the_office_takes_back_and_the_rest_of_its_loans_is_void(
    fair: Fair,
) -> None:
    first, second = fair.tills
    handed_to_hub(fair)
    fair.with_office(fair.hub)
    reply = fair.ask(first, Question(1, bytes([8]) * 16, WALLET, 4_000), "hub")
    assert reply is not None
    assert reply.granted == 4_000
    fair.desks[0].duty.done_asking(b"")
    first.run(lambda: fair.desks[0].duty.answered(b"sale", reply))
    assert first.run(lambda: fair.desks[0].duty.loan(WALLET)) == 4_000
    assert isinstance(fair.state({"kind": "revoke", "terminal": "hub"}), dict)
    assert isinstance(fair.state({"kind": "authority", "take_back": True}), dict)
    fair.with_office(first, second)
    assert first.run(lambda: fair.desks[0].duty.loan(WALLET)) == 0
    assert fair.sell(1, FULL, "office")["event"] == "paid"
    fair.with_office(first, second)
    assert (fair.balance(), fair.findings()) == (0, [])


TIGHT = 1_000


def drawn(fair: Fair, seed: int) -> set[int]:
    """Let cuts, sales, loans, top-ups and hand-overs happen as drawn; return which tills sold."""
    chance = random.Random(seed)
    sellers: set[int] = set()
    fair.state({"kind": "policy", "settings": {"alone_limit": TIGHT}})
    fair.with_office(fair.hub, *fair.tills)
    for _ in range(60):
        number = chance.randrange(2)
        till = fair.tills[number]
        match chance.randrange(14):
            case 0 | 1:
                fair.with_office(till)
            case 2 | 3:
                fair.with_hub(till)
            case 4:
                fair.with_office(fair.hub)
            case 5:
                fair.state({"kind": "authority", "to": "hub"})
            case 6 if fair.authority.lends and chance.random() < 0.4:
                fair.hub.run(fair.authority.hand_back)
            case 7:
                fair.later(chance.choice((500, 4_000, 11_000)))
            case 8 if chance.random() < 0.3:
                fair.top_up(number, 2_000)
            case _:
                is_office = till.run(partial(handover.is_authority, till.cells, OFFICE))
                whom = "office" if is_office else "hub"
                whom = whom if chance.random() < 0.8 else "nobody"
                if fair.sell(number, chance.randrange(1, 4_000), whom)["event"] == "paid":
                    sellers.add(number)
    for _ in range(2):
        fair.with_office(fair.hub, *fair.tills)
        fair.with_hub(*fair.tills)
    return sellers


@pytest.mark.parametrize("seed", [*range(8), 17])  # 17: a till that takes any acknowledgement
def test_whoever_lends_no_more_is_overspent_than_the_printed_bound(fair: Fair, seed: int) -> None:
    sellers = drawn(fair, seed)
    lost = max(0, -fair.balance())
    limits = fair.desks[0].duty.office.policy
    bound = overspend_bound(FULL, len(sellers), limits)
    assert (bound, limits.alone_limit) == (TIGHT * len(sellers), TIGHT)
    assert lost <= TIGHT * len(sellers)
    assert not any(fair.do(lambda o: postings_sum(o.cells)).values())
    assert {one.kind for one in fair.findings()} <= {ConflictKind.OVERSPENT_WALLET}
