"""Runs a screen on the terminal that the command was started from, until somebody stops it."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import click

from edge.screen.aside import errors_aside


class Screen(Protocol):
    """What is run: the library that paints takes long to load and is not asked for here."""

    def run(self) -> int | None:
        """Paint and take keys until it is ended; return the exit status."""

    def exit(self, result: int) -> None:
        """End it with this status."""


def run_on_terminal(make: Callable[[], Screen], log_file: Path) -> int:
    """Run the screen that `make` returns, and return the exit status.

    What libraries complain of meanwhile goes into `log_file`. A `click.UsageError` says that there
    is no terminal; nothing was made then.
    """
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        message = "there is no terminal for the screen here; add --headless for JSON lines"
        raise click.UsageError(message)
    screen = make()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: screen.exit(0))
    with errors_aside(log_file):
        return screen.run() or 0
