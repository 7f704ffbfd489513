"""What a transaction has read is not asked for again, until it may be otherwise."""

import pytest

from cloud.store.postgres_seen import Seen

pytestmark = pytest.mark.one_engine
ASK = "SELECT name FROM coat WHERE festival = ?"


def seen() -> Seen:
    one = Seen()
    one.note(ASK, (7,), "red")
    return one


def test_the_same_question_has_the_same_answer() -> None:
    assert seen().find(ASK, (7,)) == "red"
    assert seen().find(ASK, (8,)) is None
    assert seen().find(ASK.replace("coat", "hat"), (7,)) is None


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO coat VALUES (?)",
        "UPDATE coat SET name = ? WHERE festival = ?",
        "DELETE FROM coat WHERE festival = ?",
        "SELECT name FROM hat FOR UPDATE",
        "SELECT pg_advisory_xact_lock(?)",
        "CREATE TABLE hat (name TEXT)",
    ],
)
def test_whatever_may_change_the_answer_lets_it_be_asked_again(sql: str) -> None:
    one = seen()
    one.note(sql, (7,), None)
    assert one.find(ASK, (7,)) is None


def test_a_write_to_another_table_changes_nothing() -> None:
    one = seen()
    one.forget("INSERT INTO hat VALUES (?)")
    assert one.find(ASK, (7,)) == "red"
    one.clear()
    assert one.find(ASK, (7,)) is None
