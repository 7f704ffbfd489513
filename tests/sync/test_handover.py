"""The one authority for what is lent: given on by its holder, the same in every order of facts."""

import random
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from sync import handover
from sync.allotments import unspent, wallet_resource
from sync.conflicts import Conflict, ConflictKind, conflicts
from sync.facts import Allotted, AuthorityHanded, TerminalRevoked
from sync.handover import OFFICE
from sync.journal import Record
from sync.names import Area, Role
from tests.sync.builder import Box, Pen, bar, box_with, folded_anew, office, shuffled

LAW = settings(max_examples=60, derandomize=True, deadline=None)


def hub(number: int = 41, **more: int) -> Pen:
    return Pen(Role.HUB, number, **more)  # type: ignore[arg-type]  # only the run's number is given


def told(records: Sequence[Record]) -> tuple[handover.Authority, list[Conflict]]:
    """Return the authority and the findings, which must be the same in every order."""
    boxes = [box_with(shuffled(records, seed)) for seed in range(12)]
    answers = {str(box.hashes()) for box in boxes} | {str(folded_anew(box)) for box in boxes}
    assert len(answers) == 1
    cells = boxes[0].cells
    return handover.authority(cells), conflicts(cells, Area.OFFICE)


def holder(*pens: Pen) -> bytes:
    found, trouble = told([record for pen in pens for record in pen.records])
    assert trouble == []
    return found.holder


def kinds(*pens: Pen) -> list[tuple[ConflictKind, str]]:
    found = told([record for pen in pens for record in pen.records])[1]
    return sorted((one.kind, one.subject) for one in found)


def lent(pen: Pen, amount: int = 10, version: int | None = None) -> Allotted:
    return Allotted(wallet_resource(99), pen.terminal, amount, version)


def test_the_office_is_the_authority_until_it_says_otherwise() -> None:
    assert holder(office()) == OFFICE


def test_the_authority_goes_to_a_hub_and_comes_back_from_whichever_office_process_it_was() -> None:
    centre, other, venue = office(31), office(32), hub()
    centre(AuthorityHanded(1, venue.terminal))
    assert holder(centre, venue) == venue.terminal
    venue(AuthorityHanded(2, None))
    assert holder(centre, venue) == OFFICE
    other(AuthorityHanded(3, venue.terminal))
    assert holder(centre, venue, other) == venue.terminal


def test_a_hub_gives_the_authority_on_to_another() -> None:
    centre, one, two = office(), hub(41), hub(42)
    centre(AuthorityHanded(1, one.terminal))
    one(AuthorityHanded(2, two.terminal))
    found, _ = told([*centre.records, *one.records, *two.records])
    assert (found.version, found.holder, found.giver) == (2, two.terminal, one.terminal)


def test_who_does_not_hold_the_authority_gives_nothing_away_and_is_found() -> None:
    centre, one, two = office(), hub(41), hub(42)
    two(AuthorityHanded(1, two.terminal))
    assert told([*centre.records, *two.records])[0].holder == OFFICE
    assert kinds(centre, two) == [
        (ConflictKind.UNAUTHORISED_FACT, f"authority {two.terminal.hex()}")
    ]
    centre(AuthorityHanded(1, one.terminal), AuthorityHanded(2, None))
    assert told([*centre.records, *one.records])[0].holder == one.terminal
    assert kinds(centre, one) == [(ConflictKind.UNAUTHORISED_FACT, "authority office")]


def test_a_till_may_not_speak_of_the_authority_at_all() -> None:
    till = bar()
    till(AuthorityHanded(1, till.terminal))
    assert told([*office().records, *till.records])[0].holder == OFFICE


def test_a_version_whose_predecessor_is_missing_waits_for_it() -> None:
    centre, venue = office(), hub()
    first = centre.write(AuthorityHanded(1, venue.terminal))
    back = venue.write(AuthorityHanded(2, None))
    box = box_with([centre.first, venue.first, back])
    assert handover.authority(box.cells).version == 0
    assert conflicts(box.cells, Area.OFFICE) == []
    box.take(first)
    assert handover.authority(box.cells).version == 2


def test_a_copied_hub_that_gives_it_away_twice_is_found_and_the_lower_fact_id_counts() -> None:
    centre, venue, other = office(), hub(), hub(42)
    twin = hub(run=9)
    centre(AuthorityHanded(1, venue.terminal))
    facts = [venue.write(AuthorityHanded(2, None)), twin.write(AuthorityHanded(2, other.terminal))]
    records = [*centre.records, *venue.records, *twin.records, *other.records]
    found, trouble = told(records)
    assert found.fact == min(fact.id for fact in facts)
    (two,) = [one for one in trouble if one.kind is ConflictKind.TWO_AUTHORITIES]
    assert (two.subject, two.facts) == ("authority 2", tuple(sorted(fact.id for fact in facts)))


