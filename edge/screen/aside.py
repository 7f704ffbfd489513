"""Keeps what libraries write to the error stream off the screen: it goes into a file instead.

The screen is painted through the error stream's file, and a camera library that complains there in
C would paint over a verdict. So the screen keeps the terminal under another number, and number 2 is
a file in the box's folder, readable by its owner only, that begins anew when it has grown large.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LOG_BYTES_MAX: Final = 1 << 20
_ERRORS: Final = 2


@contextmanager
def errors_aside(log_file: Path) -> Iterator[None]:
    """Let the error stream end in a file for a while, and the terminal belong to the screen.

    Where no file can be opened (a full disk) what is written there is lost.
    """
    terminal = os.dup(_ERRORS)
    log = _opened(log_file)
    os.dup2(log, _ERRORS)
    os.close(log)
    before = sys.__stderr__
    screen = os.fdopen(terminal, "w", encoding="utf-8", errors="replace", closefd=False)
    sys.__stderr__ = screen  # type: ignore[misc]  # what the library paints on
    try:
        yield
    finally:
        screen.flush()
        sys.__stderr__ = before  # type: ignore[misc]  # as above
        os.dup2(terminal, _ERRORS)
        os.close(terminal)


def _opened(path: Path) -> int:
    flags = os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
            flags |= os.O_TRUNC
        return os.open(path, flags, 0o600)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
