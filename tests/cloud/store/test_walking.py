"""Walks over records fetch a page at a time, whichever engine, and miss none."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud.office import Office
from cloud.store import newest, walking
from cloud.store.newest import newest_records
from cloud.store.sql import Connection, Rows
from cloud.store.walking import ask_many, walk_records
from sync.facts import ZoneSet
from tests.cloud.offices import new_folder
from tests.cloud.store.pairs import office_of

PAGE = 7
SAID = 23


class Counting:
    """A connection that notes how many rows each question has fetched."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.rows: list[int] = []

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Any:
        found = self._connection.execute(sql, values).fetchall()
        self.rows.append(len(found))
        return _Found(found)


class _Found(list[Any]):
    def fetchone(self) -> Any:
        return self[0] if self else None


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(walking, "ROWS_AT_ONCE_MAX", PAGE)
    monkeypatch.setattr(newest, "ROWS_AT_ONCE_MAX", PAGE)
    made = office_of(new_folder(tmp_path / "office"), 1)
    made.transact([lambda o: o.say(*(ZoneSet(1, n, "Field", n) for n in range(1, SAID)))])
    yield made
    made.close()


def every(office: Office) -> list[bytes]:
    rows: Rows = office.store.connection.execute("SELECT raw FROM record ORDER BY arrival")
    return [bytes(raw) for (raw,) in rows]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(0, 2 * SAID), wanted=st.integers(1, SAID))
def test_the_newest_records_come_a_page_at_a_time(office: Office, count: int, wanted: int) -> None:
    connection: Any = Counting(office.store.connection)
    found = list(islice(newest_records(connection, office.folder.festival, count), wanted))
    assert found == every(office)[::-1][:count][:wanted]
    fetched = sum(connection.rows[1:])
    assert max(connection.rows) <= PAGE
    assert fetched <= len(found) + PAGE


def test_all_records_come_a_page_at_a_time(office: Office) -> None:
    connection: Any = Counting(office.store.connection)
    found = [raw for raw, _ in walk_records(connection, office.folder.festival)]
    assert found == every(office)
    assert max(connection.rows) <= PAGE


@pytest.mark.parametrize("count", [0, 1, 8, 9, 64, 65, 512, 513, 1_100])
def test_many_names_are_asked_for_in_few_questions_and_each_once(
    office: Office, count: int
) -> None:
    connection: Any = Counting(office.store.connection)
    ids = [bytes(row[0]) for row in office.store.connection.execute("SELECT id FROM record")]
    names = [*ids, *(n.to_bytes(16, "big") for n in range(count)), *ids]
    question = "SELECT id FROM record WHERE festival = ? AND id IN ({})"
    found = list(ask_many(connection, question, (office.folder.festival,), names))
    assert sorted(bytes(row[0]) for row in found) == sorted(ids)
    assert len(connection.rows) == -(-(len(ids) + count) // 512)
