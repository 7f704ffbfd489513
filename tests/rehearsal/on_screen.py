"""A box's process on its full screen, in a pseudo-terminal, as an agent has it before them.

What it did is read from its own store, what it shows from what it paints.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from edge.store.store import look_into
from provisioning.manifest import load
from sync.journal import Record

CHECKOUT: Final = Path(__file__).resolve().parents[2]
PATIENCE_S: Final = 60
PAINTED_BYTES_MAX: Final = 1 << 20
_SEQUENCE: Final = re.compile(rb"\x1b(\[[0-9;?<>=]*[A-Za-z]|[()][A-Z0-9]|[=>])")


class OnScreen:
    """`./guichet gate DIR` or `./guichet bar DIR` on a screen of 80 × 24."""

    def __init__(
        self,
        role: str,
        folder: Path,
        *options: str,
        ready_words: str,
        size: tuple[int, int] = (80, 24),
    ) -> None:
        """Stand for an enrolled folder; nothing runs yet.

        `role` is the command, `ready_words` is what the box paints once it can be used.
        """
        self.folder = folder
        self._role = role
        self._ready_words = ready_words
        self._options = options
        self._size = size
        self._painted = bytearray()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._handle = -1

    @property
    def pid(self) -> int:
        """The process, or 0 while there is none."""
        return 0 if self._child is None else self._child.pid

    def start(self) -> None:
        """Start the process and wait until it is ready."""
        self._handle, inner = pty.openpty()
        columns, rows = self._size
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        words = [sys.executable, "-m", "edge", self._role, str(self.folder), *self._options]
        self._child = subprocess.Popen(
            words,
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env={**os.environ, "PYTHONPATH": str(CHECKOUT), "TERM": "xterm-256color"},
            start_new_session=True,
        )
        os.close(inner)
        threading.Thread(target=self._drain, name="screen", daemon=True).start()
        self.wait_for(self._ready_words)

    def press(self, keys: str) -> None:
        """Type keys into the terminal."""
        os.write(self._handle, keys.encode())

    def text(self) -> str:
        """Return what was painted lately, without colours and places."""
        with self._lock:
            painted = bytes(self._painted)
        return _SEQUENCE.sub(b"", painted).decode("utf-8", "replace")

    def wait_for(self, words: str) -> None:
        """Wait until these words were painted since the last `forget`; `TimeoutError` if never."""
        for _ in range(round(PATIENCE_S / 0.01)):
            if words in self.text():
                return
            threading.Event().wait(0.01)
        message = f"the screen never said {words!r}: {self.text()[-2_000:]}"
        raise TimeoutError(message)

    def forget(self) -> None:
        """Look only at what is painted from now on."""
        with self._lock:
            self._painted.clear()

    def records(self) -> Sequence[Record]:
        """Return this box's own records, the oldest first."""
        store = look_into(self.folder)
        try:
            return store.newest_of(load(self.folder).terminal_id, 100_000)[::-1]
        finally:
            store.connection.close()

    def stop(self) -> None:
        """End the process in order; its status must be 0."""
        child = self._child
        if child is None:
            return
        child.send_signal(signal.SIGTERM)
        status = child.wait(PATIENCE_S)
        os.close(self._handle)
        if status != 0:
            message = f"the {self._role} ended with status {status}: {self.text()[-2_000:]}"
            raise RuntimeError(message)

    def _drain(self) -> None:
        while self._child is not None and self._child.poll() is None:
            if not select.select([self._handle], [], [], 0.2)[0]:
                continue
            try:
                piece = os.read(self._handle, 65_536)
            except OSError:  # the other end is closed
                return
            with self._lock:
                self._painted += piece
                del self._painted[:-PAINTED_BYTES_MAX]
