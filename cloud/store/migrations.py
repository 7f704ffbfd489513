"""How older stores come to have every table: steps that are numbered and never changed.

Every key starts with the festival. In SQLite's file sqlite-utils applies the steps and remembers
them; it takes half a second to import, so it is asked only when the file's own number says that a
step is missing. PostgreSQL remembers their names in a table; of processes that start together one
applies them, and the others wait for its lock.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cloud.store.connection import StoreTrouble
from cloud.store.sql import Connection
from cloud.store.tables import (
    accounts,
    details,
    enrolment,
    orders,
    records,
    scans,
    tickets,
    together,
)


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the tables; its statements end with a semicolon at the end of a line.

    `is_shared`: only where several processes share one database.
    """

    name: str
    sql: str
    is_shared: bool = False

    def statements(self) -> Iterator[str]:
        """Walk over what is to be executed."""
        return (part.strip() for part in self.sql.split(";\n") if part.strip())


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
    Step("0101 the codes that boxes enrol with", enrolment.CODES, is_shared=True),
    Step("0102 what processes tell each other", together.TOGETHER, is_shared=True),
)
ACCOUNTS_STEPS: Final = (
    Step("accounts 0001 organisers, people, sessions, keys", accounts.ACCOUNTS),
)
"""In a file of their own, or in the shared database after the festivals' tables."""
SHARED_STEPS: Final = (*STEPS, *ACCOUNTS_STEPS)
FILE_STEPS: Final = tuple(step for step in STEPS if not step.is_shared)
SCHEMA_NUMBER: Final = len(FILE_STEPS)
_POSTGRES_LOCK: Final = 0x6775_6963_6865_0002
_FORM: Final = (
    "CREATE TABLE IF NOT EXISTS guichet_form (name TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID"
)


def migrate(
    connection: sqlite3.Connection, steps: Sequence[Step] = FILE_STEPS, name: str = "office"
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
        for statement in step.statements():
            database.execute(statement)

    return apply


def migrate_postgres(connection: Connection) -> None:
    """Bring the database to this version; `StoreTrouble` if a newer Guichet made it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute("SELECT pg_advisory_xact_lock(?)", (_POSTGRES_LOCK,))
        connection.execute(_FORM)
        done = {name for (name,) in connection.execute("SELECT name FROM guichet_form")}
        _refuse_newer(done)
        for step in SHARED_STEPS:
            if step.name not in done:
                for statement in step.statements():
                    connection.execute(statement)
                connection.execute("INSERT INTO guichet_form VALUES (?)", (step.name,))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _refuse_newer(done: set[str]) -> None:
    unknown = done - {step.name for step in SHARED_STEPS}
    if unknown:
        message = (
            f"the database was made by a newer Guichet: this one does not know {min(unknown)!r}."
            " Install the newer version."
        )
        raise StoreTrouble(message)
