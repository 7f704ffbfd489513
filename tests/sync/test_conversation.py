"""Two and three nodes converse: what was lost, repeated or cut ends in the same facts."""

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings

from sync.message import read_message, spell
from sync.names import Role
from tests.sync.builder import Pen, admitted, bar, gate, office, sold, topped_up, zone
from tests.sync.lines import (
    BadLine,
    Speaker,
    agree,
    exchange,
    records_said,
    rounds_until_agreed,
)
from tests.sync.worlds import seeds, world


def festival(seed: int) -> tuple[Speaker, list[Speaker], list[tuple[Speaker, bytes]]]:
    """Return an office, its terminals, and what each writes in the order of a drawn world."""
    drawn = world(seed, honest=True)
    centre = Speaker(drawn.office)
    terminals = [Speaker(pen) for pen in (*drawn.gates, *drawn.bars, drawn.hub)]
    by_terminal = {one.pen.terminal: one for one in (centre, *terminals)}
    for one in by_terminal.values():
        one.box = type(one.box)(one.pen.role, one.box.store)
    written = [(by_terminal[record.terminal], record.raw) for record in drawn.records]
    return centre, terminals, written


@settings(max_examples=25, derandomize=True, deadline=None)
@given(seeds)
def test_whatever_a_line_did_all_agree_three_rounds_after_it_heals(seed: int) -> None:
    centre, terminals, written = festival(seed)
    chance, line = random.Random(seed), BadLine(seed)
    for writer, raw in written:
        writer.box.take(raw)
        if chance.random() < 0.4:
            line.exchange(chance.choice(terminals), centre)
    assert rounds_until_agreed(centre, terminals, 3) <= 3
    everything = {record.id for record, _ in centre.box.shelf.records}
    assert len(everything) == len({raw for _, raw in written})


@settings(max_examples=10, derandomize=True, deadline=None)
@given(seeds)
def test_strangers_agree_after_three_rounds_and_are_quiet_then(seed: int) -> None:
    centre, terminals, written = festival(seed)
    for writer, raw in written:
        writer.box.take(raw)
    rounds_until_agreed(centre, terminals, 3)
    for one in terminals * 2:
        exchange(one, centre)
    for one in terminals:
        assert records_said(one, centre) == []
        at_client, at_server = exchange(one, centre)
        assert not at_client.more
        assert not at_server.more
        assert len(one.say(centre)) < 2_000


@settings(max_examples=10, derandomize=True, deadline=None)
@given(seeds)
def test_neighbours_carry_what_others_said_to_an_office_they_never_reach(seed: int) -> None:
    """The office is heard by one gate only; the other gate and the hub pass everything on."""
    centre, terminals, written = festival(seed)
    for writer, raw in written:
        writer.box.take(raw)
    north, south, till, other, hub = terminals
    for _ in range(5):
        for pair in ((north, south), (south, hub), (till, hub), (other, hub), (hub, centre)):
            exchange(*pair)
    assert agree(centre, terminals)


def two(records: int = 0, maker: Pen | None = None) -> tuple[Speaker, Speaker]:
    pen = maker or gate()
    pen(*(admitted(serial) for serial in range(records)))
    return Speaker(pen), Speaker(office())


def test_what_the_partner_brought_is_not_said_back_to_it() -> None:
    north, centre = two(40)
    for _ in range(3):
        exchange(north, centre)
    for step in range(5):
        north.writes(north.pen.write(admitted(100 + step)))
        centre.writes(centre.pen.write(zone(step)))
        answer = read_message(north.say(centre))
        assert len(answer.records) == 1
        centre.hear(north, north.say(centre))
        told = read_message(centre.say(north)).records
        assert told == (centre.pen.records[-1].raw,)
        north.hear(centre, centre.say(north))
    exchange(north, centre)
    assert records_said(north, centre) == []


