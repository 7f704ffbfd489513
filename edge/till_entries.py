"""What an own record means for a till's book: the movements of wallets that it makes."""

from edge.store.till_book import NO_WALLET, Entry
from sync.cells import Cells
from sync.facts import CapRenewed, PaidOut, Refunded, Sold, ToppedUp, Voided
from sync.journal import Record
from sync.ledger import wallet_moves


def entries_of(cells: Cells, record: Record) -> list[Entry]:
    """Return the movements that an own record will make; ask before it is folded."""
    body = record.body
    match body:
        case CapRenewed():
            return [Entry(record.run, record.number, 0, body.KIND, b"", NO_WALLET, body.amount)]
        case Sold() | Voided() | Refunded():
            subject = body.sale
        case ToppedUp() | PaidOut():
            subject = body.operation
        case _:
            return []
    moves = wallet_moves(body, cells, record.terminal)
    return [
        Entry(record.run, record.number, part, body.KIND, subject, wallet, amount)
        for part, (wallet, amount) in enumerate(moves)
    ]
