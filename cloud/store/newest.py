"""Records from the newest backwards, for questions that no index answers and few people ask."""

from collections.abc import Iterator
from typing import Final

from cloud.limits import ROWS_AT_ONCE_MAX
from cloud.store.sql import Connection
from sync.names import FestivalId

_NEWEST: Final = (
    "SELECT arrival, raw FROM record WHERE festival = ? AND arrival > ? AND arrival < ?"
    " ORDER BY arrival DESC LIMIT ?"
)


def newest_records(connection: Connection, festival: FestivalId, count_max: int) -> Iterator[bytes]:
    """Walk over the newest records, the last that arrived first, so many at most.

    A page at a time: who has found enough has not fetched the rest.
    """
    (arrived,) = connection.execute(
        "SELECT arrived FROM festival WHERE festival = ?", (festival,)
    ).fetchone()
    reached, count = arrived + 1, ROWS_AT_ONCE_MAX
    while count == ROWS_AT_ONCE_MAX:
        place = (festival, arrived - count_max, reached)
        rows = connection.execute(_NEWEST, (*place, ROWS_AT_ONCE_MAX))
        count = 0
        for count, (arrival, raw) in enumerate(rows, 1):  # noqa: B007 - kept for after
            yield bytes(raw)
            reached = arrival
