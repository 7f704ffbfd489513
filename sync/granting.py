"""What the authority answers to a till's question, by the same rules at the office and at a hub.

Only what was granted is remembered, and a wrong claim, which must not count twice; any other
question that is asked again is judged again. So is one whose loan the till has given back since:
its answer came too late, and there is nothing left that could be lent twice.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from sync import allotments, handover
from sync.allotments import wallet_resource
from sync.asking import Asked, Question
from sync.cells import Cells
from sync.linking import Claimed, claim_proof, is_fresh, is_known, linking, may_link
from sync.loans import Judged, Reason, judge_loan, safe_balance
from sync.part_granting import judge_part
from sync.quarantine import is_quarantined


@dataclass(frozen=True, slots=True)
class Standing:
    """What the one who judges knows beyond the folded state.

    `me` is `handover.OFFICE` or a hub's terminal id; `is_ready`: everything is known to it that was
    lent before it was the authority. `silent` are the tills that may hold sales which it does not
    know (`sync.loans.silent_tills`), `claimed` is how the question's claim was compared; too many
    wrong ones lock a wallet's claims.
    """

    me: bytes
    is_ready: bool
    silent: set[bytes]
    claimed: Claimed
    is_claim_locked: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer: the mark of its question (SHA-256), its bytes, how much it granted.

    `given` is what the till had given back of the wallet's loans by then, in minor units.
    """

    mark: bytes
    reply: bytes
    granted: int
    given: int


class Reused(Enum):
    """An operation that was granted before with another content."""

    REUSED = "reused"


REUSED: Final = Reused.REUSED


def judge(cells: Cells, asker: bytes, question: Question, standing: Standing) -> Judged:
    """Say what a till is granted of what it asks, and what must be stated for it."""
    if not handover.is_authority(cells, standing.me):
        return Judged(0, Reason.NOT_AUTHORITY, 0)
    if not standing.is_ready:
        return Judged(0, Reason.CATCHING_UP, 0)
    if is_quarantined(cells, standing.me):  # a hub of which there are two would lend all twice
        return Judged(0, Reason.RECOVERING, 0)
    if is_quarantined(cells, asker):
        return Judged(0, Reason.COPIED, 0)
    if question.kind == Asked.PART:
        return judge_part(cells, asker, question)
    if question.kind == Asked.LINK:
        return _judge_link(cells, question, standing)
    return judge_loan(cells, asker, question, standing.silent)


def given_back(cells: Cells, asker: bytes, question: Question) -> int:
    """Return what was given back of a wallet's loans (minor units) or a quota; 0 for a link."""
    if question.kind == Asked.LINK:
        return 0
    resource = question.resource or wallet_resource(question.wallet)
    return allotments.holding(cells, resource, asker).given


def said_before(
    before: Answered | None, mark: bytes, given: int
) -> bytes | Literal[Reused.REUSED] | None:
    """Return the answer that a repeated operation gets again, None if it must be judged."""
    if before is None:
        return None
    if before.mark == mark and before.given == given:
        return before.reply
    return REUSED if before.mark != mark and before.granted else None


def is_remembered(judged: Judged) -> bool:
    """Tell whether what was judged must be remembered by its operation."""
    return bool(judged.granted) or judged.reason is Reason.WRONG_CLAIM


def proves_claim(question: Question, judged: Judged) -> bool:
    """Tell whether what was judged shows that the guest knows the claim code."""
    is_claimed = question.kind == Asked.LINK and question.claim is not None
    return is_claimed and bool(judged.granted)


def _judge_link(cells: Cells, question: Question, standing: Standing) -> Judged:
    new = question.wristband
    if new is None:
        return Judged(0, Reason.NO_WRISTBAND, 0)
    if new == question.wallet or not is_fresh(cells, new):
        return Judged(0, Reason.WRISTBAND_IN_USE, 0)
    if not is_known(cells, question.wallet):
        return Judged(0, Reason.UNKNOWN_WALLET, 0)
    if question.claim is not None:
        reason = _judge_claim(cells, question.wallet, standing)
        if reason is not Reason.NONE:
            return Judged(0, reason, 0)
    elif not may_link(cells, question.approved_by):
        return Judged(0, Reason.NOT_ALLOWED, 0)
    safe = safe_balance(cells, question.wallet, len(standing.silent))
    return Judged(1, Reason.NONE, safe, linking(cells, question, new))


def _judge_claim(cells: Cells, wallet: int, standing: Standing) -> Reason:
    """Judge a claim that was compared; a code that was changed meanwhile fits nobody."""
    proof, claimed = claim_proof(cells, wallet), standing.claimed
    if standing.is_claim_locked:
        return Reason.LOCKED
    if proof is None:
        return Reason.NO_CLAIM
    return Reason.NONE if claimed.fits and claimed.proof == proof else Reason.WRONG_CLAIM