def test_a_backlog_longer_than_a_message_comes_in_parts_and_in_bounded_rounds() -> None:
    north, centre = two(1_300)
    rounds = rounds_until_agreed(centre, [north], 1_300 // 500 + 3)
    assert rounds >= 3
    assert north.held == centre.held


def test_a_backlog_for_a_partner_that_is_known_comes_in_parts_too() -> None:
    north, centre = two(1)
    for _ in range(3):
        exchange(north, centre)
    for serial in range(1_300):
        north.writes(north.pen.write(admitted(serial)))
    more = []
    for _ in range(3):
        assert len(read_message(north.say(centre)).records) <= 500
        _, at_server = exchange(north, centre)
        more.append(at_server.more)
    assert more == [True, True, False]
    assert agree(centre, [north])


def test_records_that_fill_a_message_with_bytes_come_in_parts() -> None:
    pen = bar()
    lines = tuple((n, 1, 100, 2000, 0, None) for n in range(300))
    pen(*(sold(number, lines) for number in range(320)))
    till, centre = Speaker(pen), Speaker(office())
    exchange(till, centre)
    assert len(till.say(centre)) <= 1 << 20
    assert rounds_until_agreed(centre, [till], 6) >= 2


def test_an_answer_says_up_to_where_the_journal_is_held() -> None:
    north, centre = two(10)
    at_client, _ = exchange(north, centre)
    assert at_client.acknowledged == ()
    for _ in range(2):
        at_client, _ = exchange(north, centre)
    assert at_client.acknowledged == ((north.pen.writer.run, 10),)


def test_a_lost_store_gets_its_own_journal_back() -> None:
    north, centre = two(30)
    rounds_until_agreed(centre, [north], 3)
    before = north.held
    again = Speaker(Pen(Role.GATE, 21, parent=north.pen.records[-1], run=9), store=5)
    assert not before & again.held
    rounds_until_agreed(centre, [again], 3)
    assert before < again.held


def test_a_lost_office_gets_every_journal_back() -> None:
    north, centre = two(30)
    till = Speaker(bar())
    till.writes(*till.pen(topped_up(), sold()))
    rounds_until_agreed(centre, [north, till], 3)
    reborn = Speaker(office(32), store=6)
    reborn.node = centre.node
    reborn.pen = centre.pen
    rounds_until_agreed(reborn, [north, till], 4)
    assert centre.held <= reborn.held | {reborn.pen.first.id}


@pytest.mark.parametrize("kept", [0, 1, 7, 20])
def test_a_store_put_back_to_an_older_image_is_noticed_and_made_whole(kept: int) -> None:
    north, centre = two(5)
    rounds_until_agreed(centre, [north], 3)
    image = [record for record, _ in north.box.shelf.records][:kept]
    memories = dict(north.memories)
    for serial in range(20):
        north.writes(north.pen.write(admitted(50 + serial)))
    rounds_until_agreed(centre, [north], 3)
    whole = north.held
    north.box = type(north.box)(Role.GATE, north.box.store)
    north.box.take(*image)
    north.memories = memories
    noticed = [exchange(north, centre)[0].partner_knows_more for _ in range(4)]
    assert any(noticed) == (kept < len(whole))
    assert not noticed[-1]
    assert north.held == whole
    assert agree(centre, [north])


def test_an_office_put_back_to_an_older_image_notices_it() -> None:
    north, centre = two(5)
    rounds_until_agreed(centre, [north], 3)
    exchange(north, centre)
    centre.box = type(centre.box)(Role.OFFICE, centre.box.store)
    centre.box.take(centre.pen.first)
    _, at_server = exchange(north, centre)
    assert at_server.partner_knows_more
    rounds_until_agreed(centre, [north], 3)
    assert centre.held >= north.held


def test_two_branches_of_one_run_are_both_told_at_first_contact() -> None:
    shorter, longer = gate(), gate()
    shorter(admitted(99))
    longer(*(admitted(serial) for serial in range(4)))
    hub, centre = Speaker(Pen(Role.HUB, 41)), Speaker(office())
    hub.writes(*shorter.records)
    centre.writes(*longer.records)
    rounds_until_agreed(centre, [hub], 4)
    assert {record.id for record in (*shorter.records, *longer.records)} <= hub.held


def test_more_runs_than_heads_fit_are_read_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.conversation.HEADS_MAX", 2)
    centre = Speaker(office())
    parent = None
    for run in range(6):
        pen = Pen(Role.GATE, 22, parent=parent, run=run)
        parent = pen.write(admitted(run))
        centre.box.take(*pen.records)
    north, _ = two(3)
    assert read_message(centre.say(north)).heads == ()
    rounds_until_agreed(centre, [north], 4)
    assert north.held == centre.held


def test_more_gaps_than_may_be_asked_for_are_asked_in_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.conversation.GAPS_ASKED_MAX", 2)
    centre = Speaker(office())
    parent = None
    for run in range(7):
        pen = Pen(Role.GATE, 22, parent=parent, run=run)
        parent = pen.write(admitted(run))
        centre.box.take(*pen.records)
    north, _ = two(3)
    rounds_until_agreed(centre, [north], 6)
    assert north.held == centre.held


def test_each_role_is_told_of_the_journals_that_it_wants() -> None:
    north, centre = two(3)
    till = Speaker(bar())
    till.writes(*till.pen(topped_up(), sold()))
    for _ in range(3):
        for one in (north, till):
            exchange(one, centre)
    of_role = {one.pen.role: {role for _, role in one.box.shelf.records} for one in (north, till)}
    assert of_role == {Role.GATE: {Role.GATE, Role.OFFICE}, Role.BAR: {Role.BAR, Role.OFFICE}}
    assert len(centre.held) == 4 + 3 + 1


def test_what_is_told_at_once_arrives_moves_no_position_and_is_not_said_again() -> None:
    north, south = two(3)
    for _ in range(3):
        exchange(north, south)
    fresh = north.pen.write(admitted(900))
    north.writes(fresh)
    read_before = south.memory(north.pen.terminal).read
    heard = south.hear(north, north.with_(south).tell([fresh.raw]))
    assert [one.outcome.value for one in heard.taken] == ["new"]
    assert south.memory(north.pen.terminal).read == read_before
    answer = south.with_(north).tell()
    at_north = north.hear(south, answer)
    assert (fresh.run, fresh.number) in at_north.acknowledged
    assert read_message(south.say(north)).records == ()


def test_what_was_told_before_its_journal_was_known_counts_once_the_journal_is_there() -> None:
    north, south = two(3)
    fresh = north.pen.write(admitted(900))
    north.writes(fresh)
    heard = south.hear(north, north.with_(south).tell([fresh.raw]))
    assert [one.outcome.value for one in heard.taken] == ["waiting"]
    for _ in range(3):
        exchange(north, south)
    assert south.held == north.held


def test_an_answer_to_what_was_told_reads_and_brings_nothing() -> None:
    north, south = two(3)
    message = read_message(south.with_(north).tell())
    assert message.records == ()
    assert message.heads is None
    assert not north.hear(south, south.with_(north).tell()).more
    assert north.memory(south.pen.terminal).read is None


def news(source: Speaker, target: Speaker) -> bool:
    return source.with_(target).has_news_up_to(source.box.log.last_arrival())


def test_a_partner_who_has_all_is_no_news_and_one_fact_more_is() -> None:
    north, south = two(3)
    assert news(north, south)
    for _ in range(3):
        exchange(north, south)
    assert not news(north, south)
    assert not news(south, north)
    north.writes(north.pen.write(admitted(901)))
    assert news(north, south)
    assert not news(south, north)


def put_back(node: Speaker, records: int, memory: dict[bytes, bytes]) -> Speaker:
    """Return the node as an older image of it was: its first records and what it knew then."""
    older = Speaker(node.pen)
    older.box = type(node.box)(node.pen.role, node.box.store)
    older.box.take(*(record for record, _ in node.box.shelf.records[:records]))
    older.memories = dict(memory)
    return older


@pytest.mark.parametrize("has_exchanged", [False, True])
def test_a_node_from_an_older_image_takes_back_what_it_had_only_told(
    has_exchanged: bool,
) -> None:
    """What is told at once moves no position, so no position shows that it was lost."""
    north, south = Speaker(gate(21)), Speaker(gate(22))
    for _ in range(3):
        exchange(north, south)
    image = len(north.box.shelf.records), dict(north.memories)
    for serial in range(5):
        fact = north.pen.write(admitted(serial))
        north.writes(fact)
        south.hear(north, north.with_(south).tell([fact.raw]))
    if has_exchanged:
        exchange(north, south)
    older = put_back(north, *image)
    assert older.held < north.held
    for _ in range(4):
        exchange(older, south)
    assert older.held == north.held == south.held
    assert records_said(older, south) == []
    _, at_south = exchange(older, south)
    assert not at_south.more


def test_a_partner_that_claims_to_hold_what_it_does_not_changes_no_record() -> None:
    """Each exchange compares heads again; nothing is taken and nothing is forgotten."""
    north, centre = two(3)
    for _ in range(3):
        exchange(north, centre)
    before = north.held
    for _ in range(4):
        honest = read_message(centre.say(north))
        lie = spell(replace(honest, acknowledged=((bytes(16), 9), *honest.acknowledged)))
        centre.hear(north, north.say(centre))
        north.hear(centre, lie)
    assert north.held == before
    for _ in range(3):
        exchange(north, centre)
    assert records_said(north, centre) == []


@settings(max_examples=40, derandomize=True, deadline=None)
@given(seeds)
def test_a_terminal_from_an_older_image_ends_with_whatever_anybody_holds(seed: int) -> None:
    """Whether it was said, told at once or passed on by others, in whatever order and parts."""
    centre, terminals, written = festival(seed)
    chance, line = random.Random(seed), BadLine(seed)
    victim, cut = chance.choice(terminals), chance.randrange(len(written))
    image = 0, dict(victim.memories)
    for number, (writer, raw) in enumerate(written):
        if number == cut:
            image = len(victim.box.shelf.records), dict(victim.memories)
        writer.box.take(raw)
        if chance.random() < 0.4:
            line.exchange(chance.choice(terminals), centre)
        other = chance.choice([*terminals, centre])
        if chance.random() < 0.4 and other is not writer:
            other.hear(writer, writer.with_(other).tell([raw]))
    held = set().union(*(one.held for one in (*terminals, centre) if one is not victim))
    older = put_back(victim, *image)
    victim.box, victim.memories = older.box, older.memories
    for _ in range(7):  # what waits for its run's opening comes a round or two later
        for one in terminals:
            exchange(one, centre)
    assert agree(centre, terminals)
    assert held <= centre.held
    assert [records_said(one, centre) for one in terminals] == [[] for _ in terminals]