def test_the_same_word_said_twice_is_no_finding() -> None:
    centre, other, venue = office(31), office(32), hub()
    centre(AuthorityHanded(1, venue.terminal))
    other(AuthorityHanded(1, venue.terminal))
    assert holder(centre, other, venue) == venue.terminal


def test_the_office_takes_it_back_by_force_only_from_a_revoked_hub() -> None:
    centre, venue = office(), hub()
    centre(AuthorityHanded(1, venue.terminal), AuthorityHanded(2, None))
    assert told([*centre.records, *venue.records])[0].holder == venue.terminal
    centre(TerminalRevoked(venue.terminal, ((venue.writer.run, 0),)))
    assert holder(centre, venue) == OFFICE


def test_what_a_revoked_hub_says_beyond_its_last_number_moves_nothing() -> None:
    centre, venue, other = office(), hub(), hub(42)
    centre(
        AuthorityHanded(1, venue.terminal),
        TerminalRevoked(venue.terminal, ((venue.writer.run, 0),)),
    )
    venue(AuthorityHanded(2, other.terminal))
    assert holder(centre, venue, other) == venue.terminal
    centre(AuthorityHanded(2, None))
    assert holder(centre, venue, other) == OFFICE


def test_the_offices_word_goes_before_what_the_revoked_hub_still_said() -> None:
    centre, venue, other = office(), hub(), hub(42)
    centre(AuthorityHanded(1, venue.terminal))
    venue(AuthorityHanded(2, other.terminal))
    centre(TerminalRevoked(venue.terminal, ((venue.writer.run, 9),)), AuthorityHanded(2, None))
    records = [*centre.records, *venue.records, *other.records]
    assert told(records)[0].holder == OFFICE
    assert kinds(centre, venue, other) == [(ConflictKind.TWO_AUTHORITIES, "authority 2")]


def test_what_is_lent_without_the_authority_counts_as_lent_and_is_found() -> None:
    centre, venue, till = office(), hub(), bar()
    venue(lent(till, 10), lent(till, 5))
    box = box_with([*centre.records, *venue.records, *till.records])
    assert unspent(box.cells, wallet_resource(99)) == 15
    subject = f"version 0 {venue.terminal.hex()}"
    assert kinds(centre, venue, till) == [(ConflictKind.LENT_WITHOUT_AUTHORITY, subject)]
    assert told([*centre.records, *venue.records])[1][0].details == (2,)


def test_what_is_lent_under_the_version_that_one_holds_is_no_finding() -> None:
    centre, venue, till = office(), hub(), bar()
    centre(lent(till), AuthorityHanded(1, venue.terminal))
    venue(lent(till, version=1), AuthorityHanded(2, None))
    centre(lent(till, version=2))
    assert kinds(centre, venue, till) == []


def test_an_office_that_lends_under_a_hubs_version_is_found_once_the_hand_over_is_heard() -> None:
    centre, venue, till = office(), hub(), bar()
    centre(AuthorityHanded(1, venue.terminal), lent(till, version=1))
    assert kinds(centre, venue, till) == [(ConflictKind.LENT_WITHOUT_AUTHORITY, "version 1 office")]
    silent = box_with([centre.first, centre.records[2]])
    assert conflicts(silent.cells, Area.OFFICE) == []


def test_the_fact_that_gives_it_on_has_the_next_version() -> None:
    centre, venue, till = office(), hub(), bar()
    box = box_with(centre.records)
    assert handover.hand_over(box.cells, venue.terminal) == AuthorityHanded(1, venue.terminal)
    assert handover.under(box.cells, lent(till)).authority is None
    box.take(*centre(AuthorityHanded(1, venue.terminal)))
    assert handover.hand_over(box.cells, OFFICE) == AuthorityHanded(2, None)
    assert handover.under(box.cells, lent(till)).authority == 1
    assert handover.is_authority(box.cells, venue.terminal)


@LAW
@given(st.integers(0, 2**32 - 1))
def test_no_order_of_hand_overs_loans_and_revocations_can_be_seen(seed: int) -> None:
    chance = random.Random(seed)
    pens = [office(31), office(32), hub(41), hub(42), hub(41, run=9)]
    for _ in range(chance.randint(1, 14)):
        to = chance.choice((None, pens[2].terminal, pens[3].terminal))
        version = chance.randint(1, 4)
        revoked = chance.choice((pens[2], pens[3]))
        last = ((revoked.writer.run, chance.randint(0, 5)),)
        pen = chance.choice(pens)
        pen(
            chance.choice(
                (
                    AuthorityHanded(version, to),
                    AuthorityHanded(version, to),
                    lent(pens[2], version=chance.choice((None, version))),
                    TerminalRevoked(revoked.terminal, last),
                )
            )
        )
    records = [record for pen in pens for record in pen.records]
    box = Box()
    for record in records:
        box.take(record)
    found, _ = told(records)
    assert found == handover.authority(box.cells)
    steps = handover.history(box.cells)
    assert [one.version for one in steps] == list(range(len(steps)))
    assert (steps[0].holder, steps[-1]) == (OFFICE, found)
