"""Each kind of fact is led to every area that takes it, and to no other."""

import pytest

from sync import catalogue
from sync.cells import MemoryCells, area_hashes
from sync.facts import Body
from sync.fold import TAKES, Part, fold
from sync.names import Area, Role
from tests.sync.builder import Pen
from tests.sync.every_kind import EVERY_KIND, GROWN


@pytest.mark.parametrize("part", TAKES, ids=lambda part: part.__module__)
@pytest.mark.parametrize("body", EVERY_KIND, ids=lambda body: type(body).__name__)
def test_an_area_that_does_not_take_a_kind_leaves_it_alone(part: Part, body: Body) -> None:
    if type(body) in TAKES[part]:
        return
    cells = MemoryCells()
    part(cells, Pen(Role.OFFICE, 31).write(body), Role.OFFICE)
    assert area_hashes(cells, Area) == area_hashes(MemoryCells(), Area)


@pytest.mark.parametrize("body", [*EVERY_KIND, *GROWN], ids=lambda body: type(body).__name__)
def test_a_fact_is_folded_as_if_every_area_were_asked(body: Body) -> None:
    led, asked = MemoryCells(), MemoryCells()
    record = Pen(Role.OFFICE, 31).write(body)
    fold(led, record, Role.OFFICE)
    for part in (catalogue.fold, *TAKES):
        part(asked, record, Role.OFFICE)
    assert area_hashes(led, Area) == area_hashes(asked, Area)
