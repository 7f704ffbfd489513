"""What the journals say a replay has recorded: counted from facts, never from the files."""

import hashlib
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from sync.accounts import overspent, postings_sum, wallets
from sync.cells import area_hashes
from sync.facts import LineKind, Sold, ToppedUp, Voided
from sync.journal import read_record
from sync.keys import PublicKey
from sync.names import Area, FestivalId
from sync.replica import Replica
from sync.shelf import MemoryShelf
from tests.rehearsal.till_plan import CONTRA, REST

SHUFFLES: Final = 3


@dataclass(slots=True)
class Totals:
    """Counts and sums over the facts of all tills; amounts in minor units."""

    transactions: int = 0
    sales: int = 0
    voids: int = 0
    lines: int = 0
    payments: int = 0
    lines_total_minor: int = 0
    payments_total_minor: int = 0
    cup_returns: int = 0
    topped_up_minor: int = 0


def totals_of(raws: Iterable[bytes]) -> Totals:
    """Return what the records say, each sale id once."""
    totals = Totals()
    bodies = [read_record(raw).body for raw in raws]
    sold = {body.sale: body for body in bodies if isinstance(body, Sold)}
    for body in sold.values():
        totals.sales += 1
        totals.lines += len(body.lines)
        totals.lines_total_minor += sum(line[1] * line[2] for line in body.lines)
        totals.cup_returns += sum(-line[1] for line in body.lines if line[4] == LineKind.CUP_BACK)
        _count_payments(totals, body.payments)
    for other in bodies:
        if isinstance(other, Voided):
            lines = sold[other.sale].lines
            totals.voids += 1
            totals.lines += len(other.lines)
            totals.lines_total_minor -= sum(lines[at][1] * lines[at][2] for at in other.lines)
            _count_payments(totals, other.payments)
        elif isinstance(other, ToppedUp):
            totals.topped_up_minor += other.amount
    return totals


def _count_payments(
    totals: Totals, payments: Iterable[tuple[int, int, int | None, str | None]]
) -> None:
    """Count payments as they happened; a contra moves money between parts of one transaction."""
    rows = list(payments)
    totals.payments += sum(row[3] not in {CONTRA, REST} for row in rows)
    totals.payments_total_minor += sum(row[1] for row in rows)
    totals.transactions += all(row[3] != REST for row in rows)


@dataclass(frozen=True, slots=True)
class Folded:
    """What a fold from nothing says: a hash over all areas, the sum of postings, wallets."""

    state_hash: str
    areas: dict[str, str]
    postings_sum: int
    overspend_minor: int
    wallets: dict[int, int]


def fold_anew(
    raws: Sequence[bytes], festival: int, festival_key: PublicKey, seed: int | None
) -> Folded:
    """Check and fold every record from nothing, in the order of a shuffle if a seed is given."""
    order = list(raws)
    if seed is not None:
        random.Random(seed).shuffle(order)
    shelf = MemoryShelf()
    Replica(FestivalId(festival), festival_key, shelf).take(order)
    areas = area_hashes(shelf.cells, Area)
    whole = hashlib.sha256("".join(areas[name] for name in sorted(areas)).encode()).hexdigest()
    balances = dict(wallets(shelf.cells))
    total = sum(abs(amount) for amount in postings_sum(shelf.cells).values())
    return Folded(whole, areas, total, overspent(shelf.cells), balances)
