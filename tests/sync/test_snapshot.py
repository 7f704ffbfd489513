"""The snapshot's formats: golden bytes, and what comes of bytes that are something else."""

import hashlib
import random
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import snapshot
from sync.cells import CellKey, CellKind, MemoryCells
from sync.codec import decode, encode
from sync.facts import TicketStatus
from sync.history_effects import Seen
from sync.journal import Record
from sync.keys import SecretKey, digest
from sync.limits import (
    HISTORY_ROWS_PACKED_MAX,
    SNAPSHOT_PART_BYTES_WANTED,
    SNAPSHOT_UNPACKED_BYTES_MAX,
)
from sync.names import Area, Role
from sync.snapshot import (
    BadSnapshot,
    Head,
    RunRow,
    pages_of,
    parts_of,
    read_head,
    read_page,
    run_pages,
    spell_head,
)
from sync.snapshot_asking import (
    Ask,
    BadAsk,
    State,
    Wanted,
    read_ask,
    read_content,
    read_records,
    spell_ask,
    spell_content,
    spell_records,
)
from sync.snapshot_cells import cells_of, pages
from sync.snapshot_columns import gather, gather_raw, spread, spread_raw
from tests.sync.builder import (
    DAY,
    FESTIVAL,
    NOW_MS,
    OFFICE_KEY,
    Box,
    admitted,
    bar,
    box_with,
    gate,
    gate_place,
    left,
    office,
    sold,
    status,
    ticket_type,
    topped_up,
    zone,
)
from tests.sync.joiners import BYTES_MAX, all_pages, joiner

GOLDEN = {
    "runs": "c43cf28af13072dab6ad11b8b91ebb11de77d709f825a01fd7515c9130b2713a",
    "gate pages": "504150a263dbd1c8718f83fb7c8bbcf1980c57052246682a419fb3be53f56a40",
    "bar pages": "9c2bd3cf498d35f112786d87dd1f19ba1ff840eb4959a12128c5a5e8a44bb222",
    "head": "bfce5bf2173f7f3aa52f4affbcbcd218a3b1ddb210f85e77c426962b1057cd39",
    "ask": "d966c8d4061366a08dd97bd6eaabe157192f82c16d9c75e606a468e008faec9c",
}


def told() -> Box:
    centre, north, till = office(), gate(), bar()
    centre(zone(), ticket_type(), gate_place(north, "North"), status(6, TicketStatus.CANCELLED))
    entered = north.write(admitted())
    north(left(entered.id), admitted(serial=6), admitted(serial=7, count=2))
    till(topped_up(), sold())
    return box_with([*centre.records, *north.records, *till.records])


def head_of(parts: list[bytes], role: Role = Role.GATE) -> Head:
    marks = tuple((digest(part), len(part)) for part in parts)
    return Head(FESTIVAL, int(role), NOW_MS, b"S" * 16, (7, b"\7" * 32), 9, 11, b"\1" * 32, marks)


def sha(*contents: bytes) -> str:
    return hashlib.sha256(b"".join(contents)).hexdigest()


def fixed_cells() -> MemoryCells:
    """Return cells that no change of a fold can change."""
    cells = history_of(seen(b"a", ()), seen(b"b", (b"a",)), seen(b"c", (b"b",), guests=3))
    cells.set(CellKey(Area.ACCESS, CellKind.INSIDE, b"\0\1"), 5)
    cells.set(CellKey(Area.MONEY, CellKind.ACCOUNT, b"wallet:99\0\0\0"), 700)
    cells.set(CellKey(Area.MONEY, CellKind.ACCOUNT, b"safe\0\0\0"), -700)
    for serial in range(1, 9):
        place = CellKey(Area.OFFICE, CellKind.STATUS, serial.to_bytes(8, "big"))
        cells.set(place, ((0, -1), ((b"s" * 32, serial % 2, None, NOW_MS),)))
    return cells


