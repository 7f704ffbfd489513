"""A clock that nobody has to believe: stamps grow, wild peers are not followed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.clock import ClockQuality, ClockState, HybridClock, Moment, Stamp
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
