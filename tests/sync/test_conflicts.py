"""Each finding that the folds make: provoked on purpose, the same in each order, and alone."""

import itertools
from collections.abc import Sequence

import pytest

from sync.conflicts import Conflict, ConflictKind, conflicts
from sync.facts import (
    AllotmentReturned,
    Allotted,
    Body,
    Corrected,
    PaidOut,
    TicketStatus,
    WristbandLinked,
)
from sync.journal import Record
from sync.names import Area, Role
from tests.sync.builder import (
    MINUTE_MS,
    NOW_MS,
    Pen,
    admitted,
    at,
    bar,
    box_with,
    gate,
    gate_place,
    item,
    left,
    moved,
    office,
    refunded,
    sale_id,
    shuffled,
    sold,
    status,
    ticket_type,
    topped_up,
    undone,
    voided,
    zone,
)

Told = list[tuple[ConflictKind, str]]


def findings(records: Sequence[Record]) -> list[Conflict]:
    """Return what every order of the records gives; it must be one answer."""
    orders = (
        [list(order) for order in itertools.permutations(records)]
        if len(records) <= 5
        else [shuffled(records, seed) for seed in range(40)]
    )
    answers = {}
    for order in orders:
        box = box_with(order)
        answers[str(box.hashes())] = [one for area in Area for one in conflicts(box.cells, area)]
    assert len(answers) == 1
    return next(iter(answers.values()))


def kinds(*pens: Pen) -> Told:
    found = findings([record for pen in pens for record in pen.records])
    return sorted((one.kind, one.subject) for one in found)


def test_two_admissions_that_do_not_know_of_each_other() -> None:
    north, south = gate(21), gate(22)
    one, two = north.write(admitted()), south.write(admitted())
    (found,) = findings([*north.records, *south.records])
    assert (found.kind, found.subject) == (ConflictKind.SECOND_ADMISSION, "5")
    assert set(found.facts) == {one.id, two.id}
    assert set(found.details) == {north.terminal, south.terminal}


def test_an_admission_that_knows_of_the_first_is_no_second_one() -> None:
    north, south = gate(21), gate(22)
    one = north.write(admitted())
    out = south.write(left(one.id))
    north.write(admitted(after=(out.id,)))
    assert kinds(north, south) == []


def test_while_a_named_fact_is_missing_nothing_is_said() -> None:
    north, south = gate(21), gate(22)
    one = north.write(admitted())
    out = south.write(left(one.id))
    two = south.write(admitted(after=(out.id,)))
    box = box_with([north.first, south.first, one, two])
    assert conflicts(box.cells, Area.ACCESS) == []


def test_an_admission_that_was_undone_is_no_second_one() -> None:
    north, south = gate(21), gate(22)
    one = north.write(admitted())
    south.write(admitted())
    north.write(undone(one.id))
    assert kinds(north, south) == []


def test_two_admissions_on_a_ticket_and_its_replacement() -> None:
    centre, north, south = office(), gate(21), gate(22)
    centre.write(status(5, TicketStatus.REPLACED, new=6), at(NOW_MS + MINUTE_MS))
    north.write(admitted(5))
    south.write(admitted(6))
    assert kinds(centre, north, south) == [(ConflictKind.SECOND_ADMISSION, "5")]


def test_more_guests_in_a_zone_than_it_holds() -> None:
    centre, north = office(), gate()
    centre.write(zone(1, capacity=2))
    north(admitted(5), admitted(6), admitted(7))
    (found,) = findings([*centre.records, *north.records])
    assert (found.kind, found.subject) == (ConflictKind.CAPACITY_EXCEEDED, "1")
    assert found.details == (3, 2)


def test_a_zone_that_has_emptied_again_is_not_too_full() -> None:
    centre, north = office(), gate()
    centre.write(zone(1, capacity=1))
    one = north.write(admitted(5))
    north(admitted(6), left(one.id))
    assert kinds(centre, north) == []


@pytest.mark.parametrize(
    "word",
    [TicketStatus.CANCELLED, TicketStatus.REFUNDED, TicketStatus.UNPAID, TicketStatus.BLOCKED],
)
def test_an_admission_of_a_ticket_that_had_been_withdrawn(word: TicketStatus) -> None:
    centre, north = office(), gate()
    centre.write(status(5, word))
    fact = north.write(admitted(), at(NOW_MS + MINUTE_MS))
    (found,) = findings([*centre.records, *north.records])
    assert (found.kind, found.subject) == (ConflictKind.ADMITTED_THOUGH_WITHDRAWN, "5")
    assert found.facts == (fact.id,)
    assert found.details == (int(word), 1)


