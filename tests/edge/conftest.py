"""What every test of a terminal may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import full_disk


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
