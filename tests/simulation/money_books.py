"""Who paid what to whom, by simple books: balances, what a till may sell alone, what is a conflict.

A sale is its lines; a line was sold, voided whole (once, however often), or paid back in part (at
most what was sold). Whoever paid gets it back. Nothing here knows an account.
"""

from collections import Counter
from dataclasses import dataclass, field

from tests.simulation.books import Act, Books


@dataclass
class Sale:
    """One sale: amounts and quantities of its lines, which lines go along with which, who paid."""

    number: bytes
    till: str
    lines: list[tuple[int, int]]
    along: dict[int, int]
    wallet: int | None
    acts: list[Act] = field(default_factory=list)
    loan: int = 0

    @property
    def total(self) -> int:
        """Minor units."""
        return sum(unit * count for unit, count in self.lines)

    def with_along(self, lines: set[int]) -> set[int]:
        """Return these lines and those that go with them."""
        return lines | {line for line, of in self.along.items() if of in lines}

    def voided(self, among: int) -> set[int]:
        """Return the lines that acts of a set undid."""
        found: set[int] = set()
        for act in self.acts:
            if act.kind == "void" and act.counts and among & act.bit:
                found |= set(act.more["lines"])  # type: ignore[call-overload]
        return found

    def asked_back(self, among: int) -> Counter[int]:
        """Return how much of each line acts of a set paid back."""
        asked: Counter[int] = Counter()
        for act in self.acts:
            if act.kind == "refund" and act.counts and among & act.bit:
                asked[int(str(act.more["line"]))] += act.amount
        return asked

    def worth(self, among: int) -> int:
        """Return what of the sale stands after acts of a set, in minor units."""
        sold = self.acts[0]
        if not sold.counts or not among & sold.bit:
            return 0
        voided, asked = self.voided(among), self.asked_back(among)
        return sum(
            unit * (count - min(count, asked[line]))
            for line, (unit, count) in enumerate(self.lines)
            if line not in voided
        )

    def is_refunded_twice(self) -> bool:
        """Tell whether more of a line was paid back than stood."""
        voided, asked = self.voided(-1), self.asked_back(-1)
        return any(
            count > (0 if line in voided else self.lines[line][1]) for line, count in asked.items()
        )


class MoneyBooks:
    """The acts at tills: sales, top-ups, pay-outs, and what each wallet has."""

    def __init__(self, books: Books, limits: dict[str, int]) -> None:
        self._books = books
        self._limits = limits
        self.sales: dict[bytes, Sale] = {}
        self._by_wallet: dict[int, list[Sale]] = {}
        self._moves: dict[int, list[Act]] = {}
        self._unaware: dict[int, set[str]] = {}
        self._believed: Counter[int] = Counter()
        self.granted: Counter[tuple[str, int]] = Counter()
        self.lent: Counter[tuple[str, int]] = Counter()

    def sold(self, sale: Sale, act: Act) -> None:
        """Enter a sale; `loan` of it is what the authority had lent for it."""
        sale.acts.append(act)
        self.sales[sale.number] = sale
        if sale.wallet is not None:
            self._by_wallet.setdefault(sale.wallet, []).append(sale)
            self.lent[sale.till, sale.wallet] += sale.loan

    def moved(self, wallet: int, act: Act) -> None:
        """Enter a top-up (above nothing) or a pay-out (below)."""
        self._moves.setdefault(wallet, []).append(act)

    def wallets(self) -> set[int]:
        """Return every wallet that money went into or out of."""
        return {*self._by_wallet, *self._moves}

    def sales_of(self, wallet: int) -> list[Sale]:
        """Return the sales that a wallet paid."""
        return self._by_wallet.get(wallet, [])

    def pay_outs(self, wallet: int, among: int) -> list[Act]:
        """Return the pay-outs of a wallet in a set of acts: amounts below nothing."""
        moves = self._moves.get(wallet, [])
        return [act for act in moves if act.amount < 0 and among & act.bit]

    def balance(self, wallet: int, among: int = -1) -> int:
        """Return what is in a wallet after acts of a set (all: -1), in minor units."""
        moves = self._moves.get(wallet, [])
        came = sum(act.amount for act in moves if act.counts and among & act.bit)
        return came - sum(sale.worth(among) for sale in self.sales_of(wallet))

    def revenue(self) -> int:
        """Return what all sales come to, deposits included, in minor units."""
        return sum(sale.worth(-1) for sale in self.sales.values())

    # --- what a till may let go ---

    def unheard(self, till: str, wallet: int, held: int, acked: int) -> int:
        """Return what a till sold of a wallet by itself and does not know to be safe."""
        mine = held & ~acked
        return sum(
            max(0, self._net(sale, mine) - sale.loan)
            for sale in self.sales_of(wallet)
            if sale.till == till
        )

    def _net(self, sale: Sale, mine: int) -> int:
        if not mine & sale.acts[0].bit:
            return 0
        own = sum(act.bit for act in sale.acts if act.kind != "refund" or act.box == sale.till)
        return sale.worth(mine & own)

    def note_sale(self, who: str, wallet: int, knew: int) -> None:
        """Keep who sold without knowing all that had happened to a wallet, and what they believed.

        A till that knows of no top-up at all sells what the policy lets a wristband that is new.
        `who` is a till and how often its disk was replaced.
        """
        acts = [*self._moves.get(wallet, [])]
        acts += [act for sale in self.sales_of(wallet) for act in sale.acts]
        is_new = not any(act.amount > 0 and knew & act.bit for act in self._moves.get(wallet, []))
        if is_new or any(not knew & act.bit for act in acts):
            self._unaware.setdefault(wallet, set()).add(who)
        self._believed[wallet] = max(self._believed[wallet], self.balance(wallet, knew))

    def bound(self, wallet: int) -> int:
        """Return what the wallet may be overspent by: a · min(B, alone limit), minor units."""
        believed = max(self._believed[wallet], self._limits["unknown_wristband"])
        return len(self._unaware.get(wallet, ())) * min(believed, self._limits["alone_limit"])

    def is_struck(self, wallet: int) -> bool:
        """Tell whether something said of a wallet was struck out, so that what came in is gone."""
        acts = [*self._moves.get(wallet, [])]
        acts += [act for sale in self.sales_of(wallet) for act in sale.acts]
        return any(not act.counts for act in acts)

    # --- what must come out in the end ---

    def overspent(self) -> set[str]:
        """Return the subjects of wallets that are below zero."""
        return {str(wallet) for wallet in self.wallets() if self.balance(wallet) < 0}

    def refunded_twice(self) -> set[str]:
        """Return the subjects of sales of which more was paid back than stood."""
        return {sale.number.hex() for sale in self.sales.values() if sale.is_refunded_twice()}
