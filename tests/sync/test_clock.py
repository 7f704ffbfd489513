"""A clock that nobody has to believe: stamps grow, wild peers are not followed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.clock import ClockQuality, ClockState, HybridClock, Moment, Span, Stamp, agreed
from sync.limits import DRIFT_MS_MAX, LOGICAL_TICKS_MAX, PHYSICAL_MS_MAX, UNCERTAINTY_MS_MAX
from tests.sync.builder import NOW_MS, TEN_YEARS_MS

walls = st.integers(NOW_MS - TEN_YEARS_MS, NOW_MS + TEN_YEARS_MS)
stamps = st.builds(Stamp, walls, st.integers(0, LOGICAL_TICKS_MAX))


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.lists(walls | st.tuples(stamps, walls), max_size=20))
def test_every_stamp_is_above_all_that_were_given_or_followed(
    events: list[int | tuple[Stamp, int]],
) -> None:
    clock = HybridClock()
    highest = Stamp(0, 0)
    for event in events:
        if isinstance(event, int):
            stamp = clock.tick(event)
            assert stamp > highest
            assert stamp == clock.last
            highest = stamp
        else:
            heard, wall_ms = event
            followed = clock.hear(heard, wall_ms)
            assert followed == (heard.physical_ms <= wall_ms + DRIFT_MS_MAX)
            highest = max(highest, heard) if followed else highest
            assert clock.last == highest


def test_a_stamp_follows_the_wall_and_counts_within_a_millisecond() -> None:
    clock = HybridClock()
    ticks = [clock.tick(wall) for wall in (5, 5, 4, 7, -3)]
    assert ticks == [Stamp(5, 0), Stamp(5, 1), Stamp(5, 2), Stamp(7, 0), Stamp(7, 1)]


def test_a_clock_goes_on_after_the_last_stamp_of_its_journal() -> None:
    assert HybridClock(Stamp(100, 4)).tick(50) == Stamp(100, 5)
    assert HybridClock(Stamp(100, LOGICAL_TICKS_MAX)).tick(50) == Stamp(101, 0)


def test_a_wild_wall_clock_is_held_to_what_a_stamp_can_say() -> None:
    assert HybridClock().tick(1 << 63) == Stamp(PHYSICAL_MS_MAX, 0)
    assert HybridClock().tick(-5) == Stamp(0, 1)


def test_a_peer_a_minute_ahead_is_followed_and_one_further_is_not() -> None:
    clock = HybridClock()
    assert not clock.hear(Stamp(NOW_MS + DRIFT_MS_MAX + 1, 0), NOW_MS)
    assert clock.last == Stamp(0, 0)
    assert clock.hear(Stamp(NOW_MS + DRIFT_MS_MAX, 0), NOW_MS)
    assert clock.tick(NOW_MS) == Stamp(NOW_MS + DRIFT_MS_MAX, 1)


def test_a_moment_knows_between_which_times_it_lies() -> None:
    moment = Moment(1_000, ClockQuality(ClockState.COARSE, 300))
    assert (moment.earliest_ms, moment.latest_ms) == (700, 1_300)


@pytest.mark.parametrize("uncertainty", [-1, UNCERTAINTY_MS_MAX + 1])
def test_an_uncertainty_has_its_bounds(uncertainty: int) -> None:
    with pytest.raises(ValueError, match="uncertainty"):
        ClockQuality(ClockState.COARSE, uncertainty)


times = st.integers(0, 1_000)
spans = st.builds(lambda at, unsure: Span(at - unsure, at + unsure), times, st.integers(0, 50))


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(spans, max_size=9))
def test_what_is_agreed_lies_within_more_than_half_of_what_was_said(said: list[Span]) -> None:
    found = agreed(said)
    inside = [
        sum(one.earliest_ms <= at_ms <= one.latest_ms for one in said)
        for at_ms in range(-50, 1_051)
    ]
    if found is None:
        assert max(inside) < 2 or 2 * max(inside) <= len(said)
    else:
        votes = [
            one
            for one in said
            if one.earliest_ms <= found.earliest_ms and found.latest_ms <= one.latest_ms
        ]
        assert len(votes) == max(inside) >= 2
        assert 2 * len(votes) > len(said)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.lists(times, min_size=1, max_size=4), times)
def test_a_minority_of_wild_peers_never_moves_what_the_others_agree_on(
    wild: list[int], true_ms: int
) -> None:
    honest = [Span(true_ms - 10, true_ms + 10)] * (len(wild) + 1)
    liars = [Span(at_ms + 5_000, at_ms + 5_001) for at_ms in wild]
    found = agreed([*honest, *liars]) if len(honest) > 1 else Span(true_ms, true_ms)
    assert found is not None
    assert found.earliest_ms <= true_ms <= found.latest_ms