def test_the_formats_have_their_golden_bytes() -> None:
    ask = Ask((b"c" * 300, b"d" * 300), Wanted.RECORDS, run=b"r" * 16, low=3, high=900)
    run = RunRow(b"r" * 16, b"t" * 16, 2, "Nord", b"k" * 32, 7, b"h" * 32)
    found = {
        "runs": sha(*run_pages([run], [b"x" * 32])),
        "gate pages": sha(*(page for _, page in pages(fixed_cells(), Role.GATE))),
        "bar pages": sha(*(page for _, page in pages(fixed_cells(), Role.BAR))),
        "head": sha(spell_head(head_of([b"part"]), OFFICE_KEY)),
        "ask": sha(spell_ask(ask)),
    }
    assert found == GOLDEN
    assert read_ask(spell_ask(ask)) == ask


def test_parts_bring_the_pages_that_went_in() -> None:
    chance = random.Random(1)
    given_pages = [chance.randbytes(size) for size in (1, 400_000, 600_000, 5, 900_000, 0, 9)]
    parts = list(parts_of(given_pages))
    assert len(parts) == 3
    found = [page for part in parts for page in pages_of(part, digest(part))]
    assert found == given_pages


def test_a_page_that_fits_no_part_is_refused_when_it_is_made() -> None:
    with pytest.raises(snapshot.SnapshotTooLarge):
        list(parts_of([random.Random(2).randbytes(SNAPSHOT_PART_BYTES_WANTED + 90_000)]))
    with pytest.raises(snapshot.SnapshotTooLarge):
        list(parts_of([bytes(SNAPSHOT_UNPACKED_BYTES_MAX)]))


def part_of(pages_in_it: bytes, level: int = 9) -> bytes:
    return zlib.compress(pages_in_it, level)


BAD_PARTS: dict[str, bytes] = {
    "nothing": b"",
    "no deflate": b"hello, this is no part",
    "cut": part_of(b"\0\0\0\1x")[:-5],
    "something behind": part_of(b"\0\0\0\1x") + b"!",
    "a bomb": part_of(bytes(300 << 20), 1),
    "a page that is cut": part_of(b"\0\0\0\7abc"),
    "a length that is cut": part_of(b"\0\0\0\1x\0\0"),
}


@pytest.mark.parametrize("name", BAD_PARTS)
def test_a_part_that_is_none_is_refused_and_never_swells(name: str) -> None:
    part = BAD_PARTS[name]
    with pytest.raises(BadSnapshot):
        list(pages_of(part, digest(part)))


def test_a_part_with_one_bit_changed_is_not_unpacked() -> None:
    part = next(parts_of(all_pages(told(), Role.GATE)))
    for at in range(0, 8 * len(part), 97):
        other = bytearray(part)
        other[at // 8] ^= 1 << at % 8
        with pytest.raises(BadSnapshot, match="not the one that the office signed"):
            list(pages_of(bytes(other), digest(part)))


def test_a_head_is_believed_only_from_this_office_for_this_festival_and_role() -> None:
    content = spell_head(head_of([b"part"]), OFFICE_KEY)
    key = OFFICE_KEY.public
    assert read_head(content, key, FESTIVAL, Role.GATE).facts == 9
    with pytest.raises(BadSnapshot, match="did not sign"):
        read_head(content, SecretKey(b"\x63" * 32).public, FESTIVAL, Role.GATE)
    with pytest.raises(BadSnapshot, match="another festival"):
        read_head(content, key, FESTIVAL + 1, Role.GATE)
    with pytest.raises(BadSnapshot, match="another kind"):
        read_head(content, key, FESTIVAL, Role.BAR)


@pytest.mark.parametrize("purpose", [b"guichet-fact-v1\0", b"guichet-cert-v1\0", b""])
def test_a_signature_for_another_purpose_makes_no_head(purpose: bytes) -> None:
    payload, _ = decode(spell_head(head_of([b"part"]), OFFICE_KEY), 1 << 16)
    forged = encode([payload, OFFICE_KEY.sign(purpose, payload)])
    with pytest.raises(BadSnapshot, match="did not sign"):
        read_head(forged, OFFICE_KEY.public, FESTIVAL, Role.GATE)


def test_a_head_with_a_changed_or_missing_byte_is_refused() -> None:
    content = spell_head(head_of([b"part"]), OFFICE_KEY)
    for at in range(len(content)):
        for other in (
            content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :],
            content[:at],
        ):
            with pytest.raises(BadSnapshot):
                read_head(other, OFFICE_KEY.public, FESTIVAL, Role.GATE)


