"""Taking records: what is genuine is kept once, what is not changes nothing, forks are proved."""

import itertools

import pytest

from sync import accounts, catalogue, history
from sync.codec import decode, encode
from sync.conflicts import ConflictKind, conflicts
from sync.facts import Released, TerminalRevoked, TicketStatus
from sync.journal import Record, read_record
from sync.keys import FACT_PURPOSE
from sync.limits import RECORD_BYTES_MAX
from sync.names import Area, Role
from sync.shelf import MemoryShelf
from tests.sync.builder import (
    Box,
    Pen,
    admitted,
    bar,
    box_with,
    folded_anew,
    gate,
    office,
    shuffled,
    sold,
    status,
    topped_up,
    zone,
)


def again(pen: Pen, record: Record, **fields: object) -> Record:
    """Return a record with payload fields changed (`f6=…`), signed by the pen's run."""
    payload = dict(decode(record.payload, RECORD_BYTES_MAX))
    content = encode(payload | {int(name[1:]): value for name, value in fields.items()})
    return read_record(encode([content, pen.run_key.sign(FACT_PURPOSE, content)]))


def forks(box: Box, area: Area = Area.ACCESS) -> list[tuple[bytes, ...]]:
    found = conflicts(box.cells, area)
    return [one.facts for one in found if one.kind is ConflictKind.FORKED_JOURNAL]


def test_a_record_is_taken_once_and_known_from_then_on() -> None:
    north = gate()
    fact = north.write(admitted())
    box = Box()
    assert box.take(north.first, fact, fact, north.first) == ["new", "new", "known", "known"]
    assert len(box.shelf.records) == 2
    assert history.inside_count(box.cells, 1) == 1


def test_a_changed_byte_anywhere_changes_nothing() -> None:
    north = gate()
    fact = north.write(admitted())
    box = box_with([north.first])
    before = box.hashes()
    for at in range(len(fact.raw)):
        for bit in (1, 0x80):
            broken = bytearray(fact.raw)
            broken[at] ^= bit
            assert box.take(bytes(broken))[0] not in {"new", "known"}
    assert box.hashes() == before
    assert len(box.shelf.records) == 1
    assert box.take(fact) == ["new"]


def test_a_changed_byte_in_the_opening_opens_nothing() -> None:
    first = gate().first
    box = Box()
    for at in range(len(first.raw)):
        broken = bytearray(first.raw)
        broken[at] ^= 1
        assert box.take(bytes(broken))[0] not in {"new", "known"}
    assert box.shelf.runs() == []
    assert box.shelf.records == []


def test_a_record_that_is_cut_too_long_or_padded_is_no_record() -> None:
    fact = gate().write(admitted())
    box = box_with([gate().first])
    for end in range(len(fact.raw)):
        assert box.take(fact.raw[:end]) == ["malformed"]
    assert box.take(fact.raw + b"\0") == ["malformed"]
    assert box.take(encode([bytes(RECORD_BYTES_MAX), bytes(64)])) == ["malformed"]
    assert len(box.shelf.records) == 1


def test_another_festivals_record_is_foreign() -> None:
    stranger = Pen(Role.GATE, 21, festival=8)
    box = Box()
    assert box.take(stranger.first, stranger.write(admitted())) == ["foreign", "foreign"]
    assert box.shelf.records == []


def test_a_writer_without_a_certificate_of_this_office_is_not_believed() -> None:
    north, south = gate(), gate(22)
    forged = again(north, north.first, f10={1: bytes(32), 2: list(south.chain), 4: "", 5: ""})
    for chain in (south.chain, north.chain[::-1], north.chain[:1], ()):
        body = {1: north.run_key.public.raw, 2: list(chain), 4: "1", 5: "boot"}
        assert Box().take(again(north, north.first, f10=body).raw) == ["uncertified"]
    assert Box().take(forged) == ["uncertified"]
    assert Box().take(again(north, north.first)) == ["bad_signature"]


def test_a_machine_keeps_only_the_journals_of_its_role() -> None:
    till, north = bar(), gate()
    till.write(topped_up())
    box = Box(Role.GATE)
    assert box.take(*till.records, north.first) == ["not_wanted", "waiting", "new"]
    assert [role for _, role in box.shelf.all_records()] == [Role.GATE]


