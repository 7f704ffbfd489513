"""A bar's stock and what it offers, as its staff say it: received, wasted, counted, sold out."""

from typing import Final

from edge.bar.duty import Duty
from edge.headless import Answer, BadCommand, Command, whole
from sync import stock
from sync.facts import Offered, OfferSet, StockMoved, StockReason
from sync.limits import QUANTITY_UNITS_MAX, U32_MAX

_REASONS: Final = {reason.name.lower(): reason for reason in StockReason}
_OFFERED: Final = {offered.name.lower(): offered for offered in Offered}


class StockDesk:
    """A till's word about its bar's stock; in the lane only. Quantities are half measures."""

    def __init__(self, duty: Duty) -> None:
        """Speak on this duty."""
        self._duty = duty

    def move(self, command: Command) -> Answer:
        """Record that stock came in, was wasted, or was counted and found to differ."""
        duty = self._duty
        duty.check_working(command)
        product = whole(command, "product", 0, U32_MAX)
        known = stock.in_stock(duty.cells, duty.bar, product)
        if "counted" in command:
            counted = whole(command, "counted", 0, QUANTITY_UNITS_MAX)
            change, reason = counted - known, StockReason.COUNTED
        else:
            change, reason = self._change(command)
        if change:
            body = StockMoved(
                duty.bar, product, change, int(reason), duty.shift, duty.permits.seller
            )
            duty.record(body)
        return {"event": "done", "stock": stock.in_stock(duty.cells, duty.bar, product)}

    def offer(self, command: Command) -> Answer:
        """Say whether this bar offers a product from now on."""
        duty = self._duty
        duty.check_working(command)
        product = whole(command, "product", 0, U32_MAX)
        offered = _OFFERED.get(str(command.get("offered")))
        if offered is None:
            message = f"offered must be one of {', '.join(_OFFERED)}"
            raise BadCommand(message)
        if stock.offered(duty.cells, duty.bar, product) is not offered:
            duty.record(OfferSet(duty.bar, product, int(offered), duty.permits.seller))
        return {"event": "done", "offered": offered.name.lower()}

    def _change(self, command: Command) -> tuple[int, StockReason]:
        """Return how much and why; waste is said as a positive quantity and taken away."""
        reason = _REASONS.get(str(command.get("reason")))
        if reason is None or reason is StockReason.COUNTED:
            names = ", ".join(name for name in _REASONS if name != "counted")
            message = f"reason must be one of {names}, or give counted"
            raise BadCommand(message)
        quantity = whole(command, "change", 1, QUANTITY_UNITS_MAX)
        return (quantity if reason is StockReason.RECEIVED else -quantity), reason
