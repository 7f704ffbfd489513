"""Which wristbands spend from a wallet, and giving a guest who lost theirs another one.

A wristband's first wallet is its own serial, so nearly every question is answered by one cell; only
where a wallet's own wristband is blocked or linked elsewhere are the links walked over.
"""

from dataclasses import dataclass
from typing import Final

from sync import accounts, catalogue, ledger, wallet_secrets
from sync.asking import Question
from sync.cells import CellKey, CellKind, Cells
from sync.facts import Right, SecretKind, WristbandBlocked, WristbandLinked
from sync.money_kinds import is_topped_up
from sync.names import Area

REPLACED: Final = "replaced"
BY_CLAIM: Final = "claim"
BY_SUPERVISOR: Final = "supervisor"
_MAY_LINK: Final = Right.CASHIER | Right.SUPERVISOR


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim that was compared beside the one writer: with which proof, and whether it fits."""

    proof: bytes | None
    fits: bool


def wristbands_of(cells: Cells, wallet: int) -> list[int]:
    """Return the wristbands (serials) that spend from a wallet now."""
    links = cells.items(Area.MONEY, CellKind.LINK)
    serials = {wallet} | {int.from_bytes(key.key, "big") for key, _ in links}
    return sorted(one for one in serials if ledger.wallet_of(cells, one) == wallet)


def is_spent_from(cells: Cells, wallet: int, wristband: int | None) -> bool:
    """Tell whether a wristband, or any if none is named, may spend from a wallet."""
    if ledger.wallet_of(cells, wallet if wristband is None else wristband) == wallet:
        return True
    return wristband is None and bool(wristbands_of(cells, wallet))


def is_fresh(cells: Cells, wristband: int) -> bool:
    """Tell whether nothing was ever heard of a wristband: no block, link, top-up or balance."""
    is_linked = cells.get(CellKey(Area.MONEY, CellKind.LINK, wristband.to_bytes(8, "big")))
    is_used = is_topped_up(cells, wristband) or accounts.wallet_balance(cells, wristband)
    return is_linked is None and not is_used


def is_known(cells: Cells, wallet: int) -> bool:
    """Tell whether a wallet was ever topped up, holds anything or has a claim code."""
    has_claim = claim_proof(cells, wallet) is not None
    return has_claim or is_topped_up(cells, wallet) or bool(accounts.wallet_balance(cells, wallet))


def claim_proof(cells: Cells, wallet: int) -> bytes | None:
    """Return the proof of a wallet's claim code, None if it has none."""
    return wallet_secrets.proof(cells, wallet, SecretKind.CLAIM)


def may_link(cells: Cells, badge: int | None) -> bool:
    """Tell whether a badge (serial) is that of a cashier or supervisor."""
    known = None if badge is None else catalogue.staff(cells, badge)
    return known is not None and bool(known.rights & _MAY_LINK)


def linking(
    cells: Cells, question: Question, wristband: int
) -> tuple[WristbandBlocked | WristbandLinked, ...]:
    """Return what is stated: whatever spent from the wallet is blocked, the new linked."""
    by = question.approved_by
    reason = BY_SUPERVISOR if question.claim is None else BY_CLAIM
    old = [WristbandBlocked(one, REPLACED, by) for one in wristbands_of(cells, question.wallet)]
    return (*old, WristbandLinked(wristband, question.wallet, reason, by))
