"""Those who wait for a device are told from threads of their own, one after the other.

So a slow or failing listener holds neither the device nor the listeners after it for good.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class _Teller(threading.Thread, Generic[T]):
    """A thread that tells one listener, after the teller before it."""

    def __init__(
        self, name: str, before: threading.Thread | None, listener: Callable[[T], object], value: T
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._before = before
        self._listener = listener
        self._value = value

    def run(self) -> None:
        """Wait for the one before, forget it, and tell."""
        before, self._before = self._before, None
        if before is not None:
            before.join()
        self._listener(self._value)


class Telling(Generic[T]):
    """All that one device has to tell, in the order in which it came about."""

    def __init__(self, name: str) -> None:
        """Name the threads."""
        self._name = name
        self._gate = threading.Lock()
        self._last: _Teller[T] | None = None

    def tell(self, listener: Callable[[T], object], value: T) -> None:
        """Call a listener from a new thread, after the one before it."""
        with self._gate:
            self._last = _Teller(self._name, self._last, listener, value)
            self._last.start()

    def finish(self, wait_s: float) -> None:
        """Wait at most some seconds until all are told; a listener itself does not wait."""
        with self._gate:
            last = self._last
        if last is not None and not isinstance(threading.current_thread(), _Teller):
            last.join(wait_s)
