"""Real till records are read whole or not at all, and the wrong row is named."""

from pathlib import Path

import pytest

from sync.facts import LineKind
from tests.rehearsal.till_plan import CONTRA, REST, Sell, Void, make_plan
from tests.rehearsal.till_records import BadRecords, TillRecords, read_till_records

LINES = "transaction_id,line_id,time,till,seller,department,item,quantity,unit_price_gbp"
LINES += ",voided_by_line,kind"
PAYMENTS = "transaction_id,payment_id,time,method,amount_gbp"
T = "2024-05-29 12:14:33.725"


def write(folder: Path, lines: list[str], payments: list[str]) -> tuple[Path, Path]:
    """Write both files and return where."""
    first, second = folder / "lines.csv", folder / "payments.csv"
    first.write_text("\n".join([LINES, *lines]) + "\n", encoding="utf-8")
    second.write_text("\n".join([PAYMENTS, *payments]) + "\n", encoding="utf-8")
    return first, second


def read(folder: Path, lines: list[str], payments: list[str]) -> TillRecords:
    """Write both files and read them back."""
    return read_till_records(*write(folder, lines, payments))


def test_the_real_records_have_the_known_totals(shared_data: Path) -> None:
    folder = shared_data / "emf2024"
    records = read_till_records(folder / "sale_lines.csv", folder / "payments.csv")
    assert (len(records.transactions), len(records.lines), len(records.payments)) == (
        4238,
        7399,
        4461,
    )
    assert sum(line.amount for line in records.lines) == 3_151_219
    assert sum(payment.amount for payment in records.payments) == 3_151_219
    assert records.dangling_voids == 8
    assert records.currency == "GBP"


def test_the_plan_of_the_real_records_keeps_every_line_and_payment(shared_data: Path) -> None:
    folder = shared_data / "emf2024"
    plan = make_plan(read_till_records(folder / "sale_lines.csv", folder / "payments.csv"))
    steps = [step for rows in plan.steps.values() for step in rows]
    assert sum(len(step.lines) for step in steps) == 7399
    plain = [row for step in steps for row in step.payments if row[3] is None]
    assert len(plain) == 4461
    assert sum(row[1] for step in steps for row in step.payments) == 3_151_219
    for step in steps:
        if isinstance(step, Sell):
            assert step.total == sum(row[1] for row in step.payments)


GOOD_LINE = f"1,1,{T},bar,1,Beer,Pint,2,4.80,,sale"
GOOD_PAYMENT = f"1,1,{T},card,9.60"


@pytest.mark.parametrize(
    "line,what",
    [
        (f"1,1,{T},bar,1,Beer,Pint,two,4.80,,sale", "bad number: quantity"),
        (f"1,1,{T},bar,1,Beer,Pint,0.5,4.80,,sale", "bad number: quantity"),
        (f"1,1,{T},bar,1,Beer,Pint,2,4.805,,sale", "bad number: unit_price_gbp"),
        (f"1,1,{T},bar,1,Beer,Pint,2,1e3,,sale", "bad number: unit_price_gbp"),
        (f"1,x,{T},bar,1,Beer,Pint,2,4.80,,sale", "bad number: line_id"),
        (f"1,1,{T},bar,1,Beer,Pint,2,4.80,,gift", "unknown kind"),
        ("1,1,yesterday,bar,1,Beer,Pint,2,4.80,,sale", "bad time"),
        (f"1,1,{T},,1,Beer,Pint,2,4.80,,sale", "till is empty"),
        (f"1,1,{T},bar,1,Beer,Pint,2,4.80,sale", "expected 11 fields"),
        (f"1,1,{T},bar,1,Beer,Pint,2,4.80,,sale,more", "expected 11 fields"),
    ],
)
def test_a_row_that_cannot_be_understood_is_named_with_file_and_line(
    tmp_path: Path, line: str, what: str
) -> None:
    with pytest.raises(BadRecords) as trouble:
        read(tmp_path, [f"2,9,{T},bar,1,Beer,Pint,1,4.80,,sale", line], [GOOD_PAYMENT])
    assert "lines.csv:3: " in str(trouble.value)
    assert what in str(trouble.value)


