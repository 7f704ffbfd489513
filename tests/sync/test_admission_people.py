"""Where people decide: age and papers, typed numbers, supervisors, rehearsals, turnstiles."""

from dataclasses import replace

import pytest

from sync import admission, allotments, history, wristbands
from sync.admission import Admit, Ask, Direction, Refuse
from sync.catalogue import Policy, settings_of
from sync.codes import CodeFlag, CodeKind
from sync.conflicts import ConflictKind, conflicts
from sync.facts import (
    Admitted,
    Allotted,
    Moved,
    NotEntered,
    OverrideReason,
    PolicySet,
    Provisional,
    TicketStatus,
    WristbandGiven,
)
from sync.names import Area
from sync.undoing import undo
from tests.sync.builder import status, ticket, ticket_type, zone
from tests.sync.gates import Site, says

NOTE = "Look at the student card."


def test_the_age_is_asked_once_and_never_of_a_guest_whose_age_was_checked() -> None:
    site = Site(replace(ticket_type(), age=18))
    asked = site.ask()
    assert isinstance(asked, Ask)
    assert "18" in asked.sentence("en")
    assert says(site.ask(code=ticket(flags=CodeFlag.ADULT_CHECKED))) == "admit"
    assert says(site.scan(is_confirmed=True)) == "admit"
    site.scan(way=Direction.OUT)
    assert says(site.scan()) == "admit"


def test_the_note_of_a_ticket_type_is_read_out_with_its_attention_flag() -> None:
    site = Site(replace(ticket_type(), note=NOTE))
    assert says(site.ask()) == "admit"
    asked = site.ask(code=ticket(flags=CodeFlag.ATTENTION))
    assert asked.sentence("en").endswith(NOTE)
    assert asked.sentence("fr").endswith(NOTE)
    bare = Site().ask(code=ticket(flags=CodeFlag.ATTENTION))
    assert bare.sentence("en").endswith("letting them in.")


def test_a_supervisor_overrides_age_history_and_staleness_and_says_why() -> None:
    rules = replace(ticket_type(reentry=False), age=18)
    site = Site(rules, PolicySet(1, settings_of(Policy(stale_after_seconds=60))))
    site.scan(is_confirmed=True)
    assert says(site.ask()) == "refuse already_inside"
    verdict = site.ask(supervisor=77, override=int(OverrideReason.MISTAKE_OF_OURS), alone_ms=61_000)
    assert isinstance(verdict, Admit)
    assert isinstance(verdict.fact, Admitted)
    assert (verdict.fact.supervisor, verdict.fact.override) == (77, 2)


def test_a_reason_for_an_override_without_a_supervisor_is_not_written_down() -> None:
    verdict = Site().ask(override=1)
    assert isinstance(verdict.fact, Admitted)
    assert verdict.fact.override is None


def test_no_supervisor_lets_anybody_into_a_full_zone_or_in_on_a_voucher() -> None:
    site = Site(replace(zone(1, capacity=1), version=2))
    assert says(site.ask(supervisor=77)) == "refuse capacity_full"
    assert says(Site().ask(code=ticket(kind=CodeKind.VOUCHER), supervisor=77)) == (
        "refuse wrong_type"
    )


def test_a_typed_number_is_asked_about_and_marked() -> None:
    site = Site(ticket_type())
    site.scan()
    site.scan(way=Direction.OUT)
    asked = site.ask(is_typed=True)
    assert says(asked) == "ask typed"
    verdict = site.ask(is_typed=True, is_confirmed=True)
    assert isinstance(verdict.fact, Admitted)
    assert verdict.fact.provisional & Provisional.TYPED


def test_a_typed_number_of_a_cancelled_ticket_is_refused_as_such() -> None:
    site = Site(status(5, TicketStatus.CANCELLED))
    assert says(site.ask(is_typed=True)) == "refuse cancelled"


def test_a_typed_number_that_nobody_has_heard_of_needs_a_supervisor() -> None:
    site = Site()
    assert says(site.ask(is_typed=True, is_confirmed=True)) == "refuse unknown_serial"
    assert says(site.ask(is_typed=True, supervisor=77)) == "admit"


def test_a_rehearsal_takes_test_tickets_and_no_real_one() -> None:
    real = Site().ask(is_rehearsal=True)
    assert says(real) == "refuse wrong_type"
    assert isinstance(real, Refuse)
    assert real.details == ("rehearsal",)
    assert says(Site().ask(code=ticket(flags=CodeFlag.TEST), is_rehearsal=True)) == "admit"
    assert says(Site().ask(is_rehearsal=True, supervisor=77)) == "refuse wrong_type"


