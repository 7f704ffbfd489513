"""What a gate decides from history, clock, groups, zones and capacity."""

from dataclasses import replace

import pytest

from sync import allotments, history
from sync.admission import Admit, Ask, Direction
from sync.catalogue import Policy, settings_of
from sync.codes import CodeFlag, CodeRefusal
from sync.facts import (
    Admitted,
    Allotted,
    Body,
    Left,
    Moved,
    PolicySet,
    Provisional,
    TicketStatus,
)
from sync.names import FactId
from sync.undoing import undo
from tests.sync.builder import (
    DAY,
    NOW_MS,
    admitted,
    gate_place,
    status,
    ticket,
    ticket_type,
    zone,
)
from tests.sync.gates import Site, says

OUT = Direction.OUT
NOW_S = NOW_MS // 1000


def fact_of(verdict: object) -> Admitted:
    assert isinstance(verdict, Admit)
    assert isinstance(verdict.fact, Admitted)
    return verdict.fact


def limits(**changed: int) -> PolicySet:
    return PolicySet(1, settings_of(replace(Policy(), **changed)))


def test_an_admission_states_what_the_gate_knew() -> None:
    site = Site(ticket_type())
    fact = fact_of(site.scan(session=b"s" * 16))
    assert fact == Admitted(5, 1, 1, DAY, 1, (), 0, 6, b"s" * 16, None)
    site.wait(5)
    out = site.scan(way=OUT).fact
    entry = site.north.records[-2].id
    assert out == Left(5, 1, DAY, (entry,), entry)
    assert fact_of(site.ask()).after == (site.north.records[-1].id,)


# --- exits ---


@pytest.mark.parametrize(
    "decree",
    [status(5, TicketStatus.CANCELLED), ticket_type(zones=(2,)), ticket_type(window=(0, 1)),
     limits(stale_after_seconds=0), replace(zone(1, capacity=0), version=2)],
)  # fmt: skip
def test_an_exit_is_never_refused(decree: Body) -> None:
    site = Site()
    site.scan()
    site.decree(decree)
    late = ticket(valid_until=NOW_S - 60)
    verdict = site.scan(way=OUT, code=late, alone_ms=10**9)
    assert says(verdict) == "admit out"
    assert history.inside_count(site.box.cells, 1) == 0


def test_an_exit_of_a_guest_not_known_to_be_inside_is_recorded_and_let_out() -> None:
    site = Site()
    verdict = site.scan(way=OUT)
    assert says(verdict) == "admit out_unknown"
    assert verdict.fact == Left(5, 1, DAY, (), None)
    assert history.inside_counts(site.box.cells) == {}


def test_an_exit_closes_the_entry_into_its_own_zone() -> None:
    site = Site(ticket_type(strict=False))
    site.scan()
    entry = site.north.records[-1].id
    other = site.commit(site.south, admitted(number=2, after=()))
    verdict = site.ask(way=OUT)
    assert isinstance(verdict.fact, Left)
    assert verdict.fact.admission == entry
    assert set(verdict.fact.after) == {entry, other.id}


# --- zones ---


def two_zones() -> Site:
    site = Site(ticket_type(usage=1))
    site.decree(replace(gate_place(site.south, "South", 2), version=2))
    return site


def test_entering_another_zone_checks_out_of_the_first() -> None:
    site = two_zones()
    site.scan()
    verdict = site.scan(site.south)
    assert isinstance(verdict.fact, Moved)
    assert (verdict.fact.zone_from, verdict.fact.zone_to) == (1, 2)
    assert history.inside_counts(site.box.cells) == {2: 1}
    assert says(site.ask(site.south)) == "refuse already_inside"
    assert says(site.scan(site.north)) == "admit"
    assert history.inside_counts(site.box.cells) == {1: 1}
    site.scan(site.north, way=OUT)
    assert history.inside_counts(site.box.cells) == {}


# --- re-entry ---


def test_strict_re_entry_asks_for_the_exit_first() -> None:
    site = Site(ticket_type(strict=True))
    site.scan()
    assert says(site.ask(site.south)) == "refuse already_inside"
    site.scan(site.south, way=OUT)
    assert says(site.scan(site.south)) == "admit"
    assert history.inside_count(site.box.cells, 1) == 1


