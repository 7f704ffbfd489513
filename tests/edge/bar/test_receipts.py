"""Slips: everything a guest or a cashier must be able to read, in English and French."""

import string
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bar.receipt import (
    PART_ROWS_MAX,
    Paper,
    SaleOnPaper,
    claim_slip,
    parts_of,
    report_slip,
    sale_number,
    sale_slip,
)
from edge.bar.receipt_words import METHOD_WORDS, names, waste_word, word
from edge.bar.tally import Sum, sums_of
from hardware.ports import Feed, Line, Rule, Slip, Style
from sync.facts import LineKind, Method, Sold, StockReason
from sync.ledger_effects import Basket, PaidBack, SaleState, Undoing

ENGLISH = Paper("Fête", "Main bar", "till 3", "EUR", "en", 60)
FRENCH = replace(ENGLISH, language="fr")
AT_MS = 1_795_302_060_000  # 2026-11-21 23:01 UTC
NAMES = {1: "Pale pint", 2: "Chips", 3: "생맥주", 4: "عصير"}
OWN = b"T" * 16
Row = tuple[int, int, int, int, int, int | None]


def line(product: int, quantity: int, unit: int, vat: int = 2000, kind: int = 0) -> Row:
    return (product, quantity, unit, vat, kind, None)


def undo(product: int, quantity: int, unit: int, at: int) -> Row:
    return (product, quantity, unit, 2000, int(LineKind.UNDONE), at)


ROUND: tuple[Row, ...] = (
    line(1, 2, 500),
    line(1, 2, 100, 0, LineKind.DEPOSIT),
    line(1, -3, 100, 0, LineKind.CUP_BACK),
    line(2, 1, 350, 550),
    line(1, 1, 260, 2000, LineKind.HALF),
    line(1, 1, -80, 2000, LineKind.DISCOUNT),
    line(0, 1, 50, 0, LineKind.TIP),
    line(0, 1, 1000, 0, LineKind.TOP_UP),
)
CASH = int(Method.CASH)


def on_paper(
    lines: Sequence[Row] = ROUND,
    payments: Sequence[tuple[int, int, int | None, str | None]] | None = None,
    voids: Iterable[tuple[int, ...]] = (),
    refunds: Iterable[tuple[int, int]] = (),
    **more: Any,
) -> SaleOnPaper:
    total = sum(one[1] * one[2] for one in lines)
    paid = tuple(payments or ((CASH, total, None, None),))
    body = Sold(bytes.fromhex("3f9a02c1" + "00" * 12), 4, 12, 1, tuple(lines), paid, 1, "t", 0)
    state = SaleState(
        (Basket(OWN, 4, 12, body.lines, paid),),
        tuple(Undoing(b"f" * 32, OWN, 4, 12, numbers, ()) for numbers in voids),
        tuple(PaidBack(bytes([at]) * 16, OWN, 4, 12, at, n, ()) for at, n in refunds),
    )
    return SaleOnPaper(body, state, AT_MS, "Ana", lambda product: NAMES.get(product, ""), **more)


def rows(slip: Slip) -> list[str]:
    """A slip as a list of texts, an amount after two spaces."""
    told = []
    for row in slip:
        if isinstance(row, Line):
            told.append(f"{row.text}  {row.amount}" if row.amount else row.text)
        else:
            told.append("----")
    return told


def test_a_receipt_in_english() -> None:
    lines = tuple(one for one in ROUND if one[0])
    paid = ((CASH, 2_000, None, None), (CASH, -670, None, None))
    slip = sale_slip(ENGLISH, on_paper(lines, paid))
    assert rows(slip) == [
        "Fête",
        "Main bar · till 3",
        "----",
        "2026-11-22 00:01",
        "Receipt 12-3F9A02C1",
        "----",
        "2 × Pale pint  10.00 EUR",
        "    5.00 each",
        "2 × cup deposit, Pale pint  2.00 EUR",
        "    1.00 each",
        "−3 × cup back, Pale pint  −3.00 EUR",
        "    1.00 each",
        "1 × Chips  3.50 EUR",
        "1 × Pale pint, half  2.60 EUR",
        "1 × discount on Pale pint  −0.80 EUR",
        "----",
        "TOTAL  14.30 EUR",
        "Cash  20.00 EUR",
        "Change  −6.70 EUR",
        "----",
        "VAT 5.5%: net 3.32 + VAT 0.18  3.50 EUR",
        "VAT 20%: net 9.83 + VAT 1.97  11.80 EUR",
        "----",
        "Served by Ana",
        "Thank you!",
    ]