# --- turnstiles ---


def opened_in_vain(site: Site, guests: int) -> None:
    verdict = site.scan(guests=guests)
    assert verdict.fact is not None
    record = site.north.records[-1]
    fact = admission.not_entered(site.box.cells, 5, record.id, 1)
    assert fact.after == (record.id,)
    site.commit(site.north, fact)


def test_who_did_not_pass_the_turnstile_never_came_in() -> None:
    site = Site(ticket_type(reentry=False), replace(zone(1, capacity=5), version=2))
    site.decree(Allotted((1, 1), site.north.terminal, 1))
    opened_in_vain(site, 1)
    assert history.inside_counts(site.box.cells) == {}
    assert history.gate_counts(site.box.cells) == {}
    assert allotments.held(site.box.cells, (1, 1), site.north.terminal) == 1
    assert says(site.ask()) == "admit"


def test_of_a_group_only_those_count_who_passed() -> None:
    site = Site(ticket_type(group=5))
    opened_in_vain(site, 3)
    assert history.inside_counts(site.box.cells) == {1: 2}
    assert history.gate_counts(site.box.cells)[site.north.terminal].admitted == 2
    assert site.ask(guests=None).details == ("3",)


def test_who_did_not_pass_on_the_way_out_is_still_inside() -> None:
    site = Site(ticket_type())
    site.scan()
    site.scan(way=Direction.OUT)
    record = site.north.records[-1]
    site.commit(site.north, NotEntered(5, record.id, 1, (record.id,)))
    assert history.inside_counts(site.box.cells) == {1: 1}
    assert says(site.ask()) == "refuse already_inside"


def test_who_did_not_pass_into_the_next_zone_is_where_they_were() -> None:
    site = Site(ticket_type())
    site.scan()
    record = site.commit(site.south, Moved(5, 1, 2, 20261121, (site.north.records[-1].id,)))
    site.commit(site.south, NotEntered(5, record.id, 1, (record.id,)))
    assert history.inside_counts(site.box.cells) == {1: 1}


@pytest.mark.parametrize("guests", [1, 2, 1000])
def test_more_guests_than_came_cannot_be_taken_back(guests: int) -> None:
    site = Site(ticket_type(group=5))
    site.scan(guests=2)
    record = site.north.records[-1]
    for _ in range(2):
        site.commit(site.north, NotEntered(5, record.id, guests, (record.id,)))
    assert history.inside_counts(site.box.cells) == {}


def test_what_a_turnstile_took_back_cannot_be_undone() -> None:
    site = Site(ticket_type())
    opened_in_vain(site, 1)
    told = site.north.records[-1]
    assert undo(site.box.cells, 5, told.id, site.north.terminal, site.moment()) is None


# --- wristbands ---


def test_a_wristband_stands_for_the_ticket_that_it_was_given_for() -> None:
    site = Site(ticket_type())
    site.scan()
    band = ticket(serial=99, kind=CodeKind.WRISTBAND)
    assert wristbands.stands_for(site.box.cells, band) == band
    site.commit(site.north, WristbandGiven(5, 1, 99))
    shown = wristbands.stands_for(site.box.cells, band)
    assert (shown.kind, shown.serial, shown.type) == (CodeKind.TICKET, 5, 1)
    assert says(site.ask(code=shown)) == "refuse already_inside"


def test_only_a_wristband_stands_for_another_code() -> None:
    site = Site(ticket_type())
    site.commit(site.north, WristbandGiven(5, 1, 99))
    shown = ticket(serial=99)
    assert wristbands.stands_for(site.box.cells, shown) == shown


def test_one_wristband_for_two_tickets_is_a_conflict_and_the_same_everywhere() -> None:
    site = Site(ticket_type())
    gifts = [
        site.commit(pen, WristbandGiven(serial, 1, 99))
        for pen, serial in ((site.north, 5), (site.south, 6), (site.south, 5))
    ]
    lowest = min(gifts, key=lambda record: record.id)
    assert wristbands.ticket_of(site.box.cells, 99) == (lowest.body.serial, 1)  # type: ignore[union-attr]  # a gift
    (found,) = conflicts(site.box.cells, Area.ACCESS)
    assert (found.kind, found.subject) == (ConflictKind.TWO_LINKS, "wristband 99")
    assert set(found.facts) == {record.id for record in gifts}
