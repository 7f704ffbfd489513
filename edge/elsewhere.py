"""How much of a box's own journal others hold, from what they said of it; pure."""

from collections.abc import Iterable, Mapping

from sync.names import RunId
from sync.replica import RunInfo


def held_nowhere_else(own: Iterable[RunInfo], said: Iterable[Mapping[RunId, int]]) -> int:
    """Return how many own records nobody said to hold; `said` is by run, up to where."""
    known: dict[RunId, int] = {}
    for held in said:
        for run, number in held.items():
            known[run] = max(number, known.get(run, -1))
    return sum(max(0, info.head_number - known.get(info.run, -1)) for info in own)


def is_more_elsewhere(own: Iterable[RunInfo], said: Iterable[tuple[RunId, int]]) -> bool:
    """Tell whether somebody holds records of the own runs that are not here any more."""
    here = {info.run: info.head_number for info in own}
    return any(number > here.get(run, -1) for run, number in said)
