"""A box's whole screen in tmux, driven as an agent drives it: keys at a person's pace, codes typed.

For tests that must see the real process in a real terminal.
"""

import shutil
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.edge.boxes import CHECKOUT
from tests.edge.screen.shown import FRAMES

COLUMNS, ROWS = 80, 24
PATIENCE_S: Final = 30
_KEY_S: Final = 0.12
_LOOK_S: Final = 0.05
_PANEL_EDGES: Final = "▊║┏┃╭│▎╔┗╚"


class TmuxScreen:
    """A terminal of 80 × 24 in a tmux server of its own.

    Of rows that begin with a panel's frame only the first `panel_columns` count.
    """

    def __init__(self, command: str, panel_columns: int = COLUMNS) -> None:
        self._name = f"guichet-{uuid.uuid4().hex[:8]}"
        self._panel_columns = panel_columns
        size = ("-x", str(COLUMNS), "-y", str(ROWS))
        self._do("new-session", "-d", "-s", "box", *size, command)

    def _do(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._name, *words], capture_output=True, text=True, check=True
        )
        return done.stdout

    def scan(self, code: str) -> None:
        """Type a code as a hand scanner does."""
        self._do("send-keys", "-t", "box", "-l", code)
        self._do("send-keys", "-t", "box", "Enter")

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names, at a person's pace."""
        for key in keys:
            self._do("send-keys", "-t", "box", key)
            threading.Event().wait(_KEY_S)

    def text(self) -> str:
        """Return the words on the screen in reading order."""
        rows = self._do("capture-pane", "-p", "-t", "box").splitlines()
        kept = [row[: self._panel_columns] if row[:1] in _PANEL_EDGES else row for row in rows]
        return " ".join(FRAMES.sub(" ", " ".join(kept)).split())

    def sees(self, *parts: str) -> str:
        """Wait until all these words stand on the screen."""
        for _ in range(round(PATIENCE_S / _LOOK_S)):
            text = self.text()
            if all(part in text for part in parts):
                return text
            threading.Event().wait(_LOOK_S)
        message = f"never seen: {parts}\n{self.text()}"
        raise AssertionError(message)

    def close(self) -> None:
        """End the terminal and what runs in it."""
        subprocess.run(["tmux", "-L", self._name, "kill-server"], check=False)


@contextmanager
def in_tmux(
    role: str, folder: Path, *options: str, panel_columns: int = COLUMNS
) -> Iterator[TmuxScreen]:
    """Run `./guichet gate DIR` or `./guichet bar DIR` in tmux; skips, aloud, without tmux.

    How it ended stands on the screen afterwards: `ended with 0`.
    """
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed: bring it with 'apt-get install tmux' (as root)")
    words = f"{sys.executable} -m edge {role} {folder} {' '.join(options)}"
    command = f"cd {CHECKOUT} && PYTHONPATH={CHECKOUT} {words}; echo ended with $?; sleep 60"
    screen = TmuxScreen(command, panel_columns)
    try:
        yield screen
    finally:
        screen.close()
