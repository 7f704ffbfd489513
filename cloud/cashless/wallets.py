"""What a wallet holds and what moved it, read from the folded state and the records.

There is no index from wallets to records: a till's hot path is not made slower for a question that
a person at the information desk asks. So the newest records are searched for the wallet's number,
and what is told says whether that reached back to the beginning.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from cloud.limits import WALLET_MOVES_SHOWN_MAX, WALLET_RECORDS_WALKED_MAX
from cloud.store.look import Look
from cloud.store.newest import newest_records
from sync import accounts, allotments, ledger
from sync.allotments import wallet_resource
from sync.body import Body
from sync.cells import Cells
from sync.codec import encode
from sync.facts import Corrected, PaidOut, Sold, ToppedUp
from sync.journal import Record, read_record
from sync.ledger_effects import CURRENCY, effect_of, wallet_account
from sync.linking import is_spent_from
from sync.loans import safe_balance, silent_tills
from sync.money_kinds import Kinds, kinds_left


class MoveKind(StrEnum):
    """What moved a wallet."""

    TOP_UP = "top_up"
    SALE = "sale"
    PAY_OUT = "pay_out"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True)
class Move:
    """One change of a wallet (minor units, negative goes out), when (Unix ms), where, by what id.

    A sale is told as it stands now: what was voided or refunded of it is taken off.
    """

    kind: MoveKind
    amount: int
    at_ms: int
    bar: int
    id: bytes


@dataclass(frozen=True, slots=True)
class Wallet:
    """What is known of a wallet; amounts in minor units.

    `lent` is what tills hold of it for one guest's next payment, `safe` what is certainly left.
    """

    number: int
    balance: int
    safe: int
    lent: int
    left: Kinds
    is_blocked: bool


def wallet_of(seen: Look, number: int, now_ms: int) -> Wallet:
    """Return how a wallet stands; one of which nothing was ever heard is empty."""
    cells = seen.cells
    silent = silent_tills(cells, seen.level_ms(), now_ms)
    return Wallet(
        number=number,
        balance=accounts.wallet_balance(cells, number),
        safe=safe_balance(cells, number, len(silent)),
        lent=allotments.unspent(cells, wallet_resource(number)),
        left=kinds_left(cells, number),
        is_blocked=not is_spent_from(cells, number, None),
    )


def history_of(
    seen: Look, number: int, walked_max: int = WALLET_RECORDS_WALKED_MAX
) -> tuple[list[Move], bool]:
    """Return what moved a wallet, the newest first, and whether that is everything."""
    found: list[Move] = []
    known: set[bytes] = set()
    for record in _about(seen, number, walked_max):
        move = _move(seen.cells, record, number)
        if move is None or move.id in known:
            continue
        known.add(move.id)
        found.append(move)
        if len(found) == WALLET_MOVES_SHOWN_MAX:
            return found, False
    return found, seen.facts() <= walked_max


def _about(seen: Look, number: int, walked_max: int) -> Iterator[Record]:
    """Walk over records whose bytes hold the wallet's number, as a number or in an account."""
    as_number, as_account = encode(number), wallet_account(number).encode()
    for raw in newest_records(seen.connection, seen.festival, walked_max):
        if as_number in raw or as_account in raw:
            yield read_record(raw)


def _move(cells: Cells, record: Record, number: int) -> Move | None:
    """Return what a record did to the wallet, None if it is about something else or counts not."""
    body, at_ms = record.body, record.stamp.physical_ms
    if not _counts(cells, body):
        return None
    match body:
        case ToppedUp() if body.wallet == number:
            return Move(MoveKind.TOP_UP, body.amount, at_ms, body.bar, body.operation)
        case PaidOut() if body.wallet == number:
            return Move(MoveKind.PAY_OUT, -body.amount, at_ms, body.bar, body.operation)
        case Sold() if number in {wallet for _, _, wallet, _ in body.payments}:
            effect = effect_of(ledger.sale(cells, body.sale))
            amount = effect[wallet_account(number), CURRENCY]
            return Move(MoveKind.SALE, amount, at_ms, body.bar, body.sale)
        case Corrected():
            account = wallet_account(number)
            amounts = [n for name, asset, n in body.postings if (name, asset) == (account, 0)]
            if amounts:
                return Move(MoveKind.CORRECTION, sum(amounts), at_ms, 0, record.id[:16])
        case _:
            pass
    return None


def _counts(cells: Cells, body: Body | None) -> bool:
    """Tell whether the ledger knows a fact: what its writer may not say is kept all the same."""
    if isinstance(body, ToppedUp | PaidOut):
        return ledger.is_operation_known(cells, body.operation)
    return not isinstance(body, Sold) or bool(ledger.sale(cells, body.sale).baskets)
