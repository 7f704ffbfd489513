"""What a till asks of the authority: one spelling, strictly read, and what a loan changes."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import allotments
from sync.allotments import wallet_resource
from sync.asking import Asked, BadAsking, Question, Reply, read_question, read_reply, spell
from sync.catalogue import Policy
from sync.conflicts import ConflictKind, conflicts
from sync.facts import AllotmentReturned, Allotted, PaidOut
from sync.names import Area
from sync.schema import Misshapen
from sync.spending import (
    Allow,
    Decline,
    PayOut,
    Situation,
    decide,
    decide_pay_out,
    loan_wanted,
)
from tests.sync.builder import bar, box_with, office, sale_id, shuffled, sold, topped_up

QUESTION = Question(int(Asked.LINK), sale_id(1), 2**64 - 1, 0, 77, "123456789012", 5)
REPLY = Reply(2_500, "", 1_000, (b"one", b"two"))
CALM = Situation(1_000, 10_000, 0, 0, 0, 0, is_known=True, is_blocked=False)
POLICY = Policy()


def test_a_question_and_an_answer_are_spelled_as_they_always_were() -> None:
    assert spell(QUESTION).hex() == (
        "88010350000000000000000000000000000000011bffffffffffffffff00"
        "184d6c31323334353637383930313205"
    )
    assert spell(REPLY).hex() == "85011909c4601903e882436f6e654374776f"
    assert read_question(spell(QUESTION)) == QUESTION
    assert read_reply(spell(REPLY)) == REPLY
    bare = Question(int(Asked.LOAN), sale_id(1), 5, 300)
    assert read_question(spell(bare)) == bare


def test_a_question_for_a_part_names_a_quota_and_no_other_question_does() -> None:
    part = Question(int(Asked.PART), sale_id(1), 0, 12, resource=(4, 7))
    assert spell(part).hex() == "8901045000000000000000000000000000000001000cf6f6f6820407"
    assert read_question(spell(part)) == part
    for wrong in (replace(part, resource=None), replace(QUESTION, resource=(4, 7))):
        with pytest.raises(Misshapen):
            spell(wrong)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.binary(max_size=80), st.integers(0, 60), st.integers(1, 255))
def test_bytes_that_are_no_question_are_refused(junk: bytes, at: int, flip: int) -> None:
    broken = bytearray(spell(QUESTION))
    broken[at % len(broken)] ^= flip
    for content in (junk, spell(QUESTION)[:-1], spell(QUESTION) + b"\0", spell(REPLY)):
        with pytest.raises(BadAsking):
            read_question(content)
    try:
        read = read_question(bytes(broken))
    except BadAsking:
        return
    assert spell(read) == bytes(broken)


def test_what_does_not_fit_is_not_asked() -> None:
    with pytest.raises(Misshapen):
        spell(replace(QUESTION, claim="1" * 13))
    with pytest.raises(BadAsking):
        read_reply(spell(QUESTION))


# --- what a loan lets a till do ---


@pytest.mark.parametrize(
    "changed, wanted",
    [({}, 0),
     ({"amount": 6_000}, 1_000),
     ({"amount": 6_000, "loan": 400}, 600),
     ({"amount": 6_000, "loan": 1_000}, 0),
     ({"amount": 6_000, "unacknowledged_wallet": 5_000}, 6_000),
     ({"amount": 6_000, "unacknowledged_wallet": 9_000}, 6_000),
     ({"amount": 3_000, "known_balance": 1_000}, 2_000),
     ({"amount": 3_000, "known_balance": -200}, 3_000),
     ({"amount": 3_000, "is_known": False}, 3_000),
     ({"amount": 3_000, "balance_age_ms": 10**12}, 3_000),
     ({"amount": 3_000, "is_known": False, "is_blocked": True}, 0),
     ({"amount": 6_000, "unacknowledged_till": 500_000}, 0),
     ({"amount": 6_000, "spent_by_code_today": 4_000}, 0)],
)  # fmt: skip
def test_a_till_asks_for_what_is_missing_and_only_if_it_would_help(
    changed: dict[str, int], wanted: int
) -> None:
    limits = replace(POLICY, code_only_daily=7_000)
    asked = replace(CALM, **changed)  # type: ignore[arg-type]  # by name
    assert loan_wanted(asked, limits) == wanted
    if wanted:
        assert isinstance(decide(asked, limits), Decline)
        lent = replace(asked, loan=asked.loan + wanted)
        assert decide(lent, limits) == Allow("loan", lent.loan)


def test_a_sale_takes_of_the_loan_only_what_it_needs_beyond_its_own_room() -> None:
    limits = replace(POLICY, code_only_daily=-1)
    assert decide(replace(CALM, amount=4_000, loan=900), limits) == Allow("alone_limit", 0)
    assert decide(replace(CALM, amount=5_500, loan=900), limits) == Allow("loan", 500)


@pytest.mark.parametrize(
    "pay_out, answer",
    [(PayOut(0, 500, 500), Decline("not_positive", 0)),
     (PayOut(500, 500, 500), Allow("safe_balance", 500)),
     (PayOut(501, 500, 900), Decline("only_paid", 500)),
     (PayOut(400, 500, 300), Decline("safe_balance", 300)),
     (PayOut(400, 500, 0), Decline("safe_balance", 0)),
     (PayOut(1, 500, 500, is_blocked=True), Decline("blocked", 0))],
)  # fmt: skip
def test_only_what_was_paid_in_and_is_certainly_left_is_paid_out(
    pay_out: PayOut, answer: Allow | Decline
) -> None:
    assert decide_pay_out(pay_out) == answer


def test_a_loan_is_used_once_and_the_rest_is_given_back() -> None:
    till, centre = bar(), office()
    centre(Allotted(wallet_resource(99), till.terminal, 1_000))
    till(topped_up(8_000), replace(sold(1), loan=600), replace(sold(1), loan=600))
    till(PaidOut(sale_id(5), 99, 100, 2, 1, 1, None, 7, 100))
    records = [*centre.records, *till.records]
    cells = box_with(records).cells
    assert allotments.held(cells, wallet_resource(99), till.terminal) == 300
    till(AllotmentReturned(wallet_resource(99), 300))
    records = [*centre.records, *till.records]
    hashes = {str(box_with(shuffled(records, seed)).hashes()) for seed in range(5)}
    cells = box_with(records).cells
    assert allotments.held(cells, wallet_resource(99), till.terminal) == 0
    assert len(hashes) == 1


def test_a_loan_spent_twice_by_a_copied_till_is_found() -> None:
    till, centre = bar(), office()
    centre(Allotted(wallet_resource(99), till.terminal, 600))
    till(replace(sold(1), loan=600), replace(sold(2), loan=600))
    box = box_with([*centre.records, *till.records])
    kinds = [one.kind for one in conflicts(box.cells, Area.MONEY)]
    assert ConflictKind.ALLOTMENT_SPENT_TWICE in kinds
