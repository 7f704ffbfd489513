"""Runs a screen on the terminal that the command was started from, until somebody stops it.

A terminal may vanish: a line drops, a window is closed, a console is unplugged. The library that
paints then waits for ever to write, and would keep the box's folder from whoever starts it again.
So somebody watches the terminal, and where the screen does not end by itself the box is stopped in
order and the process with it.
"""

import os
import select
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

import click

from edge.screen.aside import errors_aside

LEAVE_S: Final = 3
_KEYS: Final = 0


class Screen(Protocol):
    """What is run: the library that paints takes long to load and is not asked for here."""

    def run(self) -> int | None:
        """Paint and take keys until it is ended; return the exit status."""

    def exit(self, result: int) -> None:
        """End it with this status."""

    def abandon(self) -> None:
        """Stop the box behind it in order, from any thread, because nothing is painted any more."""


def run_on_terminal(make: Callable[[], Screen], log_file: Path) -> int:
    """Run the screen that `make` returns, and return the exit status.

    What libraries complain of meanwhile goes into `log_file`. A `click.UsageError` says that there
    is no terminal; nothing was made then.
    """
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        message = "there is no terminal for the screen here; add --headless for JSON lines"
        raise click.UsageError(message)
    screen = make()
    leaving = _Leaving(screen)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: leaving.leave())
    threading.Thread(target=leaving.watch, name="terminal", daemon=True).start()
    with errors_aside(log_file):
        status = screen.run() or 0
        leaving.ended.set()
        return status


class _Leaving:
    """Ends a screen, and the process if the screen cannot."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self.ended = threading.Event()

    def leave(self) -> None:
        """Ask the screen to end, and see to it that it does."""
        self._screen.exit(0)
        threading.Thread(target=self._insist, name="leaving", daemon=True).start()

    def watch(self) -> None:
        """Leave when the terminal hangs up."""
        terminal = select.poll()
        terminal.register(_KEYS, 0)  # a hang-up is told unasked
        terminal.poll()
        if not self.ended.is_set():
            self._insist()

    def _insist(self) -> None:
        if not self.ended.wait(LEAVE_S):
            self._screen.abandon()
            os._exit(0)
