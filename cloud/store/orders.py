"""The books of orders and of offers: who ordered which tickets for how much, and what came of it.

What an order did to places and money stands in the facts; the book says to whom it belongs, until
when it is held, and how it was paid. An order and its sale have one id.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cloud.store.sql import Connection
from sync.names import FestivalId

_ORDER: Final = "id, buyer, state, total, refunded, made_ms, expires_ms, paid_ms, method, reference"
_SELECT: Final = f"SELECT {_ORDER} FROM order_placed WHERE festival = ?"  # noqa: S608 - named above
_INSERT: Final = (
    f"INSERT INTO order_placed (festival, {_ORDER})"  # noqa: S608 - named above
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
_INSERT_LINE: Final = (
    "INSERT INTO order_line (festival, id, line, type, quantity, price, vat, refunded)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_LINES: Final = (
    "SELECT type, quantity, price, vat, refunded FROM order_line"
    " WHERE festival = ? AND id = ? ORDER BY line"
)
_PUT_OFFER: Final = (
    "INSERT INTO ticket_offer"
    " (festival, type, price, vat, from_ms, until_ms, per_order_max, visible)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (festival, type) DO UPDATE SET"
    " price = excluded.price, vat = excluded.vat, from_ms = excluded.from_ms,"
    " until_ms = excluded.until_ms, per_order_max = excluded.per_order_max,"
    " visible = excluded.visible"
)
_OFFER: Final = (
    "SELECT type, price, vat, from_ms, until_ms, per_order_max, visible FROM ticket_offer"
    " WHERE festival = ?"
)


class OrderState(StrEnum):
    """What an order is; from CANCELLED on nothing more becomes of it."""

    RESERVED = "reserved"
    PAID = "paid"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class OrderLine:
    """Tickets of one type in an order: unit price in minor units, VAT (contained) in basis points.

    `refunded` is how many of them were paid back.
    """

    type: int
    quantity: int
    price: int
    vat: int
    refunded: int = 0

    @property
    def amount(self) -> int:
        """What the line costs, in minor units."""
        return self.quantity * self.price

    @property
    def left(self) -> int:
        """How many of its tickets were not paid back."""
        return self.quantity - self.refunded


@dataclass(frozen=True, slots=True)
class Order:
    """An order; `buyer` is a person's id or empty, amounts are minor units, times Unix ms (0: not).

    Each type is in one line only.
    """

    id: bytes
    buyer: str
    state: OrderState
    lines: tuple[OrderLine, ...]
    made_ms: int
    expires_ms: int
    paid_ms: int = 0
    method: str = ""
    reference: str = ""
    refunded: int = 0

    @property
    def total(self) -> int:
        """What the order costs, in minor units."""
        return sum(line.amount for line in self.lines)

    @property
    def places(self) -> dict[int, int]:
        """How many places it takes of each type."""
        return {line.type: line.quantity for line in self.lines}

    def state_at(self, now_ms: int) -> OrderState:
        """Return the state at a time: a reservation that nobody ended yet may be over."""
        is_over = self.state is OrderState.RESERVED and now_ms >= self.expires_ms
        return OrderState.EXPIRED if is_over else self.state


@dataclass(frozen=True, slots=True)
class Offer:
    """What a ticket type is sold for: price in minor units, VAT (contained) in basis points.

    It is on sale from `from_ms` until `until_ms` (Unix ms, 0: open). `per_order_max` 0 is without a
    limit of its own. Staff sell also what is not visible.
    """

    type: int
    price: int
    vat: int = 0
    from_ms: int = 0
    until_ms: int = 0
    per_order_max: int = 0
    is_visible: bool = True

    def is_on_sale(self, now_ms: int) -> bool:
        """Tell whether it is on sale at a time."""
        return self.from_ms <= now_ms and (not self.until_ms or now_ms < self.until_ms)


Place = tuple[int, bytes]
"""Where a list goes on: when the last order was made (Unix ms), and its id."""


class OrderBook:
    """One festival's orders; it writes inside transactions only."""

    def __init__(self, connection: Connection, festival: FestivalId | int) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection
        self._festival = festival

    def add(self, order: Order) -> bool:
        """Keep a new order; False if there is one with this id, and nothing changes."""
        row = (
            self._festival, order.id, order.buyer, order.state.value, order.total, order.refunded,
            order.made_ms, order.expires_ms, order.paid_ms, order.method, order.reference,
        )  # fmt: skip
        if self._connection.execute(_INSERT, row).rowcount != 1:
            return False
        lines = [
            (self._festival, order.id, at, one.type, one.quantity, one.price, one.vat, one.refunded)
            for at, one in enumerate(order.lines)
        ]
        self._connection.executemany(_INSERT_LINE, lines)
        return True

    def one(self, order: bytes) -> Order | None:
        """Return an order by its id (16 bytes)."""
        row = self._connection.execute(f"{_SELECT} AND id = ?", (self._festival, order)).fetchone()
        return None if row is None else self._order(row)

    def due(self, now_ms: int, count_max: int) -> list[Order]:
        """Return reserved orders whose time is over, the oldest first, so many at most."""
        rows = self._connection.execute(
            f"{_SELECT} AND state = 'reserved' AND expires_ms <= ? ORDER BY expires_ms LIMIT ?",
            (self._festival, now_ms, count_max),
        ).fetchall()
        return [self._order(row) for row in rows]

    def count_open(self, buyer: str, now_ms: int) -> int:
        """Return how many orders of a buyer are reserved and not over."""
        (count,) = self._connection.execute(
            "SELECT count(*) FROM order_placed WHERE festival = ? AND buyer = ?"
            " AND state = 'reserved' AND expires_ms > ?",
            (self._festival, buyer, now_ms),
        ).fetchone()
        return int(count)

    def listed(
        self, after: Place | None, count_max: int, *, buyer: str | None = None, state: str = ""
    ) -> list[Order]:
        """Return orders in the order in which they were made, after a place, so many at most."""
        where, values = "", list[object]()
        if after is not None:
            where, values = " AND (made_ms, id) > (?, ?)", [*after]
        if buyer is not None:
            where, values = f"{where} AND buyer = ?", [*values, buyer]
        if state:
            where, values = f"{where} AND state = ?", [*values, state]
        rows = self._connection.execute(
            f"{_SELECT}{where} ORDER BY made_ms, id LIMIT ?", (self._festival, *values, count_max)
        ).fetchall()
        return [self._order(row) for row in rows]

    def set_state(self, orders: Iterable[bytes], state: OrderState) -> None:
        """Note what became of orders."""
        rows = [(state.value, self._festival, order) for order in orders]
        self._connection.executemany(
            "UPDATE order_placed SET state = ? WHERE festival = ? AND id = ?", rows
        )

    def set_paid(self, order: bytes, method: str, reference: str, paid_ms: int) -> None:
        """Note that an order was paid, and how (Unix ms)."""
        self._connection.execute(
            "UPDATE order_placed SET state = 'paid', method = ?, reference = ?, paid_ms = ?"
            " WHERE festival = ? AND id = ?",
            (method, reference, paid_ms, self._festival, order),
        )

    def add_refund(self, order: Order, quantities: Mapping[int, int]) -> Order:
        """Note how many of each line (by its place) were paid back; return the order as it is."""
        rows = [(count, self._festival, order.id, at) for at, count in quantities.items()]
        self._connection.executemany(
            "UPDATE order_line SET refunded = refunded + ?"
            " WHERE festival = ? AND id = ? AND line = ?",
            rows,
        )
        amount = sum(order.lines[at].price * count for at, count in quantities.items())
        left = sum(line.left for line in order.lines)
        is_whole = left == sum(quantities.values())
        state = OrderState.REFUNDED if is_whole else order.state
        self._connection.execute(
            "UPDATE order_placed SET state = ?, refunded = refunded + ?"
            " WHERE festival = ? AND id = ?",
            (state.value, amount, self._festival, order.id),
        )
        found = self.one(order.id)
        return order if found is None else found

    def _order(self, row: Sequence[Any]) -> Order:
        name, buyer, state, _, refunded, made_ms, expires_ms, paid_ms, method, reference = row
        lines = self._connection.execute(_LINES, (self._festival, name)).fetchall()
        return Order(
            id=bytes(name),
            buyer=buyer,
            state=OrderState(state),
            lines=tuple(OrderLine(*line) for line in lines),
            made_ms=made_ms,
            expires_ms=expires_ms,
            paid_ms=paid_ms,
            method=method,
            reference=reference,
            refunded=refunded,
        )


