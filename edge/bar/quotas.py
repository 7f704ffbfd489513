"""What a basket takes of quotas, and whether this till holds as much.

A till hands out only what it holds a part of, connected or not. What is missing it asks of the
authority before it refuses, which is how the last units of a quota are sold.
"""

from collections.abc import Sequence
from typing import Final

from edge.bar.basket import Line, PaymentRow
from edge.bar.duty import Duty
from sync import catalogue
from sync.allotments import Resource
from sync.asking import Asked
from sync.facts import ResourceKind
from sync.ledger_effects import Basket, SaleState
from sync.limits import PART_ASKED_UNITS_MAX
from sync.sale_effects import MEASURES, goods_of

Rows = tuple[tuple[int, int, int], ...]
ASKED_PER_BASKET_MAX: Final = 3


def rows_of(duty: Duty, lines: Sequence[Line], voucher_kinds: Sequence[int]) -> Rows | None:
    """Return what a sale says of quotas: ticket types by line, kinds of vouchers by payment.

    `voucher_kinds` are those of the first payments, in their order. None if there is nothing.
    """
    rows = [(int(ResourceKind.VOUCHER), kind, at) for at, kind in enumerate(voucher_kinds)]
    for at, line in enumerate(lines):
        product = duty.office.product(line[0]) if line[4] in MEASURES else None
        if product is not None and product.ticket_type is not None:
            rows.append((int(ResourceKind.TICKET_TYPE), product.ticket_type, at))
    return tuple(sorted(rows)) or None


def full(
    duty: Duty,
    sale: bytes,
    lines: tuple[Line, ...],
    payments: tuple[PaymentRow, ...],
    rows: Rows | None,
) -> str | None:
    """Return the name of what this till holds too little of for a basket, None if it may be sold.

    Raises `Wanted` while the authority has not been asked yet. What is counted is what the fold of
    this sale would count.
    """
    basket = Basket(b"", duty.bar, duty.shift, lines, payments, 0, rows or ())
    taken = goods_of(SaleState((basket,))).used
    short = [
        (resource, units)
        for (resource, _), units in taken.items()
        if duty.office.capacity(resource) is not None and units > duty.parts.held(resource)
    ]
    for resource, units in short:
        if len(short) <= ASKED_PER_BASKET_MAX:
            _ask(duty, sale, resource, units - duty.parts.held(resource))
        if units > duty.parts.held(resource):
            duty.parts.missed(resource, min(units, PART_ASKED_UNITS_MAX))
            return name_of(duty, resource)
    return None


def name_of(duty: Duty, resource: Resource) -> str:
    """Return what people call what a quota counts."""
    kind, number = resource
    known: object = None
    if kind == ResourceKind.STOCK:
        known = catalogue.product(duty.cells, number)
    elif kind == ResourceKind.TICKET_TYPE:
        known = catalogue.ticket_type(duty.cells, number)
    else:
        known = catalogue.voucher(duty.cells, number)
    return str(getattr(known, "name", number))


def _ask(duty: Duty, sale: bytes, resource: Resource, missing: int) -> None:
    """Ask the authority for what is missing; what it lends is held once this returns."""
    subject = sale + bytes([resource[0]]) + resource[1].to_bytes(8, "big")
    amount = min(missing, PART_ASKED_UNITS_MAX)
    duty.ask(subject, Asked.PART, 0, amount, resource=resource)
    duty.done_asking(subject)
