"""The line to PostgreSQL: what is kept, what is undone, and what nobody may take for done."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cloud.settings import open_office
from cloud.store.connection import StoreTrouble
from cloud.store.database import (
    DATABASE_FILE,
    DATABASE_VARIABLE,
    BadDatabase,
    database_of,
    keep_url,
)
from cloud.store.database_postgres import PostgresDatabase
from cloud.store.look import look
from cloud.store.migrations import migrate_postgres
from cloud.store.postgres import Lines, PostgresConnection
from cloud.store.sql import DatabaseFailed
from cloud.store.store import StoreBroken
from sync.facts import ZoneSet
from tests.cloud.engines import PostgresEngine
from tests.cloud.offices import new_folder
from tests.cloud.offices import open_office as serving_office
from tests.cloud.store.pairs import office_of

pytestmark = pytest.mark.postgres_only
PID = "SELECT pg_backend_pid()"


@pytest.fixture
def lines(postgres: PostgresEngine) -> Iterator[Lines]:
    found = Lines(postgres.url())
    found.hold()
    yield found
    found.let_go()


@pytest.fixture
def connection(lines: Lines) -> PostgresConnection:
    made = PostgresConnection(lines)
    made.execute("CREATE TABLE thing (name TEXT NOT NULL PRIMARY KEY, held INTEGER, raw BLOB)")
    return made


def end_line(postgres: PostgresEngine, pid: int) -> None:
    """End a line from the server's side, as a restart of it does."""
    postgres.server.ask(f"SELECT pg_terminate_backend({pid}), pg_sleep(0.05)")


def names(connection: PostgresConnection) -> list[str]:
    return [name for (name,) in connection.execute("SELECT name FROM thing ORDER BY name")]


