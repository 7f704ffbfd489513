"""The store's tables and how older files come to have them, each step numbered and never changed.

Every key starts with the festival. sqlite-utils applies the steps and remembers them; it takes half
a second to import, so it is asked only when the file's own number says that a step is missing.
"""

import sqlite3
from typing import Any, Final

from cloud.store.connection import StoreTrouble

SCHEMA_NUMBER: Final = 5

_FIRST: Final = """
CREATE TABLE festival (
    festival INTEGER PRIMARY KEY, store_id BLOB NOT NULL, arrived INTEGER NOT NULL,
    recovering_since_ms INTEGER NOT NULL
);
CREATE TABLE run (
    festival INTEGER NOT NULL, run BLOB NOT NULL, terminal BLOB NOT NULL, role INTEGER NOT NULL,
    name TEXT NOT NULL, key BLOB NOT NULL, head_number INTEGER NOT NULL, head_id BLOB NOT NULL,
    opened INTEGER NOT NULL, PRIMARY KEY (festival, run)
) WITHOUT ROWID;
CREATE INDEX run_terminal ON run (festival, terminal, opened);
CREATE TABLE record (
    festival INTEGER NOT NULL, arrival INTEGER NOT NULL, id BLOB NOT NULL,
    terminal BLOB NOT NULL, run BLOB NOT NULL, number INTEGER NOT NULL, previous BLOB NOT NULL,
    role INTEGER NOT NULL, raw BLOB NOT NULL
);
CREATE UNIQUE INDEX record_arrival ON record (festival, arrival);
CREATE UNIQUE INDEX record_id ON record (festival, id);
CREATE INDEX record_place ON record (festival, run, number);
CREATE INDEX record_previous ON record (festival, previous);
CREATE TABLE cell (
    festival INTEGER NOT NULL, area INTEGER NOT NULL, kind INTEGER NOT NULL, key BLOB NOT NULL,
    value BLOB NOT NULL, PRIMARY KEY (festival, area, kind, key)
) WITHOUT ROWID;
CREATE TABLE waiting (
    festival INTEGER NOT NULL, mark BLOB NOT NULL, run BLOB NOT NULL, number INTEGER NOT NULL,
    raw BLOB NOT NULL, PRIMARY KEY (festival, mark)
) WITHOUT ROWID;
CREATE INDEX waiting_run ON waiting (festival, run, number);
CREATE TABLE writer (
    festival INTEGER NOT NULL, terminal BLOB NOT NULL, held INTEGER NOT NULL,
    PRIMARY KEY (festival, terminal)
) WITHOUT ROWID;
CREATE TABLE partner (
    festival INTEGER NOT NULL, terminal BLOB NOT NULL, memory BLOB NOT NULL,
    heard_ms INTEGER NOT NULL, PRIMARY KEY (festival, terminal)
) WITHOUT ROWID;
"""

_SECOND: Final = """
ALTER TABLE partner ADD COLUMN level_ms INTEGER NOT NULL DEFAULT 0;
CREATE TABLE answered (
    festival INTEGER NOT NULL, terminal BLOB NOT NULL, operation BLOB NOT NULL,
    mark BLOB NOT NULL, reply BLOB NOT NULL, granted INTEGER NOT NULL, given INTEGER NOT NULL,
    at_ms INTEGER NOT NULL, PRIMARY KEY (festival, terminal, operation)
) WITHOUT ROWID;
CREATE INDEX answered_age ON answered (festival, terminal, at_ms);
CREATE TABLE claim_try (
    festival INTEGER NOT NULL, wallet BLOB NOT NULL, wrong INTEGER NOT NULL,
    last_ms INTEGER NOT NULL, PRIMARY KEY (festival, wallet)
) WITHOUT ROWID;
"""

IS_SHIFT: Final = "(instr(raw, x'0918390a') OR instr(raw, x'09183a0a'))"
"""What only records hold that open or close a shift (kinds 57 and 58), and few others."""

_THIRD: Final = f"CREATE INDEX record_shift ON record (festival, terminal) WHERE {IS_SHIFT}"

_FOURTH: Final = "ALTER TABLE festival ADD COLUMN authority_read INTEGER NOT NULL DEFAULT 0"

_FIFTH: Final = """
CREATE TABLE former_store (
    festival INTEGER NOT NULL, store_id BLOB NOT NULL, PRIMARY KEY (festival, store_id)
) WITHOUT ROWID;
CREATE TABLE caught_up (
    festival INTEGER NOT NULL, terminal BLOB NOT NULL, at_ms INTEGER NOT NULL,
    PRIMARY KEY (festival, terminal)
) WITHOUT ROWID;
"""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the file to this version; `StoreTrouble` if a newer Guichet made it."""
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    if number > SCHEMA_NUMBER:
        message = (
            f"the store has form {number}, made by a newer Guichet; this one knows {SCHEMA_NUMBER}."
            " Install the newer version."
        )
        raise StoreTrouble(message)
    if number < SCHEMA_NUMBER:
        _apply(connection)


def _apply(connection: sqlite3.Connection) -> None:
    from sqlite_utils import Database, Migrations

    steps = Migrations("office")

    @steps(name="0001 records, cells, partners")
    def first(database: Any) -> None:
        for statement in _FIRST.split(";\n"):
            database.execute(statement)

    @steps(name="0002 what tills asked and were answered")
    def second(database: Any) -> None:
        for statement in _SECOND.split(";\n"):
            database.execute(statement)

    @steps(name="0003 where shifts open and close")
    def third(database: Any) -> None:
        database.execute(_THIRD)

    @steps(name="0004 whether who handed the authority back was read to the end")
    def fourth(database: Any) -> None:
        database.execute(_FOURTH)

    @steps(name="0005 what a store that was put back waits for")
    def fifth(database: Any) -> None:
        for statement in _FIFTH.split(";\n"):
            database.execute(statement)

    steps.apply(Database(connection))
    connection.execute(f"PRAGMA user_version = {SCHEMA_NUMBER}")
