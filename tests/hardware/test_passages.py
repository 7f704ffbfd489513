"""Who passed is counted once, and everybody who waits for the count is told once."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hardware.passages import DEBOUNCE_MS, GAP_MS, STUCK_MS, Passages
from hardware.ports import Way

PULSE, TIMEOUT = 500, 8_000


class Arm:
    """Passages and those who were told."""

    def __init__(self) -> None:
        self.arm = Passages(PULSE, TIMEOUT)
        self.told: list[int] = []

    def begin(self, guests: int, now_ms: int, way: Way = Way.IN) -> None:
        self.arm.begin(way, guests, self.told.append, now_ms)

    def walk(self, now_ms: int, way: Way = Way.IN) -> list[int]:
        self.arm.contact(way, now_ms, closed=True, now_ms=now_ms)
        self.arm.contact(way, now_ms + 150, closed=False, now_ms=now_ms + 150)
        return self.tell()

    def tell(self) -> list[int]:
        for when_done, passed in self.arm.take_done():
            when_done(passed)
        return self.told


def test_one_guest_passes_and_the_relay_opens_at_once() -> None:
    arm = Arm()
    arm.begin(1, now_ms=0)
    assert arm.arm.relay(0) is Way.IN
    assert arm.arm.relay(PULSE - 1) is Way.IN
    assert arm.arm.relay(PULSE) is None
    assert arm.walk(200) == [1]
    assert arm.arm.relay(201) is None
    assert not arm.arm.is_under_way


def test_each_of_three_guests_gets_a_pulse_of_their_own_after_a_gap() -> None:
    arm = Arm()
    arm.begin(3, now_ms=0, way=Way.OUT)
    assert arm.walk(300, Way.OUT) == []
    assert arm.arm.relay(300) is None
    assert arm.arm.relay(300 + GAP_MS) is Way.OUT
    assert arm.walk(5_000, Way.OUT) == []
    assert arm.walk(6_000, Way.OUT) == [3]


def test_each_guest_has_the_whole_time_out() -> None:
    arm = Arm()
    arm.begin(3, now_ms=0)
    arm.arm.tick(TIMEOUT - 1)
    assert arm.walk(TIMEOUT - 1) == []
    arm.arm.tick(2 * TIMEOUT - 2)
    assert arm.tell() == []
    arm.arm.tick(2 * TIMEOUT - 1 + GAP_MS)
    assert arm.tell() == [1]
    assert arm.walk(2 * TIMEOUT + 500) == [1]


def test_a_bouncing_contact_counts_once() -> None:
    arm = Arm()
    arm.begin(2, now_ms=0)
    for at in range(1_000, 1_020, 4):
        arm.arm.contact(Way.IN, at, closed=True, now_ms=at)
        arm.arm.contact(Way.IN, at + 2, closed=False, now_ms=at + 2)
    arm.arm.contact(Way.IN, 1_020, closed=True, now_ms=1_020)
    arm.arm.contact(Way.IN, 1_200, closed=False, now_ms=1_200)
    for at in range(1_202, 1_210, 4):
        arm.arm.contact(Way.IN, at, closed=True, now_ms=at)
        arm.arm.contact(Way.IN, at + 2, closed=False, now_ms=at + 2)
    assert arm.tell() == []
    assert arm.walk(1_210 + DEBOUNCE_MS) == [2]


def test_a_contact_that_tells_the_same_again_counts_once() -> None:
    arm = Arm()
    arm.begin(2, now_ms=0)
    arm.arm.contact(Way.IN, 1_000, closed=True, now_ms=1_000)
    arm.arm.contact(Way.IN, 2_000, closed=True, now_ms=2_000)
    assert arm.tell() == []


def test_nobody_counts_before_the_arm_was_released_for_them() -> None:
    arm = Arm()
    assert arm.walk(0) == []
    arm.begin(3, now_ms=1_000)
    assert arm.walk(1_000) == []
    arm.arm.contact(
        Way.IN, 1_000 + 150 + DEBOUNCE_MS, closed=True, now_ms=1_000 + 150 + DEBOUNCE_MS
    )
    arm.arm.tick(60_000)
    assert arm.tell() == [2]
    late = Arm()
    late.begin(2, now_ms=0)
    late.arm.contact(Way.IN, 100, closed=True, now_ms=100)
    late.arm.contact(Way.IN, 120, closed=False, now_ms=120)
    late.arm.contact(Way.IN, 120 + DEBOUNCE_MS, closed=True, now_ms=120 + DEBOUNCE_MS)
    assert late.tell() == [], "within the gap the arm was not released again"


def test_the_next_pulse_keeps_its_gap_although_the_contact_was_heard_of_late() -> None:
    arm = Arm()
    arm.begin(2, now_ms=0)
    arm.arm.contact(Way.IN, 300, closed=True, now_ms=450)
    assert arm.arm.relay(450) is None
    assert arm.arm.relay(449 + GAP_MS) is None
    assert arm.arm.relay(450 + GAP_MS) is Way.IN


def test_a_passage_the_other_way_does_not_count() -> None:
    arm = Arm()
    arm.begin(1, now_ms=0, way=Way.IN)
    assert arm.walk(500, Way.OUT) == []
    assert arm.walk(900, Way.IN) == [1]


def test_a_second_release_ends_the_first_with_who_has_passed() -> None:
    arm = Arm()
    arm.begin(3, now_ms=0)
    arm.walk(500)
    arm.begin(1, now_ms=1_000, way=Way.OUT)
    assert arm.tell() == [1]
    assert arm.arm.relay(1_000) is Way.OUT
    assert arm.walk(1_500, Way.OUT) == [1, 1]


def test_a_contact_that_stays_closed_locks_the_arm_and_is_named_until_it_opens() -> None:
    arm = Arm()
    arm.arm.contact(Way.IN, 0, closed=True, now_ms=0)
    assert arm.arm.stuck(STUCK_MS) is None
    assert arm.arm.stuck(STUCK_MS + 1) is Way.IN
    arm.begin(2, now_ms=STUCK_MS + 1)
    assert arm.tell() == [0]
    assert arm.arm.relay(STUCK_MS + 1) is None
    arm.begin(1, now_ms=STUCK_MS + 2, way=Way.OUT)
    assert arm.arm.relay(STUCK_MS + 2) is Way.OUT
    arm.arm.contact(Way.IN, STUCK_MS + 3, closed=False, now_ms=STUCK_MS + 3)
    assert arm.arm.stuck(2 * STUCK_MS) is None


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["begin", "close", "open", "tick", "end"]),
        st.sampled_from(list(Way)),
        st.integers(1, 4),
        st.integers(0, 4_000),
    ),
    max_size=60,
)


@given(_STEPS)
def test_whatever_happens_everybody_is_told_once_and_nobody_is_counted_twice(steps: Any) -> None:
    arm = Passages(PULSE, TIMEOUT)
    told: dict[int, list[int]] = {}
    asked: dict[int, int] = {}
    closings = 0
    now_ms = 0
    for number, (step, way, guests, later_ms) in enumerate(steps):
        now_ms += later_ms
        if step == "begin":
            asked[number] = guests
            arm.begin(way, guests, told.setdefault(number, []).append, now_ms)
        elif step == "tick":
            arm.tick(now_ms)
        elif step == "end":
            arm.end()
        else:
            closings += step == "close"
            arm.contact(way, now_ms, closed=step == "close", now_ms=now_ms)
        for when_done, passed in arm.take_done():
            when_done(passed)
        assert arm.is_under_way or arm.relay(now_ms) is None
        assert sum(len(answers) for answers in told.values()) == len(asked) - arm.is_under_way
    arm.end()
    for when_done, passed in arm.take_done():
        when_done(passed)
    assert all(len(told[number]) == 1 for number in asked)
    assert all(0 <= told[number][0] <= guests for number, guests in asked.items())
    assert sum(answers[0] for answers in told.values()) <= closings
