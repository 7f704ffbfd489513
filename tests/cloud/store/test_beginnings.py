"""Tables that are made by several at once, and a watch whose line is lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cloud.office import Office
from cloud.store.database import database_of
from cloud.store.database_postgres import PostgresDatabase
from cloud.store.migrations import SHARED_STEPS
from sync.facts import ZoneSet
from tests.cloud.engines import PostgresEngine
from tests.cloud.offices import FESTIVAL, new_folder
from tests.cloud.store.pairs import office_of

pytestmark = pytest.mark.postgres_only
TOGETHER = 6
END = (
    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
    " AND ((classid::bigint << 32) | objid::bigint) = "
)


class Mistake(Exception):
    """What a broken job raises."""


def test_the_tables_of_an_empty_database_are_made_once_by_whoever_comes_first(
    postgres: PostgresEngine,
) -> None:
    name, url = postgres.server.new_empty()
    ready = threading.Barrier(TOGETHER)

    def begin(_: int) -> None:
        ready.wait(10)
        PostgresDatabase(url).open().close()

    with ThreadPoolExecutor(TOGETHER) as threads:
        list(threads.map(begin, range(TOGETHER)))
    kept = postgres.server.ask("SELECT name FROM guichet_form ORDER BY name", name=name)
    assert [row[0] for row in kept] == sorted(step.name for step in SHARED_STEPS)
    postgres.server.ask(f"DROP DATABASE {name} WITH (FORCE)")


def test_a_watch_that_lost_its_line_listens_again_under_another_life(
    tmp_path: Path, postgres: PostgresEngine
) -> None:
    office = office_of(new_folder(tmp_path / "office"), 1)
    database, changed = database_of(office.folder.path), threading.Event()
    database.when_changed(FESTIVAL, changed.set)
    before = database.life()
    changed.clear()
    postgres.server.ask(f"{END}{before}")
    assert changed.wait(10), "what was missed meanwhile is told once it listens again"
    assert database.life() != before
    changed.clear()
    office.transact([lambda o: o.say(ZoneSet(1, 1, "Field", 5))])
    assert changed.wait(10)
    office.close()


def test_what_was_undone_is_told_to_nobody(tmp_path: Path) -> None:
    office = office_of(new_folder(tmp_path / "office"), 1)
    database, changed = database_of(office.folder.path), threading.Event()
    database.when_changed(FESTIVAL, changed.set)
    database.life()
    changed.wait(10)
    changed.clear()

    def wrong(o: Office) -> None:
        o.say(ZoneSet(1, 1, "Field", 5))
        o.store._turns.end()
        raise Mistake

    with pytest.raises(Mistake):
        office.transact([wrong])
    assert not changed.wait(0.3)
    office.close()
