"""The neighbours as somebody who may hold more of a box's journal than the box itself."""

import threading
from typing import Final

from edge.neighbours.site import Neighbours
from edge.taking_back import Exchanged

_STEP_S: Final = 0.05
_STEPS: Final = 35


class NeighboursPartner:
    """All neighbours together: they exchange by themselves, here it is only waited for."""

    name = "neighbours"

    def __init__(self, neighbours: Neighbours) -> None:
        """Wait for these, who were started before."""
        self._talk = neighbours.talk
        self._stopped = threading.Event()

    def exchange(self) -> Exchanged:
        """Wait for the next exchange with any of them, for less than two seconds."""
        exchanges, brought = self._talk.exchanges, self._talk.brought
        for _ in range(_STEPS):
            if self._talk.exchanges > exchanges or self._stopped.wait(_STEP_S):
                break
        answered = self._talk.exchanges > 0
        return Exchanged(
            answered, self._talk.has_lost, self._talk.has_lost, self._talk.brought - brought
        )

    def abandon(self) -> None:
        """Wait no more."""
        self._stopped.set()

    def close(self) -> None:
        """There is no line to let go of: the neighbours stay."""
