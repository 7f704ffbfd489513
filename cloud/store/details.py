"""The book of what the office alone keeps: titles, descriptions, prices, and what was deleted.

Terminals hear nothing of it. Each change is a version of its own, with who made it and when, and
the newest counts; the last hundred are kept, so that it can be seen who changed a price.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cloud.limits import DETAIL_VERSIONS_MAX
from cloud.store.sql import Connection

_COLUMNS: Final = "name, version, words, deleted, said_by, at_ms"
_ONE: Final = (
    f"SELECT {_COLUMNS} FROM detail WHERE festival = ? AND kind = ? AND name = ?"  # noqa: S608
    " ORDER BY version DESC LIMIT ?"
)
_EVERY: Final = (
    f"SELECT {_COLUMNS} FROM detail AS one WHERE festival = ? AND kind = ? AND version ="  # noqa: S608
    " (SELECT max(version) FROM detail AS other WHERE other.festival = one.festival"
    " AND other.kind = one.kind AND other.name = one.name)"
)
_PUT: Final = (
    "INSERT INTO detail (festival, kind, name, version, words, deleted, said_by, at_ms)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_FORGET: Final = "DELETE FROM detail WHERE festival = ? AND kind = ? AND name = ? AND version <= ?"


@dataclass(frozen=True, slots=True)
class Detail:
    """What was said last of one thing: its words, whether it was deleted, by whom, when (Unix ms).

    `name` is the thing's number, or a terminal's id in hex. Versions count from 1.
    """

    name: str
    version: int
    words: Mapping[str, Any]
    is_deleted: bool
    said_by: str
    at_ms: int


class DetailsBook:
    """One festival's details; it writes inside transactions only."""

    def __init__(self, connection: Connection, festival: int) -> None:
        """Stand on a connection; nothing is read before it is asked for."""
        self._connection = connection
        self._festival = festival

    def one(self, kind: str, name: str) -> Detail | None:
        """Return what was said last of a thing, None if nothing was."""
        found = self.versions(kind, name, 1)
        return found[0] if found else None

    def versions(self, kind: str, name: str, count_max: int = DETAIL_VERSIONS_MAX) -> list[Detail]:
        """Return what was said of a thing, the newest first."""
        values = (self._festival, kind, name, count_max)
        return [_detail(row) for row in self._connection.execute(_ONE, values)]

    def every(self, kind: str) -> dict[str, Detail]:
        """Return what was said last of every thing of a kind, also of deleted ones, by name."""
        rows = self._connection.execute(_EVERY, (self._festival, kind))
        return {row[0]: _detail(row) for row in rows}

    def put(
        self,
        kind: str,
        name: str,
        words: Mapping[str, Any],
        *,
        is_deleted: bool = False,
        said_by: str = "",
        now_ms: int,
    ) -> Detail:
        """Keep what is said of a thing from now on (Unix ms); the same words again change nothing.

        `words` are values of JSON.
        """
        known = self.one(kind, name)
        if known is not None and (known.words, known.is_deleted) == (words, is_deleted):
            return known
        version = 1 if known is None else known.version + 1
        new = Detail(name, version, dict(words), is_deleted, said_by, now_ms)
        text = json.dumps(new.words, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
        row = (self._festival, kind, name, version, text, int(is_deleted), said_by, now_ms)
        self._connection.execute(_PUT, row)
        if version > DETAIL_VERSIONS_MAX:
            oldest = (self._festival, kind, name, version - DETAIL_VERSIONS_MAX)
            self._connection.execute(_FORGET, oldest)
        return new


def _detail(row: Sequence[Any]) -> Detail:
    name, version, words, deleted, said_by, at_ms = row
    return Detail(str(name), int(version), json.loads(words), bool(deleted), said_by, int(at_ms))
