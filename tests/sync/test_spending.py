"""Spending alone: the rules of a till, their sentences, and the bound on what they can cost."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.catalogue import UNLIMITED, UNLIMITED_POLICY, Policy, Setting, policy, settings_of
from sync.facts import PolicySet
from sync.sentences import _ALL
from sync.spending import (
    Allow,
    Decline,
    Situation,
    TopUp,
    decide,
    decide_top_up,
    fleet_bound,
    overspend_bound,
    safe_balance,
)
from tests.sync.builder import box_with, office

POLICY = Policy()
CALM = Situation(1_000, 10_000, 0, 0, 0, 0, is_known=True, is_blocked=False)


def told(policy_of: Policy = POLICY, **changed: int | bool) -> str:
    decision = decide(replace(CALM, **changed), policy_of)  # type: ignore[arg-type]  # by name
    if isinstance(decision, Allow):
        return f"allow {decision.rule}"
    return f"decline {decision.rule} {decision.possible_minor}"


@pytest.mark.parametrize(
    "changed, answer",
    [({}, "allow alone_limit"),
     ({"amount": 0}, "allow nothing_to_pay"),
     ({"amount": -500, "is_blocked": True}, "allow nothing_to_pay"),
     ({"is_blocked": True}, "decline blocked 0"),
     ({"is_copied": True}, "decline copied 0"),
     ({"is_copied": True, "loan": 1_000}, "decline copied 0"),
     ({"amount": -500, "is_copied": True}, "allow nothing_to_pay"),
     ({"known_balance": 1_000}, "allow alone_limit"),
     ({"known_balance": 999}, "decline known_balance 999"),
     ({"known_balance": -5}, "decline known_balance 0"),
     ({"unacknowledged_wallet": 4_000}, "allow alone_limit"),
     ({"unacknowledged_wallet": 4_001}, "decline alone_limit 999"),
     ({"unacknowledged_wallet": 4_001, "loan": 1}, "allow loan"),
     ({"unacknowledged_wallet": 6_000}, "decline alone_limit 0"),
     ({"unacknowledged_till": 499_000}, "allow alone_limit"),
     ({"unacknowledged_till": 499_001}, "decline till_cap 999"),
     ({"unacknowledged_till": 499_001, "till_cap_renewed": 1}, "allow alone_limit"),
     ({"balance_age_ms": 48 * 3_600_000}, "allow alone_limit"),
     ({"balance_age_ms": 48 * 3_600_000 + 1}, "decline max_age 0"),
     ({"is_known": False}, "decline unknown_wristband 0"),
     ({"spent_by_code_today": 4_000}, "allow alone_limit"),
     ({"spent_by_code_today": 4_001}, "decline code_only_daily 999"),
     ({"spent_by_code_today": 4_001, "is_pin_given": True}, "allow alone_limit"),
     ({"spent_by_code_today": 4_001, "is_by_code": False}, "allow alone_limit"),
     ({"known_balance": 900, "unacknowledged_wallet": 4_500}, "decline known_balance 500")],
)  # fmt: skip
def test_a_till_decides_by_the_first_rule_that_does_not_hold(
    changed: dict[str, int], answer: str
) -> None:
    assert told(POLICY, **changed) == answer


def test_an_unknown_wristband_spends_what_the_policy_lets_it() -> None:
    lenient = replace(POLICY, unknown_wristband=1_500)
    assert told(lenient, is_known=False) == "allow alone_limit"
    assert (
        told(lenient, is_known=False, unacknowledged_wallet=600) == "decline unknown_wristband 900"
    )


def test_what_an_unknown_wristband_spent_is_not_forgotten_when_it_is_acknowledged() -> None:
    lenient = replace(POLICY, unknown_wristband=1_500)
    acknowledged = {"is_known": False, "unacknowledged_wallet": 0, "known_balance": -600}
    assert told(lenient, amount=900, **acknowledged) == "allow alone_limit"
    assert told(lenient, amount=901, **acknowledged) == "decline unknown_wristband 900"


amounts = st.integers(-(10**6), 10**9)
situations = st.builds(
    Situation, amounts, amounts, amounts, amounts, amounts, amounts, st.booleans(), st.booleans()
)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(situations)
def test_without_limits_only_a_blocked_wristband_is_declined(situation: Situation) -> None:
    decision = decide(replace(situation, loan=0), UNLIMITED_POLICY)
    blocked = situation.is_blocked and situation.amount > 0
    assert isinstance(decision, Decline) == blocked


@settings(max_examples=60, derandomize=True, deadline=None)
@given(situations)
def test_what_is_said_to_be_possible_is_possible_and_no_more(situation: Situation) -> None:
    decision = decide(situation, POLICY)
    if isinstance(decision, Decline) and not situation.is_blocked:
        most = decision.possible_minor
        assert isinstance(decide(replace(situation, amount=most), POLICY), Allow)
        assert isinstance(decide(replace(situation, amount=most + 1), POLICY), Decline)


@pytest.mark.parametrize("rule", sorted(_ALL["payment"]))
def test_every_decline_has_its_sentence_in_both_languages(rule: str) -> None:
    english = Decline(rule, 1_250).sentence("en", "EUR")
    french = Decline(rule, 1_250).sentence("fr", "EUR")
    assert english != french
    assert "{" not in english + french
    assert ("12.50 EUR" in english) == ("12,50 EUR" in french)
    assert Decline(rule, 10**15).sentence("en", "EUR")


def test_every_rule_that_declines_has_a_sentence() -> None:
    rules = {"blocked", "known_balance", "max_age", "unknown_wristband", "alone_limit"}
    rules |= {"till_cap", "code_only_daily", "balance_max", "topup_cap", "not_positive"}
    rules |= {"only_paid", "safe_balance", "copied"}
    assert rules == set(_ALL["payment"])


@pytest.mark.parametrize(
    "top_up, answer",
    [(TopUp(1_000, 0, 0, is_alone=False), Allow("balance_max")),
     (TopUp(1_000, 0, 0, is_alone=True), Allow("topup_cap")),
     (TopUp(0, 0, 0, is_alone=False), Decline("not_positive", 0)),
     (TopUp(25_000, 0, 0, is_alone=False), Allow("balance_max")),
     (TopUp(25_001, 0, 0, is_alone=False), Decline("balance_max", 25_000)),
     (TopUp(25_001, -500, 0, is_alone=False), Decline("balance_max", 25_000)),
     (TopUp(1_000, 24_500, 0, is_alone=False), Decline("balance_max", 500)),
     (TopUp(1_000, 0, 99_000, is_alone=True), Allow("topup_cap")),
     (TopUp(1_000, 0, 99_001, is_alone=True), Decline("topup_cap", 999)),
     (TopUp(1_000, 0, 99_001, is_alone=False), Allow("balance_max"))],
)  # fmt: skip
def test_a_till_takes_money_within_its_limits(top_up: TopUp, answer: Allow | Decline) -> None:
    assert decide_top_up(top_up, POLICY) == answer


# --- the bound ---


@dataclass
class Till:
    """A till that hears nobody: what it knew of the wallet, and its own sales since."""

    known: int
    is_known: bool = True
    unacknowledged: int = 0
    credits: int = 0
    sold: list[int] = field(default_factory=list)

    def pay(self, amount: int, limits: Policy) -> None:
        balance = self.known + self.credits - self.unacknowledged
        asked = replace(
            CALM,
            amount=amount,
            known_balance=balance,
            unacknowledged_wallet=self.unacknowledged,
            unacknowledged_till=self.unacknowledged,
            is_known=self.is_known,
        )
        if amount > 0 and isinstance(decide(asked, limits), Allow):
            self.unacknowledged += amount
            self.sold.append(amount)


policies = st.builds(
    lambda alone, cap, unknown, daily: replace(
        POLICY, alone_limit=alone, till_cap=cap, unknown_wristband=unknown, code_only_daily=daily
    ),
    st.integers(0, 3_000),
    st.integers(0, 6_000) | st.just(UNLIMITED),
    st.sampled_from([0, 0, 700, UNLIMITED]),
    st.just(UNLIMITED),
)
sales = st.lists(st.tuples(st.integers(0, 4), st.integers(1, 2_000)), max_size=40)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.integers(0, 6_000) | st.just(50), st.integers(1, 5), sales, policies, st.data())
def test_tills_that_never_hear_each_other_overspend_within_the_bound(
    balance: int,
    count: int,
    wanted: list[tuple[int, int]],
    limits: Policy,
    data: st.DataObject,
) -> None:
    knows = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    believes = [data.draw(st.integers(0, balance)) for _ in range(count)]
    tills = [Till(known, is_known) for known, is_known in zip(believes, knows, strict=True)]
    for number, amount in wanted:
        tills[number % count].pay(amount, limits)
    spent = sum(till.unacknowledged for till in tills)
    bound = overspend_bound(balance, count, limits)
    fleet = fleet_bound(count, limits)
    assert bound is not None
    assert max(0, spent - balance) <= bound
    assert fleet is None or spent <= fleet


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9_000), st.integers(1, 2_000)), max_size=20), policies)
def test_credits_raise_the_balance_and_never_the_room(
    told_and_sold: list[tuple[int, int]], limits: Policy
) -> None:
    till = Till(10**6)
    for credit, amount in told_and_sold:
        till.credits += credit
        till.pay(amount, limits)
        assert till.unacknowledged <= limits.alone_limit


def test_an_acknowledgement_gives_the_room_back() -> None:
    till = Till(20_000)
    for _ in range(7):
        till.pay(1_000, replace(POLICY, code_only_daily=UNLIMITED))
    assert till.sold == [1_000] * 5
    till.known, till.unacknowledged = till.known - 5_000, 0
    till.pay(1_000, POLICY)
    assert len(till.sold) == 6


@pytest.mark.parametrize(
    "balance, tills, bound",
    [(3_000, 4, 12_000), (9_000, 4, 20_000), (-100, 4, 0), (9_000, 0, 0), (9_000, -1, 0)],
)
def test_the_printed_bound_is_the_smaller_of_balance_and_limit_for_each_till(
    balance: int, tills: int, bound: int
) -> None:
    assert overspend_bound(balance, tills, POLICY) == bound


def test_what_an_unknown_wristband_may_spend_is_part_of_the_bound() -> None:
    lenient = replace(POLICY, unknown_wristband=1_000)
    assert overspend_bound(0, 3, lenient) == 3_000
    assert overspend_bound(2_000, 3, lenient) == 6_000
    assert overspend_bound(0, 3, replace(POLICY, unknown_wristband=UNLIMITED)) == 15_000


def test_without_a_limit_there_is_no_bound_and_nothing_is_safe() -> None:
    assert overspend_bound(1_000, 2, UNLIMITED_POLICY) is None
    assert fleet_bound(2, UNLIMITED_POLICY) is None
    assert safe_balance(1_000, 1, 0, UNLIMITED_POLICY) == 0
    assert safe_balance(1_000, 0, 0, UNLIMITED_POLICY) == 1_000


@pytest.mark.parametrize(
    "balance, unheard, lent, safe",
    [(20_000, 0, 0, 20_000), (20_000, 1, 0, 15_000), (20_000, 3, 2_000, 3_000),
     (20_000, 4, 0, 0), (3_000, 1, 0, 0), (-50, 0, 0, 0), (20_000, 0, 21_000, 0)],
)  # fmt: skip
def test_only_what_nobody_can_have_spent_is_safe_to_pay_out(
    balance: int, unheard: int, lent: int, safe: int
) -> None:
    assert safe_balance(balance, unheard, lent, POLICY) == safe


def test_the_fleet_can_overspend_its_caps_and_what_was_renewed() -> None:
    assert fleet_bound(3, POLICY) == 1_500_000
    assert fleet_bound(3, POLICY, 7) == 1_500_007


def test_a_policy_travels_as_rows_and_unknown_rows_are_left_alone() -> None:
    mine = replace(POLICY, alone_limit=1, auto_exit=0, stale_after_seconds=9, version=4)
    centre = office()
    centre(PolicySet(4, (*settings_of(mine), (999, 1))))
    assert policy(box_with(centre.records).cells) == mine
    assert policy(box_with([]).cells) == POLICY
    assert len(settings_of(mine)) == len(Setting)
