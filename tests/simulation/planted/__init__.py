"""Mistakes that are planted into the product for one world, to see that they are caught."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from tests.simulation.planted import at_tills, in_office, in_stores, in_sync

Patch = Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True)
class Bug:
    """A planted mistake: what it is, how it is made, and a seed that is known to catch it."""

    name: str
    sentence: str
    patch: Patch
    seed: int


_SEEDS: dict[str, int] = {}

BUGS: dict[str, Bug] = {
    name: Bug(name, sentence, patch, _SEEDS.get(name, 0))
    for part in (in_stores, in_sync, in_office, at_tills)
    for name, (sentence, patch) in part.PLANTED.items()
}
"""Every planted bug by its name."""
