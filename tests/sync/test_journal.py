"""The pen of a run: chained, counted and stamped records, in the one form that is read again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.clock import UNKNOWN_CLOCK, Moment
from sync.codec import Malformed, decode, encode
from sync.facts import Sold, WristbandBlocked
from sync.journal import Record, RecordTooLarge, Writer, read_record, signed_by
from sync.keys import FACT_PURPOSE
from sync.limits import PHYSICAL_MS_MAX, RECORD_BYTES_MAX
from sync.names import NO_PREVIOUS, Role, RunId
from sync.schema import Misshapen
from tests.sync.builder import (
    FESTIVAL,
    NOW_MS,
    TEN_YEARS_MS,
    Pen,
    admitted,
    at,
    bar,
    gate,
    item,
    sold,
    topped_up,
)


def changed(record: Record, **fields: object) -> bytes:
    """Return the record with payload fields changed (`f5=…`) and signed again by its run."""
    payload = dict(decode(record.payload, RECORD_BYTES_MAX))
    payload |= {int(name[1:]): value for name, value in fields.items()}
    content = encode(payload)
    return encode([content, gate().run_key.sign(FACT_PURPOSE, content)])


def test_records_count_from_nothing_and_each_names_the_one_before() -> None:
    north = gate()
    north(*(admitted(serial) for serial in range(5)))
    assert [record.number for record in north.records] == list(range(6))
    names = [NO_PREVIOUS, *(record.id for record in north.records)]
    assert [record.previous for record in north.records] == names[:-1]
    assert all(record == read_record(record.raw) for record in north.records)
    assert north.writer.next_number == 6


def test_a_run_is_opened_by_the_identity_and_written_by_its_own_key() -> None:
    north = gate()
    fact = north.write(admitted())
    assert signed_by(north.first, north.identity.public)
    assert signed_by(fact, north.run_key.public)
    assert not signed_by(fact, north.identity.public)
    assert not signed_by(north.first, north.run_key.public)


def test_the_next_run_names_the_end_of_the_one_before() -> None:
    before = gate()
    last = before.write(admitted())
    after = Pen(Role.GATE, 21, parent=last, run=1)
    assert after.first.previous == last.id
    assert after.first.number == 0
    assert after.first.body is not None
    assert after.first.body.parent == last.run  # type: ignore[attr-defined]  # a RunOpened
    assert after.first.stamp > last.stamp


def test_a_run_starts_with_its_opening() -> None:
    pen = Writer(FESTIVAL, gate().terminal, RunId(b"r" * 16), gate().run_key)
    with pytest.raises(RuntimeError, match="open"):
        pen.write(admitted(), at())


walls = st.lists(
    st.integers(NOW_MS - TEN_YEARS_MS, NOW_MS + TEN_YEARS_MS)
    | st.sampled_from([-1, 0, PHYSICAL_MS_MAX, PHYSICAL_MS_MAX + 1, 1 << 63]),
    min_size=2,
    max_size=12,
)


@settings(max_examples=50, derandomize=True, deadline=None)
@given(walls)
def test_stamps_only_ever_grow_however_the_wall_clock_jumps(times: list[int]) -> None:
    north = Pen(Role.GATE, 21, moment=at(times[0]))
    for time_ms in times[1:]:
        north.write(admitted(), Moment(time_ms, UNKNOWN_CLOCK))
    stamps = [read_record(record.raw).stamp for record in north.records]
    assert stamps == sorted(set(stamps))


def too_large() -> Sold:
    return sold(1, tuple(item(1, 100_000 + n) for n in range(500)))


def test_a_fact_that_does_not_fit_leaves_the_pen_as_it_was() -> None:
    one, other = bar(), bar()
    with pytest.raises(RecordTooLarge, match="4096 fit"):
        one.writer.write(too_large(), at(NOW_MS + TEN_YEARS_MS))
    with pytest.raises(Misshapen, match=r"ToppedUp\.amount"):
        one.writer.write(topped_up(-1), at(NOW_MS + TEN_YEARS_MS))
    assert one.write(topped_up()) == other.write(topped_up())


def test_a_text_that_cannot_be_spelled_leaves_the_pen_as_it_was() -> None:
    one, other = bar(), bar()
    with pytest.raises(Misshapen, match=r"WristbandBlocked.reason"):
        one.writer.write(WristbandBlocked(99, "lost \ud800"), at(NOW_MS + TEN_YEARS_MS))
    assert one.write(topped_up()) == other.write(topped_up())


def test_unknown_kinds_versions_and_fields_are_read_but_not_interpreted() -> None:
    fact = gate().write(admitted())
    for fields in ({"f9": 999}, {"f1": 2}, {"f11": 1}, {"f10": {1: 2}}, {"f10": {99: 1}}):
        record = read_record(changed(fact, **fields))
        assert record.body is None
        assert signed_by(record, gate().run_key.public)


@pytest.mark.parametrize(
    "fields",
    [{"f1": -1}, {"f2": "7"}, {"f3": b"short"}, {"f4": None}, {"f5": 1 << 63}, {"f6": b""},
     {"f7": [1]}, {"f7": [PHYSICAL_MS_MAX + 1, 0]}, {"f8": [3, 0]}, {"f8": [0, -1]},
     {"f9": None}],
)  # fmt: skip
def test_a_header_outside_its_ranges_is_no_record(fields: dict[str, object]) -> None:
    with pytest.raises((Malformed, OverflowError)):
        read_record(changed(gate().write(admitted()), **fields))


def test_a_record_without_one_of_its_fields_is_no_record() -> None:
    payload = dict(decode(gate().write(admitted()).payload, RECORD_BYTES_MAX))
    for field in range(1, 11):
        rest = encode({number: value for number, value in payload.items() if number != field})
        with pytest.raises(Malformed):
            read_record(encode([rest, bytes(64)]))


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_no_record_and_nothing_else_happens(content: bytes) -> None:
    for one in (content, encode([content or b"\0", bytes(64)])):
        with pytest.raises(Malformed):
            read_record(one)