@pytest.mark.parametrize(
    "payment,what",
    [
        (f"1,1,{T},cheque,9.60", "unknown method"),
        (f"1,1,{T},card,nine", "bad number: amount_gbp"),
        (f"1,1,{T},card", "expected 5 fields"),
    ],
)
def test_a_wrong_payment_is_named_with_file_and_line(
    tmp_path: Path, payment: str, what: str
) -> None:
    with pytest.raises(BadRecords, match=what) as trouble:
        read(tmp_path, [GOOD_LINE], [payment])
    assert "payments.csv:2: " in str(trouble.value)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    lines, payments = write(tmp_path, [GOOD_LINE], [GOOD_PAYMENT])
    lines.write_text(lines.read_text("utf-8").replace(",till,", ",place,"), encoding="utf-8")
    with pytest.raises(BadRecords, match="missing column: till"):
        read_till_records(lines, payments)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRecords, match=r"nowhere\.csv"):
        read_till_records(tmp_path / "nowhere.csv", tmp_path / "nowhere.csv")


def test_the_same_line_id_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRecords, match="stands in an earlier row already"):
        read(tmp_path, [GOOD_LINE, GOOD_LINE], [GOOD_PAYMENT])


def test_a_void_that_does_not_undo_exactly_its_line_is_refused(tmp_path: Path) -> None:
    lines = [f"1,1,{T},bar,1,Beer,Pint,2,4.80,2,sale", f"1,2,{T},bar,1,Beer,Pint,-1,4.80,,void"]
    with pytest.raises(BadRecords, match="does not undo exactly"):
        read(tmp_path, lines, [GOOD_PAYMENT])


def test_a_void_within_a_transaction_is_part_of_its_basket(tmp_path: Path) -> None:
    lines = [
        f"1,1,{T},bar,1,Beer,Pint,2,4.80,2,sale",
        f"1,2,{T},bar,1,Beer,Pint,-2,4.80,,void",
        f"1,3,{T},bar,1,Cup re-use,Cup re-use,-1,0.20,,sale",
    ]
    plan = make_plan(read(tmp_path, lines, [f"1,1,{T},cash,-0.20"]))
    (step,) = plan.steps["bar"]
    assert isinstance(step, Sell)
    kinds = [(line[4], line[5]) for line in step.lines]
    assert kinds == [(LineKind.ITEM, None), (LineKind.UNDONE, 0), (LineKind.CUP_BACK, None)]


def test_a_void_of_a_void_is_sold_again(tmp_path: Path) -> None:
    lines = [
        f"1,1,{T},bar,1,Beer,Pint,2,4.80,2,sale",
        f"1,2,{T},bar,1,Beer,Pint,-2,4.80,3,void",
        f"1,3,{T},bar,1,Beer,Pint,2,4.80,,void",
    ]
    plan = make_plan(read(tmp_path, lines, [GOOD_PAYMENT]))
    (step,) = plan.steps["bar"]
    assert isinstance(step, Sell)
    assert [line[4] for line in step.lines] == [LineKind.ITEM, LineKind.UNDONE, LineKind.ITEM]
    assert step.total == 960


def test_a_void_from_another_transaction_goes_to_the_till_that_sold(tmp_path: Path) -> None:
    lines = [
        f"1,1,{T},bar,1,Beer,Pint,2,4.80,2,sale",
        f"2,2,{T},shop,1,Beer,Pint,-2,4.80,,void",
        f"2,3,{T},shop,1,Tea,Tea,1,2.00,,sale",
    ]
    plan = make_plan(read(tmp_path, lines, [GOOD_PAYMENT, f"2,2,{T},card,-7.60"]))
    sold, void = plan.steps["bar"]
    assert isinstance(void, Void)
    assert void.sale == sold.sale
    assert void.lines == (0,)
    assert [(row[1], row[3]) for row in void.payments] == [(-960, REST)]
    (tea,) = plan.steps["shop"]
    assert [(row[1], row[3]) for row in tea.payments] == [(-760, None), (960, CONTRA)]


def test_a_line_whose_void_is_not_in_the_file_stands_and_is_counted(tmp_path: Path) -> None:
    records = read(tmp_path, [f"1,1,{T},bar,1,Beer,Pint,2,4.80,77,sale"], [GOOD_PAYMENT])
    assert records.dangling_voids == 1
    assert sum(line.amount for line in records.lines) == 960
