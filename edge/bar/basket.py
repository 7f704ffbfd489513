"""A basket: what a command says is bought and how it is paid, checked and made into rows.

`items` are looked up in the catalogue, deposits included; `lines` are taken as they are given, for
records of what was sold elsewhere. Everything is whole numbers.
"""

from collections.abc import Callable
from typing import Any, Final

from edge.bar.card_numbers import looks_like_a_card
from edge.bar.prices import Offer
from edge.bar.sayings import say
from edge.headless import BadCommand, Command
from sync.body import LINE, PAYMENT
from sync.facts import LineKind, Method, Offered
from sync.limits import MONEY_MINOR_MAX, PAYMENTS_MAX, SALE_LINES_MAX
from sync.schema import Misshapen, Shape, many

Line = tuple[int, int, int, int, int, int | None]
PaymentRow = tuple[int, int, int | None, str | None]

METHODS: Final = {method.name.lower(): int(method) for method in Method}
_LINES: Final = many(LINE, SALE_LINES_MAX)
_PAYMENTS: Final = many(PAYMENT, PAYMENTS_MAX)


def lines_of(command: Command, offer_of: Callable[[int], Offer | None]) -> tuple[Line, ...]:
    """Return the lines that a `sell` command names; `BadCommand` says what is wrong with them.

    `offer_of` tells what is offered here and now under a product's number.
    """
    if ("items" in command) == ("lines" in command):
        message = "a sale has either items [[product, quantity]…] or lines"
        raise BadCommand(message)
    if "items" in command:
        lines = _looked_up(command["items"], offer_of)
    else:
        given = command["lines"]
        if isinstance(given, list) and len(given) > SALE_LINES_MAX:
            raise BadCommand(say("basket_too_large", str(command.get("language", "en"))))
        lines = _shaped(_LINES, given, "lines")
    for at, (_, quantity, unit, _, kind, undoes) in enumerate(lines):
        if abs(quantity * unit) > MONEY_MINOR_MAX:
            message = f"line {at} is worth more than a till can hold"
            raise BadCommand(message)
        if kind == LineKind.UNDONE and undoes is not None:
            _check_undone(lines, at, undoes)
    return lines


def payments_of(command: Command) -> tuple[PaymentRow, ...]:
    """Return the payments that a command states: [method, amount] with a wallet and a reference.

    A method is its number or its name, such as ``cash``.
    """
    rows = command.get("payments", [])
    if not isinstance(rows, list):
        message = "payments must be a list of [method, amount_minor]"
        raise BadCommand(message)
    spelled = []
    for row in rows:
        if not isinstance(row, list) or not 2 <= len(row) <= 4:  # noqa: PLR2004 - the row's fields
            message = "a payment is [method, amount_minor, wallet or null, reference or null]"
            raise BadCommand(message)
        method = METHODS.get(row[0], row[0]) if isinstance(row[0], str) else row[0]
        spelled.append([method, *row[1:], *[None] * (4 - len(row))])
    payments: tuple[PaymentRow, ...] = _shaped(_PAYMENTS, spelled, "payments")
    if any(row[3] is not None and looks_like_a_card(row[3]) for row in payments):
        raise BadCommand(say("card_number", str(command.get("language", "en"))))
    if any(row[0] == Method.WALLET for row in payments):
        message = "a wristband pays through `wristband`, not through payments"
        raise BadCommand(message)
    return payments


def total_of(lines: tuple[Line, ...]) -> int:
    """Return Σ quantity × unit price in minor units."""
    return sum(line[1] * line[2] for line in lines)


def _looked_up(items: Any, offer_of: Callable[[int], Offer | None]) -> tuple[Line, ...]:
    lines: list[Line] = []
    rows = items if isinstance(items, list) else []
    if not rows:
        message = "items must be a list of [product, quantity]"
        raise BadCommand(message)
    for row in rows:
        is_pair = isinstance(row, list) and len(row) == 2  # noqa: PLR2004 - product, quantity
        if not is_pair or type(row[0]) is not int or type(row[1]) is not int or row[1] == 0:
            message = "an item is [product, quantity] in whole numbers"
            raise BadCommand(message)
        offer = offer_of(row[0])
        if offer is None or offer.offered is not Offered.YES:
            message = f"product {row[0]} is not on sale here"
            raise BadCommand(message)
        product = offer.product
        at, kind = len(lines), int(LineKind.ITEM)
        lines.append((product.product, row[1], offer.price, product.vat, kind, None))
        if product.deposit:
            kind = int(LineKind.DEPOSIT if row[1] > 0 else LineKind.CUP_BACK)
            lines.append((product.product, row[1], product.deposit, 0, kind, at))
    return tuple(lines)


def _check_undone(lines: tuple[Line, ...], at: int, undoes: int) -> None:
    """A line that undoes another has its product and price and the opposite quantity."""
    if undoes >= at:
        message = f"line {at} undoes line {undoes}, which does not come before it"
        raise BadCommand(message)
    this, other = lines[at], lines[undoes]
    if (this[0], this[1], this[2]) != (other[0], -other[1], other[2]):
        message = f"line {at} does not undo exactly line {undoes}"
        raise BadCommand(message)


def _shaped(shape: Shape, value: Any, name: str) -> Any:
    try:
        return shape.fits(value)
    except Misshapen as trouble:
        message = f"{name}: {trouble}"
        raise BadCommand(message) from trouble
