"""Scanning with a clock that is right, doubtful or unknown, and what a festival's day is."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import history
from sync.admission import Admit, Ask
from sync.admission_guards import festival_day
from sync.catalogue import Policy, settings_of
from sync.clock import TRUSTED_CLOCK, UNKNOWN_CLOCK, ClockQuality, ClockState, Moment
from sync.facts import Admitted, Left, PolicySet, Provisional, TypeSet
from sync.limits import PHYSICAL_MS_MAX
from tests.sync.builder import DAY, NOW_MS, TEN_YEARS_MS, admitted, ticket, ticket_type
from tests.sync.gates import COARSE, Site, says

NOW_S = NOW_MS // 1000


# --- clocks ---

rules_of_time = st.builds(
    ticket_type,
    window=st.just(()) | st.tuples(st.integers(0, 1439), st.integers(0, 1440)),
    cooldown=st.sampled_from([0, 30]),
)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    rules_of_time,
    st.sampled_from([0, NOW_S - 60, NOW_S + 60, 2**32 - 1]),
    st.sampled_from([0, NOW_S - 60, NOW_S + 60, 1]),
    st.integers(-TEN_YEARS_MS, TEN_YEARS_MS),
)
def test_a_box_that_does_not_know_the_time_never_refuses_by_it(
    rules: TypeSet, start: int, end: int, wrong_ms: int
) -> None:
    site = Site(rules)
    moment = Moment(NOW_MS + wrong_ms, UNKNOWN_CLOCK)
    shown = ticket(valid_from=start, valid_until=end)
    verdict = site.ask(code=shown, moment=moment)
    needs_time = bool(start or end or rules.window)
    assert says(verdict) == ("ask clock" if needs_time else "admit")
    if isinstance(verdict, Ask):
        assert isinstance(verdict.if_yes, Admitted)
        assert verdict.if_yes.provisional == Provisional.CLOCK_IN_DOUBT
        yes = site.ask(code=shown, moment=moment, is_confirmed=True)
        assert isinstance(yes, Admit)
        assert isinstance(yes.fact, Admitted)
        assert yes.fact.provisional == Provisional.CLOCK_IN_DOUBT


@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    st.tuples(st.integers(0, 1439), st.integers(0, 1439)),
    st.integers(0, 1440),
    st.integers(0, 900),
)
def test_a_window_refuses_only_where_no_possible_time_lies_in_it(
    window: tuple[int, int], minutes: int, uncertain: int
) -> None:
    site = Site(ticket_type(window=window))
    site.wait(minutes)
    quality = ClockQuality(ClockState.COARSE, uncertain * 60_000)
    verdict = says(site.ask(moment=Moment(site.time_ms, quality)))
    start, end = window
    open_ = set()
    for minute in range(minutes - uncertain, minutes + uncertain + 1):
        local = (13 * 60 + minute) % 1440
        open_.add(start <= local < end if start <= end else local >= start or local < end)
    told = {frozenset({True}): "admit", frozenset({False}): "refuse outside_daily_window"}
    assert verdict == told.get(frozenset(open_), "ask clock")


@pytest.mark.parametrize(
    "start, end, answer",
    [(1, 0, "admit"), (299, 0, "ask clock"), (301, 0, "refuse too_early"), (-301, 0, "admit"),
     (-299, 0, "ask clock"), (0, -301, "refuse too_late"), (0, 299, "ask clock"),
     (0, 301, "admit")],
)  # fmt: skip
def test_the_ends_of_validity_are_judged_with_the_uncertainty(
    start: int, end: int, answer: str
) -> None:
    shown = ticket(valid_from=NOW_S + start if start else 0, valid_until=NOW_S + end if end else 0)
    expected = "ask clock" if start == 1 else answer
    assert says(Site().ask(code=shown, moment=Moment(NOW_MS, COARSE))) == expected
    exact = Moment(NOW_MS, replace(TRUSTED_CLOCK, uncertainty_ms=0))
    expected = "refuse too_early" if start > 0 else "refuse too_late" if end < 0 else "admit"
    assert says(Site().ask(code=shown, moment=exact)) == expected


def test_validity_begins_with_its_second_and_ends_before_its_last() -> None:
    exact = Moment(NOW_MS, replace(TRUSTED_CLOCK, uncertainty_ms=0))
    assert says(Site().ask(code=ticket(valid_from=NOW_S), moment=exact)) == "admit"
    assert says(Site().ask(code=ticket(valid_until=NOW_S), moment=exact)) == "refuse too_late"


# --- the festival's day ---


def test_a_day_ends_at_its_boundary_in_local_time() -> None:
    six = 1_795_327_200_000 - 3_600_000  # 2026-11-22, 05:00 UTC, which is 06:00 there
    assert festival_day(six - 1, 60, 360) == 20261121
    assert festival_day(six, 60, 360) == 20261122


@pytest.mark.parametrize("time_ms", [-(10**11), 0, PHYSICAL_MS_MAX, PHYSICAL_MS_MAX + 1, 1 << 63])
@pytest.mark.parametrize("offset", [-720, 0, 840])
def test_the_wildest_clock_has_a_day(time_ms: int, offset: int) -> None:
    assert 0 <= festival_day(time_ms, offset, 360) <= 99_999_999


def test_at_night_everybody_is_counted_out_for_the_next_day() -> None:
    site = Site(ticket_type(strict=True))
    site.scan()
    site.wait(16 * 60)
    assert says(site.ask()) == "refuse already_inside"
    site.wait(60)
    assert says(site.scan()) == "admit"
    assert history.inside_count(site.box.cells, 1) == 1


def test_without_the_nightly_exit_a_guest_stays_inside() -> None:
    site = Site(ticket_type(strict=True), PolicySet(1, settings_of(replace(Policy(), auto_exit=0))))
    site.scan()
    site.wait(48 * 60)
    assert says(site.ask()) == "refuse already_inside"


def test_a_gate_ten_years_ahead_does_not_make_anybody_wait_ten_years() -> None:
    site = Site(ticket_type(cooldown=30))
    site.time_ms += TEN_YEARS_MS
    site.commit(site.south, admitted(), UNKNOWN_CLOCK)
    site.commit(site.south, Left(5, 1, DAY, (), site.south.records[-1].id), UNKNOWN_CLOCK)
    site.time_ms -= TEN_YEARS_MS
    assert says(site.ask()) == "admit"