def test_lenient_re_entry_lets_in_again_and_counts_out_the_first() -> None:
    site = Site(ticket_type(strict=False))
    site.scan()
    again = fact_of(site.scan(site.south))
    assert again.provisional == Provisional.REENTERED
    assert history.inside_count(site.box.cells, 1) == 1
    assert history.standing(site.box.cells, 5).uses == 2


def test_one_entry_tickets_let_in_once_at_any_gate() -> None:
    site = Site(ticket_type(reentry=False))
    site.scan()
    site.scan(way=OUT)
    assert says(site.ask(site.south)) == "refuse no_reentry"


@pytest.mark.parametrize("flags, answer", [(0, "refuse no_reentry"), (CodeFlag.REENTRY, "admit")])
def test_for_an_unknown_type_the_codes_own_flag_decides(flags: int, answer: str) -> None:
    site, shown = Site(), ticket(flags=flags)
    site.scan(code=shown)
    assert says(site.ask(code=shown)) == "refuse already_inside"
    site.scan(code=shown, way=OUT)
    assert says(site.ask(code=shown)) == answer


def test_a_known_types_rules_overrule_the_codes_flag() -> None:
    site, shown = Site(ticket_type(reentry=False)), ticket(flags=CodeFlag.REENTRY)
    site.scan(code=shown)
    site.scan(code=shown, way=OUT)
    assert says(site.ask(code=shown)) == "refuse no_reentry"


def come_and_go(site: Site) -> str:
    told = says(site.scan())
    site.wait(1)
    site.scan(way=OUT)
    return told


def test_a_usage_limit_counts_all_days_and_a_daily_limit_one() -> None:
    site = Site(ticket_type(usage=3, daily=2))
    assert [come_and_go(site) for _ in range(3)] == ["admit", "admit", "refuse limit_reached"]
    site.wait(24 * 60)
    assert [come_and_go(site) for _ in range(2)] == ["admit", "refuse limit_reached"]
    site.wait(24 * 60)
    assert come_and_go(site) == "refuse limit_reached"


def test_a_cooldown_ends_on_the_minute() -> None:
    site = Site(ticket_type(cooldown=30))
    come_and_go(site)
    site.wait(28.9)
    assert says(site.ask()) == "refuse cooldown"
    site.wait(0.1)
    assert says(site.ask()) == "admit"


# --- groups ---


def test_a_group_comes_in_by_and_by_up_to_its_size() -> None:
    site = Site(ticket_type(group=6))
    asked = site.ask()
    assert isinstance(asked, Ask)
    assert asked.guests_max == 6
    assert fact_of(site.scan(guests=4)).count == 4
    asked = site.ask(site.south)
    assert isinstance(asked, Ask)
    assert asked.guests_max == 2
    assert says(site.ask(guests=3)) == "ask group"
    assert site.ask(guests=3).fact is None
    assert fact_of(site.scan(guests=2)).count == 2
    assert says(site.ask()) == "refuse already_inside"
    assert history.inside_count(site.box.cells, 1) == 6
    site.scan(way=OUT)
    assert history.inside_count(site.box.cells, 1) == 5
    assert fact_of(site.ask(guests=1)).count == 1


def test_a_group_of_a_one_entry_type_is_used_up_guest_by_guest() -> None:
    site = Site(ticket_type(group=3, reentry=False))
    site.scan(guests=2)
    site.scan(way=OUT)
    asked = site.ask()
    assert isinstance(asked, Ask)
    assert asked.guests_max == 1
    site.scan(guests=1)
    for _ in range(2):
        site.scan(way=OUT)
    assert says(site.ask(guests=1)) == "refuse no_reentry"


def test_a_guest_of_a_one_entry_group_stays_out_while_the_rest_of_it_is_inside() -> None:
    site = Site(ticket_type(group=3, reentry=False))
    site.scan(guests=3)
    site.scan(way=OUT)
    assert says(site.ask(guests=1)) == "refuse no_reentry"


# --- capacity ---