def test_a_transaction_is_kept_whole_or_undone_whole(connection: PostgresConnection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO thing VALUES (?, ?, ?)", ("a", 1, b"x"))
    connection.execute("ROLLBACK")
    assert names(connection) == []
    connection.execute("BEGIN IMMEDIATE")
    found = connection.execute("INSERT INTO thing VALUES (?, ?, ?)", ("b", 2, b"y"))
    assert found.rowcount == 1
    connection.execute("COMMIT")
    assert names(connection) == ["b"]


def test_a_commit_after_a_statement_that_failed_is_not_taken_for_done(
    connection: PostgresConnection,
) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO thing VALUES (?, ?, ?)", ("a", 1, b""))
    with pytest.raises(DatabaseFailed):
        connection.execute("INSERT INTO thing VALUES (?, ?, ?)", ("a", 1, b""))
    with pytest.raises(DatabaseFailed, match="undone"):
        connection.execute("COMMIT")
    assert names(connection) == []


@pytest.mark.parametrize("value", ["a\0b", "\ud800", 7])
def test_a_value_that_no_column_holds_is_a_mistake_and_hurts_no_later_transaction(
    connection: PostgresConnection, value: Any
) -> None:
    connection.execute("BEGIN IMMEDIATE")
    with pytest.raises(ValueError, match="does not fit"):
        connection.execute("INSERT INTO thing VALUES (?, ?, ?)", (value, 1, b""))
    connection.execute("ROLLBACK")
    connection.execute("INSERT INTO thing VALUES (?, ?, ?)", ("a", 1, b""))
    assert names(connection) == ["a"]


def test_many_rows_do_what_each_by_itself_does(connection: PostgresConnection) -> None:
    put = (
        "INSERT INTO thing (name, held) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET held = thing.held + excluded.held"
    )
    connection.executemany(put, [("a", 1), ("b", 2), ("a", 10), ("c", None)])
    connection.executemany(put, iter([("b", 5)]))
    connection.executemany(put, [])
    rows = connection.execute("SELECT name, held FROM thing ORDER BY name").fetchall()
    assert rows == [("a", 11), ("b", 7), ("c", None)]
    connection.executemany("DELETE FROM thing WHERE name = ?", [("a",), ("b",)])
    assert names(connection) == ["c"]


def test_texts_are_ordered_by_their_bytes_and_sums_are_whole(
    connection: PostgresConnection,
) -> None:
    rows = [(name, 1 << 40, b"") for name in ("b", "A", "a", "É", "_")]
    connection.executemany("INSERT INTO thing VALUES (?, ?, ?)", rows)
    assert names(connection) == sorted(name for name, _, _ in rows)
    (total,) = connection.execute("SELECT sum(held) FROM thing").fetchone()
    assert (total, type(total)) == (5 << 40, int)


def test_what_was_deferred_is_there_before_it_can_be_missed(
    connection: PostgresConnection,
) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.defer("INSERT INTO thing VALUES (?, ?, ?)", ("a", 1, b""))
    assert connection.has_written
    assert names(connection) == ["a"]
    connection.defer("INSERT INTO thing VALUES (?, ?, ?)", ("b", 1, b""))
    connection.execute("COMMIT")
    assert names(connection) == ["a", "b"]
    connection.execute("BEGIN IMMEDIATE")
    connection.defer("INSERT INTO thing VALUES (?, ?, ?)", ("c", 1, b""))
    connection.execute("ROLLBACK")
    assert names(connection) == ["a", "b"]


def test_a_line_lost_between_transactions_is_replaced(
    lines: Lines, connection: PostgresConnection, postgres: PostgresEngine
) -> None:
    (pid,) = connection.execute(PID).fetchone()
    end_line(postgres, pid)
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO thing VALUES (?, ?, ?)", ("a", 1, b""))
    connection.execute("COMMIT")
    assert names(connection) == ["a"]


def test_a_line_lost_inside_a_transaction_ends_the_office(
    tmp_path: Path, postgres: PostgresEngine
) -> None:
    office = office_of(new_folder(tmp_path / "office"), 1)
    office.transact([lambda o: o.say(ZoneSet(1, 1, "Field", 5))])

    def job(o: Any) -> None:
        o.say(ZoneSet(1, 2, "lost", 5))
        (pid,) = o.store.connection.execute(PID).fetchone()
        end_line(postgres, pid)

    with pytest.raises(StoreBroken):
        office.transact([job])
    with pytest.raises(StoreBroken, match="failed before"):
        office.transact([lambda o: o.store.shelf.arrived])
    office.close()
    office = office_of(office.folder, 2)
    assert office.transact([lambda o: o.store.shelf.arrived]) == [2]
    office.close()


def test_a_server_that_was_started_again_needs_a_fresh_process(lines: Lines) -> None:
    """It may have been put back to an older image; what this process remembers may be newer."""
    connection = PostgresConnection(lines)
    connection.execute("SELECT 1")
    line = lines.take()
    lines._incarnation = "another start"
    with pytest.raises(DatabaseFailed, match="started again"):
        connection.execute("BEGIN IMMEDIATE")
    lines.give_back(line)


def test_a_database_of_a_newer_version_is_left_alone(postgres: PostgresEngine) -> None:
    database = PostgresDatabase(postgres.url())
    claim = database.claim()
    connection = database.open()
    connection.execute("INSERT INTO guichet_form VALUES (?)", ("9999 what is not known",))
    with pytest.raises(StoreTrouble, match="newer Guichet"):
        migrate_postgres(connection)
    claim.release()


def test_a_look_sees_one_state_and_cannot_write(tmp_path: Path) -> None:
    office = office_of(new_folder(tmp_path / "office"), 1)
    office.transact([lambda o: o.say(ZoneSet(1, 1, "Field", 5))])
    with look(office.folder.path, office.folder.festival) as seen:
        before = (seen.facts(), len(list(seen.records())))
        office.transact([lambda o: o.say(ZoneSet(1, 2, "Meadow", 5))])
        assert (seen.facts(), len(list(seen.records()))) == before
    with (
        pytest.raises(StoreTrouble, match="read-only"),
        look(office.folder.path, office.folder.festival) as seen,
    ):
        seen.connection.execute("DELETE FROM record")
    office.close()


async def test_an_office_whose_database_is_gone_says_that_it_is_not_ready(
    tmp_path: Path, postgres: PostgresEngine
) -> None:
    async with serving_office(tmp_path) as office:
        changed = asyncio.Event()
        undo = office.desk.when_changed(changed.set)
        await office.say(ZoneSet(1, 1, "Field", 5))
        await asyncio.wait_for(changed.wait(), 10)
        undo()
        async with office.session.get(office.url + "/health/ready") as answer:
            assert answer.status == 200
        await asyncio.to_thread(postgres.drop)
        async with office.session.get(office.url + "/health/ready") as answer:
            assert answer.status == 503
            assert "postgresql://" not in await answer.text()


def test_where_the_store_is_stands_in_a_private_file_that_the_environment_overrides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    festival = tmp_path / "festivals" / "7"
    festival.mkdir(parents=True)
    assert not database_of(festival).is_shared
    keep_url(tmp_path, "postgresql://guichet:SECRET@host/guichet")
    assert database_of(festival).is_shared
    assert "SECRET" not in repr(database_of(festival))
    assert not database_of(tmp_path / "festivals").is_shared
    (tmp_path / DATABASE_FILE).chmod(0o644)
    with pytest.raises(BadDatabase, match="chmod 600"):
        database_of(festival)
    monkeypatch.setenv(DATABASE_VARIABLE, "postgres://other/guichet")
    assert database_of(festival).is_shared
    monkeypatch.setenv(DATABASE_VARIABLE, "mysql://guichet:SECRET@host/guichet")
    with pytest.raises(BadDatabase, match="postgresql://") as refused:
        database_of(festival)
    assert "SECRET@host" not in str(refused.value).replace("guichet:SECRET@host/guichet", "", 1)


@pytest.mark.parametrize("url", ["", "sqlite:///x", "postgresql://host", "postgresql://[/x"])
def test_what_is_no_address_of_a_database_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(BadDatabase, match="Example"):
        keep_url(tmp_path, url)


def test_a_database_that_cannot_be_reached_is_said_without_its_password(tmp_path: Path) -> None:
    folder = new_folder(tmp_path / "office")
    keep_url(folder.path, "postgresql://guichet:SECRET@127.0.0.1:1/guichet")
    with pytest.raises(StoreTrouble) as trouble:
        office_of(open_office(folder.path), 1)
    assert "SECRET" not in str(trouble.value)
