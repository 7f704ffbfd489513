"""Lending by parts: never too much in any partition, hardly anything out of reach."""

import pytest
from hypothesis import given, settings

from sync import allotments, lending, passing
from sync.allotments import Resource
from sync.facts import (
    AllotmentReturned,
    AllotmentWrittenOff,
    BarSet,
    GateSet,
    ProductSet,
    QuotaSet,
    ShiftClosed,
    ShiftOpened,
    TerminalRevoked,
    VoucherSet,
    ZoneSet,
)
from sync.fold import fold_revocation
from tests.sync.builder import admitted, item, left, sold, topped_up, voided
from tests.sync.lending_site import BEER, PLACES, Place, Site, sold_out
from tests.sync.worlds import seeds

LAW = settings(max_examples=25, derandomize=True, deadline=None)


def act(site: Site) -> None:
    """Let something happen: much use, some talk, some passing on, cuts and their healing."""
    chance = site.chance
    box, other = chance.sample(site.boxes, 2)
    what = chance.randrange(12)
    if what < 4:
        site.use(box)
    elif what == 4:
        site.take_back()
    elif what == 5:
        site.tidy(box)
    elif what == 6:
        box.is_cut = not box.is_cut
    elif what == 7:
        site.pass_on(box, other, chance.randint(1, 5))
    elif what == 8:
        site.meet(box, other)
    elif not box.is_cut:
        site.meet(box, site.office)
        if what == 9:
            site.grant(box, chance.randint(1, 4))
        site.lend()


@pytest.mark.parametrize("resource", [BEER, PLACES])
@LAW
@given(seeds)
def test_no_more_is_used_than_there_is_whoever_hears_whom(resource: Resource, seed: int) -> None:
    site = Site(seed, 30, 2 + seed % 4, resource)
    for _ in range(120):
        act(site)
        assert site.used() <= site.capacity
    assert lending.committed(site.truth, resource) <= site.capacity
    assert all(part.held >= 0 for part in allotments.holdings(site.truth, resource).values())


def test_the_law_above_is_not_held_by_selling_nothing() -> None:
    site = Site(3, 30, 4)
    for _ in range(400):
        act(site)
    assert site.used() > 15


@pytest.mark.parametrize("count, cut", [(2, 1), (4, 1), (8, 2)])
def test_hardly_anything_is_out_of_reach_when_terminals_die_and_the_rest_sell_out(
    count: int, cut: int
) -> None:
    ends = [sold_out(seed, count, cut, 80) for seed in range(12 if count < 8 else 6)]
    assert sum(lost for lost, _, _ in ends) * 100 < 5 * 80 * len(ends)
    assert all(near == 0 for _, near, _ in ends)


def test_terminals_that_are_cut_off_and_go_on_selling_lose_nothing() -> None:
    for seed in range(6):
        assert sold_out(seed, 4, 1, 60, goes_on=True)[0] == 0


