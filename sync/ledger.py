"""The ledger: double entry whose balances are what the facts say, in whatever order they came.

Theory. About each sale id the ledger keeps the set of what was said: baskets, voids, refunds. What
a set does to the accounts is a pure function (`ledger_effects`). When a fact joins a set, accounts
move by the effect after minus the effect before. So an account is always the sum over all sets,
order cannot be seen in it, the same basket sent twice joins once, ten voids of a line undo it once,
and the sum over all accounts stays zero because each effect sums to zero.

Nothing is rejected: a sale that happened is booked even if the wallet was empty; the wallet is then
overspent and people are told.
"""

from dataclasses import dataclass
from typing import Any

from sync import allotments, stock, vouchers
from sync.accounts import (
    clear_closed_drawer,
    is_account,
    move,
    shift_key,
)
from sync.allotments import wallet_resource
from sync.cells import CellKey, CellKind, Cells
from sync.conflicts import Conflict, ConflictKind, add_evidence, declare, settle
from sync.facts import (
    Body,
    Corrected,
    Method,
    PaidOut,
    Refunded,
    ShiftClosed,
    ShiftOpened,
    Sold,
    ToppedUp,
    Voided,
    WristbandBlocked,
    WristbandLinked,
)
from sync.journal import Record
from sync.ledger_effects import (
    CURRENCY,
    Basket,
    Effect,
    PaidBack,
    SaleState,
    Undoing,
    drawer_account,
    effect_of,
    line_amount,
    refundable,
    refunded_quantities,
    tender_account,
    wallet_account,
)
from sync.money_kinds import credit
from sync.names import Area, Role
from sync.sale_effects import goods_of, topped_wallet


def fold(cells: Cells, record: Record, role: Role) -> None:  # noqa: ARG001 - every fold's form
    """Let a money fact take effect; other facts are left alone."""
    body = record.body
    match body:
        case Sold():
            _fold_sold(cells, record, body)
        case Voided():
            _fold_voided(cells, record, body)
        case Refunded():
            _fold_refunded(cells, record, body)
        case ToppedUp() | PaidOut():
            _fold_operation(cells, record, body)
        case WristbandLinked() | WristbandBlocked():
            _fold_link(cells, record, body)
        case ShiftOpened() | ShiftClosed():
            _fold_shift(cells, record, body)
        case Corrected():
            _fold_corrected(cells, record, body)
        case _:
            pass


# --- sales ---


def sale_key(sale: bytes) -> CellKey:
    """Return where it is kept what was said about a sale id."""
    return CellKey(Area.MONEY, CellKind.SALE, b"s" + sale)


def sale(cells: Cells, sale_id: bytes) -> SaleState:
    """Return everything that was said about a sale id; empty if nothing was heard."""
    value = cells.get(sale_key(sale_id))
    if value is None:
        return SaleState()
    return SaleState(
        tuple(Basket(*row) for row in value[0]),
        tuple(Undoing(*row) for row in value[1]),
        tuple(PaidBack(*row) for row in value[2]),
    )


def _basket(terminal: bytes, body: Sold) -> Basket:
    loan, quotas = body.loan or 0, body.quotas or ()
    return Basket(terminal, body.bar, body.shift, body.lines, body.payments, loan, quotas)


def _with_sold(known: SaleState, terminal: bytes, body: Sold) -> SaleState:
    basket = _basket(terminal, body)
    if not known.baskets:
        return known._replace(baskets=(basket,))
    return known._replace(baskets=tuple(sorted({*known.baskets, basket}, key=_order)))


def _with_voided(known: SaleState, terminal: bytes, fact: bytes, body: Voided) -> SaleState:
    void = Undoing(fact, terminal, body.bar, body.shift, body.lines, body.payments)
    return known._replace(voids=tuple(sorted({*known.voids, void}, key=_order)))


def _with_refunded(known: SaleState, terminal: bytes, body: Refunded) -> SaleState:
    refund = PaidBack(
        body.operation, terminal, body.bar, body.shift, body.line, body.quantity, body.payments
    )
    return known._replace(refunds=tuple(sorted({*known.refunds, refund}, key=_order)))


def _order(row: tuple[object, ...]) -> str:
    """Return a key that puts like rows into one order on every machine (None beside numbers)."""
    return repr(tuple(row))


def _fold_sold(cells: Cells, record: Record, body: Sold) -> None:
    before = sale(cells, body.sale)
    after = _with_sold(before, record.terminal, body)
    _change_sale(cells, body.sale, before, after)
    if len(after.baskets) > 1:
        subject = body.sale.hex()
        add_evidence(cells, Area.MONEY, ConflictKind.SALE_ID_TWICE, subject)
    if after != before:
        wallet = topped_wallet(_basket(record.terminal, body))
        if body.loan and wallet is not None:
            allotments.use(cells, wallet_resource(wallet), record.terminal, body.loan)
        total = sum(line_amount(line) for line in body.lines)
        _count(cells, record.terminal, sales=1, sold=total)


