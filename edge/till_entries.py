"""What an own record means for a till's book: the movements of wallets that it makes."""

from collections import Counter
from collections.abc import Mapping

from edge.store.till_book import NO_WALLET, Entry
from sync.cells import Cells
from sync.facts import CapRenewed, LineKind, Method, PaidOut, Refunded, Sold, ToppedUp, Voided
from sync.journal import Record
from sync.ledger import sale, wallet_moves
from sync.ledger_effects import Basket, SaleState
from sync.sale_effects import goods_of


def entries_of(cells: Cells, record: Record) -> list[Entry]:
    """Return the movements that an own record will make; ask before it is folded."""
    body = record.body
    match body:
        case CapRenewed():
            return [Entry(record.run, record.number, 0, body.KIND, b"", NO_WALLET, body.amount)]
        case Sold() if _is_plain(cells, body):
            return [
                Entry(record.run, record.number, part, body.KIND, body.sale, wallet, -amount)
                for part, (method, amount, wallet, _) in enumerate(body.payments)
                if method == Method.WALLET and wallet is not None and amount
            ]
        case Sold() if not any(sale(cells, body.sale)):
            return _with_top_up(record, body)
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


def _with_top_up(record: Record, body: Sold) -> list[Entry]:
    """Return what a basket with a top-up takes and brings, apart: a credit gives no room."""
    kinds: tuple[tuple[int, int, Mapping[int, int]], ...]
    kinds = (
        (body.KIND, -1, _paid(body)),
        (ToppedUp.KIND, 1, goods_of(_alone(record, body)).topped),
    )
    moves = [(kind, wallet, sign * n) for kind, sign, of in kinds for wallet, n in of.items() if n]
    return [
        Entry(record.run, record.number, part, kind, body.sale, wallet, amount)
        for part, (kind, wallet, amount) in enumerate(moves)
    ]


def _paid(body: Sold) -> Counter[int]:
    paid: Counter[int] = Counter()
    for method, amount, wallet, _ in body.payments:
        if method == Method.WALLET and wallet is not None:
            paid[wallet] += amount
    return paid


def _alone(record: Record, body: Sold) -> SaleState:
    basket = Basket(record.terminal, body.bar, body.shift, body.lines, body.payments)
    return SaleState((basket,))


def _is_plain(cells: Cells, body: Sold) -> bool:
    """Tell whether a sale takes from wallets exactly what its payments say: nearly every one."""
    if any(line[4] == LineKind.TOP_UP for line in body.lines):
        return False
    return not any(sale(cells, body.sale))
