"""A house without a festival of its own as real processes: one on SQLite, several on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.rehearsal.boxes import Office, guichet
from tests.rehearsal.described import Described


@contextmanager
def serving(folder: Path, *, database: str = "", processes: int = 1) -> Iterator[list[Described]]:
    """Make a house in a folder that is not there, serve it, and give a client for each process."""
    guichet("cloud", "init", folder, *(("--database", database) if database else ()))
    offices = [Office.of(folder) for _ in range(processes)]
    try:
        for office in offices:
            office.serve()
        first = Described(offices[0].url)
        yield [first, *(first.at(office.url) for office in offices[1:])]
    finally:
        for office in offices:
            office.stop()
