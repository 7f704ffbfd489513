"""What every test of a terminal may ask for."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import full_disk
from tests.edge.late import Late


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes; skipped, aloud, where nothing may be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    trouble = full_disk.mount(place)
    if trouble:
        pytest.skip(f"a full disk needs the right to mount one: {trouble}")
    yield place
    full_disk.unmount(place)


@pytest.fixture(scope="module")
def late_festival(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Late]:
    """The office of a festival that has been going on for days."""
    one = Late(tmp_path_factory.mktemp("late"))
    yield one
    one.office.stop()


@pytest.fixture
def late(late_festival: Late) -> Late:
    """The same office, with sound snapshots."""
    shutil.rmtree(late_festival.office.folder / "snapshots", ignore_errors=True)
    late_festival.snapshot()
    return late_festival
