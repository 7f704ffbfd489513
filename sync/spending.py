"""Spending with a wristband while alone: how much a till may let go, and what that can cost.

Theory. A wristband's code can be shown in two places at once, so a till that is alone cannot know
the balance. What can be promised is a bound. Each till may have at most `alone_limit` of sales per
wallet that the authority has not yet acknowledged, and never more than the balance it knows. With
a tills holding such sales, what is spent beyond the balance is therefore at most
a · min(B, alone_limit), where B is the highest balance that any of them may still believe in, or
what an unknown wristband may spend if that is more.
Connected or not, the rule is the same: connected, sales are acknowledged within a second and the
room is there again. A top-up raises the balance and never the room.

All amounts are whole minor units; a limit of -1 is none.
"""

from dataclasses import dataclass, replace
from typing import Final

from sync.catalogue import UNLIMITED, Policy
from sync.limits import MONEY_MINOR_MAX
from sync.money import Money
from sync.sentences import sentence_of

_LENDABLE: Final = frozenset({"known_balance", "max_age", "unknown_wristband", "alone_limit"})


@dataclass(frozen=True, slots=True)
class Situation:
    """What a till knows when a guest wants to pay with a wristband; amounts in minor units.

    `unacknowledged_wallet` and `unacknowledged_till` are this till's net sales that the authority
    has not acknowledged, of this wallet and of all; `till_cap_renewed` is what supervisors added.
    `balance_age_ms` is how old the known balance can be at most, `loan` what the authority lent
    for this wallet and is not spent, `spent_by_code_today` what was paid here today with the
    printed code. `is_copied`: two branches of this till's journal are known, so there are two of
    it, and each has the rooms and the loans of one.
    """

    amount: int
    known_balance: int
    unacknowledged_wallet: int
    unacknowledged_till: int
    till_cap_renewed: int
    balance_age_ms: int
    is_known: bool
    is_blocked: bool
    loan: int = 0
    spent_by_code_today: int = 0
    is_by_code: bool = True
    is_pin_given: bool = False
    is_copied: bool = False


@dataclass(frozen=True, slots=True)
class TopUp:
    """What a till knows when a guest wants to top up; amounts in minor units."""

    amount: int
    balance: int
    unacknowledged_topups: int
    is_alone: bool


@dataclass(frozen=True, slots=True)
class PayOut:
    """What a till knows when a guest wants their money back; amounts in minor units.

    `paid_left` is what is left of what the guest paid in, `loan` what the authority lent for it:
    that much is certainly left, whatever tills that nobody heard have sold.
    """

    amount: int
    paid_left: int
    loan: int
    is_blocked: bool = False
    is_copied: bool = False


@dataclass(frozen=True, slots=True)
class Allow:
    """The money may move; the rule goes into the fact, and how much of the loan it takes."""

    rule: str
    loan_used: int = 0


@dataclass(frozen=True, slots=True)
class Decline:
    """The money may not move: by which rule, and how much could at most (minor units)."""

    rule: str
    possible_minor: int

    def sentence(self, language: str, currency: str) -> str:
        """Return what the seller says, in ``en`` or ``fr``."""
        amount = _spelled(self.possible_minor, language)
        return sentence_of("payment", self.rule, language, (f"{amount} {currency}",))


Decision = Allow | Decline


def decide(situation: Situation, policy: Policy) -> Decision:
    """Say whether a till may sell for this amount from a wallet, without asking anybody.

    An amount of nothing, or one that gives money back, is always allowed.
    """
    if situation.amount <= 0:
        return Allow("nothing_to_pay")
    if situation.is_blocked:
        return Decline("blocked", 0)
    if situation.is_copied:
        return Decline("copied", 0)
    rooms = _rooms(situation, policy)
    possible = max(0, min(room for _, room in rooms))
    for rule, room in rooms:
        if situation.amount > room:
            return Decline(rule, possible)
    if not situation.loan:
        return Allow("alone_limit")
    used = max(0, situation.amount - _own_room(situation, policy))
    return Allow("loan" if used else "alone_limit", used)


def loan_wanted(situation: Situation, policy: Policy) -> int:
    """Return what the authority would have to lend for this payment, in minor units.

    0 if nothing is missing, or if what is missing cannot be lent: a till's cap and the printed
    code's daily limit stay what they are.
    """
    missing = situation.amount - _own_room(situation, policy) - situation.loan
    if missing <= 0 or situation.is_blocked or situation.is_copied:
        return 0
    enough = replace(situation, loan=situation.loan + missing)
    return missing if isinstance(decide(enough, policy), Allow) else 0


