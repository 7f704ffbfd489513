"""Two offices of one festival on one PostgreSQL database, each as if it were another process.

They share nothing: each has its own lines and its own watch, because its URL is spelled otherwise.
"""

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cloud.office import Office
from cloud.settings import OfficeFolder, open_office
from cloud.store.database import DATABASE_FILE, keep_url
from sync.cells import MemoryCells, area_hashes
from sync.clock import TRUSTED_CLOCK, Moment
from sync.names import Area
from sync.replica import refold
from tests.cloud.offices import START_MS, new_folder


def office_of(folder: OfficeFolder, seed: int) -> Office:
    """Open an office whose ids are drawn from a seed."""
    draw = random.Random(f"{folder.path}{seed}").randbytes
    return Office(folder, lambda: Moment(START_MS, TRUSTED_CLOCK), draw)


def other_folder(folder: OfficeFolder, to: Path) -> OfficeFolder:
    """Copy a folder, so that its store is reached as if from another process."""
    shutil.copytree(folder.path, to)
    url = (folder.path / DATABASE_FILE).read_text().strip()
    keep_url(to, url.replace("postgresql://", "postgres://"))
    return open_office(to)


class Pair:
    """Both offices, and what is checked of them."""

    def __init__(self, path: Path) -> None:
        self.folder = new_folder(path / "first")
        self.offices = [
            office_of(self.folder, 1),
            office_of(other_folder(self.folder, path / "second"), 2),
        ]

    def do(self, which: int, job: Callable[[Office], Any]) -> Any:
        """Do a job in a transaction of one of them."""
        (result,) = self.offices[which].transact([job])
        return result

    def check(self) -> int:
        """Both know the same, it is what all facts fold to, and no arrival is missing or double."""
        seen = [self.do(which, _state) for which in (0, 1)]
        assert seen[0] == seen[1]
        arrived, kept, runs = seen[0]
        numbers = self.do(0, _arrivals)
        assert numbers == list(range(1, arrived + 1))
        assert self.do(0, _folded) == kept
        assert self.do(0, _heads) == runs
        return int(arrived)

    def close(self) -> None:
        for office in self.offices:
            office.close()


@contextmanager
def paired(path: Path) -> Iterator[Pair]:
    """Open both, and close them again."""
    pair = Pair(path)
    try:
        yield pair
    finally:
        pair.close()


def _state(office: Office) -> tuple[int, dict[str, str], list[tuple[bytes, int, bytes]]]:
    shelf = office.store.shelf
    runs: list[tuple[bytes, int, bytes]] = sorted(
        (one.run, one.head_number, one.head_id) for one in shelf.runs()
    )
    ends = [shelf.end_of(one) for one in shelf.runs()]
    assert all(number >= 0 for number, _ in ends)
    return shelf.arrived, area_hashes(office.cells, Area), runs


def _arrivals(office: Office) -> list[int]:
    rows = office.store.connection.execute("SELECT arrival FROM record ORDER BY arrival")
    return [number for (number,) in rows]


def _heads(office: Office) -> list[tuple[bytes, int, bytes]]:
    rows = office.store.connection.execute("SELECT run, head_number, head_id FROM run ORDER BY run")
    return [tuple(row) for row in rows]


def _folded(office: Office) -> dict[str, str]:
    cells = MemoryCells()
    refold(office.store.shelf, cells)
    return area_hashes(cells, Area)
