"""A house with one festival that has the zone and the bar which other things are put at."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.cloud.houses import TestHouse, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[TestHouse]:
    async with open_house(tmp_path) as house:
        await house.found()
        await house.put("/zones/1", {"name": "Site"})
        await house.put("/bars/1", {"name": "Bar one"})
        yield house
