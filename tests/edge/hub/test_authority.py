"""A hub answers tills by the office's rules, from its own journal: bytes are carried by hand."""

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from edge.hub.answers import Answers
from edge.hub.authority import HandBackRefused, Refused
from sync import allotments, handover, ledger
from sync.allotments import unspent, wallet_resource
from sync.asking import Asked, Question, Reply, spell
from sync.facts import (
    AllotmentReturned,
    Allotted,
    AuthorityHanded,
    GateSet,
    SecretKind,
    TerminalRevoked,
    WalletSecretSet,
    ZoneSet,
)
from sync.granting import Answered
from sync.journal import read_record
from sync.keys import pin_proof
from sync.limits import (
    ANSWER_LIFE_MS,
    ANSWERS_OF_TERMINAL_MAX,
    CLAIM_LOCK_MS,
    CLAIM_TRIES_MAX,
    LEVEL_WITHIN_MS,
    QUESTIONS_PER_S_MAX,
)
from sync.names import TerminalId
from tests.edge.bar.tills import CASHIER
from tests.edge.hub.hubs import HUB, Hub, Site, open_hub

CLAIM = "123456789012"
PROOF = pin_proof(CLAIM, b"0123456789abcdef")
FULL = 12_000


def loan(amount: int, operation: int = 1, wallet: int = 77) -> Question:
    return Question(int(Asked.LOAN), operation.to_bytes(16, "big"), wallet, amount)


def link(claim: str | None, operation: int = 1, new: int = 78, by: int | None = None) -> Question:
    number = operation.to_bytes(16, "big")
    return Question(int(Asked.LINK), number, 77, 0, new, claim, by)


def lent(hub: Hub) -> int:
    cells = hub.terminal.store.shelf.cells
    return hub.terminal.lane.run(lambda: unspent(cells, wallet_resource(77)))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    one = Site(tmp_path)
    one.tills[0].top_up(1, FULL)
    one.level()
    yield one
    one.close()


def test_a_hub_lends_nothing_while_the_office_is_the_authority(site: Site) -> None:
    till = site.tills[0]
    assert site.hub.ask(till.name, loan(100)) == Reply(0, "not_authority", 0, ())
    with pytest.raises(HandBackRefused):
        site.hub.authority.hand_back()


def test_a_hub_lends_nothing_before_it_knows_what_the_office_lent(site: Site) -> None:
    site.say(AuthorityHanded(1, HUB), number=60)
    assert site.hub.ask(site.tills[0].name, loan(100)) == Reply(0, "catching_up", 0, ())
    with pytest.raises(HandBackRefused):
        site.hub.authority.hand_back()
    site.read_office()
    assert isinstance(site.hub.ask(site.tills[0].name, loan(100)), Reply)
    assert site.hub.authority.lends


def test_what_a_hub_grants_is_in_its_journal_and_in_the_answer(site: Site) -> None:
    site.hand_to_hub()
    till = site.tills[0]
    reply = site.hub.ask(till.name, loan(7_000))
    assert isinstance(reply, Reply)
    assert (reply.granted, reply.reason) == (7_000, "")
    first, second = (read_record(raw) for raw in reply.records)
    assert (first.number, second.body) == (0, Allotted((5, 77), till.name, 7_000, 1))
    assert lent(site.hub) == 7_000
    assert site.hub.ask(till.name, loan(1, 2)) == Reply(0, "known_balance", 0, ())


def test_a_till_that_the_hub_has_not_heard_lately_counts_as_silent(site: Site) -> None:
    site.hand_to_hub()
    till, other = site.tills
    safe = [site.hub.ask(till.name, loan(0, 1))]
    site.clock.move(LEVEL_WITHIN_MS + 1)
    site.exchange(till)
    safe.append(site.hub.ask(till.name, loan(0, 2)))
    site.exchange(other)
    safe.append(site.hub.ask(till.name, loan(0, 3)))
    assert [one.safe for one in safe if isinstance(one, Reply)] == [7_000, 2_000, 7_000]


def test_a_hub_that_was_started_again_has_heard_nobody_yet(site: Site, tmp_path: Path) -> None:
    site.hand_to_hub()
    site.hub.close()
    site.hub = open_hub(tmp_path / "hub", site.clock)
    till = site.tills[0]
    assert site.hub.ask(till.name, loan(7_000)) == Reply(0, "safe_balance", 2_000, ())
    site.level()
    reply = site.hub.ask(till.name, loan(7_000, 2))
    assert isinstance(reply, Reply)
    assert reply.granted == 7_000


