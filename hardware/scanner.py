"""A hand scanner that types like a keyboard, read straight from its device so that nothing is lost.

The device is grabbed: what the scanner types must not also go to the screen. A scanner that is
unplugged is looked for again, more and more patiently, without a restart; it is named by a path
that does not change (`/dev/input/by-id/…`), so the same one is found at another socket.
"""

import fcntl
import os
import select
import stat
import struct
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from hardware.keys import EVENT, KeyReader
from hardware.ports import Heard, SourceState

REOPEN_MS_MIN: Final = 250
REOPEN_MS_MAX: Final = 5_000
EVENTS_PER_READ: Final = 64
ENDING_S: Final = 5

# From linux/input.h: keep a device to ourselves; stamp events by a clock that is never set.
EVIOCGRAB: Final = 0x40044590
EVIOCSCLOCKID: Final = 0x400445A0
_CLOCK_MONOTONIC: Final = struct.pack("i", 1)


class EvdevScanner:
    """A keyboard-wedge scanner at a path; see `hardware.ports.CodeSource`."""

    def __init__(self, path: Path | str, layout: str = "us") -> None:
        """Name the device or FIFO and the layout by which it types.

        A scanner that is not plugged in yet is no error. A `ValueError` names an unknown layout.
        """
        KeyReader(layout)
        self._path = Path(path)
        self._layout = layout
        self._state = SourceState.UNPLUGGED
        self._trouble = ""
        self._ending, self._end = os.pipe()
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def state(self) -> SourceState:
        """Open while the device is read."""
        return self._state

    @property
    def trouble(self) -> str:
        """Why the device is not read, in one sentence; empty while it is."""
        return self._trouble

    def start(self, hear: Callable[[Heard], object]) -> None:
        """Begin to listen, once; a `RuntimeError` for a second start."""
        if self._thread is not None or self._closed:
            message = "a scanner is started once"
            raise RuntimeError(message)
        self._thread = threading.Thread(target=self._run, args=(hear,), name="scanner", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening and let go of the device."""
        if self._closed:
            return
        self._closed = True
        os.close(self._end)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(ENDING_S)
        if self._thread is None:
            os.close(self._ending)

    def _run(self, hear: Callable[[Heard], object]) -> None:
        """Listen until closed; a lost device is opened again with growing patience."""
        wait_ms = REOPEN_MS_MIN
        while not self._ends_within(0):
            device = self._open()
            if device is not None:
                if self._listen(device, hear):
                    wait_ms = REOPEN_MS_MIN
                os.close(device)
            self._state = SourceState.UNPLUGGED
            if self._ends_within(wait_ms):
                break
            wait_ms = min(2 * wait_ms, REOPEN_MS_MAX)
        os.close(self._ending)

    def _ends_within(self, wait_ms: int) -> bool:
        """Wait; tell whether the scanner was closed: then the other end of its pipe is gone."""
        return bool(select.select([self._ending], [], [], wait_ms / 1000)[0])

    def _open(self) -> int | None:
        """Open and grab the device; None while that is not possible."""
        try:
            device = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK)
        except OSError as trouble:
            self._trouble = f"scanner {self._path} does not open: {trouble.strerror}"
            return None
        try:
            if stat.S_ISCHR(os.fstat(device).st_mode):
                fcntl.ioctl(device, EVIOCGRAB, 1)
                fcntl.ioctl(device, EVIOCSCLOCKID, _CLOCK_MONOTONIC)
        except OSError as trouble:
            os.close(device)
            self._trouble = (
                f"scanner {self._path} cannot be had for us alone: {trouble.strerror}; is it an"
                " input device, and does another program use it?"
            )
            return None
        self._state, self._trouble = SourceState.OPEN, ""
        return device

    def _listen(self, device: int, hear: Callable[[Heard], object]) -> bool:
        """Read until closed or unplugged; tell whether anything came."""
        reader = KeyReader(self._layout)
        came = False
        while True:
            ready = select.select([device, self._ending], [], [])[0]
            if self._ending in ready:
                return came
            try:
                content = os.read(device, EVENT.size * EVENTS_PER_READ)
            except BlockingIOError:
                continue
            except OSError as trouble:
                self._trouble = f"scanner {self._path} was lost: {trouble.strerror}"
                return came
            if not content:
                self._trouble = f"scanner {self._path} was lost: its other end was closed"
                return came
            came = True
            for text in reader.feed(content):
                if self._closed:
                    return came
                hear(Heard(text, None, str(self._path)))
