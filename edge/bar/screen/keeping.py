"""Keeps the basket in hand on the disk after every change; only the newest waits."""

from collections.abc import Callable
from typing import Any, Final

from edge.bar.cart import Cart

HAND: Final = "hand"
Write = Callable[[dict[str, Any] | None, Callable[[], None]], None]


class Keeping:
    """What of the hand is on the disk, and what is under way there."""

    def __init__(self, write: Write) -> None:
        """`write` has a row written, None for nothing in hand, and calls back when it was."""
        self._write = write
        self._kept: Cart | None = None
        self._wanted: Cart | None = None
        self._is_writing = False

    def want(self, cart: Cart) -> None:
        """Keep this one from now on."""
        self._wanted = cart
        if not self._is_writing:
            self._next()

    def forget(self) -> None:
        """Know nothing of what is on the disk: the box behind it was opened anew."""
        self._kept, self._is_writing = None, False

    def is_there(self, cart: Cart) -> None:
        """Note that this one is on the disk already."""
        self._kept = self._wanted = cart

    def _next(self) -> None:
        cart = self._wanted
        if cart is None or cart == self._kept:
            return
        self._is_writing = True

        def done() -> None:
            self._is_writing = False
            self._kept = cart
            self._next()

        self._write(cart.row() if cart else None, done)
