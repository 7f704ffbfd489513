"""What the authority lends of a wallet for a sale or a pay-out, so that no promise is broken.

Theory. From the balance at the authority everything is taken off that tills hold in unspent loans.
Each till that may hold sales which it does not know can have sold at most min(B, alone limit) of
them by itself, whatever balance B it believes in: with a balance here below the alone limit nothing
is left to lend then anyway, and with one above both are the same number. What is left is safe, and
only that is lent: all of what was asked, or nothing. So a loan adds nothing to what can be
overspent.

A till asks to lend only what goes beyond its own room, and uses that room up as well: the one that
asks for a sale is therefore counted like a till that was not heard. To pay out, the whole amount
is lent, and what the till itself sold it has taken off before it asks.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sync import accounts, catalogue, handover, spending
from sync.allotments import Holding, Resource, unspent, wallet_resource
from sync.asking import Asked, Question
from sync.body import Body
from sync.cells import CellKind, Cells
from sync.facts import Allotted
from sync.limits import LEVEL_WITHIN_MS, MONEY_MINOR_MAX
from sync.linking import is_spent_from
from sync.money_kinds import kinds_left
from sync.names import Area
from sync.quarantine import is_quarantined

_RESOURCE_BYTES: Final = 9
"""A part's cell is named by the resource's kind (1 byte), its number (8) and the terminal."""


class Reason(StrEnum):
    """Why nothing was granted; the word goes to the till, which has a sentence for it."""

    NONE = ""
    RECOVERING = "recovering"
    NOT_AUTHORITY = "not_authority"
    CATCHING_UP = "catching_up"
    COPIED = "copied"
    BLOCKED = "blocked"
    ONLY_PAID = "only_paid"
    KNOWN_BALANCE = "known_balance"
    SAFE_BALANCE = "safe_balance"
    NO_WRISTBAND = "no_wristband"
    WRISTBAND_IN_USE = "wristband_in_use"
    UNKNOWN_WALLET = "unknown_wallet"
    NOT_ALLOWED = "not_allowed"
    NO_CLAIM = "no_claim"
    WRONG_CLAIM = "wrong_claim"
    LOCKED = "locked"
    NO_PART = "no_part"
    QUOTA_FULL = "quota_full"
    COMPARING = "comparing"


@dataclass(frozen=True, slots=True)
class Judged:
    """What is granted (minor units, 1 for a link) or why not, what is safe, and what to state."""

    granted: int
    reason: Reason
    safe: int
    facts: tuple[Body, ...] = ()


def judge_loan(cells: Cells, asker: bytes, question: Question, silent: set[bytes]) -> Judged:
    """Say whether a till is lent what it asks for a sale or a pay-out; amount 0 only asks.

    `silent` are the tills that may hold sales which the authority does not (`silent_tills`).
    """
    wallet, amount = question.wallet, question.amount
    if not is_spent_from(cells, wallet, question.wristband):
        return Judged(0, Reason.BLOCKED, 0)
    rooms = _rooms(cells, asker, question, silent)
    safe = min(MONEY_MINOR_MAX, *(room for _, room in rooms))
    for reason, room in rooms:
        if amount > room:
            return Judged(0, reason, safe)
    if amount == 0:
        return Judged(0, Reason.NONE, safe)
    loan = handover.under(cells, Allotted(wallet_resource(wallet), asker, amount))
    return Judged(amount, Reason.NONE, safe, (loan,))


def judge_own_sale(
    cells: Cells, wallet: int, amount: int, silent: set[bytes]
) -> tuple[Reason, int]:
    """Say whether the authority itself may sell for so much, and what is safe (minor units).

    It has no room of its own that nobody knows of, so only tills that were not heard count.
    """
    safe = safe_balance(cells, wallet, len(silent))
    if not is_spent_from(cells, wallet, None):
        return Reason.BLOCKED, 0
    if amount > safe_balance(cells, wallet, 0):
        return Reason.KNOWN_BALANCE, safe
    return (Reason.SAFE_BALANCE if amount > safe else Reason.NONE), safe


def silent_tills(cells: Cells, level_ms: Mapping[bytes, int], now_ms: int) -> set[bytes]:
    """Return the tills that may hold sales which the one who asks does not.

    Heard is who spoke within the last seconds and whose journal was here to the end that it stated
    (`level_ms` by terminal, like `now_ms` in ms of one clock). What a revoked till still holds
    counts no more. Of a till that was copied only one may have spoken, so it is never heard.
    """
    return {
        bar.terminal
        for bar in catalogue.bars(cells)
        if not catalogue.is_revoked(cells, bar.terminal)
        and (
            not 0 <= now_ms - level_ms.get(bar.terminal, -LEVEL_WITHIN_MS - 1) <= LEVEL_WITHIN_MS
            or is_quarantined(cells, bar.terminal)
        )
    }


def held_by(cells: Cells, terminal: bytes) -> Iterator[tuple[Resource, int]]:
    """Walk over what a terminal holds of wallets' loans, in minor units; it walks over all parts.

    For the rare case that a terminal is given up.
    """
    for key, value in cells.items(Area.MONEY, CellKind.SLOTS):
        held = Holding(*value).held
        if key.key[_RESOURCE_BYTES:] == terminal and held > 0:
            yield (key.key[0], int.from_bytes(key.key[1:_RESOURCE_BYTES], "big")), held


def safe_balance(cells: Cells, wallet: int, tills: int) -> int:
    """Return what is left in a wallet whatever so many tills have sold of it, in minor units."""
    balance = accounts.wallet_balance(cells, wallet)
    limits = catalogue.policy(cells)
    return spending.safe_balance(balance, tills, unspent(cells, wallet_resource(wallet)), limits)


def _rooms(
    cells: Cells, asker: bytes, question: Question, silent: set[bytes]
) -> list[tuple[Reason, int]]:
    """Return how much each rule lets go, in the order in which they are told."""
    wallet = question.wallet
    others = len(silent - {asker})
    if question.kind == Asked.LOAN:
        return [
            (Reason.KNOWN_BALANCE, safe_balance(cells, wallet, 1)),
            (Reason.SAFE_BALANCE, safe_balance(cells, wallet, others + 1)),
        ]
    paid = max(0, kinds_left(cells, wallet).paid - unspent(cells, wallet_resource(wallet)))
    return [
        (Reason.KNOWN_BALANCE, safe_balance(cells, wallet, 0)),
        (Reason.ONLY_PAID, paid),
        (Reason.SAFE_BALANCE, safe_balance(cells, wallet, others + (asker in silent))),
    ]
