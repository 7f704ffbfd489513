"""What a transaction has read is not asked for again, until it may be otherwise."""

import pytest

from cloud.limits import ROWS_SEEN_MAX
from cloud.store.postgres_seen import Answer, Seen

pytestmark = pytest.mark.one_engine
ASK = "SELECT name FROM coat WHERE festival = ?"
RED: Answer = ([("red",)], 1)
NOTHING: Answer = ([], 0)


def seen() -> Seen:
    one = Seen()
    one.note(ASK, (7,), RED)
    return one


def test_the_same_question_has_the_same_answer() -> None:
    assert seen().find(ASK, (7,)) == RED
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
    one.note(sql, (7,), NOTHING)
    assert one.find(ASK, (7,)) is None


def test_a_write_to_another_table_changes_nothing() -> None:
    one = seen()
    one.forget("INSERT INTO hat VALUES (?)")
    assert one.find(ASK, (7,)) == RED
    one.clear()
    assert one.find(ASK, (7,)) is None


def test_who_walks_over_a_whole_table_does_not_hold_it_in_memory() -> None:
    one, page = Seen(), ([("row",)] * 1_000, 1_000)
    for number in range(1_000):
        one.note("SELECT raw FROM record WHERE arrival > ?", (number,), page)
        held = sum(len(rows) for some in one._answers.values() for rows, _ in some.values())
        assert held <= ROWS_SEEN_MAX
    one.note(ASK, (7,), RED)
    assert one.find(ASK, (7,)) == RED
