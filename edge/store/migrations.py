"""The store's tables and how older files come to have them, each step numbered and never changed.

sqlite-utils applies the steps and remembers them. It takes half a second to import, so it is asked
only when the file's own number says that a step is missing.
"""

import sqlite3
from typing import Any, Final

from edge.store.connection import StoreTrouble

SCHEMA_NUMBER: Final = 1

_FIRST: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE runs (
    run BLOB PRIMARY KEY, terminal BLOB NOT NULL, role INTEGER NOT NULL, name TEXT NOT NULL,
    key BLOB NOT NULL, head_number INTEGER NOT NULL, head_id BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE journal (
    arrival INTEGER PRIMARY KEY, id BLOB NOT NULL, terminal BLOB NOT NULL, run BLOB NOT NULL,
    number INTEGER NOT NULL, previous BLOB NOT NULL, role INTEGER NOT NULL, raw BLOB NOT NULL
);
CREATE UNIQUE INDEX journal_id ON journal (id);
CREATE INDEX journal_place ON journal (run, number);
CREATE INDEX journal_previous ON journal (previous);
CREATE TABLE cells (
    area INTEGER NOT NULL, kind INTEGER NOT NULL, key BLOB NOT NULL,
    value BLOB NOT NULL, seal INTEGER NOT NULL, PRIMARY KEY (area, kind, key)
) WITHOUT ROWID;
CREATE TABLE waiting (
    mark BLOB PRIMARY KEY, run BLOB NOT NULL, number INTEGER NOT NULL, raw BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX waiting_run ON waiting (run, number);
CREATE TABLE partners (partner TEXT PRIMARY KEY, memory BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE unacknowledged (
    run BLOB NOT NULL, number INTEGER NOT NULL, part INTEGER NOT NULL, kind INTEGER NOT NULL,
    sale BLOB NOT NULL, wallet BLOB NOT NULL, amount INTEGER NOT NULL,
    PRIMARY KEY (run, number, part)
) WITHOUT ROWID;
CREATE TABLE spent (
    day INTEGER NOT NULL, wallet BLOB NOT NULL, amount INTEGER NOT NULL, PRIMARY KEY (day, wallet)
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

    steps = Migrations("terminal")

    @steps(name="0001 journal, cells, partners")
    def first(database: Any) -> None:
        for statement in _FIRST.split(";\n"):
            database.execute(statement)

    steps.apply(Database(connection))
    connection.execute(f"PRAGMA user_version = {SCHEMA_NUMBER}")
