"""Real office processes on one PostgreSQL database."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cloud.settings import open_office
from sync.cells import MemoryCells, area_hashes
from sync.facts import ZoneSet
from sync.names import Area, Role
from sync.replica import refold
from tests.cloud.box import Box
from tests.cloud.facts import admitted, sold, topped_up
from tests.cloud.offices import FESTIVAL, new_folder
from tests.cloud.store.pairs import office_of
from tests.cloud.test_commands import CHECKOUT, run, serving, zone_name

pytestmark = pytest.mark.postgres_only


class Worker:
    """A process that is told when to go on."""

    def __init__(self, child: "subprocess.Popen[str]") -> None:
        self.child = child

    def hear(self) -> dict[str, Any]:
        assert self.child.stdout is not None
        line = self.child.stdout.readline()
        assert line, self.child.stderr.read() if self.child.stderr else ""
        return dict(json.loads(line))

    def go(self) -> None:
        assert self.child.stdin is not None
        self.child.stdin.write("\n")
        self.child.stdin.flush()


@contextmanager
def worker(folder: Path, *words: str | Path) -> Iterator[Worker]:
    command = [sys.executable, "-m", "tests.cloud.store.worker", str(folder), *map(str, words)]
    with subprocess.Popen(
        command,
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            found = Worker(child)
            assert found.hear() == {"open": True}
            yield found
        finally:
            child.kill()


def test_two_processes_write_at_once_and_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "office")
    keys = (folder.festival_key, folder.certificate, folder.key)
    gate = Box(FESTIVAL, *keys, Role.GATE, "North", 1)
    bar = Box(FESTIVAL, *keys, Role.BAR, "Main", 2)
    for number in range(150):
        gate.say(admitted(number % 40))
        bar.say(topped_up(number % 7, 500, number), sold(number % 7, 300, sale=number))
    raws = [record.raw.hex() for box in (gate, bar) for record, _ in box.shelf.records]
    chance = random.Random(1)
    for name in ("first", "second"):
        mine = raws if name == "first" else chance.sample(raws, len(raws))
        (tmp_path / name).write_text("\n".join(mine))
    with (
        worker(folder.path, "take", tmp_path / "first") as first,
        worker(folder.path, "take", tmp_path / "second") as second,
    ):
        first.go()
        second.go()
        assert first.hear() == second.hear() == {"done": len(raws)}
    office = office_of(folder, 5)

    def look(office: Any) -> tuple[list[int], int, int, dict[str, str], dict[str, str]]:
        shelf, connection = office.store.shelf, office.store.connection
        rows = connection.execute("SELECT arrival, id FROM record ORDER BY arrival").fetchall()
        cells = MemoryCells()
        refold(shelf, cells)
        hashes = area_hashes(cells, Area), area_hashes(office.cells, Area)
        return [row[0] for row in rows], len({row[1] for row in rows}), shelf.arrived, *hashes

    ((arrivals, ids, arrived, folded, kept),) = office.transact([look])
    assert arrivals == list(range(1, arrived + 1))
    of_offices = 2 * (1 + -(-len(raws) // 20))
    assert ids == arrived == len(raws) + of_offices
    assert folded == kept
    office.close()


def test_a_process_killed_inside_a_transaction_leaves_nothing_half_done(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "office")
    office = office_of(folder, 1)
    office.transact([lambda o: o.say(ZoneSet(1, 1, "Field", 5))])
    before = office.transact([lambda o: (o.store.shelf.arrived, area_hashes(o.cells, Area))])
    with worker(folder.path, "hang") as hung:
        assert hung.hear()["inside"] > 20
        hung.child.kill()
        after = office.transact([lambda o: (o.store.shelf.arrived, area_hashes(o.cells, Area))])
    assert after == before
    office.transact([lambda o: o.say(ZoneSet(1, 2, "Meadow", 5))])
    office.close()


def test_what_one_process_writes_is_heard_by_another_at_once(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "office")
    office = office_of(folder, 1)
    with worker(folder.path, "listen") as other:
        assert other.hear() == {"listening": True}
        office.transact([lambda o: o.say(ZoneSet(1, 1, "Field", 5))])
        assert other.hear() == {"heard": True}
    office.close()


def test_two_offices_serve_one_folder_and_commands_state_beside_them(tmp_path: Path) -> None:
    place = tmp_path / "office"
    run("init", place, "--festival", "7", "--name", "Fair")
    with serving(place) as first, serving(place) as second:
        assert first != second
        run("zone", place, "--zone", "1", "--name", "Field")
        assert zone_name(place, 1) == "Field"
    assert open_office(place).festival == 7


def test_processes_that_start_together_make_the_tables_once(tmp_path: Path) -> None:
    words = ("--festival", "7", "--name", "Fair")
    place = tmp_path / "office"
    run("init", place, *words)
    with worker(place, "listen") as first, worker(place, "listen") as second:
        assert first.hear() == second.hear() == {"listening": True}
