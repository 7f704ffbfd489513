"""What a set of facts about one basket does to the accounts: pure arithmetic, no state.

Money flows from one account to another, so what leaves is negative and what arrives is positive and
every effect sums to zero. A till's drawer therefore reads minus what is in it. Whatever does not
add up (payments and lines that differ, a void that was paid out twice) goes to `imbalance`, where
people see it.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from sync.facts import LineKind, Method
from sync.money import vat_within

Account = tuple[str, int]
Effect = Counter[Account]

CURRENCY: Final = 0
IMBALANCE: Final = "imbalance"
_BY_WALLET: Final = int(Method.WALLET)
_BY_CASH: Final = int(Method.CASH)
_BY_CARD: Final = int(Method.CARD)
_UNDONE: Final = int(LineKind.UNDONE)
_DEPOSITS: Final = frozenset({int(LineKind.DEPOSIT), int(LineKind.CUP_BACK)})
_TIP: Final = int(LineKind.TIP)
_TOP_UP: Final = int(LineKind.TOP_UP)


class Basket(NamedTuple):
    """One body of a sale: who wrote it where, and what it says."""

    terminal: bytes
    bar: int
    shift: int
    lines: tuple[tuple[int, int, int, int, int, int | None], ...]
    payments: tuple[tuple[int, int, int | None, str | None], ...]
    loan: int = 0
    quotas: tuple[tuple[int, int, int], ...] = ()


class Undoing(NamedTuple):
    """One `Voided` fact: lines, what went back, and where."""

    fact: bytes
    terminal: bytes
    bar: int
    shift: int
    lines: tuple[int, ...]
    payments: tuple[tuple[int, int, int | None, str | None], ...]


class PaidBack(NamedTuple):
    """One `Refunded` fact: a quantity of a line, what went back, and where."""

    operation: bytes
    terminal: bytes
    bar: int
    shift: int
    line: int
    quantity: int
    payments: tuple[tuple[int, int, int | None, str | None], ...]


class SaleState(NamedTuple):
    """Everything that was said about one sale id, as ordered sets."""

    baskets: tuple[Basket, ...] = ()
    voids: tuple[Undoing, ...] = ()
    refunds: tuple[PaidBack, ...] = ()

    @property
    def voided_lines(self) -> frozenset[int]:
        """The lines that were undone by the till that sold them."""
        tills = {basket.terminal for basket in self.baskets}
        return frozenset(n for void in self.voids if void.terminal in tills for n in void.lines)


def wallet_account(wallet: int) -> str:
    """Return the account of a wallet."""
    return f"wallet:{wallet}"


def drawer_account(terminal: bytes, shift: int) -> str:
    """Return the account of a till's drawer in a shift."""
    return f"drawer:{terminal.hex()}:{shift}"


def tender_account(method: int, wallet: int | None, terminal: bytes, shift: int) -> str:
    """Return the account that a payment of this method moves."""
    if method == _BY_WALLET:
        return IMBALANCE if wallet is None else wallet_account(wallet)
    if method == _BY_CASH:
        return drawer_account(terminal, shift)
    if method == _BY_CARD:
        return "card:card"
    return "gift"


def effect_of(sale: SaleState) -> Effect:
    """Return what everything said about a sale does to the accounts; it sums to zero."""
    effect: Effect = Counter()
    for basket in sale.baskets:
        _post_basket(effect, basket)
        if sale.voids:
            _post_voids(effect, basket, sale)
        if sale.refunds:
            _post_refunds(effect, basket, sale)
    if sale.baskets and (sale.voids or sale.refunds):
        _post_explicit(effect, sale)
    rest = sum(effect.values())
    if rest:
        effect[IMBALANCE, CURRENCY] -= rest
    return effect


def line_amount(line: tuple[int, int, int, int, int, int | None]) -> int:
    """Return a line's amount in minor units."""
    return line[1] * line[2]


def undone_in_basket(basket: Basket) -> frozenset[int]:
    """Return the lines that another line of the same basket undoes, and those that do so."""
    pairs = [(at, line[5]) for at, line in enumerate(basket.lines) if line[4] == _UNDONE]
    return frozenset(n for pair in pairs for n in pair if n is not None)


def refunded_quantities(sale: SaleState) -> Counter[int]:
    """Return how much of each line all refunds together name."""
    asked: Counter[int] = Counter()
    for refund in set(sale.refunds):
        asked[refund.line] += refund.quantity
    return asked


