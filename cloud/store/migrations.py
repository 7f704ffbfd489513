"""How older files come to have every table: steps that are numbered and never changed.

Every key starts with the festival. sqlite-utils applies the steps and remembers them; it takes half
a second to import, so it is asked only when the file's own number says that a step is missing.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from cloud.store.connection import StoreTrouble
from cloud.store.tables import records, scans


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the tables; its statements end with a semicolon at the end of a line."""

    name: str
    sql: str


STEPS: Final = (
    Step("0001 records, cells, partners", records.RECORDS),
    Step("0002 what tills asked and were answered", records.ASKED),
    Step("0003 where shifts open and close", records.SHIFTS),
    Step("0004 whether who handed the authority back was read to the end", records.AUTHORITY),
    Step("0005 what a store that was put back waits for", records.RECOVERY),
    Step("0008 scan sessions and where online gates stand", scans.SCANS),
)
SCHEMA_NUMBER: Final = len(STEPS)


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
    for step in STEPS:
        steps(name=step.name)(_applier(step))
    steps.apply(Database(connection))
    connection.execute(f"PRAGMA user_version = {SCHEMA_NUMBER}")


def _applier(step: Step) -> Callable[[Any], None]:
    def apply(database: Any) -> None:
        for statement in step.sql.split(";\n"):
            database.execute(statement)

    return apply
