"""What comes of a transaction that others stand in the way of, or whose end nobody hears."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from cloud.limits import CONTENDED_TRIES_MAX
from cloud.office import Office
from cloud.once import Deed, Kept, answered_once, mark_of
from cloud.store import postgres_line
from cloud.store.connection import StoreTrouble
from cloud.store.database import database_of
from cloud.store.database_postgres import PostgresDatabase
from cloud.store.look import look
from cloud.store.postgres import Lines, PostgresConnection
from cloud.store.postgres_line import Line
from cloud.store.sql import Contended, DatabaseFailed
from cloud.store.store import StoreBroken, StoreContended
from sync.facts import ZoneSet
from tests.cloud.engines import PostgresEngine
from tests.cloud.offices import FESTIVAL, new_folder
from tests.cloud.store.pairs import office_of

pytestmark = pytest.mark.postgres_only
HOLD = "SELECT arrived FROM festival WHERE festival = ? FOR UPDATE"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office that waits for locks for a moment only."""
    quick = dict(postgres_line._SETTINGS, lock_timeout="100ms")
    monkeypatch.setattr(postgres_line, "_SETTINGS", quick)
    made = office_of(new_folder(tmp_path / "office"), 1)
    yield made
    made.close()


@pytest.fixture
def other(office: Office) -> Iterator[PostgresConnection]:
    """Another process at the same database."""
    lines = Lines((office.folder.path / "database.url").read_text().strip())
    found = PostgresConnection(lines)
    yield found
    found.close()


def facts(office: Office) -> int:
    return int(office.transact([lambda o: o.store.shelf.arrived])[0])


def counted(work: Callable[[Office], object]) -> tuple[Callable[[Office], object], list[int]]:
    """Return a job that notes how often it is begun."""
    begun: list[int] = []

    def job(office: Office) -> object:
        begun.append(1)
        return work(office)

    return job, begun


def test_who_waits_too_long_for_a_festival_is_told_and_nothing_has_happened(
    office: Office, other: PostgresConnection
) -> None:
    job, begun = counted(lambda o: o.say(ZoneSet(1, 1, "Field", 5)))
    other.execute("BEGIN IMMEDIATE")
    other.execute(HOLD, (FESTIVAL,))
    with pytest.raises(StoreContended, match="busy"):
        office.transact([job])
    assert not begun
    other.execute("ROLLBACK")
    assert facts(office) == 0
    office.transact([job])
    assert (len(begun), facts(office)) == (1, 2)


@pytest.mark.parametrize("times", range(1, CONTENDED_TRIES_MAX + 1))
def test_a_job_in_whose_way_others_were_is_done_again_whole_and_counts_once(
    office: Office, other: PostgresConnection, times: int
) -> None:
    other.execute("INSERT INTO former_store VALUES (?, ?)", (FESTIVAL, b"row"))
    take = "DELETE FROM former_store WHERE festival = ?"
    other.execute("BEGIN IMMEDIATE")
    other.execute(take, (FESTIVAL,))
    begun: list[int] = []

    def job(o: Office) -> None:
        begun.append(1)
        o.say(ZoneSet(1, len(begun), "Field", 5))
        if len(begun) == times:
            other.execute("ROLLBACK")
        o.store.connection.execute(take, (FESTIVAL,))

    office.transact([job])
    assert (len(begun), facts(office)) == (times, 2)


def test_two_that_wait_for_each_other_both_come_to_an_end(
    office: Office, other: PostgresConnection, postgres: PostgresEngine
) -> None:
    """PostgreSQL ends one of them, whichever; that one is done again."""
    rows = [(FESTIVAL, name) for name in (b"one", b"two")]
    change = "UPDATE former_store SET store_id = store_id WHERE festival = ? AND store_id = ?"
    other.executemany("INSERT INTO former_store VALUES (?, ?)", rows)
    other.execute("BEGIN IMMEDIATE")
    other.execute("SELECT set_config('lock_timeout', '0', true)")
    other.execute(change, rows[0])
    trouble: list[Exception] = []

    def finish() -> None:
        try:
            other.execute(change, rows[1])
            other.execute("COMMIT")
        except Contended as found:
            trouble.append(found)
            other.execute("ROLLBACK")

    thread = threading.Thread(target=finish)

    def job(o: Office) -> None:
        o.store.connection.execute("SELECT set_config('lock_timeout', '0', true)")
        o.say(ZoneSet(1, 1, "Field", 5))
        o.store.connection.execute(change, rows[1])
        if not thread.ident:
            thread.start()
        o.store.connection.execute(change, rows[0])

    job_counted, begun = counted(job)
    office.transact([job_counted])
    thread.join(20)
    assert len(begun) + len(trouble) == 2
    assert facts(office) == 2


