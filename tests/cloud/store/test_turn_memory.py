"""What a store remembers for a transaction is what its tables say, and ends with it."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cloud.office import Office
from cloud.store.scans import NOTE
from sync.facts import CertificateIssued, GateSet, ZoneSet
from sync.journal import Record, read_record
from sync.names import FactId, Role, TerminalId
from tests.cloud.box import Box
from tests.cloud.engines import PostgresEngine
from tests.cloud.facts import admitted
from tests.cloud.offices import FESTIVAL, new_folder
from tests.cloud.store.pairs import Pair, office_of, paired

GATE = b"gate".ljust(16)
NOTES = "SELECT arrival, principal FROM online_scan ORDER BY arrival, principal"
_CASES = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["say", "take", "take", "twice", "look"]), min_size=1, max_size=6),
        st.booleans(),
        st.integers(0, 1 << 16),
    ),
    min_size=1,
    max_size=6,
)


class Mistake(Exception):
    """What a broken job raises."""


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = office_of(new_folder(tmp_path / "office"), 1)
    yield made
    made.close()


def gate_of(office: Office, seed: int) -> Box:
    folder = office.folder
    keys = (folder.festival_key, folder.certificate, folder.key)
    gate = Box(FESTIVAL, *keys, Role.GATE, f"Gate {seed}", seed)
    placed = GateSet(gate.terminal, 1, gate.name, 1, ())
    office.transact([lambda o: o.say(CertificateIssued(gate.certificate), placed)])
    return gate


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turns=_CASES, seed=st.integers(0, 1 << 32))
def test_the_shelf_answers_as_the_table_does(office: Office, turns: Any, seed: int) -> None:
    gate = gate_of(office, seed)
    gate.say(*(admitted(number) for number in range(12)))
    gate.open_run()
    gate.say(*(admitted(number) for number in range(3)))
    raws = [one.raw for one, _ in gate.shelf.records]
    for steps, is_kept, chosen in turns:
        chance = random.Random(chosen)

        def job(o: Office, steps: Any = steps, chance: Any = chance, keep: Any = is_kept) -> None:
            before = o.store.shelf.arrived
            for what in steps:
                if what == "say":
                    o.say(ZoneSet(1, chance.randrange(1, 99), "Field", None))
                elif what == "take":
                    o.store.replica.take(chance.sample(raws, chance.randrange(1, 6)))
                elif what == "twice":
                    o.store.replica.take([raws[0]] * 2)
                compare(o, raws, before)
            if not keep:
                raise Mistake

        if is_kept:
            office.transact([job])
        else:
            with pytest.raises(Mistake):
                office.transact([job])
        office.transact([lambda o: compare(o, raws, o.store.shelf.arrived)])


def compare(office: Office, raws: list[bytes], before: int) -> None:
    """Ask the shelf about every record that there may be, and then the table."""
    shelf = office.store.shelf
    known = [read_record(raw) for raw in raws] + ours(office)
    named = {(one.terminal, one.id) for one in known} | {
        (one.terminal, one.previous) for one in known
    }
    following = {one: set(shelf.following(*one)) for one in named}
    places = {(one.run, one.number) for one in known}
    found_at = {place: list(shelf.at(*place)) for place in places}
    held = {one.id: shelf.has(one.id) for one in known}
    ends = {info.run: shelf.end_of(info) for info in shelf.runs()}
    rows = office.store.connection.execute(
        "SELECT arrival, raw FROM record WHERE festival = ? ORDER BY arrival", (FESTIVAL,)
    ).fetchall()
    kept = [(arrival, read_record(raw)) for arrival, raw in rows]
    records = [record for _, record in kept]
    ids = {record.id for record in records}
    assert held == {one.id: one.id in ids for one in known}
    assert following == {one: follow(records, *one) for one in named}
    assert found_at == {
        place: [one.id for one in records if (one.run, one.number) == place] for place in places
    }
    assert ends == {run: max((r.number, r.id) for r in records if r.run == run) for run in ends}
    for arrival, record in kept:
        if arrival > before:
            assert shelf.arrival_of(record.id) == arrival
    assert shelf.arrived == len(rows)


def ours(office: Office) -> list[Record]:
    """Return the office's own records, newest runs too, as its shelf finds them."""
    shelf = office.store.shelf
    if shelf.own is None or shelf.run(shelf.own[1]) is None:
        return []
    log, run = office.store.log, shelf.own[1]
    return [read_record(raw) for raw in log.run_records(run, 0, 1_000, 1 << 20)]