def test_a_repeated_question_gets_the_same_bytes_and_lends_nothing_twice(site: Site) -> None:
    site.hand_to_hub()
    till = site.tills[0]
    first = site.hub.ask(till.name, loan(3_000))
    assert [site.hub.ask(till.name, loan(3_000)) for _ in range(3)] == [first] * 3
    assert lent(site.hub) == 3_000
    assert site.hub.ask(till.name, loan(4_000)) is Refused.REUSED
    other = site.hub.ask(site.tills[1].name, loan(4_000))
    assert isinstance(other, Reply)
    assert other.granted == 4_000


def test_a_loan_that_the_till_gave_back_is_judged_anew_when_it_is_asked_again(site: Site) -> None:
    site.hand_to_hub()
    till = site.tills[0]
    first = site.hub.ask(till.name, loan(3_000))
    site.exchange(till)
    till.terminal.lane.run(lambda: till.terminal.record(AllotmentReturned((5, 77), 3_000)))
    site.exchange(till)
    assert lent(site.hub) == 0
    second = site.hub.ask(till.name, loan(3_000))
    assert second != first
    assert lent(site.hub) == 3_000


class PowerCut(Exception):
    """The power went at a step of a commit."""


@pytest.mark.parametrize("step", ["signed", "begun", "folded", "committed"])
def test_a_crash_at_any_step_of_lending_lends_nothing_twice(
    site: Site, tmp_path: Path, step: str
) -> None:
    site.hand_to_hub()
    till = site.tills[0]
    site.hub.close()
    steps: list[str] = []

    def cut(name: str) -> None:
        steps.append(name)
        if name == step and steps.count("signed") > 1:  # the first is the opening of the run
            raise PowerCut

    site.hub = open_hub(tmp_path / "hub", site.clock, step=cut)
    site.level()
    with pytest.raises(PowerCut):
        site.hub.ask(till.name, loan(3_000))
    site.hub.close()
    site.hub = open_hub(tmp_path / "hub", site.clock)
    site.level()
    assert lent(site.hub) == (3_000 if step == "committed" else 0)
    reply = site.hub.ask(till.name, loan(3_000))
    assert isinstance(reply, Reply)
    assert reply.granted == 3_000
    assert lent(site.hub) == 3_000
    till.terminal.lane.run(lambda: till.desk.duty.answered(b"s", reply))
    assert till.terminal.lane.run(lambda: till.desk.duty.loan(77)) == 3_000


def test_an_answer_is_forgotten_after_minutes_and_beyond_a_thousand(tmp_path: Path) -> None:
    hub = open_hub(tmp_path / "hub")
    store = hub.terminal.store

    def fill() -> None:
        book = Answers(store)
        with store.transaction():
            for number in range(ANSWERS_OF_TERMINAL_MAX + 2):
                name = number.to_bytes(16, "big")
                book.put_answer(HUB, name, Answered(bytes(32), b"r", 1, 0), 1_000_000 + number)

    hub.terminal.lane.run(fill)
    again = hub.terminal.lane.run(lambda: Answers(store))
    now_ms = 1_000_000 + ANSWERS_OF_TERMINAL_MAX + 1
    assert again.answer(HUB, (1).to_bytes(16, "big"), now_ms) is None
    kept = again.answer(HUB, (2).to_bytes(16, "big"), now_ms)
    assert kept == Answered(bytes(32), b"r", 1, 0)
    assert again.answer(HUB, (2).to_bytes(16, "big"), now_ms + ANSWER_LIFE_MS) is None
    assert again.answer(bytes(16), (2).to_bytes(16, "big"), now_ms) is None
    hub.close()


def test_strangers_revoked_tills_and_nonsense_get_no_answer(site: Site) -> None:
    site.hand_to_hub()
    till, other = site.tills
    assert site.hub.ask(till.name, b"nonsense") is Refused.NO_QUESTION
    assert site.hub.ask(till.name, spell(Reply(0, "", 0, ()))) is Refused.NO_QUESTION
    assert site.hub.ask(TerminalId(bytes(16)), loan(5)) is Refused.NO_TILL
    site.say(TerminalRevoked(other.name, ()), number=62)
    assert site.hub.ask(other.name, loan(5)) is Refused.REVOKED
    answers = [site.hub.ask(till.name, loan(0, n)) for n in range(QUESTIONS_PER_S_MAX + 1)]
    assert answers[-1] is Refused.TOO_OFTEN
    site.clock.move(1_001)
    assert isinstance(site.hub.ask(till.name, loan(0)), Reply)


