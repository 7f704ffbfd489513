"""Money of wallets that moves at the office: top-ups and payments that come over the network.

Both are facts of the office's own journal and go through the ledger like those of tills. A payment
is judged as the authority judges a loan: what is safe is the balance here, less what tills hold of
it in unspent loans, less what each till that was not heard may have sold of it by itself. So it
adds nothing to what can be overspent, and whatever is printed about that still holds. While a hub
is the authority, only that hub knows what is safe, and the office takes no payments; money that
comes in makes nothing unsafe and is always taken.

Everything here works inside a transaction, and twice with the same operation does nothing twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cloud.limits import PAYMENT_REFERENCE_CHARS_MAX
from cloud.office import Office
from cloud.orders.counter import cannot_lend
from cloud.orders.refusals import Refusal, Why
from provisioning.local_time import offset_minutes
from sync import accounts, catalogue, ledger, lending, spending
from sync.cells import Cells
from sync.facts import LineKind, Method, ResourceKind, Sold, ToppedUp
from sync.limits import MONEY_MINOR_MAX
from sync.linking import is_spent_from
from sync.loans import Reason, judge_own_sale, safe_balance
from sync.prices import is_at, price_at

ONLINE_BAR: Final = 0
"""No till stands there: what is sold at no bar. Whoever pays there is at no other bar meanwhile."""
ONLINE_PRODUCTS_FROM: Final = 0xFFFF_0000
"""From here on the numbers of products are those of ticket types that the office sells."""
NO_PRODUCT: Final = 0
"""What is sold when a payment names an amount only."""
NO_SHIFT: Final = 0
NO_SELLER: Final = 0
_ITEM: Final = int(LineKind.ITEM)
_STOCK: Final = int(ResourceKind.STOCK)
_MINUTE_MS: Final = 60_000
_DAY_MINUTES: Final = 24 * 60

_WHY: Final = {
    Reason.BLOCKED: Why.BLOCKED,
    Reason.KNOWN_BALANCE: Why.BALANCE,
    Reason.SAFE_BALANCE: Why.SAFE_BALANCE,
}

Line = tuple[int, int, int, int, int, int | None]
"""A line of a sale: product, quantity, unit price, VAT, kind, the line that it undoes."""


class Paid(StrEnum):
    """How money came in, in the words of people; a payment page comes in as CARD."""

    CASH = "cash"
    CARD = "card"
    TRANSFER = "transfer"
    GIFT = "gift"


METHOD_OF: Final = {
    Paid.CASH: int(Method.CASH),
    Paid.CARD: int(Method.CARD),
    Paid.TRANSFER: int(Method.CARD),
    Paid.GIFT: int(Method.GIFT),
}
"""The ledger's word. A transfer is booked with the cards: it comes to the same bank."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a wallet: the operation, how much moved, what it holds, what is safe."""

    operation: bytes
    amount: int
    balance: int
    safe: int


@dataclass(frozen=True, slots=True)
class Item:
    """A product and how many of it are paid."""

    product: int
    quantity: int


def top_up(
    office: Office, operation: bytes, wallet: int, amount: int, paid: Paid, reference: str
) -> Moved | Refusal:
    """Take money into a wallet (amount in minor units), within what the organiser lets it hold."""
    cells = office.cells
    if office.is_recovering:
        return Refusal(Why.RECOVERING)
    if ledger.is_operation_known(cells, operation):
        return Refusal(Why.ALREADY_DONE)
    if not is_spent_from(cells, wallet, None):
        return Refusal(Why.BLOCKED)
    balance = accounts.wallet_balance(cells, wallet)
    decision = spending.decide_top_up(
        spending.TopUp(amount, balance, 0, is_alone=False), catalogue.policy(cells)
    )
    if isinstance(decision, spending.Decline):
        return Refusal(Why.BALANCE_MAX, f"at most {decision.possible_minor} more")
    method, told = METHOD_OF[paid], booked_reference(paid, reference)
    office.say(ToppedUp(operation, wallet, amount, method, ONLINE_BAR, NO_SHIFT, told))
    return _moved(office, operation, wallet, amount)


