"""A box that joins late when something is wrong: false snapshots, damage, power cuts."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from edge.joining import join
from edge.limits import SWAP_FACTS_MAX
from edge.store import next_cells
from edge.store.connection import STORE_FILE
from edge.terminal import Terminal
from provisioning.manifest import load, save
from sync import history
from sync.cells import CellKey, CellKind
from sync.codec import encode
from sync.names import Area, Role
from sync.snapshot import (
    RunRow,
    read_page,
    read_run_page,
    run_pages,
)
from tests.edge.late import (
    REFUSAL,
    Late,
    hashes,
    is_sound,
    joined,
    level,
    look_back,
)
from tests.rehearsal.joiner_world import ZONE

# --- what is not as it should be ---


def altered(late: Late) -> None:
    mark = late.head(Role.GATE).parts[-1][0]
    path = late.files(Role.GATE) / f"{mark.hex()}.part"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(late: Late) -> None:
    mark = late.head(Role.GATE).parts[-1][0]
    path = late.files(Role.GATE) / f"{mark.hex()}.part"
    path.write_bytes(path.read_bytes()[:-10])


def gone(late: Late) -> None:
    for path in late.files(Role.GATE).glob("*.part"):
        path.unlink()


def of_a_till(late: Late) -> None:
    """The office would not give this head out by mistake, so its parts go under the gate's."""
    pages = late.pages(Role.BAR)
    late.puts(Role.GATE, pages, cells=late.head(Role.BAR).cells)


def twice(late: Late) -> None:
    pages = late.pages(Role.GATE)
    late.puts(Role.GATE, [*pages, pages[-1]], cells=late.head(Role.GATE).cells)


def another_digest(late: Late) -> None:
    late.puts(Role.GATE, late.pages(Role.GATE), cells_digest=b"\0" * 32)


def another_count(late: Late) -> None:
    late.puts(Role.GATE, late.pages(Role.GATE), cells=3)


@pytest.mark.parametrize(
    "harm", [altered, cut, gone, of_a_till, twice, another_digest, another_count]
)
def test_a_snapshot_that_is_not_whole_is_not_used_and_the_box_reads_the_journals(
    late: Late, harm: Callable[[Late], None]
) -> None:
    harm(late)
    terminal = joined(late.enrolled("gate"), Role.GATE)
    assert len(terminal.notices) == 1
    assert "reads all journals instead" in terminal.notices[0]
    assert terminal.store.facts() == 1
    assert is_sound(late, terminal)
    terminal.close()


def test_without_a_snapshot_or_an_office_a_box_starts_as_it_always_did(late: Late) -> None:
    shutil.rmtree(late.office.folder / "snapshots")
    terminal = joined(late.enrolled("gate"), Role.GATE)
    assert terminal.notices == []
    assert is_sound(late, terminal)
    terminal.close()
    folder = late.enrolled("gate")
    save(replace(load(folder), office="http://127.0.0.1:9"), folder)
    alone = joined(folder, Role.GATE)
    assert (alone.notices, alone.store.facts()) == ([], 1)
    alone.close()


def test_a_box_that_has_worked_is_never_given_a_snapshot(late: Late) -> None:
    folder = late.enrolled("gate")
    Terminal(folder, Role.GATE).close()
    terminal = joined(folder, Role.GATE)
    assert terminal.lane.run(lambda: terminal.store.standing) is None
    assert is_sound(late, terminal)
    terminal.close()


def test_a_state_that_the_records_do_not_bear_out_gives_way_to_the_boxs_own(late: Late) -> None:
    """The office signed one zone too many and forgot a status: its records say otherwise."""
    pages = late.pages(Role.GATE)
    zone = encode([3, 2, int(CellKind.INSIDE), 0, [b"\x77\x77"], [encode(5)], b"\0\0"])
    late.puts(Role.GATE, [*pages, zone], cells=late.head(Role.GATE).cells + 1)
    terminal = joined(late.enrolled("gate"), Role.GATE)
    cells = terminal.store.shelf.cells
    assert terminal.lane.run(lambda: history.inside_count(cells, 0x7777)) == 5
    level(terminal)
    look_back(terminal)
    assert terminal.lane.run(lambda: history.inside_count(cells, 0x7777)) == 0
    assert is_sound(late, terminal)
    terminal.close()
    again = Terminal(terminal.folder, Role.GATE)
    assert any("was not what the records say" in one for one in again.notices)
    again.close()