def test_a_ticket_that_was_withdrawn_later_was_rightly_admitted() -> None:
    centre, north = office(), gate()
    centre.write(status(5, TicketStatus.CANCELLED), at(NOW_MS + MINUTE_MS))
    north.write(admitted())
    assert kinds(centre, north) == []


def test_a_ticket_that_is_valid_after_all_was_rightly_admitted() -> None:
    centre, north = office(), gate()
    centre.write(status(5, TicketStatus.BLOCKED, 1))
    north.write(admitted(), at(NOW_MS + MINUTE_MS))
    centre.write(status(5, TicketStatus.VALID, 2))
    assert kinds(centre, north) == []


def test_a_withdrawn_ticket_whose_admission_was_undone_is_no_finding() -> None:
    centre, north = office(), gate()
    centre.write(status(5, TicketStatus.BLOCKED))
    one = north.write(admitted(), at(NOW_MS + MINUTE_MS))
    north.write(undone(one.id))
    assert kinds(centre, north) == []


def test_more_spent_from_a_wallet_than_was_on_it() -> None:
    till, other = bar(11), bar(12)
    till(topped_up(1000), sold(1))
    other(sold(2))
    (found,) = findings([*till.records, *other.records])
    assert (found.kind, found.subject) == (ConflictKind.OVERSPENT_WALLET, "99")
    assert found.details == (200,)
    other(topped_up(200, operation=2))
    assert kinds(till, other) == []


def test_one_sale_id_with_two_bodies() -> None:
    till, other = bar(11), bar(12)
    till(topped_up(5000), sold(1))
    other(sold(1))
    assert kinds(till, other) == [(ConflictKind.SALE_ID_TWICE, sale_id(1).hex())]


def test_the_same_sale_told_twice_is_one() -> None:
    till = bar()
    till(topped_up(5000), sold(1), sold(1))
    assert kinds(till) == []


def test_one_operation_id_with_two_bodies() -> None:
    till = bar()
    till(topped_up(1000), topped_up(2000))
    assert kinds(till) == [(ConflictKind.SALE_ID_TWICE, sale_id(1).hex())]


def test_more_refunded_of_a_line_than_was_sold() -> None:
    till = bar()
    till(topped_up(5000), sold(1), refunded(quantity=1), refunded(quantity=2, operation=2))
    (found,) = findings(till.records)
    assert (found.kind, found.subject) == (ConflictKind.REFUNDED_TWICE, sale_id(1).hex())
    assert found.details == (0,)


def test_what_another_body_of_the_sale_covers_is_not_refunded_twice() -> None:
    till, other = bar(11), bar(12)
    till(topped_up(5000), sold(1), refunded(quantity=3))
    other(sold(1, (item(3),)))
    assert kinds(till, other) == [(ConflictKind.SALE_ID_TWICE, sale_id(1).hex())]


def test_a_refund_of_a_voided_line() -> None:
    till = bar()
    till(topped_up(5000), sold(1), voided(1), refunded())
    assert kinds(till) == [(ConflictKind.REFUNDED_TWICE, sale_id(1).hex())]


def test_a_refund_of_what_was_sold_is_no_finding() -> None:
    till, other = bar(11), bar(12)
    till(topped_up(5000), sold(1), refunded(quantity=1))
    other(refunded(quantity=1, operation=2))
    assert kinds(till, other) == []


def test_more_given_away_of_a_part_than_was_held() -> None:
    centre, north = office(), gate()
    centre.write(Allotted((1, 1), north.terminal, 3))
    north(AllotmentReturned((1, 1), 2), AllotmentReturned((1, 1), 2))
    (found,) = findings([*centre.records, *north.records])
    assert found.kind is ConflictKind.ALLOTMENT_SPENT_TWICE
    assert found.subject == f"zone 1 at {north.terminal.hex()}"
    assert found.details == (1,)


def test_more_admitted_than_the_gate_was_lent() -> None:
    centre, north = office(), gate()
    centre(zone(1, capacity=9), Allotted((1, 1), north.terminal, 1))
    north(admitted(5), admitted(6))
    assert [kind for kind, _ in kinds(centre, north)] == [ConflictKind.ALLOTMENT_SPENT_TWICE]


