"""Walks over many rows a page at a time: no engine holds all of them, nor a line meanwhile."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Final

from cloud.limits import NAMES_ASKED_MAX, ROWS_AT_ONCE_MAX
from cloud.store.sql import Connection
from sync.names import FestivalId

WHOLE_MAX: Final = (1 << 63) - 1
"""The largest whole number that every engine keeps: as a limit, none."""
_PLACES: Final = (8, 64, NAMES_ASKED_MAX)
_RECORDS: Final = (
    "SELECT arrival, raw, role FROM record WHERE festival = ? AND arrival > ?"
    " ORDER BY arrival LIMIT ?"
)


def walk_records(connection: Connection, festival: FestivalId) -> Iterator[tuple[bytes, int]]:
    """Walk over (record, its writer's role) of a festival in the order of arrival."""
    reached, count = 0, ROWS_AT_ONCE_MAX
    while count == ROWS_AT_ONCE_MAX:
        rows = connection.execute(_RECORDS, (festival, reached, ROWS_AT_ONCE_MAX))
        count = 0
        for count, (arrival, raw, role) in enumerate(rows, 1):  # noqa: B007 - kept for after
            yield raw, role
            reached = arrival


def ask_many(
    connection: Connection, question: str, where: Sequence[object], names: Iterable[bytes]
) -> Iterator[Any]:
    """Walk over what a question finds for any of many names.

    `{}` stands in it for their places, behind those of `where`. There are few numbers of places, so
    that statements are prepared once; a place that is left over has a name that is there already.
    """
    left = iter(dict.fromkeys(names))
    while some := list(islice(left, NAMES_ASKED_MAX)):
        places = next(count for count in _PLACES if count >= len(some))
        filled = (*some, *some[-1:] * (places - len(some)))
        yield from connection.execute(_asking(question, places), (*where, *filled))


@lru_cache
def _asking(question: str, places: int) -> str:
    return question.format(", ".join("?" * places))
