"""Messages that were cut, changed or made up: they bring nothing that is not genuine."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.codec import decode, encode
from sync.conversation import BadMessage
from sync.limits import MESSAGE_BYTES_MAX, ORDINAL_MAX
from sync.message import Message, read_message, speaker, spell
from tests.sync.builder import FESTIVAL, ROOT, Box, admitted, bar, gate, office, zone
from tests.sync.lines import Speaker, exchange, rounds_until_agreed


def pair() -> tuple[Speaker, Speaker]:
    north, centre = Speaker(gate()), Speaker(office())
    north.writes(*north.pen(*(admitted(serial) for serial in range(5))))
    centre.writes(*centre.pen(zone(1), zone(2)))
    for _ in range(3):
        exchange(north, centre)
    centre.writes(*centre.pen(zone(3), zone(4)))
    north.writes(*north.pen(admitted(7), admitted(8)))
    return north, centre


GENUINE = {record.raw for one in pair() for record in one.pen.records}
SAID = pair()[0].say(pair()[1])
FIRST_WORDS = Speaker(gate()).say(Speaker(office()))


def hear_and_look(content: bytes) -> None:
    """Let a fresh office hear this: it may refuse it, and keeps nothing but what is genuine."""
    north, centre = pair()
    before, memories = centre.box.hashes(), dict(centre.memories)
    try:
        centre.hear(north, content)
    except BadMessage:
        assert centre.box.hashes() == before
        assert centre.memories == memories
        return
    assert {record.raw for record, _ in centre.box.shelf.records} <= GENUINE
    assert read_message(centre.say(north)).who == centre.pen.terminal


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.sampled_from([SAID, FIRST_WORDS]), st.data())
def test_a_message_changed_anywhere_brings_only_what_is_genuine(
    content: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(content) - 1))
    how = data.draw(st.sampled_from(["flip", "cut", "insert", "repeat", "drop"]))
    few = data.draw(st.binary(min_size=1, max_size=4))
    changed = {
        "flip": content[:at] + bytes([content[at] ^ (few[0] or 1)]) + content[at + 1 :],
        "cut": content[:at],
        "insert": content[:at] + few + content[at:],
        "repeat": content[:at] + content[at : at + 40] + content[at:],
        "drop": content[:at] + content[at + 1 :],
    }
    hear_and_look(changed[how])


def test_every_single_cut_of_a_message_is_refused() -> None:
    for end in range(0, len(SAID), 7):
        with pytest.raises(BadMessage):
            read_message(SAID[:end])
    with pytest.raises(BadMessage):
        read_message(SAID + b"\0")


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.binary(max_size=100))
def test_random_bytes_are_no_message(content: bytes) -> None:
    with pytest.raises(BadMessage):
        read_message(content)


def test_a_message_longer_than_allowed_is_refused_unread() -> None:
    with pytest.raises(BadMessage, match="more than"):
        read_message(bytes(MESSAGE_BYTES_MAX + 1))


numbers = st.integers(0, 40) | st.sampled_from([ORDINAL_MAX, ORDINAL_MAX - 1])
ids = st.sampled_from([record.id for record in pair()[0].pen.records] + [bytes(32), b"x" * 32])
runs = st.sampled_from([gate().writer.run, office().writer.run, b"x" * 16])
positions = st.tuples(numbers, ids)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.data())
def test_a_well_formed_lie_breaks_nothing_and_brings_nothing(data: st.DataObject) -> None:
    stores = st.sampled_from([read_message(SAID).store_id, pair()[1].box.store, b"z" * 16])
    rows = st.tuples(runs, numbers, ids)
    made_up: dict[str, st.SearchStrategy[object]] = {
        "store_id": stores,
        "your_store_id": st.none() | stores,
        "read_up_to": st.none() | positions,
        "heads": st.none() | st.lists(rows, max_size=3).map(tuple),
        "interest": st.lists(st.integers(1, 4), max_size=4).map(tuple),
        "records": st.lists(st.sampled_from(sorted(GENUINE)) | st.binary(min_size=1), max_size=3)
        .map(tuple),
        "acknowledged": st.lists(st.tuples(runs, numbers), max_size=3).map(tuple),
        "start": numbers,
        "reached": positions,
        "end_number": numbers,
        "asked": st.lists(
            st.tuples(runs, numbers, ids | st.just(b"")), max_size=3
        ).map(tuple),
        "served": st.lists(st.tuples(runs, numbers, st.booleans()), max_size=3).map(tuple),
    }  # fmt: skip
    fields: dict[str, Any] = data.draw(st.fixed_dictionaries({}, optional=made_up))
    hear_and_look(spell(replace(read_message(SAID), **fields)))


def test_a_stranger_is_not_taken_for_the_partner() -> None:
    north, centre = pair()
    stranger = Speaker(bar())
    with pytest.raises(BadMessage, match="not from the partner"):
        centre.hear(north, stranger.say(centre))
    with pytest.raises(BadMessage, match="not from the partner"):
        centre.hear(north, centre.say(north))
    with pytest.raises(BadMessage, match="our own"):
        Speaker(office()).hear(Speaker(office()), centre.say(north))


def test_who_speaks_is_proved_by_certificates() -> None:
    said = read_message(SAID)
    certificate = speaker(SAID, ROOT.public, FESTIVAL)
    assert certificate is not None
    assert certificate.holder == gate().terminal
    lies: list[Message] = [
        replace(said, who=b"x" * 16),
        replace(said, certificates=()),
        replace(said, certificates=bar().chain),
        replace(said, certificates=said.certificates[::-1]),
    ]
    for lie in lies:
        assert speaker(spell(lie), ROOT.public, FESTIVAL) is None
    assert speaker(SAID, ROOT.public, FESTIVAL + 1) is None
    assert speaker(SAID, gate().identity.public, FESTIVAL) is None
    assert speaker(b"", ROOT.public, FESTIVAL) is None


@pytest.mark.parametrize("changed", [{1: 2}, {99: 1}, {2: None}, {12: "x"}, {13: 1 << 63}])
def test_other_versions_fields_and_shapes_are_refused(changed: dict[int, object]) -> None:
    fields = dict(decode(SAID, MESSAGE_BYTES_MAX)) | changed
    kept = {number: value for number, value in fields.items() if value is not None}
    with pytest.raises(BadMessage):
        read_message(encode(kept))


def test_a_full_waiting_room_does_not_lose_what_did_not_fit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    north, centre = pair()
    south = gate(22)
    south(*(admitted(serial) for serial in range(4)))
    monkeypatch.setattr("sync.shelf.WAITING_RECORDS_PER_RUN_MAX", 2)
    said = read_message(north.say(centre))
    orphans = tuple(record.raw for record in south.records[1:])
    before = centre.memory(north.pen.terminal).read
    heard = centre.hear(north, spell(replace(said, records=orphans)))
    assert [str(taken.outcome) for taken in heard.taken] == ["waiting"] * 2 + ["waiting_full"] * 2
    assert centre.memory(north.pen.terminal).read == before
    assert not heard.more
    heard = centre.hear(north, spell(replace(said, records=(south.first.raw, *orphans))))
    assert centre.memory(north.pen.terminal).read == said.reached
    assert {record.id for record in south.records} <= centre.held
    rounds_until_agreed(centre, [north], 4)


def test_a_message_that_begins_after_what_was_read_does_not_move_the_position() -> None:
    north, centre = pair()
    read = north.memory(centre.pen.terminal).read
    assert read is not None
    said = read_message(centre.say(north))
    assert said.start == read[0]
    later = replace(said, start=read[0] + 1, records=said.records[1:])
    north.hear(centre, spell(later))
    assert north.memory(centre.pen.terminal).read == read
    rounds_until_agreed(centre, [north], 3)
    assert north.held == centre.held


def test_a_replica_that_heard_only_lies_is_as_empty_as_before() -> None:
    box = Box()
    empty = box.hashes()
    for raw in GENUINE:
        box.take(raw[:-1], raw + b"\0", raw[::-1])
    assert box.hashes() == empty