def test_a_receipt_in_french_with_tip_top_up_and_what_is_left() -> None:
    lines = (line(1, 1, 500), *ROUND[-2:])
    paid = ((int(Method.WALLET), 1_550, 99, None),)
    slip = sale_slip(FRENCH, on_paper(lines, paid, balance_minor=-240, is_duplicate=True))
    assert rows(slip) == [
        "Fête",
        "Main bar · till 3",
        "DUPLICATA",
        "----",
        "22/11/2026 00:01",
        "Ticket n° 12-3F9A02C1",
        "----",
        "1 × Pale pint  5,00 EUR",
        "Pourboire  0,50 EUR",
        "Rechargement  10,00 EUR",
        "----",
        "TOTAL  15,50 EUR",
        "Bracelet  15,50 EUR",
        "Reste sur le bracelet  −2,40 EUR",
        "----",
        "TVA 20 % : HT 4,17 + TVA 0,83  5,00 EUR",
        "----",
        "Servi par Ana",
        "Merci !",
    ]


def test_only_a_second_print_says_duplicate() -> None:
    assert "DUPLICATE" not in rows(sale_slip(ENGLISH, on_paper(ROUND[:1])))
    slip = sale_slip(ENGLISH, on_paper(ROUND[:1], is_duplicate=True))
    assert Line("DUPLICATE", "", Style.LARGE) in slip


def test_what_is_left_on_a_wristband_stands_there_only_if_it_is_known() -> None:
    assert not any("Left" in row for row in rows(sale_slip(ENGLISH, on_paper(ROUND[:1]))))


def test_what_was_taken_back_since_is_taken_off_and_its_vat_with_it() -> None:
    lines = (line(1, 3, 500), line(2, 1, 350, 550))
    slip = rows(sale_slip(ENGLISH, on_paper(lines, voids=[(1,)], refunds=[(0, 2)])))
    at = slip.index("Taken back since")
    assert slip[at - 3 : at + 5] == [
        "TOTAL  18.50 EUR",
        "Cash  18.50 EUR",
        "----",
        "Taken back since",
        "−2 × Pale pint  −10.00 EUR",
        "    5.00 each",
        "−1 × Chips  −3.50 EUR",
        "NOW  5.00 EUR",
    ]
    assert [row for row in slip if row.startswith("VAT")] == [
        "VAT 20%: net 4.17 + VAT 0.83  5.00 EUR"
    ]


def test_a_refund_of_a_voided_line_or_of_too_much_takes_no_more_than_was_sold() -> None:
    slip = rows(sale_slip(ENGLISH, on_paper((line(1, 1, 500),), refunds=[(0, 5)])))
    assert "NOW  0.00 EUR" in slip
    both = on_paper((line(1, 1, 500),), voids=[(0,), (0, 7)], refunds=[(0, 1)])
    assert "NOW  0.00 EUR" in rows(sale_slip(ENGLISH, both))


def test_a_void_that_another_till_has_claimed_changes_no_receipt() -> None:
    sale = on_paper((line(1, 1, 500),), voids=[(0,)])
    stranger = sale.state.voids[0]._replace(terminal=b"X" * 16)
    foreign = replace(sale, state=sale.state._replace(voids=(stranger,)))
    assert "Taken back since" not in rows(sale_slip(ENGLISH, foreign))


def test_lines_that_were_undone_in_the_basket_are_not_printed() -> None:
    lines = (line(1, 1, 500), line(2, 1, 350, 550), undo(1, -1, 500, 0))
    slip = rows(sale_slip(ENGLISH, on_paper(lines)))
    assert not any("Pale pint" in row for row in slip)
    assert "TOTAL  3.50 EUR" in slip


def test_names_of_any_script_stand_on_paper_as_they_are() -> None:
    slip = rows(sale_slip(ENGLISH, on_paper((line(3, 1, 500), line(4, 1, 200)))))
    assert {"1 × 생맥주  5.00 EUR", "1 × عصير  2.00 EUR"} <= set(slip)


def test_every_way_to_pay_has_its_word_and_cash_alone_is_never_change() -> None:
    paid = [(int(method), 100, None, None) for method in Method]
    slip = rows(sale_slip(ENGLISH, on_paper((line(1, 1, 500),), paid)))
    at = slip.index("TOTAL  5.00 EUR")
    assert slip[at + 1 : at + 6] == [
        f"{name}  1.00 EUR" for name in ("Wristband", "Cash", "Card", "Voucher", "Gift")
    ]
    cup = on_paper((line(1, -1, 100, 0, LineKind.CUP_BACK),))
    assert "Cash  −1.00 EUR" in rows(sale_slip(ENGLISH, cup))