def refundable(basket: Basket, line: int, sale: SaleState) -> int:
    """Return how much of a line may be refunded: what was sold and neither voided nor undone."""
    stands = line < len(basket.lines) and line not in sale.voided_lines
    if not stands or line in undone_in_basket(basket):
        return 0
    return max(0, basket.lines[line][1])


def _post_basket(effect: Effect, basket: Basket) -> None:
    for line in basket.lines:
        _post_line(effect, basket, line, line[1])
    _post_payments(effect, basket.terminal, basket.shift, basket.payments)


def _post_payments(
    effect: Effect,
    terminal: bytes,
    shift: int,
    payments: Iterable[tuple[int, int, int | None, str | None]],
) -> None:
    for method, amount, wallet, _ in payments:
        effect[tender_account(method, wallet, terminal, shift), CURRENCY] -= amount


def _post_line(effect: Effect, basket: Basket, line: Any, quantity: int) -> None:
    """Post so much of a line; a line that undoes another posts where that one did."""
    _, _, unit, vat, kind, undoes = line
    amount = quantity * unit
    if kind == _UNDONE and undoes is not None and undoes < len(basket.lines):
        kind = basket.lines[undoes][4]
    if kind in _DEPOSITS:
        effect["deposit", CURRENCY] += amount
    elif kind == _TIP:
        effect[f"tips:{basket.bar}", CURRENCY] += amount
    elif kind == _TOP_UP:
        effect[_topped_account(basket), CURRENCY] += amount
    else:
        within = vat_within(amount, vat)
        effect[f"revenue:{basket.bar}:{vat}", CURRENCY] += amount - within
        if within:
            effect[f"vat:{vat}", CURRENCY] += within


def _topped_account(basket: Basket) -> str:
    wallets = [p[2] for p in basket.payments if p[0] == _BY_WALLET and p[2] is not None]
    return wallet_account(wallets[0]) if wallets else IMBALANCE


def _post_voids(effect: Effect, basket: Basket, sale: SaleState) -> None:
    """Take back every voided line once; without payments it goes back the way it was paid."""
    undone = undone_in_basket(basket)
    paid_out = {
        number
        for void in sale.voids
        if void.terminal == basket.terminal and void.payments
        for number in void.lines
    }
    goes_back = 0
    for number in sorted(sale.voided_lines):
        if number >= len(basket.lines) or number in undone:
            continue
        line = basket.lines[number]
        _post_line(effect, basket, line, -line[1])
        if number not in paid_out:
            goes_back += line_amount(line)
    _give_back(effect, basket, goes_back)


def _post_refunds(effect: Effect, basket: Basket, sale: SaleState) -> None:
    """Take back of each line at most what was sold and not voided."""
    explicit = {refund.line for refund in sale.refunds if refund.payments}
    goes_back = 0
    for number, asked in sorted(refunded_quantities(sale).items()):
        quantity = min(asked, refundable(basket, number, sale))
        if quantity == 0:
            continue
        _post_line(effect, basket, basket.lines[number], -quantity)
        if number not in explicit:
            goes_back += quantity * basket.lines[number][2]
    _give_back(effect, basket, goes_back)


def _give_back(effect: Effect, basket: Basket, amount: int) -> None:
    """Return an amount to the tenders that paid, wallets first, each at most what it paid."""
    ordered = sorted(basket.payments, key=lambda p: (p[0], p[2] or 0, p[1]))
    for method, paid, wallet, _ in ordered:
        part = max(0, min(amount, paid))
        account = tender_account(method, wallet, basket.terminal, basket.shift)
        effect[account, CURRENCY] += part
        amount -= part
    if amount and ordered:
        method, _, wallet, _ = ordered[0]
        account = tender_account(method, wallet, basket.terminal, basket.shift)
        effect[account, CURRENCY] += amount


def _post_explicit(effect: Effect, sale: SaleState) -> None:
    """Post the payments that voids and refunds state themselves (negative is handed out)."""
    tills = {basket.terminal for basket in sale.baskets}
    for void in sale.voids:
        if void.terminal in tills:
            _post_payments(effect, void.terminal, void.shift, void.payments)
    for refund in sale.refunds:
        _post_payments(effect, refund.terminal, refund.shift, refund.payments)