def test_a_gate_admits_only_within_what_it_was_lent() -> None:
    site = Site(replace(zone(1, capacity=3), version=2))
    site.decree(Allotted((1, 1), site.north.terminal, 2), Allotted((1, 1), site.south.terminal, 1))
    told = [says(site.scan(site.north, ticket(serial))) for serial in (5, 6, 7)]
    assert told == ["admit", "admit", "refuse capacity_full"]
    assert says(site.scan(site.south, ticket(7))) == "admit"
    site.scan(site.south, ticket(5), OUT)
    assert allotments.held(site.box.cells, (1, 1), site.north.terminal) == 1
    assert says(site.ask(site.south, ticket(8))) == "refuse capacity_full"
    assert says(site.ask(site.north, ticket(8))) == "admit"


def test_a_group_is_asked_for_no_more_than_there_are_places() -> None:
    site = Site(replace(zone(1, capacity=9), version=2), ticket_type(group=6))
    site.decree(Allotted((1, 1), site.north.terminal, 2))
    asked = site.ask()
    assert isinstance(asked, Ask)
    assert asked.guests_max == 2
    assert says(site.ask(guests=3)) == "refuse capacity_full"
    assert says(site.ask(guests=2)) == "admit"


# --- supervisors, undo, replacements ---


@pytest.mark.parametrize(
    "decree", [status(5, TicketStatus.BLOCKED), ticket_type(zones=(2,)), ticket_type(window=(0, 1))]
)
def test_a_supervisor_overrides_and_is_named(decree: Body) -> None:
    site = Site(decree)
    assert says(site.ask()).startswith("refuse")
    assert fact_of(site.ask(supervisor=77)).supervisor == 77


def test_a_supervisor_overrides_history_but_neither_proof_nor_capacity() -> None:
    site = Site(ticket_type(reentry=False))
    site.scan()
    again = fact_of(site.scan(supervisor=77))
    assert again.provisional == Provisional.REENTERED
    assert history.inside_count(site.box.cells, 1) == 1
    site.decree(replace(zone(1, capacity=5), version=2))
    assert says(site.ask(supervisor=77)) == "refuse capacity_full"
    forged = CodeRefusal.BAD_SIGNATURE
    assert says(site.ask(code=forged, supervisor=77)) == "refuse bad_signature"


def test_a_gate_takes_back_its_own_fact_within_the_limit_and_once() -> None:
    site = Site(ticket_type(reentry=False))
    site.scan()
    target = FactId(site.north.records[-1].id)
    cells = site.box.cells
    site.wait(1)
    assert undo(cells, 5, target, site.south.terminal, site.moment()) is None
    assert undo(cells, 6, target, site.north.terminal, site.moment()) is None
    taken_back = undo(cells, 5, target, site.north.terminal, site.moment())
    assert taken_back is not None
    assert (taken_back.target, taken_back.after) == (target, (target,))
    site.wait(0.001)
    assert undo(cells, 5, target, site.north.terminal, site.moment()) is None
    site.commit(site.north, taken_back)
    site.wait(-0.5)
    assert undo(cells, 5, target, site.north.terminal, site.moment()) is None
    assert says(site.ask()) == "admit"
    assert history.standing(cells, 5).uses == 0


def test_a_replaced_ticket_and_its_replacement_share_one_history() -> None:
    site = Site(ticket_type(reentry=False))
    site.scan()
    assert says(site.ask(code=ticket(6))) == "admit"
    site.decree(status(5, TicketStatus.REPLACED, new=6))
    assert says(site.ask()) == "refuse replaced"
    assert says(site.ask(code=ticket(6))) == "refuse already_inside"
    site.decree(status(6, TicketStatus.REPLACED, new=7))
    assert says(site.ask(code=ticket(7))) == "refuse already_inside"
    site.scan(code=ticket(7), way=OUT)
    assert history.inside_count(site.box.cells, 1) == 0
    assert says(site.ask(code=ticket(7))) == "refuse no_reentry"


def test_a_peek_changes_nothing_and_the_same_question_has_the_same_answer() -> None:
    site = Site(ticket_type())
    before = site.box.hashes()
    assert site.ask() == site.ask()
    assert site.box.hashes() == before


@pytest.mark.parametrize("reason, at_gate", [("wrong_gate", (3,)), ("", (1, 3))])
def test_a_gate_takes_the_types_that_it_was_given(reason: str, at_gate: tuple[int, ...]) -> None:
    site = Site()
    site.decree(replace(gate_place(site.north, "North", types=at_gate), version=2))
    assert site.ask().reason == reason
