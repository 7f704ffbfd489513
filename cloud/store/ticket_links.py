"""The book of links that show tickets without an account: of a secret only its digest is kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from cloud.store.sql import Connection
from cloud.store.tickets import serial_bytes
from sync.names import FestivalId


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link as it is kept; `revoked_ms` is 0 while it holds, times are Unix ms."""

    link: bytes
    label: str
    made_ms: int
    ends_ms: int
    revoked_ms: int


class LinkBook:
    """One festival's links; it writes inside transactions only."""

    def __init__(self, connection: Connection, festival: FestivalId | int) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection
        self._festival = festival

    def add(self, mark: bytes, row: LinkRow, serials: Sequence[int]) -> None:
        """Keep a link to tickets under the digest of its secret (32 bytes)."""
        self._connection.execute(
            "INSERT INTO ticket_link (festival, mark, link, label, made_ms, ends_ms, revoked_ms)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                self._festival, mark, row.link, row.label, row.made_ms, row.ends_ms,
                row.revoked_ms,
            ),
        )  # fmt: skip
        self._connection.executemany(
            "INSERT INTO ticket_of_link (festival, link, place, serial) VALUES (?, ?, ?, ?)",
            [
                (self._festival, row.link, place, serial_bytes(serial))
                for place, serial in enumerate(serials)
            ],
        )

    def by_mark(self, mark: bytes) -> LinkRow | None:
        """Return the link whose secret has this digest."""
        found = self._connection.execute(
            "SELECT link, label, made_ms, ends_ms, revoked_ms FROM ticket_link"
            " WHERE festival = ? AND mark = ?",
            (self._festival, mark),
        ).fetchone()
        return None if found is None else LinkRow(bytes(found[0]), *found[1:])

    def listed(self, after: tuple[int, bytes] | None, count_max: int) -> list[LinkRow]:
        """Return links in the order in which they were made, after (made_ms, link)."""
        rows = self._connection.execute(
            "SELECT link, label, made_ms, ends_ms, revoked_ms FROM ticket_link"
            " WHERE festival = ? AND (made_ms, link) > (?, ?) ORDER BY made_ms, link LIMIT ?",
            (self._festival, *(after or (-1, b"")), count_max),
        )
        return [LinkRow(bytes(link), *rest) for link, *rest in rows]

    def serials(self, link: bytes) -> list[int]:
        """Return the serials of a link's tickets, in its order."""
        rows = self._connection.execute(
            "SELECT serial FROM ticket_of_link WHERE festival = ? AND link = ? ORDER BY place",
            (self._festival, link),
        )
        return [int.from_bytes(serial, "big") for (serial,) in rows]

    def revoke(self, link: bytes, now_ms: int) -> bool:
        """Let a link hold no longer; False if it is not there or did not hold."""
        done = self._connection.execute(
            "UPDATE ticket_link SET revoked_ms = ? WHERE festival = ? AND link = ?"
            " AND revoked_ms = 0",
            (now_ms, self._festival, link),
        )
        return done.rowcount > 0