class OfferBook:
    """One festival's offers; it writes inside transactions only."""

    def __init__(self, connection: Connection, festival: FestivalId | int) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection
        self._festival = festival

    def put(self, offer: Offer) -> None:
        """Keep what a type is sold for, in the place of what it was."""
        when = (offer.from_ms, offer.until_ms, offer.per_order_max, int(offer.is_visible))
        row = (self._festival, offer.type, offer.price, offer.vat, *when)
        self._connection.execute(_PUT_OFFER, row)

    def take_away(self, number: int) -> None:
        """Sell a type no longer."""
        self._connection.execute(
            "DELETE FROM ticket_offer WHERE festival = ? AND type = ?", (self._festival, number)
        )

    def one(self, number: int) -> Offer | None:
        """Return what a type is sold for, None if it is not for sale."""
        row = self._connection.execute(f"{_OFFER} AND type = ?", (self._festival, number))
        found = row.fetchone()
        return None if found is None else _offer(found)

    def all(self) -> list[Offer]:
        """Return every offer by type."""
        rows = self._connection.execute(f"{_OFFER} ORDER BY type", (self._festival,))
        return [_offer(row) for row in rows]


def _offer(row: Sequence[Any]) -> Offer:
    number, price, vat, from_ms, until_ms, per_order_max, visible = row
    return Offer(number, price, vat, from_ms, until_ms, per_order_max, bool(visible))