def test_a_commit_whose_answer_was_lost_is_answered_to_nobody_and_found_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = office_of(new_folder(tmp_path / "office"), 1)
    deed = Deed("ada", "zones_make", "key", mark_of("/zones", {"name": "Field"}))

    def make(o: Office) -> Kept:
        o.say(ZoneSet(1, 1, "Field", 5))
        return Kept(201, b"made")

    def job(o: Office) -> Any:
        return answered_once(o, deed, make)

    command = Line.command

    def lost(line: Line, sql: str) -> str:
        said = command(line, sql)
        if sql == "COMMIT":
            line.drop()
            message = "it has hung up"
            raise DatabaseFailed(message)
        return said

    with monkeypatch.context() as patch:
        patch.setattr(Line, "command", lost)
        with pytest.raises(StoreBroken):
            office.transact([job])
    with pytest.raises(StoreBroken, match="failed before"):
        office.transact([job])
    office.close()
    fresh = office_of(office.folder, 2)
    (answer,) = fresh.transact([job])
    assert (answer.status, answer.body, answer.is_repeated) == (201, b"made", True)
    assert facts(fresh) == 2
    fresh.close()


def test_a_server_without_room_for_another_line_is_asked_again_and_ends_no_office(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = office_of(new_folder(tmp_path / "office"), 1)
    database = database_of(office.folder.path)
    assert isinstance(database, PostgresDatabase)
    taken = [database._writing.take() for _ in database._writing._idle[:]]
    connect, tries = asyncpg.connect, list[int]()

    async def full(*args: Any, **how: Any) -> Any:
        tries.append(1)
        if len(tries) % 2:
            message = "sorry, too many clients already"
            raise asyncpg.TooManyConnectionsError(message)
        return await connect(*args, **how)

    with monkeypatch.context() as patch:
        patch.setattr(asyncpg, "connect", full)
        office.transact([lambda o: o.say(ZoneSet(1, 1, "Field", 5))])
    assert len(tries) == 2
    for line in taken:
        database._writing.give_back(line)
    assert facts(office) == 2
    office.close()


def test_a_transaction_that_wrote_nothing_is_told_to_nobody(tmp_path: Path) -> None:
    office = office_of(new_folder(tmp_path / "office"), 1)
    changed = "SELECT changed FROM festival"
    before = office.store.connection.execute(changed).fetchall()
    put = "INSERT INTO former_store VALUES (?, ?)"
    office.transact([lambda o: o.store.connection.executemany(put, [])])
    assert office.store.connection.execute(changed).fetchall() == before
    office.transact([lambda o: o.store.connection.executemany(put, [(FESTIVAL, b"x")])])
    assert office.store.connection.execute(changed).fetchall() != before
    office.close()


def test_a_statement_that_takes_too_long_ends_a_writer_and_only_one_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_line, "LINE_ANSWER_S_MAX", 1)
    office = office_of(new_folder(tmp_path / "office"), 1)
    place = (office.folder.path, office.folder.festival)
    office.transact([lambda o: o.say(ZoneSet(1, 1, "Field", 5))])
    with pytest.raises(StoreTrouble, match="does not answer"), look(*place) as seen:
        seen.connection.execute("SELECT pg_sleep(30)")
    with look(*place) as seen:
        assert seen.facts() == 2
    with pytest.raises(StoreBroken, match="does not answer"):
        office.transact([lambda o: o.store.connection.execute("SELECT pg_sleep(30)")])
    office.close()
