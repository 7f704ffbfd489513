"""The till that most tests of selling work with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.bench import ManualClock
from tests.edge.bar.tills import BEER, CIDER, MEAL, PLACE, Till, open_till
from tests.edge.boxes import NOW_MS, make_folder


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    one = open_till(make_folder(tmp_path / "bar", "bar"), ManualClock(NOW_MS))
    one.says(BEER, CIDER, MEAL, PLACE, number=40)
    yield one
    one.terminal.close()