def test_five_hundred_lines_are_all_printed_in_parts_that_a_printer_takes() -> None:
    lines = tuple(line(1, 1, n) for n in range(1, 501))
    slip = sale_slip(FRENCH, on_paper(lines))
    parts = parts_of(slip, FRENCH)
    assert all(len(part) <= PART_ROWS_MAX + 2 for part in parts)
    assert parts[1][:2] == (Line("suite, partie 2 sur 3"), Rule())
    whole = [*parts[0], *(row for part in parts[1:] for row in part[2:])]
    assert tuple(whole) == slip
    assert sum(row.startswith("1 × Pale pint") for row in rows(slip)) == 500
    assert parts_of(slip[:PART_ROWS_MAX], FRENCH) == [slip[:PART_ROWS_MAX]]


def test_a_receipt_number_is_the_shift_and_the_sales_first_digits() -> None:
    assert sale_number(bytes.fromhex("3f9a02c1" + "00" * 12), 12) == "12-3F9A02C1"
    assert sale_number(bytes.fromhex("3f9a02c1" + "00" * 12), 0) == "3F9A02C1"


@pytest.mark.parametrize(
    "minor, english, french",
    [
        (0, "0.00 EUR", "0,00 EUR"),
        (5, "0.05 EUR", "0,05 EUR"),
        (-5, "−0.05 EUR", "−0,05 EUR"),
        (123_456, "1234.56 EUR", "1234,56 EUR"),
        (-(10**14), "−1000000000000.00 EUR", "−1000000000000,00 EUR"),
    ],
)
def test_amounts_are_written_as_the_language_writes_them(
    minor: int, english: str, french: str
) -> None:
    assert (ENGLISH.money(minor), FRENCH.money(minor)) == (english, french)


@pytest.mark.parametrize(
    "rate, english, french",
    [(0, "0%", "0 %"), (550, "5.5%", "5,5 %"), (2000, "20%", "20 %"), (1005, "10.05%", "10,05 %")],
)
def test_rates_are_written_short(rate: int, english: str, french: str) -> None:
    assert (ENGLISH.percent(rate), FRENCH.percent(rate)) == (english, french)


def test_a_time_outside_of_any_calendar_is_a_question_mark() -> None:
    assert ENGLISH.time(10**17) == "?"


LINES = st.tuples(
    st.integers(1, 4),
    st.integers(-5, 20).filter(bool),
    st.integers(1, 2_000),
    st.sampled_from((0, 550, 1000, 2000)),
    st.sampled_from([int(kind) for kind in LineKind if kind is not LineKind.UNDONE]),
    st.none(),
)


@given(st.lists(LINES, min_size=1, max_size=30), st.data())
def test_a_receipts_lines_come_to_its_total_and_its_vat_is_the_tallys(
    lines: list[Row], data: st.DataObject
) -> None:
    numbers = st.integers(0, len(lines) - 1)
    voids = data.draw(st.lists(st.tuples(numbers), max_size=3))
    refunds = data.draw(st.lists(st.tuples(numbers, st.integers(1, 9)), max_size=3, unique=True))
    sale = on_paper(lines, voids=voids, refunds=dict(refunds).items())
    slip = sale_slip(ENGLISH, sale)
    told = [row for row in slip if isinstance(row, Line)]
    total = next(row for row in told if row.text == "TOTAL")
    bought = [row.amount for row in told[: told.index(total)] if row.amount]
    assert sum(map(minor, bought)) == minor(total.amount)
    sums = sums_of(sale.state, OWN, 12)
    standing = sum(sums[key] for key in sums if key[0] in STANDING)
    standing -= sums[Sum.DEPOSITS_RETURNED, 0, 0]
    now = next((row for row in told if row.text == "NOW"), total)
    assert minor(now.amount) == standing
    rates = {row.text.split(":")[0]: row for row in told if row.text.startswith("VAT ")}
    for key, gross in sums.items():
        if key[0] is Sum.GOODS and gross:
            row = rates[f"VAT {ENGLISH.percent(key[1])}"]
            assert minor(row.amount) == gross
            assert row.text.endswith(f"VAT {ENGLISH.plain(sums[Sum.VAT, key[1], 0])}")


STANDING = {Sum.GOODS, Sum.DEPOSITS_TAKEN, Sum.TIPS, Sum.IN_BASKETS}


def minor(amount: str) -> int:
    """Read an amount of a slip back."""
    digits = amount.removesuffix(" EUR").replace(".", "").replace("−", "-")
    return int(digits)


# --- reports and claims ---

