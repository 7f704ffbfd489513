"""Records from the newest backwards, for questions that no index answers and few people ask."""

from collections.abc import Iterator
from typing import Final

from cloud.store.sql import Connection
from sync.names import FestivalId

_NEWEST: Final = "SELECT raw FROM record WHERE festival = ? AND arrival > ? ORDER BY arrival DESC"


def newest_records(connection: Connection, festival: FestivalId, count_max: int) -> Iterator[bytes]:
    """Walk over the newest records, the last that arrived first, so many at most."""
    (arrived,) = connection.execute(
        "SELECT arrived FROM festival WHERE festival = ?", (festival,)
    ).fetchone()
    for (raw,) in connection.execute(_NEWEST, (festival, arrived - count_max)):
        yield bytes(raw)
