"""A box and its copy: both notice, whichever of them wrote last."""

import shutil
from pathlib import Path

import pytest

from edge.terminal import Terminal
from hardware.bench import ManualClock
from sync.conflicts import ConflictKind, conflicts
from sync.facts import ClockConfirmed
from sync.names import Area, Role
from tests.edge.boxes import NOW_MS, make_folder

FACT = ClockConfirmed(1, NOW_MS, 1)


class Cut(BaseException):
    """The power went out."""


def opened(folder: Path) -> Terminal:
    return Terminal(folder, Role.GATE, clock=ManualClock(NOW_MS), synchronised=True)


def forks(terminal: Terminal) -> list[str]:
    cells = terminal.store.shelf.cells
    found = conflicts(cells, Area.ACCESS)
    return [one.subject for one in found if one.kind is ConflictKind.FORKED_JOURNAL]


def original_that_heard_its_copy(tmp_path: Path) -> Terminal:
    """Return a gate that wrote nothing since it was copied, and heard how the copy went on."""
    original = opened(make_folder(tmp_path / "north", "gate"))
    original.record(FACT)
    original.store.settle()
    folder = tmp_path / "copy"
    folder.mkdir()
    for path in original.folder.iterdir():
        shutil.copy2(path, folder / path.name)
    copy = opened(folder)
    copy.record(FACT)
    newest = copy.store.newest_of(copy.manifest.terminal_id, 2)
    copy.close()
    with original.store.transaction():
        original.replica.take([record.raw for record in reversed(newest)])
    assert forks(original) == []
    return original


def test_an_original_notices_its_copy_as_soon_as_it_writes_on_itself(tmp_path: Path) -> None:
    original = original_that_heard_its_copy(tmp_path)
    original.record(FACT)
    assert forks(original) == [original.manifest.terminal]
    original.close()


def test_it_notices_that_also_if_it_dies_before_it_folded_what_it_wrote(tmp_path: Path) -> None:
    original = original_that_heard_its_copy(tmp_path)

    def step(name: str) -> None:
        if name == "committed":
            raise Cut

    original.step = step
    with pytest.raises(Cut):
        original.record(FACT)
    original.store.connection.close()
    original._lock.release()
    again = opened(original.folder)
    assert forks(again) == [again.manifest.terminal]
    again.close()