def test_a_record_whose_opening_is_missing_waits_for_it() -> None:
    north = gate()
    north(admitted(), admitted(6))
    first, one, two = north.records
    box = Box()
    before = box.hashes()
    assert box.take(two, one) == ["waiting", "waiting"]
    assert box.hashes() == before
    assert box.take(first) == ["new", "new", "new"]
    assert box.hashes() == box_with(north.records).hashes()


def test_a_forged_copy_that_comes_first_does_not_take_the_place_of_what_waits() -> None:
    north = gate()
    fact = north.write(admitted())
    forged = encode([fact.payload, bytes(64)])
    box = Box()
    assert box.take(forged, fact) == ["waiting", "waiting"]
    assert sorted(box.take(north.first)) == ["bad_signature", "new", "new"]
    assert box.hashes() == box_with(north.records).hashes()


def test_the_waiting_room_is_bounded_for_each_run_and_in_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sync.shelf.WAITING_RECORDS_PER_RUN_MAX", 2)
    monkeypatch.setattr("sync.shelf.WAITING_RECORDS_MAX", 3)
    pens = [gate(21), gate(22), gate(23)]
    facts = [pen(admitted(), admitted(6), admitted(7)) for pen in pens]
    box = Box()
    assert box.take(*facts[0]) == ["waiting", "waiting", "waiting_full"]
    assert box.take(*facts[1]) == ["waiting", "waiting_full", "waiting_full"]
    assert box.take(facts[0][0]) == ["waiting"]
    assert box.take(pens[0].first) == ["new"] * 3
    assert box.take(facts[2][0], facts[0][2]) == ["waiting", "new"]


def test_a_gap_in_a_journal_does_not_hold_back_what_follows() -> None:
    north = gate()
    north(admitted(), admitted(6), admitted(7))
    box = box_with([north.records[0], *north.records[2:]])
    assert history.inside_count(box.cells, 1) == 2
    run = box.shelf.run(north.writer.run)
    assert run is not None
    assert run.head_number == 0
    box.take(north.records[1])
    run = box.shelf.run(north.writer.run)
    assert run is not None
    assert (run.head_number, run.head_id) == (3, north.records[3].id)


# --- forks ---


def test_two_records_with_one_number_prove_a_fork_in_any_order_and_both_count() -> None:
    north = gate()
    one = north.write(admitted())
    other = again(north, one, f10={**decode(one.payload, 4096)[10], 1: 6})
    after = north.write(admitted(7))
    hashes = set()
    for order in itertools.permutations([north.first, one, other, after]):
        box = box_with(order)
        assert {one.id, other.id} <= set(forks(box)[0])
        assert history.inside_count(box.cells, 1) == 3
        hashes.add(str(box.hashes()))
        assert folded_anew(box) == box.hashes()
    assert len(hashes) == 1


def test_a_clone_is_proved_as_soon_as_both_branches_meet() -> None:
    till = bar()
    last = till.write(topped_up())
    mine = Pen(Role.BAR, 11, parent=last, run=1)
    clone = Pen(Role.BAR, 11, parent=last, run=2)
    mine.write(sold(1))
    clone.write(sold(2))
    box = box_with([*till.records, *mine.records])
    assert forks(box, Area.MONEY) == []
    box.take(*clone.records)
    assert forks(box, Area.MONEY) == [tuple(sorted((mine.first.id, clone.first.id)))]
    assert accounts.wallet_balance(box.cells, 99) == 1000 - 600 - 600


def test_two_runs_without_a_parent_prove_an_emptied_store() -> None:
    one, other = Pen(Role.GATE, 21), Pen(Role.GATE, 21, run=1)
    box = box_with([one.first, other.first])
    assert forks(box) == [tuple(sorted((one.first.id, other.first.id)))]


def test_a_record_that_does_not_follow_the_one_before_proves_a_fork() -> None:
    north = gate()
    one = north.write(admitted())
    two = again(north, north.write(admitted(6)), f6=bytes(32))
    for order in itertools.permutations([north.first, one, two]):
        assert set(forks(box_with(order))[0]) >= {one.id, two.id}


