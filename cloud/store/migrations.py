"""How older files come to have every table: steps that are numbered and never changed.

Every key starts with the festival. sqlite-utils applies the steps and remembers them; it takes half
a second to import, so it is asked only when the file's own number says that a step is missing.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cloud.store.connection import StoreTrouble
from cloud.store.tables import details, orders, records, scans, tickets


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
    Step("0006 tickets and where they came from", tickets.TICKETS),
    Step("0007 orders and what was answered under which key", orders.ORDERS),
    Step("0008 scan sessions and where online gates stand", scans.SCANS),
    Step("0009 what the office alone keeps of festivals and their catalogue", details.DETAILS),
)


def migrate(
    connection: sqlite3.Connection, steps: Sequence[Step] = STEPS, name: str = "office"
) -> None:
    """Bring the file to this version; `StoreTrouble` if a newer Guichet made it.

    `name` is that of the list of steps, of which each file follows one.
    """
    (number,) = connection.execute("PRAGMA user_version").fetchone()
    if number > len(steps):
        message = (
            f"the store has form {number}, made by a newer Guichet; this one knows {len(steps)}."
            " Install the newer version."
        )
        raise StoreTrouble(message)
    if number < len(steps):
        _apply(connection, steps, name)


def _apply(connection: sqlite3.Connection, steps: Sequence[Step], name: str) -> None:
    from sqlite_utils import Database, Migrations

    listed = Migrations(name)
    for step in steps:
        listed(name=step.name)(_applier(step))
    listed.apply(Database(connection))
    connection.execute(f"PRAGMA user_version = {len(steps)}")


def _applier(step: Step) -> Callable[[Any], None]:
    def apply(database: Any) -> None:
        for statement in step.sql.split(";\n"):
            database.execute(statement)

    return apply
