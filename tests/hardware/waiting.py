"""Waiting in the tests of this room: for something to become true, with generous patience."""

import threading
from collections.abc import Callable

PATIENCE_S = 20


def until(is_so: Callable[[], object], patience_s: float = PATIENCE_S) -> bool:
    """Look again and again; tell whether it became true in time."""
    pause = threading.Event()
    looks = int(patience_s / 0.005)
    return any(is_so() or pause.wait(0.005) for _ in range(looks))