def test_an_honest_journal_with_restarts_is_no_fork_in_any_order() -> None:
    north = gate()
    north(admitted(), admitted(6))
    later = Pen(Role.GATE, 21, parent=north.records[-1], run=1)
    later.write(admitted(7))
    records = [*north.records, *later.records]
    for seed in range(30):
        assert forks(box_with(shuffled(records, seed))) == []


# --- revocation ---


def test_what_a_revoked_terminal_says_beyond_its_last_number_waits_until_released() -> None:
    centre, north = office(), gate()
    north(admitted(5), admitted(6), admitted(7), admitted(8))
    run = north.writer.run
    revoked = centre.write(TerminalRevoked(north.terminal, ((run, 1),)))
    released = centre.write(Released(north.terminal, run, 3))
    everything = [*north.records, *centre.records]
    for seed in range(12):
        box = box_with(shuffled([r for r in everything if r is not released], seed))
        assert history.inside_count(box.cells, 1) == 1
        assert len(box.shelf.records) == len(everything) - 1
        box.take(released)
        assert history.inside_count(box.cells, 1) == 3
        whole = box_with(shuffled(everything, seed))
        assert whole.hashes() == box.hashes() == folded_anew(box)
    assert history.inside_count(box_with(north.records).cells, 1) == 4
    assert revoked.number == 1


def test_a_run_that_a_revocation_does_not_name_counts_for_nothing() -> None:
    centre, north = office(), gate()
    centre.write(TerminalRevoked(north.terminal, ()))
    north.write(admitted())
    assert history.inside_count(box_with([*north.records, *centre.records]).cells, 1) == 0
    assert history.inside_count(box_with([*centre.records, *north.records]).cells, 1) == 0


def test_only_the_office_revokes() -> None:
    north, south = gate(), gate(22)
    north.write(admitted())
    south.write(TerminalRevoked(north.terminal, ()))
    box = box_with([*north.records, *south.records])
    assert history.inside_count(box.cells, 1) == 1
    (found,) = conflicts(box.cells, Area.ACCESS)
    assert found.kind is ConflictKind.UNAUTHORISED_FACT


# --- authority and the unknown ---


def test_a_fact_that_is_not_ones_to_state_is_kept_without_effect_and_found() -> None:
    north, till = gate(), bar()
    sale = north.write(sold())
    cancelled = till.write(status(5, TicketStatus.CANCELLED))
    box = box_with([*north.records, *till.records])
    assert len(box.shelf.records) == 4
    assert list(accounts.accounts(box.cells)) == []
    assert catalogue.status(box.cells, 5) is None
    facts = {area: [one.facts for one in conflicts(box.cells, area)] for area in Area}
    assert facts == {Area.OFFICE: [], Area.ACCESS: [(sale.id,)], Area.MONEY: [(cancelled.id,)]}


def test_unknown_kinds_and_versions_are_kept_without_effect() -> None:
    north = gate()
    fact = north.write(admitted())
    for fields in ({"f9": 999}, {"f1": 2}, {"f11": 5}):
        box = box_with([north.first])
        empty = box.hashes()
        assert box.take(again(north, fact, **fields)) == ["new"]
        assert box.hashes() == empty


def test_an_own_record_is_kept_like_one_that_was_heard() -> None:
    north = gate()
    north(admitted(), admitted(6))
    box = Box(Role.GATE)
    for record in north.records:
        box.replica.write(record, Role.GATE, north.name)
    heard = box_with(north.records, Role.GATE)
    assert box.hashes() == heard.hashes()
    assert box.shelf.run(north.writer.run) == heard.shelf.run(north.writer.run)


def test_a_rebuild_tells_how_far_it_is() -> None:
    north = gate()
    north(*(admitted(serial) for serial in range(1000)))
    box = Box()
    shelf: MemoryShelf = box.shelf
    for record in [*north.records, office()(zone())[0]]:
        box.replica.write(record, Role.GATE)
    told: list[int] = []
    box.replica.rebuild(told.append)
    assert told == [1000]
    assert len(shelf.records) == 1002
