"""The book of people who hold tickets: an id, their data sealed, and the sealed key to them."""

from collections.abc import Sequence
from typing import Final

from cloud.store.sql import Connection
from sync.names import FestivalId

_PUT: Final = (
    "INSERT INTO person (festival, person, sealed_key, sealed) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (festival, person) DO UPDATE SET sealed_key = excluded.sealed_key,"
    " sealed = excluded.sealed"
)
_ASKED_AT_ONCE_MAX: Final = 400


class PersonBook:
    """One festival's people; it knows no name and no key."""

    def __init__(self, connection: Connection, festival: FestivalId | int) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection
        self._festival = festival

    def put(self, rows: Sequence[tuple[bytes, bytes, bytes]]) -> None:
        """Keep (person, sealed key, sealed data) rows, each in the place of what was there."""
        self._connection.executemany(_PUT, [(self._festival, *row) for row in rows])

    def of(self, people: Sequence[bytes]) -> dict[bytes, tuple[bytes, bytes]]:
        """Return (sealed key, sealed data) of those people who are here, by id."""
        found: dict[bytes, tuple[bytes, bytes]] = {}
        for at in range(0, len(people), _ASKED_AT_ONCE_MAX):
            part = people[at : at + _ASKED_AT_ONCE_MAX]
            marks = ", ".join("?" * len(part))
            rows = self._connection.execute(
                "SELECT person, sealed_key, sealed FROM person"  # noqa: S608 - only marks
                f" WHERE festival = ? AND person IN ({marks})",
                (self._festival, *part),
            )
            found.update((bytes(who), (bytes(key), bytes(data))) for who, key, data in rows)
        return found

    def erase(self, person: bytes) -> bool:
        """Take away a person's key and data; False if nothing was there."""
        done = self._connection.execute(
            "DELETE FROM person WHERE festival = ? AND person = ?", (self._festival, person)
        )
        return done.rowcount > 0
