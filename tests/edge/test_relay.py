"""When a box passes on what it holds for others: late enough, not too late, in bounded parts."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge import relay as module
from edge.limits import (
    RELAY_ALL_MS,
    RELAY_ENDS_OF_RUN_MAX,
    RELAY_HELD_MS,
    RELAY_OUTAGE_MS_MIN,
    RELAY_OUTAGES_APART_MS,
    RELAY_PATIENCE_MS,
    RELAY_SPREAD_MS_MAX,
    RELAY_SPREAD_MS_PER_NEIGHBOUR,
    UPLINK_QUIET_MS,
)
from edge.relay import Relay
from sync.journal import Record
from sync.limits import OFFERS_MAX
from sync.names import Role, RunId, TerminalId
from sync.partner import Head
from sync.replica import Outcome, Taken
from tests.sync.builder import Pen, admitted, gate, office

OWN = TerminalId(bytes([10]) * 16)
START_MS = 100_000


def relay_of(*pens: Pen, draw: int = 0) -> Relay:
    """Return a relay that heard the office just now; every draw gives the same, where it may."""
    roles = {pen.writer.run: pen.role for pen in pens}
    one = Relay(OWN, roles.get, lambda most: min(draw, most - 1))
    assert one.offers(START_MS) == ()
    one.answered(START_MS)
    one.offer_all([], START_MS)
    return one


def new(records: Sequence[Record]) -> list[Taken]:
    return [Taken(Outcome.NEW, record) for record in records]


def brings(one: Relay, records: Sequence[Record], now_ms: int) -> None:
    known = [Taken(Outcome.KNOWN, record) for record in records]
    one.office_brought(known, [record.raw for record in records], now_ms)


def polls(one: Relay, from_ms: int, until_ms: int) -> list[Head]:
    """Let the office be asked and answer every two seconds; return what was offered."""
    offered: list[Head] = []
    for now_ms in range(from_ms, until_ms, UPLINK_QUIET_MS):
        offered += one.offers(now_ms)
        one.answered(now_ms)
    return offered


def end_of(record: Record) -> tuple[RunId, int, bytes]:
    return (record.run, record.number, record.id)


def test_what_a_neighbour_brought_is_offered_after_it_was_held_and_only_once() -> None:
    south = gate(22)
    facts = south(admitted(1), admitted(2))
    one = relay_of(south)
    one.arrived(new(facts), START_MS)
    assert one.offers(START_MS + RELAY_HELD_MS - 1) == ()
    assert one.offers(START_MS + RELAY_HELD_MS) == (end_of(facts[-1]),)
    assert one.offers(START_MS + RELAY_HELD_MS + 1) == (end_of(facts[-1]),)  # no answer came
    one.answered(START_MS + RELAY_HELD_MS + 2)
    assert polls(one, START_MS + RELAY_HELD_MS + 3, START_MS + 10 * RELAY_HELD_MS) == []


def test_what_the_office_brought_meanwhile_is_not_offered() -> None:
    south = gate(22)
    facts = south(admitted(1), admitted(2))
    one = relay_of(south)
    one.arrived(new(facts), START_MS)
    brings(one, facts, START_MS + 1_000)
    assert polls(one, START_MS + 2_000, START_MS + 60_000) == []


def test_own_facts_the_offices_and_unknown_ones_are_not_held() -> None:
    own, centre, stranger = Pen(Role.GATE, 10), office(), gate(23)
    one = relay_of(own, centre)
    one.arrived(new([*own.records, *centre.records, *stranger.records]), START_MS)
    south = gate(22)
    bad = [Taken(o, south.first) for o in Outcome if o is not Outcome.NEW]
    one.arrived([*bad, Taken(Outcome.MALFORMED, None)], START_MS)
    assert polls(one, START_MS + 1, START_MS + 60_000) == []


def test_what_the_office_set_free_without_bringing_it_is_held() -> None:
    south = gate(22)
    facts = south(admitted(1))
    one = relay_of(south)
    one.office_brought(new([south.first, *facts]), [south.first.raw], START_MS)
    assert polls(one, START_MS, START_MS + 10_000) == [end_of(facts[0])]


def test_a_run_that_moves_at_the_office_is_left_to_others_but_not_for_ever() -> None:
    south = gate(22)
    stuck, *later = south(*(admitted(number) for number in range(400)))
    one = relay_of(south)
    one.arrived(new([stuck]), START_MS)
    offered: list[tuple[int, Head]] = []
    for number, fact in enumerate(later, 1):
        now_ms = START_MS + 1_000 * number
        offered += [(now_ms, head) for head in one.offers(now_ms)]
        one.answered(now_ms)
        brings(one, [fact], now_ms)
    assert offered == [(START_MS + RELAY_PATIENCE_MS, end_of(stuck))]


def test_after_an_outage_everything_is_held_anew_and_the_first_message_offers_nothing() -> None:
    south = gate(22)
    one = relay_of(south)
    back_ms = START_MS + RELAY_OUTAGES_APART_MS
    one.arrived(new(south(admitted(1))), START_MS + 100)
    for now_ms in range(START_MS + 1_000, back_ms, 5_000):
        one.offers(now_ms)
    assert one.offers(back_ms) == ()
    one.answered(back_ms)
    assert one.offers(back_ms + RELAY_HELD_MS - 1) == ()
    one.answered(back_ms + RELAY_HELD_MS - 1)
    assert len(one.offers(back_ms + RELAY_HELD_MS)) == 1


def test_a_line_that_fails_again_and_again_does_not_hold_things_up_for_ever() -> None:
    south = gate(22)
    one = relay_of(south)
    one.arrived(new(south(admitted(1))), START_MS)
    offered: list[Head] = []
    for now_ms in range(START_MS, START_MS + 3 * RELAY_OUTAGES_APART_MS, 1_000):
        offered += one.offers(now_ms)
        if now_ms % (2 * RELAY_OUTAGE_MS_MIN) < 1_000:
            one.answered(now_ms)
            offered += one.offers(now_ms + 1)
            one.answered(now_ms + 1)
    assert set(offered) == {end_of(south.records[-1])}
    assert polls(one, now_ms, now_ms + 60_000) == []


def test_a_slow_line_is_no_outage() -> None:
    south = gate(22)
    one = relay_of(south)
    one.arrived(new(south(admitted(1))), START_MS)
    offered: list[Head] = []
    for now_ms in range(START_MS, START_MS + 60_000, 20_000):
        offered += one.offers(now_ms)
        one.answered(now_ms + 18_000)
    assert len(offered) == 1


def test_nothing_is_offered_before_the_office_was_ever_heard() -> None:
    south = gate(22)
    one = Relay(OWN, {south.writer.run: Role.GATE}.get, lambda _: 0)
    one.arrived(new(south.records), 0)
    assert one.wait_ms(10**6) == UPLINK_QUIET_MS
    assert not one.wants_all(10**6)
    assert one.offers(10**6) == ()


@settings(max_examples=50, derandomize=True, deadline=None)
@given(st.integers(0, 500), st.integers(0, RELAY_SPREAD_MS_MAX))
def test_the_more_neighbours_the_longer_the_drawn_time_up_to_a_limit(
    neighbours: int, draw: int
) -> None:
    south = gate(22)
    one = relay_of(south, draw=draw)
    one.meet(neighbours)
    one.meet(0)
    one.arrived(new(south.records), START_MS)
    most_ms = min(RELAY_SPREAD_MS_MAX, neighbours * RELAY_SPREAD_MS_PER_NEIGHBOUR)
    due_ms = START_MS + RELAY_HELD_MS + min(draw, most_ms)
    assert one.offers(due_ms - 1) == ()
    one.answered(due_ms - 1)
    assert len(one.offers(due_ms)) == 1


def test_a_rest_ends_when_something_is_due_and_never_lasts_longer_than_a_quiet_one() -> None:
    south = gate(22)
    one = relay_of(south)
    assert one.wait_ms(START_MS) == UPLINK_QUIET_MS
    one.arrived(new(south.records), START_MS)
    assert one.wait_ms(START_MS) == UPLINK_QUIET_MS
    assert one.wait_ms(START_MS + RELAY_HELD_MS - 700) == 700
    assert one.wait_ms(START_MS + RELAY_HELD_MS + 700) == 0
    assert RELAY_HELD_MS > UPLINK_QUIET_MS  # or what comes during a rest would be late


def test_both_branches_of_a_fork_are_offered_and_of_many_loose_ends_the_highest() -> None:
    one_branch, other = gate(22), gate(22)
    facts = [*one_branch(admitted(1), admitted(2)), *other(admitted(3))]
    one = relay_of(one_branch)
    one.arrived(new(facts), START_MS)
    assert set(polls(one, START_MS, START_MS + 9_000)) == {end_of(facts[1]), end_of(facts[2])}
    loose = one_branch(*(admitted(number) for number in range(100)))[::2]
    one.arrived(new(loose), START_MS)
    assert polls(one, START_MS + 4_000, START_MS + 9_000) == [
        end_of(fact) for fact in reversed(loose[-RELAY_ENDS_OF_RUN_MAX:])
    ]


def test_more_than_fits_is_offered_in_turn() -> None:
    pens = [Pen(Role.GATE, 22, run=run) for run in range(150)]
    pens += [Pen(Role.GATE, 23, run=run) for run in range(150)]
    one = relay_of(*pens)
    one.arrived(new([pen.first for pen in pens]), START_MS)
    first = one.offers(START_MS + RELAY_HELD_MS)
    assert len(first) <= OFFERS_MAX
    one.answered(START_MS + RELAY_HELD_MS)
    rest = one.offers(START_MS + RELAY_HELD_MS + 1)
    assert {run for run, _, _ in (*first, *rest)} == {pen.writer.run for pen in pens}


def test_all_ends_are_offered_after_a_start_and_again_after_a_quarter_of_an_hour() -> None:
    ends = [(RunId(number.to_bytes(16, "big")), 1, bytes(32)) for number in range(600)]
    one = Relay(OWN, lambda _: Role.GATE, lambda _: 0)
    one.offers(START_MS)
    one.answered(START_MS)
    assert not one.wants_all(START_MS + RELAY_HELD_MS - 1)
    assert one.wants_all(START_MS + RELAY_HELD_MS)
    one.offer_all(ends, START_MS + RELAY_HELD_MS)  # type: ignore[arg-type]
    assert not one.wants_all(START_MS + RELAY_HELD_MS)
    assert one.wait_ms(START_MS + RELAY_HELD_MS) == 0
    again = one.offers(START_MS + RELAY_HELD_MS)
    assert len(again) == OFFERS_MAX
    offered = polls(one, START_MS + RELAY_HELD_MS, START_MS + 60_000)
    assert offered == ends
    assert one.wants_all(START_MS + RELAY_HELD_MS + RELAY_ALL_MS + RELAY_HELD_MS)


def test_ends_of_runs_that_move_wait_until_they_stand_still_or_patience_ends() -> None:
    south, east = gate(22), gate(23)
    one = relay_of(south, east)
    ends = [(pen.writer.run, 0, pen.first.id) for pen in (south, east)]
    brings(one, south.records, START_MS)
    one.offer_all(ends, START_MS)
    assert polls(one, START_MS, START_MS + 1) == ends[1:]
    assert polls(one, START_MS + RELAY_HELD_MS, START_MS + RELAY_HELD_MS + 1) == ends[:1]
    one.offer_all(ends, START_MS)
    late_ms = START_MS + RELAY_PATIENCE_MS
    brings(one, south.records, late_ms)
    assert polls(one, late_ms, late_ms + 1) == ends


def test_who_holds_too_much_forgets_it_and_offers_all_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RELAY_FACTS_MAX", 5)
    monkeypatch.setattr(module, "RELAY_RUNS_MAX", 1)
    south, east = gate(22), gate(23)
    one = relay_of(south, east)
    one.arrived(new(south(*(admitted(number) for number in range(6)))), START_MS)
    assert one.offers(START_MS + RELAY_HELD_MS) == ()
    assert one.wants_all(START_MS + RELAY_HELD_MS)
    one.arrived(new(east(admitted(9))), START_MS)
    brings(one, [south.first], START_MS)
    brings(one, [east.first], START_MS)
    assert len(one.offers(START_MS + RELAY_HELD_MS)) == 1
