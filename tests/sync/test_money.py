"""Money in whole minor units: read, written, and its VAT, without a fraction anywhere."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.ledger_effects import Basket, SaleState, effect_of
from sync.limits import MONEY_MINOR_MAX
from sync.money import ZERO, Money, MoneyError, parse, plain, vat_within
from tests.sync.builder import from_wallet

amounts = st.integers(-MONEY_MINOR_MAX, MONEY_MINOR_MAX)
rates = st.sampled_from([0, 1, 210, 550, 700, 1000, 1900, 2000, 9_999]) | st.integers(0, 9_999)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(amounts)
def test_what_is_written_is_read_again(minor: int) -> None:
    amount = Money(minor)
    assert parse(plain(amount)) == amount
    assert str(amount) == plain(amount)


@pytest.mark.parametrize(
    "text, minor",
    [("12", 1_200), ("12.6", 1_260), ("-12.60", -1_260), ("0.05", 5), ("-0.05", -5),
     ("1.5000", 150), ("007", 700), ("-0", 0),
     ("10000000000", 10**12)],
)  # fmt: skip
def test_an_amount_is_read_as_people_write_it(text: str, minor: int) -> None:
    assert parse(text) == Money(minor)


@pytest.mark.parametrize(
    "text",
    ["", "1,5", "1.", ".5", "1.005", "1e3", "+1", " 1", "1 ", "--1", "1.2.3", "0x1", "1_000",
     "12345678901", "10000000000.01", "999999999999", "١٢", "1.٢", "nan", "1\n", "−1", "1 000"],
)  # fmt: skip
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(MoneyError):
        parse(text)


@pytest.mark.parametrize("minor", [1.0, "1", None, True, MONEY_MINOR_MAX + 1, -MONEY_MINOR_MAX - 1])
def test_only_whole_numbers_within_bounds_are_money(minor: object) -> None:
    with pytest.raises(MoneyError):
        Money(minor)  # type: ignore[arg-type]  # what is wrong is the point


def test_money_is_added_taken_away_turned_and_multiplied() -> None:
    assert Money(5) + Money(7) - Money(2) == Money(10)
    assert -Money(5) == Money(-5)
    assert Money(5).times(-3) == Money(-15)
    assert Money(1) > ZERO
    assert not ZERO
    assert Money(-1)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(amounts, rates)
def test_vat_is_the_nearest_whole_part_of_the_gross_and_halves_go_away_from_nothing(
    gross: int, rate: int
) -> None:
    vat = vat_within(gross, rate)
    exact = Fraction(gross * rate, 10_000 + rate)
    assert abs(vat - exact) <= Fraction(1, 2)
    if abs(vat - exact) == Fraction(1, 2):
        assert abs(vat) > abs(exact)
    assert vat_within(-gross, rate) == -vat
    assert abs(vat) <= abs(gross)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.integers(-50, 50), st.integers(-5_000, 5_000), rates)
def test_net_and_vat_of_a_line_make_its_gross(quantity: int, unit: int, rate: int) -> None:
    gross = quantity * unit
    line = (1, quantity, unit, rate, 0, None)
    basket = Basket(b"t" * 16, 1, 1, (line,), (from_wallet(gross),))
    effect = effect_of(SaleState((basket,)))
    assert effect[f"revenue:1:{rate}", 0] + effect[f"vat:{rate}", 0] == gross
    assert sum(effect.values()) == 0
    assert effect["imbalance", 0] == 0


def test_a_half_is_rounded_away_from_nothing() -> None:
    assert [vat_within(gross, 10_000) for gross in (1, 3, -1, -3)] == [1, 2, -1, -2]
