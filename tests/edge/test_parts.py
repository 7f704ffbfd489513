"""What a box does about its parts of quotas: gives back, asks, and passes on exactly once."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from edge.limits import PART_ANSWER_LIFE_MS, PARTS_NEEDED_MS
from sync.allotments import unspent
from sync.asking import Asked, Question, Reply, read_reply, spell
from sync.conflicts import conflicts
from sync.facts import (
    AllotmentPassed,
    AllotmentReturned,
    Allotted,
    QuotaSet,
    ShiftClosed,
    ShiftOpened,
    TerminalRevoked,
)
from sync.names import Area, Role, TerminalId
from tests.edge.boxes import opened
from tests.edge.parts_site import BEER, CAPACITY, PART, PLACES, Owner, two_boxes

Two = tuple[Owner, Owner]


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Two]:
    with two_boxes(tmp_path) as found:
        yield found


def short(two: Two) -> Question:
    """Let the first till run out and return what it asks for."""
    busy, _ = two
    busy.sells(1, PART)
    (question,) = busy.wants()
    return question


def passes(owner: Owner) -> list[AllotmentPassed]:
    newest = owner.do(lambda: owner.terminal.store.newest_of(owner.id, 100))
    return [one.body for one in newest if isinstance(one.body, AllotmentPassed)]


def both_agree(two: Two, *, total: int) -> None:
    """See that after everything was heard both know of the same parts, and nothing was made."""
    busy, idle = two
    busy.hears_of(idle)
    idle.hears_of(busy)
    for owner in two:
        cells = owner.terminal.store.shelf.cells
        assert owner.do(partial(unspent, cells, BEER)) == total
        assert owner.do(partial(conflicts, cells, Area.MONEY)) == []


def test_a_till_that_holds_enough_asks_for_nothing(two: Two) -> None:
    busy, _ = two
    busy.sells(1, PART // 2)
    assert busy.wants() == []
    busy.sells(2, 2)
    (question,) = busy.wants()
    assert (question.kind, question.resource, question.wallet) == (Asked.PART, BEER, 0)
    assert question.amount == (CAPACITY - PART // 2 - 2) // 8 - (PART // 2 - 2)


def test_a_neighbour_gives_of_what_it_does_not_need_and_deducts_it_first(two: Two) -> None:
    question = short(two)
    busy, idle = two
    answer = idle.gives(busy, question)
    given = read_reply(answer).granted
    assert 0 < given <= question.amount
    assert idle.held() == PART - given
    assert busy.held() == 0
    assert busy.takes(answer).granted == busy.held() == given
    assert passes(idle) == [AllotmentPassed(BEER, busy.id, given, question.operation)]
    both_agree(two, total=PART)


def test_a_lost_answer_is_asked_for_again_and_nothing_is_given_twice(two: Two) -> None:
    question = short(two)
    busy, idle = two
    lost = idle.gives(busy, question)
    (again,) = busy.wants()
    assert again == question
    assert idle.gives(busy, again) == lost
    busy.takes(lost)
    held = busy.held()
    busy.takes(lost)
    assert busy.held() == held
    assert len(passes(idle)) == 1
    both_agree(two, total=PART)


def test_a_question_after_an_answer_is_a_new_one_and_gets_less(two: Two) -> None:
    question = short(two)
    busy, idle = two
    first = busy.takes(idle.gives(busy, question)).granted
    busy.sells(2, first)
    (more,) = busy.wants()
    assert more.operation != question.operation
    second = busy.takes(idle.gives(busy, more)).granted
    assert 0 < second <= first
    both_agree(two, total=PART - first)


def test_a_pass_that_came_round_with_everything_else_is_not_taken_twice(two: Two) -> None:
    question = short(two)
    busy, idle = two
    answer = idle.gives(busy, question)
    busy.hears_of(idle)
    held = busy.held()
    assert held == read_reply(answer).granted
    busy.takes(answer)
    assert busy.held() == held
    assert [one.operation for one in busy.wants()] != [question.operation]


def test_a_giver_that_dies_after_the_commit_gives_the_same_again(tmp_path: Path) -> None:
    with two_boxes(tmp_path) as two:
        question = short(two)
        busy, idle = two
        image = tmp_path / "bar-11-after"

        def dies(name: str) -> None:
            if name == "committed" and not image.exists():
                shutil.copytree(idle.terminal.folder, image)

        idle.terminal.step = dies
        said = idle.gives(busy, question)
        idle.restart(image)
        assert idle.held() == PART - read_reply(said).granted
        assert idle.gives(busy, question) == said
        assert len(passes(idle)) == 1
        busy.takes(said)
        both_agree(two, total=PART)


def test_a_giver_that_dies_before_the_commit_has_given_nothing(tmp_path: Path) -> None:
    with two_boxes(tmp_path) as two:
        question = short(two)
        busy, idle = two
        image = tmp_path / "bar-11-before"

        def dies(name: str) -> None:
            if name == "inserted" and not image.exists():
                shutil.copytree(idle.terminal.folder, image)

        idle.terminal.step = dies
        idle.gives(busy, question)
        idle.restart(image)
        assert idle.held() == PART
        busy.takes(idle.gives(busy, question))
        assert len(passes(idle)) == 1
        both_agree(two, total=PART)


def test_while_nobody_answers_the_question_stays_and_nothing_moves(two: Two) -> None:
    question = short(two)
    busy, idle = two
    facts = busy.do(busy.terminal.store.facts)
    for _ in range(3):
        busy.clock.move(60_000)
        assert busy.wants() == [question]
    assert busy.do(busy.terminal.store.facts) == facts
    assert (busy.held(), idle.held()) == (0, PART)
    busy.clock.move(PART_ANSWER_LIFE_MS)
    assert busy.wants()[0].operation != question.operation


def test_an_answer_is_remembered_for_ten_minutes(two: Two) -> None:
    question = short(two)
    busy, idle = two
    first = idle.gives(busy, question)
    idle.clock.move(PART_ANSWER_LIFE_MS - 1)
    assert idle.gives(busy, question) == first
    idle.clock.move(2)
    assert idle.gives(busy, question) != first


def said(two: Two, asker: TerminalId, question: Question) -> Reply:
    _, idle = two
    return idle.do(lambda: idle.parts.give(asker, question))


def test_what_cannot_be_given_is_refused_with_a_reason_and_nothing_moves(two: Two) -> None:
    question = short(two)
    busy, idle = two
    stranger = TerminalId(bytes([99]) * 16)
    assert said(two, stranger, question).reason == "no_holder"
    assert said(two, idle.id, question).reason == "no_holder"
    assert said(two, busy.id, replace(question, resource=(3, 9))).reason == "no_holder"
    assert said(two, busy.id, replace(question, resource=PLACES)).reason == "no_part"
    loan = Question(int(Asked.LOAN), bytes(16), 77, 5)
    assert said(two, busy.id, loan).reason == "no_part"
    assert said(two, busy.id, replace(question, amount=0)).reason == "nothing_spare"
    assert passes(idle) == []
    assert said(two, busy.id, question).granted
    assert said(two, stranger, question).reason == "reused"
    idle.hears(TerminalRevoked(idle.id, ((idle.terminal.run or b"", 99),)), number=41)
    assert said(two, busy.id, replace(question, operation=bytes(16))).reason == "recovering"
    assert idle.wants() == []


def test_a_till_that_was_short_itself_just_now_gives_nothing(two: Two) -> None:
    question = short(two)
    busy, idle = two
    idle.do(lambda: idle.parts.missed(BEER, 30))
    assert said(two, busy.id, question).reason == "nothing_spare"
    idle.clock.move(PARTS_NEEDED_MS + 1)
    assert said(two, busy.id, question).granted


def test_a_box_that_lost_its_store_gives_and_asks_nothing(tmp_path: Path) -> None:
    with two_boxes(tmp_path) as two:
        question = short(two)
        busy, idle = two
        idle.terminal.close()
        (idle.terminal.folder / "terminal.db").unlink()
        idle.terminal = opened(idle.terminal.folder, Role.BAR, idle.clock)
        idle.parts = type(idle.parts)(idle.terminal)
        assert said(two, busy.id, question).reason == "recovering"
        assert idle.wants() == []
        assert idle.do(idle.parts.tidy) == 0


def test_an_answer_that_makes_no_sense_changes_nothing(two: Two) -> None:
    question = short(two)
    busy, idle = two
    answer = read_reply(idle.gives(busy, question))
    forged = answer.records[1][:-1] + bytes([answer.records[1][-1] ^ 1])
    facts = busy.do(busy.terminal.store.facts)
    busy.takes(spell(replace(answer, records=(b"junk", forged))))
    assert busy.held() == 0
    assert busy.do(busy.terminal.store.facts) == facts
    assert busy.takes(spell(Reply(0, "nothing_spare", 0, ()))).granted == 0
    assert busy.wants() == [question]


# --- giving back ---


def returned(owner: Owner) -> list[AllotmentReturned]:
    newest = owner.do(lambda: owner.terminal.store.newest_of(owner.id, 100))
    return [one.body for one in newest if isinstance(one.body, AllotmentReturned)]


def test_what_is_beyond_two_parts_comes_back_by_itself_down_to_one(two: Two) -> None:
    busy, _ = two
    busy.hears(Allotted(BEER, busy.id, PART), number=41)
    assert busy.do(busy.parts.tidy) == 0
    busy.hears(Allotted(BEER, busy.id, 1), number=42)
    assert busy.do(busy.parts.tidy) == 1
    assert returned(busy) == [AllotmentReturned(BEER, PART + 1)]
    assert busy.do(busy.parts.tidy) == 0


def test_what_somebody_waits_for_is_kept_for_a_minute(two: Two) -> None:
    busy, _ = two
    busy.hears(Allotted(BEER, busy.id, 2 * PART), number=41)
    busy.do(lambda: busy.parts.missed(BEER, 3 * PART - 2))
    assert busy.do(busy.parts.tidy) == 1
    assert returned(busy) == [AllotmentReturned(BEER, 2)]
    busy.clock.move(PARTS_NEEDED_MS + 1)
    assert busy.do(busy.parts.tidy) == 1
    assert busy.held() == PART


def test_a_group_before_a_gate_is_asked_for_as_a_whole(tmp_path: Path) -> None:
    with two_boxes(tmp_path, Role.GATE) as (north, south):
        assert north.wants() == []
        north.do(lambda: north.parts.missed(PLACES, PART + 7))
        (question,) = north.wants()
        assert (question.resource, question.amount) == (PLACES, 7)
        given = north.takes(south.gives(north, question)).granted
        assert north.held(PLACES) == PART + given
        assert south.held(PLACES) == PART - given


def test_a_till_between_shifts_gives_everything_back(two: Two) -> None:
    busy, _ = two
    busy.do(lambda: busy.terminal.record(ShiftOpened(1, 4, 0, 0)))
    assert busy.do(busy.parts.tidy) == 0
    busy.do(lambda: busy.terminal.record(ShiftClosed(1, 4, 0, 0, 2)))
    assert busy.do(busy.parts.tidy) == 1
    assert busy.held() == 0
    assert busy.wants() == []


def test_without_a_quota_nothing_is_asked_for_or_given_back(two: Two) -> None:
    question = short(two)
    busy, idle = two
    for owner in two:
        owner.hears(QuotaSet(*BEER, 2, None), number=41)
        assert owner.wants() == []
        assert owner.do(owner.parts.tidy) == 0
    assert said(two, busy.id, question).reason == "nothing_spare"
    assert idle.held() == PART
