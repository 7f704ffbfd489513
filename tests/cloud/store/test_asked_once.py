"""A connection to PostgreSQL answers as a plain one does, whatever it remembers or puts off.

The plain one is SQLite's, in memory, which is told the same statements at once and one by one.
"""

import itertools
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cloud.store.postgres import Lines, PostgresConnection
from tests.cloud.engines import PostgresEngine

pytestmark = pytest.mark.postgres_only
TABLES = ("coat", "hat")
QUESTIONS = (
    "SELECT held FROM {} WHERE festival = ? AND name = ?",
    "SELECT name, held FROM {} WHERE festival = ? ORDER BY name",
    "SELECT sum(held), count(*) FROM {} WHERE festival = ? AND name <> ?",
    (
        "SELECT coat.name, hat.held FROM coat JOIN hat ON hat.name = coat.name"
        " WHERE coat.festival = ? ORDER BY coat.name"
    ),
)
PUT = (
    "INSERT INTO {0} (festival, name, held) VALUES (?, ?, ?)"
    " ON CONFLICT (festival, name) DO UPDATE SET held = {0}.held + excluded.held"
)
FESTIVAL = 7
NAMES = ("what?", "it's")
name = st.sampled_from(NAMES)
table = st.sampled_from(("coat", *TABLES))
number = st.integers(1, 2)
step = st.one_of(
    st.tuples(st.just("ask"), st.sampled_from(QUESTIONS), table, name),
    st.tuples(st.just("put"), table, name, number),
    st.tuples(
        st.just("put many"), table, st.lists(st.tuples(name, number), min_size=1, max_size=4)
    ),
    st.tuples(st.just("set many"), table, st.lists(st.tuples(number, name), min_size=1)),
    st.tuples(st.just("defer"), name, number),
    st.tuples(st.just("change"), table, name, number),
    st.tuples(st.just("take away"), table, name),
)
turn = st.tuples(
    st.lists(st.tuples(table, name, number), max_size=2),
    st.lists(st.tuples(st.booleans(), step), min_size=1, max_size=8),
    st.booleans(),
)
"""What others write before a transaction locks, what it does then, and whether it commits."""


@pytest.fixture
def connections(
    postgres: PostgresEngine,
) -> Iterator[tuple[PostgresConnection, PostgresConnection]]:
    lines = Lines(postgres.url())
    lines.hold()
    made = PostgresConnection(lines), PostgresConnection(lines)
    for one in TABLES:
        made[0].execute(created(one))
    yield made
    lines.let_go()


def created(one: str) -> str:
    return (
        f"CREATE TABLE {one} (festival INTEGER NOT NULL, name TEXT NOT NULL, held INTEGER,"
        " PRIMARY KEY (festival, name))"
    )


PUT_OFF = (False, ("defer", "what?", 1)), (False, ("set many", "coat", [(2, "what?")]))


@example(turns=[([], list(PUT_OFF), True)])
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=st.lists(turn, min_size=1, max_size=5))
def test_it_answers_as_a_plain_connection_does(
    connections: tuple[PostgresConnection, PostgresConnection],
    turns: list[tuple[list[tuple[str, str, int]], list[tuple[bool, tuple[Any, ...]]], bool]],
) -> None:
    mine, others = connections
    plain = sqlite3.connect(":memory:", isolation_level=None)
    for one in TABLES:
        mine.execute(f"DELETE FROM {one}")
        plain.execute(created(one))
    for meanwhile, steps, is_kept in turns:
        mine.execute("BEGIN IMMEDIATE")
        assert everything(mine) == everything(plain)
        for where, who, count in meanwhile:
            for connection in (others, plain):
                connection.execute(PUT.format(where), (FESTIVAL, who, count))
        mine.execute("SELECT name FROM coat FOR UPDATE")
        plain.execute("BEGIN IMMEDIATE")
        for is_looked_at, what in steps:
            assert do(mine, what) == do(plain, what)
            assert not is_looked_at or everything(mine) == everything(plain)
        for connection in (mine, plain):
            connection.execute("COMMIT" if is_kept else "ROLLBACK")
    assert everything(mine) == everything(plain)
    plain.close()


def everything(connection: PostgresConnection | sqlite3.Connection) -> list[Any]:
    """Return what every question is answered."""
    asked = itertools.product(["ask"], QUESTIONS, TABLES, NAMES)
    return [do(connection, one) for one in asked]


def do(connection: PostgresConnection | sqlite3.Connection, one: tuple[Any, ...]) -> Any:
    """Do one step and return what it was answered."""
    match one:
        case ("ask", question, where, who):
            values = (FESTIVAL, who)[: question.count("?")]
            return connection.execute(question.format(where), values).fetchall()
        case ("put", where, who, count):
            return connection.execute(PUT.format(where), (FESTIVAL, who, count)).rowcount
        case ("put many", where, rows):
            many = [(FESTIVAL, who, count) for who, count in rows]
            connection.executemany(PUT.format(where), many)
        case ("set many", where, rows):
            sql = f"UPDATE {where} SET held = ? WHERE festival = ? AND name = ?"
            connection.executemany(sql, [(count, FESTIVAL, who) for count, who in rows])
        case ("defer", who, count):
            later = getattr(connection, "defer", connection.execute)
            later(PUT.format("coat"), (FESTIVAL, who, count))
        case ("change", where, who, count):
            sql = f"UPDATE {where} SET held = ? WHERE festival = ? AND name <> ?"
            return connection.execute(sql, (count, FESTIVAL, who)).rowcount
        case ("take away", where, who):
            sql = f"DELETE FROM {where} WHERE festival = ? AND name = ?"
            return connection.execute(sql, (FESTIVAL, who)).rowcount
    return None