# --- lost wristbands ---


def compared(site: Site, question: Question) -> Reply:
    """Ask until the claim was compared, as a till does."""
    for _ in range(200):
        site.clock.move(100)
        reply = site.hub.ask(site.tills[0].name, question)
        assert isinstance(reply, Reply)
        if reply.reason != "comparing":
            return reply
        threading.Event().wait(0.02)
    raise AssertionError("the claim is never compared")


@pytest.fixture
def lost(site: Site) -> Site:
    till = site.tills[0].terminal
    secret = WalletSecretSet(77, int(SecretKind.CLAIM), PROOF, 1)
    till.lane.run(lambda: till.record(secret))
    site.level()
    site.hand_to_hub()
    return site


def test_a_guest_with_the_claim_code_gets_another_wristband_from_the_hub(lost: Site) -> None:
    reply = compared(lost, link(CLAIM))
    assert (reply.granted, reply.safe) == (1, FULL)
    for terminal in (lost.hub.terminal, lost.tills[1].terminal):
        lost.level()
        cells = terminal.store.shelf.cells
        assert terminal.lane.run(partial(ledger.wallet_of, cells, 78)) == 77
        assert terminal.lane.run(partial(ledger.wallet_of, cells, 77)) is None
    assert compared(lost, link(CLAIM)) == reply


def test_a_wrong_claim_counts_once_and_five_of_them_lock_over_a_restart(
    lost: Site, tmp_path: Path
) -> None:
    tries = range(1, CLAIM_TRIES_MAX + 1)
    wrong = [compared(lost, link("000000", n)).reason for n in (1, *tries)]
    assert wrong == ["wrong_claim"] * (1 + CLAIM_TRIES_MAX)
    lost.hub.close()
    lost.hub = open_hub(tmp_path / "hub", lost.clock)
    assert compared(lost, link(CLAIM, 9)).reason == "locked"
    lost.clock.move(CLAIM_LOCK_MS)
    assert compared(lost, link(CLAIM, 10)).granted == 1
    assert len({1, 2, 3, 4, 5}) == CLAIM_TRIES_MAX


def test_a_cashier_links_without_a_claim(lost: Site) -> None:
    assert compared(lost, link(None, by=1)).reason == "not_allowed"
    assert compared(lost, link(None, 2, by=CASHIER)).granted == 1


# --- handing back, lending parts ---


def test_a_hub_hands_back_and_lends_no_more(site: Site) -> None:
    site.hand_to_hub()
    hub = site.hub
    hub.terminal.lane.run(hub.authority.hand_back)
    assert site.hub.ask(site.tills[0].name, loan(100)) == Reply(0, "not_authority", 0, ())
    now = handover.authority(hub.terminal.store.shelf.cells)
    assert (now.version, now.holder) == (2, handover.OFFICE)


def test_lenders_are_asked_only_while_the_hub_lends(site: Site) -> None:
    hub, resource = site.hub, allotments.zone_resource(3)
    hub.authority.lenders.append(lambda _: [Allotted(resource, HUB, 5)])
    assert hub.terminal.lane.run(hub.authority.lend_parts) == 0
    site.hand_to_hub()
    assert hub.terminal.lane.run(hub.authority.lend_parts) == 1
    newest = hub.terminal.store.newest_of(HUB, 1)[0]
    assert newest.body == Allotted(resource, HUB, 5, 1)


def test_a_gate_asks_the_hub_for_places_and_for_nothing_else(site: Site) -> None:
    gate, places = TerminalId(bytes([20]) * 16), allotments.zone_resource(1)
    site.say(GateSet(gate, 1, "North", 1, ()), ZoneSet(1, 1, "Field", 80), number=62)
    site.hand_to_hub()
    assert site.hub.ask(gate, loan(5)) is Refused.NO_TILL
    reply = site.hub.ask(gate, Question(int(Asked.PART), bytes(16), 0, 5, resource=places))
    assert isinstance(reply, Reply)
    assert reply.granted == 5
    assert read_record(reply.records[1]).body == Allotted(places, gate, 5, 1)


def test_a_hub_that_lost_its_store_says_that_it_is_recovering(tmp_path: Path) -> None:
    hub = open_hub(tmp_path / "hub")
    hub.close()
    for part in (tmp_path / "hub").glob("terminal.db*"):
        part.unlink()
    hub = open_hub(tmp_path / "hub")
    till = TerminalId(bytes([10]) * 16)
    assert hub.ask(till, loan(5)) is Refused.NO_TILL
    assert not hub.authority.lends
    hub.close()
