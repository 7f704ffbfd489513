"""X, Z and the history: what a shift came to, told again from the journal, with nothing hidden."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edge.bar.history import HISTORY_ROWS_MAX
from edge.headless import BadCommand
from sync.facts import (
    CapRenewed,
    Corrected,
    Declined,
    LineKind,
    Method,
    PaidOut,
    ShiftClosed,
    Sold,
    StockMoved,
    StockReason,
    ToppedUp,
)
from sync.ledger_effects import drawer_account
from tests.edge.bar.shift_till import (
    ANA,
    BAR,
    ShiftTill,
    beer,
    chips,
    number,
    shift_till,
)

KEYS = """event kind duplicate shift bar till seller opened_ms closed_ms first_number last_number
    sales lines voids refunds declined top_ups pay_outs by_product by_category by_vat by_method
    deposits_taken deposits_returned tips discounts topped_up paid_out gross drawer waste
    grand_total_before grand_total_after check""".split()


@pytest.fixture
def till(tmp_path: Path) -> Iterator[ShiftTill]:
    one = shift_till(tmp_path / "bar")
    yield one
    one.terminal.close()


def busy(till: ShiftTill) -> None:
    """A shift with something of everything."""
    till.do("open_shift", float_minor=5_000)
    lines = [
        beer(2),
        (1, 2, 100, 0, int(LineKind.DEPOSIT), None),
        beer(1, LineKind.HALF, 260),
        (1, 1, 100, 2000, int(LineKind.MIXER), 2),
        (1, 2, -80, 2000, int(LineKind.DISCOUNT), 0),
        (1, 1, 50, 0, int(LineKind.TIP), None),
    ]
    till.sell(1, lines)  # 960 + 200 + 260 + 100 - 160 + 50 = 1410
    till.sell(2, [chips(3), (1, -1, 100, 0, int(LineKind.CUP_BACK), None)])  # 950
    card = ((int(Method.CARD), 480, None, None),)
    till.sell(3, [beer()], card)
    till.void(3, 0)
    till.refund(2, 0, 1, 350)
    till.state(
        ToppedUp(number(100), 99, 2_000, int(Method.CASH), BAR, 1, None, ANA),
        ToppedUp(number(101), 99, 1_000, int(Method.CARD), BAR, 1, None, ANA),
        PaidOut(number(102), 99, 700, int(Method.CASH), BAR, 1, None),
        Declined(number(4), 99, 100, "alone_limit", BAR),
        StockMoved(BAR, 1, -2, int(StockReason.SPILLED), 1, ANA),
        CapRenewed(8, 10_000),
    )


def test_a_report_says_everything_that_a_shift_came_to(till: ShiftTill) -> None:
    busy(till)
    report = till.do("report")
    assert set(KEYS) <= set(report)
    json.dumps(report)
    assert (report["kind"], report["duplicate"], report["closed_ms"]) == ("x", False, None)
    assert (report["bar"], report["till"], report["seller"]) == ("Main bar", "bar", "Ana")
    counts = [report[name] for name in ("sales", "lines", "voids", "refunds", "declined")]
    assert counts == [3, 9, 1, 1, 1]
    assert (report["top_ups"], report["pay_outs"]) == (2, 1)
    assert report["by_product"] == [[1, "Bière blonde", 5, 1_160], [2, "Chips", 4, 700]]
    assert report["by_category"] == [["Drinks", 1_160], ["Food", 700]]
    assert report["by_vat"] == [[1000, 700, 637, 63], [2000, 1_160, 967, 193]]
    assert report["by_method"] == [["cash", 1_410 + 950 - 350]]
    assert (report["deposits_taken"], report["deposits_returned"]) == (200, 100)
    assert (report["tips"], report["discounts"], report["gross"]) == (50, 160, 1_860)
    assert report["topped_up"] == [["cash", 2_000], ["card", 1_000]]
    assert report["paid_out"] == [["cash", 700]]
    assert report["waste"] == [[1, "Bière blonde", "spilled", 2]]
    assert report["drawer"] == {
        "float": 5_000,
        "sales": 2_010,
        "top_ups": 2_000,
        "pay_outs": 700,
        "expected": 8_310,
        "counted": None,
        "difference": None,
    }
    assert (report["grand_total_before"], report["grand_total_after"]) == (0, 1_860)
    assert report["check"] == ""


def test_the_z_is_the_x_with_what_was_counted(till: ShiftTill) -> None:
    busy(till)
    x = till.do("report")
    z = till.do("close_shift", counted_minor=8_300)
    different = {name for name in x if x[name] != z[name]}
    assert different == {"kind", "closed_ms", "drawer"}
    assert (z["kind"], z["drawer"]["counted"], z["drawer"]["difference"]) == ("z", 8_300, -10)
    with pytest.raises(BadCommand, match="No shift is open"):
        till.do("report")


def test_a_z_can_be_made_again_at_any_time_and_says_that_it_is_a_duplicate(
    till: ShiftTill,
) -> None:
    busy(till)
    first = till.do("close_shift", counted_minor=8_310)
    till.do("open_shift", float_minor=0)
    till.sell(20, [beer()])
    till.refund(1, 0, 1, 480)  # of the earlier shift: it counts in this one
    second = till.do("close_shift", counted_minor=0)
    assert (second["gross"], second["drawer"]["expected"]) == (0, 0)
    assert (second["refunds"], second["check"]) == (1, "")
    till.do("open_shift", float_minor=0)
    for _ in range(2):
        for made in (first, second):
            again = till.do("report", shift=made["shift"])
            del made["fact"]
            assert again == {**made, "duplicate": True}
            made["fact"] = ""
        till.reopen()
    assert till.do("report", shift=3)["kind"] == "x"
    with pytest.raises(BadCommand, match="no closed shift 4"):
        till.do("report", shift=4)
    with pytest.raises(BadCommand, match="pas de service 9 clôturé"):
        till.do("report", shift=9, language="fr")


def test_a_report_may_be_made_again_although_another_shift_was_never_closed(
    till: ShiftTill,
) -> None:
    till.do("open_shift", float_minor=0)
    till.do("close_shift", counted_minor=0)
    till.sell(1, [beer()])  # between the shifts
    till.do("open_shift", float_minor=0)
    till.sell(2, [beer(2)])
    assert till.do("report", shift=1)["sales"] == 0
    assert till.do("report")["sales"] == 1


# --- the grand total ---


def shift_of(till: ShiftTill, sale: int, beers: int) -> dict[str, Any]:
    till.do("open_shift", float_minor=0)
    till.sell(sale, [beer(beers)])
    return till.do("close_shift", counted_minor=480 * beers)


def totals(report: dict[str, Any]) -> tuple[int, int]:
    return report["grand_total_before"], report["grand_total_after"]


def test_the_grand_total_grows_from_shift_to_shift_and_never_begins_again(
    till: ShiftTill,
) -> None:
    assert totals(shift_of(till, 1, 1)) == (0, 480)
    assert totals(shift_of(till, 2, 2)) == (480, 1_440)
    till.reopen()
    assert totals(shift_of(till, 3, 1)) == (1_440, 1_920)
    assert totals(till.do("report", shift=2)) == (480, 1_440)


def test_the_grand_total_is_kept_so_that_no_earlier_shift_is_read_again(
    till: ShiftTill, monkeypatch: pytest.MonkeyPatch
) -> None:
    shift_of(till, 1, 2)
    till.reopen()
    till.do("open_shift", float_minor=0)
    monkeypatch.setattr("edge.bar.shifts.walk_back", lambda *_: iter(()))
    assert totals(till.do("report")) == (960, 960)


@pytest.mark.parametrize("lost", [(1,), (2,), (3,), (1, 2, 3), (1, 3)])
def test_a_grand_total_that_was_lost_is_made_again_from_the_journal(
    till: ShiftTill, lost: tuple[int, ...]
) -> None:
    for sale in (1, 2, 3):
        shift_of(till, sale, sale)

    def lose() -> None:
        with till.terminal.store.transaction():
            for shift in lost:
                till.terminal.store.connection.execute(
                    "DELETE FROM meta WHERE name = ?", (f"goods sold up to shift {shift}",)
                )

    till.lane(lose)
    assert totals(till.do("report", shift=2)) == (480, 1_440)
    assert totals(shift_of(till, 4, 1)) == (2_880, 3_360)
    assert totals(till.do("report", shift=3)) == (1_440, 2_880)


# --- what does not agree is told ---


def test_a_record_that_the_running_sums_have_missed_is_told_and_still_counted(
    till: ShiftTill,
) -> None:
    till.do("open_shift", float_minor=0)
    cash = ((int(Method.CASH), 480, None, None),)
    till.state(
        Sold(number(1), BAR, 1, ANA, (beer(),), cash, 1, "tender", 0),
        is_told=False,
    )
    assert till.do("report")["check"].startswith("The ledger has 4.80 in the drawer, the till 0.00")
    report = till.do("close_shift", counted_minor=480)
    assert "running sums differ from the journal: amount, drawer_sales" in report["check"]
    assert (report["sales"], report["drawer"]["difference"]) == (1, 0)
    assert till.book.number == 0


def test_a_drawer_that_the_ledger_knows_otherwise_is_told(till: ShiftTill) -> None:
    till.do("open_shift", float_minor=1_000)
    drawer = drawer_account(till.terminal.manifest.terminal_id, 1)
    rows = ((drawer, 0, -200), ("imbalance", 0, 200))
    till.says(Corrected(rows, "money found", 9), number=60)
    told = "The ledger has 12.00 in the drawer, the till 10.00."
    assert till.do("report")["check"] == told
    assert till.do("close_shift", counted_minor=1_000)["check"] == told


def test_payments_that_do_not_fit_their_lines_are_told(till: ShiftTill) -> None:
    till.do("open_shift", float_minor=0)
    till.sell(1, [beer()], ((int(Method.CASH), 400, None, None),))
    assert till.do("report")["check"] == "Payments differ from what was paid for by -0.80."


def test_a_close_whose_sums_were_others_is_told_when_it_is_made_again(till: ShiftTill) -> None:
    till.do("open_shift", float_minor=0)
    till.sell(1, [beer()])
    till.state(ShiftClosed(1, BAR, ANA, 480, 3, None, 500))
    till.reopen()
    check = till.do("report", shift=1)["check"]
    assert check == "The close stated 5.00 in the drawer, the journal comes to 4.80."


def test_a_drawer_beyond_any_amount_can_still_be_closed(till: ShiftTill) -> None:
    till.do("open_shift", float_minor=10**12)
    till.sell(1, [beer()])
    report = till.do("close_shift", counted_minor=10**12)
    assert report["drawer"]["expected"] == 10**12 + 480
    assert till.do("report", shift=1)["check"] == ""


def test_products_and_people_that_nobody_knows_go_by_their_numbers(till: ShiftTill) -> None:
    till.seller = 77
    till.do("open_shift", float_minor=0)
    till.sell(1, [(9, 1, 100, 0, 0, None)])
    till.state(StockMoved(BAR, 9, -1, 8, 1, ANA))
    report = till.do("report")
    assert report["by_product"] == [[9, "9", 2, 100]]
    assert report["by_category"] == [["", 100]]
    assert report["waste"] == [[9, "9", "8", 1]]
    assert report["seller"] == "77"


# --- history ---


def sales_of(answer: dict[str, Any]) -> list[int]:
    assert answer["event"] == "history"
    return [int(row["sale"], 16) for row in answer["rows"]]


def test_the_history_shows_the_newest_sales_first_and_what_became_of_each_line(
    till: ShiftTill,
) -> None:
    busy(till)
    rows = till.do("history")["rows"]
    assert [(int(row["sale"], 16), row["is_last"]) for row in rows] == [
        (3, True),
        (2, False),
        (1, False),
    ]
    voided, refunded, first = rows
    assert [line["voided"] for line in voided["lines"]] == [True]
    assert [(line["refunded"], line["voided"]) for line in refunded["lines"]] == [
        (1, False),
        (0, False),
    ]
    assert first["total_minor"] == 1_410
    assert (first["seller"], first["shift"]) == ("Ana", 1)
    assert first["payments"] == [["cash", 1_410, None, None]]
    assert first["lines"][2] == {
        "at": 2,
        "product": 1,
        "name": "Bière blonde",
        "quantity": 1,
        "unit": 260,
        "kind": "half",
        "about": None,
        "amount": 260,
        "voided": False,
        "undone": False,
        "refunded": 0,
    }


def test_a_line_that_was_voided_is_not_refunded_as_well(till: ShiftTill) -> None:
    till.sell(1, [beer(3)])
    till.refund(1, 0, 2, 960)
    till.void(1, 0)
    (row,) = till.do("history")["rows"]
    assert [(line["voided"], line["refunded"]) for line in row["lines"]] == [(True, 0)]


def test_a_sale_is_found_by_one_of_its_payments(till: ShiftTill) -> None:
    cash, card = (int(Method.CASH), 180, None, None), (int(Method.CARD), 300, None, None)
    till.sell(1, [beer()], (cash, card))
    till.sell(2, [beer()])
    assert sales_of(till.do("history", search="3")) == [1]


def test_a_fact_that_holds_the_mark_of_a_sale_by_chance_is_no_sale(till: ShiftTill) -> None:
    sold_and_shift = number(int.from_bytes(b"\x09\x18\x33\x0a" * 4, "big"))
    till.state(Declined(sold_and_shift, 99, 100, "alone_limit", BAR))
    till.sell(1)
    assert sales_of(till.do("history")) == [1]


def test_lines_that_were_undone_in_the_basket_are_marked(till: ShiftTill) -> None:
    undo = (1, -1, 480, 2000, int(LineKind.UNDONE), 0)
    till.sell(1, [beer(), undo, chips()])
    (row,) = till.do("history")["rows"]
    assert [line["undone"] for line in row["lines"]] == [True, True, False]


@pytest.mark.parametrize(
    "search, found",
    [
        ("9.60", [2]),
        ("9,60", [2]),
        ("-4.8", [4, 1]),
        ("BIERE", [4, 2, 1]),
        ("bière", [4, 2, 1]),
        ("chip", [3]),
        ("  chip ", [3]),
        ("abc", []),
        ("f" * 32, []),
        (f"{3:032x}", [3]),
        (f"{3:032x}"[:31], [4, 3, 2, 1]),
        ("%", []),
        ("", [4, 3, 2, 1]),
        ("12.345", []),
    ],
)
def test_a_sale_is_found_by_amount_name_or_number(
    till: ShiftTill, search: str, found: list[int]
) -> None:
    till.sell(1, [beer()])
    till.sell(2, [beer(2)])
    till.sell(3, [chips()])
    till.sell(4, [beer(-1)])
    assert sales_of(till.do("history", search=search)) == found


def test_the_history_is_bounded_and_only_the_last_sale_is_the_last(
    till: ShiftTill, monkeypatch: pytest.MonkeyPatch
) -> None:
    for sale in range(30):
        till.sell(sale)
    assert sales_of(till.do("history")) == list(range(29, 9, -1))
    answer = till.do("history", rows=3)
    assert [row["is_last"] for row in answer["rows"]] == [True, False, False]
    assert [row["is_last"] for row in till.do("history", search=f"{5:032x}")["rows"]] == [False]
    monkeypatch.setattr("edge.bar.history.HISTORY_RECORDS_READ_MAX", 10)
    assert len(till.do("history", rows=HISTORY_ROWS_MAX)["rows"]) == 10


@pytest.mark.parametrize(
    "command",
    [
        {"rows": 0},
        {"rows": HISTORY_ROWS_MAX + 1},
        {"rows": "5"},
        {"search": 5},
        {"search": "x" * 81},
    ],
)
def test_a_history_that_makes_no_sense_is_refused(till: ShiftTill, command: dict[str, Any]) -> None:
    with pytest.raises(BadCommand):
        till.do("history", **command)