def pay(
    office: Office, operation: bytes, wallet: int, lines: Sequence[Line], bar: int, reference: str
) -> Moved | Refusal:
    """Sell from a wallet what the lines say, if it is certainly there."""
    total = sum(quantity * unit for _, quantity, unit, _, _, _ in lines)
    if total < 1:
        return Refusal(Why.NOTHING_TO_PAY)
    if total > MONEY_MINOR_MAX:
        return Refusal(Why.TOO_MUCH_MONEY)
    refusal = cannot_lend(office) or _cannot_pay(office, operation, wallet, lines, total)
    if refusal is not None:
        return refusal
    told = reference[:PAYMENT_REFERENCE_CHARS_MAX] or None
    office.say(
        Sold(
            sale=operation,
            bar=bar,
            shift=NO_SHIFT,
            seller=NO_SELLER,
            lines=tuple(lines),
            payments=((int(Method.WALLET), total, wallet, told),),
            catalogue_version=catalogue.office_version(office.cells),
            allowed_by=Why.SAFE_BALANCE.value,
            known_balance=accounts.wallet_balance(office.cells, wallet),
        )
    )
    return _moved(office, operation, wallet, total)


def lines_of_amount(amount: int, vat: int) -> tuple[Line, ...]:
    """Return the lines of a payment that names no product; VAT in basis points."""
    return ((NO_PRODUCT, 1, amount, vat, _ITEM, None),)


def lines_of_items(office: Office, items: Sequence[Item], bar: int) -> tuple[Line, ...] | Refusal:
    """Return the lines of products at the prices of this minute, deposits left out.

    Walk-up tickets are not sold so: an order makes their codes.
    """
    settings = office.folder.settings
    now_ms = office.now_ms()
    minute = (now_ms // _MINUTE_MS + offset_minutes(settings.time_zone, now_ms)) % _DAY_MINUTES
    lines: list[Line] = []
    for item in items:
        product = catalogue.product(office.cells, item.product)
        is_here = product is not None and product.on_sale and is_at(product, bar)
        if product is None or not is_here or product.ticket_type is not None:
            return Refusal(Why.UNKNOWN_PRODUCT, str(item.product))
        if product.age:
            return Refusal(Why.AGE, str(item.product))
        price = price_at(product, minute)
        if price * item.quantity > MONEY_MINOR_MAX:
            return Refusal(Why.TOO_MUCH_MONEY)
        lines.append((item.product, item.quantity, price, product.vat, _ITEM, None))
    return tuple(lines)


def booked_reference(paid: Paid, reference: str) -> str | None:
    """Return what a fact says of how money came in; a transfer says so, booked as it is as card.

    A fact has room for a reference and no more, so a long one goes before the word.
    """
    known = reference.strip()[:PAYMENT_REFERENCE_CHARS_MAX]
    word = f"{paid} {known}".strip() if paid is Paid.TRANSFER else known
    return (word if len(word) <= PAYMENT_REFERENCE_CHARS_MAX else known) or None


def _cannot_pay(
    office: Office, operation: bytes, wallet: int, lines: Sequence[Line], total: int
) -> Refusal | None:
    """Say why a wallet may not pay so much now; None if it may."""
    cells = office.cells
    if office.is_unsure:
        return Refusal(Why.NOBODY_HEARD)
    if ledger.sale(cells, operation).baskets:
        return Refusal(Why.ALREADY_DONE)
    reason, safe = judge_own_sale(cells, wallet, total, office.silent_tills())
    if reason is Reason.SAFE_BALANCE:
        reason, safe = judge_own_sale(cells, wallet, total, office.silent_tills(is_fresh=True))
    if reason is not Reason.NONE:
        return Refusal(_WHY[reason], f"at most {safe}")
    return _sold_out(cells, lines)


def _sold_out(cells: Cells, lines: Sequence[Line]) -> Refusal | None:
    """Say which product has a quota of which not so much is free; what tills hold is theirs."""
    wanted: dict[int, int] = {}
    for product, quantity, _, _, _, _ in lines:
        wanted[product] = wanted.get(product, 0) + quantity
    for product, quantity in wanted.items():
        free = lending.free(cells, (_STOCK, product))
        if free is not None and free < quantity:
            return Refusal(Why.SOLD_OUT, f"product {product}: {free} left")
    return None


def _moved(office: Office, operation: bytes, wallet: int, amount: int) -> Moved:
    silent = len(office.silent_tills())
    safe = safe_balance(office.cells, wallet, silent)
    return Moved(operation, amount, accounts.wallet_balance(office.cells, wallet), safe)
