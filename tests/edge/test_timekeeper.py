"""What time a box believes it is, and what it takes to change its mind."""

from edge.limits import ANSWER_MARGIN_MS, CLOCK_TRUST_MS_MAX, NEIGHBOUR_TIME_MS_MAX
from edge.timekeeper import Timekeeper, TimeTold
from hardware.bench import ManualClock
from provisioning.local_time import offset_minutes
from sync.clock import SUPERVISOR_UNCERTAINTY_MS, TRUSTED_CLOCK, ClockQuality, ClockState

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
    keeper.hear_office(TimeTold(NOW_MS, 0, 400))
    moment = keeper.moment()
    assert moment.quality.state is ClockState.TRUSTED
    assert moment.quality.uncertainty_ms == 200 + ANSWER_MARGIN_MS
    assert moment.now_ms == NOW_MS + 200


def test_nobody_who_sets_the_wall_clock_moves_a_time_that_the_office_told() -> None:
    clock = ManualClock(NOW_MS)
    keeper = Timekeeper(clock, is_synchronised=False)
    keeper.hear_office(TimeTold(NOW_MS, 0, 0))
    clock.step_wall(TEN_YEARS_MS)
    clock.move(5_000)
    assert keeper.moment().now_ms == NOW_MS + 5_000


def test_doubt_grows_with_time_and_a_worse_answer_is_not_taken() -> None:
    clock = ManualClock(NOW_MS)
    keeper = Timekeeper(clock, is_synchronised=False)
    keeper.hear_office(TimeTold(NOW_MS, 0, 0))
    clock.move(1_000_000)
    assert keeper.moment().quality.uncertainty_ms == ANSWER_MARGIN_MS + 100
    keeper.hear_office(TimeTold(NOW_MS, 1_000_000, 1_009_000))
    assert keeper.moment().now_ms == NOW_MS + 1_000_000
    keeper.hear_office(TimeTold(NOW_MS + 1_000_050, 1_000_000, 1_000_000))
    assert keeper.moment().now_ms == NOW_MS + 1_000_050


def test_after_a_day_without_an_answer_the_wall_clock_counts_again_for_what_it_is() -> None:
    clock = ManualClock(NOW_MS)
    keeper = Timekeeper(clock, is_synchronised=False)
    keeper.hear_office(TimeTold(NOW_MS, 0, 0))
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


def lost_box() -> tuple[ManualClock, Timekeeper]:
    clock = ManualClock(NOW_MS - TEN_YEARS_MS)
    return clock, Timekeeper(clock, is_synchronised=False)


def test_one_neighbour_alone_is_not_believed_and_two_that_agree_make_the_time_coarse() -> None:
    _, keeper = lost_box()
    keeper.hear_neighbour(b"a", TimeTold(NOW_MS, 0, 100), TRUSTED_CLOCK)
    assert keeper.moment().quality.state is ClockState.UNKNOWN
    keeper.hear_neighbour(b"b", TimeTold(NOW_MS + 300, 0, 100), TRUSTED_CLOCK)
    moment = keeper.moment()
    assert moment.quality.state is ClockState.COARSE
    assert abs(moment.now_ms - NOW_MS) < 1_000
    assert moment.earliest_ms < NOW_MS < moment.latest_ms


def test_one_neighbour_that_tells_the_same_twice_is_still_one() -> None:
    _, keeper = lost_box()
    for _ in range(3):
        keeper.hear_neighbour(b"a", TimeTold(NOW_MS, 0, 100), TRUSTED_CLOCK)
    assert keeper.moment().quality.state is ClockState.UNKNOWN


def test_a_hub_is_believed_by_its_word_alone() -> None:
    _, keeper = lost_box()
    keeper.hear_neighbour(b"h", TimeTold(NOW_MS, 0, 0), TRUSTED_CLOCK, is_hub=True)
    assert keeper.moment().quality.state is ClockState.COARSE


def test_a_wild_neighbour_drags_nobody_whether_it_speaks_first_or_last() -> None:
    for order in (("w", "a", "b"), ("a", "w", "b"), ("a", "b", "w")):
        _, keeper = lost_box()
        for name in order:
            wrong_ms = TEN_YEARS_MS if name == "w" else 0
            told = TimeTold(NOW_MS + wrong_ms, 0, 100)
            keeper.hear_neighbour(name.encode(), told, TRUSTED_CLOCK)
        assert abs(keeper.moment().now_ms - NOW_MS) < 1_000


def test_neighbours_that_only_heard_it_from_others_are_no_evidence() -> None:
    _, keeper = lost_box()
    for name in (b"a", b"b", b"c"):
        quality = ClockQuality(ClockState.COARSE, 5_000)
        keeper.hear_neighbour(name, TimeTold(NOW_MS, 0, 0), quality)
    assert keeper.moment().quality.state is ClockState.UNKNOWN


def test_who_knows_the_time_from_the_office_listens_to_no_neighbour() -> None:
    clock = ManualClock(NOW_MS)
    keeper = Timekeeper(clock, is_synchronised=False)
    keeper.hear_office(TimeTold(NOW_MS, 0, 0))
    for name in (b"a", b"b", b"c"):
        keeper.hear_neighbour(name, TimeTold(NOW_MS + 60_000, 0, 0), TRUSTED_CLOCK)
    assert keeper.moment().now_ms == NOW_MS
    assert keeper.moment().quality.state is ClockState.TRUSTED


def test_what_a_neighbour_said_long_ago_agrees_with_nobody() -> None:
    clock, keeper = lost_box()
    keeper.hear_neighbour(b"a", TimeTold(NOW_MS, 0, 0), TRUSTED_CLOCK)
    clock.move(NEIGHBOUR_TIME_MS_MAX + 1)
    late_ms = NEIGHBOUR_TIME_MS_MAX + 1
    keeper.hear_neighbour(b"b", TimeTold(NOW_MS + late_ms, late_ms, late_ms), TRUSTED_CLOCK)
    assert keeper.moment().quality.state is ClockState.UNKNOWN
