"""Nodes push only what they wrote and offer what they hold of others: nothing is lost by it."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.limits import MESSAGE_RECORDS_MAX, OFFERS_MAX
from sync.message import Message, read_message
from sync.names import Role
from sync.schema import Misshapen
from tests.sync.builder import Pen, admitted, gate, office, zone
from tests.sync.lines import BadLine, Speaker, agree, exchange, rounds_until_agreed
from tests.sync.worlds import seeds, world


def two_gates(facts: int = 3) -> tuple[Speaker, Speaker, Speaker]:
    """Return a gate that offers, another whose records it holds, and an office that knows both."""
    north, south = Speaker(gate(21), offers=True), Speaker(gate(22), offers=True)
    centre = Speaker(office())
    for _ in range(4):
        exchange(north, centre)
        exchange(south, centre)
    for serial in range(facts):
        record = south.pen.write(admitted(serial))
        south.writes(record)
        north.writes(record)
    return north, south, centre


def has_news(source: Speaker, target: Speaker) -> bool:
    return source.with_(target).has_news_up_to(source.box.log.last_arrival())


def said(source: Speaker, target: Speaker) -> Message:
    return read_message(source.say(target))


def silent(north: Speaker, centre: Speaker) -> Message:
    """Return what a gate says that offers nothing just now."""
    return read_message(north.with_(centre).say())


def test_only_the_own_records_are_pushed_and_the_position_moves_over_all() -> None:
    north, south, centre = two_gates()
    own = north.pen.write(admitted(99))
    north.writes(own)
    message = silent(north, centre)
    assert message.records == (own.raw,)
    assert message.reached == (north.box.log.last_arrival(), own.id)
    centre.hear(north, north.with_(centre).say())
    north.hear(centre, centre.say(north))
    assert not has_news(north, centre)
    assert own.id in centre.held
    assert south.pen.records[-1].id not in centre.held


def test_others_records_are_no_news_for_a_partner_to_which_only_the_own_are_pushed() -> None:
    north, _, centre = two_gates()
    north.hear(centre, centre.say(north))
    assert not has_news(north, centre)
    assert not north.hear(centre, centre.say(north)).more
    north.writes(north.pen.write(admitted(98)))
    assert has_news(north, centre)


def test_what_was_offered_and_is_missing_is_asked_for_and_given_once() -> None:
    north, south, centre = two_gates(5)
    assert said(north, centre).records == ()
    exchange(north, centre)
    asked = said(centre, north).asked
    assert [(run, number) for run, number, _ in asked] == [(south.pen.writer.run, 1)]
    given = said(north, centre).records
    assert given == tuple(record.raw for record in south.pen.records[1:])
    exchange(north, centre)
    assert south.held <= centre.held
    assert said(centre, north).asked == ()
    assert said(north, centre).records == ()


def test_what_is_offered_and_held_already_costs_no_record_and_no_memory() -> None:
    north, south, centre = two_gates()
    centre.writes(*south.pen.records)
    for _ in range(3):
        exchange(north, centre)
    before = centre.memory(north.pen.terminal)
    assert said(north, centre).offered
    exchange(north, centre)
    assert centre.memory(north.pen.terminal) == before
    assert said(north, centre).records == ()


def test_an_offer_makes_nobody_state_heads() -> None:
    north, _, centre = two_gates()
    for _ in range(3):
        assert said(north, centre).heads is None
        centre.hear(north, north.say(centre))
        assert said(centre, north).heads is None
        north.hear(centre, centre.say(north))


def test_a_gap_in_the_middle_is_filled_by_an_offer_of_what_lies_above_it() -> None:
    north, south, centre = two_gates(6)
    centre.writes(south.pen.records[1], south.pen.records[5])
    exchange(north, centre)
    assert [number for _, number, _ in said(centre, north).asked] == [2]
    exchange(north, centre)
    assert south.held <= centre.held


def test_both_branches_of_a_run_reach_the_office_by_offers_of_two_gates() -> None:
    one, other = gate(22), gate(22)
    one(admitted(1), admitted(2))
    other(admitted(3))
    north, east = Speaker(gate(21), offers=True), Speaker(gate(23), offers=True)
    centre = Speaker(office())
    north.writes(*one.records)
    east.writes(*other.records)
    for _ in range(3):
        exchange(north, centre)
        exchange(east, centre)
    assert {record.id for record in (*one.records, *other.records)} <= centre.held


def test_a_run_offered_twice_is_wanted_from_the_lower_number_on() -> None:
    north, south, centre = two_gates(4)
    run, facts = south.pen.writer.run, south.pen.records
    centre.hear(north, north.with_(centre).say(offered=[(run, 4, facts[4].id)]))
    stranger = (run, 1, bytes(32))
    centre.writes(*facts[:3])
    centre.hear(north, north.with_(centre).say(offered=[(run, 4, facts[4].id), stranger]))
    assert said(centre, north).asked == ((run, 0, b""),)


def test_who_is_met_first_is_told_the_heads_of_the_own_runs_and_of_the_offices() -> None:
    north = Speaker(gate(21), offers=True)
    south, centre = gate(22), Speaker(office())
    north.writes(*south(admitted(1)), south.first, centre.pen.first)
    north.writes(*centre.pen(zone()))
    heads = said(north, centre).heads
    assert heads is not None
    assert {run for run, _, _ in heads} == {north.pen.writer.run, centre.pen.writer.run}


def test_what_is_offered_is_spelled_as_it_always_was() -> None:
    north, centre = Speaker(gate(21), offers=True), Speaker(office())
    content = north.with_(centre).say(offered=[(bytes([7]) * 16, 300, bytes([9]) * 32)])
    assert content.endswith(bytes.fromhex("11818350" + "07" * 16 + "19012c5820" + "09" * 32))
    assert said(north, centre).offered is None
    assert len(content) == len(north.say(centre)) + 57


def test_a_message_offers_no_more_than_the_limit() -> None:
    north, south, centre = two_gates()
    head = (south.pen.writer.run, 1, bytes(32))
    assert len(north.with_(centre).say(offered=[head] * OFFERS_MAX)) < 20_000
    with pytest.raises(Misshapen):
        north.with_(centre).say(offered=[head] * (OFFERS_MAX + 1))


def test_offers_beyond_what_may_be_asked_at_once_are_asked_in_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sync.conversation.GAPS_ASKED_MAX", 2)
    north, _, centre = two_gates()
    parent = None
    for run in range(7):
        pen = Pen(Role.GATE, 23, parent=parent, run=run)
        parent = pen.write(admitted(run))
        north.writes(*pen.records)
    offered = north.heads_of_others()
    centre.hear(north, north.with_(centre).say(offered=offered))
    north.hear(centre, centre.say(north))
    for _ in range(5):  # offered once and then never again
        centre.hear(north, north.with_(centre).say())
        north.hear(centre, centre.say(north))
    assert north.held <= centre.held


def test_a_long_journal_of_another_comes_in_parts() -> None:
    north, _, centre = two_gates(MESSAGE_RECORDS_MAX + 200)
    sizes = []
    for _ in range(4):
        sizes.append(len(said(north, centre).records))
        exchange(north, centre)
    assert sizes == [0, MESSAGE_RECORDS_MAX, 201, 0]  # where it was cut, one comes twice


@settings(max_examples=20, derandomize=True, deadline=None)
@given(seeds, st.booleans())
def test_one_box_then_another_reaches_the_office_and_three_good_rounds_make_all_agree(
    seed: int, is_restored: bool
) -> None:
    """Boxes of a kind hear each other by chance; lines to the office lose, cut and repeat."""
    drawn = world(seed, honest=True)
    centre = Speaker(drawn.office)
    boxes = [Speaker(pen, offers=True) for pen in (*drawn.gates, *drawn.bars)]
    by_terminal = {one.pen.terminal: one for one in (centre, *boxes)}
    for one in by_terminal.values():
        one.box = type(one.box)(one.pen.role, one.box.store)
    chance, line = random.Random(seed), BadLine(seed)
    written = [record for record in drawn.records if record.terminal in by_terminal]
    for index, record in enumerate(written):
        by_terminal[record.terminal].box.take(record)
        if record.terminal != centre.pen.terminal:
            for one in boxes:  # the LAN holds
                one.box.take(record)
        if chance.random() < 0.4:  # one of each kind reaches the office, then the other
            line.exchange(boxes[chance.choice((0, 2)) + (index > len(written) // 2)], centre)
    if is_restored:
        image = [record for record, _ in centre.box.shelf.records]
        centre.box = type(centre.box)(Role.OFFICE, centre.box.store)
        centre.box.take(*image[: len(image) // 2])
        assert rounds_until_agreed(centre, boxes[1::2], 4) <= 4
    reaching = boxes[1::2]
    for _ in range(3):
        for one in reaching:
            exchange(one, centre)
    assert centre.held >= {r.id for r in written if r.terminal != centre.pen.terminal}
    assert agree(centre, reaching)
