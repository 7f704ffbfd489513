"""What a till sells beyond its own room: what the authority lends, and what becomes of the rest."""

from edge.bar.duty import Wanted
from sync import allotments
from sync.asking import Asked, Question
from sync.facts import (
    AllotmentReturned,
    Allotted,
    PolicySet,
)
from sync.names import TerminalId
from tests.edge.bar.tills import BAND, Till, authority, sell


def held(till: Till) -> int:
    return till.terminal.lane.run(lambda: till.desk.duty.loan(77))


def test_beyond_its_room_a_till_sells_what_the_authority_lends(till: Till) -> None:
    till.says(PolicySet(1, ((7, -1),)), number=41)
    till.top_up(1, 12_000)
    office = authority(till)
    command = {"lines": [[9, 1, 9_000, 0, 0, None]], "wristband": BAND}
    wants = sell(till, 1, **command)
    question = wants["question"]
    assert (wants["event"], question.kind, question.amount) == ("wants", Asked.LOAN, 4_000)
    assert question.wristband == 77
    office.answers(wants, office.lends(question))
    answer = sell(till, 1, **command)
    body = till.body(answer["fact"])
    assert (answer["event"], answer["rule"], body.loan) == ("paid", "loan", 4_000)
    assert held(till) == 0
    assert sell(till, 2, lines=[[9, 1, 100, 0, 0, None]], wristband=BAND)["event"] == "wants"


def test_without_an_answer_a_sale_is_declined_by_its_rule(till: Till) -> None:
    till.says(PolicySet(1, ((7, -1),)), number=41)
    till.top_up(1, 12_000)
    office = authority(till)
    command = {"lines": [[9, 1, 9_000, 0, 0, None]], "wristband": BAND}
    office.answers(sell(till, 1, **command), None)
    answer = sell(till, 1, **command)
    assert (answer["event"], answer["rule"], answer["possible_minor"]) == (
        "declined",
        "alone_limit",
        5_000,
    )
    assert sell(till, 1, **command)["event"] == "wants"
    till.desk.duty.authority_is_near = lambda: False
    assert sell(till, 1, **command)["rule"] == "alone_limit"


def test_a_till_asks_nobody_where_a_loan_would_not_help(till: Till) -> None:
    till.says(PolicySet(1, ((7, 6_000),)), number=41)
    till.top_up(1, 12_000)
    authority(till)
    answer = sell(till, 1, lines=[[9, 1, 9_000, 0, 0, None]], wristband=BAND)
    assert (answer["event"], answer["rule"]) == ("declined", "alone_limit")


def test_what_was_lent_and_not_spent_is_given_back(till: Till) -> None:
    till.says(PolicySet(1, ((7, -1),)), number=41)
    till.top_up(1, 12_000)
    office = authority(till)
    wants = sell(till, 1, lines=[[9, 1, 9_000, 0, 0, None]], wristband=BAND)
    office.answers(wants, office.lends(wants["question"]))
    duty = till.desk.duty
    assert till.terminal.lane.run(duty.give_back) == 0  # the sale is still under way
    sell(till, 1, lines=[[9, 1, 6_000, 0, 0, None]], wristband=BAND)
    assert held(till) == 3_000
    assert till.terminal.lane.run(duty.give_back) == 1
    assert held(till) == 0
    newest = till.terminal.store.newest_of(till.terminal.manifest.terminal_id, 1)[0]
    assert newest.body == AllotmentReturned((5, 77), 3_000)


def test_wanting_somebody_says_for_what(till: Till) -> None:
    question = Question(int(Asked.LOAN), bytes(16), 77, 5)
    wanted = Wanted(b"sale", question)
    assert (wanted.subject, wanted.question) == (b"sale", question)


def test_what_is_lent_to_another_till_is_not_sold_from_here(till: Till) -> None:
    till.says(PolicySet(1, ((7, -1),)), number=41)
    till.top_up(1, 6_000)
    elsewhere = TerminalId(bytes([99]) * 16)
    till.says(Allotted(allotments.wallet_resource(77), elsewhere, 4_000), number=42)
    answer = sell(till, 1, lines=[[9, 1, 3_000, 0, 0, None]], wristband=BAND)
    assert (answer["event"], answer["rule"], answer["possible_minor"]) == (
        "declined",
        "known_balance",
        2_000,
    )


def test_only_the_own_part_of_a_wallet_is_given_back_and_once(till: Till) -> None:
    elsewhere = TerminalId(bytes([99]) * 16)
    own = till.terminal.manifest.terminal_id
    wallet = allotments.wallet_resource(77)
    till.says(Allotted(wallet, elsewhere, 4_000), Allotted(wallet, own, 500), number=42)
    assert till.terminal.lane.run(till.desk.duty.give_back) == 1
    assert allotments.unspent(till.cells, wallet) == 4_000