def test_a_run_with_a_key_that_is_not_its_own_ends_the_snapshot(late: Late) -> None:
    def other_key(page: bytes) -> bytes:
        values = read_page(page)
        if values[0] != 1:
            return page
        rows = [one for one in read_run_page(values) if isinstance(one, RunRow)]
        return next(run_pages([replace(rows[0], key=bytes(32)), *rows[1:]], []))

    late.puts(Role.GATE, [other_key(page) for page in late.pages(Role.GATE)])
    terminal = joined(late.enrolled("gate"), Role.GATE)
    level(terminal)
    assert look_back(terminal).stage == "stopped"
    assert terminal.lane.broken is not None
    terminal.close()
    again = Terminal(terminal.folder, Role.GATE)
    again.start()
    assert any("snapshot was false" in one for one in again.notices)
    assert is_sound(late, again)
    again.close()


def test_damaged_cells_end_the_snapshot_because_no_record_can_make_them_again(late: Late) -> None:
    terminal = joined(late.enrolled("gate"), Role.GATE)
    level(terminal)
    key = CellKey(Area.ACCESS, CellKind.INSIDE, ZONE.to_bytes(2, "big"))
    with terminal.store.transaction():
        terminal.store.connection.execute(
            "UPDATE cells SET seal = seal + 1 WHERE area = ? AND kind = ? AND key = ?", key
        )
    terminal.close()
    again = Terminal(terminal.folder, Role.GATE)
    again.start()
    assert any("made again" in one for one in again.notices)
    assert is_sound(late, again)
    again.close()


# --- power cuts ---


class Camera:
    """Takes pictures of a store's files now and then, as a power cut would leave them."""

    def __init__(self, folder: Path, into: Path, every: int) -> None:
        self.pictures: list[Path] = []
        self._folder = folder
        self._into = into
        self._every = every
        self._count = 0

    def __call__(self, statement: str) -> None:
        self._count += 1
        if self._count % self._every:
            return
        picture = self._into / f"{len(self.pictures)}"
        picture.mkdir()
        for path in self._folder.iterdir():
            if path.suffix != ".lock" and not path.name.endswith("-shm"):
                shutil.copy(path, picture / path.name)
        self.pictures.append(picture)
        assert statement


def test_a_power_cut_at_any_step_leaves_a_box_that_comes_to_the_same_end(
    late: Late, tmp_path: Path
) -> None:
    role, folder = Role.GATE, late.enrolled("gate")
    (tmp_path / "joining").mkdir()
    (tmp_path / "looking").mkdir()
    terminal = Terminal(folder, role, opens_run=False)
    joining = Camera(folder, tmp_path / "joining", 3)
    terminal.store.connection.set_trace_callback(joining)
    assert join(terminal)
    terminal.store.connection.set_trace_callback(None)
    terminal.open_run()
    terminal.start()
    level(terminal)
    looking = Camera(folder, tmp_path / "looking", 331)
    terminal.store.connection.set_trace_callback(looking)
    look_back(terminal)
    terminal.store.connection.set_trace_callback(None)
    assert is_sound(late, terminal)
    end = hashes(terminal)
    terminal.close()
    stood = set()
    for picture in [*joining.pictures[::60], *joining.pictures[-2:], *looking.pictures]:
        again = joined(picture, role)
        stood.add(again.lane.run(lambda a=again: a.store.standing is not None))  # type: ignore[misc]
        assert again.notices == []
        level(again)
        look_back(again)
        assert is_sound(late, again)
        assert again.store.facts() >= 2
        names = again.store.connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'cells%'"
        ).fetchall()
        assert names == [("cells",)]
        again.close()
    assert stood == {True, False} or len(looking.pictures) > 5
    assert end
    assert (folder / STORE_FILE).exists()


def test_the_cells_change_places_only_when_nearly_nothing_is_left_to_fold(late: Late) -> None:
    terminal = joined(late.enrolled("gate"), Role.GATE)
    store, replica = terminal.store, terminal.replica
    level(terminal)
    terminal.lane.run(lambda: next_cells.begin(store))
    for _ in range(SWAP_FACTS_MAX + 1):
        terminal.lane.run(lambda: terminal.record(REFUSAL))
    assert not terminal.lane.run(lambda: next_cells.swap(store, replica, 0))
    assert terminal.lane.run(lambda: store.standing is not None)
    terminal.close()