def test_a_terminal_that_is_cut_off_early_can_work_for_a_while() -> None:
    for count in (2, 4, 8):
        site = Site(1, 960, count)
        held = [site.held(box) for box in site.boxes]
        assert held == [960 // (4 * count)] * count
    assert Site(1, 960, 1).held(Site(1, 960, 1).boxes[0]) == 480


def test_parts_shrink_with_what_is_left_and_idle_terminals_give_back_what_is_over() -> None:
    site = Site(1, 320, 4)
    busy, idle = site.boxes[0], site.boxes[1:]
    assert [site.held(box) for box in site.boxes] == [20] * 4
    while site.used() < 200:
        assert site.use(busy)
        site.level()
        for box in site.boxes:
            site.tidy(box)
    site.level()
    parts = [lending.read(box.cells, BEER) for box in site.boxes]
    assert {quota.part for quota in parts if quota is not None} == {7}
    assert all(4 <= site.held(box) <= 14 for box in idle)
    assert site.held(busy) >= 4


def test_when_less_is_left_than_there_are_terminals_the_rest_comes_back_and_is_asked_for() -> None:
    site = Site(1, 10, 4)
    busy = site.boxes[0]
    for _ in range(10):
        if not site.use(busy):
            site.ask(busy)
            assert site.use(busy)
        site.level()
        for box in site.boxes:
            site.tidy(box)
        site.level()
    assert site.used() == 10


# --- who holds ---


def told(*bodies: object, resource: Resource = BEER) -> Place:
    """Return what the office knows after stating these."""
    site = Site(1, 100, 0, resource)
    site.state_all(bodies)  # type: ignore[arg-type]  # bodies of facts
    return site.office


def names(place: Place, resource: Resource) -> bytes:
    return b"".join(one[:1] for one in lending.holders(place.cells, resource))


def till(letter: bytes, number: int) -> BarSet:
    return BarSet(letter * 16, 1, "T", number)


def product(number: int, bars: tuple[int, ...] | None, ticket: int | None = None) -> ProductSet:
    return ProductSet(number, 1, "P", "", 300, 2000, 0, 0, True, bars=bars, ticket_type=ticket)


def test_parts_go_to_the_tills_that_can_sell_and_the_gates_that_let_in() -> None:
    place = told(
        till(b"a", 1), till(b"b", 2), till(b"c", 3),
        product(1, None), product(2, (1, 2), 7), product(3, (3,), 7), product(4, (3,)),
        VoucherSet(5, 1, "Any", 0, ()), VoucherSet(6, 1, "Few", 0, (2, 99)),
        GateSet(b"n" * 16, 1, "N", 1, ()), GateSet(b"s" * 16, 1, "S", 2, ()),
    )  # fmt: skip
    assert [names(place, (4, n)) for n in (1, 2, 3, 9)] == [b"abc", b"ab", b"c", b""]
    assert [names(place, (2, n)) for n in (7, 8)] == [b"abc", b""]
    assert [names(place, (3, n)) for n in (5, 6, 7)] == [b"abc", b"ab", b""]
    assert [names(place, (1, n)) for n in (1, 2, 3)] == [b"n", b"s", b""]


def test_a_till_between_shifts_and_a_revoked_one_hold_nothing() -> None:
    site = Site(1, 80, 3)
    first, second, third = site.boxes
    site.state(first, ShiftOpened(1, 1, 0, 0))
    site.state(first, ShiftClosed(1, 1, 0, 0, 1))
    site.state(second, ShiftOpened(1, 1, 0, 0))
    site.level()
    quota = lending.read(site.office.cells, BEER)
    assert quota is not None
    assert quota.holders == (second.terminal, third.terminal)
    assert quota.surplus(first.terminal) == site.held(first) > 0
    site.tidy(first)
    assert site.held(first) == 0
    site.level()
    assert site.held(first) == 0
    site.state(first, ShiftOpened(2, 1, 0, 0))
    site.level()
    assert site.held(first) > 0


def test_without_a_capacity_nothing_is_lent_and_nothing_comes_back() -> None:
    site = Site(1, 80, 2)
    site.state_all([QuotaSet(*BEER, 2, None)])
    assert lending.read(site.office.cells, BEER) is None
    assert lending.lend(site.office.cells) == []
    assert lending.limited(site.office.cells) == []
    assert lending.capacity_of(site.office.cells, (5, 99)) is None
    assert passing.spare(site.office.cells, BEER, site.boxes[0].terminal, 5) == 0


def test_a_lower_capacity_is_kept_to_by_what_comes_back() -> None:
    site = Site(1, 80, 2)
    site.state_all([QuotaSet(*BEER, 2, 8)])
    site.level()
    for box in site.boxes:
        site.tidy(box)
    site.level()
    assert lending.committed(site.truth, BEER) <= 8
    assert site.held(site.boxes[0]) == 1


def test_what_was_sold_before_a_quota_was_stated_is_counted_and_made_good() -> None:
    site = Site(1, 80, 2)
    early = site.boxes[0]
    site.state_all([QuotaSet(*BEER, 2, None)])
    site.state(early, AllotmentReturned(BEER, site.held(early)))
    for number in range(30):
        site.state(early, sold(100 + number, (item(),)))
    site.state_all([QuotaSet(*BEER, 3, 40)])
    site.level()
    site.tidy(site.boxes[1])
    site.level()
    quota = lending.read(site.office.cells, BEER)
    assert quota is not None
    assert quota.used == 30
    assert quota.held(early.terminal) >= 1
    assert quota.committed <= 40
    site.state_all([QuotaSet(*BEER, 4, 20)])
    quota = lending.read(site.office.cells, BEER)
    assert quota is not None
    assert quota.grant(early.terminal, 5) == 0


def test_only_what_facts_may_have_moved_is_looked_at() -> None:
    site = Site(1, 80, 1)
    cells = site.office.cells
    sale = sold(1, (item(), (2, 1, 100, 0, 1, None)))
    assert lending.touched(cells, [sale, topped_up()]) == {BEER}
    site.state(site.boxes[0], sale)
    site.level()
    assert lending.touched(cells, [voided(1), voided(2)]) == {BEER}
    assert lending.touched(cells, [AllotmentReturned((2, 7), 1)]) == {(2, 7)}
    assert lending.touched(cells, [admitted()]) == set()
    assert lending.touched(cells, [ZoneSet(1, 1, "Z", 5)]) is None
    places = Site(1, 80, 1, PLACES)
    assert lending.touched(places.office.cells, [admitted()]) == {PLACES}
    assert lending.lend(cells, [(2, 7)]) == []


# --- passing on ---


def test_a_giver_keeps_half_a_part_and_gives_half_of_what_is_beyond() -> None:
    site = Site(1, 320, 4)
    giver = site.boxes[0]
    assert site.held(giver) == 20
    assert passing.spare(giver.cells, BEER, giver.terminal, 99) == 5
    assert passing.spare(giver.cells, BEER, giver.terminal, 3) == 3
    assert passing.spare(giver.cells, BEER, giver.terminal, 0) == 0
    for _ in range(8):
        site.use(giver)
    assert passing.spare(giver.cells, BEER, giver.terminal, 99) == 1


def test_a_till_between_shifts_gives_all_that_it_holds() -> None:
    site = Site(1, 320, 4)
    giver = site.boxes[0]
    site.state(giver, ShiftOpened(1, 1, 0, 0))
    site.state(giver, ShiftClosed(1, 1, 0, 0, 1))
    assert passing.spare(giver.cells, BEER, giver.terminal, 99) == 20


def test_an_island_without_the_office_levels_what_it_holds() -> None:
    site = Site(1, 320, 4)
    busy = site.boxes[0]
    for box in site.boxes:
        box.is_cut = True
    sold_alone = 0
    while True:
        if site.use(busy):
            sold_alone += 1
            continue
        got = [site.pass_on(giver, busy, 5) for giver in site.boxes[1:]]
        for giver in site.boxes[1:]:
            site.meet(giver, busy)
        if not any(got):
            break
    assert sold_alone > 40
    assert all(site.held(box) >= 8 for box in site.boxes[1:])


# --- what is freed, and what is written off ---


def test_a_place_that_a_guest_leaves_is_the_gates_again_once_whoever_saw_them_out() -> None:
    site = Site(1, 12, 2, PLACES)
    north, south = site.boxes
    assert site.use(north)
    _, fact, serial = site.open[0]
    site.level()
    held = site.held(north)
    site.state(south, left(fact, serial))
    site.state(north, left(fact, serial))
    site.level()
    assert site.held(north) == held + 1
    assert site.used() == 0


def test_a_place_freed_after_its_gate_was_written_off_is_that_gates_until_it_is_revoked() -> None:
    site = Site(1, 12, 2, PLACES)
    north, south = site.boxes
    assert site.use(north)
    _, fact, serial = site.open[0]
    site.level()
    site.state_all([AllotmentWrittenOff(PLACES, north.terminal, site.held(north))])
    north.is_cut = True
    site.state(south, left(fact, serial))
    site.meet(south, site.office)
    before = lending.read(site.office.cells, PLACES)
    assert before is not None
    assert before.held(north.terminal) == 1
    revoked = TerminalRevoked(north.terminal, ())
    fold_revocation(site.office.cells, site.state(site.office, revoked))
    after = lending.read(site.office.cells, PLACES)
    assert after is not None
    assert after.free == before.free + 1
    assert after.holders == (south.terminal,)


def test_a_box_that_spends_what_was_written_off_takes_it_from_what_is_free() -> None:
    site = Site(1, 80, 2)
    dead, alive = site.boxes
    dead.is_cut = True
    site.state_all([AllotmentWrittenOff(BEER, dead.terminal, 10)])
    while site.use(dead):
        pass
    dead.is_cut = False
    site.meet(dead, site.office)
    quota = lending.read(site.office.cells, BEER)
    assert quota is not None
    assert quota.committed == 10 + site.held(alive)
    assert quota.held(dead.terminal) == -10


def test_a_terminal_that_was_written_off_is_lent_something_only_if_it_asks() -> None:
    site = Site(1, 80, 2)
    dead = site.boxes[0]
    dead.is_cut = True
    site.state_all([AllotmentWrittenOff(BEER, dead.terminal, 10)])
    site.level()
    assert allotments.held(site.office.cells, BEER, dead.terminal) == 0
    dead.is_cut = False
    site.level()
    assert site.held(dead) == 0
    site.ask(dead, 4)
    assert site.held(dead) == 4
