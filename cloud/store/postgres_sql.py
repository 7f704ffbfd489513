"""How a statement that was written for SQLite is said to PostgreSQL: text in, text out, no line.

Types become PostgreSQL's, with texts ordered byte by byte as SQLite orders them; `?` and `?1`
become `$1`; hints that only SQLite's planner knows are left out. Texts in quotes stay.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

_TEXTS_KEPT: Final = 2_048
_QUOTED: Final = re.compile(r"('(?:[^']|'')*')")
_PIECE: Final = re.compile(r"'(?:[^']|'')*'|\?\d*|[^'?]+")
_TYPES: Final = (
    (re.compile(r"\bBLOB\b"), "BYTEA"),
    (re.compile(r"\bINTEGER\b"), "BIGINT"),
    (re.compile(r"\bTEXT\b"), 'TEXT COLLATE "C"'),
    (re.compile(r"\)\s*WITHOUT ROWID\b"), ")"),
)
_HINTS: Final = (
    (re.compile(r"\s+INDEXED BY \w+"), ""),
    (re.compile(r"\bCROSS JOIN (\w+)\s+ON\b"), r"JOIN \1 ON"),
    (re.compile(r"\bBEGIN IMMEDIATE\b"), "BEGIN"),
)
_BYTES_IN: Final = re.compile(r"\binstr\(([\w.]+), x'([0-9a-f]+)'\)")
_MANY: Final = re.compile(
    r"INSERT INTO (?P<table>\w+)(?: \((?P<columns>[\w, ]+)\))? VALUES \([?, ]+\)(?P<rest>.*)",
    re.DOTALL,
)
_CONFLICT: Final = re.compile(r"\s*ON CONFLICT \((?P<key>[\w, ]+)\)\s+DO UPDATE\b")


@lru_cache(_TEXTS_KEPT)
def translate(sql: str) -> str:
    """Return a statement as PostgreSQL reads it."""
    defines = sql.lstrip().startswith(("CREATE", "ALTER"))
    sql = _BYTES_IN.sub(r"(position('\\x\2'::bytea in \1) > 0)", sql)
    parts = _QUOTED.split(sql)
    for pattern, said in (*_HINTS, *(_TYPES if defines else ())):
        parts[::2] = [pattern.sub(said, part) for part in parts[::2]]
    return _numbered("".join(parts))


def _numbered(sql: str) -> str:
    """Return a statement with `$1` for `?` and `?1`; a text in quotes stays as it is."""
    parts: list[str] = []
    last = 0  # the highest so far, after which SQLite counts on too
    for piece in _PIECE.findall(sql):
        if not piece.startswith("?"):
            parts.append(piece)
            continue
        number = int(piece[1:]) if len(piece) > 1 else last + 1
        last = max(last, number)
        parts.append(f"${number}")
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class Insertion:
    """An insertion of one row that can be said once for many rows.

    `key` are the places, from 0, of the values by which it finds the row to update; None if it
    updates nothing. One statement may bring each of them once only.
    """

    single: str
    into: str
    rest: str
    key: tuple[int, ...] | None

    def of_many(self, types: tuple[str, ...]) -> str:
        """Return the statement that takes a list for each value, of these types."""
        lists = ", ".join(f"${at}::{name}[]" for at, name in enumerate(types, 1))
        return f"{self.into} SELECT * FROM unnest({lists}){self.rest}"  # noqa: S608 - a statement of ours


@lru_cache(_TEXTS_KEPT)
def insertion(sql: str) -> Insertion | None:
    """Return how a statement inserts many rows at once, or None if it cannot.

    It cannot if it is no plain insertion, or updates by columns that it does not name.
    """
    match = _MANY.fullmatch(sql)
    if match is None or "?" in match["rest"]:
        return None
    columns = [] if match["columns"] is None else match["columns"].split(", ")
    key: tuple[int, ...] | None = None
    if "DO UPDATE" in match["rest"]:
        conflict = _CONFLICT.match(match["rest"])
        wanted = [] if conflict is None else conflict["key"].split(", ")
        if not wanted or not set(wanted) <= set(columns):
            return None
        key = tuple(columns.index(name) for name in wanted)
    named = f" ({match['columns']})" if columns else ""
    return Insertion(translate(sql), f"INSERT INTO {match['table']}{named}", match["rest"], key)