def test_a_snapshot_beyond_its_bounds_is_refused_on_both_sides() -> None:
    many = replace(head_of([]), parts=((b"m" * 32, 1 << 20),) * 70)
    with pytest.raises(snapshot.SnapshotTooLarge):
        spell_head(many, OFFICE_KEY)
    large = replace(head_of([]), parts=((b"m" * 32, 1_000_000),) * 70)
    content = spell_head(large, OFFICE_KEY)
    with pytest.raises(BadSnapshot, match="at most"):
        read_head(content, OFFICE_KEY.public, FESTIVAL, Role.GATE)


# --- pages ---


def taken(page: bytes, role: Role = Role.GATE) -> list[tuple[CellKey, bytes]]:
    return list(cells_of(read_page(page), role))


def history_page() -> bytes:
    return next(page for page in all_pages(told(), Role.GATE) if read_page(page)[0] == 4)


@settings(max_examples=400, derandomize=True, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(("gate", "bar")))
def test_a_page_with_anything_changed_is_cells_or_a_bad_snapshot(seed: int, kind: str) -> None:
    chance = random.Random(seed)
    role = Role.GATE if kind == "gate" else Role.BAR
    page = bytearray(chance.choice(all_pages(told(), role)))
    for _ in range(chance.randint(1, 4)):
        page[chance.randrange(len(page))] = chance.randrange(256)
    try:
        values = read_page(bytes(page))
        found = list(cells_of(values, role))
    except BadSnapshot:
        return
    for key, content in found:
        assert type(key.key) is bytes
        decode(content, BYTES_MAX)


def changes() -> Iterator[tuple[str, Callable[[list[object]], object]]]:
    yield "another number of counts", lambda row: row.__setitem__(2, b"\1\1\1\1")
    yield "a terminal beyond the table", lambda row: row.__setitem__(7, ())
    yield "no days", lambda row: row.__setitem__(8, ())
    yield "a day that is a text", lambda row: row.__setitem__(8, ("today",))
    yield "ids that are cut", lambda row: row.__setitem__(5, b"short")
    yield "too many ids", lambda row: row.__setitem__(5, bytes(32 * 40))
    yield "names of nobody", lambda row: row.__setitem__(4, b"\xff\xff")
    yield "a column too few", lambda row: row.pop()
    yield "a number for a column", lambda row: row.__setitem__(1, 5)
    yield "stamps of the far future", lambda row: row.__setitem__(11, b"\xff" * 8 * 4)


@pytest.mark.parametrize("name, change", list(changes()))
def test_histories_whose_columns_do_not_fit_are_refused(
    name: str, change: Callable[[list[object]], object]
) -> None:
    row = list(read_page(history_page()))
    change(row)
    with pytest.raises(BadSnapshot):
        assert taken(encode(row)), name


def test_a_page_of_cells_that_a_terminal_has_no_use_for_is_refused() -> None:
    for area, kind in ((Area.MONEY, CellKind.ACCOUNT), (Area.ACCESS, 99)):
        with pytest.raises(BadSnapshot):
            taken(encode([3, int(area), int(kind), 0, [b"k"], [encode(1)], b"\0\0"]))
    with pytest.raises(BadSnapshot):
        taken(encode([3, int(Area.MONEY), int(CellKind.SALE), 0, [], [], b""]), Role.BAR)


def test_a_value_that_is_not_in_the_one_spelling_is_refused() -> None:
    for value in (b"\x18\x01", b"\xf9\x00\x00", b"", b"\x01\x01"):
        row = [3, int(Area.ACCESS), int(CellKind.INSIDE), 0, [b"k"], [value], b"\0\0"]
        with pytest.raises(BadSnapshot):
            taken(encode(row))


@pytest.mark.parametrize("page", [b"", b"\x01", encode([]), encode([9, 1]), encode({1: 1})])
def test_what_is_no_page_is_refused(page: bytes) -> None:
    with pytest.raises(BadSnapshot):
        taken(page)


# --- histories ---


def seen(fact: bytes, after: tuple[bytes, ...], **more: Any) -> tuple[Any, ...]:
    row = Seen(30, fact * 32, b"g" * 16, 5, NOW_MS, 0, 2, tuple(one * 32 for one in after))
    return tuple(row._replace(**{"zone": 1, "day": DAY, "guests": 1, **more}))