def test_two_links_of_one_wristband() -> None:
    till, other = bar(11), bar(12)
    till(WristbandLinked(99, 100, "lost"))
    other(WristbandLinked(99, 101, "lost"))
    (found,) = findings([*till.records, *other.records])
    assert (found.kind, found.subject) == (ConflictKind.TWO_LINKS, "99")
    assert set(found.facts) == {till.records[1].id, other.records[1].id}


def test_two_links_to_the_same_wallet_agree() -> None:
    till, other = bar(11), bar(12)
    till(WristbandLinked(99, 100, "lost"))
    other(WristbandLinked(99, 100, "lost"))
    assert kinds(till, other) == []


def test_two_branches_of_one_journal() -> None:
    one, other = Pen(Role.GATE, 21), Pen(Role.GATE, 21, run=1)
    assert kinds(one, other) == [(ConflictKind.FORKED_JOURNAL, one.terminal.hex())]


@pytest.mark.parametrize(
    "body",
    [topped_up(), sold(), zone(), ticket_type(), status(5, TicketStatus.BLOCKED),
     Allotted((1, 1), b"t" * 16, 1), Corrected((), "", 1),
     PaidOut(sale_id(1), 99, 5, 2, 1, 1, None), AllotmentReturned((5, 99), 1)],
    ids=lambda body: type(body).__name__,
)  # fmt: skip
def test_a_fact_that_a_gate_may_not_state(body: Body) -> None:
    north = gate()
    north(body)
    assert kinds(north) == [(ConflictKind.UNAUTHORISED_FACT, north.terminal.hex())]


def test_places_that_a_bar_gives_back_are_not_its_to_give() -> None:
    till = bar()
    till(AllotmentReturned((1, 1), 1))
    assert kinds(till) == [(ConflictKind.UNAUTHORISED_FACT, till.terminal.hex())]


def test_a_void_by_another_till_than_the_one_that_sold() -> None:
    till, other = bar(11), bar(12)
    till(topped_up(5000), sold(1))
    other(voided(1))
    subject = f"void of {sale_id(1).hex()}"
    assert kinds(till, other) == [(ConflictKind.UNAUTHORISED_FACT, subject)]


@pytest.mark.parametrize(
    "postings",
    [(("gift", 0, 5),), (("gift", 0, 5), ("gift", 1, -5)), (("drawer:x", 0, 5), ("gift", 0, -5)),
     (("drawer:" + "0" * 32 + ":4294967296", 0, 5), ("gift", 0, -5)),
     (("wallet:x", 0, 5), ("gift", 0, -5)), (("wallet:007", 0, 5), ("gift", 0, -5)),
     (("wallet:18446744073709551616", 0, 5), ("gift", 0, -5)),
     (("drawer:", 0, 0),), (("wallet:٣", 0, 0),)],
)  # fmt: skip
def test_a_correction_that_cannot_be_booked(postings: tuple[tuple[str, int, int], ...]) -> None:
    centre = office()
    centre(Corrected(postings, "why", 7))
    told = [(ConflictKind.UNAUTHORISED_FACT, "correction that does not add up")]
    assert kinds(centre) == told


def test_a_correction_that_adds_up_is_booked() -> None:
    centre = office()
    drawer = "drawer:" + "0" * 32 + ":1"
    centre(Corrected(((drawer, 0, 5), ("wallet:0", 0, 5), ("gift", 0, -10)), "why", 7))
    assert kinds(centre) == []


def test_two_words_of_the_office_with_one_version() -> None:
    centre, other = office(31), office(32)
    centre(ticket_type(1, reentry=True), status(5, TicketStatus.BLOCKED))
    other(ticket_type(1, reentry=False), status(5, TicketStatus.VALID))
    told = [ConflictKind.TWO_OFFICE_VERSIONS] * 2
    assert [kind for kind, _ in kinds(centre, other)] == told
    other(ticket_type(1, version=2), status(5, TicketStatus.VALID, 2))
    assert kinds(centre, other) == []


def test_what_happens_every_day_is_no_finding() -> None:
    centre, north, south, till = office(), gate(21), gate(22), bar()
    centre(zone(1, 9), zone(2), ticket_type(), gate_place(north, "North"))
    centre(Allotted((1, 1), north.terminal, 3), status(7, TicketStatus.CANCELLED))
    one = north.write(admitted())
    over = south.write(moved((one.id,)))
    south.write(left(over.id, number=2))
    till(topped_up(), sold(1), refunded(quantity=1), sold(2, wallet=99, lines=()))
    assert kinds(centre, north, south, till) == []
