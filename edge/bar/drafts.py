"""Baskets that are not sold yet, kept durably: the one in hand and those that were parked.

Nothing of them is a fact, so they stay on this till. A basket whose sale was recorded is gone: a
till that died between paying and clearing must not offer it again.
"""

import json
from typing import Any, Final

from edge.bar.cart import Cart, cart_of
from edge.bar.duty import Duty
from edge.bar.report import call_sign
from edge.headless import Answer, BadCommand, Command
from edge.limits import CART_BYTES_MAX, CARTS_PARKED_MAX
from sync import ledger
from sync.names import ID_BYTES

HAND: Final = "hand"
_PREFIX: Final = "cart:"
_PARKED: Final = "park-"


class Drafts:
    """Kept baskets of one till; in the lane only."""

    def __init__(self, duty: Duty) -> None:
        """Look at what was kept."""
        self._duty = duty

    def keep(self, command: Command) -> Answer:
        """Keep a basket in a slot, or clear the slot; durable when it is answered."""
        slot = self._slot(command.get("slot"))
        row = command.get("cart")
        store = self._duty.terminal.store
        if row is None:
            store.keep(_PREFIX + slot, None)
            return {"event": "done"}
        cart = _cart(row)
        kept = {
            "cart": cart.row(),
            "at_ms": self._duty.terminal.moment().now_ms,
            "seller": self._duty.permits.seller,
        }
        content = json.dumps(kept, ensure_ascii=False).encode()
        if len(content) > CART_BYTES_MAX:
            message = f"a basket has at most {CART_BYTES_MAX} bytes"
            raise BadCommand(message)
        is_new = slot not in self._rows()
        if slot != HAND and is_new and len(self.parked()) >= CARTS_PARKED_MAX:
            message = f"at most {CARTS_PARKED_MAX} baskets can be parked"
            raise BadCommand(message)
        self._duty.terminal.step("drafted")
        store.keep(_PREFIX + slot, content)
        self._duty.terminal.step("kept")
        return {"event": "done"}

    def kept(self, _: Command) -> Answer:
        """Return what is kept: the basket in hand, and the parked ones with when and by whom."""
        hand = self._rows().get(HAND)
        return {
            "event": "kept",
            "hand": None if hand is None else hand["cart"],
            "parked": self.parked(),
        }

    def parked(self) -> list[dict[str, Any]]:
        """Return the parked baskets, the oldest first."""
        cells = self._duty.cells
        rows = [
            {"slot": slot, **row, "seller_label": call_sign(cells, row["seller"])}
            for slot, row in self._rows().items()
            if slot != HAND
        ]
        return sorted(rows, key=lambda row: (row["at_ms"], row["slot"]))

    def _rows(self) -> dict[str, dict[str, Any]]:
        """Return what is kept and not sold yet, by slot; what cannot be read is left out."""
        rows = {}
        for slot, content in self._duty.terminal.store.kept(_PREFIX).items():
            try:
                row = json.loads(content)
                cart = cart_of(row["cart"])
                row |= {"seller": int(row["seller"]), "at_ms": int(row["at_ms"])}
            except (ValueError, KeyError, TypeError):
                continue
            if not self._is_sold(cart):
                rows[slot] = row
        return rows

    def _is_sold(self, cart: Cart) -> bool:
        sale = bytes.fromhex(cart.sale) if len(cart.sale) == 2 * ID_BYTES else b""
        return bool(sale and ledger.sale(self._duty.cells, sale).baskets)

    def _slot(self, name: Any) -> str:
        number = name.removeprefix(_PARKED) if isinstance(name, str) else ""
        is_parked = number.isascii() and number.isdigit() and len(number) <= 4  # noqa: PLR2004 - digits
        if name == HAND or (is_parked and name == _PARKED + number):
            return str(name)
        message = f"slot must be {HAND} or {_PARKED} and a number"
        raise BadCommand(message)


def _cart(row: Any) -> Cart:
    try:
        return cart_of(row)
    except ValueError as trouble:
        raise BadCommand(str(trouble)) from trouble
