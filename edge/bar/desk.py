"""What a till can be told, by scripts and by its screen alike.

A command is a flat object and so is its answer. Every command runs in the lane; `BadCommand` says
what was expected, and then nothing has changed. Work that wants the authority is answered with
``wants``, which never leaves the box: `edge.bar.box` asks, and has the work done again.
"""

from collections.abc import Callable
from typing import Final

from edge.bar import prices
from edge.bar.drafts import Drafts
from edge.bar.duty import Duty, Wanted
from edge.bar.exposure import exposure_of
from edge.bar.permits import NeedsApproval, Permits, ask_approval
from edge.bar.printing import Printing
from edge.bar.sales import Sales
from edge.bar.shifts import ShiftBook
from edge.bar.stock_desk import StockDesk
from edge.bar.undoing import Undoings
from edge.bar.wallets import Wallets
from edge.headless import Answer, Command
from edge.terminal import Terminal
from hardware.ports import ReceiptPrinter
from sync import catalogue
from sync.body import Body
from sync.facts import (
    Method,
    PaidOut,
    Refunded,
    Right,
    ShiftClosed,
    ShiftOpened,
    Sold,
    ToppedUp,
    Voided,
)

WANTS: Final = "wants"


def _nobody(_: Answer) -> None:
    """Nobody hears what a till without a screen does by itself."""


def moves_cash(body: Body) -> bool:
    """Tell whether somebody has to reach into the drawer for what was recorded."""
    match body:
        case Sold() | Voided() | Refunded():
            return any(row[0] == Method.CASH and row[1] for row in body.payments)
        case ToppedUp() | PaidOut():
            return body.method == Method.CASH
        case ShiftOpened() | ShiftClosed():
            return True
        case _:
            return False


class TillDesk:
    """A till's commands; in the lane only."""

    def __init__(
        self,
        terminal: Terminal,
        tell: Callable[[Answer], object] = _nobody,
        printer: ReceiptPrinter | None = None,
        *,
        needs_staff: bool = False,
        needs_shift: bool = False,
    ) -> None:
        """Sell for this terminal; `tell` hears from any thread what the printer did.

        A screen asks for people and an open shift; scripts on the box are asked for neither.
        """
        self._terminal = terminal
        permits = Permits(terminal, needs_staff=needs_staff)
        self.shifts = ShiftBook(
            terminal, seller=lambda: self.duty.permits.seller, bar=lambda: self.duty.bar
        )
        self.duty = Duty(terminal, permits, self.shifts, needs_shift=needs_shift)
        self.shifts.record = self.duty.record
        self.printing = Printing(terminal, self.shifts, tell, printer)
        self.duty.listener = self._recorded
        self.sales = Sales(self.duty)
        self.drafts = Drafts(self.duty)
        self._undoings = Undoings(self.duty)
        self._wallets = Wallets(self.duty)
        self._stock = StockDesk(self.duty)

    def commands(self) -> dict[str, Callable[[Command], Answer]]:
        """Return what a till can be told."""
        actions: dict[str, Callable[[Command], Answer]] = {
            "sell": self.sales.sell,
            "voucher": self.sales.voucher,
            "last": self.sales.last,
            "void": self._undoings.void,
            "refund": self._undoings.refund,
            "top_up": self._wallets.top_up,
            "pay_out": self._wallets.pay_out,
            "balance": self._wallets.balance,
            "block": self._wallets.block,
            "link": self._wallets.link,
            "claim": self._wallets.claim,
            "guest_pin": self._wallets.guest_pin,
            "renew_cap": self._wallets.renew_cap,
            "stock": self._stock.move,
            "offer": self._stock.offer,
            "grid": self._grid,
            "keep": self.drafts.keep,
            "kept": self.drafts.kept,
            "exposure": lambda _: {"event": "exposure", **exposure_of(self._terminal)},
            "sign_in": self._sign_in,
            "sign_out": self._sign_out,
            "supervisor": self._supervisor,
            **self.shifts.commands(),
            **self.printing.commands(),
            "close_shift": self._close_shift,
        }
        return {name: self._guarded(action) for name, action in actions.items()}

    def greeting(self) -> Answer:
        """Return what became of the last sale, which the seller of a till that died must know."""
        last = self.sales.last({})
        return {"last": None if last["sale"] is None else last}

    def people(self) -> Answer:
        """Return who is at this till and what they may do."""
        permits = self.duty.permits
        one = catalogue.staff(self.duty.cells, permits.seller) if permits.seller else None
        return {
            "label": permits.staff.label(),
            "badge": permits.seller,
            "rights": 0 if one is None else one.rights,
            "needed": permits.is_required,
            "open": not permits.is_required or permits.staff.is_open(),
        }

    def _recorded(self, body: Body) -> None:
        """Open the drawer when cash goes in or out, once that is on the disk."""
        if moves_cash(body):
            self.printing.open_drawer()

    def _guarded(self, action: Callable[[Command], Answer]) -> Callable[[Command], Answer]:
        """Turn what stops some work half-way into answers."""

        def act(command: Command) -> Answer:
            try:
                return action(command)
            except NeedsApproval:
                return ask_approval(self.duty.language(command))
            except Wanted as wanted:
                return {"event": WANTS, "subject": wanted.subject, "question": wanted.question}

        return act

    def _close_shift(self, command: Command) -> Answer:
        """Close the shift; a till between shifts gives back what it holds of quotas."""
        closed = self.shifts.commands()["close_shift"](command)
        self.duty.parts.tidy()
        return closed

    def _grid(self, _: Command) -> Answer:
        minute = prices.minute_of_day(self._terminal, self._terminal.moment())
        return prices.grid(self.duty.cells, self.duty.bar, minute)

    def _sign_in(self, command: Command) -> Answer:
        return {"event": "signed_in", "staff": self.duty.permits.sign_in(command)}

    def _sign_out(self, _: Command) -> Answer:
        self.duty.permits.staff.sign_out()
        return {"event": "done"}

    def _supervisor(self, command: Command) -> Answer:
        """Check a supervisor's badge and PIN, and do nothing else."""
        return {
            "event": "done",
            "badge": self.duty.permits.checked(command, Right.SUPERVISOR),
        }
