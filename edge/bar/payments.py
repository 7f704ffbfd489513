"""How a basket is paid: vouchers first, then what was handed over, then wristbands.

The rows that come out add up to the basket to the cent, or the command is not taken.
"""

from dataclasses import dataclass
from typing import Any, Final

from edge.bar.band import Wristband
from edge.bar.basket import Line, PaymentRow, payments_of, total_of
from edge.bar.duty import Duty
from edge.headless import BadCommand, Command
from edge.limits import SCANNED_CHARS_MAX, VOUCHERS_MAX, WRISTBANDS_MAX
from sync import catalogue, vouchers
from sync.codes import CodeKind, Ticket
from sync.facts import LineKind, Method
from sync.limits import MONEY_MINOR_MAX

_MEASURED: Final = frozenset({LineKind.ITEM, LineKind.HALF, LineKind.DOUBLE})


class VoucherRefused(Exception):
    """A voucher does not pay here; `rule` names why."""

    def __init__(self, rule: str) -> None:
        """Name a saying."""
        super().__init__(rule)
        self.rule = rule


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher that was shown: its serial, its kind and what that is called, what it pays."""

    serial: int
    kind: int
    name: str
    amount: int


@dataclass(frozen=True, slots=True)
class Tender:
    """Everything that pays for a basket: all rows, and which wristband pays how much.

    `voucher_kinds` are the kinds of the vouchers, whose rows stand first.
    """

    rows: tuple[PaymentRow, ...]
    bands: tuple[tuple[Wristband, int], ...]
    voucher_kinds: tuple[int, ...] = ()

    @property
    def has_gift(self) -> bool:
        """Whether the house pays a part."""
        return any(row[0] == Method.GIFT for row in self.rows)


def tender_of(
    duty: Duty,
    command: Command,
    lines: tuple[Line, ...],
    by_voucher: tuple[PaymentRow, ...] | None = None,
) -> Tender:
    """Return how a `sell` command pays for its lines; `BadCommand` if it does not add up.

    `by_voucher` are rows of vouchers that were judged before; else those of the command are.
    """
    shown: tuple[Voucher, ...] = ()
    if by_voucher is None:
        shown = _vouchers(duty, command, lines)
        by_voucher = tuple(
            (int(Method.VOUCHER), one.amount, one.serial, one.name[:40]) for one in shown
        )
    rows: list[PaymentRow] = [*by_voucher, *payments_of(command)]
    left = total_of(lines) - sum(row[1] for row in rows)
    bands = _bands(duty, command, left)
    paid = sum(amount for _, amount in bands)
    if paid != left:
        total = total_of(lines)
        message = f"the payments come to {total - left + paid}, the lines to {total} (minor units)"
        raise BadCommand(message)
    rows += [(int(Method.WALLET), amount, band.wallet, None) for band, amount in bands]
    return Tender(tuple(rows), bands, tuple(one.kind for one in shown))


def voucher_of(duty: Duty, code: str, lines: tuple[Line, ...]) -> Voucher:
    """Return what a voucher's code pays of these lines: of one unit of the dearest that fits.

    `VoucherRefused` if it is none, was used, or nothing fits.
    """
    shown = duty.permits.opened(code)
    if not isinstance(shown, Ticket) or shown.kind is not CodeKind.VOUCHER:
        raise VoucherRefused("not_a_voucher")
    kind = catalogue.voucher(duty.cells, shown.type)
    if kind is None:
        raise VoucherRefused("voucher_unknown")
    if vouchers.uses(duty.cells, shown.serial):
        raise VoucherRefused("voucher_used")
    units = [
        unit
        for product, quantity, unit, _, line_kind, _ in lines
        if line_kind in _MEASURED and quantity > 0
        if not kind.products or product in kind.products
    ]
    dearest = max(units, default=0)
    if dearest <= 0:
        raise VoucherRefused("voucher_for_nothing")
    return Voucher(shown.serial, kind.voucher, kind.name, min(dearest, kind.worth or dearest))


def _vouchers(duty: Duty, command: Command, lines: tuple[Line, ...]) -> tuple[Voucher, ...]:
    shown = tuple(voucher_of(duty, code, lines) for code in _voucher_codes(command))
    if len({one.serial for one in shown}) < len(shown):
        raise VoucherRefused("voucher_used")
    return shown


def _voucher_codes(command: Command) -> list[str]:
    codes = command.get("vouchers", [])
    is_list = isinstance(codes, list) and len(codes) <= VOUCHERS_MAX
    if not is_list or any(not isinstance(c, str) or len(c) > SCANNED_CHARS_MAX for c in codes):
        message = f"vouchers must be a list of at most {VOUCHERS_MAX} codes"
        raise BadCommand(message)
    return list(codes)


def _bands(duty: Duty, command: Command, left: int) -> tuple[tuple[Wristband, int], ...]:
    """Read the wristbands and what each pays; the one without an amount pays the rest."""
    language = duty.language(command)
    rows = command.get("wristbands", [])
    if "wristband" in command:
        rows = [[command["wristband"], None]]
    if not isinstance(rows, list) or len(rows) > WRISTBANDS_MAX:
        message = f"wristbands must be a list of at most {WRISTBANDS_MAX} [wristband, amount]"
        raise BadCommand(message)
    amounts = [_amount(row) for row in rows]
    if amounts.count(None) > 1:
        message = "only one wristband can pay the rest"
        raise BadCommand(message)
    rest = left - sum(amount or 0 for amount in amounts)
    bands = [
        (duty.wristband(row[0], language), rest if amount is None else amount)
        for row, amount in zip(rows, amounts, strict=True)
    ]
    if len({band.wallet for band, _ in bands}) < len(bands):
        message = "two wristbands of one wallet pay as one"
        raise BadCommand(message)
    return tuple(bands)


def _amount(row: Any) -> int | None:
    if not isinstance(row, list) or len(row) != 2:  # noqa: PLR2004 - wristband, amount
        message = "a wristband that pays is [wristband, amount_minor or null]"
        raise BadCommand(message)
    amount = row[1]
    if amount is not None and (type(amount) is not int or not 0 <= amount <= MONEY_MINOR_MAX):
        message = "what a wristband pays is a whole number of minor units, or null for the rest"
        raise BadCommand(message)
    return amount
