"""Whom a box talks to: everybody who must know at once, and few enough otherwise."""

import itertools
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from edge.neighbours.rounds import (
    LOST_MS_MAX,
    NEWS_GAP_MS,
    QUIET_MS_MAX,
    TOLD_MAX,
    VIEW_LIFE_MS,
    VIEW_MAX,
    Rounds,
)
from sync.limits import LEVEL_WITHIN_MS
from sync.names import Role, TerminalId


def name(number: int) -> TerminalId:
    return TerminalId(number.to_bytes(16, "big"))


def rounds_of(role: Role, seed: int = 1) -> Rounds:
    return Rounds(role, random.Random(seed).randrange)


def site(gates: int, bars: int = 0, seed: int = 1, role: Role = Role.GATE) -> Rounds:
    rounds = rounds_of(role, seed)
    for number in range(gates):
        rounds.meet(name(number), Role.GATE, zone=1)
    for number in range(gates, gates + bars):
        rounds.meet(name(number), Role.BAR)
    return rounds


def test_every_gate_of_the_zone_hears_of_an_admission_at_once_up_to_sixteen() -> None:
    assert len(site(7).told_at_once(1, 0)) == 7
    assert len(site(16).told_at_once(1, 0)) == 16
    told = site(300, seed=2).told_at_once(1, 0)
    assert len(told) == len(set(told)) == TOLD_MAX


def test_bars_do_not_hear_of_admissions_at_once_and_hubs_do() -> None:
    rounds = site(2, bars=5)
    rounds.meet(name(99), Role.HUB)
    assert set(rounds.told_at_once(1, 0)) == {name(0), name(1), name(99)}


def test_gates_of_the_zone_come_first_and_others_fill_what_is_left() -> None:
    rounds = rounds_of(Role.GATE)
    for number in range(30):
        rounds.meet(name(number), Role.GATE, zone=1 if number < 10 else 2)
    told = rounds.told_at_once(1, 0)
    assert {name(number) for number in range(10)} <= set(told)
    assert len(told) == TOLD_MAX


def test_a_box_that_did_not_answer_is_left_alone_for_a_while_and_then_asked_again() -> None:
    rounds = site(3)
    rounds.failed(name(0), 1_000)
    assert name(0) not in rounds.told_at_once(1, 1_001)
    assert name(0) in rounds.told_at_once(1, 1_000 + LOST_MS_MAX)
    rounds.failed(name(1), 1_000)
    rounds.answered(name(1), 1_001)
    assert name(1) in rounds.told_at_once(1, 1_002)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 10_000))
def test_however_large_the_fleet_the_view_is_small_and_holds_its_own_kind(
    gates: int, bars: int, seed: int
) -> None:
    rounds = site(gates, bars, seed)
    rounds.told_news(lambda _: True, 0)
    view = rounds.view
    assert len(view) == len(set(view)) == min(VIEW_MAX, len(view))
    assert len(view) >= min(VIEW_MAX, gates)
    alike = sum(int.from_bytes(one, "big") < gates for one in view)
    assert alike >= min(gates, VIEW_MAX - 1)
    assert bool(view) == bool(gates + bars)


@settings(max_examples=20, derandomize=True, deadline=None)
@given(st.integers(0, 10_000))
def test_views_of_a_fleet_hang_together_so_that_every_fact_gets_everywhere(seed: int) -> None:
    boxes = 40
    links: dict[int, set[int]] = {number: set() for number in range(boxes)}
    for own in range(boxes):
        rounds = rounds_of(Role.GATE, seed * boxes + own)
        for other in range(boxes):
            if other != own:
                rounds.meet(name(other), Role.GATE, zone=1)
        rounds.quiet(0)
        for one in rounds.view:
            links[own].add(int.from_bytes(one, "big"))
            links[int.from_bytes(one, "big")].add(own)
    reached, edge = {0}, [0]
    while edge:
        edge = [other for one in edge for other in links[one] if other not in reached]
        reached.update(edge)
    assert len(reached) == boxes


def test_news_goes_to_the_view_and_to_nobody_twice_within_a_moment() -> None:
    rounds = site(20)
    due = rounds.told_news(lambda _: True, 0)
    assert len(due) == VIEW_MAX
    rounds.answered(due[0], 100)
    assert due[0] not in rounds.told_news(lambda _: True, 100 + NEWS_GAP_MS - 1)
    assert due[0] in rounds.told_news(lambda _: True, 100 + NEWS_GAP_MS)
    assert rounds.told_news(lambda _: False, 10_000) == []


def test_a_quiet_box_exchanges_about_every_two_seconds_with_each_of_its_view_in_turn() -> None:
    rounds = site(20)
    asked = [one for at_ms in range(0, 600_000, 50) if (one := rounds.quiet(at_ms)) is not None]
    assert 600_000 // QUIET_MS_MAX <= len(asked) <= 400
    assert len(set(asked)) > VIEW_MAX


def test_one_place_of_the_view_is_given_to_somebody_else_from_time_to_time() -> None:
    rounds = site(20)
    rounds.quiet(0)
    before = set(rounds.view)
    rounds.quiet(VIEW_LIFE_MS)
    assert len(before & set(rounds.view)) == VIEW_MAX - 1


def test_a_box_that_left_is_in_no_view_any_more() -> None:
    rounds = site(3)
    rounds.quiet(0)
    rounds.forget(name(1))
    assert name(1) not in rounds.view
    assert name(1) not in rounds.told_at_once(1, 0)
    rounds.failed(name(1), 0)
    rounds.answered(name(1), 0)
    assert name(1) not in rounds.heard


def test_in_a_view_whoever_is_lost_makes_room_for_somebody_who_answers() -> None:
    rounds = site(20)
    lost = rounds.told_news(lambda _: True, 0)[0]
    rounds.failed(lost, 0)
    assert lost not in rounds.told_news(lambda _: True, 1)
    assert len(rounds.view) == VIEW_MAX


def test_a_till_exchanges_with_the_hub_that_lends_more_often_than_it_counts_as_silent() -> None:
    rounds = site(0, bars=30, role=Role.BAR)
    hub = name(99)
    rounds.meet(hub, Role.HUB)
    rounds.centre = hub
    asked = [(at, one) for at in range(0, 600_000, 50) if (one := rounds.quiet(at)) is not None]
    times = [at for at, one in asked if one == hub]
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert max(gaps) <= 2 * (QUIET_MS_MAX + 50) < LEVEL_WITHIN_MS
    assert len({one for _, one in asked}) > VIEW_MAX
    assert hub in rounds.view
    assert hub in rounds.told_news(lambda _: True, 700_000)


def test_a_hub_that_lends_and_does_not_answer_holds_nothing_up() -> None:
    rounds = site(3, role=Role.BAR)
    rounds.meet(name(99), Role.HUB)
    rounds.centre = name(99)
    rounds.told_news(lambda _: True, 0)
    rounds.failed(name(99), 0)
    assert name(99) not in rounds.told_news(lambda _: True, 1)
    rounds.forget(name(99))
    assert name(99) not in rounds.view
    assert rounds.quiet(10_000) != name(99)
