import pytest

from cloud.store.migrations import STEPS
from cloud.store.postgres_sql import insertion, translate
from cloud.store.tables.records import SHIFTS

pytestmark = pytest.mark.one_engine


@pytest.mark.parametrize(
    "written,said",
    [
        ("SELECT raw FROM record WHERE festival = ? AND id = ?",
         "SELECT raw FROM record WHERE festival = $1 AND id = $2"),
        ("DELETE FROM answered WHERE festival = ?1 AND (at_ms < ?3 OR terminal = ?1)",
         "DELETE FROM answered WHERE festival = $1 AND (at_ms < $3 OR terminal = $1)"),
        ("SELECT a FROM t WHERE a = ?3 AND b = ?1 AND c = ? AND d = ?2",
         "SELECT a FROM t WHERE a = $3 AND b = $1 AND c = $4 AND d = $2"),
        ("INSERT INTO t VALUES ('a CROSS JOIN b ON c', 'BEGIN IMMEDIATE', ?)",
         "INSERT INTO t VALUES ('a CROSS JOIN b ON c', 'BEGIN IMMEDIATE', $1)"),
        ("ALTER TABLE t ADD COLUMN n TEXT DEFAULT 'INTEGER BLOB'",
         "ALTER TABLE t ADD COLUMN n TEXT COLLATE \"C\" DEFAULT 'INTEGER BLOB'"),
        ("SELECT 'what?', 'it''s?' FROM t WHERE a = ?",
         "SELECT 'what?', 'it''s?' FROM t WHERE a = $1"),
        ("CREATE TABLE t (\n    a INTEGER NOT NULL, b BLOB, c TEXT\n) WITHOUT ROWID",
         'CREATE TABLE t (\n    a BIGINT NOT NULL, b BYTEA, c TEXT COLLATE "C"\n)'),
        ("ALTER TABLE t ADD COLUMN n INTEGER NOT NULL DEFAULT 0",
         "ALTER TABLE t ADD COLUMN n BIGINT NOT NULL DEFAULT 0"),
        ("SELECT 'a BLOB' FROM INTEGER_TEXT", "SELECT 'a BLOB' FROM INTEGER_TEXT"),
        ("SELECT r.raw FROM run CROSS JOIN record INDEXED BY record_place ON r.run = run.run",
         "SELECT r.raw FROM run JOIN record ON r.run = run.run"),
        ("SELECT raw FROM record INDEXED BY record_shift WHERE festival = ?",
         "SELECT raw FROM record WHERE festival = $1"),
    ],
)  # fmt: skip
def test_a_statement_is_said_to_postgresql(written: str, said: str) -> None:
    assert translate(written) == said


def test_the_index_of_shifts_looks_for_bytes_in_bytes() -> None:
    assert translate(SHIFTS) == (
        "CREATE INDEX record_shift ON record (festival, terminal)"
        r" WHERE ((position('\x0918390a'::bytea in raw) > 0)"
        r" OR (position('\x09183a0a'::bytea in raw) > 0))"
    )


def test_no_step_says_to_postgresql_what_only_sqlite_knows() -> None:
    for step in STEPS:
        for statement in step.statements():
            said = translate(statement)
            assert not {"BLOB", "INTEGER", "ROWID", "instr", "?"} & set(said.split())
            assert "WITHOUT ROWID" not in said


def test_an_insertion_of_one_row_becomes_one_of_many() -> None:
    plain = insertion("INSERT INTO t VALUES (?, ?) ON CONFLICT DO NOTHING")
    assert plain is not None
    assert plain.key is None
    assert plain.of_many(("int8", "bytea")) == (
        "INSERT INTO t SELECT * FROM unnest($1::int8[], $2::bytea[]) ON CONFLICT DO NOTHING"
    )
    updates = "INSERT INTO t (a, b, c) VALUES (?, ?, ?) ON CONFLICT (a, c) DO UPDATE SET b = 1"
    found = insertion(updates)
    assert found is not None
    assert found.key == (0, 2)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE t SET a = ?",
        "INSERT INTO t VALUES (?, 1)",
        "INSERT INTO t SELECT ?, ?",
        "INSERT INTO t VALUES (?, ?) ON CONFLICT (a) DO UPDATE SET b = excluded.b",
        "INSERT INTO t (a, b) VALUES (?, ?) ON CONFLICT (a) DO UPDATE SET b = ?",
    ],
)
def test_what_is_no_plain_insertion_is_executed_row_by_row(sql: str) -> None:
    assert insertion(sql) is None