def history_of(*rows: tuple[Any, ...]) -> MemoryCells:
    cells = MemoryCells()
    cells.set(CellKey(Area.ACCESS, CellKind.HISTORY, (5).to_bytes(8, "big")), rows)
    return cells


def kinds_of(cells: MemoryCells) -> list[int]:
    return [read_page(page)[0] for _, page in pages(cells, Role.GATE)]


def test_only_a_line_of_facts_is_packed_and_everything_else_travels_as_it_is() -> None:
    line = (seen(b"a", ()), seen(b"b", (b"a",)), seen(b"c", (b"b",)))
    assert kinds_of(history_of(*line)) == [4]
    others = (
        (seen(b"a", ()), seen(b"b", ())),
        (seen(b"a", (b"z",)),),
        (seen(b"a", ()), seen(b"b", (b"a",)), seen(b"c", (b"a",))),
        (seen(b"a", ()), seen(b"b", (b"a",), names=b"q" * 32)),
        (seen(b"a", (), serial=6),),
        (seen(b"a", (b"b",)), seen(b"b", (b"a",))),
    )
    for rows in others:
        assert kinds_of(history_of(*rows)) == [3]
        (cell,) = [cell for _, page in pages(history_of(*rows), Role.GATE) for cell in taken(page)]
        assert decode(cell[1], BYTES_MAX) == rows


def test_a_very_long_history_travels_as_it_is() -> None:
    ids = [number.to_bytes(2, "big") * 16 for number in range(HISTORY_ROWS_PACKED_MAX + 1)]
    rows = [
        tuple(Seen(*seen(b"a", ()))._replace(fact=fact, after=(ids[at - 1],) if at else ()))
        for at, fact in enumerate(ids)
    ]
    assert kinds_of(history_of(*rows[:-1])) == [4]
    assert kinds_of(history_of(*rows)) == [3]


def test_a_packed_history_keeps_the_last_id_and_those_by_which_somebody_is_inside() -> None:
    north = gate()
    facts: list[Record] = [north.write(admitted(serial=5, count=2))]
    facts.append(north.write(left(facts[0].id, serial=5, after=(facts[0].id,))))
    facts.append(north.write(left(facts[0].id, serial=5, after=(facts[1].id,))))
    facts.append(north.write(admitted(serial=5, after=(facts[2].id,))))
    facts.append(north.write(admitted(serial=5, after=(facts[3].id,))))
    centre = office()
    box = box_with([*centre(zone(), ticket_type()), centre.first, *north.records])
    joined = joiner(all_pages(box, Role.GATE), Role.GATE)
    key = CellKey(Area.ACCESS, CellKind.HISTORY, (5).to_bytes(8, "big"))
    rows = [Seen(*row) for row in joined.cells.get(key)]
    whole = {row.fact for row in rows if len(row.fact) == 32}
    assert whole == {facts[3].id, facts[4].id}
    assert len(rows) == 5
    assert sorted(row.stamp_ms for row in rows if len(row.fact) < 32) == [NOW_MS] * 3


# --- columns and questions ---


@given(st.lists(st.integers(0, 2**16 - 1)), st.sampled_from((2, 8)))
def test_columns_bring_back_their_numbers(numbers: list[int], width: int) -> None:
    assert list(gather(spread(numbers, width), width, len(numbers))) == numbers
    raw = bytes(range(24))
    assert gather_raw(spread_raw(raw, width), width, 24 // width) == raw
    with pytest.raises(ValueError, match="column"):
        gather(spread(numbers, width), width, len(numbers) + 1)


def test_what_is_no_question_or_answer_is_refused() -> None:
    for wrong in (
        b"",
        encode([1, [], 4, None, None, None, None]),
        encode([1, [], 2, None, None, None, None]),
        encode([1, [], 3, None, b"r" * 16, 5, None]),
        encode([2, [], 1, None, None, None, None]),
    ):
        with pytest.raises(BadAsk):
            read_ask(wrong)
    for wrong in (b"", encode([7, b""]), encode([1]), encode([b"x" * 5_000])):
        with pytest.raises(BadAsk):
            read_content(wrong)
        with pytest.raises(BadAsk):
            read_records(wrong + b"\0")
    assert read_content(spell_content(State.BEING_MADE)) == (State.BEING_MADE, b"")
    assert read_records(spell_records([b"a", b"b"])) == (b"a", b"b")
