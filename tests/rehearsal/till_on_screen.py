"""A till's process on its full screen, as a seller of pints has it before them."""

import threading
from pathlib import Path
from typing import Final

from hardware.wall_clock import monotonic_us
from tests.rehearsal.on_screen import PATIENCE_S, OnScreen

READY_WORDS: Final = "Pale pint"
_LOOK_S: Final = 0.001


class TillOnScreen(OnScreen):
    """`./guichet bar DIR` on a screen of 80 × 24."""

    def __init__(self, folder: Path, *options: str) -> None:
        """Stand for an enrolled folder; nothing runs yet."""
        super().__init__("bar", folder, *options, ready_words=READY_WORDS)

    def press_until(self, keys: str, *words: str) -> int:
        """Type keys and return after how many µs all these words had been painted."""
        self.forget()
        started_us = monotonic_us()
        self.press(keys)
        while not all(word in self.text() for word in words):
            if monotonic_us() - started_us > PATIENCE_S * 1_000_000:
                message = f"never painted: {words}: {self.text()[-2_000:]}"
                raise TimeoutError(message)
            threading.Event().wait(_LOOK_S)
        return monotonic_us() - started_us
