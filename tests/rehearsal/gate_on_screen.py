"""A gate's process on its full screen, as an agent has it before them."""

import threading
from pathlib import Path
from typing import Final

from sync.facts import Admitted
from tests.rehearsal.on_screen import PATIENCE_S, OnScreen

READY_WORDS: Final = "Hold the ticket before the camera."
ENDED_WORDS: Final = "The recording has ended."
_LOOK_S: Final = 0.05


class GateOnScreen(OnScreen):
    """`./guichet gate DIR` on a screen of 80 × 24."""

    def __init__(self, folder: Path, *options: str) -> None:
        """Stand for an enrolled folder; nothing runs yet."""
        super().__init__("gate", folder, *options, ready_words=READY_WORDS)
        self._told = 0

    def admitted(self) -> int | None:
        """Wait for the next admission and return its serial, None once the recording ended."""
        for _ in range(round(PATIENCE_S / _LOOK_S)):
            has_ended = ENDED_WORDS in self.text()
            found = [r.body for r in self.records() if isinstance(r.body, Admitted)]
            if len(found) > self._told:
                self._told += 1
                return found[self._told - 1].serial
            if has_ended:
                return None
            threading.Event().wait(_LOOK_S)
        return None
