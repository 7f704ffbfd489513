"""Cares for a box's parts now and then: gives back what is over, asks others for what is short.

The lane never waits for an answer. The office lends by itself whatever it hears of; this thread is
for what it does not know, such as a group before a gate that holds two places.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

from edge.lane import LaneFull, LaneStopped
from edge.limits import PARTS_LOOKED_AT_S
from edge.parts import Parts
from edge.terminal import Terminal
from sync.asking import Question, Reply

T = TypeVar("T")


def _nothing() -> None:
    """There is nothing to be let go of."""


class PartsChore:
    """One box's care for its parts; `start` and `stop` once each."""

    def __init__(
        self,
        terminal: Terminal,
        parts: Parts,
        ask: Callable[[Question], Reply | None],
        is_near: Callable[[], bool],
        when_done: Callable[[], object] = _nothing,
    ) -> None:
        """Work for this terminal; `ask` puts a question to somebody while that `is_near`.

        It asks in its own thread, and calls `when_done` in it at the end.
        """
        self._terminal = terminal
        self._parts = parts
        self._ask = ask
        self._is_near = is_near
        self._when_done = when_done
        self._stopped = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="parts", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End after the question that is under way."""
        self._stopped.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def hurry(self) -> None:
        """Look at once, because somebody waits; from any thread."""
        self._wake.set()

    def round(self) -> None:
        """Give back and ask once; `LaneStopped` if nothing can be done any more."""
        self._job(self._parts.tidy)
        if not self._is_near():
            return
        for question in self._job(self._parts.wanted) or ():
            reply = self._ask(question)
            if reply is not None:
                self._took(reply)

    def _took(self, reply: Reply) -> None:
        self._job(lambda: self._parts.took(reply))

    def _job(self, job: Callable[[], T]) -> T | None:
        """Do a job in the lane; None if the lane has no room for it just now."""
        try:
            done = self._terminal.lane.ask(job, wait_s=1)
        except LaneFull:
            return None
        trouble = done.exception()
        if trouble is not None:
            raise LaneStopped(str(trouble))
        return done.result()

    def _run(self) -> None:
        try:
            while not self._stopped.is_set():
                self._wake.wait(PARTS_LOOKED_AT_S)
                self._wake.clear()
                if not self._stopped.is_set():
                    self.round()
        except LaneStopped:
            return
        finally:
            self._when_done()
