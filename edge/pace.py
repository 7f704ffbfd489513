"""Lets work in the background take its time: it rests after a moment of work, and can be stopped.

A thread that works without a break would make the lane wait for its turn at every step.
"""

import threading
from typing import Final

from hardware.wall_clock import monotonic_us

WORK_US_MAX: Final = 1_000
REST_TIMES: Final = 1


class Stopped(Exception):
    """The box is ending; what was begun is begun anew at the next start."""


class Pace:
    """How fast a thread goes on; `tick` belongs to that thread, `stop` to any."""

    def __init__(self) -> None:
        """Begin rested."""
        self._stopped = threading.Event()
        self._began_us = monotonic_us()

    def stop(self) -> None:
        """End the work at its next step."""
        self._stopped.set()

    def tick(self) -> None:
        """Rest if it was worked for a moment; `Stopped` if it shall end."""
        worked_us = monotonic_us() - self._began_us
        if worked_us >= WORK_US_MAX:
            self.wait(REST_TIMES * worked_us / 1_000_000)

    def wait(self, seconds: float) -> None:
        """Wait; `Stopped` if the work shall end."""
        if self._stopped.wait(seconds):
            raise Stopped
        self._began_us = monotonic_us()
