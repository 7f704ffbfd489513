"""Which cells a fact will most likely ask for when it is folded: a hint, and never the truth.

Whoever keeps cells far away can fetch those of many facts at once. A cell that is named here and
not asked for costs a little time, and so does one that is asked for and not named; no fold sees it.
What all facts of a terminal share is not named: it is asked for once.
"""

from collections.abc import Iterator

from sync.accounts import account_key
from sync.cells import CellKey
from sync.clones import visit_keys
from sync.facts import (
    Admitted,
    Left,
    Method,
    Moved,
    NotEntered,
    PaidOut,
    Refunded,
    Sold,
    TicketStatusSet,
    ToppedUp,
    Undone,
    Voided,
)
from sync.history import ticket_keys
from sync.journal import Record
from sync.ledger import operation_key, sale_key
from sync.ledger_effects import wallet_account
from sync.money_kinds import wallet_key


def likely_cells(record: Record) -> Iterator[CellKey]:
    """Walk over the cells of a record's own subject: its ticket, its sale, its wallets."""
    body = record.body
    match body:
        case Admitted() | Left() | Moved() | Undone() | NotEntered():
            yield from ticket_keys(body.serial)
        case Sold():
            yield sale_key(body.sale)
            for method, _, wallet, _ in body.payments:
                if method == Method.WALLET and wallet is not None:
                    yield account_key(wallet_account(wallet))
                    yield from visit_keys(wallet, record.stamp.physical_ms)
        case Voided() | Refunded():
            yield sale_key(body.sale)
        case ToppedUp() | PaidOut():
            yield operation_key(body.operation)
            yield account_key(wallet_account(body.wallet))
            yield wallet_key(body.wallet)
        case TicketStatusSet():
            for row in body.rows:
                yield from ticket_keys(row[0])
        case _:
            return
