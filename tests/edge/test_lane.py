"""Everything goes through the lane, one after the other, until something fails."""

import threading

import pytest

from edge.lane import Lane, LaneFull, LaneStopped
from edge.limits import INBOX_JOBS_MAX


def nothing(*_: object) -> None:
    """Do nothing."""


def test_jobs_are_done_in_order_by_one_thread() -> None:
    lane = Lane(nothing, nothing)
    lane.start()
    seen: list[tuple[int, str]] = []
    futures = [
        lane.ask(lambda n=n: seen.append((n, threading.current_thread().name)))  # type: ignore[misc]
        for n in range(50)
    ]
    for future in futures:
        future.result(5)
    lane.stop()
    assert seen == [(n, "lane") for n in range(50)]


def test_a_job_that_fails_stops_the_lane_and_every_job_behind_it() -> None:
    broken: list[BaseException] = []
    lane = Lane(nothing, broken.append)
    gate = threading.Event()
    first = lane.ask(lambda: gate.wait(5))
    bad = lane.ask(lambda: 1 // 0)
    late = lane.ask(lambda: "never")
    lane.start()
    gate.set()
    assert first.result(5)
    with pytest.raises(ZeroDivisionError):
        bad.result(5)
    with pytest.raises(LaneStopped, match="cannot record"):
        late.result(5)
    with pytest.raises(LaneStopped):
        lane.ask(lambda: "never")
    assert len(broken) == 1


def test_a_full_inbox_refuses_the_newest_job() -> None:
    lane = Lane(nothing, nothing)
    for _ in range(INBOX_JOBS_MAX):
        lane.ask(nothing)
    with pytest.raises(LaneFull):
        lane.ask(nothing, wait_s=0)


def test_stopping_finishes_what_waits() -> None:
    lane = Lane(nothing, nothing)
    futures = [lane.ask(lambda n=n: n) for n in range(10)]  # type: ignore[misc]
    lane.start()
    lane.stop()
    assert [future.result(0) for future in futures] == list(range(10))
    with pytest.raises(LaneStopped, match="stopping"):
        lane.ask(nothing)
