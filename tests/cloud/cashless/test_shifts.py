import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloud.cashless.shift_totals import ShiftTotals
from cloud.settings import OfficeFolder
from cloud.store.tables.records import IS_SHIFT
from edge.bar.tally import Sum, Tally
from sync import ledger
from sync.body import Body
from sync.codec import encode
from sync.facts import (
    Declined,
    LineKind,
    Method,
    PaidOut,
    Refunded,
    ShiftClosed,
    ShiftOpened,
    Sold,
    ToppedUp,
    Voided,
)
from sync.journal import Record
from sync.names import Role
from sync.replica import Replica
from sync.shelf import MemoryShelf
from tests.cloud.box import Box
from tests.cloud.facts import topped_up
from tests.cloud.offices import TestOffice, new_folder, open_office

WALLET, CASH, CARD = int(Method.WALLET), int(Method.CASH), int(Method.CARD)


def opened(shift: int = 1, float_minor: int = 10_000) -> ShiftOpened:
    return ShiftOpened(shift, 1, 77, float_minor)


def closed(box: Box, counted: int, expected: int | None, shift: int = 1) -> ShiftClosed:
    return ShiftClosed(shift, 1, 77, counted, box.pen.next_number - 1, None, expected)


def basket(
    number: int,
    *lines: tuple[int, int, int, int],
    paid: tuple[tuple[int, int], ...],
    shift: int = 1,
) -> Sold:
    """Return a sale of (product, quantity, unit, VAT) lines, paid by (method, amount)."""
    return Sold(
        sale=number.to_bytes(16, "big"),
        bar=1,
        shift=shift,
        seller=77,
        lines=tuple((*line, int(LineKind.ITEM), None) for line in lines),
        payments=tuple((m, a, 5 if m == WALLET else None, None) for m, a in paid),
        catalogue_version=1,
        allowed_by="tender",
        known_balance=0,
    )


async def shift_of(office: TestOffice, box: Box, number: int = 1) -> dict[str, Any]:
    found: dict[str, Any] = await office.get(f"/api/v1/shifts/{box.terminal.hex()}/{number}")
    return found


def busy(box: Box) -> None:
    """Open a shift, sell by every way, undo some of it, and close with 50 cents too much."""
    box.say(
        opened(),
        basket(1, (1, 2, 500, 2_000), (2, 1, 333, 550), paid=((CASH, 1_333),)),
        basket(2, (1, 1, 500, 2_000), paid=((WALLET, 500),)),
        basket(3, (2, 3, 333, 550), paid=((CARD, 999),)),
        Declined(bytes(16), 5, 900, "alone_limit", 1),
        topped_up(5, 2_000),
        ToppedUp((9).to_bytes(16, "big"), 5, 1_500, CARD, 1, 1, "slip 4"),
        Voided((1).to_bytes(16, "big"), (1,), (), 1, 1, 77),
        Refunded((7).to_bytes(16, "big"), (3).to_bytes(16, "big"), 0, 1, (), 1, 1, 77),
        PaidOut((8).to_bytes(16, "big"), 5, 400, CASH, 1, 1, None),
    )
    box.say(closed(box, 10_000 + 1_000 + 2_000 - 400 + 50, 10_000 + 1_000 + 2_000 - 400))


