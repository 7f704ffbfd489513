"""Progress for people: a bar on the error stream while somebody watches, nothing otherwise."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.rehearsal.replay import Progress as Told


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Told]:
    """Give something to tell progress to; it draws only where a person watches and wants it."""
    if quiet or not sys.stderr.isatty():
        yield lambda what, done, everything: None
        return
    lock = threading.Lock()
    columns = (
        TextColumn("{task.description:<28}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=None)

        def told(what: str, done: int, everything: int) -> None:
            with lock:
                bar.update(task, description=what, completed=done, total=everything or None)

        yield told