REPORT: dict[str, Any] = {
    "kind": "z", "duplicate": False, "shift": 3, "bar": "Main bar", "till": "till 3",
    "seller": "Ana", "opened_ms": AT_MS - 3_600_000, "closed_ms": AT_MS, "first_number": 5,
    "last_number": 90, "sales": 40, "lines": 77, "voids": 2, "refunds": 1, "declined": 3,
    "top_ups": 4, "pay_outs": 1, "by_product": [[1, "Pale pint", 5, 1_250], [2, "Chips", -2, -350]],
    "by_category": [["", -350], ["Drinks", 1_250]],
    "by_vat": [[1000, -350, -318, -32], [2000, 1_250, 1_042, 208]],
    "by_method": [["wallet", 500], ["cash", 400]], "deposits_taken": 300, "deposits_returned": 100,
    "tips": 50, "discounts": 80, "topped_up": [["card", 1_000]], "paid_out": [], "gross": 900,
    "drawer": {"float": 5_000, "sales": 400, "top_ups": 0, "pay_outs": 700, "expected": 4_700,
               "counted": 4_650, "difference": -50},
    "waste": [[1, "Pale pint", "spilled", 3], [2, "Chips", "7", 2]],
    "grand_total_before": 100_000, "grand_total_after": 100_900, "check": "",
}  # fmt: skip


def test_a_z_on_paper_in_french() -> None:
    told = rows(report_slip(FRENCH, REPORT))
    assert told[:8] == [
        "Fête",
        "Main bar · till 3",
        "----",
        "RAPPORT Z, service 3",
        "Ouvert le 21/11/2026 23:01",
        "Clôturé le 22/11/2026 00:01",
        "Ouvert par Ana",
        "Enregistrements  5–90",
    ]
    assert {
        "Ventes  40",
        "2,5 × Pale pint  12,50 EUR",
        "−1 × Chips  −3,50 EUR",
        "autres  −3,50 EUR",
        "VENTES TTC  9,00 EUR",
        "TVA 20 % : HT 10,42 + TVA 2,08  12,50 EUR",
        "TVA 10 % : HT −3,18 + TVA −0,32  −3,50 EUR",
        "Remises (comprises)  −0,80 EUR",
        "Consignes rendues  −1,00 EUR",
        "Perte : 1,5 × Pale pint, renversé",
        "Perte : 1 × Chips, 7",
        "Bracelet  5,00 EUR",
        "Carte  10,00 EUR",
        "Retraits en espèces  −7,00 EUR",
        "Attendu  47,00 EUR",
        "Compté  46,50 EUR",
        "ÉCART  −0,50 EUR",
        "Grand total avant  1000,00 EUR",
        "Grand total après  1009,00 EUR",
    } <= set(told)
    assert "DUPLICATA" not in told
    assert "À vérifier :" not in told


def test_an_x_in_english_has_no_close_and_a_trouble_is_not_hidden() -> None:
    drawer = {**REPORT["drawer"], "counted": None, "difference": None}
    x = {**REPORT, "kind": "x", "closed_ms": None, "drawer": drawer, "seller": "", "check": "Bad."}
    told = rows(report_slip(ENGLISH, {**x, "duplicate": True}))
    assert "X REPORT, shift 3" in told
    assert {"DUPLICATE", "Look into this:", "Bad."} <= set(told)
    assert not any(row.startswith(("Closed", "Counted", "DIFFERENCE", "Opened by")) for row in told)


def test_a_claim_slip_shows_number_and_code_large() -> None:
    slip = claim_slip(FRENCH, "123 4567 8901", "K7P-2QX")
    assert Line("123 4567 8901", "", Style.LARGE) in slip
    assert Line("K7P-2QX", "", Style.LARGE) in slip
    assert any("Gardez ce ticket" in row for row in rows(slip))


def test_every_word_is_said_in_both_languages_with_the_same_holes() -> None:
    for name in names():
        holes = []
        for language in ("en", "fr"):
            text = word(name, language, *("{0}", "{1}", "{2}"))
            holes.append(sorted(part[1] for part in string.Formatter().parse(text) if part[1]))
            assert text
        assert holes[0] == holes[1], name
    assert set(METHOD_WORDS) == {method.name.lower() for method in Method}
    assert all(f"kind_{kind.name.lower()}" in names() for kind in LineKind)
    waste = [reason for reason in StockReason if reason >= StockReason.SPILLED]
    assert all(f"waste_{reason.name.lower()}" in names() for reason in waste)
    assert waste_word("7", "fr") == "7"


def test_no_slip_feeds_paper_by_itself() -> None:
    slip = (*sale_slip(ENGLISH, on_paper()), *report_slip(ENGLISH, REPORT))
    assert not any(isinstance(row, Feed) for row in slip)