def _fold_voided(cells: Cells, record: Record, body: Voided) -> None:
    before = sale(cells, body.sale)
    after = _with_voided(before, record.terminal, record.id, body)
    _change_sale(cells, body.sale, before, after)
    _count(cells, record.terminal, voids=1)


def _fold_refunded(cells: Cells, record: Record, body: Refunded) -> None:
    before = sale(cells, body.sale)
    after = _with_refunded(before, record.terminal, body)
    _change_sale(cells, body.sale, before, after)


def _change_sale(cells: Cells, sale_id: bytes, before: SaleState, after: SaleState) -> None:
    """Keep what is now known of a sale and move the accounts by the difference."""
    if after == before:
        return
    cells.set(
        sale_key(sale_id),
        (
            tuple(_row(basket) for basket in after.baskets),
            tuple(tuple(row) for row in after.voids),
            tuple(tuple(row) for row in after.refunds),
        ),
    )
    effect = effect_of(after)
    if before.baskets:
        effect.subtract(effect_of(before))
    move(cells, effect)
    _change_goods(cells, before, after)
    if after.voids or after.refunds:
        _look_for_sale_conflicts(cells, sale_id, after)


def _row(basket: Basket) -> tuple[Any, ...]:
    """Return a basket as its cell keeps it: what nearly none has is left out."""
    row = tuple(basket)
    return row if basket.quotas else row[:-1] if basket.loan else row[:-2]


def _change_goods(cells: Cells, before: SaleState, after: SaleState) -> None:
    """Move stock, vouchers and the kinds of money by what was newly said of a sale."""
    goods = goods_of(after)
    if before.baskets:
        goods.add(goods_of(before), -1)
    stock.move(cells, goods.served, -1)
    for (resource, terminal), units in goods.used.items():
        if units:
            allotments.use(cells, resource, terminal, units)
    if goods.vouchers:
        vouchers.use(cells, goods.vouchers)
    for wallet, amount in goods.topped.items():
        credit(cells, wallet, Method.CASH, amount, goods.times[wallet])


def _look_for_sale_conflicts(cells: Cells, sale_id: bytes, state: SaleState) -> None:
    subject = sale_id.hex()
    if not state.baskets:
        return
    tills = {basket.terminal for basket in state.baskets}
    strangers = tuple(void.fact for void in state.voids if void.terminal not in tills)
    kind = ConflictKind.UNAUTHORISED_FACT
    if strangers:
        declare(cells, Conflict(Area.MONEY, kind, f"void of {subject}", strangers))
    else:
        settle(cells, Area.MONEY, kind, f"void of {subject}")
    asked = refunded_quantities(state)
    allowed = {n: max(refundable(b, n, state) for b in state.baskets) for n in asked}
    over = sorted(number for number in asked if asked[number] > allowed[number])
    kind = ConflictKind.REFUNDED_TWICE
    if over:
        operations = tuple(r.operation for r in state.refunds if r.line in over)
        declare(cells, Conflict(Area.MONEY, kind, subject, operations, tuple(over)))
    else:
        settle(cells, Area.MONEY, kind, subject)


# --- top-ups and pay-outs ---


def _fold_operation(cells: Cells, record: Record, body: ToppedUp | PaidOut) -> None:
    """Book a top-up or pay-out once for each operation id and content."""
    key = operation_key(body.operation)
    loan = body.loan if isinstance(body, PaidOut) else None
    row: tuple[Any, ...] = (
        body.KIND, record.terminal, body.wallet, body.amount, body.method, body.shift,
    )  # fmt: skip
    row += (loan,) if loan else ()
    known = cells.get(key) or ()
    if row in known:
        return
    cells.set(key, tuple(sorted((*known, row))))
    move(cells, _operation_effect(record.terminal, body))
    if known:
        subject = body.operation.hex()
        add_evidence(cells, Area.MONEY, ConflictKind.SALE_ID_TWICE, subject)
    if isinstance(body, ToppedUp):
        credit(cells, body.wallet, body.method, body.amount, 1)
        _count(cells, record.terminal, topups=1)
    else:
        credit(cells, body.wallet, Method.CASH, -body.amount, 0)
        if loan:
            allotments.use(cells, wallet_resource(body.wallet), record.terminal, loan)


def operation_key(operation: bytes) -> CellKey:
    """Return where it is kept that a top-up or a pay-out is known."""
    return CellKey(Area.MONEY, CellKind.SALE, b"o" + operation)


def is_operation_known(cells: Cells, operation: bytes) -> bool:
    """Tell whether a top-up or pay-out with this id was heard of."""
    return cells.get(operation_key(operation)) is not None


