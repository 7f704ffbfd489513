"""Taking sales back: a void undoes whole lines in the same shift, a refund pays back afterwards.

Nothing is erased. What belongs to a line (its deposit, its mixer, its discount) goes with it.
"""

from typing import Any, Final

from edge.bar.basket import payments_of
from edge.bar.duty import Duty
from edge.bar.sayings import say
from edge.headless import Answer, BadCommand, Command, raw_id, whole
from sync import ledger
from sync.facts import LineKind, Method, Refunded, Right, Sold, Voided
from sync.keys import digest
from sync.ledger_effects import (
    Basket,
    line_amount,
    refundable,
    refunded_quantities,
    undone_in_basket,
)
from sync.limits import QUANTITY_UNITS_MAX, SALE_LINES_MAX, U64_MAX
from sync.names import ID_BYTES
from sync.sale_effects import topped_wallet

Payments = tuple[tuple[int, int, int | None, str | None], ...]
_GO_ALONG: Final = frozenset({LineKind.DEPOSIT, LineKind.DISCOUNT, LineKind.MIXER})


class Undoings:
    """A till's voids and refunds; in the lane only."""

    def __init__(self, duty: Duty) -> None:
        """Undo on this duty."""
        self._duty = duty

    def void(self, command: Command) -> Answer:
        """Undo whole lines of a sale of this till while its shift is open.

        The last sale whole needs nobody; anything else a badge and a PIN, where staff is known.
        A top-up stays: only the authority knows what of it is left, and a pay-out asks it.
        """
        duty = self._duty
        duty.check_working(command)
        sale = raw_id(command, "sale", ID_BYTES)
        named = _numbers(command)
        state = ledger.sale(duty.cells, sale)
        known = duty.memory.sale(sale) if state.baskets else None
        if known is None:
            message = "this till has not recorded this sale: only the selling till voids it"
            raise BadCommand(message)
        _, body = known
        lines = _without_top_ups(body, _with_what_belongs(body, named))
        if not lines:
            raise BadCommand(say("top_up_stays", duty.language(command)))
        if state.voided_lines.issuperset(lines):
            before = duty.memory.void(sale, lines)
            if before is not None:
                return {"event": "done", "fact": before.hex(), "again": True}
        undone = {line[5] for line in body.lines if line[4] == LineKind.UNDONE}
        for number in lines:
            if number >= len(body.lines) or number in state.voided_lines | undone:
                message = f"line {number} is not in this sale or was undone already"
                raise BadCommand(message)
        if body.shift != duty.shift:
            raise BadCommand(say("other_shift", duty.language(command)))
        approved_by = self._approver_of_void(command, body, lines)
        void = Voided(
            sale,
            lines,
            payments_of(command),
            duty.bar,
            duty.shift,
            self._seller(command),
            approved_by,
        )
        record = duty.record(void)
        back = sum(line_amount(body.lines[number]) for number in lines)
        return {"event": "done", "fact": record.id.hex(), "back_minor": back}

    def refund(self, command: Command) -> Answer:
        """Pay back some of the lines of a sale, with a supervisor's or cashier's badge and PIN.

        Money goes back the way it was paid: into the wallet, or out of this till's drawer.
        """
        duty = self._duty
        duty.check_working(command)
        operation, sale = raw_id(command, "operation", ID_BYTES), raw_id(command, "sale", ID_BYTES)
        state = ledger.sale(duty.cells, sale)
        if not state.baskets:
            raise BadCommand(say("sale_unknown", duty.language(command)))
        basket = state.baskets[0]
        rows = _wanted(command, basket)
        known = {row.operation for row in state.refunds}
        ids = {at: digest(operation + at.to_bytes(2, "big"))[:ID_BYTES] for at, _ in rows}
        fresh = [(at, quantity) for at, quantity in rows if ids[at] not in known]
        asked = refunded_quantities(state)
        for at, quantity in fresh:
            if asked[at] + quantity > refundable(basket, at, state):
                raise BadCommand(say("nothing_to_refund", duty.language(command)))
        approved_by = duty.permits.approver(command, Right.SUPERVISOR)
        facts = []
        for at, quantity in fresh:
            amount = quantity * basket.lines[at][2]
            body = Refunded(
                ids[at],
                sale,
                at,
                quantity,
                _way_back(command, basket, amount),
                duty.bar,
                duty.shift,
                self._seller(command),
                approved_by,
            )
            facts.append(duty.record(body).id.hex())
        back = sum(quantity * basket.lines[at][2] for at, quantity in rows)
        return {"event": "done", "facts": facts, "back_minor": back, "again": not fresh}

    def _approver_of_void(self, command: Command, body: Sold, lines: tuple[int, ...]) -> int | None:
        last = self._duty.memory.last
        is_last = last is not None and isinstance(last.body, Sold) and last.body.sale == body.sale
        undone = undone_in_basket(Basket(b"", body.bar, body.shift, body.lines, body.payments))
        rest = _without_top_ups(body, tuple(range(len(body.lines))))
        is_whole = set(rest) <= set(lines) | undone
        is_own = body.seller == self._duty.permits.seller
        if is_last and is_whole and is_own and "badge" not in command:
            return None
        return self._duty.permits.approver(command, Right.CASHIER)

    def _seller(self, command: Command) -> int:
        stated = whole(command, "seller", 0, U64_MAX) if "seller" in command else 0
        return self._duty.permits.seller or stated


