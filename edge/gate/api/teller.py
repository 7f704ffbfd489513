"""Hands verdicts on to whoever shows them, in their order, and never makes the lane wait.

The lane puts a verdict here as soon as it is on the disk, so it is told also if the handheld that
asked has gone. A listener that hangs (a full pipe, a screen that is busy) holds up nobody else.
"""

import logging
import queue
import threading
from collections.abc import Callable
from typing import Final

from edge.limits import API_TOLD_WAITING_MAX
from sync.telling import Answer

_STOP_S: Final = 2
_log = logging.getLogger("guichet.gate.api")


class Teller:
    """Calls one listener from a thread of its own; `tell` from any thread."""

    def __init__(self, listener: Callable[[Answer], object] | None) -> None:
        """Tell this listener, or nobody."""
        self._listener = listener
        self._waiting: queue.Queue[Answer | None] = queue.Queue(API_TOLD_WAITING_MAX)
        self._thread = threading.Thread(target=self._run, name="scan-api-teller", daemon=True)

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def tell(self, answer: Answer) -> None:
        """Take a verdict to be told; if the listener has hung for very many, it is left out."""
        if self._listener is None:
            return
        try:
            self._waiting.put_nowait(answer)
        except queue.Full:
            _log.error("a verdict could not be shown: whoever shows them hangs")

    def stop(self) -> None:
        """Tell what waits, then end; a listener that hangs is left behind."""
        try:
            self._waiting.put(None, timeout=_STOP_S)
        except queue.Full:
            return
        self._thread.join(_STOP_S)

    def _run(self) -> None:
        while (answer := self._waiting.get()) is not None:
            if self._listener is not None:
                self._listener(answer)
