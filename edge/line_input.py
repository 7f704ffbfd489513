"""Commands as lines from a pipe, until it ends or somebody says that it is enough.

Whoever says so may be a signal's handler or another thread, while this one waits for the next line.
A box that runs as a service has no commands at all: an input that is nothing (`/dev/null`) does not
end it.
"""

import os
import select
import stat
from collections.abc import Iterator
from typing import Final

from edge.limits import COMMAND_LINE_BYTES_MAX

_PIECE_BYTES: Final = 1 << 16


class LineInput:
    """Lines of an open file; `end` may be called from anywhere."""

    def __init__(self, handle: int) -> None:
        """Read this file descriptor."""
        self._handle = handle
        self._wake_out, self._wake_in = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        self._rest = b""
        self._is_skipping = False

    def end(self) -> None:
        """Let `lines` end before the next line."""
        os.write(self._wake_in, b"\0")

    def lines(self) -> Iterator[bytes | None]:
        """Yield each line without its end; None stands for one that is longer than allowed."""
        watched = [self._handle, self._wake_out]
        while True:
            ready, _, _ = select.select(watched, [], [])
            if self._wake_out in ready:
                return
            piece = os.read(self._handle, _PIECE_BYTES)
            if piece:
                yield from self._split(piece)
            elif self._is_nothing():
                watched = [self._wake_out]
            else:
                yield from self._split(b"\n" if self._rest else b"")
                return

    def _split(self, piece: bytes) -> Iterator[bytes | None]:
        *whole, self._rest = (self._rest + piece).split(b"\n")
        for line in whole:
            too_long = len(line) > COMMAND_LINE_BYTES_MAX
            if self._is_skipping:
                self._is_skipping = False
            else:
                yield None if too_long else line
            if self._is_ended():
                return
        if len(self._rest) > COMMAND_LINE_BYTES_MAX:
            if not self._is_skipping:
                yield None
            self._is_skipping = True
            self._rest = b""

    def _is_ended(self) -> bool:
        return bool(select.select([self._wake_out], [], [], 0)[0])

    def _is_nothing(self) -> bool:
        """Tell whether the input is a device that never says anything, as a service has it."""
        return stat.S_ISCHR(os.fstat(self._handle).st_mode) and not os.isatty(self._handle)