def _numbers(command: Command) -> tuple[int, ...]:
    numbers = command.get("lines")
    is_list = isinstance(numbers, list) and 0 < len(numbers) <= SALE_LINES_MAX
    if not is_list or any(type(n) is not int or n < 0 for n in numbers or ()):
        message = "lines must be a list of line numbers, counted from 0"
        raise BadCommand(message)
    return tuple(sorted(set(numbers or ())))


def _with_what_belongs(body: Sold, named: tuple[int, ...]) -> tuple[int, ...]:
    """Return the lines that are named and the deposits, mixers and discounts that name them."""
    more = {
        at for at, line in enumerate(body.lines) if line[4] in _GO_ALONG and line[5] in set(named)
    }
    return tuple(sorted({*named, *more}))


def _without_top_ups(body: Sold, lines: tuple[int, ...]) -> tuple[int, ...]:
    """Return the lines that may be undone: money in a wallet may have been spent elsewhere."""
    return tuple(
        at for at in lines if at >= len(body.lines) or body.lines[at][4] != LineKind.TOP_UP
    )


def _wanted(command: Command, basket: Basket) -> list[tuple[int, int]]:
    """Return (line, quantity) of everything that a refund is about, discounts and mixers too."""
    rows = command.get("lines")
    if not isinstance(rows, list) or not 0 < len(rows) <= SALE_LINES_MAX:
        message = "lines must be a list of [line, quantity]"
        raise BadCommand(message)
    wanted: dict[int, int] = {}
    for row in rows:
        if not _is_pair(row) or row[0] >= len(basket.lines):
            message = "a refund names [line, quantity] in whole numbers above nothing"
            raise BadCommand(message)
        wanted[row[0]] = wanted.get(row[0], 0) + row[1]
    for at, line in enumerate(basket.lines):
        goes_along = line[4] in _GO_ALONG and line[4] != LineKind.DEPOSIT
        if goes_along and line[5] in wanted and at not in wanted:
            wanted[at] = wanted[line[5]]
    return sorted(wanted.items())


def _is_pair(row: Any) -> bool:
    if not isinstance(row, list) or len(row) != 2:  # noqa: PLR2004 - line, quantity
        return False
    is_whole = all(type(value) is int for value in row)
    return is_whole and row[0] >= 0 and 0 < row[1] <= QUANTITY_UNITS_MAX


def _way_back(command: Command, basket: Basket, amount: int) -> Payments:
    """Return how an amount goes back: as stated, into the wallet, or out of this till's drawer.

    What was paid by wristband alone the ledger gives back by itself; where cash was paid as well it
    all goes into the wallet, for the drawer that took it may be closed.
    """
    stated = payments_of(command)
    if stated:
        if len(stated) != 1:
            message = "a refund goes back one way: payments has one row [method, amount]"
            raise BadCommand(message)
        return ((stated[0][0], -amount, None, stated[0][3]),)
    wallet = topped_wallet(basket)
    if wallet is not None:
        is_mixed = any(row[0] != Method.WALLET for row in basket.payments)
        return ((int(Method.WALLET), -amount, wallet, None),) if is_mixed else ()
    method = basket.payments[0][0] if basket.payments else int(Method.CASH)
    return ((method, -amount, None, None),)
