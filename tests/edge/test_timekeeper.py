"""What time a box believes it is, and what it takes to change its mind."""

from edge.limits import ANSWER_MARGIN_MS, CLOCK_TRUST_MS_MAX
from edge.timekeeper import Timekeeper, offset_minutes
from hardware.bench import ManualClock
from sync.clock import SUPERVISOR_UNCERTAINTY_MS, ClockState

NOW_MS = 1_795_000_000_000
TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000
SUMMER_MS = 1_783_000_000_000


def test_a_box_starts_without_knowing_the_time_unless_a_time_server_set_it() -> None:
    clock = ManualClock(NOW_MS)
    assert Timekeeper(clock, is_synchronised=False).moment().quality.state is ClockState.UNKNOWN
    assert Timekeeper(clock, is_synchronised=True).moment().quality.state is ClockState.TRUSTED


def test_an_answer_of_the_office_is_trusted_within_half_its_round_trip_and_a_margin() -> None:
    clock = ManualClock(NOW_MS - TEN_YEARS_MS)
    keeper = Timekeeper(clock, is_synchronised=False)
    clock.move(400)
    keeper.hear_office(NOW_MS, 0, 400)
    moment = keeper.moment()
    assert moment.quality.state is ClockState.TRUSTED
    assert moment.quality.uncertainty_ms == 200 + ANSWER_MARGIN_MS
    assert moment.now_ms == NOW_MS + 200


def test_nobody_who_sets_the_wall_clock_moves_a_time_that_the_office_told() -> None:
    clock = ManualClock(NOW_MS)
    keeper = Timekeeper(clock, is_synchronised=False)
    keeper.hear_office(NOW_MS, 0, 0)
    clock.step_wall(TEN_YEARS_MS)
    clock.move(5_000)
    assert keeper.moment().now_ms == NOW_MS + 5_000


def test_doubt_grows_with_time_and_a_worse_answer_is_not_taken() -> None:
    clock = ManualClock(NOW_MS)
    keeper = Timekeeper(clock, is_synchronised=False)
    keeper.hear_office(NOW_MS, 0, 0)
    clock.move(1_000_000)
    assert keeper.moment().quality.uncertainty_ms == ANSWER_MARGIN_MS + 100
    keeper.hear_office(NOW_MS, 1_000_000, 1_009_000)
    assert keeper.moment().now_ms == NOW_MS + 1_000_000
    keeper.hear_office(NOW_MS + 1_000_050, 1_000_000, 1_000_000)
    assert keeper.moment().now_ms == NOW_MS + 1_000_050


def test_after_a_day_without_an_answer_the_wall_clock_counts_again_for_what_it_is() -> None:
    clock = ManualClock(NOW_MS)
    keeper = Timekeeper(clock, is_synchronised=False)
    keeper.hear_office(NOW_MS, 0, 0)
    clock.move(CLOCK_TRUST_MS_MAX)
    assert keeper.moment().quality.state is ClockState.TRUSTED
    clock.move(1)
    assert keeper.moment().quality.state is ClockState.UNKNOWN


def test_a_supervisor_makes_the_time_coarse() -> None:
    clock = ManualClock(0)
    keeper = Timekeeper(clock, is_synchronised=False)
    keeper.confirm(NOW_MS)
    clock.move(1_000)
    moment = keeper.moment()
    assert (moment.now_ms, moment.quality.state) == (NOW_MS + 1_000, ClockState.COARSE)
    assert moment.quality.uncertainty_ms == SUPERVISOR_UNCERTAINTY_MS


def test_local_time_follows_the_zone_and_an_unknown_zone_is_utc() -> None:
    assert offset_minutes("Europe/Paris", SUMMER_MS) == 120
    assert offset_minutes("Europe/Paris", NOW_MS) == 60
    assert offset_minutes("Asia/Kathmandu", NOW_MS) == 345
    for unknown in ("Nowhere/City", "", "../etc/passwd", "UTC\0"):
        assert offset_minutes(unknown, NOW_MS) == 0
    assert offset_minutes("Europe/Paris", 1 << 48) == 0