def _own_room(situation: Situation, policy: Policy) -> int:
    """Return what the till may let go without anybody's loan, never below 0."""
    alone = replace(situation, loan=0)
    return max(0, min(room for rule, room in _rooms(alone, policy) if rule in _LENDABLE))


def _rooms(situation: Situation, policy: Policy) -> list[tuple[str, int]]:
    """Return how much each rule lets go, in the order in which they are told to a guest.

    What the authority lent comes on top of what the till may do by itself: it was taken from the
    balance there, so it is left whatever this till knows.
    """
    loan = situation.loan
    rooms: list[tuple[str, int]] = []
    if situation.is_known:
        rooms.append(("known_balance", _balance_room(situation, policy) + loan))
        limit_ms = policy.max_age_seconds * 1000
        if policy.max_age_seconds != UNLIMITED and situation.balance_age_ms > limit_ms:
            rooms.append(("max_age", loan))
    else:
        spent = max(situation.unacknowledged_wallet, -situation.known_balance)
        unknown = _limit(policy.unknown_wristband) - spent
        rooms.append(("unknown_wristband", max(0, unknown) + loan))
    alone = _limit(policy.alone_limit) - situation.unacknowledged_wallet
    rooms.append(("alone_limit", max(0, alone) + loan))
    cap = _limit(policy.till_cap) + situation.till_cap_renewed
    rooms.append(("till_cap", cap - situation.unacknowledged_till))
    if situation.is_by_code and not situation.is_pin_given:
        daily = _limit(policy.code_only_daily) - situation.spent_by_code_today
        rooms.append(("code_only_daily", daily))
    return rooms


def _balance_room(situation: Situation, policy: Policy) -> int:
    """Without any limit a till also sells what it knows not to be there, as in a replay."""
    is_unlimited = policy.alone_limit == UNLIMITED and policy.unknown_wristband == UNLIMITED
    return MONEY_MINOR_MAX if is_unlimited else max(0, situation.known_balance)


def decide_pay_out(pay_out: PayOut) -> Decision:
    """Say whether a till may hand out what is left: what was paid in, as far as it is lent."""
    if pay_out.amount <= 0:
        return Decline("not_positive", 0)
    if pay_out.is_blocked:
        return Decline("blocked", 0)
    if pay_out.is_copied:
        return Decline("copied", 0)
    rooms = [("only_paid", pay_out.paid_left), ("safe_balance", pay_out.loan)]
    possible = max(0, min(room for _, room in rooms))
    for rule, room in rooms:
        if pay_out.amount > room:
            return Decline(rule, possible)
    return Allow("safe_balance", pay_out.amount)


def decide_top_up(top_up: TopUp, policy: Policy) -> Decision:
    """Say whether a till may take money into a wallet."""
    if top_up.amount <= 0:
        return Decline("not_positive", 0)
    rooms = [("balance_max", _limit(policy.balance_max) - max(0, top_up.balance))]
    if top_up.is_alone:
        rooms.append(("topup_cap", _limit(policy.topup_cap) - top_up.unacknowledged_topups))
    possible = max(0, min(room for _, room in rooms))
    for rule, room in rooms:
        if top_up.amount > room:
            return Decline(rule, possible)
    return Allow("topup_cap" if top_up.is_alone else "balance_max")


def overspend_bound(balance: int, tills: int, policy: Policy) -> int | None:
    """Return what can be spent beyond a wallet's balance at most, in minor units.

    `balance` is the highest that a till not heard of may believe in, which is above the authority's
    own when others have spent since; `tills` is how many may hold sales that it does not know. A
    till that never heard of the wallet sells what the policy lets an unknown wristband spend. None
    is without limit.
    """
    if policy.alone_limit == UNLIMITED:
        return None
    if tills <= 0:
        return 0
    believed = max(0, balance, _limit(policy.unknown_wristband))
    return tills * min(believed, policy.alone_limit)


def fleet_bound(tills: int, policy: Policy, renewed: int = 0) -> int | None:
    """Return what all tills together can overspend at most: Σ till caps; None without limit."""
    if policy.till_cap == UNLIMITED:
        return None
    return tills * policy.till_cap + renewed


def safe_balance(balance: int, tills_unheard: int, lent: int, policy: Policy) -> int:
    """Return what is certainly left in a wallet, whatever tills that were not heard have sold."""
    at_risk = overspend_bound(balance, tills_unheard, policy)
    if at_risk is None:
        at_risk = balance if tills_unheard else 0
    return max(0, balance - at_risk - lent)


def _limit(value: int) -> int:
    return MONEY_MINOR_MAX if value == UNLIMITED else value


def _spelled(minor: int, language: str) -> str:
    text = str(Money(min(minor, MONEY_MINOR_MAX)))
    return text.replace(".", ",") if language == "fr" else text
