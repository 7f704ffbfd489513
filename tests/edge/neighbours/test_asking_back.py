"""A gate that was put back to an older image takes back from neighbours what it lost."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.gate.box import GateBox
from edge.gate.front import Intent
from edge.gate.outside import GateOptions
from hardware.wiring import Wiring
from sync.conflicts import conflicts
from sync.names import Area
from tests.edge.boxes import code_of, make_folder, office_says
from tests.edge.neighbours.sites import ONCE, eventually


@contextmanager
def gate(folder: Path, *neighbours: GateBox) -> Iterator[GateBox]:
    """Lend a gate's whole inside, without an office, that was given a list of others."""
    ports = [one.neighbours.port for one in neighbours if one.neighbours is not None]
    places = ",".join(f"127.0.0.1:{port}" for port in ports) or "127.0.0.1:9"
    options = GateOptions(folder, neighbours=places, lan="127.0.0.1:0")
    box = GateBox(options, Wiring((), None, ()), Intent("in"), lambda _: None, needs_staff=False)
    try:
        box.start()
        yield box
    finally:
        box.stop()


def scanned(box: GateBox, serial: int) -> str:
    answer = box.terminal.lane.run(lambda: box.desk.commands()["scan"]({"text": code_of(serial)}))
    return str(answer["verdict"] if answer["verdict"] == "admit" else answer["reason"])


def test_a_gate_from_an_older_image_takes_back_what_it_lost_and_forks_nothing(
    tmp_path: Path,
) -> None:
    own, copy = make_folder(tmp_path / "north", "gate", 10), tmp_path / "copy"
    with gate(make_folder(tmp_path / "south", "gate", 11)) as south:
        south.terminal.lane.run(lambda: office_says(south.terminal, ONCE))
        with gate(own, south) as north:
            eventually(lambda: north.terminal.lan()["neighbours"] == 1, "they met")
            eventually(lambda: scanned(north, 0) == "admit", "the type came from south")
        shutil.copytree(own, copy)
        with gate(own, south) as north:
            eventually(lambda: north.terminal.lan()["neighbours"] == 1, "they met again")
            assert [scanned(north, serial) for serial in range(1, 6)] == ["admit"] * 5
            eventually(lambda: north.terminal.lane.run(north.terminal.only_here) == 0, "told")
        shutil.rmtree(own)
        shutil.copytree(copy, own)
        with gate(own, south) as north:
            assert any("older image" in notice for notice in north.terminal.notices)
            assert scanned(north, 5) == "already_inside"
            assert scanned(north, 6) == "admit"
            eventually(lambda: north.terminal.lane.run(north.terminal.only_here) == 0, "told")
            assert scanned(south, 6) == "already_inside"
            for box in (north, south):
                cells = box.terminal.store.shelf.cells
                found = box.terminal.lane.run(lambda c=cells: conflicts(c, Area.ACCESS))  # type: ignore[misc]
                assert found == []
