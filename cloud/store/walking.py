"""Walks over many rows a page at a time: no engine holds all of them, nor a line meanwhile."""

from collections.abc import Iterator
from typing import Final

from cloud.limits import ROWS_AT_ONCE_MAX
from cloud.store.sql import Connection
from sync.names import FestivalId

WHOLE_MAX: Final = (1 << 63) - 1
"""The largest whole number that every engine keeps: as a limit, none."""
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
