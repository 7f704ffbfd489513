"""Accounts: a balance for each, moved by effects and never set, with what a negative wallet means.

Balances are sums, so the order of the moves cannot be seen in them. Whoever adds a move to the
ledger adds it here.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from sync.cells import CellKey, CellKind, Cells, counted
from sync.conflicts import Conflict, ConflictKind, declare, settle
from sync.ledger_effects import CURRENCY, IMBALANCE, Effect, wallet_account
from sync.limits import ACCOUNTS_CACHED_MAX, U32_MAX, U64_MAX
from sync.names import Area

_WALLET: Final = re.compile(r"wallet:(0|[1-9][0-9]{0,19})")
_DRAWER: Final = re.compile(r"drawer:[0-9a-f]{32}:(0|[1-9][0-9]{0,9})")


def is_account(text: str) -> bool:
    """Tell whether a text that a person gave may name an account.

    A wallet or a drawer must be spelled exactly as the folds spell it; other names are free.
    """
    if text.startswith("wallet:"):
        wallet = _WALLET.fullmatch(text)
        return wallet is not None and int(wallet[1]) <= U64_MAX
    if text.startswith("drawer:"):
        drawer = _DRAWER.fullmatch(text)
        return drawer is not None and int(drawer[1]) <= U32_MAX
    return True


def shift_key(terminal: bytes, shift: int) -> CellKey:
    """Return where it is kept how often a shift of a till was opened and closed."""
    return CellKey(Area.MONEY, CellKind.SHIFT, terminal + shift.to_bytes(4, "big"))


def clear_closed_drawer(cells: Cells, drawer: str) -> None:
    """Move what is left in the drawer of a closed shift to the differences that people explain."""
    _, terminal, shift = drawer.split(":")
    state = cells.get(shift_key(bytes.fromhex(terminal), int(shift)))
    if state is None or not state[1]:
        return
    left = balance(cells, drawer)
    if left:
        counted(cells, account_key(drawer, CURRENCY), -left)
        counted(cells, account_key(IMBALANCE, CURRENCY), left)


@lru_cache(ACCOUNTS_CACHED_MAX)
def account_key(account: str, asset: int = CURRENCY) -> CellKey:
    """Return where an account's balance in an asset is kept."""
    return CellKey(
        Area.MONEY, CellKind.ACCOUNT, account.encode() + b"\0" + asset.to_bytes(2, "big")
    )


def move(cells: Cells, effect: Effect) -> None:
    """Add an effect to the accounts and look at the wallets and drawers that it touched."""
    for (account, asset), amount in effect.items():
        if not amount:
            continue
        value = counted(cells, account_key(account, asset), amount)
        if account.startswith("wallet:") and asset == CURRENCY:
            _judge_wallet(cells, account, value - amount, value)
        elif account.startswith("drawer:"):
            clear_closed_drawer(cells, account)


def _judge_wallet(cells: Cells, account: str, before: int, value: int) -> None:
    """Declare a wallet below zero, and settle it when it comes back; nearly none ever is."""
    subject = account.removeprefix("wallet:")
    if value < 0:
        kind = ConflictKind.OVERSPENT_WALLET
        declare(cells, Conflict(Area.MONEY, kind, subject, (), (-value,)))
    elif before < 0:
        settle(cells, Area.MONEY, ConflictKind.OVERSPENT_WALLET, subject)


def balance(cells: Cells, account: str, asset: int = CURRENCY) -> int:
    """Return an account's balance in minor units of an asset (0 is the festival's currency)."""
    value: int = cells.get(account_key(account, asset)) or 0
    return value


def wallet_balance(cells: Cells, wallet: int) -> int:
    """Return what a wallet holds, in minor units; negative if it was overspent."""
    return balance(cells, wallet_account(wallet))


def accounts(cells: Cells) -> Iterator[tuple[str, int, int]]:
    """Walk over (account, asset, minor units) of every account that is not zero."""
    for key, value in cells.items(Area.MONEY, CellKind.ACCOUNT):
        yield key.key[:-3].decode(), int.from_bytes(key.key[-2:], "big"), value


def postings_sum(cells: Cells) -> dict[int, int]:
    """Return the sum over all accounts for each asset: always zero."""
    sums: dict[int, int] = {CURRENCY: 0}
    for _, asset, amount in accounts(cells):
        sums[asset] = sums.get(asset, 0) + amount
    return sums


def wallets(cells: Cells) -> Iterator[tuple[int, int]]:
    """Walk over (wallet, minor units) of every wallet that is not empty."""
    for account, asset, amount in accounts(cells):
        if asset == CURRENCY and account.startswith("wallet:"):
            yield int(account.removeprefix("wallet:")), amount


def overspent(cells: Cells) -> int:
    """Return Σ max(0, −balance) over all wallets, in minor units."""
    return sum(-amount for _, amount in wallets(cells) if amount < 0)