def follow(records: list[Record], terminal: TerminalId, previous: FactId) -> set[FactId]:
    return {one.id for one in records if (one.terminal, one.previous) == (terminal, previous)}


def note(arrival: int, who: str) -> Any:
    return lambda o: o.store.later(NOTE, (FESTIVAL, arrival, GATE, who))


def notes(office: Office) -> list[tuple[int, str]]:
    return [tuple(row) for row in office.store.connection.execute(NOTES)]


def test_what_is_put_off_is_written_once_with_its_transaction_or_never(office: Office) -> None:
    def wrong(_: Office) -> None:
        raise Mistake

    office.transact([note(1, "ada"), note(2, "bob")])
    with pytest.raises(Mistake):
        office.transact([note(3, "lost"), wrong])
    assert notes(office) == [(1, "ada"), (2, "bob")]
    office.transact([note(3, "eve")])
    office.transact([lambda _: None])
    assert notes(office) == [(1, "ada"), (2, "bob"), (3, "eve")]


def test_an_undone_beginning_of_recovery_and_an_undone_partner_are_forgotten(
    office: Office,
) -> None:
    def begins(o: Office) -> None:
        o.store.put_partner(TerminalId(GATE), None, 5, is_level=True)
        o.begin_recovery()
        assert o.is_recovering
        assert o.store.has_partners()
        raise Mistake

    def state(o: Office) -> tuple[bool, bool]:
        return o.is_recovering, o.store.has_partners()

    with pytest.raises(Mistake):
        office.transact([state, begins])
    assert office.transact([state]) == [(False, False)]
    office.transact([lambda o: o.store.put_partner(TerminalId(GATE), None, 5, is_level=True)])
    office.transact([lambda o: o.begin_recovery()])
    assert office.transact([state]) == [(True, True)]
    office.transact([state, lambda o: o.store.recovery.end()])
    assert office.transact([state]) == [(False, True)]


@pytest.mark.postgres_only
def test_what_another_process_has_changed_is_read_anew(
    tmp_path: Path, postgres: PostgresEngine
) -> None:
    def state(pair: Pair) -> Any:
        return pair.do(
            0, lambda o: (o.is_recovering, o.store.has_partners(), o.store.heard.has_any())
        )

    def put(o: Office) -> None:
        o.store.heard.add(GATE)
        o.store.put_partner(TerminalId(GATE), None, 5, is_level=True)

    with paired(tmp_path) as pair:
        assert state(pair) == (False, False, False)
        pair.do(1, put)
        assert state(pair) == (False, True, True)
        pair.do(1, lambda o: o.begin_recovery())
        assert state(pair) == (True, True, True)
        pair.do(1, lambda o: o.store.recovery.end())
        assert state(pair) == (False, True, True)
        pair.offices[1].close()
        assert pair.offices[0].transact([lambda o: o.store.heard.has_any()]) == [False]


@pytest.mark.postgres_only
def test_a_record_that_another_process_took_behind_a_gap_is_seen(tmp_path: Path) -> None:
    """Nothing is told of its run, whose head has not moved; a fork there would go unnoticed."""
    with paired(tmp_path) as pair:
        gate = gate_of(pair.offices[0], 3)
        gate.say(*(admitted(number) for number in range(4)))
        records = [one for one, _ in gate.shelf.records]
        pair.do(0, lambda o: o.store.replica.take([one.raw for one in records[:3]]))
        last = records[4]
        assert pair.do(0, lambda o: list(o.store.shelf.at(last.run, last.number))) == []
        pair.do(1, lambda o: o.store.replica.take([last.raw]))
        assert pair.do(0, lambda o: list(o.store.shelf.at(last.run, last.number))) == [last.id]


@pytest.mark.postgres_only
def test_records_that_waited_here_and_were_taken_by_another_process_are_known(
    tmp_path: Path,
) -> None:
    with paired(tmp_path) as pair:
        gate = gate_of(pair.offices[0], 3)
        gate.say(admitted(1), admitted(2))
        first, *rest = (one.raw for one, _ in gate.shelf.records)
        before = pair.do(0, lambda o: o.store.shelf.arrived)
        pair.do(0, lambda o: o.store.replica.take(rest))
        assert pair.do(0, lambda o: o.store.shelf.arrived) == before
        pair.do(1, lambda o: o.store.replica.take([first, *rest]))
        pair.do(0, lambda o: o.store.replica.take(rest))
        assert pair.do(0, lambda o: o.store.shelf.arrived) == before + 3
        pair.check()
