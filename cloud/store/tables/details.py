"""The table of what the office alone keeps: words about a festival, its catalogue, its terminals.

A step that was released is never changed: a later one alters what it made.
"""

from typing import Final

DETAILS: Final = """
CREATE TABLE detail (
    festival INTEGER NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
    words TEXT NOT NULL, deleted INTEGER NOT NULL, said_by TEXT NOT NULL, at_ms INTEGER NOT NULL,
    PRIMARY KEY (festival, kind, name, version)
) WITHOUT ROWID;
"""