def _operation_effect(terminal: bytes, body: ToppedUp | PaidOut) -> Effect:
    effect: Effect = Effect()
    if isinstance(body, ToppedUp):
        source = tender_account(body.method, None, terminal, body.shift)
        effect[source, CURRENCY] -= body.amount
        effect[wallet_account(body.wallet), CURRENCY] += body.amount
    else:
        is_cash = body.method == Method.CASH  # it leaves this till's drawer at once
        effect[wallet_account(body.wallet), CURRENCY] -= body.amount
        effect[drawer_account(terminal, body.shift) if is_cash else "payout", CURRENCY] += (
            body.amount
        )
    return effect


# --- wristbands ---


def _link_key(wristband: int) -> CellKey:
    return CellKey(Area.MONEY, CellKind.LINK, wristband.to_bytes(8, "big"))


def _fold_link(cells: Cells, record: Record, body: WristbandLinked | WristbandBlocked) -> None:
    """Keep every link that was made and whether the wristband was blocked."""
    key = _link_key(body.wristband)
    links, blocked = cells.get(key) or ((), False)
    if isinstance(body, WristbandBlocked):
        cells.set(key, (links, True))
        return
    links = tuple(sorted({*links, (record.id, body.wallet)}))
    cells.set(key, (links, blocked))
    if len({wallet for _, wallet in links}) > 1:
        facts = tuple(fact for fact, _ in links)
        kind = ConflictKind.TWO_LINKS
        declare(cells, Conflict(Area.MONEY, kind, str(body.wristband), facts))


def wallet_of(cells: Cells, wristband: int) -> int | None:
    """Return the wallet that a wristband spends from: its own serial at first; None if blocked."""
    links, blocked = cells.get(_link_key(wristband)) or ((), False)
    if blocked:
        return None
    wallet: int = links[0][1] if links else wristband
    return wallet


# --- shifts and corrections ---


def _fold_shift(cells: Cells, record: Record, body: ShiftOpened | ShiftClosed) -> None:
    """Move the float into the drawer, or the counted money out; a difference is an imbalance."""
    key = shift_key(record.terminal, body.shift)
    opened, closed = cells.get(key) or (0, 0)
    drawer = drawer_account(record.terminal, body.shift)
    effect: Effect = Effect()
    if isinstance(body, ShiftOpened):
        cells.set(key, (opened + 1, closed))
        effect[drawer, CURRENCY] -= body.float_counted
        effect["safe", CURRENCY] += body.float_counted
    else:
        cells.set(key, (opened, closed + 1))
        effect[drawer, CURRENCY] += body.counted
        effect["safe", CURRENCY] -= body.counted
    move(cells, effect)
    clear_closed_drawer(cells, drawer)


def _fold_corrected(cells: Cells, record: Record, body: Corrected) -> None:
    """Book a correction whose postings sum to zero for each asset; any other is a finding.

    So is one that names a wallet or a drawer which cannot be.
    """
    effect: Effect = Effect()
    sums: Effect = Effect()
    for account, asset, amount in body.postings:
        effect[account, asset] += amount
        sums["", asset] += amount
    if any(sums.values()) or not all(is_account(account) for account, _, _ in body.postings):
        kind = ConflictKind.UNAUTHORISED_FACT
        add_evidence(cells, Area.MONEY, kind, "correction that does not add up", record.id)
        return
    move(cells, effect)


# --- counts for people ---


@dataclass(frozen=True, slots=True)
class BarCount:
    """What one till did: sales, voids, top-ups, and Σ of its sales' lines in minor units."""

    sales: int
    voids: int
    topups: int
    sold_minor: int


def _count(
    cells: Cells, terminal: bytes, sales: int = 0, voids: int = 0, topups: int = 0, sold: int = 0
) -> None:
    key = CellKey(Area.MONEY, CellKind.BAR_COUNT, terminal)
    known = cells.get(key) or (0, 0, 0, 0)
    change = (sales, voids, topups, sold)
    cells.set(key, tuple(a + b for a, b in zip(known, change, strict=True)))


def bar_counts(cells: Cells) -> dict[bytes, BarCount]:
    """Return what each till did."""
    return {k.key: BarCount(*value) for k, value in cells.items(Area.MONEY, CellKind.BAR_COUNT)}


def wallet_moves(body: Body, cells: Cells, terminal: bytes) -> list[tuple[int, int]]:
    """Return (wallet, change in minor units) that a fact by this terminal would make to wallets.

    Call it before the fact is folded: it is the difference that the fold will make.
    """
    effect: Effect = Effect()
    if isinstance(body, ToppedUp | PaidOut):
        effect = _operation_effect(terminal, body)
    elif isinstance(body, Sold | Voided | Refunded):
        before = sale(cells, body.sale)
        if isinstance(body, Sold):
            after = _with_sold(before, terminal, body)
        elif isinstance(body, Voided):
            after = _with_voided(before, terminal, b"", body)
        else:
            after = _with_refunded(before, terminal, body)
        effect = effect_of(after)
        effect.subtract(effect_of(before))
    moves = [
        (int(account.removeprefix("wallet:")), amount)
        for (account, asset), amount in effect.items()
        if amount and asset == CURRENCY and account.startswith("wallet:")
    ]
    return sorted(moves)
