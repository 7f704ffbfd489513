"""The kinds of money in a wallet: paid by the guest, given by the organiser, from a voucher.

A wallet has one balance. What is left of each kind follows from sums alone: vouchers are spent
first, then gifts, then what was paid, whenever which of them came. So the split is the same in any
order of facts, and no sale needs to say which kind it took.
"""

from dataclasses import dataclass
from typing import Final

from sync.accounts import wallet_balance
from sync.cells import CellKey, CellKind, Cells
from sync.facts import Method
from sync.names import Area

_NOTHING: Final = (0, 0, 0, 0)
_TOP_UPS, _PAID, _GIFT, _VOUCHER = range(4)
_PLACE_OF: Final = {int(Method.GIFT): _GIFT, int(Method.VOUCHER): _VOUCHER}


@dataclass(frozen=True, slots=True)
class Kinds:
    """What is left in a wallet of each kind, in minor units; never below zero."""

    paid: int
    gift: int
    voucher: int


def credit(cells: Cells, wallet: int, method: int, amount: int, top_ups: int) -> None:
    """Add to what came in by a method (minor units; pay-outs are negative) and how often."""
    key = wallet_key(wallet)
    sums = list(cells.get(key) or _NOTHING)
    sums[_TOP_UPS] += top_ups
    sums[_PLACE_OF.get(method, _PAID)] += amount
    cells.set(key, tuple(sums) if any(sums) else None)


def is_topped_up(cells: Cells, wallet: int) -> bool:
    """Tell whether a top-up of this wallet was ever heard of here."""
    return (cells.get(wallet_key(wallet)) or _NOTHING)[_TOP_UPS] > 0


def kinds_left(cells: Cells, wallet: int) -> Kinds:
    """Return what is left of each kind; all together they are the balance if it is not negative.

    What came in without a top-up (a correction, a refund of a sale paid in cash) counts as given:
    it is not paid out without the office.
    """
    _, paid, gift, voucher = cells.get(wallet_key(wallet)) or _NOTHING
    balance = max(0, wallet_balance(cells, wallet))
    left_paid = max(0, min(balance, paid))
    left_gift = max(0, min(balance - left_paid, gift)) if voucher else balance - left_paid
    return Kinds(left_paid, left_gift, balance - left_paid - left_gift)


def wallet_key(wallet: int) -> CellKey:
    """Return where it is kept what came into a wallet, of which kinds."""
    return CellKey(Area.MONEY, CellKind.WALLET, wallet.to_bytes(8, "big"))