async def test_a_shift_is_told_with_its_drawer_and_what_it_comes_to(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await office.bar()
        busy(till)
        await office.level(till)
        found = await shift_of(office, till)
        listed = await office.get("/api/v1/shifts")
    totals = found.pop("totals")
    assert listed == [found]
    assert (found["name"], found["bar"], found["shift"], found["opened_by"]) == ("Main", 1, 1, 77)
    assert (found["float_minor"], found["counted_minor"]) == (10_000, 12_650)
    assert (found["expected_minor"], found["difference_minor"]) == (12_600, 50)
    assert (found["complete"], found["missing"], found["twice"]) == (True, 0, False)
    assert found["last_number"] == 10
    assert totals == {
        "sales": 3,
        "voids": 1,
        "refunds": 1,
        "declined": 1,
        "top_ups": 2,
        "pay_outs": 1,
        "gross": 1_000 + 500 + 666,
        "by_vat": [[550, 666, 631, 35], [2_000, 1_500, 1_250, 250]],
        "by_method": [["wallet", 500], ["cash", 1_000], ["card", 666]],
        "topped_up": [["cash", 2_000], ["card", 1_500]],
        "paid_out": [["cash", 400]],
        "deposits": 0,
        "tips": 0,
        "expected_minor": 12_600,
    }


async def test_an_open_shift_is_told_as_far_as_it_was_heard(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await office.bar()
        till.say(opened(), basket(1, (1, 1, 500, 0), paid=((CASH, 500),)))
        await office.level(till)
        found = await shift_of(office, till)
    assert (found["closed_ms"], found["counted_minor"], found["complete"]) == (None, None, None)
    assert found["difference_minor"] is None
    assert found["totals"]["expected_minor"] == 10_500


async def test_a_shift_goes_on_over_every_start_of_its_till(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await office.bar()
        till.say(basket(90, (1, 1, 9, 0), paid=((CASH, 9),), shift=0), opened())
        for number in range(1, 5):
            till.open_run()
            till.say(basket(number, (1, 1, 500, 0), paid=((CASH, 500),)))
        till.say(closed(till, 12_000, 12_000))
        till.say(opened(2), basket(91, (1, 1, 9, 0), paid=((CASH, 9),), shift=2))
        await office.level(till)
        found = await shift_of(office, till)
        second = await shift_of(office, till, 2)
        assert [row["shift"] for row in await office.get("/api/v1/shifts")] == [2, 1]
    assert (found["complete"], found["missing"]) == (True, 0)
    assert (found["totals"]["sales"], found["totals"]["expected_minor"]) == (4, 12_000)
    assert second["totals"]["sales"] == 1


def own_raws(box: Box) -> list[Record]:
    return [record for record, _ in box.shelf.records if record.terminal == box.terminal]


@pytest.mark.parametrize(
    "lost,missing",
    [
        ({3, 4}, 2),
        ({5}, 1),
        ({6}, 1),
        ({5, 6, 7, 8}, 3),
        ({1}, 0),
    ],
)
async def test_a_journal_with_a_gap_makes_a_shift_incomplete(
    tmp_path: Path, lost: set[int], missing: int
) -> None:
    """Of two runs, records 2 to 10 of the whole are the shift; the second run begins with 6."""
    async with open_office(tmp_path) as office:
        till = await office.bar()
        till.say(topped_up(5, 9_000), opened())
        till.say(*(basket(n, (1, 1, 500, 0), paid=((CASH, 500),)) for n in (1, 2, 3)))
        till.open_run()
        till.say(*(basket(n, (1, 1, 500, 0), paid=((CASH, 500),)) for n in (4, 5, 6)))
        till.say(closed(till, 13_000, 13_000))
        records = own_raws(till)
        assert [record.number for record in records] == [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4]
        kept = [record.raw for at, record in enumerate(records) if at not in lost]
        await office.do(lambda o: o.store.replica.take(kept))
        if 6 in lost:  # without its opening the second run waits, and nothing of it is known
            found = await shift_of(office, till)
            assert found["complete"] is None
            return
        found = await shift_of(office, till)
        assert (found["complete"], found["missing"]) == (missing == 0, missing)
        await office.do(lambda o: o.store.replica.take([record.raw for record in records]))
        found = await shift_of(office, till)
        assert (found["complete"], found["missing"]) == (True, 0)


async def test_a_run_that_was_lost_whole_is_missed(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await office.bar()
        till.say(opened())
        for number in (1, 2):
            till.open_run()
            till.say(basket(number, (1, 1, 500, 0), paid=((CASH, 500),)))
        till.say(closed(till, 11_000, 11_000))
        runs = list(dict.fromkeys(record.run for record in own_raws(till)))
        kept = [record.raw for record in own_raws(till) if record.run != runs[1]]
        await office.do(lambda o: o.store.replica.take(kept))
        found = await shift_of(office, till)
        assert (found["complete"], found["missing"] >= 1) == (False, True)
        assert found["totals"]["sales"] == 1


async def test_a_close_that_states_another_last_number_is_not_complete(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await office.bar()
        till.say(opened(), ShiftClosed(1, 1, 77, 10_000, 4, None, 10_000))
        await office.level(till)
        found = await shift_of(office, till)
        assert (found["complete"], found["missing"]) == (False, 3)


async def test_a_copied_tills_shift_is_told_as_there_twice(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await office.bar()
        till.say(opened(), opened())
        await office.level(till)
        assert (await shift_of(office, till))["twice"]


async def test_a_refund_of_an_earlier_shifts_sale_counts_where_it_was_made(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await office.bar()
        till.say(opened(), basket(1, (1, 2, 600, 2_000), paid=((CASH, 1_200),)))
        till.say(closed(till, 11_200, 11_200), opened(2))
        back = ((CASH, -600, None, None),)
        till.say(Refunded(bytes(16), (1).to_bytes(16, "big"), 0, 1, back, 1, 2, 77))
        till.say(closed(till, 9_400, 9_400, shift=2))
        await office.level(till)
        first, second = await shift_of(office, till), await shift_of(office, till, 2)
    assert (first["totals"]["gross"], first["totals"]["expected_minor"]) == (1_200, 11_200)
    assert (second["totals"]["gross"], second["totals"]["expected_minor"]) == (-600, 9_400)
    assert second["totals"]["by_vat"] == [[2_000, -600, -500, -100]]
    assert second["totals"]["by_method"] == [["cash", -600]]


async def test_shifts_are_shown_to_organisers_only_and_only_real_ones(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till = await office.bar()
        till.say(opened())
        await office.level(till)
        name = till.terminal.hex()
        for path in ("", f"/{name}/1"):
            async with office.session.get(f"{office.url}/api/v1/shifts{path}") as answer:
                assert answer.status == 401
        for path in (f"{name}/2", f"{name}/x", f"{name}/99999999999", "00/1", f"{'0' * 32}/1"):
            url = f"{office.url}/api/v1/shifts/{path}"
            async with office.session.get(url, headers=office.bearer) as answer:
                assert answer.status == 404


async def test_what_a_revoked_till_said_too_late_is_no_shift(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        till, carrier = await office.bar(), await office.bar("Carrier", seed=22)
        till.say(opened())
        await office.level(till)
        await office.state({"kind": "revoke", "terminal": "Main"})
        till.say(opened(2))
        carrier.replica.take([record.raw for record in own_raws(till)])
        await office.level(carrier)
        assert [row["shift"] for row in await office.get("/api/v1/shifts")] == [1]


def test_shifts_are_found_by_what_their_records_hold() -> None:
    for kind in (ShiftOpened, ShiftClosed):
        mark = encode({9: kind.KIND, 10: {1: 1}})[1:4] + b"\x0a"
        assert f"x'{mark.hex()}'" in IS_SHIFT


# --- the same figures as the till's own ---


def drawn_facts(chance: random.Random, shift: int) -> list[Body]:
    """Draw what a till could state in a shift, sensible or not."""
    kinds = [int(kind) for kind in LineKind if kind not in {LineKind.UNDONE, LineKind.DISCOUNT}]
    facts: list[Body] = []
    for _ in range(chance.randrange(1, 14)):
        sale = chance.randrange(6).to_bytes(16, "big")
        payments = tuple(
            (int(method), chance.randrange(-200, 900), 5 if method == WALLET else None, None)
            for method in chance.sample(list(Method), chance.randrange(0, 3))
        )
        line = chance.randrange(4)
        match chance.randrange(6):
            case 0 | 1:
                lines: list[tuple[int, int, int, int, int, int | None]] = [
                    (chance.randrange(3), chance.randrange(-1, 4), chance.randrange(0, 700),
                     chance.choice((0, 550, 2_000)), chance.choice(kinds), None)
                    for _ in range(chance.randrange(1, 5))
                ]  # fmt: skip
                lines.append((0, -1, lines[0][2], lines[0][3], int(LineKind.UNDONE), 0))
                body = basket(1, paid=(), shift=shift)
                facts.append(
                    Sold(sale, 1, shift, 77, tuple(lines), payments, *_rest_of(body))  # type: ignore[arg-type]  # the rest of its fields
                )
            case 2:
                facts.append(Voided(sale, (line,), payments[:1], 1, shift, 77))
            case 3:
                operation = chance.randrange(9).to_bytes(16, "big")
                quantity = chance.randrange(3)
                facts.append(Refunded(operation, sale, line, quantity, payments[:1], 1, shift, 77))
            case 4:
                amount = chance.randrange(900)
                facts.append(ToppedUp(chance.randbytes(16), 5, amount, CASH, 1, shift, None))
            case _:
                facts.append(PaidOut(chance.randbytes(16), 5, 100, CASH, 1, shift, None))
    return facts


def _rest_of(body: Sold) -> tuple[object, ...]:
    return body.catalogue_version, body.allowed_by, body.known_balance


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> OfficeFolder:
    return new_folder(tmp_path_factory.mktemp("office") / "office")


def till_of(folder: OfficeFolder, seed: int) -> Box:
    keys = (folder.festival_key, folder.certificate, folder.key)
    return Box(folder.festival, *keys, Role.BAR, f"Till {seed}", seed)


@pytest.mark.one_engine
@settings(derandomize=True, deadline=None, max_examples=120)
@given(seed=st.integers(0, 1 << 32))
def test_the_office_comes_to_the_tills_own_figures(folder: OfficeFolder, seed: int) -> None:
    chance = random.Random(seed)
    till, other = till_of(folder, 1), till_of(folder, 2)
    by_shift = {shift: till.say(*drawn_facts(chance, shift)) for shift in (1, 2)}
    strange = other.say(*drawn_facts(chance, 1))
    shelf = MemoryShelf()
    office = Replica(folder.festival, folder.festival_key, shelf)
    raws = [r.raw for box in (till, other) for r, _ in box.shelf.records]
    chance.shuffle(raws)
    office.take(raws)
    assert all(shelf.has(record.id) for record in strange)
    for shift, records in by_shift.items():
        tally = Tally(till.terminal, shift, lambda sale: ledger.sale(shelf.cells, sale))
        tally.note_all(records)
        totals = ShiftTotals(shelf.cells, till.terminal, shift, 0)
        totals.take(records)
        row = totals.row()
        goods, vat = tally.by(Sum.GOODS), tally.by(Sum.VAT)
        rates = sorted(goods.keys() | vat.keys())
        assert row["gross"] == tally.gross
        assert row["by_vat"] == [
            [rate, goods.get(rate, 0), goods.get(rate, 0) - vat.get(rate, 0), vat.get(rate, 0)]
            for rate in rates
        ]
        for name, what in (("by_method", Sum.PAID), ("topped_up", Sum.TOPPED_UP)):
            told = {int(Method[word.upper()]): amount for word, amount in row[name]}
            assert told == tally.by(what), name
        taken = tally.total(Sum.DEPOSITS_TAKEN) - tally.total(Sum.DEPOSITS_RETURNED)
        assert (row["deposits"], row["tips"]) == (taken, tally.total(Sum.TIPS))
        assert row["expected_minor"] == tally.cash
        assert (row["voids"], row["refunds"]) == (
            tally.total(Sum.VOIDS),
            tally.total(Sum.REFUNDS),
        )
